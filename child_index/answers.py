"""What the verbs are asked and what they answer: frozen, and already fit to be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from child_index.errors import Problem
from child_index.records import (
    ListedInvolvement,
    StatedAddress,
    StatedAssessment,
    StatedCarer,
    StatedEducation,
    StatedIdentifier,
    StatedName,
    StatedPractice,
)

# ---- search and open ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What a practitioner knows of the child they look for; ``None`` is not given.

    ``birth_from``/``birth_to`` are a range in place of ``birth_date`` (SCH-03). ``not_allowed`` are
    the pointers of keys that are known and may not be searched by (SCH-01a). ``mode`` is ``near``
    or ``broad`` (SCH-04).
    """

    given: str | None = None
    family: str | None = None
    birth_date: date | None = None
    birth_from: date | None = None
    birth_to: date | None = None
    sex: str | None = None
    postcode: str | None = None
    identifiers: tuple[tuple[str, str], ...] = ()
    mode: str = "near"
    not_allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One child who may be the one looked for: enough to tell them apart, nothing more (SCH-06).

    ``birth_date`` is as the record that says it best has it, perhaps only a year.
    ``because`` and ``against`` are what fits and what does not, in plain words.
    """

    handle: str
    names: tuple[StatedName, ...]
    birth_date: str | None
    sex: str | None
    confidence: str
    because: tuple[str, ...]
    against: tuple[str, ...]
    is_restricted: bool = False
    has_died: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAnswer:
    """``outcome`` is match, possible, many or none; ``many`` and ``none`` carry no card."""

    search_id: str
    outcome: str
    message: str
    results: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFreshness:
    """When a feed last delivered; the same list for every child (decisions.md 15)."""

    organisation: str
    last_received_on: date | None
    is_stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildView:
    """One child, and who is working with them, as this caller may see it now.

    A field the caller may not read is in ``absent`` and must not be put into an answer at all.
    ``index_number`` is as people read it. ``version`` changes whenever anything held about the
    child changes (the ETag). ``child_ref`` is opaque, bound to the caller, good for 15 minutes.
    """

    child_ref: str
    version: str
    as_of: datetime
    index_number: str
    names: tuple[StatedName, ...]
    birth_date: str | None
    sex: str | None
    has_died: bool
    responsible_authority: str | None
    address: StatedAddress | None
    carers: tuple[StatedCarer, ...]
    education: StatedEducation | None
    practice: StatedPractice | None
    identifiers: tuple[StatedIdentifier, ...]
    assessment: StatedAssessment | None
    lead_professional: ListedInvolvement | None
    involvements: tuple[ListedInvolvement, ...]
    feeds: tuple[FeedFreshness, ...]
    disclaimer: str
    is_restricted: bool = False
    absent: frozenset[str] = frozenset()


# ---- a practitioner's own involvement -----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MyInvolvement:
    """What a practitioner enters by hand: at most six fields (D18)."""

    service_type: str
    contact_name: str
    contact_role: str | None = None
    phone: str | None = None
    email: str | None = None
    started_on: date | None = None
    family_informed: str | None = None


# ---- deliveries ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchState:
    """Where a batch stands; ``percent`` of its rows have been applied."""

    batch_id: str
    feed: str
    sequence: int
    state: str
    received: int
    accepted: int
    unchanged: int
    superseded: int
    rejected: int
    percent: int
    held_because: str | None = None
    is_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one line, in the sender's order and with the sender's id (FED-10)."""

    line: int
    source_record_id: str | None
    outcome: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReceipt:
    """What became of one record put alone; ``is_new`` to this feed, never whether to the index."""

    receipt: Receipt
    version: int
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What a feed may know of itself."""

    feed: str
    organisation: str
    state: str
    last_sequence: int
    last_received_at: datetime | None
    is_stale: bool


# ---- stewards -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLine:
    """One row of a steward's queue."""

    task_id: int
    kind: str
    version: int
    raised_at: datetime
    because: str
    match_weight: float
    feeds: tuple[str, ...]
    is_settled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """One source record as a steward sees it: which side, from whom, when, and what it says."""

    side: str
    feed: str
    organisation: str
    source_record_id: str
    last_confirmed_on: date
    names: tuple[StatedName, ...]
    birth_date: str | None
    sex: str | None
    identifiers: tuple[StatedIdentifier, ...]
    address: StatedAddress | None
    carers: tuple[StatedCarer, ...]
    education: StatedEducation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """A decision taken before about one of these records."""

    decision_id: str
    kind: str
    reason: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """One question for a steward, with everything needed to answer it.

    ``evidence`` rows hold field, label, left, right and matchWeight (bits); with ``prior_weight``
    they add up to ``total_weight`` within 1e-9.
    """

    task_id: int
    kind: str
    state: str
    version: int
    raised_at: datetime
    because: str
    records: tuple[RecordView, ...]
    evidence: tuple[Mapping[str, str | float | None], ...]
    prior_weight: float
    total_weight: float
    warnings: tuple[str, ...]
    earlier_decisions: tuple[DecisionView, ...]
    settled_by: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A decision taken: its number, and what it changed."""

    decision_id: str
    task_id: int
    version: int
    effects: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What a check of the audit found; ``first_bad`` is the id of the first bad row or ``None``."""

    rows: int
    visits: int
    first_bad: int | None
    problem: str | None

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found to be wrong."""
        return self.problem is None
