"""The stewards' endpoints, key by key (interface.md C.1)."""

import pytest

from tests.api.doors import SOCIAL_CARE, SQLITE, child_line, problem_of, without_ids

ITEM = {"id", "kind", "state", "version", "raisedAt", "because", "matchWeight", "feeds"}
TASK = {
    "id",
    "kind",
    "state",
    "version",
    "raisedAt",
    "because",
    "records",
    "evidence",
    "priorWeight",
    "totalWeight",
    "warnings",
    "earlierDecisions",
}
RECORD = {
    "side",
    "feed",
    "organisation",
    "sourceRecordId",
    "lastConfirmedOn",
    "names",
    "birthDate",
    "sex",
    "identifiers",
    "address",
    "carers",
    "education",
}
SAME = {"decision": "same", "reason": "same_family", "note": "rang both agencies"}


@pytest.fixture
def dana(doors):
    """A steward, with one question: two records that agree in all but a verified NHS number."""
    doors.with_hannah()
    doors.register("gp", "nhs")
    another = [{"scheme": "nhs", "value": "9990000026", "status": "verified"}]
    doors.deliver("gp", child_line("g-1", identifiers=another, involvements=[]))
    return doors.persona("dana")


def the_question(dana):
    (item,) = dana.get("/reviews").get_json()["items"]
    return dana.get(f"/reviews/{item['id']}")


def test_the_queue_answers_exactly_what_was_agreed(dana):
    answer = dana.get("/reviews")
    assert answer.status_code == 200
    body = answer.get_json()
    assert body.keys() == {"items", "next"}
    assert body["next"] is None
    (item,) = body["items"]
    assert item.keys() == ITEM
    assert item["state"] == "waiting"
    assert isinstance(item["id"], str)


def test_a_question_answers_exactly_what_was_agreed(dana):
    answer = the_question(dana)
    assert answer.status_code == 200
    body = answer.get_json()
    assert body.keys() == TASK
    assert answer.headers["ETag"] == f'"{body["version"]}"'
    assert {record["feed"] for record in body["records"]} == {SOCIAL_CARE, "gp"}
    for record in body["records"]:
        assert record.keys() == RECORD
    for row in body["evidence"]:
        assert row.keys() == {"field", "label", "left", "right", "matchWeight"}
    total = body["priorWeight"] + sum(row["matchWeight"] for row in body["evidence"])
    assert total == pytest.approx(body["totalWeight"], abs=1e-9)


def decide(dana, message=SAME, etag=None, **more):
    question = the_question(dana)
    return dana.post(
        f"/reviews/{question.get_json()['id']}/decisions",
        message,
        headers={"If-Match": etag or question.headers["ETag"]},
        **more,
    )


def test_a_decision_answers_exactly_what_was_agreed(dana, doors):
    question = the_question(dana).get_json()
    answer = decide(dana)
    assert answer.status_code == 201
    body = answer.get_json()
    assert body.keys() == {"decisionId", "reviewId", "version", "effects"}
    assert body["reviewId"] == question["id"]
    assert answer.headers["ETag"] == f'"{body["version"]}"'
    assert all(isinstance(count, int) for count in body["effects"].values())
    assert dana.get("/reviews").get_json() == {"items": [], "next": None}
    settled = dana.get(f"/reviews/{question['id']}").get_json()
    assert settled.keys() == TASK | {"decidedBy", "outcome"}
    assert (settled["state"], settled["decidedBy"]) == ("settled", "dana")
    (earlier,) = settled["earlierDecisions"]
    assert earlier.keys() == {"decisionId", "kind", "reason", "decidedBy", "decidedAt"}


def test_a_decision_is_taken_once(dana, doors):
    question = the_question(dana)
    assert decide(dana).status_code == 201
    again = doors.persona("dev").post(
        f"/reviews/{question.get_json()['id']}/decisions",
        SAME,
        headers={"If-Match": question.headers["ETag"]},
    )
    problem = problem_of(again, 409, "already_decided")
    assert problem["decidedBy"] == "dana"


def test_a_decision_names_the_version_it_was_taken_on(dana):
    number = the_question(dana).get_json()["id"]
    problem_of(dana.post(f"/reviews/{number}/decisions", SAME), 428, "version_required")
    problem_of(decide(dana, etag='"99"'), 412, "out_of_date")
    problem_of(decide(dana, etag='W/"1"'), 412, "out_of_date")


@SQLITE
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"decision": "perhaps"}, "/decision"),
        ({"reason": "a feeling"}, "/reason"),
        ({"note": "x" * 501}, "/note"),
        ({"note": 7}, "/note"),
        ({"grouping": []}, "/grouping"),
        ({"reason": None}, "/reason"),
    ],
)
def test_a_decision_in_other_words_is_refused(dana, change, pointer):
    problem = problem_of(decide(dana, SAME | change), 422, "invalid")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_a_question_left_for_later_waits_on(dana):
    before = the_question(dana).get_json()["version"]
    assert decide(dana, SAME | {"decision": "defer", "reason": "other"}).status_code == 201
    assert the_question(dana).get_json()["version"] > before


def test_a_question_that_is_none_is_not_there(dana):
    paths = ["/reviews/999999", "/reviews/0", "/reviews/x", "/reviews/" + "9" * 30, "/reviews/-1"]
    answers = [dana.get(path) for path in paths]
    problem_of(answers[0], 404, "not_found")
    assert len({without_ids(answer) for answer in answers}) == 1


def test_the_queue_comes_page_by_page(dana, doors):
    another = [{"scheme": "nhs", "value": "9990000034", "status": "verified"}]
    doors.deliver("gp", child_line("g-2", identifiers=another, involvements=[]), sequence=2)
    every = [item["id"] for item in dana.get("/reviews").get_json()["items"]]
    assert len(every) > 1
    seen, following = [], "/api/v1/reviews?limit=1"
    while following:
        page = dana.get(following).get_json()
        assert len(page["items"]) <= 1
        seen += [item["id"] for item in page["items"]]
        following = page["next"]
    assert seen == every


@SQLITE
@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "cursor=x", "cursor=YWZ0ZXI6eA", "cursor=é"]
)
def test_a_page_that_is_none_is_refused(dana, query):
    problem_of(dana.get(f"/reviews?{query}"), 422, "invalid")


@SQLITE
@pytest.mark.parametrize("query", ["name=Hannah", "limit=1&limit=2", "limit=1&state=all", "&", "="])
def test_nothing_else_is_asked_by_the_address(dana, query):
    answer = dana.get(f"/reviews?{query}")
    problem_of(answer, 400, "query_not_allowed")
    assert "Hannah" not in answer.text
