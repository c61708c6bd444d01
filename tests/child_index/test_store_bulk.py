"""The quick way into the tables keeps what the slow way would, on both stores."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select

from child_index.records import Feed, SourceId
from child_index.store import blocking, engine, feeds
from child_index.store.bulk import insert_rows, is_among
from child_index.store.tables import involvement, source_record
from tests.factories import AT

ROW = {
    "feed": "gp",
    "source_record_id": "a",
    "version": 2**62,
    "content_digest": "c",
    "identity_digest": "i",
    "is_withdrawn": False,
    "is_doubted": True,
    "death_date": date(2026, 1, 2),
    "person": "{}",
    "first_received_at": datetime(2026, 7, 1, 9, 30, tzinfo=timezone(timedelta(hours=1))),
    "last_received_at": datetime(2026, 7, 1, 9, 30, 15, 250, tzinfo=UTC),
    "last_confirmed_on": date(2026, 11, 23),
    "sex": None,
}


@pytest.fixture
def conn(store_url):
    opened = engine.connect(store_url)
    with engine.transaction(opened) as conn:
        feeds.register(conn, Feed(name="gp", organisation="GP", state="draft"), AT)
        yield conn
    opened.dispose()


def test_a_row_put_in_by_either_way_reads_the_same(conn):
    conn.execute(insert(source_record), [ROW])
    quick = ROW | {"source_record_id": "b"}
    columns = tuple(reversed(quick))
    insert_rows(conn, source_record, columns, [tuple(quick[name] for name in columns)])
    slow, fast = conn.execute(select(source_record).order_by(source_record.c.id)).all()
    same = {"id": 0, "source_record_id": ""}
    assert slow._asdict() | same == fast._asdict() | same
    assert fast.first_received_at == ROW["first_received_at"]


def test_no_rows_are_no_statement(conn):
    insert_rows(conn, involvement, ("id",), [])


def test_one_of_many_values_is_found_by_number_and_by_text(conn):
    rows = [tuple((ROW | {"source_record_id": name}).values()) for name in ("a", "b", "é'%")]
    insert_rows(conn, source_record, tuple(ROW), rows)

    def found(column, values):
        query = select(source_record.c.source_record_id).where(is_among(conn, column, values))
        return sorted(conn.execute(query).scalars())

    assert found(source_record.c.source_record_id, ["b", "é'%", "?"]) == ["b", "é'%"]
    assert found(source_record.c.id, [1, 3, 99]) == ["a", "é'%"]
    assert found(source_record.c.id, []) == []


def test_a_key_is_kept_as_a_number_that_fits_and_stands_for_one_text_alone(conn):
    insert_rows(conn, source_record, tuple(ROW), [tuple(ROW.values())])
    numbers = {blocking.key_number(f"nd|hannah|{n}") for n in range(1_000)}
    assert len(numbers) == 1_000
    assert all(-(2**63) <= number < 2**63 for number in numbers)
    blocking.add(conn, {SourceId(1): numbers})
    assert blocking.children_under(conn, numbers) == {}
    blocking.remove(conn, [SourceId(1)])
