"""Placing: which child each new or changed source record belongs to, for a whole chunk at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from child_index.gate import Visit
from child_index.records import ChildId, SourceId
from child_index.store import blocking, children, decided, links, sources, tasks
from matching.decide import (
    POSSIBLE_DUPLICATE,
    Candidate,
    MatchDecision,
    Outcome,
    decide,
    shares_identifier,
)
from matching.model import LinkageModel
from matching.person import Person

SYSTEM = "system"
POSSIBLE_SAME_CHILD = "possible_same_child"
IDENTIFIER_CONFLICT = "identifier_conflict"
"""They share an identifier, and yet are not linked (MAT-03)."""
IDENTITY_CHANGED = "identity_changed"
MOST_UNDER_A_KEY = 200
"""A key that more children have in common tells nothing: a hostel, a default, a poisoned file."""
NEW_FACTS = "new_facts"
"""The outcome of a task that no steward settled: what arrived since has answered it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """A source record to be placed: the blocking keys it is stored under and looked for by.

    ``child_id`` is the child it is linked to already, if any: then its identity has changed.
    """

    source_id: SourceId
    person: Person
    kept: frozenset[int]
    sought: frozenset[int]
    child_id: ChildId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """How many records were linked, made new child records, or wait for a steward."""

    linked: int
    new: int
    waiting: int


@dataclass(slots=True, kw_only=True)
class _Table:
    """What is known while a chunk is placed, record by record, each finding those before it.

    A child made in this chunk has a number below zero until the store has given it one.
    """

    under: dict[int, set[ChildId]]
    members: dict[ChildId, dict[SourceId, Person]]
    forbidden: Mapping[SourceId, set[SourceId]]
    made: list[tuple[SourceId, MatchDecision]] = field(default_factory=list)
    linked: list[tuple[SourceId, ChildId, MatchDecision]] = field(default_factory=list)
    asked: dict[SourceId, tuple[ChildId, str, MatchDecision]] = field(default_factory=dict)
    doubted: dict[SourceId, bool] = field(default_factory=dict)

    def candidates(self, record: Unplaced) -> tuple[Candidate, ...]:
        """Every child under one of the record's keys, with her records but this one."""
        near = set[ChildId]().union(*map(self.under_key, record.sought))
        if record.child_id is not None:
            near.add(record.child_id)
        no = self.forbidden.get(record.source_id, set())
        found = []
        for child_id in near:
            others = {
                one: person
                for one, person in self.members.get(child_id, {}).items()
                if one != record.source_id
            }
            if others:
                found.append(
                    Candidate(
                        child=child_id,
                        members=tuple(others.values()),
                        cannot_link=not no.isdisjoint(others),
                    )
                )
        return tuple(found)

    def under_key(self, number: int) -> set[ChildId]:
        """The children under a key, unless there are too many of them."""
        found = self.under.get(number, set())
        return found if len(found) <= MOST_UNDER_A_KEY else set()

    def ask(self, record: Unplaced, child_id: ChildId, kind: str, decision: MatchDecision) -> None:
        """Ask a steward whether the record belongs to this child."""
        self.asked[record.source_id] = (child_id, kind, decision)

    def seat(self, record: Unplaced, child_id: ChildId) -> None:
        """Let the records that follow find this one with its child."""
        self.members.setdefault(child_id, {})[record.source_id] = record.person
        for number in record.kept:
            self.under.setdefault(number, set()).add(child_id)


def place(visit: Visit, records: Sequence[Unplaced]) -> Placed:
    """Link, make new, or ask a steward about each record, in order (MAT-01).

    A dozen statements for a chunk, whatever its size. The caller must be alone in the matching
    lane, so that two deliveries of one unknown child cannot both find nobody.
    """
    if not records:
        return Placed(linked=0, new=0, waiting=0)
    table, model = _lay(visit, records), visit.index.model
    for record in records:
        if record.child_id is None:
            _place_one(table, record, model)
        else:
            _question_one(table, record, model)
    made = children.create(visit.conn, visit.at, len(table.made)) if table.made else ()
    _write_links(visit, table, made)
    _write_tasks(visit, table, records, made)
    for is_doubted in (True, False):
        ids = [one for one, doubted in table.doubted.items() if doubted is is_doubted]
        sources.set_doubted(visit.conn, ids, is_doubted=is_doubted)
    unlinked = sum(1 for each in records if each.child_id is None)
    return Placed(
        linked=len(table.linked),
        new=len(table.made),
        waiting=unlinked - len(table.linked) - len(table.made),
    )


def settle_withdrawn(visit: Visit, source_ids: Sequence[SourceId]) -> None:
    """Settle what was asked about records that are no more."""
    asked = tasks.open_for(visit.conn, source_ids)
    ids = [task_id for of_record in asked.values() for task_id in of_record.values()]
    tasks.settle(visit.conn, ids, outcome=NEW_FACTS, at=visit.at)


