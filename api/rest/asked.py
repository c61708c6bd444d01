"""What a request asks, read from it: who, which version, and a body that arrived whole."""

from collections.abc import Iterator
from typing import cast

from flask import Request, current_app, g, request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]  # it ships no types
from werkzeug.exceptions import UnsupportedMediaType

from child_index.errors import Malformed, VersionRequired
from child_index.gate import Index
from child_index.records import Caller

INDEX, NUDGE = "child_index", "child_index_nudge"
NEVER_A_VERSION = -1
_LONGEST_VERSION = 18
_CHUNK = 1 << 16


def index() -> Index:
    """Return the index this application serves."""
    return cast("Index", current_app.extensions[INDEX])


def caller() -> Caller:
    """Return who asks, as their token says."""
    return cast("Caller", g.caller)


def body_as_json(sent: Request) -> bytes:
    """Return the whole body of a JSON message.

    Raises:
        UnsupportedMediaType: it does not call itself JSON.
        Malformed: fewer bytes than announced.
    """
    if not sent.is_json:
        raise UnsupportedMediaType
    try:
        body = sent.stream.read()
    except (OSError, ParseException):
        raise Malformed from None
    if sent.content_length is not None and len(body) != sent.content_length:
        raise Malformed
    return body


def received(sent: Request) -> Iterator[bytes]:
    """Yield the body as it arrives; the end of a cut-off body is a refusal, not an end.

    The server hands over what it got when the sender hangs up half-way (promises.md 0.6), so the
    bytes are counted here.

    Raises:
        Malformed: fewer bytes than Content-Length says, or a chunk that is none.
    """
    total = 0
    try:
        while chunk := sent.stream.read(_CHUNK):
            total += len(chunk)
            yield chunk
    except (OSError, ParseException):
        raise Malformed from None
    if sent.content_length is not None and total != sent.content_length:
        raise Malformed


def seen_etag() -> str | None:
    """Return the one entity tag of If-Match, without its quotes; ``None`` when there is none.

    A tag that is none of ours stays what it is: it matches nothing, and that is the answer.
    """
    sent = request.headers.get("If-Match")
    if sent is None:
        return None
    sent = sent.strip()
    is_strong = len(sent) >= 2 and sent[0] == sent[-1] == '"'
    return sent[1:-1] if is_strong else sent


def seen_version() -> int:
    """Return the version number in If-Match; one that is no number matches nothing.

    Raises:
        VersionRequired: there is no If-Match.
    """
    tag = seen_etag()
    if tag is None:
        raise VersionRequired
    is_number = tag.isascii() and tag.isdigit() and len(tag) <= _LONGEST_VERSION
    return int(tag) if is_number else NEVER_A_VERSION
