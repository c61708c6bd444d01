"""Batches come in whole, are applied once and in order, and say of each row what became of it."""

import io
import logging

import pytest

from child_index import accounts, intake
from child_index.errors import (
    Conflict,
    Invalid,
    Malformed,
    NotAllowed,
    NotFound,
    Refused,
)
from child_index.records import Role
from tests.factories import AT, caller, system
from tests.feeding import (
    Agency,
    at,
    body_of,
    child,
    csv_delivery,
    delivery,
    digest_of,
    feed_caller,
    involvement,
    rows,
    withdraw,
    zipped,
)


@pytest.fixture
def agency(index):
    return Agency(index)


def outcomes(receipts):
    return {name: each.outcome for name, each in receipts.items()}


def batches(index):
    return rows(index, "SELECT sequence, state, received FROM batch ORDER BY sequence")


def test_a_batch_is_stored_before_a_row_of_it_is_applied(agency, index):
    state = agency.receive(child())
    assert (state.state, state.received, state.percent) == ("queued", 1, 0)
    assert rows(index, "SELECT count(*) FROM source_record") == [(0,)]
    done = intake.apply(index, system(), state.batch_id)
    assert (done.state, done.accepted, done.percent) == ("loaded", 1, 100)
    assert rows(index, "SELECT source_record_id, version FROM source_record") == [("7731", 1)]


def test_one_bad_row_never_keeps_the_others_out(agency):
    receipts = agency.push(child("1"), child("2") | {"notes": "mother ill"}, child("3"))
    assert outcomes(receipts) == {"1": "accepted", "2": "rejected", "3": "accepted"}
    assert [each.line for each in receipts.values()] == [2, 3, 4]
    assert receipts["2"].problems[0].code == "forbidden_field:notes"


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ([], "loaded"),
        ([child("1")], "loaded"),
        ([child("1"), child("2", birthDate="?")], "partly-loaded"),
        ([child("2", birthDate="?")], "not-loaded"),
    ],
)
def test_a_batch_ends_loaded_partly_or_not(agency, index, lines, state):
    received = agency.receive(*lines)
    assert intake.apply(index, system(), received.batch_id).state == state


def test_gzip_and_csv_are_the_same_as_ndjson(agency, index):
    body = zipped(body_of(child("1")))
    state = intake.receive(index, feed_caller(), delivery(body, encoding="gzip"))
    assert intake.apply(index, system(), state.batch_id).accepted == 1
    agency.sequence = 1
    columns = "source_record_id,given_names,family_name,date_of_birth,postcode,involvement_id,"
    columns += "service_type,organisation,contact_kind,phone,started_on"
    involved = "SOCIAL_CARE,Northam,TEAM,+441134960101,2025-09-01"
    receipts = agency.push_csv(
        columns,
        f"2,Tom,Marsh,2014-01-02,XN1 6AE,i-1,{involved}",
        "3,Ivy,Marsh,2017-01-02,,,,,,,",
        f"2,Tom,Marsh,2014-01-02,XN1 6AE,i-2,{involved}",
    )
    assert [(each.line, each.source_record_id, each.outcome) for each in receipts] == [
        (2, "2", "accepted"),
        (3, "3", "accepted"),
        (4, "2", "accepted"),
    ]
    assert rows(index, "SELECT count(*) FROM involvement WHERE source_id = 2") == [(2,)]


