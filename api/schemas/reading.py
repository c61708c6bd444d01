"""From bytes to a message: strict JSON, then its schema; every mistake with its pointer."""

from collections.abc import Iterator, Mapping
from typing import Any

import marshmallow
from marshmallow import ValidationError

from child_index import strict_json
from child_index.errors import Invalid, Malformed, Problem

_LONGEST_POINTER = 200
_CODES = {
    "Unknown field.": ("unknown_key", "This key is not known here."),
    "Missing data for required field.": ("required", "This is needed."),
    "Field may not be null.": ("required", "This is needed."),
}
_HOSTILE = "Control and direction characters are not allowed."


def read_json(body: bytes) -> dict[str, Any]:
    """Return the one JSON object in ``body``.

    Raises:
        Malformed: not UTF-8, not JSON as ``strict_json`` reads it, or not an object.
        Invalid: control, bidirectional or surrogate characters in a text.
    """
    try:
        text = body.decode("utf-8")
        message = strict_json.parse(text)
    except ValueError:
        raise Malformed from None
    if not isinstance(message, dict):
        raise Malformed
    if hostile := strict_json.hostile_places(text, message):
        raise Invalid(
            problems=tuple(
                Problem(pointer=pointer, code="hostile_character", detail=_HOSTILE)
                for pointer in hostile
            )
        )
    return message


def load(schema: marshmallow.Schema, message: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what the schema makes
    """Return what ``schema`` makes of ``message``.

    Raises:
        Invalid: with one problem for each mistake; none of them quotes a value.
    """
    try:
        return schema.load(message)
    except ValidationError as error:
        raise Invalid(problems=problems_of(error)) from None


def problems_of(error: ValidationError) -> tuple[Problem, ...]:
    """Return marshmallow's findings as problems, each with its JSON pointer."""
    found = error.messages
    by_key = found if isinstance(found, dict) else {marshmallow.exceptions.SCHEMA: found}
    return tuple(_problems(by_key, ""))


def _problems(found: Mapping[Any, Any], where: str) -> Iterator[Problem]:
    for key, inner in found.items():
        pointer = where if key == marshmallow.exceptions.SCHEMA else f"{where}/{_shown(key)}"
        if isinstance(inner, Mapping):
            yield from _problems(inner, pointer)
            continue
        for text in inner:
            code, detail = _CODES.get(text, (_code(text), text))
            yield Problem(pointer=pointer[:_LONGEST_POINTER], code=code, detail=detail)


def _shown(key: object) -> str:
    return str(key) if isinstance(key, int) else strict_json.shown_key(str(key))


def _code(text: str) -> str:
    if text.startswith("Must be one of"):
        return "not_one_of"
    return "too_long" if text.startswith(("Longer than", "Length must be")) else "invalid"
