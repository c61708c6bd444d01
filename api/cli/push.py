"""Send a file to a feed's door and follow it to its receipts, telling a person each stage."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from api.cli.feed_file import FeedFile, Prepared, look_through, prepared

FINISHED = frozenset({"loaded", "partly-loaded", "not-loaded", "held"})
_SECONDS_BETWEEN_LOOKS = (0.1, 2.0)
_SECONDS_UNTIL_HINT = 20
_TIMEOUT = httpx.Timeout(60, read=600)
_LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


class PushRefused(Exception):
    """The service said no, or cannot be reached; says why in plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What became of the batch: its last state as the service told it, and where receipts are."""

    state: dict[str, Any]
    receipts: Path

    @property
    def is_loaded(self) -> bool:
        """Whether its rows were applied (some of them may have been rejected)."""
        return self.state["state"] in {"loaded", "partly-loaded"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One feed's door: where it is, and how to get a token for it (they live for minutes)."""

    url: str
    feed: str
    token: Callable[[], str]
    say: Callable[[str], None]
    console: Console


def push(door: Door, path: Path, *, sequence: int | None, created_at: str) -> Pushed:
    """Send ``path`` as one batch, wait until it has been applied, write its receipts beside it.

    Raises:
        FileRefused: the file cannot be sent.
        PushRefused: the service refused it or cannot be reached.
    """
    file = look_through(path)
    door.say(f"Read {path.name}: {file.rows:,} rows, {_format(file)}.")
    is_local = door.url.startswith(_LOOPBACK)
    try:
        with httpx.Client(base_url=door.url, timeout=_TIMEOUT, trust_env=not is_local) as client:
            number = sequence or file.sequence or _next_sequence(client, door)
            with prepared(file, sequence=number, created_at=created_at) as batch:
                door.say(f"Sending batch {number} to {door.url}: {batch.size:,} bytes.")
                address = _send(client, door, batch)
            state = _follow(client, door, address)
            receipts = path.with_name(f"{path.name}.receipts.csv")
            _save_receipts(client, door, address, receipts)
    except httpx.HTTPError as error:
        raise PushRefused(f"{door.url} cannot be reached ({type(error).__name__}).") from None
    return Pushed(state=state, receipts=receipts)


def _format(file: FeedFile) -> str:
    return ("CSV" if file.media_type == "text/csv" else "NDJSON") + (
        ", compressed" if file.is_gzip else ""
    )


def _headers(door: Door) -> dict[str, str]:
    return {"Authorization": f"Bearer {door.token()}"}


def _next_sequence(client: httpx.Client, door: Door) -> int:
    answer = client.get(f"/api/v1/feeds/{door.feed}", headers=_headers(door))
    _require(answer, HTTPStatus.OK)
    return int(answer.json()["lastSequence"]) + 1


def _send(client: httpx.Client, door: Door, batch: Prepared) -> str:
    with _bar(door, "Sending", batch.size) as moved_on:

        def content() -> Iterator[bytes]:
            for chunk in batch.chunks():
                yield chunk
                moved_on(len(chunk))

        answer = client.post(
            f"/api/v1/feeds/{door.feed}/batches",
            content=content(),
            headers=_headers(door) | batch.headers,
        )
    _require(answer, HTTPStatus.ACCEPTED)
    return answer.headers["Location"]


def _follow(client: httpx.Client, door: Door, address: str) -> dict[str, Any]:
    door.say("Received whole. Waiting for the rows to be applied.")
    pause, most = _SECONDS_BETWEEN_LOOKS
    seen, seen_at, is_hinted = 0, time.monotonic(), False
    with _bar(door, "Applying", 100) as moved_on:
        while True:
            answer = client.get(address, headers=_headers(door))
            _require(answer, HTTPStatus.OK)
            state: dict[str, Any] = answer.json()
            if state["percent"] > seen:
                moved_on(state["percent"] - seen)
                seen, seen_at = state["percent"], time.monotonic()
            if state["state"] in FINISHED:
                return state
            if not is_hinted and time.monotonic() - seen_at > _SECONDS_UNTIL_HINT:
                door.say("Nothing has moved for a while. Is `child-index worker` running?")
                is_hinted = True
            time.sleep(pause)
            pause = min(pause * 1.5, most)


def _save_receipts(client: httpx.Client, door: Door, address: str, path: Path) -> None:
    headers = _headers(door) | {"Accept": "text/csv"}
    with client.stream("GET", f"{address}/receipts", headers=headers) as answer:
        if answer.status_code != HTTPStatus.OK:
            answer.read()
        _require(answer, HTTPStatus.OK)
        try:
            with path.open("wb") as file:
                for chunk in answer.iter_bytes():
                    file.write(chunk)
        except OSError as error:
            raise PushRefused(f"{path} cannot be written: {error.strerror}.") from None


@contextmanager
def _bar(door: Door, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar with an honest estimate on a terminal, and nothing in a pipe."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=door.console, transient=True, disable=not door.console.is_terminal
    ) as progress:
        task = progress.add_task(what, total=total)
        yield lambda by: progress.advance(task, by)


def _require(answer: httpx.Response, status: HTTPStatus) -> None:
    if answer.status_code == status:
        return
    try:
        problem = answer.json()
        lines = [f"{problem['title']}. {problem['detail']}"]
        lines += [f"  {each['pointer']}: {each['detail']}" for each in problem["errors"]]
        lines += [f"  expected sequence: {problem['expected']}"] if "expected" in problem else []
    except (ValueError, KeyError, TypeError):
        lines = [f"The service answered {answer.status_code}, and not as Child Index does."]
    raise PushRefused("\n".join(lines))
