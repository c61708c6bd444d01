"""Every endpoint says which permission it needs; every role gets what the table says, no more."""

import pytest

from api.auth import PUBLIC
from api.rest import OPERATIONS
from child_index.access import ROLES, Permission
from child_index.records import Role
from tests.api import permissions_page
from tests.api.doors import SQLITE, problem_of, search_for, without_ids

MESSAGES = {
    "children.find": search_for(),
    "children.open_child": {
        "handle": "x",
        "identityConfirmed": True,
        "reason": "ONGOING_SUPPORT",
        "reasonText": "falling behind, missing lessons",
    },
    "children.start_involvement": {
        "serviceType": "PASTORAL",
        "contactName": "Melanie",
        "phone": "+441134960103",
    },
    "children.end_involvement": {"endedOn": "2026-11-22"},
    "children.inform_family": {"familyInformed": "yes"},
    "children.name_lead": {"involvementId": "x"},
    "children.note_outcome": {"outcome": "contacted-someone"},
    "review.settle": {"decision": "same", "reason": "same_family"},
    "feeds.put_record": {"names": [{"given": ["A"], "family": "B"}], "version": 1},
}
WORDS = {"task_id": "1", "feed": "gp", "code": "not_found"}


def _addressed():
    for method, rule, endpoint in permissions_page.addresses():
        address = rule
        for name in ("child_ref", "involvement_id", "batch_id", "source_record_id", *WORDS):
            address = address.replace(f"{{{name}}}", WORDS.get(name, "x"))
        yield pytest.param(method, address, endpoint, id=f"{method} {rule}")


ADDRESSED = tuple(_addressed())


def test_the_page_is_what_the_code_says():
    assert permissions_page.PAGE.read_text() == permissions_page.page(), (
        "run python -m tests.api.permissions_page"
    )


@SQLITE
def test_every_route_stands_on_the_page(doors):
    served = {
        (method, rule.endpoint)
        for rule in doors.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert served == {(method, endpoint) for method, _, endpoint in permissions_page.addresses()}


def test_only_what_is_public_needs_no_permission():
    without = {endpoint for endpoint, operation in OPERATIONS.items() if operation.needs is None}
    assert without <= PUBLIC
    assert {e for e in PUBLIC if e in OPERATIONS} == without


@SQLITE
@pytest.mark.parametrize(("method", "address", "endpoint"), ADDRESSED)
def test_each_role_is_refused_exactly_where_the_table_says(doors, method, address, endpoint):
    operation = OPERATIONS.get(endpoint)
    needs = operation.needs if operation else None
    refusals = set()
    for role in set(Role) - {Role.SYSTEM}:
        machine = {"feed": "gp"} if role is Role.FEED else {}
        someone = doors.holding(doors.signed(roles=[role], **machine))
        answer = someone.ask(
            method,
            address,
            json=MESSAGES.get(endpoint),
            headers={"If-Match": '"1"'},
            **_body_of(endpoint),
        )
        if needs is not None and needs not in ROLES[role]:
            problem_of(answer, 403, "not_allowed")
            refusals.add(without_ids(answer))
        else:
            assert answer.status_code not in {401, 403, 500, 503}, (role, answer.text)
    assert len(refusals) <= 1


def _body_of(endpoint):
    if endpoint != "feeds.push":
        return {}
    return {"data": b"x", "content_type": "application/x-ndjson"}


@SQLITE
@pytest.mark.parametrize(("method", "address", "endpoint"), ADDRESSED)
def test_nothing_but_what_is_public_answers_without_a_token(doors, method, address, endpoint):
    answer = doors.app.test_client().open(address, method=method, json=MESSAGES.get(endpoint))
    if endpoint in PUBLIC:
        assert answer.status_code == 200
    else:
        problem_of(answer, 401, "unauthorized")


@SQLITE
@pytest.mark.parametrize(("method", "address", "endpoint"), ADDRESSED)
def test_options_and_head_disclose_nothing(doors, method, address, endpoint):
    nobody = doors.app.test_client()
    for other in ("OPTIONS", "HEAD"):
        answer = nobody.open(address, method=other)
        expected = {200} if endpoint in PUBLIC else {401}
        assert answer.status_code in expected
        assert endpoint in PUBLIC or other == "OPTIONS" or answer.data == b""
    options = doors.persona("ursula").ask("OPTIONS", address)
    assert options.status_code == 200
    assert options.data == b""
    assert method in options.headers["Allow"]


@SQLITE
@pytest.mark.parametrize(("method", "address", "endpoint"), ADDRESSED)
def test_another_method_is_told_which_are_allowed(doors, method, address, endpoint):
    for other in ("PATCH", "TRACE", "BREW"):
        answer = doors.persona("ursula").ask(other, address)
        problem_of(answer, 405, "method_not_allowed")
        assert method in answer.headers["Allow"]


def test_every_permission_belongs_to_a_role():
    assert set().union(*ROLES.values()) == set(Permission)
