"""Every refusal has its status and its page; a fault says nothing but its number."""

import ast
import json

import pytest
from sqlalchemy import text

import api.rest.children
from api.problems import STATUS
from api.problems.catalogue import ENTRIES
from child_index import strict_json
from child_index.errors import Refused
from child_index.store import engine
from tests.api.doors import HANNAH, SQLITE, problem_of, search_for, without_ids
from tests.rules import house

KINDS = {kind.__name__: kind for kind in Refused.__subclasses__()}
TOLD = KINDS.keys() - {"NotFound"}
"""A NotFound is always the same one at the door, whatever it was made with."""
CARRIED = {"_invalid", "_require"}
"""In criteria.py the code is handed on by these."""


def codes_raised():
    """Every code a refusal is made with, read from the source."""
    for path in house.python_files("child_index", "api"):
        for node in ast.walk(ast.parse((house.ROOT / path).read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                carries = node.func.id in CARRIED and path.name == "criteria.py"
                if (node.func.id in TOLD or carries) and node.args:
                    yield from (a.value for a in node.args if isinstance(a, ast.Constant))


def test_every_kind_of_refusal_has_its_status():
    assert STATUS.keys() == set(KINDS.values())


def test_every_code_has_its_page():
    raised = {code for code in codes_raised() if isinstance(code, str) and code.isidentifier()}
    own = {kind.code for kind in KINDS.values()}
    unreadable = {"not_json", "duplicate_key", "too_deep", "not_a_number", "number_too_large"}
    assert all(code in strict_json.parse.__doc__ for code in unreadable)
    assert raised | own | unreadable <= ENTRIES.keys()


def test_no_page_is_for_nothing():
    source = "".join(
        (house.ROOT / path).read_text()
        for path in house.python_files("child_index", "api")
        if path.parent.name != "problems" or path.name == "__init__.py"
    )
    assert [code for code in ENTRIES if f'"{code}"' not in source] == []


def test_titles_and_advice_are_sentences_for_people():
    for code, entry in ENTRIES.items():
        assert entry.title
        assert not entry.title.endswith("."), code
        assert entry.advice.endswith((".", ":")), code


@SQLITE
@pytest.mark.parametrize("code", ENTRIES)
def test_the_page_of_a_problem_is_there_for_programs_and_for_people(doors, code):
    client = doors.app.test_client()
    told = client.get(f"/problems/{code}")
    assert told.get_json() == {
        "code": code,
        "title": ENTRIES[code].title,
        "advice": ENTRIES[code].advice,
    }
    page = client.get(f"/problems/{code}", headers={"Accept": "text/html"})
    assert page.mimetype == "text/html"
    assert f"<code>{code}</code>" in page.text


@SQLITE
def test_a_page_that_is_none_is_not_there(doors):
    problem_of(doors.app.test_client().get("/problems/<b>x<b>"), 404, "not_found")


@SQLITE
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nowhere"),
        ("POST", "/children/x/nothing"),
        ("GET", "//api/v1/reviews"),
        ("GET", "/"),
    ],
)
def test_an_address_that_is_none_looks_like_a_child_that_is_none(doors, method, path):
    melanie = doors.persona("melanie")
    nowhere = melanie.ask(method, path)
    problem_of(nowhere, 404, "not_found")
    no_child = melanie.post("/children/x/outcomes", {"outcome": "not-needed"})
    assert without_ids(nowhere) == without_ids(no_child)


@SQLITE
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1e}',
        b"\xff\xfe{}",
        b'{"a":"\xed\xa0\x80"}',
        b"[" * 100_000,
        b'{"a":' * 20_000,
        b'{"a":' + b"9" * 5_000 + b"}",
        b"\xef\xbb\xbf{}",
        b'{"a":"\x00"}',
        b"{}{}",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_message_that_cannot_be_read_is_told_so(doors, body):
    answer = doors.persona("melanie").ask(
        "POST", "/searches", data=body, content_type="application/json"
    )
    problem_of(answer, 400, "malformed")


@SQLITE
@pytest.mark.parametrize(
    "sent", ["", "1", "x" * 500, "{0e37df36-f698-11e6-8dd4-cb9ced3df976}", "\x7f"]
)
def test_a_request_id_that_is_none_is_replaced(doors, sent):
    answer = doors.persona("melanie").get("/reviews", headers={"X-Request-ID": sent})
    assert answer.headers["X-Request-ID"] != sent
    problem_of(answer, 403, "not_allowed")


@SQLITE
def test_every_request_has_its_own_id(doors):
    melanie = doors.persona("melanie")
    ids = {melanie.get("/reviews").headers["X-Request-ID"] for _ in range(20)}
    assert len(ids) == 20


@SQLITE
def test_a_fault_of_ours_tells_its_number_and_nothing_else(doors, monkeypatch):
    def fail(*_args, **_more):
        raise RuntimeError("Hannah Marsh, 7 Alder Court")

    monkeypatch.setattr(api.rest.children.search, "find_children", fail)
    answer = doors.persona("melanie").post("/searches", search_for())
    problem_of(answer, 500, "fault")
    assert "Hannah" not in answer.text
    (line,) = [line for line in doors.log_lines() if line["status"] == 500]
    assert line["fault"] == "RuntimeError"
    assert "children.py" in line["fault_at"]
    assert line["request_id"] == answer.get_json()["instance"]
    assert "Hannah" not in doors.log.getvalue()
    assert "Marsh" not in doors.log.getvalue()


def test_when_the_audit_cannot_be_written_nothing_is_shown(doors, store_url):
    doors.with_hannah()
    opened = engine.connect(store_url)
    with engine.transaction(opened) as conn:
        conn.execute(text("ALTER TABLE audit_event RENAME TO mislaid"))
    melanie = doors.persona("melanie")
    answer = melanie.post("/searches", search_for(HANNAH))
    problem = problem_of(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert doors.settings.duty_desk_phone in problem["detail"]
    assert "Hannah" not in answer.text
    assert "fault" not in problem
    # Even a refusal is not given away unwritten.
    problem_of(melanie.get("/reviews"), 503, "unavailable")
    with engine.transaction(opened) as conn:
        conn.execute(text("ALTER TABLE mislaid RENAME TO audit_event"))
    opened.dispose()
    assert melanie.post("/searches", search_for(HANNAH)).get_json()["results"]


@SQLITE
def test_what_a_refusal_carries_along_is_answered(doors):
    body = json.dumps({"type": "header"}).encode()
    doors.register("gp")
    answer = doors.send("gp", body + b"\n" + b"\xff\n")
    assert answer.status_code in {400, 422}
    assert answer.get_json().keys() >= {"type", "title", "status", "detail", "instance", "errors"}
