"""Search, open and a practitioner's own part, key by key (interface.md C.1)."""

import pytest

from child_index.answers import Criteria
from tests.api.doors import (
    DESK,
    HANNAH,
    REASON,
    SOCIAL_CARE,
    child_line,
    opening,
    problem_of,
    search_for,
    without_ids,
)

NAME = {"use", "given", "family"}
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
ROW = {
    "involvementId",
    "version",
    "serviceType",
    "organisation",
    "contactKind",
    "contactName",
    "contactRole",
    "phone",
    "email",
    "state",
    "startedOn",
    "endedOn",
    "shownUntil",
    "lastConfirmedOn",
    "yours",
}
CHILD = {
    "childRef",
    "indexNumber",
    "status",
    "names",
    "birthDate",
    "gender",
    "responsibleAuthority",
    "address",
    "carers",
    "education",
    "gp",
    "identifiers",
    "restricted",
    "assessment",
    "leadProfessional",
    "involvements",
    "unspecifiedSensitiveService",
    "feeds",
    "partial",
    "disclaimer",
    "asOf",
}
UUID = "0e37df36-f698-11e6-8dd4-cb9ced3df976"


def found(doors, person=None, **more):
    return doors.persona("melanie").post("/searches", search_for(person, **more))


def test_a_search_answers_exactly_what_was_agreed(doors):
    answer = found(doors.with_hannah())
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
        found(doors, HANNAH | {"family": family}) for family in ("Nobody", "O'Nobody", "Márshall")
    ]
    assert {answer.get_json()["outcome"] for answer in empty} == {"none"}
    assert len({without_ids(answer) for answer in empty}) == 1
    assert "duty desk" in empty[0].get_json()["message"]


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
    problem_of(found(doors, person or {"given": ""}), 422, code)


def test_what_is_known_and_not_given_is_no_criterion(doors):
    person = HANNAH | {"gender": None, "addressPostalCode": None, "phone": None}
    person |= {"birthDateRange": None}
    assert found(doors.with_hannah(), person, identifiers=None).get_json()["results"]


def test_a_range_of_birth_dates_may_stand_for_the_date(doors):
    person = {"given": "Hannah", "family": "Marsh"}
    person["birthDateRange"] = {"from": "2011-01-01", "to": "2011-12-31"}
    assert len(found(doors.with_hannah(), person).get_json()["results"]) == 1
    problem_of(found(doors, person | {"birthDate": "2011-05-14"}), 422, "invalid")


def test_an_identifier_with_a_family_name_finds(doors):
    known = [{"scheme": "nhs", "value": "9990000018"}]
    answer = found(doors.with_hannah(), {"family": "Marsh"}, identifiers=known)
    assert len(answer.get_json()["results"]) == 1


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
    problem_of(found(doors, **why), 422, "reason_not_allowed")
    message = opening("x") | why
    problem_of(doors.persona("melanie").post("/children/open", message), 422, "reason_not_allowed")


def test_a_wide_search_comes_after_a_near_one(doors):
    doors.with_hannah()
    problem_of(found(doors, mode="broad"), 409, "run_near_first")
    assert found(doors).status_code == 200
    assert found(doors, mode="broad").get_json()["results"]


def test_opening_answers_exactly_what_was_agreed(doors):
    answer = doors.with_hannah().opened("dana")
    body = answer.get_json()
    assert body.keys() == CHILD
    assert answer.headers["ETag"].startswith('"')
    assert [name.keys() for name in body["names"]] == [NAME, NAME]
    assert body["status"] == "LIVE"
    assert body["address"] == {
        "lines": ["7 Alder Court"],
        "town": "Northam",
        "postcode": "XN1 6AE",
        "kind": "current",
    }
    assert body["carers"] == [
        {
            "given": ["Carol"],
            "family": "Marsh",
            "relationship": "mother",
            "parentalResponsibility": True,
            "phone": "+441134960100",
            "email": None,
        }
    ]
    assert body["education"].keys() == {
        "settingName",
        "urn",
        "laEstab",
        "phone",
        "startedOn",
        "endedOn",
        "status",
    }
    assert body["gp"] == {"odsCode": "X99999", "name": "Alder Surgery", "phone": None}
    assert body["identifiers"] == [
        {"scheme": "nhs", "value": "9990000018", "status": "verified"},
        {"scheme": "upn", "value": "Q999400119001", "status": "reported"},
    ]
    assert body["assessment"] == {
        "exists": True,
        "kind": "EHA",
        "assessedOn": "2026-11-04",
        "closedOn": None,
        "contactName": "Melanie Ortega",
        "phone": "+441134960103",
        "email": None,
    }
    assert body["feeds"] == [
        {"organisation": DESK["organisation"], "lastReceivedOn": "2026-11-23", "stale": False}
    ]
    assert (body["restricted"], body["partial"]) == (False, False)
    assert body["unspecifiedSensitiveService"] is None
    assert body["asOf"] == "2026-11-23T09:00:00+00:00"


