"""Training: u by random sampling, m by expectation maximisation, all by Splink → LinkageModel."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
from splink import Linker, SettingsCreator, block_on

from matching.bulk.backend import connect, quietly, splink_api
from matching.bulk.levels import settings
from matching.bulk.records import Records, columns, read
from matching.comparisons import ALL
from matching.model import (
    SMALLEST_POPULATION,
    LinkageModel,
    Provenance,
    TermFrequencies,
    Thresholds,
    Weight,
)

THRESHOLDS = Thresholds(
    link=10.0,
    link_without_home=18.0,
    link_elsewhere=25.0,
    review=2.0,
    vetoed_review=6.0,
    margin=6.0,
    personal=8.0,
    personal_review=4.0,
    very_likely=12.0,
    likely=5.0,
    possible=-3.0,
)
"""Chosen, not trained: on generated and open data, never on sets kept apart (docs/accuracy.md)."""

_FEWEST_PAIRS = 200
_LEFT_OUT = (
    (0, 7, "NULL", ("address", "house")),
    (1, 9, "NULL", ("postcode", "sector", "outward", "area")),
    (1, 9, "[]", ("postcodes",)),
    (2, 3, "[]", ("phones",)),
    (3, 5, "substr(second_given, 1, 1)", ("second_given",)),
    (3, 5, "list_filter(givens, lambda one: one <> coalesce(second_given, ''))", ("givens",)),
)
"""What is left out in training: of every so many records (salted), what instead, which columns."""

_RAREST = 1e-4
_LEAST_M = 1e-4

Weights = dict[tuple[str, str], Weight]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One run of expectation maximisation over the pairs that agree on ``anchor`` (SQL).

    Only the comparisons named are taken from it: those the anchor says nothing about.
    """

    name: str
    anchor: str
    trains: frozenset[str]


_BY_IDENTIFIER = frozenset({"given_name", "second_name", "family_name", "birth_date", "sex"})
_PLACE = "coalesce(postcode, address)"

PASSES: tuple[Pass, ...] = (
    Pass(name="NHS number", anchor="nhs", trains=_BY_IDENTIFIER),
    Pass(name="UPN", anchor="upn", trains=_BY_IDENTIFIER),
    Pass(
        name="names and date of birth",
        anchor="given || '|' || family || '|' || birth_exact",
        trains=frozenset({"sex", "nhs_number", "upn", "household"}),
    ),
    Pass(
        name="date of birth and home",
        anchor=f"birth_exact || '|' || {_PLACE}",
        trains=frozenset({"given_name", "second_name", "family_name"}),
    ),
    Pass(
        name="names and home",
        anchor=f"given || '|' || family || '|' || {_PLACE}",
        trains=frozenset({"birth_date"}),
    ),
)
"""In order of trust: a comparison takes its m from the first pass that had pairs enough. Pairs
agreeing on an identifier come first, for they are chosen neither by name nor by home.
"""


def train(
    records: Path | str | pa.Table | Records,
    *,
    seed: int = 1,
    sampled_pairs: float = 2e7,
    command: str = "",
    trained_on: str = "",
    model_version: str = "trained",
) -> LinkageModel:
    """Train a model on a file in the neutral schema; the same file and seed give the same model.

    Args:
        records: the file, an Arrow table, or what ``matching.bulk.records.read`` gave.
        seed: of the random sampling of u.
        sampled_pairs: how many random pairs u is estimated from.
        command: how to make the model again, for its provenance.
        trained_on: the data in words, for its provenance.
        model_version: the model's name, stored with every decision it makes.

    Raises:
        ValueError: no pass had enough agreeing pairs to train a comparison.
    """
    held = records if isinstance(records, Records) else read(records)
    table = columns(held)
    children = _children(held)
    with connect() as connection:
        pinned = _pinned(held, children)
        thinned = _thinned(connection, table)
        us = _u(connection, thinned, pinned, (seed, sampled_pairs))
        # Sums over several threads differ in their last digits from run to run.
        connection.execute("SET threads = 1")
        ms, used = _m(connection, thinned, us, sampled_pairs)
    return LinkageModel(
        version=model_version,
        prior=0.5 / max(children, SMALLEST_POPULATION),
        weights=_joined(us, ms, sampled_pairs),
        term_frequencies=_term_frequencies(held, children),
        thresholds=THRESHOLDS,
        provenance=Provenance(
            command=command,
            trained_on=trained_on,
            fingerprint=_fingerprint(table),
            records=len(held.ids),
            seed=seed,
            m_from="; ".join(used),
            libraries=tuple(f"{name} {version(name)}" for name in ("splink", "duckdb")),
        ),
    )


