"""What a statement does to what is held: versions, ends, voids, withdrawals and their return."""

import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from child_index import intake
from child_index.errors import (
    Conflict,
    Invalid,
    Malformed,
    NotFound,
    OutOfDate,
    Refused,
    VersionRequired,
)
from tests.feeding import Agency, at, child, involvement, rows, withdraw


@pytest.fixture
def agency(index):
    return Agency(index, authority=("nhs",))


def held(index):
    """Involvements by the sender's id: version, end, whether void, and when last confirmed."""
    found = rows(
        index,
        "SELECT source_involvement_id, version, ended_on, is_void, last_confirmed_on"
        " FROM involvement ORDER BY source_involvement_id",
    )
    return {name: (v, str(e) if e else None, bool(void), str(on)) for name, v, e, void, on in found}


def test_what_a_statement_leaves_out_is_withdrawn_by_its_feed(agency, index):
    agency.push(
        child(
            names=[{"family": "Marsh", "given": ["Hannah"]}, {"use": "alias", "family": "Day"}],
            identifiers=[{"scheme": "nhs", "value": "9990000018"}],
            assessment={"kind": "CAF"},
            gp={"name": "Beacon"},
        )
    )
    agency.push(child(version=2, address=None, carers=[]))
    assert rows(index, "SELECT family FROM source_name") == [("Marsh",)]
    for table in ("source_identifier", "source_address", "source_carer", "assessment"):
        assert rows(index, f"SELECT * FROM {table}") == []
    assert rows(index, "SELECT practice_name FROM source_record") == [(None,)]


def test_an_involvement_ends_only_by_its_own_end(agency, index):
    agency.push(child(involvements=[involvement("i-1"), involvement("i-2")]))
    agency.push(child(version=2, involvements=[]))
    assert [name for name, (_, _, void, _) in held(index).items() if not void] == ["i-1", "i-2"]
    ended = involvement("i-1", 2, endedOn="2026-03-31")
    agency.push(child(version=3, involvements=[ended]))
    assert held(index)["i-1"][:3] == (2, "2026-03-31", False)


def test_an_end_can_be_taken_back_and_corrected_by_a_higher_version(agency, index):
    for version, ended_on in ((1, "2025-01-10"), (2, "2026-06-01"), (3, None)):
        sent = involvement(version=version, startedOn="2020-01-01", endedOn=ended_on)
        agency.push(child(version=version, involvements=[sent]))
        assert held(index)["i-1"][:2] == (version, ended_on)


def test_a_lower_version_of_an_involvement_is_ignored_and_told(agency, index):
    agency.push(child(involvements=[involvement(version=5, endedOn="2026-03-31")]))
    receipt = agency.push(child(version=2, involvements=[involvement(version=4)]))["7731"]
    assert receipt.outcome == "accepted"
    assert [(p.pointer, p.code) for p in receipt.problems] == [
        ("/involvements/0/version", "involvement_superseded")
    ]
    assert held(index)["i-1"][:2] == (5, "2026-03-31")


def test_an_involvement_changed_under_its_old_version_follows_its_records_version(agency, index):
    agency.push(child(version=1))
    agency.push(child(version=2, involvements=[involvement(endedOn="2026-03-31")]))
    assert held(index)["i-1"][:2] == (1, "2026-03-31")
    agency.push(child(version=1))
    assert held(index)["i-1"][:2] == (1, "2026-03-31")


def test_an_involvement_entered_in_error_is_void_at_once(agency, index):
    agency.push(child())
    void = {"involvementId": "i-1", "version": 2, "void": True}
    agency.push(child(version=2, involvements=[void]))
    assert held(index)["i-1"][2] is True
    kept = rows(index, "SELECT service_type, phone FROM involvement")
    assert kept == [("SOCIAL_CARE", "+441134960101")]
    agency.push(child(version=3, involvements=[involvement(version=3)]))
    assert held(index)["i-1"][2] is False


