"""The linkage model: m, u, prior, term frequencies and thresholds, in one neutral JSON file."""

import json
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from math import log2
from pathlib import Path

from matching import comparisons

DEFAULT = "england-1.json"
"""The model shipped with the package."""

SMALLEST_POPULATION = 10_000
"""Children: no index is taken to be of fewer."""


class ModelError(ValueError):
    """The file is no model of these comparisons, or a level of it is untrained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """How often a level is reached by records of one child (m) and of two children (u)."""

    comparison: str
    level: str
    m: float
    u: float

    @property
    def match_weight(self) -> float:
        """The evidence in bits."""
        return log2(self.m / self.u)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Where decisions change, in bits of match weight; chosen, never trained (decisions.md 3).

    ``link``, ``review`` and ``margin`` decide on an arriving record. ``link`` is for
    records of one home; ``link_without_home`` is asked for when the homes cannot be compared,
    ``link_elsewhere`` when they differ (a namesake?), ``vetoed_review`` when a veto keeps the
    pair from being linked. ``personal`` and ``personal_review`` are what given name, date of
    birth, sex and identifiers must reach by themselves, without the prior, before a link or a
    review: what home and family name say, a brother, sister or twin has too (decisions.md 1).
    The last three are the words of a search.
    """

    link: float
    link_without_home: float
    link_elsewhere: float
    review: float
    vetoed_review: float
    margin: float
    personal: float
    personal_review: float
    very_likely: float
    likely: float
    possible: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where the numbers come from, so that anybody can make them again."""

    command: str
    trained_on: str
    fingerprint: str
    records: int
    seed: int
    m_from: str
    libraries: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermFrequencies:
    """How often each value of a column occurs, as a share of the records that hold one.

    A value not listed counts as ``unseen``, and none counts as rarer than that.
    """

    column: str
    unseen: float
    shares: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinkageModel:
    """Everything that turns levels reached into match weight. ``prior`` is the probability that
    an arriving record and one child of the index belong together.

    Models are compared by identity: load one, keep it, and it is compiled once (score.py).
    """

    version: str
    prior: float
    weights: tuple[Weight, ...]
    term_frequencies: tuple[TermFrequencies, ...]
    thresholds: Thresholds
    provenance: Provenance

    @property
    def prior_weight(self) -> float:
        """The prior as odds, in bits."""
        return log2(self.prior / (1 - self.prior))

    def for_population(self, children: int, *, share_held: float = 0.5) -> "LinkageModel":
        """The same evidence weighed for an index of ``children`` children (decisions.md 3).

        ``share_held`` is how likely an arriving record's child is to be among them: the more
        children, the more evidence a link needs. An index being filled counts as one of
        ``SMALLEST_POPULATION``: the children it does not hold yet have namesakes all the same.
        """
        return replace(self, prior=share_held / max(children, SMALLEST_POPULATION))


def load(path: Path | str | None = None) -> LinkageModel:
    """Read a model file; None is the one shipped. Callers keep what they get: nothing is cached.

    Raises:
        ModelError: the file does not fit the comparisons, or has an untrained level.
    """
    source = files("matching").joinpath("models", DEFAULT) if path is None else Path(path)
    try:
        text = source.read_text(encoding="utf-8")
        model = _from_json(json.loads(text))
    except (KeyError, TypeError, ValueError) as problem:
        raise ModelError("this file is no linkage model") from problem
    check(model)
    return model


def save(model: LinkageModel, path: Path | str) -> None:
    """Write a model file, after checking that every level is trained."""
    check(model)
    body = asdict(model)
    body["term_frequencies"] = [
        {"column": each.column, "unseen": each.unseen, "shares": dict(each.shares)}
        for each in model.term_frequencies
    ]
    Path(path).write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")


def check(model: LinkageModel) -> None:
    """Refuse a model that lacks a level of ``comparisons.ALL``, knows another, or is untrained.

    Raises:
        ModelError: says which level.
    """
    needed = {
        (comparison.field, level.name)
        for comparison in comparisons.ALL
        for level in comparison.levels
        if not level.silent
    }
    held = {(each.comparison, each.level) for each in model.weights}
    if needed != held or len(held) != len(model.weights):
        raise ModelError(f"levels missing or unknown: {sorted(needed ^ held)}")
    for each in model.weights:
        if not (0 < each.m <= 1 and 0 < each.u <= 1):
            raise ModelError(f"untrained level: {each.comparison} {each.level}")
    columns = {
        level.term_frequency
        for comparison in comparisons.ALL
        for level in comparison.levels
        if level.term_frequency
    }
    if columns != {each.column for each in model.term_frequencies}:
        raise ModelError(f"term frequencies are needed for {sorted(columns)}")
    if not 0 < model.prior < 1:
        raise ModelError("the prior is no probability")


def _from_json(body: dict) -> LinkageModel:  # type: ignore[type-arg]  # JSON at the door
    return LinkageModel(
        version=body["version"],
        prior=float(body["prior"]),
        weights=tuple(Weight(**each) for each in body["weights"]),
        term_frequencies=tuple(
            TermFrequencies(
                column=each["column"],
                unseen=float(each["unseen"]),
                shares=tuple((value, float(share)) for value, share in each["shares"].items()),
            )
            for each in body["term_frequencies"]
        ),
        thresholds=Thresholds(**body["thresholds"]),
        provenance=Provenance(
            **{**body["provenance"], "libraries": tuple(body["provenance"]["libraries"])}
        ),
    )
