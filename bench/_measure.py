"""What every measurement shares: spreads over rounds, a calibration, goals, a table to print."""

import platform
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import click
from jellyfish import jaro_winkler_similarity

FEWEST_ROUNDS = 7
MOST_REPEATS = 3
_CALIBRATION_PAIRS = (
    ("hannah", "hanna"),
    ("marsh", "march"),
    ("oluwaseun", "seun"),
    ("fitzgerald", "fitzgerold"),
)
_CALIBRATION_CALLS = 200_000
_COMMITS = 100
_WRITE = "INSERT INTO written VALUES (1)"

Figures = Mapping[str, float]
"""What one round measured: a name with its unit, and the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """One figure over all rounds."""

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        """The median, and between which values it lies."""
        return f"{self.median:>12,.3f}   ({self.least:,.3f} to {self.most:,.3f})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A bound on the median of a figure; exactly one of the two is given."""

    figure: str
    at_most: float | None = None
    at_least: float | None = None

    def is_met(self, value: float) -> bool:
        """Say whether the median lies within the bound."""
        if self.at_most is not None:
            return value <= self.at_most
        return self.at_least is None or value >= self.at_least

    def __str__(self) -> str:
        """The bound in words."""
        word, bound = ("at most", self.at_most) if self.at_most else ("at least", self.at_least)
        return f"{self.figure}: {word} {bound:g}"


def spread(values: Sequence[float]) -> Spread:
    """The median of some rounds, the least and the most."""
    return Spread(median=median(values), least=min(values), most=max(values))


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that ``percent`` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100).__int__() - 1)]


def milliseconds(done: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    done()
    return (time.perf_counter() - started) * 1000


def jaro_winkler_per_second() -> float:
    """Calls of jellyfish's Jaro-Winkler in a second: how fast this machine is just now."""
    rounds = _CALIBRATION_CALLS // len(_CALIBRATION_PAIRS)
    started = time.perf_counter()
    for _ in range(rounds):
        for left, right in _CALIBRATION_PAIRS:
            jaro_winkler_similarity(left, right)
    return _CALIBRATION_CALLS / (time.perf_counter() - started)


def durable_commit_ms(folder: Path) -> float:
    """The median time of the least write that outlives a power cut, on the disk of ``folder``.

    Every audited answer waits for one; a disk that others use makes it, and only it, slower.
    """
    path = folder / "commit.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode = wal")
        conn.execute("PRAGMA synchronous = full")
        conn.execute("CREATE TABLE IF NOT EXISTS written (at INTEGER)")
        times = [milliseconds(partial(conn.execute, _WRITE)) for _ in range(_COMMITS)]
    return median(times)


def rounds_of(measure: Callable[[], Figures], rounds: int) -> dict[str, Spread]:
    """Measure so many rounds, after one that is thrown away; each round measures A and B."""
    measure()
    held: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, value in measure().items():
            held.setdefault(name, []).append(value)
    return {name: spread(values) for name, values in held.items()}


def judged(measure: Callable[[], Figures], rounds: int, goals: Sequence[Goal]) -> bool:
    """Measure, hold against the goals, say so; one is missed only if it is in two of three runs."""
    missed: dict[str, int] = dict.fromkeys((str(goal) for goal in goals), 0)
    for run in range(1, MOST_REPEATS + 1):
        found = rounds_of(measure, rounds)
        show(f"Run {run}: medians of {rounds} rounds (least to most)", found)
        now = [goal for goal in goals if not goal.is_met(found[goal.figure].median)]
        for goal in now:
            missed[str(goal)] += 1
        if not now or 2 in missed.values():
            break
    for goal in goals:
        word = "MISSED" if missed[str(goal)] >= 2 else "met"
        click.echo(f"Goal {goal}: {word}")
    return 2 not in missed.values()


def show(title: str, figures: Mapping[str, Spread | str]) -> None:
    """Print figures one under the other."""
    click.echo(f"\n{title}")
    width = max(len(name) for name in figures)
    for name, value in figures.items():
        click.echo(f"  {name:<{width}}  {value}")
    click.echo("")


def about_this_run() -> None:
    """Print what a reader needs to judge absolute figures."""
    click.echo(
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}; calibration: "
        f"{jaro_winkler_per_second():,.0f} Jaro-Winkler calls/s"
    )
