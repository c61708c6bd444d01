"""`./run bench intake`: a first load end to end, and searching while another goes on."""

import itertools
import multiprocessing
import resource
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import click
from sqlalchemy import func, select, text

from api.demo import demo_token
from bench import _measure, _world
from bench._client import HOST, ask
from bench._measure import Goal, percentile, spread
from bench._queries import people
from bench._services import web, worker
from bench.search import PERSONA, Stand
from child_index.config import Settings, sqlalchemy_url
from child_index.gate import open_index, prepare_store
from child_index.store import engine
from child_index.store.tables import child, involvement, source_record
from fixtures.demonstration import load
from fixtures.world import World

RECORDS_OF_A_CHILD = 2.58
WHILE_LOADING = Goal(figure="search while loading ÷ idle, p95", at_most=3.0)
_SEARCHES = 100
_FEWEST_SEARCHES = 30
_MEGABYTE = 1_000_000
_KILOBYTES_A_MEGABYTE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLoad:
    """What a first load took, in a process of its own; nothing else was asked of it meanwhile."""

    records: int
    receiving: float
    applying: float
    peak_megabytes: float


@click.command()
@click.option("--records", default=5_000, show_default=True, help="Full size: 100000.")
@click.option("--home", default=Path("var/bench"), type=click.Path(path_type=Path))
@click.option("--database-url", default=None, help="An empty PostgreSQL; by default SQLite.")
def main(records: int, home: Path, database_url: str | None) -> None:
    """Measure a first load, about so many source records with their involvements.

    What is loaded is thrown away at the next run. On PostgreSQL the load alone is measured.
    """
    children = max(1, round(records / RECORDS_OF_A_CHILD))
    home.mkdir(parents=True, exist_ok=True)
    folder, world = _world.written(home, children)
    _measure.about_this_run()
    settings = _fresh(home / "intake", database_url)
    first = _first_load(settings, folder)
    _tell(first, settings)
    is_good = True
    if database_url is None:
        settings = replace(_fresh(home / "while-loading", None), answer_quantum_ms=0)
        is_good = _search_while_loading(settings, folder, world)
    sys.exit(0 if is_good else 1)


def _fresh(home: Path, database_url: str | None) -> Settings:
    """The settings of an index that holds nothing yet."""
    shutil.rmtree(home, ignore_errors=True)
    settings = Settings(
        home=home.absolute(), mode="demo", database_url=sqlalchemy_url(database_url)
    )
    prepare_store(settings)
    return settings


def _first_load(settings: Settings, folder: Path) -> FirstLoad:
    """Load in a new process, so that its peak of memory is the load's and no one else's."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_load, args=(settings, folder, sender))
    process.start()
    sender.close()
    try:
        found: FirstLoad = receiver.recv()
    finally:
        process.join()
    return found


def _load(settings: Settings, folder: Path, sender: Connection) -> None:
    """Register the feeds, then receive and apply their files by the verbs of door and worker."""
    index = open_index(settings)
    load.register(index, folder)
    batches = tuple(_world.loading(index, folder))
    index.close()
    sender.send(
        FirstLoad(
            records=sum(each.records for each in batches),
            receiving=sum(each.receiving for each in batches),
            applying=sum(each.applying for each in batches),
            peak_megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            / _KILOBYTES_A_MEGABYTE,
        )
    )


def _tell(first: FirstLoad, settings: Settings) -> None:
    seconds = first.receiving + first.applying
    records, involvements, children = _counts(settings)
    size = _megabytes(settings)
    calls = _measure.jaro_winkler_per_second()
    click.echo(
        f"\nFirst load of {first.records:,} rows: {records:,} source records of {children:,} "
        f"children, {involvements:,} involvements\n"
        f"  {first.records / seconds:,.0f} records/s, of which receiving takes "
        f"{first.receiving / seconds:.0%}\n"
        f"  {calls * seconds / first.records:,.0f} Jaro-Winkler calls in the time of one record\n"
        f"  {first.peak_megabytes:,.0f} MB at the peak of memory\n"
        f"  {size:,.0f} MB of database, {size / records * 100_000:,.0f} MB for 100,000 records\n"
    )


def _counts(settings: Settings) -> tuple[int, int, int]:
    with engine.reading(engine.connect(settings.url)) as conn:
        records, involvements, children = (
            conn.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (source_record, involvement, child)
        )
    return records, involvements, children


def _megabytes(settings: Settings) -> float:
    if settings.database_url is None:
        files = settings.home.glob("child_index.sqlite*")
        return sum(file.stat().st_size for file in files) / _MEGABYTE
    with engine.reading(engine.connect(settings.url)) as conn:
        size = conn.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    return int(size) / _MEGABYTE


def _search_while_loading(settings: Settings, folder: Path, world: World) -> bool:
    """Push file after file through the real web and worker: idle before each, then while it goes.

    Every file is one round; a file too short for enough searches is none.
    """
    idle, loading = [], []
    with web(settings) as ours, worker(settings), closing(open_index(settings)) as index:
        load.register(index, folder)
        stand = Stand(
            ours=ours,
            empty=ours,
            token=demo_token(settings, PERSONA, at=datetime.now(UTC)),
            people=people(world, _SEARCHES),
            folder=settings.home,
        )
        steps = load.load(index, settings, f"http://{HOST}:{ours.port}", folder)
        for file in range(len(load.steps(folder))):
            before = ask(ours.port, stand.searches()).milliseconds
            during = list(_while(partial(next, steps), stand))
            if file and len(during) >= _FEWEST_SEARCHES:
                idle.append(percentile(before, 95))
                loading.append(percentile(during, 95))
    if not idle:
        click.echo("Too small a load to search in; take more records.")
        return True
    ratios = spread([one / other for one, other in zip(loading, idle, strict=True)])
    figures = {
        "search idle, p95 ms": spread(idle),
        "search while loading, p95 ms": spread(loading),
        WHILE_LOADING.figure: ratios,
    }
    _measure.show(f"Searching, one client: medians of {len(idle)} files (least to most)", figures)
    is_met = WHILE_LOADING.is_met(ratios.median)
    click.echo(f"Goal {WHILE_LOADING}: {'met' if is_met else 'MISSED'}")
    return is_met


def _while(loading: Callable[[], object], stand: Stand) -> Iterator[float]:
    """Search one person after the other until ``loading`` returns; milliseconds of each.

    Raises:
        Exception: what ``loading`` raised; a failed load is no measurement.
    """
    searches = itertools.cycle(stand.searches())
    with ThreadPoolExecutor(max_workers=1) as pool:
        running = pool.submit(loading)
        while not running.done():
            yield from ask(stand.ours.port, [next(searches)]).milliseconds
        running.result()


if __name__ == "__main__":
    main()
