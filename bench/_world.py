"""An invented authority of any size, loaded through the real intake once and used again."""

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import click

from api.cli.feed_file import look_through, prepared
from child_index import accounts, intake
from child_index.clock import civil_date
from child_index.config import Settings, sqlalchemy_url
from child_index.delivery import Delivery
from child_index.gate import Index, open_index, prepare_store
from child_index.jobs import system_caller
from child_index.records import Caller, Role
from fixtures.demonstration import load
from fixtures.feeds import write_world
from fixtures.world import World

SEED = 1
QUALITY = "typical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """An index to measure on: its settings, and the invented world that was loaded into it."""

    settings: Settings
    folder: Path
    world: World


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """One batch that went in: source records, and the seconds to receive and to apply it."""

    feed: str
    records: int
    receiving: float
    applying: float


def settings_of(home: Path, children: int, database_url: str | None) -> Settings:
    """The settings of a bench's own index: on loopback, in demo mode."""
    return Settings(
        home=home.absolute() / f"index-{children}",
        mode="demo",
        database_url=sqlalchemy_url(database_url),
    )


def written(home: Path, children: int) -> tuple[Path, World]:
    """The files of a world, made if they are not there; made whole or not at all."""
    folder = home.absolute() / f"world-{children}"
    if not (folder / "feeds.json").exists():
        click.echo(f"Making an invented authority of {children:,} children")
        draft = folder.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        made = World(seed=SEED, children=children, today=civil_date(datetime.now(UTC)))
        write_world(made, QUALITY, draft)
        draft.rename(folder)
    about = json.loads((folder / "feeds.json").read_text(encoding="utf-8"))
    today = date.fromisoformat(about["asOf"])
    return folder, World(seed=SEED, children=children, today=today)


def ready(home: Path, children: int, database_url: str | None) -> Bench:
    """Make and load an index of so many children, or use the one that an earlier run left."""
    home.mkdir(parents=True, exist_ok=True)
    folder, world = written(home, children)
    settings = settings_of(home, children, database_url)
    prepare_store(settings)
    index = open_index(settings)
    try:
        load.register(index, folder)
        intake.apply_pending(index, system_caller(datetime.now(UTC)))
        for loaded in loading(index, folder):
            click.echo(
                f"  {loaded.feed}: {loaded.records:,} source records, "
                f"{loaded.records / (loaded.receiving + loaded.applying):,.0f}/s"
            )
    finally:
        index.close()
    return Bench(settings=settings, folder=folder, world=world)


def loading(index: Index, folder: Path) -> Iterator[Loaded]:
    """Receive and apply, by the verbs of the door and the worker, what is not yet in the index."""
    known = {each.name: each.last_sequence for each in accounts.feeds(index, load.system())}
    for step in load.steps(folder):
        entry = step.entry
        if entry["kind"] == "push" and known[entry["feed"]] < entry["sequence"]:
            yield _one(index, folder / entry["file"], entry["feed"], entry["sequence"])


def _one(index: Index, path: Path, feed: str, sequence: int) -> Loaded:
    now = datetime.now(UTC)
    with prepared(look_through(path), sequence=sequence, created_at=now.isoformat()) as batch:
        count = batch.headers.get("Index-Count")
        delivery = Delivery(
            feed=feed,
            body=batch.body,
            media_type=batch.headers["Content-Type"],
            content_digest=batch.headers["Content-Digest"],
            encoding="gzip",
            content_length=batch.size,
            sequence=sequence if count else None,
            mode="delta" if count else None,
            count=int(count) if count else None,
        )
        started = time.perf_counter()
        state = intake.receive(index, _feed_client(feed, now), delivery)
        received = time.perf_counter()
    done = intake.apply(index, system_caller(datetime.now(UTC)), state.batch_id)
    applied = time.perf_counter()
    assert done.state in {"loaded", "partly-loaded"}, done.state
    return Loaded(
        feed=feed,
        records=look_through(path).rows,
        receiving=received - started,
        applying=applied - received,
    )


def _feed_client(feed: str, at: datetime) -> Caller:
    return Caller(
        actor=f"feed:{feed}",
        roles=frozenset({Role.FEED}),
        at=at,
        organisation=feed,
        feed=feed,
        request_id="bench",
    )
