"""A byte mutator over every endpoint: whatever comes in, no answer is a fault (C-I1)."""

import gzip
import json
import random
from urllib.parse import quote_from_bytes

from tests.api.doors import NDJSON, SOCIAL_CARE, batch_of, child_line, opening, search_for
from tests.doors import digest_of

SEED = 20261123
NASTY = (
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\\u0000",
    b"\\ud800",
    b"\xe2\x80\xae",
    b"9" * 40,
    b"-1",
    b"1e999",
    b"NaN",
    b"null",
    b"[]",
    b"{}",
    b'"',
    b"'",
    b"\\",
    b"%",
    b"\r\n",
    b"*",
    b"2011-02-30",
    b"0000-00-00",
    b"\xf0\x9f\x98\x80" * 30,
    b"a" * 5_000,
    b"[" * 2_000,
)
CSV_ROW = (
    b"source_record_id,version,given_names,family_name,date_of_birth\r\n"
    b"7731,1,Hannah,Marsh,2011-05-14\r\n"
)


def requests(doors):
    """Every endpoint once, as it is meant: who, method, address, headers, body."""
    child = doors.opened("john").get_json()
    ref, row = child["childRef"], child["involvements"][0]["involvementId"]
    card = doors.persona("melanie").post("/searches", search_for()).get_json()["results"][0]
    match = {"If-Match": '"1"'}
    entry = {"serviceType": "PASTORAL", "contactName": "John", "phone": "+441134960103"}
    decision = {"decision": "defer", "reason": "other", "note": "later"}
    record = {key: value for key, value in child_line("m-1").items() if key != "type"}
    feed, feeds = f"feed:{SOCIAL_CARE}", f"/api/v1/feeds/{SOCIAL_CARE}"
    csv = {"Index-Sequence": "2", "Index-Mode": "delta", "Index-Count": "1"}
    batch = batch_of(child_line("m-2"), sequence=2)
    children = f"/api/v1/children/{ref}"
    return [
        ("melanie", "POST", "/api/v1/searches", {}, search_for(mode="near", identifiers=[])),
        ("melanie", "POST", "/api/v1/children/open", {}, opening(card["handle"])),
        ("john", "POST", f"{children}/involvements", {}, entry),
        ("john", "PUT", f"{children}/involvements/{row}/end", match, {"endedOn": "2026-11-22"}),
        (
            "john",
            "PUT",
            f"{children}/involvements/{row}/family-informed",
            match,
            {"familyInformed": "yes"},
        ),
        ("john", "PUT", f"{children}/lead-professional", match, {"involvementId": row}),
        ("john", "POST", f"{children}/outcomes", {}, {"outcome": "not-needed"}),
        ("dana", "GET", "/api/v1/reviews?limit=1&cursor=YWZ0ZXI6MQ", {}, b""),
        ("dana", "GET", "/api/v1/reviews/1", {}, b""),
        ("dana", "POST", "/api/v1/reviews/1/decisions", match, decision),
        (feed, "GET", feeds, {}, b""),
        (feed, "POST", f"{feeds}/batches", {"Content-Type": NDJSON}, batch),
        (
            feed,
            "POST",
            f"{feeds}/batches",
            {"Content-Type": NDJSON, "Content-Encoding": "gzip"},
            gzip.compress(batch),
        ),
        (feed, "POST", f"{feeds}/batches", {"Content-Type": "text/csv"} | csv, CSV_ROW),
        (feed, "GET", f"{feeds}/batches/x", {}, b""),
        (feed, "GET", f"{feeds}/batches/x/receipts", {"Accept": "text/csv"}, b""),
        (feed, "PUT", f"{feeds}/records/m-1", match, record),
        (feed, "DELETE", f"{feeds}/records/m-1", match, b""),
        ("ada", "GET", "/healthz", {}, b""),
        ("ada", "GET", "/version", {}, b""),
        ("ada", "GET", "/problems/not_found", {"Accept": "text/html"}, b""),
        ("ada", "GET", "/api/v1/openapi.json", {}, b""),
    ]


def mutated(rng, data):
    """Some bytes changed, taken out, doubled, or replaced by something nasty."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        place = rng.randrange(len(data) + 1)
        how = rng.randrange(5)
        if how == 0 and data:
            data[min(place, len(data) - 1)] = rng.randrange(256)
        elif how == 1:
            del data[place : place + rng.choice((1, 2, 8, 64))]
        elif how == 2:
            data[place:place] = data[place : place + 32]
        elif how == 3:
            data[place:place] = rng.choice(NASTY)
        else:
            del data[place:]
    return bytes(data)


def sent(rng, request):
    """A request with its body, its address or one header mutated; the digest fits the body."""
    who, method, address, headers, message = request
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    headers = {"Content-Type": "application/json"} | headers if body else dict(headers)
    what = rng.randrange(8)
    if what <= 5 and body:
        body = mutated(rng, body)
    elif what == 6 or not headers:
        head, _, tail = address.rpartition("/")
        tail = quote_from_bytes(mutated(rng, tail.encode()), safe="/?&=%:@;,+")
        address = f"{head}/{tail.lstrip('/')}"  # two slashes in front would name a host
    else:
        name = rng.choice(sorted(headers))
        value = mutated(rng, headers[name].encode()).decode("latin-1")
        headers[name] = "".join(c for c in value if c not in "\r\n\0")
    if "batches" in address and rng.randrange(10):
        headers["Content-Digest"] = digest_of(body)
    return who, method, address, headers, body


def test_no_mutated_request_is_answered_with_a_fault(doors, count):
    number = count(500_000, quick=3_000, of="mutated requests")
    doors.with_hannah()
    doors.register("gp", "nhs")
    another = [{"scheme": "nhs", "value": "9990000026", "status": "verified"}]
    doors.deliver("gp", child_line("g-1", identifiers=another, involvements=[]))
    rng = random.Random(SEED)
    statuses = {}
    all_requests = requests(doors)
    people = {who: doors.persona(who) for who, *_ in all_requests}
    for turn in range(number):
        if turn % 20_000 == 19_999:  # children stay open for 15 minutes
            all_requests = requests(doors)
        who, method, address, headers, body = sent(rng, rng.choice(all_requests))
        answer = people[who].ask(method, address, data=body, headers=headers)
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        assert answer.status_code < 500, (turn, method, address, headers, body, answer.text)
    assert {200, 400, 404, 422} <= statuses.keys(), statuses
