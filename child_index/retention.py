"""Date rules: how long an involvement is listed, and when a child leaves search (domain.md E.1)."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

LAST_AGE = 18
LISTED_FOR_YEARS = 1


class InvolvementState(StrEnum):
    """What an involvement is on one day; derived when it is read, never stored (RET-01a)."""

    PLANNED = "PLANNED"
    ACTIVE = "ACTIVE"
    ENDED_VISIBLE = "ENDED_VISIBLE"
    EXPIRED = "EXPIRED"
    VOID = "VOID"


LISTED_STATES = frozenset({InvolvementState.ACTIVE, InvolvementState.ENDED_VISIBLE})


def corresponding_date(day: date, years: int) -> date:
    """Return the same day and month ``years`` later, or that month's last day if there is none.

    >>> corresponding_date(date(2024, 2, 29), 1)
    datetime.date(2025, 2, 28)

    Source:
        Dodds v Walker [1981]; the day of the event is left out of the count.
    """
    year = day.year + years
    return date(year, day.month, min(day.day, calendar.monthrange(year, day.month)[1]))


def shown_until(ended_on: date) -> date:
    """Return the last day on which an ended involvement is listed (RET-01)."""
    return corresponding_date(ended_on, LISTED_FOR_YEARS)


def involvement_state(
    *, started_on: date, ended_on: date | None, is_void: bool, today: date
) -> InvolvementState:
    """Say what an involvement is on ``today`` (RET-01, RET-02, RET-02a, RET-02c).

    An end date of today is already an end; one in the future is a planned end, so still active.
    One that starts in the future is planned and not shown.
    """
    if is_void:
        return InvolvementState.VOID
    if started_on > today:
        return InvolvementState.PLANNED
    if ended_on is None or ended_on > today:
        return InvolvementState.ACTIVE
    if today <= shown_until(ended_on):
        return InvolvementState.ENDED_VISIBLE
    return InvolvementState.EXPIRED


def is_listed(*, started_on: date, ended_on: date | None, is_void: bool, today: date) -> bool:
    """Say whether an involvement is shown on the child's record on ``today`` (RET-01)."""
    state = involvement_state(
        started_on=started_on, ended_on=ended_on, is_void=is_void, today=today
    )
    return state in LISTED_STATES


def birthday(born_on: date, age: int, *, leap_birthday: str = "03-01") -> date:
    """Return the day on which someone born on ``born_on`` attains ``age``, at its first instant.

    ``leap_birthday`` says when a person born on 29 February has a birthday in a common year:
    ``"03-01"`` (default: a child one day longer) or ``"02-28"``.

    >>> birthday(date(2008, 2, 29), 18)
    datetime.date(2026, 3, 1)
    """
    year = born_on.year + age
    if (born_on.month, born_on.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 3, 1) if leap_birthday == "03-01" else date(year, 2, 28)
    return date(year, born_on.month, born_on.day)


def is_archived(
    *,
    born_on: date | None,
    death_notified_on: date | None,
    today: date,
    leap_birthday: str = "03-01",
) -> bool:
    """Say whether a child's record has left search on ``today`` (RET-04, RET-06).

    A living child leaves at the start of the 18th birthday. A child who died stays, marked, through
    the corresponding date one year after the notification. Someone whose date of birth is not known
    stays until it is.
    """
    if death_notified_on is not None:
        return today > corresponding_date(death_notified_on, 1)
    if born_on is None:
        return False
    return today >= birthday(born_on, LAST_AGE, leap_birthday=leap_birthday)


def earliest_birth_date(today: date) -> date:
    """Return the earliest date of birth a record may carry: 26 years before ``today`` (A.3)."""
    return corresponding_date(today, -26)


def last_unlisted_end(today: date) -> date:
    """Return the latest end date that is no longer listed on ``today``: what a purge may remove.

    The same rule as :func:`shown_until`, turned into the one boundary that SQL can carry out.
    """
    boundary = corresponding_date(today, -LISTED_FOR_YEARS)
    while shown_until(boundary) >= today:
        boundary -= timedelta(days=1)
    while shown_until(boundary + timedelta(days=1)) < today:
        boundary += timedelta(days=1)
    return boundary


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long the rows of one table are kept, counted from what, and why."""

    table: str
    period: str
    counted_from: str
    because: str


RETENTION: tuple[Keep, ...] = tuple(
    Keep(table=table, period=period, counted_from=counted_from, because=because)
    for table, period, counted_from, because in (
        ("feed", "kept", "-", "the register of who may push; no personal data"),
        ("batch", "6 years", "received", "which delivery said what, without its content"),
        ("batch_part", "30 days", "applied", "the delivery's content, to apply it and look back"),
        ("receipt", "1 year", "received", "lets an agency see what became of each row"),
        ("source_record", "archive rules", "18th birthday", "RET-04 to RET-08"),
        ("source_name", "archive rules", "18th birthday", "RET-04 to RET-08"),
        ("source_identifier", "archive rules", "18th birthday", "RET-04 to RET-08"),
        ("source_address", "archive rules", "18th birthday", "RET-04 to RET-08"),
        ("source_carer", "archive rules", "18th birthday", "RET-04 to RET-08"),
        ("blocking_key", "with its source record", "-", "finds candidates; derived"),
        ("child", "archive rules", "18th birthday", "RET-04 to RET-08"),
        ("link", "archive rules", "18th birthday", "why a record belongs to a child"),
        ("involvement", "1 year", "end", "RET-01, RET-03"),
        ("assessment", "archive rules", "18th birthday", "RET-04 to RET-08"),
        ("lead_professional", "with its involvement", "-", "RET-01"),
        ("review_task", "archive rules", "18th birthday", "a question for a steward"),
        ("decision", "archive rules", "18th birthday", "what a steward decided, for ever undoable"),
        ("cannot_link", "archive rules", "18th birthday", "what must never be linked again"),
        ("audit_event", "6 years", "event", "AUD-05"),
        ("handle", "15 minutes", "issued", "what a caller was just shown (SCH-06)"),
        ("look_up_outcome", "6 years", "event", "OUT-01"),
    )
)
