"""Pure: JSON read strictly, before anything else looks at it; a fault never quotes the text."""

import json
import re
from collections.abc import Iterator
from typing import Any

_LONGEST_INTEGER = 19
_SUSPECT = re.compile(
    r"\\[ubfnrt]|[\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_HOSTILE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


class NotReadable(ValueError):
    """The text is no JSON that the index takes; ``code`` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def parse(text: str) -> object:
    """Read one JSON value, refusing what other readers would silently take in two ways.

    Raises:
        NotReadable: ``not_json``, ``duplicate_key``, ``too_deep``, ``not_a_number`` (NaN and
            infinities) or ``number_too_large``.
    """
    try:
        return _DECODER.decode(text)
    except NotReadable:
        raise
    except RecursionError:
        raise NotReadable("too_deep") from None
    except ValueError:
        raise NotReadable("not_json") from None


def hostile_places(text: str, value: object) -> tuple[str, ...]:
    """Return the pointers of strings with control, bidirectional or surrogate characters (T20).

    ``text`` is what ``value`` was parsed from: nearly always it shows at once that none is there.

    >>> hostile_places('{"a":"x\\\\u0000"}', {"a": "x\\x00"})
    ('/a',)
    """
    if not _SUSPECT.search(text):
        return ()
    return tuple(dict.fromkeys(pointer for pointer, string in strings(value) if is_hostile(string)))


def is_hostile(text: str) -> bool:
    """Say whether ``text`` holds a character that no name, address or code has."""
    return _HOSTILE.search(text) is not None


def strings(value: object) -> Iterator[tuple[str, str]]:
    """Every string in ``value`` with its JSON pointer, keys (at their object's) included."""
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        pointer, each = waiting.pop()
        if isinstance(each, str):
            yield pointer, each
        elif isinstance(each, dict):
            for key, inner in each.items():
                yield pointer, key
                waiting.append((f"{pointer}/{shown_key(key)}", inner))
        elif isinstance(each, list):
            waiting.extend((f"{pointer}/{place}", inner) for place, inner in enumerate(each))


def keys(value: object) -> Iterator[tuple[str, str]]:
    """Every key at any depth with the pointer of the object that has it."""
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        pointer, each = waiting.pop()
        if isinstance(each, dict):
            for key, inner in each.items():
                yield pointer, key
                waiting.append((f"{pointer}/{shown_key(key)}", inner))
        elif isinstance(each, list):
            waiting.extend((f"{pointer}/{place}", inner) for place, inner in enumerate(each))


def shown_key(key: str) -> str:
    """Return a key as a pointer may show it: one not written as keys are may be personal data.

    >>> shown_key("birthDate"), shown_key("Hannah Marsh")
    ('birthDate', '?')
    """
    return key if re.fullmatch(r"[a-z][A-Za-z0-9_]{0,39}", key) else "?"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotReadable("duplicate_key")
    return found


def _no_constant(_name: str) -> object:
    raise NotReadable("not_a_number")


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > _LONGEST_INTEGER:
        raise NotReadable("number_too_large")
    return int(digits)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_integer
)
