"""Blocking keys: kept as numbers, so that an index over them tells nobody a name."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b

from sqlalchemy import Connection, delete, select

from child_index.records import ChildId, SourceId
from child_index.store.bulk import insert_rows, is_among
from child_index.store.tables import blocking_key, link


def key_number(key: str) -> int:
    """Return the 64-bit number a blocking key is kept under."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


def add(conn: Connection, keys: Mapping[SourceId, Iterable[int]]) -> None:
    """Insert the keys of source records that have none. One statement, in key order."""
    rows = sorted((number, source_id) for source_id, found in keys.items() for number in found)
    insert_rows(conn, blocking_key, ("key", "source_id"), rows)


def remove(conn: Connection, source_ids: Sequence[SourceId]) -> None:
    """Delete every key of these source records, on ``ix_blocking_key_source_id``."""
    if source_ids:
        conn.execute(delete(blocking_key).where(blocking_key.c.source_id.in_(source_ids)))


def children_under(conn: Connection, numbers: Collection[int]) -> dict[int, set[ChildId]]:
    """Which children have a linked source record under each key, for a whole chunk at once.

    One query, key by key on the primary key of ``blocking_key``.
    """
    found: dict[int, set[ChildId]] = defaultdict(set)
    rows = conn.execute(
        select(blocking_key.c.key, link.c.child_id)
        .join(link, (link.c.source_id == blocking_key.c.source_id) & link.c.ended_at.is_(None))
        .where(is_among(conn, blocking_key.c.key, numbers))
    )
    for number, child_id in rows.all():
        found[number].add(ChildId(child_id))
    return found