def test_what_a_line_asserts_is_confirmed_on_the_day_it_arrived_in_england(agency, index):
    agency.push(child(involvements=[involvement("i-1"), involvement("i-2")]))
    agency.at = at(2026, 12, 1)
    agency.push(child(version=2, involvements=[involvement("i-1")]))
    assert held(index)["i-1"][3] == "2026-12-01"
    assert held(index)["i-2"][3] == "2026-11-23"
    agency.at = at(2026, 12, 8)
    agency.push(child(version=2, involvements=[involvement("i-1")]))
    assert held(index)["i-1"][3] == "2026-12-08"
    assert held(index)["i-2"][3] == "2026-11-23"
    assert str(rows(index, "SELECT last_confirmed_on FROM source_record")[0][0]) == "2026-12-08"


def test_a_record_taken_back_is_void_whole_and_found_by_nothing(agency, index):
    agency.push(child())
    agency.push(withdraw(version=2))
    assert held(index)["i-1"][2] is True
    for table in ("source_name", "source_address", "source_carer", "blocking_key"):
        assert rows(index, f"SELECT * FROM {table}") == []
    (record,) = rows(index, "SELECT is_withdrawn, birth_date, sex FROM source_record")
    assert (bool(record[0]), *record[1:]) == (True, None, None)


def test_what_was_taken_back_does_not_come_back_with_the_version_it_had(agency, index):
    agency.push(child())
    agency.push(withdraw(version=2))
    assert agency.push(child())["7731"].outcome == "superseded"
    assert agency.push(child(version=2))["7731"].outcome == "unchanged"
    assert held(index)["i-1"][2] is True


def test_a_later_version_brings_a_record_back_to_the_same_child(agency, index):
    agency.push(child())
    (before,) = rows(index, "SELECT child_id FROM link")
    agency.push(withdraw(version=2))
    assert agency.push(child(version=3))["7731"].outcome == "accepted"
    assert held(index)["i-1"][2] is False
    assert rows(index, "SELECT child_id FROM link WHERE ended_at IS NULL") == [before]
    assert rows(index, "SELECT family FROM source_name") == [("Marsh",)]
    assert rows(index, "SELECT count(*) FROM blocking_key")[0][0] > 5


def test_a_withdrawal_may_come_before_what_it_withdraws(agency, index):
    assert agency.push(withdraw(version=2))["7731"].outcome == "accepted"
    assert agency.push(child(version=1))["7731"].outcome == "superseded"
    assert held(index) == {} == dict(rows(index, "SELECT id, child_id FROM link"))


def test_one_record_is_put_by_itself(agency, index):
    receipt = agency.put(child())
    assert (receipt.receipt.outcome, receipt.version, receipt.is_new) == ("accepted", 1, True)
    again = agency.put({k: v for k, v in child().items() if k != "type"})
    assert (again.receipt.outcome, again.is_new) == ("unchanged", False)
    late = agency.put(child(version=0))
    assert (late.receipt.outcome, late.version) == ("superseded", 1)
    assert agency.put(child(version=2), if_match='"1"').version == 2


def test_a_record_put_alone_names_the_address_it_is_put_to(agency):
    body = json.dumps({k: v for k, v in child().items() if k != "sourceRecordId"}).encode()
    put = intake.put_record(agency.index, agency.caller, agency.feed, "7731", body)
    assert put.receipt.source_record_id == "7731"
    with pytest.raises(Invalid) as refusal:
        intake.put_record(
            agency.index, agency.caller, agency.feed, "1", json.dumps(child()).encode()
        )
    assert refusal.value.code == "id_differs"


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"", Malformed, "not_json"),
        (b"\xff", Malformed, "not_utf8"),
        (b"[]", Malformed, "not_json"),
        (b'{"version":1,"version":2}', Malformed, "duplicate_key"),
        (b'{"type":"withdraw","version":2}', Invalid, "record_rejected"),
        (b'{"version":1}', Invalid, "record_rejected"),
        (b'{"sourceRecordId":"x\\u0000"}', Invalid, "record_rejected"),
    ],
)
def test_a_body_that_is_no_record_is_refused(agency, index, body, kind, code):
    with pytest.raises(Refused) as refusal:
        intake.put_record(index, agency.caller, agency.feed, "7731", body)
    assert (type(refusal.value), refusal.value.code) == (kind, code)
    assert rows(index, "SELECT * FROM source_record") == []


def test_a_record_rejected_alone_says_why(agency):
    with pytest.raises(Invalid) as refusal:
        agency.put(child(birthDate="?", notes="mother ill"))
    codes = {each.code for each in refusal.value.problems}
    assert "forbidden_field:notes" in codes


