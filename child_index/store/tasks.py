"""Review tasks: raised for a steward when the matcher is not certain; one open for each pair."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from child_index.records import ChildId, SourceId, TaskId
from child_index.store.bulk import is_among
from child_index.store.tables import review_task


def open_for(
    conn: Connection, source_ids: Sequence[SourceId]
) -> dict[SourceId, dict[ChildId, TaskId]]:
    """The open tasks of each source record, by the child they ask about. One query."""
    found: dict[SourceId, dict[ChildId, TaskId]] = defaultdict(dict)
    rows = conn.execute(
        select(review_task.c.id, review_task.c.source_id, review_task.c.child_id).where(
            is_among(conn, review_task.c.source_id, source_ids),
            review_task.c.settled_at.is_(None),
        )
    )
    for row in rows:
        found[SourceId(row.source_id)][ChildId(row.child_id)] = TaskId(row.id)
    return found


def add(conn: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert tasks; the store refuses a second open one for a pair."""
    if rows:
        conn.execute(insert(review_task), list(rows))


def renew(conn: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Score open tasks anew: ``task_id`` and the columns of a new task. A steward who has the
    old version open is told that it changed.
    """
    if rows:
        conn.execute(
            update(review_task)
            .where(review_task.c.id == bindparam("task_id"))
            .values(
                version=review_task.c.version + 1,
                **{
                    name: bindparam(f"new_{name}")
                    for name in (
                        "kind",
                        "because",
                        "match_weight",
                        "prior_weight",
                        "evidence",
                        "model_version",
                    )
                },
            ),
            list(rows),
        )


def settle(conn: Connection, task_ids: Sequence[TaskId], *, outcome: str, at: datetime) -> None:
    """Settle open tasks without a steward: new facts have answered them."""
    if task_ids:
        conn.execute(
            update(review_task)
            .where(review_task.c.id.in_(task_ids), review_task.c.settled_at.is_(None))
            .values(
                settled_at=at,
                settled_by="system",
                outcome=outcome,
                version=review_task.c.version + 1,
            )
        )
