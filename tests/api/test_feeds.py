"""The feeds' endpoints: what is taken, what is refused, what is told (interface.md C.1)."""

import csv
import gzip
import io
import json

import pytest
from gunicorn.http.errors import InvalidChunkSize, NoMoreData

from api.schemas.feeds import neutralised
from child_index.answers import Receipt
from tests.api.doors import (
    CSV,
    DESK,
    NDJSON,
    SOCIAL_CARE,
    SQLITE,
    batch_of,
    child_line,
    problem_of,
    without_ids,
)

BATCH = {"id", "state", "counts", "percent", "heldBecause"}
COUNTS = {"received", "accepted", "unchanged", "superseded", "rejected"}
CSV_FILE = (
    b"source_record_id,version,given_names,family_name,date_of_birth,involvement_id,service_type,"
    b"organisation,contact_kind,contact_name,phone,started_on\r\n"
    b'7731,1,Hannah,Marsh,2011-05-14,i-1,SOCIAL_CARE,"Northam, Social Work",TEAM,Duty desk,'
    b"+441134960101,2025-09-01\r\n"
)
CSV_HEADERS = {"Index-Sequence": "1", "Index-Mode": "delta", "Index-Count": "1"}


@pytest.fixture
def feed(doors):
    """Social care's own system."""
    doors.register(SOCIAL_CARE, "nhs", organisation=DESK["organisation"])
    return doors.persona(f"feed:{SOCIAL_CARE}")


def test_a_batch_answers_exactly_what_was_agreed(doors, feed):
    answer = doors.send(SOCIAL_CARE, batch_of(child_line()))
    assert answer.status_code == 202
    body = answer.get_json()
    assert body.keys() == BATCH
    assert (body["state"], body["percent"]) == ("queued", 0)
    assert answer.headers["Location"] == f"/api/v1/feeds/{SOCIAL_CARE}/batches/{body['id']}"
    doors.apply()
    state = feed.get(answer.headers["Location"]).get_json()
    assert state.keys() == BATCH
    assert state["counts"].keys() == COUNTS
    assert state["counts"] == dict.fromkeys(COUNTS, 0) | {"received": 1, "accepted": 1}
    assert (state["state"], state["percent"], state["heldBecause"]) == ("loaded", 100, None)


def test_receipts_come_in_the_order_sent_and_say_what_to_mend(doors, feed):
    notes = child_line("7732") | {"notes": "mother ill"}
    unborn = child_line("7733", birthDate="2011-02-31", identifiers=[])
    sent = doors.send(SOCIAL_CARE, batch_of(child_line(), notes, unborn))
    place = sent.headers["Location"]
    problem_of(feed.get(f"{place}/receipts"), 409, "not_finished")
    doors.apply()
    answer = feed.get(f"{place}/receipts")
    assert (answer.status_code, answer.mimetype) == (200, NDJSON)
    receipts = [json.loads(line) for line in answer.text.splitlines()]
    assert [receipt["line"] for receipt in receipts] == [2, 3, 4]
    for receipt in receipts:
        assert receipt.keys() == {"line", "sourceRecordId", "outcome", "problems"}
    assert [receipt["outcome"] for receipt in receipts] == ["accepted", "rejected", "rejected"]
    (problem,) = receipts[1]["problems"]
    assert problem.keys() == {"pointer", "code", "detail"}
    assert problem["code"] == "forbidden_field:notes"
    assert "mother ill" not in answer.text
    assert feed.get(place).get_json()["state"] == "partly-loaded"


def test_receipts_come_as_csv_to_whoever_asks_for_it(doors, feed):
    place = doors.deliver(SOCIAL_CARE, child_line("=1+1"))
    answer = feed.get(f"{place}/receipts", headers={"Accept": CSV})
    assert answer.mimetype == CSV
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["line", "source_record_id", "outcome", "problems"]
    assert rows[1][:3] == ["2", "'=1+1", "accepted"]


