"""Batches: stored whole before a row of them is applied, with what became of each row."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from child_index.answers import Receipt
from child_index.errors import Problem
from child_index.records import BatchId
from child_index.store.bulk import insert_rows
from child_index.store.tables import batch, batch_part, receipt

WAITING = ("queued", "running")
SUMMARY_PART = -1
"""The part that is no rows but what was noticed over the whole batch (see ``delivery``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One delivery; ``applied`` of its ``received`` rows have been applied."""

    batch_id: BatchId
    feed: str
    sequence: int
    digest: str
    media_type: str
    state: str
    received_at: datetime
    received: int
    applied: int
    accepted: int
    unchanged: int
    superseded: int
    rejected: int
    held_because: str | None


def add(conn: Connection, values: Mapping[str, object], parts: Iterable[tuple[int, bytes]]) -> None:
    """Insert a batch and its parts, a few parts at a time: they are never all in memory."""
    conn.execute(insert(batch).values(**values))
    for part, content in parts:
        conn.execute(
            insert(batch_part), [{"batch_id": values["id"], "part": part, "content": content}]
        )


def get(conn: Connection, batch_id: str) -> Batch | None:
    """One batch by its id."""
    row = conn.execute(select(batch).where(batch.c.id == batch_id)).first()
    return _batch(row) if row else None


def with_sequence(conn: Connection, feed: str, sequence: int) -> Batch | None:
    """The batch a feed sent under this sequence, on its unique constraint."""
    row = conn.execute(
        select(batch).where(batch.c.feed == feed, batch.c.sequence == sequence)
    ).first()
    return _batch(row) if row else None


def waiting(conn: Connection, *, feed: str | None = None) -> tuple[Batch, ...]:
    """Batches not yet applied to their end, in the order to apply them; on ``ix_batch_state``."""
    query = select(batch).where(batch.c.state.in_(WAITING))
    if feed is not None:
        query = query.where(batch.c.feed == feed)
    rows = conn.execute(query.order_by(batch.c.received_at, batch.c.feed, batch.c.sequence))
    return tuple(_batch(row) for row in rows)


def part(conn: Connection, batch_id: str, number: int) -> bytes | None:
    """The part of a batch that begins with row ``number``."""
    return conn.execute(
        select(batch_part.c.content).where(
            batch_part.c.batch_id == batch_id, batch_part.c.part == number
        )
    ).scalar_one_or_none()


def claim(conn: Connection, batch_id: str, *, applied: int, now_applied: int) -> bool:
    """Move a batch on from ``applied`` rows; false when somebody else already has."""
    moved = conn.execute(
        update(batch)
        .where(batch.c.id == batch_id, batch.c.applied == applied, batch.c.state.in_(WAITING))
        .values(applied=now_applied, state="running")
    )
    return moved.rowcount == 1


def note_receipts(conn: Connection, batch_id: str, receipts: Sequence[Receipt]) -> None:
    """Insert the receipts of a chunk and count them into the batch."""
    insert_rows(
        conn,
        receipt,
        ("batch_id", "line", "source_record_id", "outcome", "problems"),
        [
            (batch_id, each.line, each.source_record_id, each.outcome, _text(each.problems))
            for each in receipts
        ],
    )
    outcomes = [each.outcome for each in receipts]
    conn.execute(
        update(batch)
        .where(batch.c.id == batch_id)
        .values(
            accepted=batch.c.accepted + outcomes.count("accepted"),
            unchanged=batch.c.unchanged + outcomes.count("unchanged"),
            superseded=batch.c.superseded + outcomes.count("superseded"),
            rejected=batch.c.rejected + outcomes.count("rejected"),
        )
    )


def finish(conn: Connection, batch_id: str, *, state: str, at: datetime) -> None:
    """Set the state a batch ends in."""
    conn.execute(update(batch).where(batch.c.id == batch_id).values(state=state, finished_at=at))


def receipts(conn: Connection, batch_id: str, *, after: int, limit: int) -> tuple[Receipt, ...]:
    """Receipts of a batch in the sender's order, from the line after ``after``."""
    rows = conn.execute(
        select(receipt)
        .where(receipt.c.batch_id == batch_id, receipt.c.line > after)
        .order_by(receipt.c.line)
        .limit(limit)
    )
    return tuple(
        Receipt(
            line=row.line,
            source_record_id=row.source_record_id,
            outcome=row.outcome,
            problems=tuple(_problems(row.problems)),
        )
        for row in rows
    )


def forget_bodies(conn: Connection, finished_before: datetime, at: datetime) -> int:
    """Delete the parts of batches finished before then (decisions.md 26); how many batches."""
    old = select(batch.c.id).where(
        batch.c.finished_at < finished_before, batch.c.body_deleted_at.is_(None)
    )
    ids = [row.id for row in conn.execute(old.limit(1_000))]
    conn.execute(delete(batch_part).where(batch_part.c.batch_id.in_(ids)))
    conn.execute(update(batch).where(batch.c.id.in_(ids)).values(body_deleted_at=at))
    return len(ids)


def _text(problems: Sequence[Problem]) -> str | None:
    if not problems:
        return None
    return json.dumps([[each.pointer, each.code, each.detail] for each in problems])


def _problems(text: str | None) -> Iterator[Problem]:
    for pointer, code, detail in json.loads(text) if text else ():
        yield Problem(pointer=pointer, code=code, detail=detail)


def _batch(row: Row[Any]) -> Batch:
    return Batch(
        batch_id=BatchId(row.id),
        feed=row.feed,
        sequence=row.sequence,
        digest=row.digest,
        media_type=row.media_type,
        state=row.state,
        received_at=row.received_at,
        received=row.received,
        applied=row.applied,
        accepted=row.accepted,
        unchanged=row.unchanged,
        superseded=row.superseded,
        rejected=row.rejected,
        held_because=row.held_because,
    )
