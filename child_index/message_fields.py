"""The kinds of field a feed's line is made of, each of which can also tell its JSON Schema."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, missing

NAME_LENGTH = 100
_LARGEST = 2**63 - 2
"""One less than the store can count: a withdrawal stands between a version and the next."""
_DAY = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")


@lru_cache(maxsize=1 << 14)
def day(text: str) -> date | None:
    """Read ``YYYY-MM-DD`` between 1900 and 2199; ``None`` when it is no such day.

    >>> day("2026-02-29") is None
    True
    """
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class _Field(fields.Field[Any], ABC):
    """A field whose null and blank are the same as its absence (a CSV knows no other)."""

    default_error_messages = {  # noqa: RUF012 - marshmallow's own way, never changed
        "required": "missing_field",
        "null": "missing_field",
        "wrong_type": "wrong_type",
        "too_long": "too_long",
    }

    def deserialize(
        self,
        value: Any,  # noqa: ANN401 - marshmallow's signature
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,  # noqa: ANN401 - marshmallow's signature
    ) -> Any:  # noqa: ANN401 - marshmallow's signature
        """Return the value, or ``missing`` for null; a required one must be there."""
        if value is None or value is missing or value == "":
            if self.required:
                raise self.make_error("required")
            return missing
        return self._deserialize(value, attr, data, **kwargs)

    def quick(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Return the value of a field that is there; see :meth:`Line.quick`."""
        try:
            return self._deserialize(value, None, None)
        except ValidationError:
            raise NotQuick from None

    @abstractmethod
    def shape(self) -> dict[str, Any]:
        """The field as JSON Schema."""


