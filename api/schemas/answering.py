"""From an answer's dataclass to its message, quickly: marshmallow's fields, read once.

marshmallow walks its fields anew for each object; here every schema becomes one attribute reader
and a converter for each field that needs one. A test holds both ways to the same result.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Any

from marshmallow import fields, post_dump

from api.schemas.fields import Instant, Message

Convert = Callable[[Any], Any]


class Reference(fields.String):
    """A number that leaves as a text, because it is a name and nothing to reckon with."""


class Answer(Message):
    """A message that is only ever sent."""

    def trim(self, answer: dict[str, Any], original: Any) -> None:  # noqa: ANN401 - what is answered
        """Take out of ``answer`` what is not to be said of ``original``; by default nothing."""

    @post_dump(pass_original=True)
    def _trim(self, answer: dict[str, Any], original: Any, **_: Any) -> dict[str, Any]:  # noqa: ANN401 - the library's own
        self.trim(answer, original)
        return answer

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:  # noqa: ANN401 - as inherited
        """Return the message of ``obj``: the quick way, unless it is a mapping."""
        if many or isinstance(obj, Mapping):
            return super().dump(obj, many=many)
        return self.answer(obj)

    def answer(self, obj: Any) -> dict[str, Any]:  # noqa: ANN401 - the dataclass of this schema
        """Return the message of one dataclass."""
        keys, read, converts, makes = self._plan
        answer = dict(zip(keys, read(obj), strict=True))
        for key, convert in converts:
            value = answer[key]
            if value is not None:
                answer[key] = convert(value)
        for key, make in makes:
            answer[key] = make(obj)
        self.trim(answer, obj)
        return answer

    @cached_property
    def _plan(
        self,
    ) -> tuple[
        tuple[str, ...],
        Callable[[Any], tuple[Any, ...]],
        tuple[tuple[str, Convert], ...],
        tuple[tuple[str, Convert], ...],
    ]:
        """The keys, one reader of all attributes, who converts what, and what is worked out."""
        keys, attributes, converts, makes = [], [], [], []
        for name, field in self.dump_fields.items():
            key = field.data_key or name
            if isinstance(field, fields.Function | fields.Constant):
                makes.append((key, _maker(field)))
                continue
            keys.append(key)
            attributes.append(field.attribute or name)
            if convert := _converter(field):
                converts.append((key, convert))
        return tuple(keys), _reader(attributes), tuple(converts), tuple(makes)


def _reader(attributes: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """``attrgetter`` gives a tuple only from two attributes on."""
    read = attrgetter(*attributes)
    return read if len(attributes) > 1 else lambda obj: (read(obj),)


def _maker(field: fields.Function | fields.Constant[Any]) -> Convert:
    if isinstance(field, fields.Constant):
        constant = field.constant
        return lambda _: constant
    function: Convert = field.serialize_func  # type: ignore[assignment]  # ours take one argument
    return function


def _converter(field: fields.Field[Any]) -> Convert | None:
    """How the values of a field leave; ``None`` for as they are."""
    if isinstance(field, Reference):
        return str
    if isinstance(field, Instant):
        return Instant.written
    if isinstance(field, fields.Date):
        return date.isoformat
    if isinstance(field, fields.Nested):
        nested: Convert = field.schema.dump
        return nested
    if isinstance(field, fields.List):
        inner = _converter(field.inner)
        return list if inner is None else lambda values: [inner(value) for value in values]
    return dict if isinstance(field, fields.Dict) else None