@pytest.mark.parametrize(
    ("sent", "kind", "code"),
    [
        (delivery(body_of(child())[:-4]), Malformed, "truncated"),
        (delivery(body_of(child()), content_length=10**6), Malformed, "truncated"),
        (delivery(body_of(child(), count=2)), Invalid, "count_mismatch"),
        (
            delivery(body_of(child()), content_digest=digest_of(b"other")),
            Invalid,
            "digest_mismatch",
        ),
        (delivery(body_of(child(), sequence=2)), Conflict, "sequence_gap"),
        (delivery(body_of(child(), mode="snapshot")), Invalid, "mode_not_supported"),
        (csv_delivery(b"source_record_id\n1\n", 2), Invalid, "count_mismatch"),
    ],
)
def test_of_a_delivery_that_is_not_right_nothing_is_stored(agency, index, sent, kind, code):
    sent.body.seek(0)
    with pytest.raises(Refused) as refusal:
        intake.receive(index, feed_caller(), sent)
    assert (type(refusal.value), refusal.value.code) == (kind, code)
    assert batches(index) == [] == rows(index, "SELECT batch_id FROM batch_part")
    assert rows(index, "SELECT last_sequence FROM feed WHERE name = 'social-care'") == [(0,)]
    refused = rows(index, "SELECT action, outcome FROM audit_event ORDER BY id DESC LIMIT 1")
    assert refused == [("refused:feed:write", code)]
    agency.push(child())
    assert batches(index) == [(1, "loaded", 1)]


def test_the_same_sequence_with_the_same_digest_answers_with_the_same_batch(agency, index):
    first = agency.receive(child())
    again = intake.receive(index, feed_caller(), delivery(body_of(child())))
    assert (again.batch_id, again.is_repeat) == (first.batch_id, True)
    intake.apply(index, system(), first.batch_id)
    late = intake.receive(index, feed_caller(), delivery(body_of(child())))
    assert (late.batch_id, late.state, late.is_repeat) == (first.batch_id, "loaded", True)
    assert len(batches(index)) == 1


def test_the_same_sequence_with_another_digest_is_a_conflict(agency, index):
    agency.receive(child())
    with pytest.raises(Conflict) as refusal:
        intake.receive(index, feed_caller(), delivery(body_of(child(version=2))))
    assert refusal.value.code == "sequence_repeated"


def test_a_gap_in_the_sequence_says_what_was_expected(agency, index):
    agency.receive(child())
    with pytest.raises(Conflict) as refusal:
        intake.receive(index, feed_caller(), delivery(body_of(child("2"), sequence=3)))
    assert (refusal.value.code, refusal.value.extra) == ("sequence_gap", {"expected": 2})


def test_a_feed_writes_to_itself_and_no_other(agency, index):
    Agency(index, "gp")
    for feed, who in (("gp", feed_caller()), ("social-care", feed_caller("gp"))):
        with pytest.raises(NotFound):
            intake.receive(index, who, delivery(body_of(child()), feed))
        with pytest.raises(NotFound):
            intake.put_record(index, who, feed, "1", b"{}")
        with pytest.raises(NotFound):
            intake.withdraw_record(index, who, feed, "1", if_match="1")
        with pytest.raises(NotFound):
            intake.feed_state(index, who, feed)
    with pytest.raises(NotFound):
        intake.receive(index, feed_caller("nobody"), delivery(body_of(child()), "nobody"))
    with pytest.raises(NotFound):
        intake.receive(index, feed_caller("by-hand"), delivery(body_of(child()), "by-hand"))


def test_a_feed_reads_only_its_own_batches(agency, index):
    state = agency.receive(child())
    other = Agency(index, "gp")
    with pytest.raises(NotFound):
        intake.batch_state(index, other.caller, "gp", state.batch_id)
    with pytest.raises(NotFound):
        intake.receipts(index, other.caller, "gp", state.batch_id)
    with pytest.raises(NotFound):
        intake.batch_state(index, other.caller, "social-care", state.batch_id)
    assert intake.batch_state(index, agency.caller, "social-care", state.batch_id) == state


def test_nobody_but_a_feed_pushes_and_nobody_but_the_system_applies(agency, index):
    state = agency.receive(child())
    for who in (caller(), caller(role=Role.STEWARD), caller(role=Role.FEED_OWNER), system()):
        with pytest.raises(NotAllowed):
            intake.receive(index, who, delivery(body_of(child())))
    with pytest.raises(NotAllowed):
        intake.apply(index, agency.caller, state.batch_id)


