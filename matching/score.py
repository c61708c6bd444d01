"""The compiled scorer: the evidence that two records describe one person, in bits that add up."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import log2
from operator import attrgetter

from matching.comparisons import ALL, Level, Levels, levels_reached
from matching.model import LinkageModel
from matching.normalise import is_listed_given_name
from matching.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One comparison's share of the match weight, in words a practitioner reads."""

    field: str
    level: str
    label: str
    match_weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchScore:
    """A pair's match weight: ``prior_weight`` and the reasons' weights add up to it."""

    match_weight: float
    prior_weight: float
    reasons: tuple[Reason, ...]

    @property
    def levels(self) -> dict[str, str]:
        """The level reached in each comparison that has one to tell (the agreement vector)."""
        return {reason.field: reason.level for reason in self.reasons}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rung:
    """One level with this model's weight; ``rarity`` tells a value's share, when it matters."""

    level: Level
    match_weight: float
    u_bits: float
    value: Callable[[Person], str] | None
    rarity: Callable[[str], float] | None


class Scorer:
    """One model's numbers laid out for speed; made once per model and kept."""

    __slots__ = ("_given_names", "_ladders", "_prior_weight", "_weights")

    def __init__(self, model: LinkageModel) -> None:
        self._prior_weight = model.prior_weight
        self._ladders = _ladders(model)
        self._given_names = frozenset(
            value
            for held in model.term_frequencies
            if held.column == "given"
            for value, _ in held.shares
        )
        self._weights = tuple(
            tuple(rung.match_weight for rung in ladder) for ladder in self._ladders
        )

    def weigh(self, left: Person, right: Person) -> float:
        """The match weight alone, without its reasons: what ranks many candidates."""
        total = self._prior_weight
        for index, (reached, weights) in enumerate(
            zip(levels_reached(left, right), self._weights, strict=True)
        ):
            total += weights[reached]
            if reached in _RARITY_AT[index]:
                total += self._adjustment(self._ladders[index][reached], left)
        return total

    def score(self, left: Person, right: Person) -> MatchScore:
        """The match weight with its reasons, in the order of the comparisons."""
        return self.explain(levels_reached(left, right), left)

    def explain(self, reached: Levels, left: Person) -> MatchScore:
        """The score of a pair whose levels are known; ``left`` is either person of it."""
        reasons = []
        total = self._prior_weight
        for comparison, ladder, index in zip(ALL, self._ladders, reached, strict=True):
            rung = ladder[index]
            if rung.level.silent:
                continue
            weight = rung.match_weight + self._adjustment(rung, left)
            total += weight
            reasons.append(
                Reason(
                    field=comparison.field,
                    level=rung.level.name,
                    label=rung.level.label,
                    match_weight=weight,
                )
            )
        return MatchScore(
            match_weight=total, prior_weight=self._prior_weight, reasons=tuple(reasons)
        )

    def is_known_given_name(self, word: str) -> bool:
        """Say whether a given name is one that children have, as far as the model can tell:
        listed in names/, or met more often than a misspelling would be.
        """
        return is_listed_given_name(word) or word in self._given_names

    @staticmethod
    def _adjustment(rung: _Rung, person: Person) -> float:
        """What the rarity of the shared value adds to, or takes from, the level's weight."""
        if rung.value is None or rung.rarity is None:
            return 0.0
        return rung.u_bits - log2(rung.rarity(rung.value(person)))


_RARITY_AT: tuple[frozenset[int], ...] = tuple(
    frozenset(i for i, level in enumerate(comparison.levels) if level.term_frequency)
    for comparison in ALL
)


def _ladders(model: LinkageModel) -> tuple[tuple[_Rung, ...], ...]:
    weights = {(each.comparison, each.level): each for each in model.weights}
    shares = {each.column: each for each in model.term_frequencies}

    def rarity(column: str) -> Callable[[str], float]:
        held, unseen = dict(shares[column].shares), shares[column].unseen
        floored = {value: max(share, unseen) for value, share in held.items()}
        return lambda value: floored.get(value, unseen)

    def rung(field: str, level: Level) -> _Rung:
        weight = None if level.silent else weights[field, level.name]
        column = level.term_frequency
        return _Rung(
            level=level,
            match_weight=weight.match_weight if weight else 0.0,
            u_bits=log2(weight.u) if weight else 0.0,
            value=attrgetter(column) if column else None,
            rarity=rarity(column) if column else None,
        )

    return tuple(
        tuple(rung(comparison.field, level) for level in comparison.levels) for comparison in ALL
    )


@lru_cache(maxsize=16)
def scorer(model: LinkageModel) -> Scorer:
    """The model compiled; kept, so a caller need not."""
    return Scorer(model)


def score(left: Person, right: Person, model: LinkageModel) -> MatchScore:
    """Add up the evidence that ``left`` and ``right`` describe one person.

    A field missing on either side is no evidence either way: it adds 0 bits and no reason.
    """
    return scorer(model).score(left, right)
