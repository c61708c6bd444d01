"""What practitioners enter themselves: a source record of its own, linked by the person."""

from datetime import date

from sqlalchemy import Connection, insert

from child_index.answers import MyInvolvement
from child_index.records import BY_HAND, Caller, ChildId, InvolvementId
from child_index.store.tables import involvement, link, source_record
from matching.person import Person, pack

_NOBODY = pack(Person())


def add(
    conn: Connection,
    child_id: ChildId,
    involvement_id: InvolvementId,
    mine: MyInvolvement,
    caller: Caller,
    today: date,
) -> None:
    """Insert the source record, its link and the involvement. Three statements."""
    source_id = conn.execute(
        insert(source_record)
        .values(
            feed=BY_HAND,
            source_record_id=involvement_id,
            version=1,
            content_digest="",
            identity_digest="",
            is_withdrawn=False,
            is_doubted=False,
            person=_NOBODY,
            first_received_at=caller.at,
            last_received_at=caller.at,
            last_confirmed_on=today,
        )
        .returning(source_record.c.id)
    ).scalar_one()
    conn.execute(
        insert(link).values(
            source_id=source_id,
            child_id=child_id,
            made_by=caller.actor,
            made_at=caller.at,
            because="entered-by-hand",
        )
    )
    conn.execute(
        insert(involvement).values(
            id=involvement_id,
            source_id=source_id,
            source_involvement_id=involvement_id,
            version=1,
            service_type=mine.service_type,
            organisation=caller.organisation,
            contact_kind="PERSON",
            contact_name=mine.contact_name,
            contact_role=mine.contact_role,
            phone=mine.phone,
            email=mine.email,
            started_on=mine.started_on or today,
            is_lead_professional=False,
            family_informed=mine.family_informed or "no-not-yet",
            is_void=False,
            entered_by=caller.actor,
            last_confirmed_on=today,
        )
    )
