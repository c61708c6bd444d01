"""The fields of our messages: as strict in reading as JSON itself is, no value is guessed."""

import re
from datetime import date, datetime
from typing import Any

import marshmallow
from marshmallow import fields, validate

LONGEST_NAME = 100
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Message(marshmallow.Schema):
    """A message: unknown keys are refused, answers keep the order of their keys."""

    class Meta:
        """How every message is read."""

        unknown = marshmallow.RAISE


class Text(fields.String):
    """A text of at most ``longest`` characters."""

    def __init__(self, longest: int = LONGEST_NAME, *, shortest: int = 0, **kwargs: Any) -> None:  # noqa: ANN401 - the library's own
        kwargs.setdefault("validate", validate.Length(min=shortest or None, max=longest))
        super().__init__(**kwargs)


class Word(Text):
    """One of a fixed list of words."""

    def __init__(self, words: frozenset[str] | tuple[str, ...], **kwargs: Any) -> None:  # noqa: ANN401 - the library's own
        super().__init__(validate=validate.OneOf(sorted(words)), **kwargs)


class Truth(fields.Boolean):
    """``true`` or ``false``, and nothing that looks like them."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:  # noqa: ANN401 - the library's own
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Day(fields.Date):
    """A date, ``YYYY-MM-DD`` and no other way."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> date:  # noqa: ANN401 - the library's own
        if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return super()._deserialize(value, attr, data, **kwargs)


class Instant(fields.DateTime):
    """An instant, aware, as ISO 8601."""

    @staticmethod
    def written(value: datetime) -> str:
        """Return the instant to the second."""
        return value.isoformat(timespec="seconds")

    def _serialize(self, value: datetime | None, attr: Any, obj: Any, **kwargs: Any) -> str | None:  # noqa: ANN401 - the library's own
        return None if value is None else self.written(value)
