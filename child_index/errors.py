"""What the index may refuse, and the words in which it says so; never with personal data."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with one place of what was sent.

    ``pointer`` is a JSON pointer into the message or a CSV column; ``code`` is stable and may be
    relied on by programs; ``detail`` is for people. None of the three ever quotes the value.
    """

    pointer: str
    code: str
    detail: str


class Refused(Exception):
    """The index says no, and this is why: ``code`` for programs, ``detail`` for people."""

    code = "refused"
    detail = "This cannot be done."

    def __init__(
        self,
        code: str | None = None,
        detail: str | None = None,
        *,
        problems: tuple[Problem, ...] = (),
        extra: Mapping[str, str | int] | None = None,
    ) -> None:
        self.code = code or type(self).code
        self.detail = detail or type(self).detail
        self.problems = problems
        self.extra = dict(extra or {})
        super().__init__(self.code)


class Malformed(Refused):
    """What arrived cannot be read at all: a cut-off body, bytes that are no text."""

    code = "malformed"
    detail = "The message could not be read."


class Invalid(Refused):
    """What arrived can be read, and breaks a rule."""

    code = "invalid"
    detail = "Something in the message is not right."


class NotAllowed(Refused):
    """The caller's role, sign-in or purpose does not permit this."""

    code = "not_allowed"
    detail = "Your role does not permit this."


class NotFound(Refused):
    """Unknown, not the caller's, or not visible to the caller: the three are told apart nowhere."""

    code = "not_found"
    detail = "Nothing can be shown here."


class Conflict(Refused):
    """The request contradicts what is held, or what must come first has not been done."""

    code = "conflict"
    detail = "This contradicts what is already held."


class OutOfDate(Refused):
    """Somebody else changed it first: the version the caller saw is no longer the current one."""

    code = "out_of_date"
    detail = "It has changed since you read it. Read it again and repeat your change."


class VersionRequired(Refused):
    """A change was asked for without saying which version it starts from (no ``If-Match``)."""

    code = "version_required"
    detail = "Say which version you are changing (If-Match)."


class TooLarge(Refused):
    """More bytes than the index takes in one message."""

    code = "too_large"
    detail = "The message is larger than this service accepts."


class Unavailable(Refused):
    """The index cannot answer safely now: the store or the audit cannot be written."""

    code = "unavailable"
    detail = (
        "Child Index cannot answer just now. If you are worried about a child, ring the duty desk."
    )
