"""Verbs: a practitioner's own involvement, whether the family knows, and who leads."""

import uuid
from datetime import date, timedelta

from child_index import showing, visibility
from child_index.access import Permission
from child_index.answers import MyInvolvement
from child_index.clock import civil_date
from child_index.errors import Conflict, Invalid, NotFound, OutOfDate, Problem, VersionRequired
from child_index.gate import Index, Visit
from child_index.records import (
    BY_HAND,
    Caller,
    ChildId,
    Involvement,
    InvolvementId,
    ListedInvolvement,
)
from child_index.retention import InvolvementState
from child_index.store import by_hand, children, involvements

FAMILY_INFORMED = frozenset({"yes", "no-unsafe", "no-not-yet"})
LONGEST_PLAN = timedelta(days=2 * 366)
SERVICE_TYPES = frozenset(
    {
        "SOCIAL_CARE",
        "YOUTH_JUSTICE",
        "EARLY_HELP",
        "YOUTH_SERVICE",
        "HEALTH_VISITING",
        "SCHOOL_NURSING",
        "COMMUNITY_PAEDIATRICS",
        "EDUCATION_WELFARE",
        "PASTORAL",
        "SEND",
        "HOUSING",
        "POLICE_CHILD",
        "VOLUNTARY",
        "YOUNG_CARERS",
        "MATERNITY",
        "CONNEXIONS",
        "OTHER",
    }
)


def start(index: Index, caller: Caller, child_ref: str, mine: MyInvolvement) -> ListedInvolvement:
    """Enter the caller's own involvement by hand, for those whom no feed covers.

    It hangs from a source record of its own, so that a merge or a split moves it like any other.

    Raises:
        NotFound: not a child this caller opened within the last 15 minutes.
        Invalid: a field breaks a rule.
    """
    today = civil_date(caller.at)
    with index.admit(caller, Permission.INVOLVEMENT_WRITE) as visit:
        _require_valid(mine, today)
        child_id = showing.child_of_ref(visit, child_ref)
        involvement_id = InvolvementId(str(uuid.uuid4()))
        by_hand.add(visit.conn, child_id, involvement_id, mine, caller, today)
        visit.record("involvement:started", child_id=child_id, subject=involvement_id)
        return _as_it_stands(visit, child_id, involvement_id)


def end(
    index: Index,
    caller: Caller,
    child_ref: str,
    involvement_id: str,
    ended_on: date,
    *,
    seen_version: int,
) -> ListedInvolvement:
    """End an involvement that was entered by hand by the caller's organisation.

    Raises:
        NotFound: not an involvement of a child this caller opened, or not their organisation's.
        Conflict: ``comes_from_feed``: it is corrected at its source.
        OutOfDate: it changed since it was read.
        Invalid: the end lies before the start or too far ahead.
    """
    today = civil_date(caller.at)
    with index.admit(caller, Permission.INVOLVEMENT_WRITE) as visit:
        child_id = showing.child_of_ref(visit, child_ref)
        own = _own(visit, child_id, involvement_id)
        if own.feed != BY_HAND:
            raise Conflict("comes_from_feed", "Your system sends this involvement: end it there.")
        if not own.started_on <= ended_on <= today + LONGEST_PLAN:
            raise _invalid("/endedOn", "end_out_of_range", "The end must not be before the start.")
        changed = involvements.end(
            visit.conn,
            involvement_id,
            ended_on=ended_on,
            seen_version=seen_version,
            confirmed_on=today,
        )
        if not changed:
            raise OutOfDate
        visit.record("involvement:ended", child_id=child_id, subject=involvement_id)
        return _as_it_stands(visit, child_id, involvement_id)


