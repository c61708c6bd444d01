"""Review tasks as stewards read and settle them, and the decisions they leave."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from child_index.records import ChildId, DecisionId, ReviewTask, SourceId, TaskId
from child_index.store import engine
from child_index.store.tables import (
    cannot_link,
    decision,
    link,
    review_task,
    source_record,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision of a steward about one source record and one child record."""

    decision_id: DecisionId
    task_id: TaskId
    kind: str
    source_id: SourceId
    child_id: ChildId
    reason: str
    note: str | None
    decided_by: str
    decided_at: datetime


def open_tasks(
    conn: Connection, *, after: int | None, limit: int
) -> tuple[tuple[ReviewTask, str], ...]:
    """Tasks that wait, oldest first, each with the feed of its source record. One query."""
    query = (
        select(review_task, source_record.c.feed)
        .join(source_record, source_record.c.id == review_task.c.source_id)
        .where(review_task.c.settled_at.is_(None))
        .order_by(review_task.c.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(review_task.c.id > after)
    return tuple((_task(row), row.feed) for row in conn.execute(query))


def task(conn: Connection, task_id: TaskId) -> ReviewTask | None:
    """One task, held until the visit ends: two stewards who decide at once take turns."""
    row = conn.execute(
        select(review_task).where(review_task.c.id == task_id).with_for_update()
    ).first()
    return _task(row) if row else None


def settle(
    conn: Connection, seen: ReviewTask, *, settled_by: str, outcome: str, at: datetime
) -> bool:
    """Close a task if it is still as it was seen; say whether it was."""
    changed = conn.execute(
        update(review_task)
        .where(
            review_task.c.id == seen.task_id,
            review_task.c.version == seen.version,
            review_task.c.settled_at.is_(None),
        )
        .values(settled_at=at, settled_by=settled_by, outcome=outcome, version=seen.version + 1)
    )
    return changed.rowcount == 1


def touch(conn: Connection, seen: ReviewTask) -> bool:
    """Raise a waiting task's version, so that whoever read it before reads it again."""
    changed = conn.execute(
        update(review_task)
        .where(review_task.c.id == seen.task_id, review_task.c.version == seen.version)
        .values(version=seen.version + 1)
    )
    return changed.rowcount == 1


def other_open_tasks(conn: Connection, seen: ReviewTask) -> tuple[ReviewTask, ...]:
    """The other questions that wait about the same source record. One query."""
    rows = conn.execute(
        select(review_task).where(
            review_task.c.source_id == seen.source_id,
            review_task.c.id != seen.task_id,
            review_task.c.settled_at.is_(None),
        )
    )
    return tuple(_task(row) for row in rows)


def add_decision(conn: Connection, made: Decision) -> None:
    """Keep a decision; it is never changed afterwards."""
    conn.execute(
        insert(decision).values(
            id=made.decision_id,
            task_id=made.task_id,
            kind=made.kind,
            source_id=made.source_id,
            child_id=made.child_id,
            reason=made.reason,
            note=made.note,
            decided_by=made.decided_by,
            decided_at=made.decided_at,
        )
    )


def decisions_about(conn: Connection, source_ids: Iterable[SourceId]) -> tuple[Decision, ...]:
    """Every decision about these source records, newest first. One query."""
    rows = conn.execute(
        select(decision)
        .where(decision.c.source_id.in_(list(source_ids)))
        .order_by(decision.c.decided_at.desc(), decision.c.id)
    )
    return tuple(
        Decision(
            decision_id=DecisionId(row.id),
            task_id=TaskId(row.task_id),
            kind=row.kind,
            source_id=SourceId(row.source_id),
            child_id=ChildId(row.child_id),
            reason=row.reason,
            note=row.note,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
        )
        for row in rows
    )


def keep_apart(
    conn: Connection,
    source_id: SourceId,
    others: Sequence[SourceId],
    *,
    decision_id: DecisionId,
    at: datetime,
) -> None:
    """Forbid linking one source record with each of the others (cannot-link)."""
    rows = [
        {
            "left_source_id": min(source_id, other),
            "right_source_id": max(source_id, other),
            "decision_id": decision_id,
            "made_at": at,
        }
        for other in others
        if other != source_id
    ]
    engine.upsert(
        conn,
        cannot_link,
        rows,
        key=("left_source_id", "right_source_id"),
        update=("decision_id", "made_at"),
    )


def let_together(conn: Connection, source_id: SourceId, others: Sequence[SourceId]) -> None:
    """Take back every cannot-link between one source record and the others."""
    left, right = cannot_link.c.left_source_id, cannot_link.c.right_source_id
    conn.execute(
        cannot_link.delete().where(
            or_(
                (left == source_id) & right.in_(others),
                (right == source_id) & left.in_(others),
            )
        )
    )


def linked_sources(conn: Connection, child_id: ChildId) -> tuple[SourceId, ...]:
    """Every source record linked to a child, visible or not. One query."""
    rows = conn.execute(
        select(link.c.source_id).where(link.c.child_id == child_id, link.c.ended_at.is_(None))
    )
    return tuple(SourceId(row.source_id) for row in rows)


def child_of(conn: Connection, source_id: SourceId) -> ChildId | None:
    """The child a source record is linked to; ``None`` while it waits. One query."""
    found = conn.execute(
        select(link.c.child_id).where(link.c.source_id == source_id, link.c.ended_at.is_(None))
    ).scalar()
    return None if found is None else ChildId(found)


def move(
    conn: Connection, source_id: SourceId, child_id: ChildId, values: Mapping[str, object]
) -> None:
    """End a source record's live link, if any, and link it to ``child_id``; links are kept."""
    conn.execute(
        update(link)
        .where(link.c.source_id == source_id, link.c.ended_at.is_(None))
        .values(ended_at=values["made_at"])
    )
    conn.execute(insert(link).values(source_id=source_id, child_id=child_id, **values))


def set_doubted(conn: Connection, source_id: SourceId, *, is_doubted: bool) -> None:
    """Mark a linked source record as doubted, or no longer (decisions.md 17)."""
    conn.execute(
        update(source_record).where(source_record.c.id == source_id).values(is_doubted=is_doubted)
    )


def _task(row: Row[Any]) -> ReviewTask:
    return ReviewTask(
        task_id=TaskId(row.id),
        kind=row.kind,
        version=row.version,
        source_id=SourceId(row.source_id),
        child_id=ChildId(row.child_id),
        raised_at=row.raised_at,
        because=row.because,
        match_weight=row.match_weight,
        prior_weight=row.prior_weight,
        evidence=tuple(json.loads(row.evidence)),
        model_version=row.model_version,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        outcome=row.outcome,
    )
