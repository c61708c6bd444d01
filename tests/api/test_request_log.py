"""The log: one line a request, scalars only, and never whom anybody asked about (C-P4, T12)."""

import base64
import io
import json
import logging
import unicodedata
from urllib.parse import quote

import pytest

from api.request_log import NotScalar, open_log, take_over_logging
from tests.api.doors import (
    CSV,
    REASON,
    SOCIAL_CARE,
    SQLITE,
    batch_of,
    child_line,
    opening,
    search_for,
)

GIVEN, FAMILY = "Zéphyrine", "Quillfeather"
SECRETS = (
    GIVEN,
    FAMILY,
    "2012-07-31",
    "9990000034",
    "Q999400119009",
    "99 Canary Row",
    "XN9 9ZZ",
    "+441134960199",
    "canary@example.org",
    "Canary Desk",
    "canaries are singing",
)
PERSON = {"given": GIVEN, "family": FAMILY, "birthDate": "2012-07-31"}
LINE_KEYS = {
    "request_id",
    "method",
    "route",
    "status",
    "milliseconds",
    "actor",
    "event",
    "level",
    "timestamp",
}


def canary_line(source_record_id="c-1", **said):
    involvement = {
        "involvementId": "i-1",
        "version": 1,
        "serviceType": "SOCIAL_CARE",
        "organisation": "Northam",
        "contactKind": "PERSON",
        "contactName": "Canary Desk",
        "phone": "+441134960199",
        "email": "canary@example.org",
        "startedOn": "2025-09-01",
    }
    return child_line(
        source_record_id,
        names=[{"use": "usual", "given": [GIVEN], "family": FAMILY}],
        birthDate="2012-07-31",
        identifiers=[
            {"scheme": "nhs", "value": "9990000034"},
            {"scheme": "upn", "value": "Q999400119009"},
        ],
        address={"lines": ["99 Canary Row"], "postcode": "XN9 9ZZ", "kind": "current"},
        carers=[{"given": ["Carol"], "family": FAMILY, "phone": "+441134960199"}],
        involvements=[involvement],
        assessment=None,
        **said,
    )


def forms(secret):
    """The ways in which a secret could leave: as it is, folded, decomposed, encoded."""
    decomposed = unicodedata.normalize("NFD", secret)
    yield from (secret, secret.lower(), secret.upper(), decomposed, quote(secret))
    yield from (secret.encode("unicode-escape").decode(), repr(secret.encode())[2:-1])
    for encoding in ("utf-8", "utf-16-le"):
        yield base64.b64encode(secret.encode(encoding)).decode().rstrip("=")[:-2]
    yield secret.encode().hex()


def sing(doors):
    """Canaries through every endpoint: as they should be, refused, broken, in the wrong place."""
    doors.register(SOCIAL_CARE, "nhs")
    doors.deliver(SOCIAL_CARE, canary_line())
    why = REASON | {"reasonText": "canaries are singing"}
    melanie, dana = doors.persona("melanie"), doors.persona("dana")
    feed = doors.persona(f"feed:{SOCIAL_CARE}")
    found = melanie.post("/searches", search_for(PERSON) | why)
    handle = found.get_json()["results"][0]["handle"]
    child = melanie.post("/children/open", opening(handle) | why).get_json()["childRef"]
    mine = {"serviceType": "PASTORAL", "contactName": "Canary Desk", "phone": "+441134960199"}
    melanie.post(f"/children/{child}/involvements", mine)
    for someone in (melanie, dana, feed, doors.holding("x"), doors.persona("melanie", mfa=False)):
        for path in ("/searches", "/children/open", f"/children/{FAMILY}/outcomes"):
            someone.post(path, search_for(PERSON, **{FAMILY: GIVEN}))
            someone.post(path, {"handle": FAMILY, "outcome": FAMILY})
            someone.ask("POST", path, data=f'{{"given": "{GIVEN}', content_type="application/json")
        for path in (
            f"/nowhere/{FAMILY}",
            f"/reviews?family={FAMILY}",
            f"/reviews/{FAMILY}",
            f"/feeds/{FAMILY}/records/{GIVEN}",
            f"/problems/{FAMILY}",
            f"/children/{FAMILY}/involvements/{GIVEN}/end",
        ):
            for method in ("GET", "PUT", "DELETE", "POST", FAMILY.upper()):
                someone.ask(method, path, json=PERSON, headers={"X-Request-ID": FAMILY})
    bad = canary_line("c-2") | {"notes": "canaries are singing"}
    doors.send(SOCIAL_CARE, batch_of(bad, sequence=2))
    doors.apply()
    for body in (batch_of(bad)[:-40], f"source_record_id\n{FAMILY}\n".encode(), FAMILY.encode()):
        doors.send(SOCIAL_CARE, body, headers={"Index-Sequence": "3", "Index-Count": FAMILY})
        doors.send(SOCIAL_CARE, body, media_type=CSV, headers={"Index-Mode": FAMILY})
    feed.put(f"/feeds/{SOCIAL_CARE}/records/c-3", canary_line("c-3") | {"x": FAMILY})
    feed.put(f"/feeds/{SOCIAL_CARE}/records/{FAMILY}", canary_line(FAMILY))