def test_receipts_wait_until_the_batch_is_applied(agency):
    state = agency.receive(child())
    with pytest.raises(Conflict) as refusal:
        agency.receipts(state.batch_id)
    assert refusal.value.code == "not_finished"


def test_receipts_come_in_the_senders_order_however_many(agency, monkeypatch):
    monkeypatch.setattr(intake, "_RECEIPTS_AT_ONCE", 2)
    lines = [child(str(n), birthDate=None if n % 2 else "2011") for n in range(7)]
    state = agency.receive(*lines)
    intake.apply(agency.index, system(), state.batch_id)
    receipts = agency.receipts(state.batch_id)
    assert [each.source_record_id for each in receipts] == [str(n) for n in range(7)]
    assert [each.line for each in receipts] == list(range(2, 9))


def test_versions_decide_what_becomes_of_a_row(agency):
    assert outcomes(agency.push(child(version=3))) == {"7731": "accepted"}
    assert outcomes(agency.push(child(version=3))) == {"7731": "unchanged"}
    assert outcomes(agency.push(child(version=2, sex="male"))) == {"7731": "superseded"}
    conflict = agency.push(child(version=3, sex="male"))["7731"]
    assert (conflict.outcome, conflict.problems[0].code) == ("rejected", "version_conflict")
    assert outcomes(agency.push(child(version=4, sex="male"))) == {"7731": "accepted"}


def test_keys_in_another_order_and_explicit_nulls_are_the_same_content(agency):
    agency.push(child())
    other = dict(reversed(child(deathDate=None).items())) | {"gp": None, "previousAddresses": []}
    assert outcomes(agency.push(other)) == {"7731": "unchanged"}


def test_a_record_twice_in_one_batch_is_applied_twice_in_turn(agency, index):
    state = agency.receive(child(version=1), child(version=2, sex="male"), child(version=1))
    intake.apply(index, system(), state.batch_id)
    assert [each.outcome for each in agency.receipts(state.batch_id)] == [
        "accepted",
        "accepted",
        "superseded",
    ]
    assert rows(index, "SELECT version, sex FROM source_record") == [(2, "male")]


def test_batches_of_a_feed_are_applied_in_the_order_of_their_sequence(agency, index):
    first = agency.receive(child(version=1))
    second = agency.receive(child(version=2))
    intake.apply(index, system(), second.batch_id)
    for state in (first, second):
        assert agency.receipts(state.batch_id)[0].outcome == "accepted"


def test_applying_twice_changes_nothing(agency, index):
    state = agency.receive(child("1"), child("2"))
    done = intake.apply(index, system(), state.batch_id)
    assert intake.apply(index, system(), state.batch_id) == done
    assert intake.apply_pending(index, system()) == ()
    assert rows(index, "SELECT count(*) FROM receipt") == [(2,)]


def test_what_waits_is_found_by_the_sweep(agency, index):
    agency.receive(child("1"))
    Agency(index, "gp").receive(child("g"))
    assert {each.state for each in intake.apply_pending(index, system())} == {"loaded"}


def test_a_batch_that_is_not_there_cannot_be_applied(index):
    with pytest.raises(NotFound):
        intake.apply(index, system(), "no-such-batch")


def test_a_feed_knows_its_own_state_and_a_feed_owner_knows_it_too(agency, index):
    assert intake.feed_state(index, agency.caller, "social-care").is_stale
    agency.push(child())
    for who in (agency.caller, caller("fern", Role.FEED_OWNER)):
        state = intake.feed_state(index, who, "social-care")
        assert (state.state, state.last_sequence, state.is_stale) == ("accredited", 1, False)
        assert state.last_received_at == AT
    later = feed_caller(at=at(2026, 11, 26))
    assert intake.feed_state(index, later, "social-care").is_stale


def test_a_suspended_feed_is_refused(agency, index):
    with index._engine.begin() as conn:
        conn.exec_driver_sql("UPDATE feed SET state = 'suspended' WHERE name = 'social-care'")
    with pytest.raises(NotAllowed) as refusal:
        agency.receive(child())
    assert refusal.value.code == "feed_suspended"