def test_a_change_that_starts_from_another_version_is_out_of_date(agency):
    for seen in ('"1"', "*", "nonsense"):
        with pytest.raises(OutOfDate):
            agency.put(child(), if_match=seen)
    agency.put(child())
    for seen in ('"2"', "", '"1" or "2"', "9" * 5_000):
        with pytest.raises(OutOfDate):
            agency.put(child(version=2), if_match=seen)
    agency.put(child(version=2), if_match="*")
    agency.put(child(version=3), if_match='W/"2"')
    agency.put(child(version=4), if_match="3")


def test_the_same_version_with_another_content_is_a_conflict(agency):
    agency.put(child())
    with pytest.raises(Conflict) as refusal:
        agency.put(child(sex="male"))
    assert refusal.value.code == "version_conflict"


def test_a_record_is_withdrawn_alone_only_by_who_has_seen_it(agency, index):
    with pytest.raises(NotFound):
        agency.withdraw("7731", '"1"')
    agency.put(child())
    with pytest.raises(VersionRequired):
        agency.withdraw("7731", None)
    with pytest.raises(OutOfDate):
        agency.withdraw("7731", '"2"')
    agency.withdraw("7731", '"1"')
    assert held(index)["i-1"][2] is True
    with pytest.raises(NotFound):
        agency.withdraw("7731", '"1"')
    assert agency.put(child()).receipt.outcome == "unchanged"
    assert agency.put(child(version=2)).receipt.outcome == "accepted"
    assert held(index)["i-1"][2] is False


def test_the_highest_version_there_is_can_still_be_withdrawn(agency, index):
    agency.put(child(version=2**63 - 2))
    agency.withdraw("7731", f'"{2**63 - 2}"')
    assert held(index)["i-1"][2] is True
    with pytest.raises(Invalid):
        agency.put(child(version=2**63 - 1))


STORY = (
    child(version=1, involvements=[involvement("a")]),
    child(version=2, sex="male", involvements=[involvement("a", 2, endedOn="2026-03-31")]),
    withdraw(version=3),
    child(version=4, involvements=[involvement("b")]),
    child(version=5, names=[{"family": "Day"}], involvements=[involvement("a", 3)]),
    child(version=6, involvements=[involvement("b", 2, endedOn="2026-06-30"), involvement("c")]),
)


def state(index, name):
    """All that is held of a record but its dates of receipt."""
    ((source_id, *record),) = rows(
        index,
        "SELECT id, version, is_withdrawn, sex FROM source_record WHERE source_record_id = :name",
        name=name,
    )
    names = rows(index, "SELECT family FROM source_name WHERE source_id = :id", id=source_id)
    involved = rows(
        index,
        "SELECT source_involvement_id, version, ended_on FROM involvement"
        " WHERE source_id = :id AND is_void = false ORDER BY 1",
        id=source_id,
    )
    return record, names, [(own_id, version, str(ended)) for own_id, version, ended in involved]


@given(st.lists(st.sampled_from(range(len(STORY))), max_size=6), st.randoms(use_true_random=False))
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_deliveries_doubled_and_shuffled_end_where_each_once_in_order_ends(
    agency, index, doubled, random
):
    name = f"r{len(rows(index, 'SELECT id FROM batch'))}"
    for line in STORY:
        agency.push(line | {"sourceRecordId": f"{name}-in-order"})
    schedule = [*range(len(STORY)), *doubled]
    random.shuffle(schedule)
    for place in schedule:
        agency.push(STORY[place] | {"sourceRecordId": f"{name}-shuffled"})
    assert state(index, f"{name}-shuffled") == state(index, f"{name}-in-order")


def test_a_child_who_is_grown_up_is_stored_like_any_other(agency, index):
    assert agency.push(child(birthDate="2005-01-02"))["7731"].outcome == "accepted"
    assert rows(index, "SELECT count(*) FROM child") == [(1,)]


def test_dates_are_englands_on_the_evening_before(agency, index):
    agency.at = at(2026, 7, 1).replace(hour=23, minute=30)
    agency.put(child())
    assert held(index)["i-1"][3] == date(2026, 7, 2).isoformat()
