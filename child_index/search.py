"""Verbs: find children, open one and see who is working with them, say what came of it."""

import json
import random
import secrets
from datetime import timedelta
from typing import NamedTuple

from child_index import cards as cards_of
from child_index import criteria as rules
from child_index import showing, visibility
from child_index.access import Permission
from child_index.answers import Card, ChildView, Criteria, SearchAnswer
from child_index.cards import Found
from child_index.clock import civil_date
from child_index.criteria import Sought
from child_index.errors import Conflict, Invalid, NotFound, Problem
from child_index.gate import Index, Visit
from child_index.records import BY_HAND, Caller, ChildId
from child_index.store import audit, children, finding, handles, outcomes
from child_index.survivorship import child_facts
from matching import blocking
from matching.person import Person
from matching.score import MatchScore, score

NEAR_BEFORE_BROAD = timedelta(minutes=15)
SEARCH_HANDLE = "search"
OUTCOMES = frozenset({"contacted-someone", "not-needed", "wrong-child", "could-not-reach"})
_random = random.SystemRandom()


def find_children(index: Index, caller: Caller, criteria: Criteria) -> SearchAnswer:
    """Find the children who may be the one looked for (SCH-01 to SCH-13).

    One visit: the search with its criteria and every child shown are in the audit before anything
    is answered (AUD-02). Too many answer nothing at all (SCH-05).

    Raises:
        Invalid: too little, or what may not be searched by; nothing was looked up.
        Conflict: ``run_near_first`` (SCH-04).
    """
    search_id = caller.request_id or secrets.token_hex(16)
    with index.admit(caller, Permission.CHILD_SEARCH) as visit:
        rules.require_sufficient(criteria, civil_date(caller.at))
        written = _written(criteria)
        if criteria.mode == "broad":
            _require_near_first(visit, written)
        wanted = rules.sought(criteria)
        found = _look(visit, wanted)
        visit.record(
            f"search:{criteria.mode}",
            subject=search_id,
            criteria=written,
            model_version=index.model.version,
        )
        is_many = found is None or len(found) > index.settings.max_results
        shown = () if found is None or is_many else _show(visit, search_id, found, wanted.person)
    words = cards_of.Words(none=_none(index), search_id=search_id)
    if caller.is_application:
        return cards_of.answer_for_application(words, shown, is_many=is_many)
    return cards_of.answer(words, shown, is_many=is_many)


def who_is_working_with(
    index: Index, caller: Caller, handle: str, *, identity_confirmed: bool
) -> ChildView:
    """Open one child just found and show who is working with them (SCH-07, VIS-01 to VIS-04).

    Raises:
        NotFound: the handle is unknown, another caller's or too old, or nothing can be shown.
        Invalid: ``identity_not_confirmed``.
    """
    child_ref = secrets.token_urlsafe(24)
    with index.admit(caller, Permission.CHILD_READ) as visit:
        if not identity_confirmed:
            detail = "Confirm first that this is the child you mean."
            problem = Problem(pointer="/identityConfirmed", code="not_confirmed", detail=detail)
            raise Invalid("identity_not_confirmed", detail, problems=(problem,))
        digest = showing.handle_digest(visit, handle)
        seen = handles.child_of(
            visit.conn, digest, kind=SEARCH_HANDLE, actor=caller.actor, at=caller.at
        )
        if seen is None:
            raise NotFound
        held = showing.held(visit, seen[0])
        view = showing.view(visit, held, child_ref)
        _issue(visit, {child_ref: held.child.child_id}, showing.CHILD_REF, seen[1])
        visit.record(
            "child:opened",
            child_id=held.child.child_id,
            index_number=held.child.index_number,
            subject=seen[1],
            fields=" ".join(sorted(_disclosed(view))),
        )
    return view


def note_outcome(index: Index, caller: Caller, child_ref: str, outcome: str) -> None:
    """Note what came of a look-up (OUT-01): one word, no text.

    Raises:
        Invalid: not one of the words.
        NotFound: not a child this caller opened within the last 15 minutes.
    """
    with index.admit(caller, Permission.OUTCOME_WRITE) as visit:
        if outcome not in OUTCOMES:
            raise Invalid("outcome_not_allowed", "Choose one of the outcomes.")
        child_id = showing.child_of_ref(visit, child_ref)
        outcomes.add(visit.conn, child_id, actor=caller.actor, outcome=outcome, at=caller.at)
        visit.record("child:outcome-noted", child_id=child_id, outcome=outcome)


