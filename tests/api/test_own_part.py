"""A practitioner's own part in a child's record: involvement, lead, outcome."""

import pytest

from tests.api.doors import (
    ROW,
    problem_of,
    without_ids,
)


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
