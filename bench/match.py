"""`./run bench match`: one arriving record against the whole index, ours against Splink's."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import Connection, select

from bench import _measure, _world
from bench._measure import Figures, Goal, milliseconds, percentile
from bench._splink import Splink
from child_index.gate import open_index
from child_index.records import ChildId
from child_index.store import blocking, engine, links
from child_index.store.tables import child
from fixtures.mistakes import make_statement
from fixtures.neutral import COLUMNS, neutral_row
from fixtures.statements import held
from fixtures.world import BLOCK, World, block_children
from matching.blocking import linkage_keys
from matching.bulk.records import read
from matching.decide import Candidate, MatchDecision, decide
from matching.model import LinkageModel
from matching.person import Person
from matching.score import scorer

QUALITY = "bad"
GOALS = (
    Goal(figure="Splink predict_between ÷ ours, p50", at_least=100.0),
    Goal(figure="pairs weighed/s ÷ Jaro-Winkler calls/s", at_least=0.25),
)
_FEWEST_PAIRS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """What is measured on: the open store, the model, the arriving records, and Splink's side."""

    conn: Connection
    model: LinkageModel
    arriving: tuple[Person, ...]
    pairs: tuple[tuple[Person, Person], ...]
    splink: Splink
    of_splink: int


@click.command()
@click.option("--children", default=2_000, show_default=True, help="Full size: 100000.")
@click.option("--records", default=100, show_default=True, help="Matched by us in each round.")
@click.option("--of-splink", default=3, show_default=True, help="Matched by Splink in each round.")
@click.option("--rounds", default=_measure.FEWEST_ROUNDS, show_default=True)
@click.option("--home", default=Path("var/bench"), type=click.Path(path_type=Path))
@click.option("--database-url", default=None, help="An empty PostgreSQL; by default SQLite.")
def main(
    *,
    children: int,
    records: int,
    of_splink: int,
    rounds: int,
    home: Path,
    database_url: str | None,
) -> None:
    """Measure the match of single records; the index is made once and kept in HOME."""
    bench = _world.ready(home, children, database_url)
    _measure.about_this_run()
    index = open_index(bench.settings)
    store = engine.connect(bench.settings.url)
    with engine.reading(store) as conn:
        everyone = links.members(conn, _child_ids(conn))
        arriving = _arriving(bench.world, records)
        stand = Stand(
            conn=conn,
            model=index.model,
            arriving=arriving,
            pairs=tuple(_pairs(conn, arriving)),
            splink=Splink(
                index.model, tuple(next(iter(each.values())) for each in everyone.values())
            ),
            of_splink=of_splink,
        )
        click.echo(
            f"{sum(map(len, everyone.values())):,} source records of {len(everyone):,} children "
            "in the store; Splink is given one record of each child"
        )
        is_good = _measure.judged(lambda: _round(stand), rounds, GOALS)
    sys.exit(0 if is_good else 1)


def _child_ids(conn: Connection) -> tuple[ChildId, ...]:
    return tuple(ChildId(row.id) for row in conn.execute(select(child.c.id)))


def _arriving(world: World, count: int) -> tuple[Person, ...]:
    """Records of children of the world as a careless agency would send them anew."""
    blocks = max(1, world.children // BLOCK)
    rows = [
        neutral_row(make_statement(world, record, QUALITY))
        for block in range(0, blocks, max(1, blocks // count))
        for one in block_children(world, block)
        for record in held(world, one)
    ]
    few = rows[:: max(1, len(rows) // count)][:count]
    columns = {
        name: pa.array([row[at] or None for row in few], pa.string())
        for at, name in enumerate(COLUMNS)
    }
    return read(pa.table(columns)).persons


def _candidates(conn: Connection, arriving: Person) -> tuple[Candidate, ...]:
    """What intake asks the store for one arriving record: children under its keys, and members."""
    numbers = [blocking.key_number(key) for key in linkage_keys(arriving)]
    under = blocking.children_under(conn, numbers)
    near = set[ChildId]().union(*under.values())
    return tuple(
        Candidate(child=child_id, members=tuple(of_child.values()))
        for child_id, of_child in links.members(conn, near).items()
    )


def _pairs(conn: Connection, arriving: tuple[Person, ...]) -> Iterator[tuple[Person, Person]]:
    """The pairs that blocking makes of the arriving records."""
    for one in arriving:
        for candidate in _candidates(conn, one):
            for member in candidate.members:
                yield one, member


def _round(stand: Stand) -> Figures:
    """Ours, Splink's, the bare scorer and the calibration, one after the other."""
    ours = [milliseconds(partial(_decided, stand, one)) for one in stand.arriving]
    few = stand.arriving[: stand.of_splink]
    theirs = [milliseconds(partial(stand.splink.match, one)) for one in few]
    pairs, calls = _pairs_per_second(stand), _measure.jaro_winkler_per_second()
    p50 = percentile(ours, 50)
    return {
        "ours, p50 ms": p50,
        "ours, p95 ms": percentile(ours, 95),
        "Splink predict_between, p50 ms": percentile(theirs, 50),
        "Splink predict_between ÷ ours, p50": percentile(theirs, 50) / p50,
        "pairs weighed/s": pairs,
        "Jaro-Winkler calls/s": calls,
        "pairs weighed/s ÷ Jaro-Winkler calls/s": pairs / calls,
    }


def _decided(stand: Stand, arriving: Person) -> MatchDecision:
    return decide(arriving, _candidates(stand.conn, arriving), stand.model)


def _pairs_per_second(stand: Stand) -> float:
    weigh = scorer(stand.model).weigh
    times = -(-_FEWEST_PAIRS // len(stand.pairs))
    started = time.perf_counter()
    for _ in range(times):
        for left, right in stand.pairs:
            weigh(left, right)
    return times * len(stand.pairs) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
