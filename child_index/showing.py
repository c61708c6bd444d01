"""Put together what one caller may see of one child: read, chosen, cut to what is allowed."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from child_index import index_number, retention, visibility
from child_index.answers import ChildView, FeedFreshness
from child_index.clock import civil_date
from child_index.errors import NotFound
from child_index.gate import Visit
from child_index.records import (
    BY_HAND,
    ChildId,
    Feed,
    InvolvementId,
    ListedInvolvement,
    StatedAssessment,
    StatedIdentifier,
    StatedName,
)
from child_index.retention import InvolvementState
from child_index.store import children, feeds, handles, involvements
from child_index.store.children import ChildRow
from child_index.survivorship import ChildFacts, child_facts, full_birth_date
from child_index.visibility import Item

HANDLE_MINUTES = 15
CHILD_REF = "child"
DISCLAIMER = (
    "Only what agencies have sent is listed here. That no one else is listed does not mean that no "
    "one else is involved."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """All that is held about one child and visible on this day, before the caller's rights."""

    child: ChildRow
    facts: ChildFacts
    involvements: tuple[ListedInvolvement, ...]
    assessment: StatedAssessment | None
    lead: ListedInvolvement | None
    feeds: tuple[FeedFreshness, ...]


def handle_digest(visit: Visit, token: str) -> str:
    """The digest under which a handle is kept; the handle itself is never stored."""
    return visit.index.keys.digest(f"handle:{token}")


def child_of_ref(visit: Visit, child_ref: str) -> ChildId:
    """Return the child a caller opened within the last 15 minutes, and prolong that.

    Raises:
        NotFound: unknown, another caller's, or too old.
    """
    digest = handle_digest(visit, child_ref)
    found = handles.child_of(
        visit.conn, digest, kind=CHILD_REF, actor=visit.caller.actor, at=visit.at
    )
    if found is None:
        raise NotFound
    handles.prolong(visit.conn, digest, expires_at=visit.at + timedelta(minutes=HANDLE_MINUTES))
    return found[0]


def held(visit: Visit, child_id: ChildId) -> Held:
    """Read a child whole. About ten queries, none of them grows with the index.

    Raises:
        NotFound: no such child, or nothing of it is visible today (archived, withdrawn).
    """
    today = civil_date(visit.at)
    child = children.get(visit.conn, child_id)
    if child is None:
        raise NotFound
    records = children.linked_records(visit.conn, [child.child_id]).get(child.child_id, ())
    facts = child_facts([r for r in records if r.feed.name != BY_HAND])
    if not facts.names or is_archived(visit, facts):
        raise NotFound
    listed = _listed(visit, child.child_id, today)
    assessments = involvements.assessments_of(visit.conn, child.child_id)
    return Held(
        child=child,
        facts=facts,
        involvements=listed,
        assessment=assessments[0] if assessments else None,
        lead=_lead(listed, involvements.leads_of(visit.conn, child.child_id)),
        feeds=freshness(feeds.every(visit.conn), today),
    )


def is_archived(visit: Visit, facts: ChildFacts) -> bool:
    """Say whether the child has left search today (RET-04, RET-06)."""
    return retention.is_archived(
        born_on=full_birth_date(facts),
        death_notified_on=facts.death_notified_on,
        today=civil_date(visit.at),
        leap_birthday=visit.index.settings.leap_birthday,
    )


def view(visit: Visit, found: Held, child_ref: str) -> ChildView:
    """Cut what is held to what this caller may read (E.3); what they may not read is ``absent``."""
    settings, facts = visit.index.settings, found.facts
    allowed = visibility.readable(visit.caller, show_address=settings.show_address)
    shown = ChildView(
        child_ref=child_ref,
        version="",
        as_of=visit.at,
        index_number=index_number.display(found.child.index_number),
        names=_shown_names(facts.names, allowed),
        birth_date=facts.birth_date,
        sex=facts.sex,
        has_died=facts.death_notified_on is not None,
        responsible_authority=None,
        address=facts.address if Item.ADDRESS in allowed else None,
        carers=facts.carers if Item.CARERS in allowed else (),
        education=facts.education if Item.EDUCATION in allowed else None,
        practice=facts.practice if Item.PRACTICE in allowed else None,
        identifiers=_shown_identifiers(facts.identifiers, allowed),
        assessment=found.assessment if Item.ASSESSMENT in allowed else None,
        lead_professional=found.lead if Item.LEAD_PROFESSIONAL in allowed else None,
        involvements=found.involvements if Item.INVOLVEMENTS in allowed else (),
        feeds=found.feeds,
        disclaimer=DISCLAIMER,
        absent=frozenset(item.value for item in Item if item not in allowed)
        | (
            frozenset({"identifiers"}) if not allowed & {Item.NHS_NUMBER, Item.UPN} else frozenset()
        ),
    )
    return replace(shown, version=version_of(visit, found))


def version_of(visit: Visit, found: Held) -> str:
    """A word that changes whenever anything held about the child changes (the ETag)."""
    return visit.index.keys.digest(
        f"{found.child!r}{found.facts!r}{found.involvements!r}{found.assessment!r}{found.lead!r}"
    )[:32]


def freshness(all_feeds: tuple[Feed, ...], today: date) -> tuple[FeedFreshness, ...]:
    """The same list for every child: all accredited feeds that are not sensitive (decisions 15)."""
    return tuple(
        FeedFreshness(
            organisation=feed.organisation,
            last_received_on=civil_date(feed.last_received_at) if feed.last_received_at else None,
            is_stale=is_stale(feed, today),
        )
        for feed in all_feeds
        if feed.state == "accredited" and not feed.is_sensitive and feed.name != BY_HAND
    )


def is_stale(feed: Feed, today: date) -> bool:
    """Say whether a feed has been silent for more than two of its intervals (FED-07)."""
    if feed.last_received_at is None:
        return True
    silence = today - civil_date(feed.last_received_at)
    return silence > timedelta(days=visibility.INTERVALS_UNTIL_UNCONFIRMED * feed.interval_days)


def _listed(visit: Visit, child_id: ChildId, today: date) -> tuple[ListedInvolvement, ...]:
    held_here = involvements.of_child(visit.conn, child_id)
    shown = (visibility.listed(each, visit.caller, today) for each in held_here)
    return tuple(each for each in shown if each is not None)


def _lead(
    listed: tuple[ListedInvolvement, ...], named: tuple[InvolvementId, ...]
) -> ListedInvolvement | None:
    """Who was named here; else the one active involvement that its feed calls the lead (CP8)."""
    active = [each for each in listed if each.state is InvolvementState.ACTIVE]
    for each in active:
        if each.involvement.involvement_id in named:
            return each
    said = [each for each in active if each.involvement.is_lead_professional]
    return said[0] if len(said) == 1 else None


def _shown_names(names: tuple[StatedName, ...], allowed: frozenset[Item]) -> tuple[StatedName, ...]:
    return names if Item.ALIASES in allowed else names[:1]


def _shown_identifiers(
    identifiers: tuple[StatedIdentifier, ...], allowed: frozenset[Item]
) -> tuple[StatedIdentifier, ...]:
    schemes = {"nhs": Item.NHS_NUMBER, "upn": Item.UPN, "former-upn": Item.UPN}
    return tuple(i for i in identifiers if schemes.get(i.scheme) in allowed)
