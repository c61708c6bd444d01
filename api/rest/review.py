"""Endpoints for stewards: what waits for a decision, one question, and its answer."""

import base64
import binascii
from typing import Any

from api.rest.answered import etag
from api.rest.asked import caller, index, seen_version
from api.rest.operations import PREFIX, Operation, Routes
from api.schemas.stewards import DecisionIn, QueueOut, QueueQuery, SettledOut, TaskOut
from child_index import stewardship
from child_index.access import Permission
from child_index.errors import Invalid, Problem

routes = Routes("review", "Are these the same child?")

ITEMS = 50
_TASK = f"/reviews/<int(max={2**62}):task_id>"


@routes.route(
    "GET",
    "/reviews",
    Operation(needs=Permission.REVIEW_READ, query=QueueQuery(), answers=QueueOut()),
)
def queue(asked: dict[str, Any]) -> Any:  # noqa: ANN401 - dumped as declared
    """List what waits for a decision, oldest first."""
    limit = asked.get("limit", ITEMS)
    after = _position(asked["cursor"]) if "cursor" in asked else None
    rows = stewardship.tasks(index(), caller(), after=after, limit=limit)
    following = f"{PREFIX}/reviews?cursor={_cursor(rows[-1].task_id)}" if rows else None
    if following and "limit" in asked:
        following = f"{following}&limit={limit}"
    return {"items": rows, "next": following if len(rows) == limit else None}


@routes.route(
    "GET",
    _TASK,
    Operation(needs=Permission.REVIEW_READ, answers=TaskOut(), gives_etag=True, refuses=(404,)),
)
def read(task_id: int) -> Any:  # noqa: ANN401 - dumped as declared
    """Show both sides of one question, and the evidence between them."""
    view = stewardship.task(index(), caller(), task_id)
    return view, etag(view.version)


@routes.route(
    "POST",
    f"{_TASK}/decisions",
    Operation(
        needs=Permission.REVIEW_WRITE,
        asks=DecisionIn(),
        status=201,
        answers=SettledOut(),
        gives_etag=True,
        takes_if_match=True,
        refuses=(404, 409, 412, 428),
    ),
)
def settle(asked: dict[str, Any], task_id: int) -> Any:  # noqa: ANN401 - dumped as declared
    """Answer a question: the same child, different children, or leave it for later."""
    settled = stewardship.settle(
        index(),
        caller(),
        task_id,
        seen_version=seen_version(),
        decision=asked["decision"],
        reason=asked["reason"],
        note=asked.get("note"),
    )
    return settled, etag(settled.version)


def _cursor(task_id: int) -> str:
    return base64.urlsafe_b64encode(f"after:{task_id}".encode()).decode().rstrip("=")


def _position(cursor: str) -> int:
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        word, _, number = base64.urlsafe_b64decode(padded).decode().partition(":")
        if word == "after" and number.isascii() and number.isdigit() and int(number) < 2**62:
            return int(number)
    except (ValueError, binascii.Error):
        pass
    problem = Problem(pointer="/cursor", code="invalid", detail="Use next as it was given.")
    raise Invalid(problems=(problem,))
