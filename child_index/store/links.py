"""Links: which child record a source record belongs to, and what must never be linked."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update

from child_index.records import BY_HAND, ChildId, SourceId
from child_index.store import engine
from child_index.store.bulk import is_among
from child_index.store.tables import cannot_link, link, source_record
from matching.person import Person, unpack


def members(
    conn: Connection, child_ids: Collection[ChildId]
) -> dict[ChildId, dict[SourceId, Person]]:
    """The persons feeds say of each child, but for withdrawn ones, on ``ix_link_child_id``."""
    found: dict[ChildId, dict[SourceId, Person]] = defaultdict(dict)
    rows = conn.execute(
        select(link.c.child_id, link.c.source_id, source_record.c.person)
        .join(source_record, source_record.c.id == link.c.source_id)
        .where(
            is_among(conn, link.c.child_id, child_ids),
            link.c.ended_at.is_(None),
            source_record.c.is_withdrawn.is_(False),
            source_record.c.feed != BY_HAND,
        )
    )
    for child_id, source_id, person in rows.all():
        found[ChildId(child_id)][SourceId(source_id)] = unpack(person)
    return found


def forbidden(conn: Connection, source_ids: Sequence[SourceId]) -> dict[SourceId, set[SourceId]]:
    """What a steward said must never be linked to each of these, either way round."""
    pairs = conn.execute(
        select(cannot_link.c.left_source_id, cannot_link.c.right_source_id).where(
            or_(
                is_among(conn, cannot_link.c.left_source_id, source_ids),
                is_among(conn, cannot_link.c.right_source_id, source_ids),
            )
        )
    )
    found: dict[SourceId, set[SourceId]] = defaultdict(set)
    for left, right in pairs:
        found[SourceId(left)].add(SourceId(right))
        found[SourceId(right)].add(SourceId(left))
    return found


def make(conn: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert links; the store refuses a second live one of a source record."""
    if rows:
        conn.execute(insert(link), list(rows))


def end(conn: Connection, source_ids: Sequence[SourceId], at: datetime) -> int:
    """End the live links of these source records; how many there were."""
    ended = conn.execute(
        update(link)
        .where(link.c.source_id.in_(source_ids), link.c.ended_at.is_(None))
        .values(ended_at=at)
    )
    return ended.rowcount


def queue_up(conn: Connection) -> None:
    """Be alone with what links source records to child records, until the transaction ends."""
    engine.queue_up(conn, engine.MATCHING_LANE)
