"""Candidates for a search: linked source records under any of its keys."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from child_index.records import ChildId
from child_index.store.blocking import key_number
from child_index.store.children import visible_source
from child_index.store.tables import blocking_key, child, feed, link, source_record
from matching.person import Person, unpack

MOST_CANDIDATES = 5_000
"""More are not read: a search that fits so many finds nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One linked source record, and its child, that may be the one looked for."""

    child_id: ChildId
    index_number: str
    person: Person


def candidates(conn: Connection, keys: Iterable[str]) -> tuple[Candidate, ...] | None:
    """Every visible, linked source record under any of ``keys``; ``None`` when there are too many.

    One query: key by key on the primary key of ``blocking_key``.
    """
    numbers = [key_number(key) for key in keys]
    if not numbers:
        return ()
    rows = conn.execute(_UNDER_A_KEY, {"numbers": numbers}).all()
    if len(rows) > MOST_CANDIDATES:
        return None
    return tuple(
        Candidate(child_id=ChildId(child_id), index_number=number, person=unpack(packed))
        for packed, child_id, number in rows
    )


# Put together once: in a search, putting it together took longer than running it.
_UNDER_A_KEY = (
    select(source_record.c.person, link.c.child_id, child.c.index_number)
    .join(link, (link.c.source_id == source_record.c.id) & link.c.ended_at.is_(None))
    .join(child, child.c.id == link.c.child_id)
    .join(feed, feed.c.name == source_record.c.feed)
    .where(
        source_record.c.id.in_(
            select(blocking_key.c.source_id)
            .where(blocking_key.c.key.in_(bindparam("numbers", expanding=True)))
            .distinct()
        ),
        visible_source(),
    )
    .limit(MOST_CANDIDATES + 1)
)