def test_an_involvement_answers_exactly_what_was_agreed(doors):
    (row,) = doors.with_hannah().opened().get_json()["involvements"]
    assert row.keys() == ROW
    assert row["yours"] is False
    assert (row["state"], row["endedOn"], row["shownUntil"]) == ("ACTIVE", None, None)
    assert row["lastConfirmedOn"] == "2026-11-23"
    for key in ("serviceType", "organisation", "contactKind", "contactName", "phone", "startedOn"):
        assert row[key] == DESK[key]


def test_an_ended_row_says_until_when_it_is_shown(doors):
    doors.register(SOCIAL_CARE)
    ended = DESK | {"endedOn": "2026-03-31"}
    doors.deliver(SOCIAL_CARE, child_line(involvements=[ended]))
    (row,) = doors.opened().get_json()["involvements"]
    assert row["state"] == "ENDED_VISIBLE"
    assert (row["endedOn"], row["shownUntil"]) == ("2026-03-31", "2027-03-31")


def test_a_silent_feeds_row_says_since_when(doors):
    doors.with_hannah()
    doors.wait(days=15)
    (row,) = doors.opened().get_json()["involvements"]
    assert row["unconfirmedSince"] == "2026-11-23"


def test_what_a_role_may_not_read_is_absent_and_not_null(doors):
    doors.with_hannah()
    melanie = doors.opened("melanie").get_json()
    assert melanie.keys() == CHILD - {"address"}
    assert [known["scheme"] for known in melanie["identifiers"]] == ["upn"]
    lee = doors.opened("lee").get_json()
    assert lee.keys() == CHILD - {"identifiers"}
    sol = doors.opened("sol").get_json()
    assert not sol.keys() & {"involvements", "assessment", "leadProfessional"}


def test_a_childs_death_is_told_on_the_card_and_on_the_record(doors):
    doors.register(SOCIAL_CARE)
    told = {"deathDate": "2026-11-01", "deathNotifiedOn": "2026-11-02"}
    doors.deliver(SOCIAL_CARE, child_line(**told))
    assert found(doors).get_json()["results"][0]["deceased"] is True
    assert doors.opened().get_json()["status"] == "DECEASED_HOLD"


def test_a_handle_is_good_for_its_finder_and_for_15_minutes(doors):
    doors.with_hannah()
    handle = found(doors).get_json()["results"][0]["handle"]
    unknown = doors.persona("lee").post("/children/open", opening("no-such-handle"))
    another = doors.persona("lee").post("/children/open", opening(handle))
    problem_of(unknown, 404, "not_found")
    assert without_ids(unknown) == without_ids(another)
    assert doors.persona("melanie").post("/children/open", opening(handle)).status_code == 200
    doors.wait(minutes=15, seconds=1)
    late = doors.persona("melanie").post("/children/open", opening(handle))
    assert without_ids(late) == without_ids(unknown)


def test_a_child_is_opened_only_by_who_confirms_it(doors):
    doors.with_hannah()
    handle = found(doors).get_json()["results"][0]["handle"]
    message = opening(handle, identityConfirmed=False)
    answer = doors.persona("melanie").post("/children/open", message)
    problem_of(answer, 422, "identity_not_confirmed")
    for lookalike in ("true", 1, "yes", None):
        message = opening(handle, identityConfirmed=lookalike)
        problem_of(doors.persona("melanie").post("/children/open", message), 422, "invalid")


def entered(doors, who="melanie", **more):
    child = doors.opened(who).get_json()["childRef"]
    mine = {
        "serviceType": "PASTORAL",
        "contactName": "Melanie Ortega",
        "contactRole": "Learning mentor",
        "phone": "+441134960103",
        "startedOn": "2026-09-03",
        "familyInformed": "no-not-yet",
    } | more
    return child, doors.persona(who).post(f"/children/{child}/involvements", mine)


def test_my_own_involvement_is_entered_ended_and_told_to_the_family(doors):
    child, answer = entered(doors.with_hannah())
    assert answer.status_code == 201
    row = answer.get_json()
    assert row.keys() == ROW | {"familyInformed"}
    assert row["yours"] is True
    assert answer.headers["ETag"] == f'"{row["version"]}"'
    mine = f"/children/{child}/involvements/{row['involvementId']}"
    melanie = doors.persona("melanie")
    told = melanie.put(
        f"{mine}/family-informed",
        {"familyInformed": "yes"},
        headers={"If-Match": answer.headers["ETag"]},
    )
    assert told.status_code == 200
    assert told.get_json()["familyInformed"] == "yes"
    ended = melanie.put(
        f"{mine}/end", {"endedOn": "2026-11-23"}, headers={"If-Match": told.headers["ETag"]}
    )
    assert ended.status_code == 200
    assert ended.get_json()["state"] == "ENDED_VISIBLE"
    assert ended.headers["ETag"] != told.headers["ETag"]


def test_the_family_is_nobody_elses_business(doors):
    entered(doors.with_hannah())
    rows = doors.opened("lee").get_json()["involvements"]
    assert all("familyInformed" not in row for row in rows)