def inform_family(
    index: Index,
    caller: Caller,
    child_ref: str,
    involvement_id: str,
    family_informed: str,
    *,
    seen_version: int,
) -> ListedInvolvement:
    """Record whether the family has been told of an involvement (CON-04), on one's own row.

    Raises:
        NotFound: not an involvement of a child this caller opened, or not their organisation's.
        OutOfDate: the involvement changed since it was read.
        Invalid: not one of the answers.
    """
    with index.admit(caller, Permission.INVOLVEMENT_WRITE) as visit:
        if family_informed not in FAMILY_INFORMED:
            raise _invalid("/familyInformed", "not_one_of", "Choose one of the answers.")
        child_id = showing.child_of_ref(visit, child_ref)
        own = _own(visit, child_id, involvement_id)
        if own.version != seen_version:
            raise OutOfDate
        involvements.set_family_informed(visit.conn, involvement_id, family_informed)
        visit.record("involvement:family-informed", child_id=child_id, subject=involvement_id)
        return _as_it_stands(visit, child_id, involvement_id)


def name_lead(
    index: Index,
    caller: Caller,
    child_ref: str,
    involvement_id: str,
    *,
    agreed_change: bool,
    seen_version: str | None,
) -> ListedInvolvement:
    """Name the lead professional: one at a time, an active involvement, its history kept (CP8).

    ``seen_version`` is the child's version as the caller read it (the ETag of opening).

    Raises:
        NotFound: not an involvement of a child this caller opened.
        Conflict: ``not_active``, or ``lead_exists`` and no agreement to change was stated.
        VersionRequired, OutOfDate: what the caller saw is missing, or no longer so.
    """
    with index.admit(caller, Permission.INVOLVEMENT_WRITE) as visit:
        child_id = showing.child_of_ref(visit, child_ref)
        children.lock(visit.conn, child_id)
        held = showing.held(visit, child_id)
        if seen_version is None:
            raise VersionRequired
        wanted = [
            each for each in held.involvements if each.involvement.involvement_id == involvement_id
        ]
        if not wanted:
            raise NotFound
        if wanted[0].state is not InvolvementState.ACTIVE:
            raise Conflict("not_active", "Only an active involvement can lead.")
        if held.lead is not None and held.lead != wanted[0] and not agreed_change:
            raise Conflict(
                "lead_exists",
                "There is a lead professional. Say that the change was agreed to replace them.",
            )
        if seen_version != showing.version_of(visit, held):
            raise OutOfDate
        before = involvements.leads_of(visit.conn, child_id)
        involvements.end_leads(visit.conn, before, caller.at)
        involvements.name_lead(visit.conn, involvement_id, named_by=caller.actor, at=caller.at)
        visit.record("child:lead-named", child_id=child_id, subject=involvement_id)
        return wanted[0]


def _require_valid(mine: MyInvolvement, today: date) -> None:
    if mine.service_type not in SERVICE_TYPES:
        raise _invalid("/serviceType", "not_one_of", "Choose one of the service types.")
    if not (mine.phone or mine.email):
        raise _invalid("/phone", "no_contact", "Give a telephone number or an e-mail address.")
    if mine.started_on is not None and mine.started_on > today:
        raise _invalid("/startedOn", "in_the_future", "The start must not be in the future.")
    if mine.family_informed is not None and mine.family_informed not in FAMILY_INFORMED:
        raise _invalid("/familyInformed", "not_one_of", "Choose one of the answers.")


def _invalid(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid(
        "invalid", detail, problems=(Problem(pointer=pointer, code=code, detail=detail),)
    )


def _own(visit: Visit, child_id: ChildId, involvement_id: str) -> Involvement:
    """Return the involvement if it is the caller's organisation's; else it is not there."""
    found = involvements.get(visit.conn, child_id, involvement_id)
    if found is None or not visibility.is_yours(visit.caller, (found.organisation,)):
        raise NotFound
    return found


def _as_it_stands(visit: Visit, child_id: ChildId, involvement_id: str) -> ListedInvolvement:
    """The involvement as it now is; one that ended over a year ago is told once, as expired."""
    found = involvements.get(visit.conn, child_id, involvement_id)
    if found is None:
        raise NotFound
    return visibility.as_shown(found, visit.caller, civil_date(visit.at))
