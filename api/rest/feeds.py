"""Endpoints for feeds: push a batch, follow it, read its receipts, put or withdraw one record."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, BinaryIO, cast

from flask import Response, current_app, request
from werkzeug.exceptions import NotAcceptable, UnsupportedMediaType

from api.rest.answered import etag
from api.rest.asked import NUDGE, body_as_json, caller, index, received
from api.rest.operations import JSON, PREFIX, Operation, Routes
from api.schemas.feeds import BatchOut, FeedOut, ReceiptOut, as_csv, as_ndjson
from child_index import intake, messages
from child_index.access import Permission
from child_index.delivery import CSV, NDJSON, Delivery
from child_index.errors import Invalid, Problem

routes = Routes("feeds", "What agencies' systems send, and what they are answered")

_FEED = "/feeds/<string:feed>"
_BATCH = f"{_FEED}/batches/<string:batch_id>"
_RECORD = f"{_FEED}/records/<string:source_record_id>"
_RETRY_AFTER_SECONDS = "1"
_LARGEST = 2**62
_BATCH_HEADERS = [
    {
        "name": name,
        "in": "header",
        "required": False,
        "schema": {"type": "string"},
        "description": text,
    }
    for name, text in (
        ("Content-Digest", "sha-256=:…: over the bytes sent (RFC 9530)."),
        ("Content-Encoding", "gzip, or nothing."),
        ("Index-Sequence", "Of a CSV: one more than the feed's last."),
        ("Index-Mode", "Of a CSV: delta."),
        ("Index-Count", "Of a CSV: its rows."),
    )
]
_TEXT_BODY = {"schema": {"type": "string"}}


def _record_schema() -> dict[str, Any]:
    """A child's line, whose type and id stand in the address instead."""
    line: dict[str, Any] = messages.json_schema()["oneOf"][0]
    named = {"type", "sourceRecordId"}
    return line | {"required": [key for key in line["required"] if key not in named]}


class _Body:
    """The request's body as a file; the end of a cut-off body is a refusal, not an end."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes; none means that the whole body was read."""
        if not self._rest:
            self._rest = next(self._chunks, b"")
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken


@routes.route(
    "POST",
    f"{_FEED}/batches",
    Operation(
        needs=Permission.FEED_WRITE,
        status=202,
        answers=BatchOut(),
        refuses=(404, 409, 413, 415, 422),
        documented={
            "parameters": _BATCH_HEADERS,
            "requestBody": {
                "required": True,
                "content": {NDJSON: _TEXT_BODY, CSV: _TEXT_BODY},
            },
        },
    ),
)
def push(feed: str) -> Any:  # noqa: ANN401 - dumped as declared
    """Take in a batch, check it whole, and promise to apply it."""
    if request.mimetype not in {NDJSON, CSV}:
        raise UnsupportedMediaType
    request.max_content_length = index().settings.batch_max_bytes + 1
    state = intake.receive(index(), caller(), _delivery(feed))
    if nudge := current_app.extensions[NUDGE]:
        nudge(state.batch_id)
    return state, {
        "Location": f"{PREFIX}/feeds/{state.feed}/batches/{state.batch_id}",
        "Retry-After": _RETRY_AFTER_SECONDS,
    }


def _delivery(feed: str) -> Delivery:
    return Delivery(
        feed=feed,
        body=cast("BinaryIO", _Body(received(request))),
        media_type=request.mimetype,
        content_digest=request.headers.get("Content-Digest"),
        encoding=request.headers.get("Content-Encoding"),
        content_length=request.content_length,
        sequence=_number("Index-Sequence"),
        mode=request.headers.get("Index-Mode"),
        count=_number("Index-Count"),
    )


def _number(header: str) -> int | None:
    sent = request.headers.get(header)
    if sent is None:
        return None
    if not (sent.isascii() and sent.isdigit() and int(sent) < _LARGEST):
        detail = f"{header} must be a whole number."
        raise Invalid(problems=(Problem(pointer=header, code="invalid", detail=detail),))
    return int(sent)


@routes.route(
    "GET",
    _BATCH,
    Operation(needs=Permission.FEED_READ, answers=BatchOut(), refuses=(404,)),
)
def batch(feed: str, batch_id: str) -> Any:  # noqa: ANN401 - dumped as declared
    """Say where a batch stands."""
    return intake.batch_state(index(), caller(), feed, batch_id)


@routes.route(
    "GET",
    f"{_BATCH}/receipts",
    Operation(
        needs=Permission.FEED_READ,
        content_types=(NDJSON, CSV),
        refuses=(404, 406, 409),
    ),
)
def receipts(feed: str, batch_id: str) -> Response:
    """Say what became of each row, in the order sent; NDJSON or CSV by Accept."""
    accepted = request.accept_mimetypes
    wanted = accepted.best_match([NDJSON, CSV]) if accepted else NDJSON
    if wanted is None:
        raise NotAcceptable
    found = intake.receipts(index(), caller(), feed, batch_id)
    return Response((as_csv if wanted == CSV else as_ndjson)(found), mimetype=wanted)


@routes.route(
    "PUT",
    _RECORD,
    Operation(
        needs=Permission.FEED_WRITE,
        status=200,
        answers=ReceiptOut(),
        also={201: "New from this feed."},
        gives_etag=True,
        takes_if_match=True,
        refuses=(404, 409, 412, 413, 415, 422),
        documented={
            "requestBody": {"required": True, "content": {JSON: {"schema": _record_schema()}}}
        },
    ),
)
def put_record(feed: str, source_record_id: str) -> Any:  # noqa: ANN401 - dumped as declared
    """State everything about one record; accepted whatever the matcher makes of it."""
    body = body_as_json(request)
    taken = intake.put_record(
        index(), caller(), feed, source_record_id, body, if_match=request.headers.get("If-Match")
    )
    status = HTTPStatus.CREATED if taken.is_new else HTTPStatus.OK
    return taken.receipt, status, etag(taken.version)


@routes.route(
    "DELETE",
    _RECORD,
    Operation(
        needs=Permission.FEED_WRITE,
        status=204,
        takes_if_match=True,
        refuses=(404, 412, 428),
    ),
)
def withdraw_record(feed: str, source_record_id: str) -> Any:  # noqa: ANN401 - dumped as declared
    """Withdraw one record whole: removed, not ended."""
    intake.withdraw_record(
        index(), caller(), feed, source_record_id, if_match=request.headers.get("If-Match")
    )


@routes.route(
    "GET",
    _FEED,
    Operation(needs=Permission.FEED_READ, answers=FeedOut(), refuses=(404,)),
)
def state(feed: str) -> Any:  # noqa: ANN401 - dumped as declared
    """Say what the feed may know of itself: its state and the last sequence taken in."""
    return intake.feed_state(index(), caller(), feed)
