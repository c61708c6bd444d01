"""`./run bench search`: searching and opening over HTTP, against an empty Flask endpoint."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from api.demo import demo_token
from bench import _measure, _world
from bench._client import Answers, ask, get, post
from bench._measure import Figures, Goal, percentile
from bench._queries import Person, people
from bench._services import Web, empty_web, web
from child_index.config import Settings

PERSONA = "melanie"
REASON = {"reason": "ONGOING_SUPPORT", "reasonText": "a measurement of invented children"}
MANY = 8
GOALS = (Goal(figure="search ÷ empty, p50", at_most=3.0),)
_ROUNDS_WITH_QUANTUM = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where to measure: the two ports, a token, and who is searched for."""

    ours: Web
    empty: Web
    token: str
    people: tuple[Person, ...]
    folder: Path

    def searches(self) -> list[bytes]:
        """One near search for each person."""
        return [
            post(
                "/api/v1/searches",
                self.token,
                {"personSpecification": person, "mode": "near"} | REASON,
            )
            for person in self.people
        ]

    def openings(self, found: Sequence[bytes]) -> list[bytes]:
        """One opening of the best card of each answer that has a card."""
        cards = (json.loads(body)["results"][:1] for body in found)
        return [
            post(
                "/api/v1/children/open",
                self.token,
                {"handle": card["handle"], "identityConfirmed": True} | REASON,
            )
            for best in cards
            for card in best
        ]


@click.command()
@click.option("--children", default=2_000, show_default=True, help="Full size: 100000.")
@click.option("--requests", default=200, show_default=True, help="Of each kind in each round.")
@click.option("--rounds", default=_measure.FEWEST_ROUNDS, show_default=True)
@click.option("--home", default=Path("var/bench"), type=click.Path(path_type=Path))
@click.option("--database-url", default=None, help="An empty PostgreSQL; by default SQLite.")
def main(children: int, requests: int, rounds: int, home: Path, database_url: str | None) -> None:
    """Measure search and open over HTTP; the index is made once and kept in HOME."""
    bench = _world.ready(home, children, database_url)
    standard = bench.settings.answer_quantum_ms
    persons = people(bench.world, requests)
    _measure.about_this_run()
    with _stand(replace(bench.settings, answer_quantum_ms=0), persons) as stand:
        is_good = _measure.judged(lambda: _round(stand), rounds, GOALS)
    with _stand(bench.settings, persons) as stand:
        found = _measure.rounds_of(lambda: _with_quantum(stand), _ROUNDS_WITH_QUANTUM)
        _measure.show(f"With the quantum of {standard} ms", found)
    sys.exit(0 if is_good else 1)


@contextmanager
def _stand(settings: Settings, persons: tuple[Person, ...]) -> Iterator[Stand]:
    token = demo_token(settings, PERSONA, at=datetime.now(UTC))
    with web(settings) as ours, empty_web(settings) as empty:
        yield Stand(ours=ours, empty=empty, token=token, people=persons, folder=settings.home)


def _round(stand: Stand) -> Figures:
    """Everything once, A beside B: empty and ours, one client and many."""
    commit = _measure.durable_commit_ms(stand.folder)
    figures = {"a bare durable commit, p50 ms": commit}
    nothing = [get("/")] * len(stand.people)
    for clients in (1, MANY):
        empty = _Timed(stand.empty, nothing, clients)
        search = _Timed(stand.ours, stand.searches(), clients)
        opened = _Timed(stand.ours, stand.openings(search.answers.bodies), clients)
        kinds = {"empty": empty, "search": search, "open": opened}
        for kind, answers in kinds.items():
            figures |= _percentiles(f"{kind}, {clients} client(s)", answers.answers)
        if clients == 1:
            figures |= _ratios(kinds, commit)
    for kind in ("empty", "search", "open"):
        one, many = (figures[f"{kind}, {clients} client(s), p99 ms"] for clients in (1, MANY))
        figures[f"{kind}, {MANY} clients ÷ 1, p99"] = many / one
    figures |= _new_connections(stand, nothing)
    return figures


def _percentiles(name: str, answers: Answers) -> Figures:
    return {f"{name}, p{p} ms": percentile(answers.milliseconds, p) for p in (50, 95, 99)}


class _Timed:
    """Requests asked, and the processor time of the server for each of them."""

    def __init__(self, server: Web, requests: Sequence[bytes], clients: int) -> None:
        before = server.processor_ms()
        self.answers = ask(server.port, requests, clients=clients)
        self.processor_ms = (server.processor_ms() - before) / len(requests)

    @property
    def p50(self) -> float:
        """The median time of an answer, in milliseconds."""
        return percentile(self.answers.milliseconds, 50)


def _ratios(kinds: dict[str, _Timed], commit: float) -> Figures:
    empty = kinds.pop("empty")
    figures = {"empty, processor ms": empty.processor_ms}
    for kind, timed in kinds.items():
        figures[f"{kind}, processor ms"] = timed.processor_ms
        figures[f"{kind} ÷ empty, p50"] = timed.p50 / empty.p50
        figures[f"{kind} ÷ (empty + a commit), p50"] = timed.p50 / (empty.p50 + commit)
        if empty.processor_ms:
            figures[f"{kind} ÷ empty, processor"] = timed.processor_ms / empty.processor_ms
    return figures


def _new_connections(stand: Stand, nothing: Sequence[bytes]) -> Figures:
    empty = ask(stand.empty.port, nothing, is_kept_alive=False)
    search = ask(stand.ours.port, stand.searches(), is_kept_alive=False)
    ratio = percentile(search.milliseconds, 50) / percentile(empty.milliseconds, 50)
    return {"search ÷ empty, p50, a new connection for each request": ratio}


def _with_quantum(stand: Stand) -> Figures:
    search = ask(stand.ours.port, stand.searches())
    many = ask(stand.ours.port, stand.searches(), clients=MANY)
    return {**_percentiles("search, 1 client(s)", search)} | {
        **_percentiles(f"search, {MANY} client(s)", many)
    }


if __name__ == "__main__":
    main()
