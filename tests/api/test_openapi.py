"""The OpenAPI document: valid, complete, no place for a name in it; every endpoint keeps it."""

import json
from itertools import count as counting

import hypothesis
import schemathesis
from hypothesis import HealthCheck
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from api.rest import OPERATIONS
from child_index import messages
from tests.api.doors import REASON, SOCIAL_CARE, SQLITE, child_line
from tests.api.permissions_page import addresses

OPAQUE = {
    "child_ref",
    "involvement_id",
    "batch_id",
    "feed",
    "source_record_id",
    "task_id",
    "cursor",
    "limit",
}


def description(doors):
    answer = doors.app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return answer.get_json()


@SQLITE
def test_the_document_is_valid_openapi_3_1(doors):
    found = description(doors)
    assert found["openapi"] == "3.1.0"
    assert [error.message for error in OPENAPI_31_VALIDATOR.iter_errors(found)] == []


@SQLITE
def test_the_document_describes_every_endpoint_and_no_other(doors):
    described = {
        (method.upper(), path)
        for path, operations in description(doors)["paths"].items()
        for method in operations
        if method != "parameters"
    }
    served = {(method, rule) for method, rule, endpoint in addresses() if endpoint in OPERATIONS}
    assert described == served


@SQLITE
def test_no_address_has_a_place_for_personal_data(doors):
    places = set()
    for operations in description(doors)["paths"].values():
        for each in (operations, *(o for name, o in operations.items() if name != "parameters")):
            for parameter in each.get("parameters", ()):
                if parameter["in"] in {"path", "query"}:
                    places.add(parameter["name"])
    assert places == OPAQUE


@SQLITE
def test_the_lines_of_a_batch_are_published(doors):
    answer = doors.app.test_client().get("/api/v1/feed-lines.json")
    assert answer.mimetype == "application/schema+json"
    assert answer.get_json() == json.loads(json.dumps(messages.json_schema()))


def test_every_endpoint_keeps_its_description(doors, count):
    examples = count(500, quick=4, of="cases of each endpoint and kind")
    doors.with_hannah()
    doors.register("gp", "nhs")
    another = [{"scheme": "nhs", "value": "9990000026", "status": "verified"}]
    doors.deliver("gp", child_line("g-1", identifiers=another, involvements=[]))
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", doors.app)
    seen, faults = set(), []
    for found in schema.get_all_operations():
        operation = found.ok()
        for kind in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            keeps = _keeper(doors, operation, kind, seen, faults)
            if kind is GenerationMode.NEGATIVE and not _takes_anything(operation):
                continue
            _try(operation.as_strategy(generation_mode=kind), keeps, examples)
    assert faults == []
    assert not {status for _, status in seen if status >= 500}
    assert {status for _, status in seen} >= {200, 400, 401, 404, 422}


def _takes_anything(operation):
    return bool(operation.path_parameters or operation.query or operation.body)


def _try(strategy, keeps, examples):
    tried = hypothesis.given(case=strategy)(keeps)
    tried = hypothesis.seed(20261123)(tried)
    hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )(tried)()


def _keeper(doors, operation, kind, seen, faults):
    """Send a case, every other valid one to what is really there; hold the answer to the document.

    That every valid message is taken is not held: the rules of searching are no matter of schema.
    """
    turn = counting()
    who, real = _who_and_what(doors, operation.path)

    def keeps(case):
        if kind is GenerationMode.POSITIVE and next(turn) % 2:
            _make_real(case, real)
        try:
            answer = case.call_and_validate(
                headers={"Authorization": f"Bearer {who.token}"},
                excluded_checks=[positive_data_acceptance],
            )
        except BaseExceptionGroup as group:
            faults.append(f"{operation.label}: {group}")
        else:
            seen.add((operation.label, answer.status_code))

    return keeps


def _who_and_what(doors, path):
    if "/reviews" in path:
        return doors.persona("dana"), {"task_id": 1}
    if "/feeds" in path:
        return doors.persona(f"feed:{SOCIAL_CARE}"), {"feed": SOCIAL_CARE, "source_record_id": "7"}
    if "child_ref" in path:
        body = doors.opened("john").get_json()
        row = body["involvements"][0]["involvementId"]
        return doors.persona("john"), {"child_ref": body["childRef"], "involvement_id": row}
    return doors.persona("melanie"), {}


def _make_real(case, real):
    for name in case.path_parameters or {}:
        case.path_parameters[name] = real.get(name, case.path_parameters[name])
    if isinstance(case.body, dict) and "reason" in case.body:
        case.body |= REASON