class Text(_Field):
    """Characters, at most so many, kept as sent."""

    def __init__(self, longest: int = NAME_LENGTH, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self._longest = longest

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401
        if not isinstance(value, str):
            raise self.make_error("wrong_type")
        if len(value) > self._longest:
            raise self.make_error("too_long")
        if value.isspace():
            return self.deserialize(None)
        return value

    def shape(self) -> dict[str, Any]:
        """A string of limited length; a required one is not blank."""
        required = {"pattern": r"\S"} if self.required else {}
        return {"type": "string", "maxLength": self._longest} | required


class Texts(_Field):
    """Several strings; blank ones are left out."""

    default_error_messages = {"too_many": "too_many"}  # noqa: RUF012

    def __init__(self, most: int, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self._most = most

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.make_error("wrong_type")
        if len(value) > self._most:
            raise self.make_error("too_many")
        if any(len(each) > NAME_LENGTH for each in value):
            raise self.make_error("too_long")
        return tuple(each for each in value if each and not each.isspace())

    def shape(self) -> dict[str, Any]:
        """A list of strings."""
        text = {"type": "string", "maxLength": NAME_LENGTH}
        return {"type": "array", "maxItems": self._most, "items": text}


class Coded(_Field):
    """One word of a list; text that is too long for any code has its own refusal (FED-03)."""

    default_error_messages = {"not_in_list": "not_in_list"}  # noqa: RUF012

    def __init__(self, words: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self._words = words

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401
        if value in self._words:
            return value
        if not isinstance(value, str):
            raise self.make_error("wrong_type")
        raise self.make_error("too_long" if len(value) > NAME_LENGTH else "not_in_list")

    def shape(self) -> dict[str, Any]:
        """A word of the list."""
        return {"enum": list(self._words)}


class Day(_Field):
    """A calendar day, ``YYYY-MM-DD``."""

    default_error_messages = {"not_a_date": "not_a_date"}  # noqa: RUF012

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401
        found = day(value) if isinstance(value, str) else None
        if found is None:
            raise self.make_error("not_a_date")
        return found

    def shape(self) -> dict[str, Any]:
        """A date."""
        return {"type": "string", "format": "date", "pattern": f"^{_DAY.pattern}$"}


class Whole(_Field):
    """A whole number from ``least`` on; true is no number."""

    def __init__(self, least: int = 0, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self._least = least

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401
        if type(value) is not int or not self._least <= value <= _LARGEST:
            raise self.make_error("wrong_type")
        return value

    def shape(self) -> dict[str, Any]:
        """An integer that fits 64 bits."""
        return {"type": "integer", "minimum": self._least, "maximum": _LARGEST}


class Flag(_Field):
    """True or false, and nothing like it."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401
        if type(value) is not bool:
            raise self.make_error("wrong_type")
        return value

    def shape(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}


class NotQuick(Exception):
    """Something is wrong with an object; marshmallow's own way tells what, and where."""


class Inner(fields.Nested):
    """An object within the object, or a list of them (``most`` given)."""

    default_error_messages = {"type": "wrong_type"}  # noqa: RUF012

    def __init__(
        self, schema: "type[Line]", *, most: int | None = None, data_key: str | None = None
    ) -> None:
        super().__init__(schema, many=most is not None, data_key=data_key)
        self._most = most
        self._inner = schema
        self._loader = schema()

    def deserialize(
        self,
        value: Any,  # noqa: ANN401 - marshmallow's signature
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,  # noqa: ANN401 - marshmallow's signature
    ) -> Any:  # noqa: ANN401 - marshmallow's signature
        """Return what the inner schema loads; null and blank are absence."""
        if value is None or value is missing or value == "":
            return missing
        if self._most is not None and isinstance(value, list) and len(value) > self._most:
            raise ValidationError("too_many")
        return self._deserialize(value, attr, data, **kwargs)

    def quick(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Return what the inner schema loads; see :meth:`Line.quick`."""
        if self._most is None:
            return self._loader.quick(value)
        if type(value) is not list or len(value) > self._most:
            raise NotQuick
        return [self._loader.quick(each) for each in value]

    def shape(self) -> dict[str, Any]:
        """An object, or an array of them."""
        inner = shape_of(self._inner())
        if self._most is None:
            return inner
        return {"type": "array", "maxItems": self._most, "items": inner}


class Line(Schema):
    """An object of a feed's message; a key it does not know is refused (FED-03)."""

    class Meta:
        """A key that is not known is refused, not dropped."""

        unknown = RAISE

    error_messages = {"unknown": "unknown_field", "type": "wrong_type"}  # noqa: RUF012

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's signature
        super().__init__(**options)
        self._readers = {
            field.data_key or name: (name, field.quick)
            for name, field in self.fields.items()
            if isinstance(field, (_Field, Inner))
        }
        self._required = {name for name, field in self.fields.items() if field.required}

    def quick(self, data: object) -> dict[str, Any]:
        """Load an object with which nothing is wrong, in a third of the time ``load`` takes.

        It goes through the keys that are there, not through all there could be; a test holds the
        two ways together.

        Raises:
            NotQuick: something is wrong, or needs more thought.
        """
        if type(data) is not dict or "void" in data:
            raise NotQuick
        loaded = {}
        for key, value in data.items():
            if key not in self._readers:
                raise NotQuick
            name, read = self._readers[key]
            if value is not None and value != "":
                found = read(value)
                if found is not missing:
                    loaded[name] = found
        if not self._required <= loaded.keys():
            raise NotQuick
        return loaded


def shape_of(schema: Schema) -> dict[str, Any]:
    """The object a schema describes, as JSON Schema; nothing but its keys is allowed."""
    properties: dict[str, Any] = {}
    required = []
    for attribute, field in schema.fields.items():
        key = field.data_key or attribute
        if not isinstance(field, (_Field, Inner)):
            raise TypeError(key)
        properties[key] = field.shape()
        if field.required:
            required.append(key)
        elif key != "type":
            properties[key] = {"anyOf": [properties[key], {"type": "null"}]}
    shape = {"type": "object", "properties": properties, "additionalProperties": False}
    return shape | ({"required": required} if required else {})
