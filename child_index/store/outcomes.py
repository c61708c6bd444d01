"""What practitioners say came of a look-up (OUT-01)."""

from datetime import datetime

from sqlalchemy import Connection, insert

from child_index.records import ChildId
from child_index.store.tables import look_up_outcome


def add(conn: Connection, child_id: ChildId, *, actor: str, outcome: str, at: datetime) -> None:
    """Note one outcome."""
    conn.execute(
        insert(look_up_outcome).values(child_id=child_id, actor=actor, outcome=outcome, noted_at=at)
    )