@SQLITE
@pytest.mark.parametrize("accept", ["text/html", "application/json", "image/*", "text/csv;q=0"])
def test_receipts_come_in_no_other_form(doors, feed, accept):
    place = doors.deliver(SOCIAL_CARE, child_line())
    answer = feed.get(f"{place}/receipts", headers={"Accept": accept})
    problem_of(answer, 406, "not_acceptable")


def test_no_cell_starts_a_formula_and_every_mark_can_be_taken_away():
    for cell in ("=A1", "+1", "-1", "@x", "\tx", "\rx", "'x", "x", "", "7731"):
        shown = neutralised(cell)
        assert not shown.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert (shown[1:] if shown.startswith("'") else shown) == cell


def test_a_csv_is_taken_with_its_header_beside_it(doors, feed):
    answer = doors.send(SOCIAL_CARE, CSV_FILE, media_type=CSV, headers=CSV_HEADERS)
    assert answer.status_code == 202, answer.text
    doors.apply()
    assert feed.get(answer.headers["Location"]).get_json()["state"] == "loaded"


@SQLITE
@pytest.mark.parametrize("header", CSV_HEADERS)
@pytest.mark.parametrize("value", ["x", "-1", "1.5", "9" * 30, "²", ""])
def test_a_csv_header_that_is_none_is_refused(doors, feed, header, value):
    headers = CSV_HEADERS | {header: value}
    answer = doors.send(SOCIAL_CARE, CSV_FILE, media_type=CSV, headers=headers)
    assert answer.status_code == 422, answer.text


