"""Pure: what is worth telling the sender of a statement that is accepted."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from child_index.errors import Problem
from child_index.problem_words import problem
from child_index.records import ChildStatement
from child_index.retention import shown_until
from matching import normalise


def warnings_of(statement: ChildStatement, today: date) -> Iterator[Problem]:
    """What is kept as sent and is no evidence (decisions.md 22), and what is no longer shown."""
    for place, identifier in enumerate(statement.identifiers):
        if not identifier.is_valid:
            yield problem(f"/identifiers/{place}/value", "identifier_not_valid")
    yield from _unreadable(_postcodes(statement), normalise.postcode, "postcode_not_valid")
    yield from _unreadable(_phones(statement), normalise.phone, "phone_not_valid")
    for place, involvement in enumerate(statement.involvements):
        if involvement.ended_on is not None and shown_until(involvement.ended_on) < today:
            yield problem(f"/involvements/{place}/endedOn", "ended_too_long_ago")


def _unreadable(
    places: Iterable[tuple[str, str | None]], reader: Callable[[str], str | None], code: str
) -> Iterator[Problem]:
    for pointer, text in places:
        if text is not None and reader(text) is None:
            yield problem(pointer, code)


def _postcodes(statement: ChildStatement) -> Iterator[tuple[str, str | None]]:
    if statement.address:
        yield "/address/postcode", statement.address.postcode
    for place, address in enumerate(statement.previous_addresses):
        yield f"/previousAddresses/{place}/postcode", address.postcode


def _phones(statement: ChildStatement) -> Iterator[tuple[str, str | None]]:
    for place, carer in enumerate(statement.carers):
        yield f"/carers/{place}/phone", carer.phone
    for place, involvement in enumerate(statement.involvements):
        yield f"/involvements/{place}/phone", involvement.phone
    if statement.education:
        yield "/education/phone", statement.education.phone
    if statement.practice:
        yield "/gp/phone", statement.practice.phone
    if statement.assessment:
        yield "/assessment/phone", statement.assessment.phone
