"""The gate: who, may, one transaction, and never without an audit line."""

import pytest
from sqlalchemy import create_engine, insert, select, text

from child_index.access import Permission
from child_index.errors import NotAllowed, NotFound, Unavailable
from child_index.gate import Unaudited
from child_index.records import Role
from child_index.store import audit
from child_index.store.tables import audit_event, child
from tests.factories import AT, caller

BREAK = {
    "sqlite": (
        "CREATE TRIGGER broken BEFORE INSERT ON audit_event "
        "BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'disk full'; END $$",
        "CREATE TRIGGER broken BEFORE INSERT ON audit_event EXECUTE FUNCTION broken()",
    ),
}


@pytest.fixture
def break_audit(settings):
    """Make every insert into the audit fail from now on."""

    def do() -> None:
        engine = create_engine(settings.url)
        with engine.begin() as conn:
            for statement in BREAK[engine.dialect.name]:
                conn.execute(text(statement))
        engine.dispose()

    return do


def rows(index, query):
    with index.admit(caller(), Permission.CHILD_SEARCH) as visit:
        found = visit.conn.execute(query).all()
        visit.record("read-by-a-test")
    return found


def add_child(index, *, line="child:opened", then=None):
    """One visit that adds a child, leaves ``line`` in the audit, and may end by raising."""
    with index.admit(caller(), Permission.CHILD_READ) as visit:
        visit.conn.execute(insert(child).values(index_number="X", created_at=AT))
        if line is not None:
            visit.record(line)
        if then is not None:
            raise then


def test_a_visit_without_an_audit_line_is_a_fault_and_keeps_nothing(index):
    with pytest.raises(Unaudited):
        add_child(index, line=None)
    assert rows(index, select(child.c.id)) == []


def test_a_visit_that_fails_keeps_nothing_of_its_work_or_its_audit(index):
    with pytest.raises(ZeroDivisionError):
        add_child(index, then=ZeroDivisionError())
    assert rows(index, select(child.c.id)) == []
    assert rows(index, select(audit_event.c.id).where(audit_event.c.action == "child:opened")) == []


def test_a_refusal_is_written_down_with_its_code_and_raised_again(index):
    with pytest.raises(NotFound):
        add_child(index, then=NotFound())
    found = rows(index, select(audit_event.c.action, audit_event.c.outcome))
    assert ("refused:child:read", "not_found") in [tuple(row) for row in found]
    assert rows(index, select(child.c.id)) == []


def test_who_may_not_is_refused_before_anything_is_read_and_that_is_written_down(index):
    entered = False
    with (
        pytest.raises(NotAllowed),
        index.admit(caller(role=Role.AUDITOR), Permission.CHILD_SEARCH),
    ):
        entered = True
    assert not entered
    found = rows(index, select(audit_event.c.action, audit_event.c.outcome))
    assert ("refused:child:search", "not_allowed") in [tuple(row) for row in found]


def test_an_audit_that_cannot_be_written_refuses_and_keeps_nothing(index, break_audit):
    break_audit()
    with pytest.raises(Unavailable):
        add_child(index)
    assert index.count_audit().rows == 0


def test_the_store_says_what_it_was_asked_to_be(index):
    with index.admit(caller(), Permission.CHILD_SEARCH) as visit:
        visit.record("read-by-a-test")
        if visit.conn.dialect.name == "sqlite":
            pragmas = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
            held = {n: visit.conn.exec_driver_sql(f"PRAGMA {n}").scalar() for n in pragmas}
            assert held == pragmas
            assert visit.conn.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
        else:
            names = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
            held = {n: visit.conn.exec_driver_sql(f"SHOW {n}").scalar() for n in names}
            assert held == dict.fromkeys(names, "on")


def test_a_changed_and_a_missing_audit_row_are_both_noticed(index):
    for _ in range(5):
        rows(index, select(child.c.id))
    assert index.count_audit().first_bad is None
    with index.admit(caller(), Permission.CHILD_SEARCH) as visit:
        visit.record("first-line")
        visit.record("second-line")
    with index.admit(caller(), Permission.CHILD_SEARCH) as visit:
        visit.conn.execute(
            audit_event.update().where(audit_event.c.id == 3).values(actor="somebody-else")
        )
        visit.record("tampered")
    assert index.count_audit().first_bad == 3
    with index.admit(caller(), Permission.CHILD_SEARCH) as visit:
        visit.conn.execute(
            audit_event.update().where(audit_event.c.id == 3).values(actor="melanie")
        )
        visit.conn.execute(audit_event.delete().where(audit_event.c.action == "second-line"))
        visit.record("tampered")
    assert index.count_audit().first_bad == 6


def test_criteria_and_reasons_are_kept_encrypted(index):
    with index.admit(caller(), Permission.CHILD_SEARCH) as visit:
        visit.record("search:near", criteria="Hannah Marsh")
    (row,) = rows(index, select(audit_event).where(audit_event.c.action == "search:near"))
    assert b"Hannah" not in row.criteria
    assert index.keys.decrypt(row.criteria) == "Hannah Marsh"
    assert index.keys.decrypt(row.purpose_text) == "falling behind, missing lessons"
    with index.admit(caller(), Permission.CHILD_SEARCH) as visit:
        visit.record("read-by-a-test")
        asked = {"actor": "melanie", "action": "search:near", "since": AT}
        digest = index.keys.digest("Hannah Marsh")
        assert audit.has_searched(visit.conn, criteria_digest=digest, **asked)
        assert not audit.has_searched(visit.conn, criteria_digest="other", **asked)
