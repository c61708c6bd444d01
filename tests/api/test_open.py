"""Opening a child, key by key: what each role reads, and for how long (interface.md C.1)."""

from tests.api.doors import (
    DESK,
    REASON,
    ROW,
    SOCIAL_CARE,
    child_line,
    find,
    opening,
    problem_of,
    without_ids,
)

NAME = {"use", "given", "family"}
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


def test_opening_answers_exactly_what_was_agreed(doors):
    answer = doors.with_hannah().opened("dana")
    body = answer.get_json()
    assert body.keys() == CHILD - {"unspecifiedSensitiveService"}
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
    assert find(doors).get_json()["results"][0]["deceased"] is True
    assert doors.opened().get_json()["status"] == "DECEASED_HOLD"


def test_a_handle_is_good_for_its_finder_and_for_15_minutes(doors):
    doors.with_hannah()
    handle = find(doors).get_json()["results"][0]["handle"]
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
    handle = find(doors).get_json()["results"][0]["handle"]
    message = opening(handle, identityConfirmed=False)
    answer = doors.persona("melanie").post("/children/open", message)
    problem_of(answer, 422, "identity_not_confirmed")
    for lookalike in ("true", 1, "yes", None):
        message = opening(handle, identityConfirmed=lookalike)
        problem_of(doors.persona("melanie").post("/children/open", message), 422, "invalid")


def test_every_answer_says_that_nothing_may_be_kept(doors):
    doors.with_hannah()
    melanie = doors.persona("melanie")
    answers = [
        doors.opened(),
        find(doors),
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


def test_reasons_are_never_answered_back(doors):
    body = doors.with_hannah().opened().text
    assert REASON["reasonText"] not in body
    assert "reason" not in doors.opened().get_json()


def test_the_specialist_marker_is_for_those_who_may_see_it(doors):
    doors.with_hannah()
    assert doors.opened("melanie").get_json()["unspecifiedSensitiveService"] is None
    for other in ("dana", "sol", "ravi"):
        assert "unspecifiedSensitiveService" not in doors.opened(other).get_json()
