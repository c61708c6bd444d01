"""Find children, open one, and what is written down of it (SCH-01 to SCH-13)."""

from dataclasses import replace
from datetime import date

import nhs_number
import pytest
from sqlalchemy import select

from child_index import accounts, index_number, intake, search
from child_index.access import Permission
from child_index.errors import Conflict, Invalid, NotFound
from child_index.records import Role
from child_index.store.tables import audit_event
from tests.child_index.held import (
    INVOLVED,
    accredit,
    at_home,
    feed_client,
    find,
    later,
    open_first,
    put,
)
from tests.factories import AT, caller, system

BORN = date(2011, 5, 14)
ELEVEN = ("Ava", "Beth", "Cara", "Dina", "Ella", "Fern", "Gwen", "Hope", "Iris", "June", "Kate")
HANNAH = {"given": "Hannah", "family": "Marsh", "birth_date": BORN}


@pytest.fixture
def held(index):
    """Hannah, held by social care with an involvement, and an alias."""
    accredit(index, "social-care", "school")
    put(
        index,
        "social-care",
        "1",
        names=[
            {"use": "usual", "given": ["Hannah"], "family": "Marsh"},
            {"use": "alias", "given": ["Anna"], "family": "Day"},
        ],
        involvements=[INVOLVED],
        **at_home(),
    )
    return index


def audited(index, action):
    with index.admit(system(), Permission.AUDIT_VERIFY) as visit:
        visit.record("read-by-a-test")
        query = select(audit_event).where(audit_event.c.action == action)
        return visit.conn.execute(query.order_by(audit_event.c.id)).all()


def test_a_search_near_finds_the_child_and_says_why(held):
    answer = find(held, **HANNAH)
    assert answer.outcome == "match"
    (card,) = answer.results
    assert card.confidence == "very-likely"
    assert "date of birth exactly the same" in card.because
    assert card.names[0].family == "Marsh"


def test_every_card_shown_is_in_the_audit_opened_or_not(held):
    answer = find(held, **HANNAH)
    (row,) = audited(held, "search:shown")
    assert (row.subject, row.fields) == (answer.search_id, "card")
    assert row.child_id is not None


def test_too_little_is_refused_and_the_refusal_is_in_the_audit(held):
    with pytest.raises(Invalid):
        find(held, family="Marsh")
    (row,) = audited(held, "refused:child:search")
    assert row.outcome == "insufficient_criteria"
    assert not audited(held, "search:near")


def test_broad_comes_after_near_with_the_same_criteria_by_the_same_person(held):
    asked = HANNAH | {"given": "Hana"}
    with pytest.raises(Conflict) as refused:
        find(held, **asked, mode="broad")
    assert refused.value.code == "run_near_first"
    find(held, **asked)
    with pytest.raises(Conflict):
        find(held, caller("lee"), **asked, mode="broad")
    with pytest.raises(Conflict):
        find(held, later(caller(), minutes=16), **asked, mode="broad")
    assert find(held, later(caller(), minutes=14), **asked, mode="broad").results


def test_an_alias_is_found_broadly_and_shown_because_it_was_matched(held):
    asked = {"given": "Anna", "family": "Day", "birth_date": BORN}
    assert find(held, **asked).outcome == "none"
    (card,) = find(held, **asked, mode="broad").results
    assert [name.family for name in card.names] == ["Marsh", "Day"]
    (usual,) = find(held, **HANNAH).results
    assert [name.family for name in usual.names] == ["Marsh"]


def test_more_than_ten_children_answer_nothing_at_all(index):
    accredit(index, "gp")
    numbers = nhs_number.generate(for_region=nhs_number.REGION_SYNTHETIC, quantity=len(ELEVEN))
    for given, number in zip(ELEVEN, numbers, strict=True):
        verified = {"scheme": "nhs", "value": number, "status": "verified"}
        put(index, "gp", given, given=given, identifiers=[verified])
    answer = find(index, family="Marsh", birth_date=BORN)
    assert (answer.outcome, answer.results) == ("many", ())
    assert not any(character.isdigit() for character in answer.message)
    assert not audited(index, "search:shown")


