"""Builders with sensible defaults: a test states only what matters to it."""

from datetime import UTC, date, datetime

from child_index.records import (
    Caller,
    ChildStatement,
    Feed,
    Involvement,
    InvolvementId,
    Role,
    SourceId,
    SourceRecord,
    StatedName,
)

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def caller(actor="melanie", role=Role.PRACTITIONER, at=AT, **changes):
    """Someone who may ask, with a good reason; a learning mentor unless said otherwise."""
    given = {
        "actor": actor,
        "roles": frozenset({role}),
        "at": at,
        "organisation": "Southam School",
        "sector": "education",
        "purpose": "ONGOING_SUPPORT",
        "purpose_text": "falling behind, missing lessons",
        "mfa": True,
        "request_id": f"request-of-{actor}",
    }
    return Caller(**(given | changes))


def system(at=AT):
    """The index's own worker."""
    return Caller(actor="system", roles=frozenset({Role.SYSTEM}), at=at, organisation="Child Index")


def feed(name="social-care", **changes):
    """An accredited feed that is the authority for nothing."""
    given = {"name": name, "organisation": f"{name} agency", "state": "accredited"}
    return Feed(**(given | changes))


def source(source_id=1, confirmed="2026-11-01", of=None, **said):
    """One source record; what is said of the child is given as keywords."""
    said = {"names": (StatedName(given=("Hannah",), family="Marsh"),)} | said
    return SourceRecord(
        source_id=SourceId(source_id),
        feed=of or feed(),
        source_record_id=str(source_id),
        version=1,
        last_confirmed_on=date.fromisoformat(confirmed),
        first_received_at=AT,
        statement=ChildStatement(source_record_id=str(source_id), version=1, **said),
    )


def involvement(**changes):
    """An active involvement of social care since 2025, confirmed this month."""
    given = {
        "involvement_id": InvolvementId("i-1"),
        "source_id": SourceId(1),
        "feed": "social-care",
        "feed_interval_days": 7,
        "version": 1,
        "service_type": "SOCIAL_CARE",
        "organisation": "Northam Children's Social Work",
        "contact_kind": "TEAM",
        "contact_name": "Duty desk",
        "contact_role": None,
        "phone": "+441134960101",
        "email": None,
        "hours": None,
        "started_on": date(2025, 9, 1),
        "ended_on": None,
        "is_lead_professional": False,
        "family_informed": None,
        "is_void": False,
        "last_confirmed_on": date(2026, 11, 20),
    }
    return Involvement(**(given | changes))
