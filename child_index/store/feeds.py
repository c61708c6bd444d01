"""Feeds: who may push, what they are the authority for, and when they last did."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from child_index.records import Feed
from child_index.store.tables import feed


def get(conn: Connection, name: str, *, lock: bool = False) -> Feed | None:
    """One feed; ``lock`` keeps other deliveries of it waiting until the transaction ends."""
    query = select(feed).where(feed.c.name == name)
    row = conn.execute(query.with_for_update() if lock else query).first()
    return _feed(row) if row else None


def every(conn: Connection) -> tuple[Feed, ...]:
    """Every feed by name; tens of them."""
    return tuple(_feed(row) for row in conn.execute(select(feed).order_by(feed.c.name)))


def register(conn: Connection, found: Feed, at: datetime) -> None:
    """Insert a feed."""
    conn.execute(insert(feed).values(registered_at=at, **_columns(found)))


def change(conn: Connection, found: Feed) -> None:
    """Set what the register says of a feed; its sequence and instants stay."""
    columns = {
        name: value for name, value in _columns(found).items() if not name.startswith("last_")
    }
    conn.execute(update(feed).where(feed.c.name == found.name).values(**columns))


def note_received(conn: Connection, name: str, sequence: int, at: datetime) -> None:
    """Note that a batch with this sequence has been stored."""
    conn.execute(
        update(feed).where(feed.c.name == name).values(last_sequence=sequence, last_received_at=at)
    )


def note_heard(conn: Connection, name: str, at: datetime) -> None:
    """Note that a single record has been received and applied."""
    conn.execute(
        update(feed).where(feed.c.name == name).values(last_received_at=at, last_loaded_at=at)
    )


def note_loaded(conn: Connection, name: str, at: datetime) -> None:
    """Note that a batch has been applied to its end."""
    conn.execute(update(feed).where(feed.c.name == name).values(last_loaded_at=at))


def _columns(found: Feed) -> Mapping[str, object]:
    return {
        "name": found.name,
        "organisation": found.organisation,
        "state": found.state,
        "authority_for": " ".join(sorted(found.authority_for)),
        "interval_days": found.interval_days,
        "is_sensitive": found.is_sensitive,
        "last_sequence": found.last_sequence,
        "last_received_at": found.last_received_at,
        "last_loaded_at": found.last_loaded_at,
    }


def _feed(row: Row[Any]) -> Feed:
    return Feed(
        name=row.name,
        organisation=row.organisation,
        state=row.state,
        authority_for=frozenset(row.authority_for.split()),
        interval_days=row.interval_days,
        is_sensitive=row.is_sensitive,
        last_sequence=row.last_sequence,
        last_received_at=row.last_received_at,
        last_loaded_at=row.last_loaded_at,
    )
