"""Searching, key by key: what is asked, what is answered, what is refused (interface.md C.1)."""

import pytest

from child_index.answers import Criteria
from tests.api.doors import (
    HANNAH,
    SQLITE,
    find,
    opening,
    problem_of,
    search_for,
    without_ids,
)

CARD = {
    "handle",
    "names",
    "birthDate",
    "gender",
    "confidence",
    "because",
    "against",
    "restricted",
}
UUID = "0e37df36-f698-11e6-8dd4-cb9ced3df976"


def test_a_search_answers_exactly_what_was_agreed(doors):
    answer = find(doors.with_hannah())
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    body = answer.get_json()
    assert body.keys() == {"searchId", "outcome", "message", "results"}
    assert body["outcome"] in {"match", "possible"}
    (card,) = body["results"]
    assert card.keys() == CARD
    assert card["names"] == [{"use": "usual", "given": ["Hannah"], "family": "Marsh"}]
    assert (card["birthDate"], card["gender"]) == ("2011-05-14", "female")
    assert card["confidence"] in {"very-likely", "likely", "possible"}
    assert card["restricted"] is False
    assert all(isinstance(word, str) for word in (*card["because"], *card["against"]))
    assert len(card["handle"]) >= 20


def test_the_search_id_is_the_request_id(doors):
    answer = doors.persona("melanie").ask(
        "POST", "/searches", json=search_for(), headers={"X-Request-ID": UUID}
    )
    assert answer.get_json()["searchId"] == UUID == answer.headers["X-Request-ID"]


def test_an_empty_answer_is_the_same_bytes_whoever_is_not_found(doors):
    doors.with_hannah()
    empty = [
        find(doors, HANNAH | {"family": family}) for family in ("Nobody", "O'Nobody", "Márshall")
    ]
    assert {answer.get_json()["outcome"] for answer in empty} == {"none"}
    assert len({without_ids(answer) for answer in empty}) == 1
    assert "duty desk" in empty[0].get_json()["message"]


@SQLITE
@pytest.mark.parametrize(
    ("person", "code"),
    [
        ({"family": "Marsh"}, "insufficient_criteria"),
        ({"given": "Hannah", "birthDate": "2011-05-14"}, "insufficient_criteria"),
        ({"birthDate": "2011-05-14", "addressPostalCode": "XN1 6AE"}, "insufficient_criteria"),
        (HANNAH | {"phone": "0113 496 0100"}, "criteria_not_allowed"),
        (HANNAH | {"email": "x@example.org"}, "criteria_not_allowed"),
        (HANNAH | {"carerFamily": "Marsh"}, "criteria_not_allowed"),
        (HANNAH | {"given": "H*"}, "wildcard_not_allowed"),
        (HANNAH | {"birthDate": "1990-05-14"}, "birth_date_out_of_range"),
        ({}, "insufficient_criteria"),
    ],
)
def test_too_little_or_the_wrong_thing_is_refused_with_its_code(doors, person, code):
    problem_of(find(doors, person or {"given": ""}), 422, code)


def test_what_is_known_and_not_given_is_no_criterion(doors):
    person = HANNAH | {"gender": None, "addressPostalCode": None, "phone": None}
    person |= {"birthDateRange": None}
    assert find(doors.with_hannah(), person, identifiers=None).get_json()["results"]


def test_a_range_of_birth_dates_may_stand_for_the_date(doors):
    person = {"given": "Hannah", "family": "Marsh"}
    person["birthDateRange"] = {"from": "2011-01-01", "to": "2011-12-31"}
    assert len(find(doors.with_hannah(), person).get_json()["results"]) == 1
    problem_of(find(doors, person | {"birthDate": "2011-05-14"}), 422, "invalid")


def test_an_identifier_with_a_family_name_finds(doors):
    known = [{"scheme": "nhs", "value": "9990000018"}]
    answer = find(doors.with_hannah(), {"family": "Marsh"}, identifiers=known)
    assert len(answer.get_json()["results"]) == 1


@SQLITE
@pytest.mark.parametrize(
    "why",
    [
        {"reason": "CURIOSITY", "reasonText": "falling behind"},
        {"reason": None, "reasonText": "falling behind"},
        {"reason": "ONGOING_SUPPORT", "reasonText": "test"},
        {"reason": "ONGOING_SUPPORT", "reasonText": "training demo"},
        {"reason": "ONGOING_SUPPORT", "reasonText": None},
        {"reason": "DATA_QUALITY", "reasonText": "not a steward at all"},
    ],
)
def test_no_child_is_looked_for_without_a_reason(doors, why):
    problem_of(find(doors, **why), 422, "reason_not_allowed")
    message = opening("x") | why
    problem_of(doors.persona("melanie").post("/children/open", message), 422, "reason_not_allowed")


def test_a_wide_search_comes_after_a_near_one(doors):
    doors.with_hannah()
    problem_of(find(doors, mode="broad"), 409, "run_near_first")
    assert find(doors).status_code == 200
    assert find(doors, mode="broad").get_json()["results"]


@SQLITE
def test_unknown_keys_are_refused_each_with_its_place(doors):
    message = search_for(HANNAH | {"shoeSize": 4}, colour="red") | {
        "identifiers": [{"scheme": "nhs", "value": "1", "note": "x"}, {"scheme": "library"}]
    }
    problem = problem_of(doors.persona("melanie").post("/searches", message), 422, "invalid")
    places = {(error["pointer"], error["code"]) for error in problem["errors"]}
    assert places == {
        ("/personSpecification/shoeSize", "unknown_key"),
        ("/identifiers/0/note", "unknown_key"),
        ("/identifiers/1/scheme", "not_one_of"),
        ("/identifiers/1/value", "required"),
        ("/colour", "unknown_key"),
    }


@SQLITE
@pytest.mark.parametrize(
    ("person", "pointer"),
    [
        ({"given": "x" * 101}, "given"),
        ({"given": 7}, "given"),
        ({"given": ["Hannah"]}, "given"),
        ({"birthDate": "14 May 2011"}, "birthDate"),
        ({"birthDate": "20110514"}, "birthDate"),
        ({"birthDate": "2011-02-30"}, "birthDate"),
        ({"birthDate": "2011-05-14T00:00:00"}, "birthDate"),
        ({"birthDate": 20110514}, "birthDate"),
        ({"gender": "girl"}, "gender"),
        ({"birthDateRange": {"from": "2011-01-01"}}, "birthDateRange/to"),
        ({"birthDateRange": "2011"}, "birthDateRange"),
        ({"given": "Han\u0000nah"}, "given"),
        ({"given": "Hannah\u202e"}, "given"),
        ({"given": "Hannah\ud800"}, "given"),
    ],
    ids=repr,
)
def test_a_value_of_the_wrong_kind_is_refused_at_its_place(doors, person, pointer):
    problem = problem_of(find(doors, HANNAH | person), 422, "invalid")
    assert [e["pointer"] for e in problem["errors"]] == [f"/personSpecification/{pointer}"]
    assert "Hannah" not in str(problem)


@SQLITE
def test_a_name_of_100_characters_is_a_name(doors):
    assert find(doors, HANNAH | {"given": "x" * 100}).status_code == 200


def test_criteria_hold_what_the_message_may_say():
    assert set(Criteria.__dataclass_fields__) == {
        "given",
        "family",
        "birth_date",
        "birth_from",
        "birth_to",
        "sex",
        "postcode",
        "identifiers",
        "mode",
        "not_allowed",
    }