def _lay(visit: Visit, records: Sequence[Unplaced]) -> _Table:
    wanted = set[int]().union(*(each.sought for each in records))
    under = blocking.children_under(visit.conn, wanted)
    near = set[ChildId]().union(*(s for s in under.values() if len(s) <= MOST_UNDER_A_KEY))
    near.update(each.child_id for each in records if each.child_id is not None)
    return _Table(
        under=under,
        members=links.members(visit.conn, near),
        forbidden=links.forbidden(visit.conn, [each.source_id for each in records]),
    )


def _place_one(table: _Table, record: Unplaced, model: LinkageModel) -> None:
    decision = decide(record.person, table.candidates(record), model)
    if decision.outcome is Outcome.REVIEW and decision.child is not None:
        child_id = ChildId(decision.child)
        members = table.members[child_id].values()
        is_conflict = any(shares_identifier(record.person, member) for member in members)
        kind = IDENTIFIER_CONFLICT if is_conflict else POSSIBLE_SAME_CHILD
        table.ask(record, child_id, kind, decision)
        return
    if decision.outcome is Outcome.LINK and decision.child is not None:
        child_id = ChildId(decision.child)
        table.linked.append((record.source_id, child_id, decision))
    else:
        table.made.append((record.source_id, decision))
        child_id = ChildId(-len(table.made))
        if decision.because == POSSIBLE_DUPLICATE:
            table.ask(record, ChildId(decision.possible[0][0]), POSSIBLE_SAME_CHILD, decision)
    table.seat(record, child_id)


def _question_one(table: _Table, record: Unplaced, model: LinkageModel) -> None:
    """Ask whether a linked record whose identity changed still belongs to its child.

    It stays in any case; only a steward takes it away. A record that still links, or fits its own
    child best, is not doubted; nor is one that is all its child has, unless it now fits another.
    """
    own_id = record.child_id or ChildId(0)
    near = table.candidates(record)
    own = [each for each in near if each.child == own_id]
    table.seat(record, own_id)
    alone = decide(record.person, own, model)
    if alone.outcome is Outcome.LINK:
        table.doubted[record.source_id] = False
        return
    among_all = decide(record.person, near, model)
    fits_another = among_all.child is not None and among_all.child != own_id
    if fits_another:
        table.ask(record, ChildId(among_all.child or 0), IDENTITY_CHANGED, among_all)
    elif own and (alone.outcome is Outcome.NEW or _is_forbidden(alone)):
        table.ask(record, own_id, IDENTITY_CHANGED, alone)
    table.doubted[record.source_id] = record.source_id in table.asked


def _is_forbidden(decision: MatchDecision) -> bool:
    return decision.because == "identifier-conflict" or decision.because.startswith("veto:")


def _write_links(visit: Visit, table: _Table, made: Sequence[ChildId]) -> None:
    new = zip(table.made, made, strict=True)
    placed = [(source_id, child_id, decision) for (source_id, decision), child_id in new]
    linked = [(one, _real(child_id, made), decision) for one, child_id, decision in table.linked]
    limits = visit.index.model.thresholds
    links.make(
        visit.conn,
        [
            decided.link_columns(decision, limits)
            | {
                "source_id": source_id,
                "child_id": child_id,
                "made_by": SYSTEM,
                "made_at": visit.at,
            }
            for source_id, child_id, decision in (*placed, *linked)
        ],
    )


def _write_tasks(
    visit: Visit, table: _Table, records: Sequence[Unplaced], made: Sequence[ChildId]
) -> None:
    """Raise what is asked now, score anew what is asked still, settle what is answered."""
    held = tasks.open_for(visit.conn, [each.source_id for each in records])
    added: list[dict[str, object]] = []
    renewed: list[dict[str, object]] = []
    for source_id, (child_id, kind, decision) in table.asked.items():
        real = _real(child_id, made)
        task_id = held.get(source_id, {}).pop(real, None)
        row = decided.task_columns(kind, decision)
        if task_id is None:
            who = {"source_id": source_id, "child_id": real, "raised_at": visit.at}
            added.append(row | who)
        else:
            renewed.append(
                {f"new_{name}": value for name, value in row.items()} | {"task_id": task_id}
            )
    answered = [task_id for of_record in held.values() for task_id in of_record.values()]
    tasks.settle(visit.conn, answered, outcome=NEW_FACTS, at=visit.at)
    tasks.renew(visit.conn, renewed)
    tasks.add(visit.conn, added)


def _real(child_id: ChildId, made: Sequence[ChildId]) -> ChildId:
    """The store's id of a child that was made while placing."""
    return made[-child_id - 1] if child_id < 0 else child_id