def _children(held: Records) -> int:
    """About how many children the records are of: distinct names with date of birth."""
    return max(2, len({(p.given, p.family, p.birth_date) for p in held.persons}))


def _pinned(held: Records, children: int) -> tuple[Weight, ...]:
    """The u of levels too rare to be sampled: an identifier is shared by chance once in the
    number of children, and a swap of names as often as the two lists of names have it.
    """
    given = Counter(p.given for p in held.persons if p.given)
    family = Counter(p.family for p in held.persons if p.family)
    total = max(1, given.total() * family.total())
    crossed = sum(count * family[name] for name, count in given.items()) / total
    swapped = max(crossed**2, 1e-7)
    chance = 1 / children
    return (
        Weight(comparison="given_name", level="swapped", m=0.5, u=swapped),
        Weight(comparison="given_name", level="reordered", m=0.5, u=swapped),
        Weight(comparison="nhs_number", level="exact", m=0.5, u=chance),
        Weight(comparison="upn", level="exact", m=0.5, u=chance),
    )


def _thinned(connection: duckdb.DuckDBPyConnection, table: pa.Table) -> pa.Table:
    """The records with some address lines, postcodes, telephones and second names left out.

    One feed sends no address line, another no postcode, a third initials: unless such records
    are met in training, the levels for them are untrained. Leaving out at random changes no m
    against its u.
    """
    connection.register("thinning", table)
    replaced = [
        f"CASE WHEN hash(unique_id + {salt}) % {every} = 0 THEN {instead} ELSE {column} END "
        f"AS {column}"
        for salt, every, instead, columns_left_out in _LEFT_OUT
        for column in columns_left_out
    ]
    return connection.sql(
        f"SELECT * REPLACE ({', '.join(replaced)}) FROM thinning ORDER BY unique_id"  # noqa: S608 - _LEFT_OUT's own text
    ).to_arrow_table()


def _linker(connection: duckdb.DuckDBPyConnection, table: pa.Table, how: SettingsCreator) -> Linker:
    api = splink_api(connection)
    return quietly(Linker(api.register(table), how))


def _u(
    connection: duckdb.DuckDBPyConnection,
    table: pa.Table,
    pinned: Sequence[Weight],
    sample: tuple[int, float],
) -> dict[tuple[str, str], float]:
    seed, pairs = sample
    linker = _linker(connection, table, settings(pinned=pinned, rules=()))
    linker.training.estimate_u_using_random_sampling(
        max_pairs=pairs, seed=seed, min_count_per_level=None
    )
    sampled = _probabilities(linker, "u_probability")
    sampled.update({(each.comparison, each.level): each.u for each in pinned})
    return sampled


def _m(
    connection: duckdb.DuckDBPyConnection,
    table: pa.Table,
    us: dict[tuple[str, str], float],
    sampled_pairs: float,
) -> tuple[dict[tuple[str, str], float], list[str]]:
    """The m of every level, each comparison's from the first pass with pairs enough."""
    missing = {comparison.field for comparison in ALL}
    found: dict[tuple[str, str], float] = {}
    used: list[str] = []
    for each in PASSES:
        wanted = each.trains & missing
        anchored = _anchored(connection, table, each.anchor)
        pairs = _agreeing_pairs(connection, anchored)
        if not wanted or pairs < _FEWEST_PAIRS:
            continue
        ms = _maximise(connection, anchored, _starting(us, sampled_pairs))
        found.update({key: m for key, m in ms.items() if key[0] in wanted})
        missing -= wanted
        used.append(f"{each.name} ({pairs} pairs): {', '.join(sorted(wanted))}")
    if missing:
        raise ValueError(f"too few agreeing pairs to train {', '.join(sorted(missing))}")
    return found, used


