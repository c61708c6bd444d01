"""The nouns of the index, frozen: what passes between the doors, the verbs and the store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from child_index.retention import InvolvementState

ChildId = NewType("ChildId", int)
SourceId = NewType("SourceId", int)
TaskId = NewType("TaskId", int)
BatchId = NewType("BatchId", str)
InvolvementId = NewType("InvolvementId", str)
DecisionId = NewType("DecisionId", str)

BY_HAND = "by-hand"
"""The feed of what practitioners enter themselves; each entry is a source record of its own."""


class Role(StrEnum):
    """What someone is to the index; the permissions of each stand in ``access.ROLES``."""

    PRACTITIONER = "practitioner"
    PRACTITIONER_OVERRIDE = "practitioner-override"
    STEWARD = "steward"
    CLEARED_STEWARD = "cleared-steward"
    STEWARD_LEAD = "steward-lead"
    BROKER = "broker"
    SHIELD_OFFICER = "shield-officer"
    FEED_OWNER = "feed-owner"
    RECORDS_OFFICER = "records-officer"
    AUDITOR = "auditor"
    USER_ADMINISTRATOR = "user-administrator"
    FEED = "feed"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is asking, in what capacity, why, and at what instant (``at``, aware UTC).

    ``purpose`` and ``purpose_text`` are the reason for access (ACC-03), ``None`` where none was
    given. ``feed`` is set for feed clients only, and comes from the token, never from a payload
    (FED-05). ``mfa`` says that the sign-in was multi-factor; ``is_application``, that a
    machine asks without a person (SCH-10).
    """

    actor: str
    roles: frozenset[Role]
    at: datetime
    organisation: str
    name: str = ""
    purpose: str | None = None
    purpose_text: str | None = None
    mfa: bool = False
    feed: str | None = None
    sector: str | None = None
    request_id: str = ""
    is_application: bool = False


# ---- what a feed says: one statement about one source record ------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedName:
    """One name as the feed typed it; ``use`` is one of decisions.md 20's words."""

    use: str = "usual"
    given: tuple[str, ...] = ()
    family: str | None = None
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedIdentifier:
    """One identifier as sent; ``is_valid`` is whether its check digit holds.

    ``is_verified`` only if the feed called it verified *and* is the authority for the scheme.
    """

    scheme: str
    value: str
    is_verified: bool = False
    is_valid: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedAddress:
    """One address, or a statement that there is none (``kind``)."""

    kind: str = "current"
    lines: tuple[str, ...] = ()
    town: str | None = None
    postcode: str | None = None
    uprn: str | None = None
    from_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCarer:
    """A parent or carer; ``has_parental_responsibility`` is ``None`` when not said."""

    given: tuple[str, ...] = ()
    family: str | None = None
    relationship: str = "unknown"
    has_parental_responsibility: bool | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedEducation:
    """The school or other setting."""

    setting_name: str | None = None
    urn: str | None = None
    la_estab: str | None = None
    phone: str | None = None
    started_on: date | None = None
    ended_on: date | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedPractice:
    """The GP practice."""

    ods_code: str | None = None
    name: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedInvolvement:
    """One involvement as its feed states it; ``involvement_id`` is the feed's own."""

    involvement_id: str
    version: int
    service_type: str
    organisation: str
    contact_kind: str
    started_on: date
    contact_name: str | None = None
    contact_role: str | None = None
    phone: str | None = None
    email: str | None = None
    hours: str | None = None
    ended_on: date | None = None
    is_lead_professional: bool = False
    family_informed: str | None = None
    is_void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedAssessment:
    """That a common or early-help assessment exists, and whom to ask; never its content."""

    exists: bool = True
    kind: str = "EHA"
    assessed_on: date | None = None
    closed_on: date | None = None
    contact_name: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildStatement:
    """Everything one feed says about one of its records, at one version (decisions.md 20).

    ``birth_date`` is as sent: ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``; ``None`` when not given.
    """

    source_record_id: str
    version: int
    names: tuple[StatedName, ...] = ()
    birth_date: str | None = None
    sex: str | None = None
    death_date: date | None = None
    death_notified_on: date | None = None
    identifiers: tuple[StatedIdentifier, ...] = ()
    address: StatedAddress | None = None
    previous_addresses: tuple[StatedAddress, ...] = ()
    carers: tuple[StatedCarer, ...] = ()
    education: StatedEducation | None = None
    practice: StatedPractice | None = None
    involvements: tuple[StatedInvolvement, ...] = ()
    assessment: StatedAssessment | None = None


# ---- what the index holds -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One accredited stream of records from one agency system."""

    name: str
    organisation: str
    state: str
    authority_for: frozenset[str] = frozenset()
    interval_days: int = 1
    is_sensitive: bool = False
    last_sequence: int = 0
    last_received_at: datetime | None = None
    last_loaded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """One agency's record of one child, as last received, with where it came from."""

    source_id: SourceId
    feed: Feed
    source_record_id: str
    version: int
    last_confirmed_on: date
    first_received_at: datetime
    statement: ChildStatement
    child_id: ChildId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Involvement:
    """That a service is or was working with a child, and how to reach it; never why."""

    involvement_id: InvolvementId
    source_id: SourceId
    feed: str
    feed_interval_days: int
    version: int
    service_type: str
    organisation: str
    contact_kind: str
    contact_name: str | None
    contact_role: str | None
    phone: str | None
    email: str | None
    hours: str | None
    started_on: date
    ended_on: date | None
    is_lead_professional: bool
    family_informed: str | None
    is_void: bool
    last_confirmed_on: date
    entered_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedInvolvement:
    """An involvement as one caller may see it on one day (E.3, VIS-03, VIS-04)."""

    involvement: Involvement
    state: InvolvementState
    shown_until: date | None
    unconfirmed_since: date | None
    is_yours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTask:
    """One question for a steward about one source record and one child record.

    ``evidence`` are the reasons with match weights in bits, as scored when the task was raised.
    """

    task_id: TaskId
    kind: str
    version: int
    source_id: SourceId
    child_id: ChildId
    raised_at: datetime
    because: str
    match_weight: float
    prior_weight: float
    evidence: tuple[Mapping[str, str | float], ...] = field(default_factory=tuple)
    model_version: str = ""
    settled_at: datetime | None = None
    settled_by: str | None = None
    outcome: str | None = None