def _none(index: Index) -> str:
    """The one empty answer (decisions.md 13): it never says that nobody works with a child."""
    return (
        "No record can be shown for these details. That does not mean that no one is working with "
        "the child. If you are worried about a child, ring the duty desk on "
        f"{index.settings.duty_desk_phone}. Try again using only name and date of birth."
    )


def _written(criteria: Criteria) -> str:
    """The criteria as the audit keeps them, without the mode: near and broad are one search."""
    return json.dumps(
        [
            criteria.given,
            criteria.family,
            *(d and d.isoformat() for d in (criteria.birth_date, criteria.birth_from)),
            criteria.birth_to and criteria.birth_to.isoformat(),
            criteria.sex,
            criteria.postcode,
            criteria.identifiers,
        ]
    )


def _require_near_first(visit: Visit, written: str) -> None:
    ran = audit.has_searched(
        visit.conn,
        actor=visit.caller.actor,
        action="search:near",
        criteria_digest=visit.index.keys.digest(written),
        since=visit.at - NEAR_BEFORE_BROAD,
    )
    if not ran:
        raise Conflict("run_near_first", "Search for exactly these details first.")


class _Best(NamedTuple):
    """The record of one child that fits best."""

    index_number: str
    score: MatchScore


def _look(visit: Visit, wanted: Sought) -> tuple[Found, ...] | None:
    """Candidates by keys, the rule on each, the best record of each child, best child first.

    Children of equal score come in random order, so that no order can be read (SCH-13). ``None``
    when there are more candidates than can be looked at: too many.
    """
    is_broad = wanted.criteria.mode == "broad"
    candidates = finding.candidates(visit.conn, _keys(wanted, is_broad=is_broad))
    if candidates is None:
        return None
    model = visit.index.model
    best: dict[ChildId, _Best] = {}
    for candidate in candidates:
        if is_broad or rules.is_near(wanted, candidate.person):
            scored = score(wanted.person, candidate.person, model)
            before = best.get(candidate.child_id)
            if before is None or scored.match_weight > before.score.match_weight:
                best[candidate.child_id] = _Best(candidate.index_number, scored)
    if is_broad:
        least = model.thresholds.possible
        best = {child: b for child, b in best.items() if b.score.match_weight >= least}
    found = _living(visit, best)
    _random.shuffle(found)
    return tuple(sorted(found, key=lambda f: -f.score.match_weight))


def _living(visit: Visit, best: dict[ChildId, _Best]) -> list[Found]:
    """What is shown of each child; those who have left search are not found (SCH-12)."""
    records = children.linked_records(visit.conn, list(best), whole=False)
    found = []
    for child_id, of_child in records.items():
        facts = child_facts([r for r in of_child if r.feed.name != BY_HAND])
        if facts.names and not showing.is_archived(visit, facts):
            number, scored = best[child_id]
            found.append(Found(child_id=child_id, index_number=number, score=scored, facts=facts))
    return found


def _show(
    visit: Visit, search_id: str, found: tuple[Found, ...], wanted: Person
) -> tuple[Card, ...]:
    """Make the cards, remember their handles, and record every one of them (AUD-02)."""
    tokens = {secrets.token_urlsafe(24): each for each in found}
    _issue(visit, {t: each.child_id for t, each in tokens.items()}, SEARCH_HANDLE, search_id)
    model = visit.index.model
    for each in found:
        visit.record(
            "search:shown",
            child_id=each.child_id,
            index_number=each.index_number,
            subject=search_id,
            fields="card",
            model_version=model.version,
        )
    return tuple(cards_of.card(token, each, wanted, model) for token, each in tokens.items())


def _issue(visit: Visit, tokens: dict[str, ChildId], kind: str, search_id: str) -> None:
    handles.issue(
        visit.conn,
        {showing.handle_digest(visit, token): child_id for token, child_id in tokens.items()},
        kind=kind,
        actor=visit.caller.actor,
        search_id=search_id,
        expires_at=visit.at + timedelta(minutes=showing.HANDLE_MINUTES),
    )


def _disclosed(view: ChildView) -> frozenset[str]:
    """The classes of fields an opening disclosed, never their values."""
    return frozenset(item.value for item in visibility.Item) - view.absent


def _keys(wanted: Sought, *, is_broad: bool) -> frozenset[str]:
    keys = blocking.search_keys(wanted.person, broad=is_broad)
    born = wanted.person.birth_date
    if born and (wanted.given_pattern or wanted.family_pattern or not keys):
        both_ways = (born, rules.swapped(born))
        keys |= {blocking.birth_date_key(day) for day in both_ways}
    return keys