def _anchored(connection: duckdb.DuckDBPyConnection, table: pa.Table, anchor: str) -> pa.Table:
    """The records that hold the anchor, in a column no comparison reads."""
    connection.register("anchoring", table)
    return connection.sql(
        f"SELECT *, {anchor} AS anchor FROM anchoring WHERE ({anchor}) IS NOT NULL "  # noqa: S608 - PASSES' own text
        "ORDER BY unique_id"
    ).to_arrow_table()


def _agreeing_pairs(connection: duckdb.DuckDBPyConnection, anchored: pa.Table) -> int:
    connection.register("anchored", anchored)
    counted = connection.sql(
        "SELECT coalesce(sum(n * (n - 1) / 2), 0) FROM "
        "(SELECT count(*) AS n FROM anchored GROUP BY anchor)"
    ).fetchall()
    return int(counted[0][0])


def _maximise(
    connection: duckdb.DuckDBPyConnection,
    anchored: pa.Table,
    starting: tuple[Weight, ...],
) -> dict[tuple[str, str], float]:
    linker = _linker(connection, anchored, settings(starting=starting, rules=()))
    linker.training.estimate_parameters_using_expectation_maximisation(
        block_on("anchor"), estimate_without_term_frequencies=True, max_pairs=2e6
    )
    begun = {(each.comparison, each.level): each.m for each in starting}
    trained = _probabilities(linker, "m_probability")
    # Splink leaves the starting value of a level that no pair reached.
    return {key: m for key, m in trained.items() if m != begun[key]}


def _starting(us: dict[tuple[str, str], float], pairs: float) -> tuple[Weight, ...]:
    """Where expectation maximisation begins: most pairs agree exactly, the rest evenly."""
    started = []
    for comparison in ALL:
        levels = [level for level in comparison.levels if not level.silent]
        for level in levels:
            share = 0.8 if level.name in ("exact", "home") else 0.2 / (len(levels) - 1)
            u = us.get((comparison.field, level.name), 1 / pairs)
            started.append(Weight(comparison=comparison.field, level=level.name, m=share, u=u))
    return tuple(started)


def _probabilities(linker: Linker, which: str) -> dict[tuple[str, str], float]:
    """The trained probabilities of a linker, under our names; levels never met are left out."""
    trained = linker.misc.save_model_to_json()["comparisons"]
    return {
        (comparison.field, level.name): float(held[which])
        for comparison, splinks in zip(ALL, trained, strict=True)
        for level, held in zip(comparison.levels, splinks["comparison_levels"], strict=True)
        if which in held and not level.silent
    }


def _joined(
    us: dict[tuple[str, str], float], ms: dict[tuple[str, str], float], pairs: float
) -> tuple[Weight, ...]:
    """m and u of every level. What none of ``pairs`` reached is rarer than one of them, and is
    not claimed to be rarer than that; what no agreeing pair reached never speaks for a link.
    """
    joined = []
    for comparison in ALL:
        for level in comparison.levels:
            if level.silent:
                continue
            key = (comparison.field, level.name)
            u = max(us.get(key, 0.0), 1 / pairs)
            m = max(ms[key], _LEAST_M) if key in ms else min(_LEAST_M, u)
            joined.append(Weight(comparison=comparison.field, level=level.name, m=m, u=u))
    return tuple(joined)


def _term_frequencies(held: Records, children: int) -> tuple[TermFrequencies, ...]:
    columns_used = [
        level.term_frequency
        for comparison in ALL
        for level in comparison.levels
        if level.term_frequency
    ]
    return tuple(_shares(column, held, max(_RAREST, 1 / children)) for column in columns_used)


def _shares(column: str, held: Records, rarest: float) -> TermFrequencies:
    """The share of each value that is commoner than ``rarest``; the others count as that."""
    counts = Counter(value for p in held.persons if (value := getattr(p, column)) is not None)
    total = counts.total()
    return TermFrequencies(
        column=column,
        unseen=rarest,
        shares=tuple(
            (value, count / total)
            for value, count in sorted(counts.items())
            if count / total > rarest
        ),
    )


def _fingerprint(table: pa.Table) -> str:
    """A digest of the compared columns, so that anybody can tell whether the data is the same."""
    digest = sha256()
    for column in table.column_names:
        digest.update(repr(table.column(column).to_pylist()).encode())
    return digest.hexdigest()
