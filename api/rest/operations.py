"""How an endpoint is declared: one line of data says what it asks, answers, needs and refuses.

The only module that knows flask-smorest, which ships no types: everything else gets them here.
"""

import functools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import flask_smorest  # type: ignore[import-untyped]  # it ships no types
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from api import problems
from api.rest.asked import body_as_json
from api.schemas.fields import Message
from api.schemas.reading import load, read_json
from api.schemas.refusals import ProblemOut
from child_index.access import Permission

PREFIX = "/api/v1"
JSON = "application/json"
_ALWAYS = (400, 401, 403, 503)
_BODY = (413, 415, 422)
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The ETag of what is to be changed.",
}
_ETAG = {"ETag": {"schema": {"type": "string"}, "description": "The version, for If-Match."}}

_CONVERTED = re.compile(r"<(?:[^<>:]+:)?(\w+)>")

View = Callable[..., Any]
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What one endpoint needs, takes and gives; its documentation is made from the same line.

    ``needs`` is the permission its verb requires, ``None`` for what is PUBLIC. ``answers`` is
    ``None`` where the answer is no JSON; then ``content_types`` names what it is.
    """

    needs: Permission | None
    asks: Message | None = None
    query: Message | None = None
    status: int = HTTPStatus.OK
    answers: Message | None = None
    content_types: tuple[str, ...] = ()
    gives_etag: bool = False
    takes_if_match: bool = False
    refuses: tuple[int, ...] = ()
    also: Mapping[int, str] | None = None
    documented: Mapping[str, Any] | None = None


class _Api(flask_smorest.Api):  # type: ignore[misc]  # its base has no types
    """The documentation; refusals stay ours (flask-smorest would take the whole application's)."""

    ERROR_SCHEMA = ProblemOut
    DEFAULT_ERROR_RESPONSE_NAME = None

    def handle_http_exception(self, error: HTTPException) -> Any:  # noqa: ANN401 - as inherited
        """Answer as every other refusal is answered."""
        return problems.of_http(error)


class Routes:
    """The endpoints of one kind of work, and what each of them needs."""

    def __init__(self, name: str, description: str, *, prefix: str = PREFIX) -> None:
        self.blueprint = flask_smorest.Blueprint(
            name, name, description=description, url_prefix=prefix
        )
        self.operations: dict[str, Operation] = {}
        self.addresses: list[tuple[str, str, str]] = []
        self._prefix = prefix.rstrip("/")

    def route(self, method: str, rule: str, operation: Operation) -> Callable[[View], View]:
        """Register a view for one method at one address."""

        def register(view: View) -> View:
            endpoint = view.__name__
            full = f"{self.blueprint.name}.{endpoint}"
            self.operations[full] = operation
            written = _CONVERTED.sub(r"{\1}", f"{self._prefix}{rule}")
            self.addresses.append((method, written, full))
            served = _served(view, operation)
            served._apidoc = _described(self.blueprint, view, operation)
            self.blueprint.add_url_rule(rule, endpoint, served, methods=[method])
            return view

        return register


def _served(view: View, operation: Operation) -> Any:  # noqa: ANN401 - a function with our mark
    """Load, call, answer. flask-smorest's own decorators would do it at five times the cost."""
    asks, query, answers, status = (
        operation.asks,
        operation.query,
        operation.answers,
        operation.status,
    )

    @functools.wraps(view)
    def served(**words: Any) -> Response:  # noqa: ANN401 - the words of the address
        given = []
        if query is not None:
            given.append(load(query, request.args.to_dict()))
        if asks is not None:
            given.append(load(asks, read_json(body_as_json(request))))
        made = view(*given, **words)
        if isinstance(made, Response):
            return made
        what, code, headers = _parts(made, status)
        if answers is None:
            return _empty(code)
        body = _encoder.encode(answers.dump(what)).encode()
        return Response(body, code, headers, mimetype=JSON)

    return served


def _empty(status: int) -> Response:
    answer = Response(status=status)
    del answer.headers["Content-Type"]
    return answer


def _parts(made: Any, status: int) -> tuple[Any, int, Mapping[str, str] | None]:  # noqa: ANN401 - an answer
    """An answer alone, with its headers, or with its status and headers."""
    if not isinstance(made, tuple):
        return made, status, None
    if len(made) == 2:
        return made[0], status, made[1]
    what, code, headers = made
    return what, code, headers


def _described(blueprint: Any, view: View, operation: Operation) -> Any:  # noqa: ANN401 - untyped
    """What flask-smorest's decorators note down of a view, for the OpenAPI document."""
    made: Any = view
    if operation.asks is not None:
        made = blueprint.arguments(operation.asks)(made)
    if operation.query is not None:
        made = blueprint.arguments(operation.query, location="query")(made)
    headers = _ETAG if operation.gives_etag else None
    for content_type in operation.content_types or (JSON,):
        made = blueprint.response(
            operation.status, operation.answers, content_type=content_type, headers=headers
        )(made)
    for status, description in (operation.also or {}).items():
        made = blueprint.alt_response(
            status, schema=operation.answers, description=description, headers=headers
        )(made)
    for status in _refusals(operation):
        made = blueprint.alt_response(status, schema=ProblemOut, content_type=problems.MEDIA_TYPE)(
            made
        )
    manual = dict(operation.documented or {})
    if operation.takes_if_match:
        manual["parameters"] = [_IF_MATCH]
    if operation.needs is None:
        manual["security"] = []
    return blueprint.doc(**manual)(made)._apidoc


def _refusals(operation: Operation) -> tuple[int, ...]:
    always = _ALWAYS if operation.needs is not None else (400,)
    body = _BODY if operation.asks is not None else ()
    query = (422,) if operation.query is not None else ()
    return tuple(sorted({*always, *body, *query, *operation.refuses} - {operation.status}))


def document(app: Flask, routes: tuple[Routes, ...]) -> Mapping[str, Any]:
    """Register the endpoints and return their OpenAPI 3.1 document."""
    app.config.update(
        API_TITLE="Child Index",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
    )
    api = _Api(app)
    api.spec.components.security_scheme(
        "bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    )
    api.spec.options["security"] = [{"bearer": []}]
    for each in routes:
        api.register_blueprint(each.blueprint)
    made: Mapping[str, Any] = api.spec.to_dict()
    return made
