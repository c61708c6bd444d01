"""What a source record's statement says, in the tables that hang from it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, delete

from child_index.records import ChildStatement, SourceId
from child_index.store.bulk import insert_rows
from child_index.store.tables import (
    assessment,
    source_address,
    source_carer,
    source_identifier,
    source_name,
)

_Rows = Iterator[tuple[object, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One table, its columns after ``source_id``, and the rows a statement has for it."""

    table: Table
    columns: tuple[str, ...]
    rows: Callable[[ChildStatement], _Rows]


def write(conn: Connection, said: Mapping[SourceId, ChildStatement]) -> None:
    """Insert names, identifiers, addresses, carers and assessments. Five statements at most."""
    for part in _PARTS:
        rows = [
            (source_id, *row)
            for source_id, statement in said.items()
            for row in part.rows(statement)
        ]
        insert_rows(conn, part.table, ("source_id", *part.columns), rows)


def remove(conn: Connection, source_ids: Sequence[SourceId]) -> None:
    """Delete what was said before: a statement is whole, so what it leaves out is withdrawn."""
    if source_ids:
        for part in _PARTS:
            conn.execute(delete(part.table).where(part.table.c.source_id.in_(source_ids)))


def _names(said: ChildStatement) -> _Rows:
    for place, each in enumerate(said.names):
        given = "\n".join(each.given)
        yield place, each.use, given, each.family, each.from_on, each.to_on


def _identifiers(said: ChildStatement) -> _Rows:
    for place, each in enumerate(said.identifiers):
        yield place, each.scheme, each.value, each.is_verified, each.is_valid


def _addresses(said: ChildStatement) -> _Rows:
    """The current address is at position 0, previous ones follow."""
    for place, each in enumerate((said.address, *said.previous_addresses)):
        if each is not None:
            lines = "\n".join(each.lines)
            yield place, each.kind, lines, each.town, each.postcode, each.uprn, each.from_on


def _carers(said: ChildStatement) -> _Rows:
    for place, each in enumerate(said.carers):
        has_it = each.has_parental_responsibility
        who = "\n".join(each.given), each.family, each.relationship
        yield place, *who, has_it, each.phone, each.email


def _assessments(said: ChildStatement) -> _Rows:
    found = said.assessment
    if found is not None:
        when = found.assessed_on, found.closed_on
        yield found.kind, *when, found.contact_name, found.phone, found.email


_PARTS = (
    _Part(
        table=source_name,
        columns=("position", "use", "given", "family", "from_on", "to_on"),
        rows=_names,
    ),
    _Part(
        table=source_identifier,
        columns=("position", "scheme", "value", "is_verified", "is_valid"),
        rows=_identifiers,
    ),
    _Part(
        table=source_address,
        columns=("position", "kind", "lines", "town", "postcode", "uprn", "from_on"),
        rows=_addresses,
    ),
    _Part(
        table=source_carer,
        columns=(
            "position",
            "given",
            "family",
            "relationship",
            "has_parental_responsibility",
            "phone",
            "email",
        ),
        rows=_carers,
    ),
    _Part(
        table=assessment,
        columns=("kind", "assessed_on", "closed_on", "contact_name", "phone", "email"),
        rows=_assessments,
    ),
)
