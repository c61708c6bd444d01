"""Endpoints for whoever runs the service; they touch no child and need no token."""

import functools
from importlib import metadata
from typing import Any

from marshmallow import fields

from api.rest.asked import index
from api.rest.operations import Operation, Routes
from api.schemas.fields import Message
from child_index import access

routes = Routes("health", "Is the service up?", prefix="/")


class StatusOut(Message):
    """Up, ready, or not ready."""

    status = fields.String(required=True)


class VersionOut(Message):
    """Which code, which rules and which linkage model are running."""

    version = fields.String(required=True)
    policy = fields.String(required=True)
    model = fields.String(required=True)


@routes.route("GET", "/healthz", Operation(needs=None, answers=StatusOut()))
def healthz() -> Any:  # noqa: ANN401 - dumped as declared
    """Say that the process answers."""
    return {"status": "up"}


@routes.route(
    "GET",
    "/readyz",
    Operation(needs=None, answers=StatusOut(), also={503: "The store does not answer."}),
)
def readyz() -> Any:  # noqa: ANN401 - dumped as declared
    """Say whether the store answers and its tables are of this version."""
    if index().is_ready():
        return {"status": "ready"}
    return {"status": "not ready"}, 503, None


@routes.route("GET", "/version", Operation(needs=None, answers=VersionOut()))
def version() -> Any:  # noqa: ANN401 - dumped as declared
    """Say what is running."""
    return {
        "version": _code_version(),
        "policy": access.POLICY_VERSION,
        "model": index().model.version,
    }


@functools.cache
def _code_version() -> str:
    return metadata.version("child-index")
