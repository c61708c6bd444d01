"""The audit: who did what about which child, written in the transaction it speaks of."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, text

from child_index.store.tables import audit_event

_GUARDED = tuple(
    column.name for column in audit_event.columns if column.name not in {"id", "row_digest"}
)

_INSERT = insert(audit_event)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCount:
    """What a look over the whole audit found.

    ``first_bad`` is the id of the first row that was changed, or whose visit lacks a line; ``None``
    when none was found. ``fingerprint`` is the digest of all rows up to ``highest_id``, and
    ``fingerprint_then`` of those up to the id that was asked about.
    """

    rows: int
    visits: int
    highest_id: int
    first_bad: int | None
    fingerprint: str
    fingerprint_then: str


def write(
    conn: Connection,
    rows: Sequence[Mapping[str, object]],
    digest: Callable[[str], str],
) -> None:
    """Insert the lines of one visit, each guarded by a keyed digest. One statement."""
    conn.execute(
        _INSERT,
        [dict(row) | {"row_digest": digest(_guarded_text(row))} for row in rows],
    )


def settled_id(conn: Connection) -> int:
    """The highest id up to which no row can still appear; 0 when there is none.

    PostgreSQL gives out ids before commits: waiting for the writers of this moment settles them.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("LOCK TABLE audit_event IN SHARE MODE"))
    return conn.execute(select(func.max(audit_event.c.id))).scalar() or 0


def count(conn: Connection, digest: Callable[[str], str], *, up_to: int, then: int) -> AuditCount:
    """Read every row up to id ``up_to`` once, in order; check digests and the lines of each visit.

    A visit says in each of its rows how many it wrote, so a missing row is noticed as a changed one
    is. ``then`` is the id up to which an earlier look kept a fingerprint. Streams: the whole audit
    is never in memory.
    """
    rows = visits = 0
    first_bad: int | None = None
    unfinished: dict[str, tuple[int, int]] = {}
    running = hashlib.sha256()
    fingerprint_then = running.copy()
    streamed = conn.execution_options(yield_per=5_000).execute(
        select(audit_event).where(audit_event.c.id <= up_to).order_by(audit_event.c.id)
    )
    for row in streamed:
        rows += 1
        running.update(row.row_digest.encode())
        if row.id <= then:
            fingerprint_then = running.copy()
        if first_bad is None and digest(_guarded_text(row._asdict())) != row.row_digest:
            first_bad = row.id
        missing = unfinished.setdefault(row.visit, (row.lines, row.id))[0] - 1
        if missing:
            unfinished[row.visit] = (missing, unfinished[row.visit][1])
        else:
            del unfinished[row.visit]
            visits += 1
    first_cut = min((row_id for _, row_id in unfinished.values()), default=None)
    return AuditCount(
        rows=rows,
        visits=visits,
        highest_id=up_to,
        first_bad=min(filter(None, (first_bad, first_cut)), default=None),
        fingerprint=running.hexdigest(),
        fingerprint_then=fingerprint_then.hexdigest(),
    )


def has_searched(
    conn: Connection, *, actor: str, action: str, criteria_digest: str, since: datetime
) -> bool:
    """Say whether ``actor`` ran ``action`` with these criteria since then (SCH-04).

    One query on ``ix_audit_event_actor_at``.
    """
    found = conn.execute(
        select(audit_event.c.id)
        .where(
            audit_event.c.actor == actor,
            audit_event.c.at >= since,
            audit_event.c.action == action,
            audit_event.c.criteria_digest == criteria_digest,
            audit_event.c.outcome == "done",
        )
        .limit(1)
    )
    return found.first() is not None


def _guarded_text(row: Mapping[str, object]) -> str:
    return json.dumps([_plain(row.get(name)) for name in _GUARDED], ensure_ascii=True)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    return value