def test_no_canary_is_ever_logged(doors, capfd, caplog):
    with caplog.at_level("DEBUG"):
        sing(doors)
    out, err = capfd.readouterr()
    logged = doors.log.getvalue() + out + err + caplog.text
    assert len(doors.log_lines()) > 100
    assert [s for s in SECRETS for form in forms(s) if form in logged] == []


def test_a_canary_is_left_in_no_file_but_the_stores(doors):
    sing(doors)
    kept = [
        path
        for path in doors.settings.home.rglob("*")
        if path.is_file() and not path.name.startswith("child_index.sqlite")
    ]
    held = {path.name: path.read_bytes() for path in kept}
    assert [
        name
        for name, content in held.items()
        for secret in SECRETS
        if secret.encode() in content or secret.encode("utf-16-le") in content
    ] == []


@SQLITE
def test_a_line_says_who_what_and_how_long_and_nothing_else(doors):
    doors.with_hannah()
    child = doors.opened().get_json()["childRef"]
    answer = doors.persona("melanie").post(
        f"/children/{child}/outcomes", {"outcome": "contacted-someone"}
    )
    line = doors.log_lines()[-1]
    assert line.keys() == LINE_KEYS
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert line["route"] == "/api/v1/children/<string:child_ref>/outcomes"
    assert (line["method"], line["status"], line["actor"]) == ("POST", 204, "melanie")
    assert child not in doors.log.getvalue()


@pytest.mark.parametrize("value", [{"a": 1}, ["x"], b"x", {"x"}, ("x",)], ids=repr)
def test_what_could_hold_a_record_is_not_logged(value):
    with pytest.raises(NotScalar):
        open_log(io.StringIO()).info("request", what=value)


@pytest.fixture
def process_log():
    """The standard library's logging taken over into memory, and given back."""
    root, ours = logging.getLogger(), logging.getLogger("child_index")
    before = root.handlers, root.level, ours.level
    stream = io.StringIO()
    take_over_logging(open_log(stream))
    yield stream
    root.handlers, level, own = before
    root.setLevel(level)
    ours.setLevel(own)


def test_what_the_worker_says_is_a_line_and_an_exceptions_text_is_not_in_it(process_log):
    logging.getLogger("child_index.jobs").info("batch applied", extra={"batch": "b-1", "x": FAMILY})
    try:
        raise RuntimeError(FAMILY)
    except RuntimeError:
        logging.getLogger("huey").exception("a task failed")
    logging.getLogger("huey").info("a task begins")
    applied, failed = (json.loads(line) for line in process_log.getvalue().splitlines())
    assert (applied["event"], applied["batch"]) == ("batch applied", "b-1")
    assert (failed["event"], failed["fault"]) == ("a task failed", "RuntimeError")
    assert "test_request_log.py" in failed["fault_at"]
    assert FAMILY not in process_log.getvalue()
