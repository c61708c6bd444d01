"""Source records: one agency's record of one child as last received."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, bindparam, or_, select, update

from child_index.records import ChildId, ChildStatement, SourceId
from child_index.store.bulk import insert_rows, is_among
from child_index.store.tables import link, source_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is held of a source record before a row about it is applied.

    ``child_id`` is the child it is linked to. ``withdrawn_version`` is the highest version that
    ever withdrew it: what earlier versions said is void, however late they arrive.
    """

    source_id: SourceId
    version: int
    content_digest: str
    identity_digest: str
    is_withdrawn: bool
    withdrawn_version: int | None
    is_doubted: bool
    last_confirmed_on: date
    child_id: ChildId | None


def held(conn: Connection, feed: str, source_record_ids: Collection[str]) -> dict[str, Held]:
    """What is held under the sender's ids; one query on ``uq_source_record_feed_source_…``."""
    rows = conn.execute(
        select(
            source_record.c.id,
            source_record.c.source_record_id,
            source_record.c.version,
            source_record.c.content_digest,
            source_record.c.identity_digest,
            source_record.c.is_withdrawn,
            source_record.c.withdrawn_version,
            source_record.c.is_doubted,
            source_record.c.last_confirmed_on,
            link.c.child_id,
        )
        .outerjoin(link, (link.c.source_id == source_record.c.id) & link.c.ended_at.is_(None))
        .where(
            source_record.c.feed == feed,
            is_among(conn, source_record.c.source_record_id, source_record_ids),
        )
    ).all()
    return {
        row.source_record_id: Held(
            source_id=SourceId(row.id),
            version=row.version,
            content_digest=row.content_digest,
            identity_digest=row.identity_digest,
            is_withdrawn=row.is_withdrawn,
            withdrawn_version=row.withdrawn_version,
            is_doubted=row.is_doubted,
            last_confirmed_on=row.last_confirmed_on,
            child_id=None if row.child_id is None else ChildId(row.child_id),
        )
        for row in rows
    }


def add(conn: Connection, feed: str, rows: Sequence[Mapping[str, object]]) -> dict[str, SourceId]:
    """Insert source records of one feed, all with the same columns; their ids by the sender's."""
    if not rows:
        return {}
    columns = tuple(rows[0])
    insert_rows(conn, source_record, columns, [tuple(row.values()) for row in rows])
    names = [str(row["source_record_id"]) for row in rows]
    made = conn.execute(
        select(source_record.c.id, source_record.c.source_record_id).where(
            source_record.c.feed == feed,
            is_among(conn, source_record.c.source_record_id, names),
        )
    )
    return {row.source_record_id: SourceId(row.id) for row in made.all()}


def change(conn: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Set columns of source records; each row has a ``source_id`` and the same other columns."""
    if not rows:
        return
    columns: dict[str, object] = {
        name: bindparam(f"new_{name}") for name in rows[0] if name != "source_id"
    }
    conn.execute(
        update(source_record).where(source_record.c.id == bindparam("source_id")).values(**columns),
        [
            {name if name == "source_id" else f"new_{name}": value for name, value in row.items()}
            for row in rows
        ],
    )


def confirm(conn: Connection, source_ids: Sequence[SourceId], on: date) -> None:
    """Note that these were asserted again, unless they have been since."""
    if source_ids:
        conn.execute(
            update(source_record)
            .where(source_record.c.id.in_(source_ids), source_record.c.last_confirmed_on < on)
            .values(last_confirmed_on=on)
        )


def set_doubted(conn: Connection, source_ids: Sequence[SourceId], *, is_doubted: bool) -> None:
    """Mark linked records as doubted, or no longer."""
    if source_ids:
        conn.execute(
            update(source_record)
            .where(source_record.c.id.in_(source_ids))
            .values(is_doubted=is_doubted)
        )


def note_withdrawn(conn: Connection, below: Mapping[SourceId, int]) -> None:
    """Note the highest version that withdrew each of these, whatever order they came in."""
    if below:
        before = source_record.c.withdrawn_version
        conn.execute(
            update(source_record)
            .where(
                source_record.c.id == bindparam("source_id"),
                or_(before.is_(None), before < bindparam("below")),
            )
            .values(withdrawn_version=bindparam("below")),
            [{"source_id": one, "below": version} for one, version in below.items()],
        )


def columns_of(said: ChildStatement | None) -> dict[str, object]:
    """The columns that hold what a statement says of the child itself; all empty for ``None``."""
    education = said.education if said else None
    practice = said.practice if said else None
    return {
        "birth_date": said.birth_date if said else None,
        "sex": said.sex if said else None,
        "death_date": said.death_date if said else None,
        "death_notified_on": said.death_notified_on if said else None,
        "setting_name": education.setting_name if education else None,
        "setting_urn": education.urn if education else None,
        "setting_la_estab": education.la_estab if education else None,
        "setting_phone": education.phone if education else None,
        "setting_started_on": education.started_on if education else None,
        "setting_ended_on": education.ended_on if education else None,
        "setting_status": education.status if education else None,
        "practice_ods_code": practice.ods_code if practice else None,
        "practice_name": practice.name if practice else None,
        "practice_phone": practice.phone if practice else None,
    }