def test_a_change_names_the_version_it_starts_from(doors):
    child, answer = entered(doors.with_hannah())
    end = f"/children/{child}/involvements/{answer.get_json()['involvementId']}/end"
    message = {"endedOn": "2026-11-23"}
    melanie = doors.persona("melanie")
    problem_of(melanie.put(end, message), 428, "version_required")
    for stale in ('"99"', 'W/"1"', '"x"', "*", '"1", "2"', '"' + "9" * 40 + '"'):
        problem_of(melanie.put(end, message, headers={"If-Match": stale}), 412, "out_of_date")


def test_what_a_feed_sends_is_ended_at_the_feed(doors):
    doors.with_hannah()
    body = doors.opened("john").get_json()
    row = body["involvements"][0]
    end = f"/children/{body['childRef']}/involvements/{row['involvementId']}/end"
    answer = doors.persona("john").put(
        end, {"endedOn": "2026-11-23"}, headers={"If-Match": f'"{row["version"]}"'}
    )
    problem_of(answer, 409, "comes_from_feed")


def test_there_is_one_lead_and_a_change_of_lead_is_agreed(doors):
    doors.with_hannah()
    _, mine = entered(doors)
    _, lees = entered(doors, "lee", serviceType="YOUTH_SERVICE", contactName="Lee")

    def name(who, row, **more):
        opened = doors.opened(who)
        return doors.persona(who).put(
            f"/children/{opened.get_json()['childRef']}/lead-professional",
            {"involvementId": row.get_json()["involvementId"]} | more,
            headers={"If-Match": opened.headers["ETag"]},
        )

    named = name("melanie", mine)
    assert named.status_code == 200
    assert named.get_json().keys() == ROW | {"familyInformed"}
    problem_of(name("lee", lees), 409, "lead_exists")
    assert name("lee", lees, agreedChange=True).status_code == 200
    lead = doors.opened().get_json()["leadProfessional"]
    assert lead["involvementId"] == lees.get_json()["involvementId"]


def test_the_lead_is_named_from_what_was_seen(doors):
    doors.with_hannah()
    child, mine = entered(doors)
    message = {"involvementId": mine.get_json()["involvementId"]}
    lead = f"/children/{child}/lead-professional"
    problem_of(doors.persona("melanie").put(lead, message), 428, "version_required")
    stale = {"If-Match": '"of another day"'}
    problem_of(doors.persona("melanie").put(lead, message, headers=stale), 412, "out_of_date")


def test_what_came_of_a_look_up_is_one_word(doors):
    child = doors.with_hannah().opened().get_json()["childRef"]
    melanie = doors.persona("melanie")
    noted = melanie.post(f"/children/{child}/outcomes", {"outcome": "contacted-someone"})
    assert (noted.status_code, noted.data) == (204, b"")
    wrong = melanie.post(f"/children/{child}/outcomes", {"outcome": "she was fine"})
    problem_of(wrong, 422, "outcome_not_allowed")


@pytest.mark.parametrize(
    ("method", "what", "message"),
    [
        ("POST", "involvements", {"serviceType": "PASTORAL", "contactName": "M", "phone": "1"}),
        ("POST", "outcomes", {"outcome": "not-needed"}),
        ("PUT", "involvements/x/end", {"endedOn": "2026-11-23"}),
        ("PUT", "involvements/x/family-informed", {"familyInformed": "yes"}),
        ("PUT", "lead-professional", {"involvementId": "x"}),
    ],
)
def test_a_child_that_is_not_open_to_me_is_not_there(doors, method, what, message):
    child = doors.with_hannah().opened("john").get_json()["childRef"]
    answers = [
        doors.persona("melanie").ask(
            method, f"/children/{ref}/{what}", json=message, headers={"If-Match": '"1"'}
        )
        for ref in (child, "no-such-child", "x" * 300, "é", "a%00b")
    ]
    problem_of(answers[0], 404, "not_found")
    assert len({without_ids(answer) for answer in answers}) == 1


def test_every_answer_says_that_nothing_may_be_kept(doors):
    doors.with_hannah()
    melanie = doors.persona("melanie")
    answers = [
        doors.opened(),
        found(doors),
        melanie.get("/nowhere"),
        melanie.get("/reviews"),
        melanie.get("/healthz"),
        doors.app.test_client().get("/api/v1/reviews"),
    ]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


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
    problem = problem_of(found(doors, HANNAH | person), 422, "invalid")
    assert [e["pointer"] for e in problem["errors"]] == [f"/personSpecification/{pointer}"]
    assert "Hannah" not in str(problem)


def test_a_name_of_100_characters_is_a_name(doors):
    assert found(doors, HANNAH | {"given": "x" * 100}).status_code == 200


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


def test_reasons_are_never_answered_back(doors):
    body = doors.with_hannah().opened().text
    assert REASON["reasonText"] not in body
    assert "reason" not in doors.opened().get_json()
