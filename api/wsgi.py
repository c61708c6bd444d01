"""What gunicorn runs: each worker opens the index for itself, after the fork."""

from typing import Any

from flask import Flask
from gunicorn.glogging import Logger  # type: ignore[import-untyped]  # it ships no types

from api import create_app
from api.request_log import open_log, take_over_logging
from child_index.config import read_settings
from child_index.gate import open_index
from child_index.jobs import open_jobs


def application() -> Flask:
    """Open the index as the environment says, and put the doors on it."""
    settings = read_settings()
    take_over_logging(open_log())
    return create_app(open_index(settings), nudge=open_jobs(settings).nudge)


class ServerLog(Logger):  # type: ignore[misc]  # its base has no types
    """The server's own log, without what a client sent: its messages quote request lines (T12)."""

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as inherited
        """Say that something was wrong with a request, and not what it was."""
        if msg.startswith("Invalid request"):
            msg, args = "a request that is no HTTP was refused", ()
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as inherited
        """Say that a request failed in the server, and not which."""
        if msg.startswith(("Error handling request", "Socket error")):
            super().error("a request failed in the server", **kwargs)
        else:
            super().exception(msg, *args, **kwargs)

    def debug(self, msg: str, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as inherited
        """Say nothing: debug lines carry addresses."""
