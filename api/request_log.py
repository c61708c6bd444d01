"""One JSON line for each request: ids, counts, durations; scalars only, never what was asked."""

import json
import logging
import sys
import time
import uuid
from typing import TextIO

import structlog
from flask import Flask, Response, g, request
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

REQUEST_ID = "X-Request-ID"
_LONGEST_VALUE = 2_000
_MOST_FRAMES = 8
_NAMED = ("batch", "state")


_encoder = json.JSONEncoder()


def _written(event: EventDict, **_: object) -> str:
    """One encoder for all lines: the renderer would make one for each."""
    return _encoder.encode(event)


class NotScalar(TypeError):
    """A log line was to carry more than a number, a word or nothing: a fault of ours."""


def only_scalars(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Refuse whatever could hold a record; cut what is too long to be an id."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = value[:_LONGEST_VALUE]
        elif value is not None and not isinstance(value, bool | int | float):
            raise NotScalar(name)
    return event


def open_log(stream: TextIO | None = None) -> FilteringBoundLogger:
    """Return a logger that writes JSON lines to ``stream``, by default standard error."""
    logger: FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(stream or sys.stderr),
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.add_log_level,
            only_scalars,
            structlog.processors.JSONRenderer(serializer=_written),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
    )
    return logger


def fault_of(error: BaseException | None) -> dict[str, str]:
    """Return a fault's kind and place: file, line and function, innermost last; never a value."""
    if error is None:
        return {}
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return {"fault": type(error).__name__, "fault_at": " > ".join(frames[-_MOST_FRAMES:])}


class _Lines(logging.Handler):
    """What the standard library's loggers say, as lines of ours: no exception's own text."""

    def __init__(self, log: FilteringBoundLogger) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; values given by name pass when they are scalars."""
        said = {name: getattr(record, name) for name in _NAMED if hasattr(record, name)}
        error = record.exc_info[1] if record.exc_info else None
        write = self._log.error if record.levelno >= logging.ERROR else self._log.info
        write(record.getMessage(), logger=record.name, **said, **fault_of(error))


def take_over_logging(log: FilteringBoundLogger) -> None:
    """Let the whole process log in lines: our own from INFO on, libraries' from WARNING on."""
    root = logging.getLogger()
    root.handlers = [_Lines(log)]
    root.setLevel(logging.WARNING)
    logging.getLogger("child_index").setLevel(logging.INFO)


def install(app: Flask, log: FilteringBoundLogger) -> None:
    """Give every request an id, mirror it, and write its line when it has been answered.

    The line names the rule of the address (``/children/<child_ref>/…``), never the address.
    """

    def begin() -> None:
        g.started = time.perf_counter()
        g.request_id = _request_id(request.headers.get(REQUEST_ID))

    def finish(response: Response) -> Response:
        response.headers[REQUEST_ID] = g.request_id
        caller = g.get("caller")
        fault = fault_of(g.get("fault"))
        if "unavailable" in g:
            fault = {"fault": str(g.unavailable)}
        line = log.error if fault else log.info
        line(
            "request",
            request_id=g.request_id,
            method=request.method if request.url_rule else "-",
            route=request.url_rule.rule if request.url_rule else "-",
            status=response.status_code,
            milliseconds=round((time.perf_counter() - g.started) * 1000, 2),
            actor=caller.actor if caller else None,
            **fault,
        )
        return response

    app.before_request(begin)
    app.after_request(finish)


def _request_id(sent: str | None) -> str:
    """The sender's id when it is a UUID, else a new one."""
    try:
        return (
            str(uuid.UUID(sent)) if sent and len(sent) == len(str(uuid.NAMESPACE_URL)) else _new()
        )
    except ValueError:
        return _new()


def _new() -> str:
    return str(uuid.uuid4())
