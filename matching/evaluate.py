"""How right the matcher is: a labelled file replayed record by record, as feeds would push it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from random import Random

from matching.blocking import index_keys, linkage_keys
from matching.decide import POSSIBLE_DUPLICATE, Candidate, MatchDecision, Outcome, decide
from matching.model import LinkageModel
from matching.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A source record with the truth; it is counted under each of its ``groups`` (community …)."""

    record: str
    person: Person
    truth: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What became of one record. ``is_right`` says that its child was linked or proposed;
    ``was_held`` that she was in the index, ``was_found`` that blocking found her.
    """

    labelled: Labelled
    decision: MatchDecision
    is_right: bool
    was_held: bool
    was_found: bool


@dataclass(slots=True)
class _Index:
    """The children so far, under the keys of their records."""

    members: dict[int, list[Person]] = field(default_factory=dict)
    truth: dict[int, str] = field(default_factory=dict)
    keys: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def candidates(self, person: Person) -> list[Candidate]:
        found: set[int] = set().union(*(self.keys.get(key, ()) for key in linkage_keys(person)))
        return [Candidate(child=one, members=tuple(self.members[one])) for one in sorted(found)]

    def add(self, person: Person, truth: str, child: int | None) -> None:
        if child is None:
            child = len(self.members)
            self.members[child], self.truth[child] = [], truth
        self.members[child].append(person)
        for key in index_keys(person):
            self.keys[key].add(child)


def replay(
    records: Iterable[Labelled], model: LinkageModel, *, seed: int = 1
) -> tuple[Arrival, ...]:
    """Let the records arrive in a shuffled order, each decided against the index so far.

    A steward is taken to be right: a record sent to review joins its own child if she is among
    those proposed, and is a new child otherwise. A wrong automatic link stays, as it would.
    """
    order = sorted(records, key=lambda each: each.record)
    Random(seed).shuffle(order)  # noqa: S311 - the order of a test, not a secret
    index = _Index()
    held: set[str] = set()
    arrivals = []
    for each in order:
        candidates = index.candidates(each.person)
        decision = decide(each.person, candidates, model)
        arrivals.append(
            Arrival(
                labelled=each,
                decision=decision,
                is_right=any(index.truth[one] == each.truth for one in _named(decision)),
                was_held=each.truth in held,
                was_found=any(index.truth[one.child] == each.truth for one in candidates),
            )
        )
        index.add(each.person, each.truth, _joined(decision, each, index))
        held.add(each.truth)
    return tuple(arrivals)


def _joined(decision: MatchDecision, each: Labelled, index: _Index) -> int | None:
    if decision.outcome is Outcome.LINK:
        return decision.child
    if not _is_asked(decision):
        return None
    return next((one for one in _proposed(decision) if index.truth[one] == each.truth), None)


def _is_asked(decision: MatchDecision) -> bool:
    """A steward is asked, whether the record waits for the answer or has a child of its own."""
    return decision.outcome is Outcome.REVIEW or decision.because == POSSIBLE_DUPLICATE


def _named(decision: MatchDecision) -> tuple[int, ...]:
    """The child linked, or all those proposed."""
    return _proposed(decision)[:1] if decision.outcome is Outcome.LINK else _proposed(decision)


def _proposed(decision: MatchDecision) -> tuple[int, ...]:
    first = () if decision.child is None else (decision.child,)
    return (*first, *(child for child, _ in decision.possible))


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The counts of a replay; every share is of arrivals whose child was held unless it says so."""

    arrivals: int
    held: int
    found: int
    linked_right: int
    linked_wrong: int
    reviewed_right: int
    reviewed_in_vain: int
    missed: int

    @property
    def false_link_share(self) -> tuple[float, float]:
        """False links among automatic links, and the upper end of its 95 % interval (Wilson)."""
        return _wilson(self.linked_wrong, self.linked_wrong + self.linked_right)

    @property
    def automatic_recall(self) -> float:
        """Linked to the right child by the system alone."""
        return self.linked_right / max(1, self.held)

    @property
    def total_recall(self) -> float:
        """The same, with what a perfect steward adds."""
        return (self.linked_right + self.reviewed_right) / max(1, self.held)

    @property
    def reviews_per_1000(self) -> float:
        """Records sent to a steward, of 1,000 arriving."""
        return 1000 * (self.reviewed_right + self.reviewed_in_vain) / max(1, self.arrivals)


def summarise(arrivals: Sequence[Arrival]) -> Summary:
    """Count a replay. A review in vain proposed no child that was right."""
    counts: Counter[str] = Counter()
    for each in arrivals:
        counts["held"] += each.was_held
        counts["found"] += each.was_held and each.was_found
        counts[_verdict(each)] += 1
    return Summary(
        arrivals=len(arrivals),
        held=counts["held"],
        found=counts["found"],
        linked_right=counts["linked right"],
        linked_wrong=counts["linked wrong"],
        reviewed_right=counts["reviewed right"],
        reviewed_in_vain=counts["reviewed in vain"],
        missed=counts["missed"],
    )


def _verdict(arrival: Arrival) -> str:
    if arrival.decision.outcome is Outcome.LINK:
        return "linked right" if arrival.is_right else "linked wrong"
    if _is_asked(arrival.decision):
        return "reviewed right" if arrival.is_right else "reviewed in vain"
    return "missed" if arrival.was_held else "new"


def by_group(arrivals: Sequence[Arrival]) -> Mapping[str, Summary]:
    """The same counts for each group that a record belongs to."""
    grouped: dict[str, list[Arrival]] = defaultdict(list)
    for each in arrivals:
        for group in each.labelled.groups:
            grouped[group].append(each)
    return {group: summarise(each) for group, each in sorted(grouped.items())}


def _wilson(hits: int, of: int) -> tuple[float, float]:
    """A share and the upper end of its 95 % interval."""
    if of == 0:
        return 0.0, 1.0
    z, share = 1.96, hits / of
    middle = share + z * z / (2 * of)
    spread = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return share, (middle + spread) / (1 + z * z / of)
