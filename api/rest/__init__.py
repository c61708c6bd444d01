"""The doors for systems and for practitioners' own software: JSON in, JSON out."""

from collections.abc import Callable, Mapping

from flask import Flask, Response, request

from api.auth import PUBLIC
from api.rest import children, documents, feeds, health, review
from api.rest.asked import INDEX, NUDGE
from api.rest.operations import Operation, Routes, document
from child_index.errors import Malformed, NotFound
from child_index.gate import Index

ROUTES: tuple[Routes, ...] = (children.routes, feeds.routes, review.routes, health.routes)
OPERATIONS: Mapping[str, Operation] = {
    endpoint: operation for each in ROUTES for endpoint, operation in each.operations.items()
}
"""Every endpoint that is documented, with the permission that its verb requires."""

LONGEST_PATH_WORD = 200
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer: nothing is kept by a browser or a proxy, nothing is guessed, nothing framed."""


def install(app: Flask, index: Index, nudge: Callable[[str], None] | None) -> None:
    """Put every endpoint on ``app``, and what holds for all of them."""
    app.extensions[INDEX] = index
    app.extensions[NUDGE] = nudge
    app.url_map.merge_slashes = False
    app.before_request(refuse_what_the_address_may_not_carry)
    app.after_request(_set_headers)
    app.register_blueprint(documents.blueprint(document(app, ROUTES)))


def refuse_what_the_address_may_not_carry() -> None:
    """Refuse undeclared query parameters, and path words that no id of ours could be (T12).

    Raises:
        Malformed: ``query_not_allowed``; it never repeats what was sent.
        NotFound: a path word with hidden characters, or longer than any id.
    """
    if request.endpoint is None:
        return
    if request.query_string and not _is_declared():
        raise Malformed("query_not_allowed", "This address takes no such parameter.")
    for word in (request.view_args or {}).values():
        if isinstance(word, str) and not (word.isprintable() and len(word) <= LONGEST_PATH_WORD):
            raise NotFound


def _is_declared() -> bool:
    operation = OPERATIONS.get(request.endpoint or "")
    declared = operation.query.load_fields if operation and operation.query else {}
    sent = request.args
    return bool(sent) and all(
        name in declared and len(values) == 1 for name, values in sent.lists()
    )


def _set_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


__all__ = ["HEADERS", "OPERATIONS", "PUBLIC", "ROUTES", "install"]
