"""What a source record's statement says, in the tables that hang from it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, insert

from child_index.records import ChildStatement, SourceId
from child_index.store.tables import (
    assessment,
    source_address,
    source_carer,
    source_identifier,
    source_name,
)

_Rows = Iterator[dict[str, Any]]


def write(conn: Connection, said: Mapping[SourceId, ChildStatement]) -> None:
    """Insert names, identifiers, addresses, carers and assessments. Five statements at most."""
    for table, rows_of in _TABLES.items():
        rows = [
            {"source_id": source_id} | row
            for source_id, statement in said.items()
            for row in rows_of(statement)
        ]
        if rows:
            conn.execute(insert(table), rows)


def remove(conn: Connection, source_ids: Sequence[SourceId]) -> None:
    """Delete what was said before: a statement is whole, so what it leaves out is withdrawn."""
    if source_ids:
        for table in _TABLES:
            conn.execute(delete(table).where(table.c.source_id.in_(source_ids)))


def _names(said: ChildStatement) -> _Rows:
    for position, each in enumerate(said.names):
        yield {
            "position": position,
            "use": each.use,
            "given": "\n".join(each.given),
            "family": each.family,
            "from_on": each.from_on,
            "to_on": each.to_on,
        }


def _identifiers(said: ChildStatement) -> _Rows:
    for position, each in enumerate(said.identifiers):
        yield {
            "position": position,
            "scheme": each.scheme,
            "value": each.value,
            "is_verified": each.is_verified,
            "is_valid": each.is_valid,
        }


def _addresses(said: ChildStatement) -> _Rows:
    """The current address is at position 0, previous ones follow."""
    for position, each in enumerate((said.address, *said.previous_addresses)):
        if each is not None:
            yield {
                "position": position,
                "kind": each.kind,
                "lines": "\n".join(each.lines),
                "town": each.town,
                "postcode": each.postcode,
                "uprn": each.uprn,
                "from_on": each.from_on,
            }


def _carers(said: ChildStatement) -> _Rows:
    for position, each in enumerate(said.carers):
        yield {
            "position": position,
            "given": "\n".join(each.given),
            "family": each.family,
            "relationship": each.relationship,
            "has_parental_responsibility": each.has_parental_responsibility,
            "phone": each.phone,
            "email": each.email,
        }


def _assessments(said: ChildStatement) -> _Rows:
    if said.assessment is not None:
        yield {
            "kind": said.assessment.kind,
            "assessed_on": said.assessment.assessed_on,
            "closed_on": said.assessment.closed_on,
            "contact_name": said.assessment.contact_name,
            "phone": said.assessment.phone,
            "email": said.assessment.email,
        }


_TABLES: Mapping[Table, Callable[[ChildStatement], _Rows]] = {
    source_name: _names,
    source_identifier: _identifiers,
    source_address: _addresses,
    source_carer: _carers,
    assessment: _assessments,
}
