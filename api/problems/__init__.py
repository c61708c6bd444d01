"""One table: refusal → status; every refusal leaves as a problem document (RFC 9457)."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from flask import Flask, Response, g
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from api.problems.catalogue import ENTRIES
from child_index.config import Settings
from child_index.errors import (
    Conflict,
    Invalid,
    Malformed,
    NotAllowed,
    NotFound,
    OutOfDate,
    Problem,
    Refused,
    TooLarge,
    Unavailable,
    VersionRequired,
)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5

STATUS: Mapping[type[Refused], HTTPStatus] = {
    Malformed: HTTPStatus.BAD_REQUEST,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    OutOfDate: HTTPStatus.PRECONDITION_FAILED,
    VersionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Every kind of refusal, and the status it leaves with."""

_CODES = {
    HTTPStatus.BAD_REQUEST: "malformed",
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: "not_allowed",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.NOT_ACCEPTABLE: "not_acceptable",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
}
"""What the framework refuses by itself, under our own words."""

_KEPT_HEADERS = ("Allow", "WWW-Authenticate", "Retry-After")


def install(app: Flask, settings: Settings) -> None:
    """Answer every refusal and every fault of ``app`` with a problem document."""
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(Exception, of_fault)

    def of_refused(refusal: Refused) -> Response:
        return of_refusal(refusal, settings.duty_desk_phone)

    app.register_error_handler(Refused, of_refused)


def of_refusal(refusal: Refused, duty_desk_phone: str) -> Response:
    """Say what the index refused, and why, in its own words; a NotFound is always the same one."""
    status = STATUS[type(refusal)]
    if isinstance(refusal, NotFound):
        return _document(status, NotFound.code, NotFound.detail)
    if isinstance(refusal, Unavailable):
        g.unavailable = refusal.extra.get("fault")
        detail = f"{refusal.detail} The duty desk: {duty_desk_phone}."
        headers = Headers({"Retry-After": str(RETRY_AFTER_SECONDS)})
        return _document(status, refusal.code, detail, headers=headers)
    return _document(
        status, refusal.code, refusal.detail, problems=refusal.problems, extra=refusal.extra
    )


def of_http(error: HTTPException) -> Response:
    """Say what the framework refused; its own text may quote the request, so it is not used."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return of_fault(error)
    code = _CODES.get(status, "malformed")
    given = error.get_response().headers
    headers = Headers([(name, v) for name in _KEPT_HEADERS for v in given.getlist(name)])
    return _document(status, code, _detail(code), headers=headers)


def of_fault(error: Exception) -> Response:
    """A fault of ours: its kind and place go to the log, and nothing of it into the answer."""
    g.fault = error
    return _document(HTTPStatus.INTERNAL_SERVER_ERROR, "fault", _detail("fault"))


def _detail(code: str) -> str:
    return {"not_found": NotFound.detail, "malformed": Malformed.detail}.get(
        code, ENTRIES[code].advice
    )


def _document(
    status: HTTPStatus,
    code: str,
    detail: str,
    *,
    problems: tuple[Problem, ...] = (),
    extra: Mapping[str, str | int] | None = None,
    headers: Headers | None = None,
) -> Response:
    entry = ENTRIES.get(code)
    body = {
        "type": f"/problems/{code}",
        "title": entry.title if entry else status.phrase,
        "status": status.value,
        "code": code,
        "detail": detail,
        "instance": g.request_id,
        "errors": [
            {"pointer": problem.pointer, "code": problem.code, "detail": problem.detail}
            for problem in problems
        ],
    }
    return Response(
        json.dumps(body | dict(extra or {})), status=status, headers=headers, mimetype=MEDIA_TYPE
    )