def test_a_compressed_batch_is_taken(doors, feed):
    body = gzip.compress(batch_of(child_line()))
    answer = doors.send(SOCIAL_CARE, body, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 202


def test_the_same_batch_again_is_the_same_batch(doors, feed):
    body = batch_of(child_line())
    first, again = doors.send(SOCIAL_CARE, body), doors.send(SOCIAL_CARE, body)
    assert again.status_code == 202
    assert again.headers["Location"] == first.headers["Location"]
    doors.apply()
    third = doors.send(SOCIAL_CARE, body)
    assert (third.status_code, third.get_json()["state"]) == (202, "loaded")


def test_a_repeated_or_a_missing_sequence_is_told_what_was_expected(doors, feed):
    doors.deliver(SOCIAL_CARE, child_line())
    other = doors.send(SOCIAL_CARE, batch_of(child_line("7732")))
    assert problem_of(other, 409, "sequence_repeated")
    gap = doors.send(SOCIAL_CARE, batch_of(child_line("7732"), sequence=4))
    assert problem_of(gap, 409, "sequence_gap")["expected"] == 2


@pytest.mark.parametrize(
    ("mend", "status"),
    [
        (lambda body: body[: len(body) // 2], 400),
        (lambda body: body[: body.rindex(b'{"type": "trailer"')], 422),
        (lambda body: body.replace(b'"count": 1', b'"count": 2'), 422),
        (lambda body: body.replace(b'"delta"', b'"epsilon"'), 422),
        (lambda body: b"", 400),
        (lambda body: b"\xff\xfe" + body, 422),
        (gzip.compress, 422),
    ],
    ids=["cut", "no-trailer", "count", "mode", "empty", "bytes", "gzip-untold"],
)
def test_a_batch_with_a_fault_is_refused_and_nothing_of_it_is_kept(doors, feed, mend, status):
    answer = doors.send(SOCIAL_CARE, mend(batch_of(child_line())))
    assert answer.status_code == status, answer.text
    assert feed.get(f"/feeds/{SOCIAL_CARE}").get_json()["lastSequence"] == 0
    assert doors.send(SOCIAL_CARE, batch_of(child_line())).status_code == 202


@SQLITE
@pytest.mark.parametrize("digest", [None, "sha-256=:AAAA:", "md5=:x:", f"sha-256=:{'A' * 43}=:"])
def test_a_batch_without_its_digest_is_refused(doors, feed, digest):
    headers = {"Content-Digest": digest} if digest else {}
    answer = feed.ask(
        "POST",
        f"/feeds/{SOCIAL_CARE}/batches",
        data=batch_of(child_line()),
        headers={"Content-Type": NDJSON} | headers,
    )
    problem_of(
        answer, 422, "digest_mismatch" if digest and "A" * 43 in digest else "digest_missing"
    )


def arriving(stream, length):
    """A body as the server hands it over: whatever came, under the length announced."""
    return {
        "wsgi.input": stream,
        "CONTENT_LENGTH": str(length),
        "wsgi.input_terminated": True,
    }


def test_a_half_uploaded_body_is_refused_and_can_be_sent_again(doors, feed):
    body = batch_of(child_line())
    for kept in (0, 1, len(body) // 2, len(body) - 1):
        answer = feed.ask(
            "POST",
            f"/feeds/{SOCIAL_CARE}/batches",
            content_type=NDJSON,
            environ_overrides=arriving(io.BytesIO(body[:kept]), len(body)),
        )
        problem_of(answer, 400, "malformed")
    assert doors.send(SOCIAL_CARE, body).status_code == 202


def test_a_half_uploaded_message_is_refused(doors):
    message = json.dumps({"personSpecification": {}}).encode()
    answer = doors.persona("melanie").ask(
        "POST",
        "/searches",
        content_type="application/json",
        environ_overrides=arriving(io.BytesIO(message), len(message) + 9),
    )
    problem_of(answer, 400, "malformed")


class _Broken(io.RawIOBase):
    """A sender who hangs up, or whose chunks are none."""

    def __init__(self, error):
        self._error = error

    def readable(self):
        return True

    def readinto(self, _buffer):
        raise self._error


@SQLITE
@pytest.mark.parametrize("error", [ConnectionResetError(), NoMoreData(), InvalidChunkSize(b"x")])
def test_a_broken_connection_is_no_fault_of_ours(feed, error):
    answer = feed.ask(
        "POST",
        f"/feeds/{SOCIAL_CARE}/batches",
        content_type=NDJSON,
        environ_overrides=arriving(_Broken(error), 100),
    )
    problem_of(answer, 400, "malformed")


@SQLITE
@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "", "application/xml"])
def test_a_batch_of_another_kind_is_refused(doors, feed, media_type):
    answer = doors.send(SOCIAL_CARE, batch_of(child_line()), media_type=media_type)
    problem_of(answer, 415, "unsupported_media_type")


@SQLITE
@pytest.mark.parametrize("media_type", ["text/plain", "", "application/x-www-form-urlencoded"])
def test_a_message_that_is_no_json_is_refused(doors, media_type):
    answer = doors.persona("melanie").ask(
        "POST", "/searches", data=b"{}", headers={"Content-Type": media_type}
    )
    problem_of(answer, 415, "unsupported_media_type")


@SQLITE
def test_a_message_too_large_is_refused(doors, feed):
    answer = doors.persona("melanie").post("/searches", {"reasonText": "x" * 300_000})
    problem_of(answer, 413, "too_large")
    put = feed.put(f"/feeds/{SOCIAL_CARE}/records/1", child_line(gp={"name": "x" * 300_000}))
    problem_of(put, 413, "too_large")


def test_a_feed_knows_of_itself_what_was_agreed(doors, feed):
    body = feed.get(f"/feeds/{SOCIAL_CARE}").get_json()
    assert body == {
        "feed": SOCIAL_CARE,
        "state": "accredited",
        "lastSequence": 0,
        "lastReceivedAt": None,
        "stale": True,
    }
    doors.deliver(SOCIAL_CARE, child_line())
    body = feed.get(f"/feeds/{SOCIAL_CARE}").get_json()
    assert (body["lastSequence"], body["stale"]) == (1, False)
    assert body["lastReceivedAt"] == "2026-11-23T09:00:00+00:00"
    assert doors.persona("fern").get(f"/feeds/{SOCIAL_CARE}").get_json() == body


def test_another_feeds_door_is_not_there(doors, feed):
    place = doors.deliver(SOCIAL_CARE, child_line())
    doors.register("gp")
    gp = doors.persona("feed:gp")
    answers = [
        gp.get(f"/feeds/{SOCIAL_CARE}"),
        gp.get("/feeds/nobody"),
        gp.get(place),
        gp.get(f"{place}/receipts"),
        gp.get(place.replace(SOCIAL_CARE, "gp")),
        doors.send("gp", batch_of(child_line()), to=SOCIAL_CARE),
        doors.send("gp", batch_of(child_line()), to="nobody"),
        gp.put(f"/feeds/{SOCIAL_CARE}/records/7731", child_line(version=9)),
        gp.ask("DELETE", f"/feeds/{SOCIAL_CARE}/records/7731", headers={"If-Match": '"1"'}),
        feed.get(f"/feeds/{SOCIAL_CARE}/batches/no-such-batch"),
        feed.get(f"/feeds/{SOCIAL_CARE}/batches/{'x' * 300}"),
    ]
    problem_of(answers[0], 404, "not_found")
    assert len({without_ids(answer) for answer in answers}) == 1


def put(feed, *, etag=None, **said):
    headers = {"If-Match": etag} if etag else {}
    line = child_line("7731", **said)
    line.pop("type")
    return feed.put(f"/feeds/{SOCIAL_CARE}/records/7731", line, headers=headers)


def test_one_record_is_put_and_withdrawn(doors, feed):
    new = put(feed)
    assert new.status_code == 201
    assert new.headers["ETag"] == '"1"'
    assert new.get_json().keys() == {"line", "sourceRecordId", "outcome", "problems"}
    assert new.get_json()["outcome"] == "accepted"
    again = put(feed)
    assert (again.status_code, again.get_json()["outcome"]) == (200, "unchanged")
    assert len(doors.opened().get_json()["involvements"]) == 1
    record = f"/feeds/{SOCIAL_CARE}/records/7731"
    problem_of(feed.ask("DELETE", record), 428, "version_required")
    stale = feed.ask("DELETE", record, headers={"If-Match": '"7"'})
    problem_of(stale, 412, "out_of_date")
    gone = feed.ask("DELETE", record, headers={"If-Match": '"1"'})
    assert (gone.status_code, gone.data) == (204, b"")
    problem_of(feed.ask("DELETE", record, headers={"If-Match": '"1"'}), 404, "not_found")


def test_a_record_put_on_what_was_not_seen_is_refused(feed):
    put(feed)
    problem_of(put(feed, version=2, etag='"9"'), 412, "out_of_date")
    assert put(feed, version=2, etag='"1"').headers["ETag"] == '"2"'


def test_a_record_with_a_fault_is_refused_with_its_places(feed):
    answer = put(feed, names=[], notes="mother ill")
    problem = problem_of(answer, 422, "record_rejected")
    assert problem["errors"]
    assert "mother ill" not in answer.text
    problem_of(put(feed, sourceRecordId="other"), 422, "id_differs")


def test_the_same_version_with_other_content_is_a_conflict(feed):
    put(feed)
    problem_of(put(feed, sex="male"), 409, "version_conflict")


def test_a_receipt_says_nothing_of_the_index():
    assert set(Receipt.__dataclass_fields__) == {"line", "source_record_id", "outcome", "problems"}


def test_a_batch_taken_in_nudges_the_worker(doors, feed):
    nudged = []
    doors.app.extensions["child_index_nudge"] = nudged.append
    answer = doors.send(SOCIAL_CARE, batch_of(child_line()))
    assert nudged == [answer.get_json()["id"]]
