"""The doors: HTTP in, HTTP out; they identify and translate, and know no rule."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO

from flask import Flask

from api import auth, problems, request_log, rest
from child_index.gate import Index

MOST_JSON_BYTES = 256 * 1024


def system_clock() -> datetime:
    """Return the instant, aware, in UTC: the only clock of a running service."""
    return datetime.now(UTC)


class _Doors(Flask):
    """Flask without its look, seven times a request, at whether a function is asynchronous."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function: none of ours is asynchronous."""
        return func


def create_app(
    index: Index,
    *,
    clock: Callable[[], datetime] = system_clock,
    nudge: Callable[[str], None] | None = None,
    log_to: TextIO | None = None,
) -> Flask:
    """Wire the doors to an open index.

    ``nudge`` asks a worker to apply the batch of an id now; without it the worker's next sweep
    finds the batch. Logs go to ``log_to``, by default standard error.

    Raises:
        NotAllowed: demo mode on an address other than loopback.
        Invalid: the keys that sign tokens cannot be read.
    """
    app = _Doors(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_JSON_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    request_log.install(app, request_log.open_log(log_to))
    auth.guard(app, auth.open_verifier(index.settings), clock)
    problems.install(app, index.settings)
    rest.install(app, index, nudge)
    return app
