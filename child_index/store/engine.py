"""Where SQLite and PostgreSQL differ: connecting, pragmas, how a visit begins, upserts."""

import fcntl
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

SQLITE_PRAGMAS: Mapping[str, str] = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": "on",
    "secure_delete": "on",
    "busy_timeout": "30000",
    "cache_size": "-65536",
    "temp_store": "memory",
}
"""What every SQLite connection is set to; the first four are promises (C-R4), tested."""

_POSTGRES_OPTIONS = "-c timezone=UTC -c lock_timeout=20s -c statement_timeout=60s"
_POOL = {"pool_size": 12, "max_overflow": 8, "pool_timeout": 30}
_threads = threading.Lock()

MATCHING_LANE = 7_002
"""The lane of everything that links source records to child records."""


def connect(url: str) -> Engine:
    """Return an engine for the store at ``url``; nothing is opened yet.

    Parameters never appear in exceptions or logs (``hide_parameters``): they are personal data.
    """
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, hide_parameters=True, **_POOL)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin)
        return engine
    return create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={"options": _POSTGRES_OPTIONS},
        **_POOL,
    )


def _prepare_sqlite(dbapi_connection: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own
    """Leave beginning to us (``isolation_level = None``) and set the pragmas."""
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for name, value in SQLITE_PRAGMAS.items():
        cursor.execute(f"PRAGMA {name} = {value}")
    cursor.close()


def _begin(conn: Connection) -> None:
    """Take the write lock at once: a visit that read first could never upgrade (engines.md 6c)."""
    is_reading = conn.get_execution_options().get("reading", False)
    conn.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection for what touches no child (is the store there? is the audit whole?).

    It takes no lock and writes nothing; on SQLite a write through it may be refused as locked.
    """
    with engine.connect().execution_options(reading=True) as conn:
        yield conn


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction: committed on leaving, rolled back on any exception.

    On SQLite all writers of all processes queue on one blocking file lock before they begin:
    SQLite's own busy handler sleeps instead, and its p99 is seven times longer (engines.md 6c).
    """
    if engine.dialect.name != "sqlite":
        with engine.begin() as conn:
            yield conn
        return
    with _threads, _file_lock(Path(engine.url.database or "")), engine.begin() as conn:
        yield conn


@contextmanager
def _file_lock(database: Path) -> Iterator[None]:
    descriptor = os.open(database.with_name("write.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def queue_up(conn: Connection, lane: int) -> None:
    """Wait until no other transaction is in the same lane; leaves it at commit or rollback.

    On SQLite every visit is alone already. On PostgreSQL the matcher needs it: two deliveries of
    the same unknown child at once would each find nobody and make two child records.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:lane)"), {"lane": lane})


def upsert(
    conn: Connection,
    table: Table,
    rows: Sequence[Mapping[str, object]],
    *,
    key: Sequence[str],
    update: Sequence[str] = (),
) -> None:
    """Insert ``rows``; where ``key`` is taken, set the columns of ``update``, or leave the row."""
    if not rows:
        return
    insert = (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(table)
    if update:
        statement = insert.on_conflict_do_update(
            index_elements=list(key), set_={name: insert.excluded[name] for name in update}
        )
    else:
        statement = insert.on_conflict_do_nothing(index_elements=list(key))
    conn.execute(statement, list(rows))