def test_an_absent_and_an_archived_child_get_the_same_answer(held):
    absent = find(held, given="Nobody", family="Known", birth_date=BORN)
    old = later(caller(), days=0)
    archived = find(held, replace(old, at=AT.replace(year=2029, month=5, day=14)), **HANNAH)
    assert archived == absent
    assert "does not mean that no one is working with the child" in absent.message
    day_before = replace(old, at=AT.replace(year=2029, month=5, day=13))
    assert find(held, day_before, **HANNAH).outcome == "match"


def test_a_machine_gets_the_one_sure_child_or_no_detail(held):
    machine = caller(is_application=True)
    assert find(held, machine, **HANNAH).outcome == "match"
    put(held, "social-care", "2", **at_home("QX4 2BD", "3 Quay Street"),
        identifiers=[{"scheme": "nhs", "value": "9990000026", "status": "verified"}])  # fmt: skip
    put(held, "social-care", "1", version=2, **at_home(),
        identifiers=[{"scheme": "nhs", "value": "9990000018", "status": "verified"}])  # fmt: skip
    answer = find(held, machine, **HANNAH)
    assert (answer.outcome, answer.results) in {("many", ()), ("match", answer.results)}


def test_opening_shows_who_is_working_with_the_child_and_is_in_the_audit(held):
    view = open_first(held, **HANNAH)
    (listed,) = view.involvements
    assert listed.involvement.phone == "+441134960101"
    (row,) = audited(held, "child:opened")
    number = index_number.parse(view.index_number)
    assert (row.index_number, row.purpose) == (number, "ONGOING_SUPPORT")
    assert "involvements" in row.fields.split()
    assert "address" not in row.fields.split()


def test_a_handle_is_for_the_one_who_searched_and_for_a_quarter_of_an_hour(held):
    handle = find(held, **HANNAH).results[0].handle

    def refused(who, word=handle):
        with pytest.raises(NotFound) as raised:
            search.who_is_working_with(held, who, word, identity_confirmed=True)
        return (raised.value.code, raised.value.detail)

    assert refused(caller("lee")) == refused(caller(), "no-such-handle")
    assert refused(later(caller(), minutes=15)) == refused(caller("lee"))
    in_time = later(caller(), minutes=14)
    assert search.who_is_working_with(held, in_time, handle, identity_confirmed=True)


def test_the_identity_must_be_confirmed_first(held):
    handle = find(held, **HANNAH).results[0].handle
    with pytest.raises(Invalid) as refused:
        search.who_is_working_with(held, caller(), handle, identity_confirmed=False)
    assert refused.value.code == "identity_not_confirmed"


def test_a_steward_sees_the_address_and_a_mentor_does_not(held):
    dana = caller("dana", Role.STEWARD, sector=None)
    assert open_first(held, dana, **HANNAH).address.postcode == "XN1 6AE"
    assert open_first(held, **HANNAH).address is None
    assert "address" in open_first(held, **HANNAH).absent


def test_what_a_feed_says_before_it_is_accredited_shows_nothing(index):
    accounts.register_feed(index, system(), "new", organisation="New")
    put(index, "new", "1", involvements=[INVOLVED])
    assert find(index, **HANNAH).outcome == "none"
    accounts.accredit_feed(index, system(), "new")
    assert find(index, **HANNAH).outcome == "match"


def test_a_withdrawn_record_is_found_no_more(held):
    intake.withdraw_record(held, feed_client("social-care"), "social-care", "1", if_match='"1"')
    assert find(held, **HANNAH).outcome == "none"


def test_the_version_changes_when_what_is_held_changes_and_only_then(held):
    first = open_first(held, **HANNAH).version
    assert open_first(held, caller("lee"), **HANNAH).version
    assert open_first(held, later(caller(), minutes=1), **HANNAH).version == first
    put(
        held,
        "social-care",
        "1",
        version=2,
        involvements=[INVOLVED | {"version": 2, "hours": "9 to 5"}],
        **at_home(),
    )
    assert open_first(held, **HANNAH).version != first


def test_an_outcome_is_one_of_the_words_and_for_a_child_one_has_open(held):
    view = open_first(held, **HANNAH)
    search.note_outcome(held, caller(), view.child_ref, "contacted-someone")
    with pytest.raises(Invalid):
        search.note_outcome(held, caller(), view.child_ref, "whatever")
    with pytest.raises(NotFound):
        search.note_outcome(held, caller("lee"), view.child_ref, "not-needed")