def test_bodies_are_deleted_thirty_days_after_they_were_applied(agency, index):
    agency.push(child())
    agency.receive(child("2"))
    assert intake.forget_bodies(index, system(at(2026, 12, 23))) == 0
    assert intake.forget_bodies(index, system(at(2026, 12, 24))) == 1
    kept = "SELECT DISTINCT b.sequence FROM batch b JOIN batch_part p ON p.batch_id = b.id"
    assert rows(index, kept) == [(2,)]
    assert len(rows(index, "SELECT 1 FROM receipt")) == 1


def test_a_refused_value_is_in_no_log_no_receipt_and_no_message(agency, index, caplog):
    caplog.set_level(logging.DEBUG)
    canary = "Zqxcanary"
    receipts = agency.push(
        child("1") | {"notes": canary},
        child("2", names=[{"given": [canary], "family": f"{canary}\u202e"}]),
        child("3", birthDate=canary),
        child("4", involvements=[involvement(serviceType=canary)]),
        child("5") | {canary: 1},
    )
    assert set(outcomes(receipts).values()) == {"rejected"}
    with pytest.raises(Refused) as refusal:
        intake.put_record(index, agency.caller, "social-care", "1", b'{"notes": "Zqxcanary"}')
    assert canary not in caplog.text
    assert canary not in repr(receipts) + repr(refusal.value.problems) + str(refusal.value)
    kept = rows(index, "SELECT problems FROM receipt") + rows(index, "SELECT * FROM audit_event")
    assert canary not in repr(kept)


def test_a_feed_that_sends_case_information_is_noticed_in_the_log_by_its_count(agency, caplog):
    caplog.set_level(logging.WARNING)
    agency.push(child("1") | {"notes": "mother ill"}, child("2") | {"plan": "x"}, child("3"))
    (record,) = [each for each in caplog.records if each.message == "forbidden fields refused"]
    assert (record.feed, record.rows) == ("social-care", 2)


def test_the_sequence_and_digest_of_a_withdrawn_record_are_a_batch_like_any_other(agency):
    agency.push(child())
    assert outcomes(agency.push(withdraw(version=2))) == {"7731": "accepted"}


def test_a_feed_is_registered_once_and_with_what_can_be_used(index):
    for name, wrong, code in (
        ("Social Care", {}, "name_not_usable"),
        ("by-hand", {}, "name_not_usable"),
        ("a", {"organisation": " "}, "organisation_missing"),
        ("a", {"authority_for": {"passport"}}, "scheme_unknown"),
        ("a", {"interval_days": 0}, "interval_not_usable"),
    ):
        with pytest.raises(Invalid) as refusal:
            accounts.register_feed(index, system(), name, **({"organisation": "A"} | wrong))
        assert refusal.value.code == code
    made = accounts.register_feed(index, system(), "gp", organisation="GP", authority_for={"nhs"})
    assert made.state == "draft"
    with pytest.raises(Conflict):
        accounts.register_feed(index, system(), "gp", organisation="GP")
    assert accounts.accredit_feed(index, system(), "gp").state == "accredited"
    with pytest.raises(NotFound):
        accounts.accredit_feed(index, system(), "nobody")
    (listed,) = accounts.feeds(index, system())
    assert (listed.name, listed.authority_for) == ("gp", frozenset({"nhs"}))


def test_the_feed_of_entries_by_hand_is_there_from_the_start(index):
    assert rows(index, "SELECT state FROM feed WHERE name = 'by-hand'") == [("accredited",)]


def test_a_body_that_fails_to_come_in_leaves_nothing(agency, index):
    class Cut(io.BytesIO):
        def read(self, *_):
            raise Malformed("truncated")

    sent = delivery(body_of(child()))
    with pytest.raises(Malformed):
        intake.receive(
            index,
            feed_caller(),
            type(sent)(
                feed="social-care",
                body=Cut(),
                media_type=sent.media_type,
                content_digest=sent.content_digest,
            ),
        )
    assert batches(index) == []
