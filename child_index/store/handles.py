"""Handles: opaque words for a child that one caller was just shown; only their digests are kept."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from child_index.records import ChildId
from child_index.store.tables import handle

_INSERT = insert(handle)


def issue(
    conn: Connection,
    digests: dict[str, ChildId],
    *,
    kind: str,
    actor: str,
    search_id: str,
    expires_at: datetime,
) -> None:
    """Remember handles (by digest) for one caller. One statement."""
    if digests:
        conn.execute(
            _INSERT,
            [
                {
                    "digest": digest,
                    "kind": kind,
                    "actor": actor,
                    "search_id": search_id,
                    "child_id": child_id,
                    "expires_at": expires_at,
                }
                for digest, child_id in digests.items()
            ],
        )


def child_of(
    conn: Connection, digest: str, *, kind: str, actor: str, at: datetime
) -> tuple[ChildId, str] | None:
    """Return the child and the search a live handle of this caller stands for. One query."""
    row = conn.execute(
        select(handle.c.child_id, handle.c.search_id).where(
            handle.c.digest == digest,
            handle.c.kind == kind,
            handle.c.actor == actor,
            handle.c.expires_at > at,
        )
    ).first()
    return (ChildId(row.child_id), row.search_id) if row else None


def prolong(conn: Connection, digest: str, *, expires_at: datetime) -> None:
    """Let a handle live on while it is used (15 minutes idle, SCH-07)."""
    conn.execute(update(handle).where(handle.c.digest == digest).values(expires_at=expires_at))


def forget_expired(conn: Connection, *, at: datetime, limit: int = 200) -> None:
    """Delete some handles that have died; called now and then, so that they never pile up."""
    dead = select(handle.c.digest).where(handle.c.expires_at <= at).limit(limit)
    conn.execute(delete(handle).where(handle.c.digest.in_(dead)))
