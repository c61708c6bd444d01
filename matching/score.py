"""The compiled scorer: the evidence that two records describe one person, in bits that add up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log2

from matching.comparisons import ALL, Level, compiled, levels_reached
from matching.model import LinkageModel, Weight
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
    """One level with this model's weight; ``by_value`` has those of a rarity-adjusted level."""

    level: Level
    reason: Reason
    by_value: Mapping[str, float] | None = None

    def reason_for(self, person: Person) -> Reason:
        """The evidence of the level, given the value that both sides share."""
        if self.by_value is None or self.level.term_frequency is None:
            return self.reason
        weight = self.by_value.get(getattr(person, self.level.term_frequency))
        return self.reason if weight is None else replace(self.reason, match_weight=weight)


class Scorer:
    """One model's numbers laid out for speed; made once per model and kept.

    ``weigh`` is the match weight alone, without its reasons: what ranks many candidates.
    """

    __slots__ = ("_given_names", "_ladders", "_prior_weight", "weigh")

    weigh: Callable[[Person, Person], float]

    def __init__(self, model: LinkageModel) -> None:
        self._prior_weight = model.prior_weight
        self._ladders = _ladders(model)
        self.weigh = _compiled(self._prior_weight, self._ladders)
        self._given_names = frozenset(
            value
            for held in model.term_frequencies
            if held.column == "given"
            for value, _ in held.shares
        )

    def score(self, left: Person, right: Person) -> MatchScore:
        """The match weight with its reasons, in the order of the comparisons."""
        reached = levels_reached(left, right)
        rungs = (ladder[index] for ladder, index in zip(self._ladders, reached, strict=True))
        reasons = tuple(rung.reason_for(left) for rung in rungs if not rung.level.silent)
        total = self._prior_weight
        for reason in reasons:
            total += reason.match_weight
        return MatchScore(match_weight=total, prior_weight=self._prior_weight, reasons=reasons)

    def is_known_given_name(self, word: str) -> bool:
        """Say whether a given name is one that children have, as far as the model can tell:
        listed in names/, or met more often than a misspelling would be.
        """
        return is_listed_given_name(word) or word in self._given_names


def _ladders(model: LinkageModel) -> tuple[tuple[_Rung, ...], ...]:
    weights = {(each.comparison, each.level): each for each in model.weights}
    frequencies = {each.column: each for each in model.term_frequencies}

    def rung(field: str, level: Level) -> _Rung:
        weight = None if level.silent else weights[field, level.name]
        reason = Reason(
            field=field,
            level=level.name,
            label=level.label,
            match_weight=weight.match_weight if weight else 0.0,
        )
        if weight is None or level.term_frequency is None:
            return _Rung(level=level, reason=reason)
        held = frequencies[level.term_frequency]
        return _Rung(
            level=level,
            reason=replace(reason, match_weight=_adjusted(weight, held.unseen)),
            by_value={
                value: _adjusted(weight, max(share, held.unseen)) for value, share in held.shares
            },
        )

    return tuple(
        tuple(rung(comparison.field, level) for level in comparison.levels) for comparison in ALL
    )


def _adjusted(weight: Weight, share: float) -> float:
    """A level's weight for a value that is as common as ``share``: Splink's adjustment."""
    return weight.match_weight + (log2(weight.u) - log2(share))


def _compiled(
    prior_weight: float, ladders: tuple[tuple[_Rung, ...], ...]
) -> Callable[[Person, Person], float]:
    constants: dict[str, object] = {}

    def worth(rung: _Rung) -> str:
        column = rung.level.term_frequency
        if rung.by_value is None or column is None:
            return repr(rung.reason.match_weight)
        constants[f"{column}_weights"] = dict(rung.by_value)
        return f"{column}_weights.get(l.{column}, {rung.reason.match_weight!r})"

    rungs = [[worth(rung) for rung in ladder] for ladder in ladders]
    return compiled(" + ".join([repr(prior_weight)] + ["{}"] * len(rungs)), rungs, constants)


@lru_cache(maxsize=16)
def scorer(model: LinkageModel) -> Scorer:
    """The model compiled; kept, so a caller need not."""
    return Scorer(model)


def score(left: Person, right: Person, model: LinkageModel) -> MatchScore:
    """Add up the evidence that ``left`` and ``right`` describe one person.

    A field missing on either side is no evidence either way: it adds 0 bits and no reason.
    """
    return scorer(model).score(left, right)
