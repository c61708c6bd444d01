"""Involvements, assessments and lead professionals."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from child_index.records import ChildId, Involvement, InvolvementId, SourceId, StatedAssessment
from child_index.store.children import visible_source
from child_index.store.tables import (
    assessment,
    feed,
    involvement,
    lead_professional,
    link,
    source_record,
)

_LINKED = (link.c.source_id == involvement.c.source_id) & link.c.ended_at.is_(None)


def of_child(conn: Connection, child_id: ChildId) -> tuple[Involvement, ...]:
    """Every involvement held for a child, newest start first. One query, tens of rows at most."""
    rows = conn.execute(
        _query()
        .where(link.c.child_id == child_id)
        .order_by(involvement.c.started_on.desc(), involvement.c.id)
    )
    return tuple(_involvement(row) for row in rows)


def get(conn: Connection, child_id: ChildId, involvement_id: str) -> Involvement | None:
    """One involvement of one child; ``None`` when it is not this child's. One query."""
    row = conn.execute(
        _query().where(link.c.child_id == child_id, involvement.c.id == involvement_id)
    ).first()
    return _involvement(row) if row else None


def end(
    conn: Connection, involvement_id: str, *, ended_on: date, seen_version: int, confirmed_on: date
) -> bool:
    """Set the end date if the version is still the one seen; say whether it was."""
    changed = conn.execute(
        update(involvement)
        .where(involvement.c.id == involvement_id, involvement.c.version == seen_version)
        .values(ended_on=ended_on, version=seen_version + 1, last_confirmed_on=confirmed_on)
    )
    return changed.rowcount == 1


def set_family_informed(conn: Connection, involvement_id: str, answer: str) -> None:
    """Record whether the family has been told (CON-04)."""
    conn.execute(
        update(involvement).where(involvement.c.id == involvement_id).values(family_informed=answer)
    )


def assessments_of(conn: Connection, child_id: ChildId) -> tuple[StatedAssessment, ...]:
    """The assessments that feeds say exist, newest first. One query."""
    rows = conn.execute(
        select(assessment)
        .join(link, (link.c.source_id == assessment.c.source_id) & link.c.ended_at.is_(None))
        .join(source_record, source_record.c.id == assessment.c.source_id)
        .join(feed, feed.c.name == source_record.c.feed)
        .where(link.c.child_id == child_id, visible_source())
    )
    found = [
        StatedAssessment(
            kind=row.kind,
            assessed_on=row.assessed_on,
            closed_on=row.closed_on,
            contact_name=row.contact_name,
            phone=row.phone,
            email=row.email,
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda a: a.assessed_on or date.min, reverse=True))


def leads_of(conn: Connection, child_id: ChildId) -> tuple[InvolvementId, ...]:
    """The involvements named as lead professional and not replaced; one at most. One query."""
    rows = conn.execute(
        select(lead_professional.c.involvement_id)
        .join(involvement, involvement.c.id == lead_professional.c.involvement_id)
        .join(link, _LINKED)
        .where(link.c.child_id == child_id, lead_professional.c.ended_at.is_(None))
        .order_by(lead_professional.c.named_at.desc())
    )
    return tuple(InvolvementId(row.involvement_id) for row in rows)


def name_lead(conn: Connection, involvement_id: str, *, named_by: str, at: datetime) -> None:
    """Name a lead professional; the one before must have been ended."""
    conn.execute(
        insert(lead_professional).values(
            involvement_id=involvement_id, named_by=named_by, named_at=at
        )
    )


def end_leads(conn: Connection, involvement_ids: tuple[InvolvementId, ...], at: datetime) -> None:
    """End the naming of these leads; the history keeps them."""
    conn.execute(
        update(lead_professional)
        .where(
            lead_professional.c.involvement_id.in_(involvement_ids),
            lead_professional.c.ended_at.is_(None),
        )
        .values(ended_at=at)
    )


def _query() -> Any:  # noqa: ANN401 - SQLAlchemy's Select of many columns has no short type
    return (
        select(involvement, source_record.c.feed, feed.c.interval_days)
        .join(link, _LINKED)
        .join(source_record, source_record.c.id == involvement.c.source_id)
        .join(feed, feed.c.name == source_record.c.feed)
        .where(visible_source())
    )


def _involvement(row: Row[Any]) -> Involvement:
    return Involvement(
        involvement_id=InvolvementId(row.id),
        source_id=SourceId(row.source_id),
        feed=row.feed,
        feed_interval_days=row.interval_days,
        version=row.version,
        service_type=row.service_type,
        organisation=row.organisation,
        contact_kind=row.contact_kind,
        contact_name=row.contact_name,
        contact_role=row.contact_role,
        phone=row.phone,
        email=row.email,
        hours=row.hours,
        started_on=row.started_on,
        ended_on=row.ended_on,
        is_lead_professional=row.is_lead_professional,
        family_informed=row.family_informed,
        is_void=row.is_void,
        last_confirmed_on=row.last_confirmed_on,
        entered_by=row.entered_by,
    )
