"""What a line says, and the few reasons for which it is rejected (decisions.md 22)."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from child_index.problem_words import DETAILS, FORBIDDEN_KEYS
from child_index.statements import Rules, read_line
from tests.feeding import TODAY, child, involvement, withdraw

RULES = Rules(authority_for=frozenset({"nhs"}), today=TODAY)
NHS = "9990000018"
CANARY = "Zqxcanary"


def read(line, rules=RULES):
    return read_line(json.dumps(line), rules)


def codes(line, rules=RULES):
    return [each.code for each in read(line, rules).problems]


def identifier(value, scheme="nhs", status="verified"):
    return {"scheme": scheme, "value": value, "status": status}


def sensitive(**of):
    return [involvement(serviceType="SENSITIVE", sensitive=of or None)]


def test_a_good_line_says_everything_and_has_no_problem():
    reading = read(child(deathDate="2026-11-01", identifiers=[identifier(NHS)]))
    assert reading.problems == ()
    assert not reading.is_rejected
    said = reading.statement
    assert (said.source_record_id, said.version, said.birth_date) == ("7731", 1, "2011-05-14")
    assert said.names[0].given == ("Hannah",)
    assert said.names[0].family == "Marsh"
    assert said.involvements[0].started_on == date(2025, 9, 1)
    assert said.death_date == date(2026, 11, 1)


REJECTED = [
    ({"shoeSize": 4}, "unknown_field"),
    ({"notes": CANARY}, "forbidden_field:notes"),
    ({"names": [{"family": "Marsh", "riskScore": CANARY}]}, "forbidden_field:risk_score"),
    ({"sourceRecordId": None}, "missing_field"),
    ({"version": None}, "missing_field"),
    ({"names": []}, "no_usable_name"),
    ({"names": [{"given": ["?"], "family": "-"}]}, "no_usable_name"),
    ({"birthDate": None}, "no_birth_date"),
    ({"birthDate": "14/05/2011"}, "birth_date_not_readable"),
    ({"birthDate": "2011-02-30"}, "birth_date_not_readable"),
    ({"birthDate": "2026-11-24"}, "birth_date_impossible"),
    ({"birthDate": "2027"}, "birth_date_impossible"),
    ({"birthDate": "2000-11-22"}, "birth_date_impossible"),
    ({"birthDate": "1999"}, "birth_date_impossible"),
    ({"involvements": [involvement(endedOn="2025-08-31")]}, "end_before_start"),
    (
        {"assessment": {"assessedOn": "2026-11-04", "closedOn": "2026-11-03"}},
        "end_before_start",
    ),
    ({"involvements": [involvement(phone=None)]}, "no_contact"),
    ({"involvements": sensitive()}, "sensitive_without_basis"),
    ({"involvements": sensitive(kind="MENTAL_HEALTH")}, "sensitive_without_basis"),
    (
        {"involvements": sensitive(kind="MENTAL_HEALTH", basis="CONSENT")},
        "sensitive_without_basis",
    ),
    ({"names": [{"family": "Mar\x00sh"}]}, "control_character"),
    ({"names": [{"family": "Mar\u202esh"}]}, "control_character"),
    ({"names": [{"family": "Mar\ud800sh"}]}, "control_character"),
    ({"names": [{"family": "M" * 101}]}, "too_long"),
    ({"sex": "f" * 101}, "too_long"),
    ({"involvements": [involvement(serviceType="x" * 101)]}, "too_long"),
    ({"type": "gossip"}, "unknown_type"),
]


@pytest.mark.parametrize(("changes", "code"), REJECTED)
def test_a_row_is_rejected_for_each_of_the_reasons(changes, code):
    reading = read(child(**changes))
    assert reading.is_rejected
    assert reading.statement is None
    assert [each.code for each in reading.problems] == [code]


@pytest.mark.parametrize(("changes", "code"), REJECTED)
def test_no_problem_ever_quotes_the_value(changes, code):
    told = repr(read(child(**changes)).problems)
    assert CANARY not in told
    assert "\x00" not in told
    assert "M" * 20 not in told


@pytest.mark.parametrize("key", sorted(FORBIDDEN_KEYS.values()))
def test_no_way_of_writing_a_forbidden_key_gets_round_it(key):
    camel = key.split("_")[0] + "".join(word.title() for word in key.split("_")[1:])
    for written in (key, camel, key.upper(), key.replace("_", "-")):
        line = child(involvements=[involvement() | {written: CANARY}])
        assert codes(line) == [f"forbidden_field:{key}"]


def test_a_key_that_is_no_plain_word_is_not_shown_either():
    (problem,) = read(child(**{f"Hannah {CANARY}": 1})).problems
    assert (problem.pointer, problem.code) == ("/?", "unknown_field")


def test_a_date_of_birth_may_be_missing_or_unreadable_if_an_identifier_is_verified():
    verified = [identifier(NHS)]
    assert read(child(birthDate=None, identifiers=verified)).statement.birth_date is None
    reading = read(child(birthDate="14/05/2011", identifiers=verified))
    assert reading.statement.birth_date is None
    assert [each.code for each in reading.problems] == ["birth_date_not_readable"]


def test_verified_counts_only_from_the_authority_for_the_scheme():
    other = Rules(authority_for=frozenset({"upn"}), today=TODAY)
    line = child(identifiers=[identifier(NHS)])
    assert read(line).statement.identifiers[0].is_verified
    assert not read(line, other).statement.identifiers[0].is_verified
    assert codes(child(birthDate=None, identifiers=[identifier(NHS)]), other) == ["no_birth_date"]


@pytest.mark.parametrize("birth_date", ["2011", "2011-05", "2000-11-23", "2026-11-23", "2000"])
def test_part_of_a_date_of_birth_and_both_ends_of_the_range_are_taken(birth_date):
    reading = read(child(birthDate=birth_date))
    assert reading.statement.birth_date == birth_date
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        (
            {"identifiers": [identifier("9990000019")]},
            "/identifiers/0/value",
            "identifier_not_valid",
        ),
        (
            {"identifiers": [identifier("1111111111")]},
            "/identifiers/0/value",
            "identifier_not_valid",
        ),
        (
            {"identifiers": [identifier("A801200005001", "upn")]},
            "/identifiers/0/value",
            "identifier_not_valid",
        ),
        ({"address": {"postcode": "LS1 6CE"}}, "/address/postcode", "postcode_not_valid"),
        (
            {"previousAddresses": [{"postcode": "nowhere"}]},
            "/previousAddresses/0/postcode",
            "postcode_not_valid",
        ),
        ({"carers": [{"family": "Marsh", "phone": "12"}]}, "/carers/0/phone", "phone_not_valid"),
        (
            {"involvements": [involvement(phone="ask Lee")]},
            "/involvements/0/phone",
            "phone_not_valid",
        ),
    ],
)
def test_what_is_not_valid_is_kept_as_sent_and_told(changes, pointer, code):
    reading = read(child(**changes))
    assert not reading.is_rejected
    assert [(each.pointer, each.code) for each in reading.problems] == [(pointer, code)]
    sent = next(iter(changes.values()))
    sent = sent[0] if isinstance(sent, list) else sent
    value = sent.get("value") or sent.get("postcode") or sent.get("phone")
    assert value in repr(reading.statement)


def test_an_identifier_that_is_not_valid_is_never_verified():
    (found,) = read(child(identifiers=[identifier("9990000019")])).statement.identifiers
    assert (found.is_valid, found.is_verified) == (False, False)


@pytest.mark.parametrize(
    ("postcode", "kind"),
    [("ZZ99 3VZ", "no-fixed-abode"), ("zz993wz", "unknown"), ("ZZ99 3CZ", "unknown")],
)
def test_a_pseudo_postcode_is_the_statement_it_stands_for(postcode, kind):
    reading = read(child(address={"lines": ["-"], "postcode": postcode}))
    assert reading.problems == ()
    assert (reading.statement.address.kind, reading.statement.address.postcode) == (kind, None)


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"sex": "F"}, "/sex", "not_in_list"),
        ({"names": [{"family": "Marsh", "use": "pet"}]}, "/names/0/use", "not_in_list"),
        ({"names": [{"family": "Marsh", "from": "long ago"}]}, "/names/0/from", "not_a_date"),
        (
            {"carers": [{"family": "M", "relationship": "aunt"}]},
            "/carers/0/relationship",
            "not_in_list",
        ),
    ],
)
def test_an_optional_word_in_no_list_is_left_out_and_told(changes, pointer, code):
    reading = read(child(**changes))
    assert not reading.is_rejected
    assert [(each.pointer, each.code) for each in reading.problems] == [(pointer, code)]


def test_a_word_in_no_list_is_never_left_out_of_an_involvement():
    assert codes(child(involvements=[involvement(endedOn="soon")])) == ["not_a_date"]
    assert codes(child(involvements=[involvement(contactKind="DESK")])) == ["not_in_list"]


def test_a_sensitive_service_is_not_held_yet_even_with_consent():
    consent = {
        "givenBy": "Hannah",
        "onBehalfOf": "Hannah",
        "givenOn": "2026-11-01",
        "method": "in person",
    }
    founded = sensitive(kind="MENTAL_HEALTH", basis="CONSENT", consent=consent)
    assert codes(child(involvements=founded)) == ["sensitive_not_accepted_yet"]


def test_an_end_more_than_a_year_ago_is_taken_and_told_that_it_is_not_shown():
    ended = involvement(startedOn="2020-01-01", endedOn="2025-11-22")
    assert codes(child(involvements=[ended])) == ["ended_too_long_ago"]
    still_shown = involvement(startedOn="2020-01-01", endedOn="2025-11-23")
    assert codes(child(involvements=[still_shown])) == []


def test_an_assessment_that_does_not_exist_is_none():
    assert read(child(assessment={"exists": False})).statement.assessment is None
    assert read(child(assessment={"kind": "CAF"})).statement.assessment.kind == "CAF"


def test_a_withdrawal_is_no_statement_and_not_rejected():
    reading = read(withdraw("7712", 5))
    assert (reading.source_record_id, reading.version) == ("7712", 5)
    assert reading.statement is None
    assert not reading.is_rejected


def test_the_senders_own_id_is_told_even_of_a_rejected_row():
    assert read(child(birthDate="no")).source_record_id == "7731"
    assert read(child(sourceRecordId=7731)).source_record_id is None
    assert read_line("{", RULES).source_record_id is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["type", "names", "given", "sourceRecordId", "version", "sex"]),
                inner,
            )
        ),
        max_leaves=10,
    )
)
def test_no_line_whatever_it_holds_brings_the_reader_down(value):
    for line in (value, {"type": "child", "names": value}, child(names=value), child(carers=value)):
        reading = read(line)
        assert reading.is_rejected or reading.statement is not None


def test_every_code_has_its_sentence():
    assert all(text.endswith(".") for text in DETAILS.values())
