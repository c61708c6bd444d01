"""Involvements as feeds assert them: each by its own version, whatever order they arrive in."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from child_index.records import SourceId, StatedInvolvement
from child_index.store.bulk import insert_rows
from child_index.store.tables import involvement

_FIELDS = (
    "service_type",
    "organisation",
    "contact_kind",
    "contact_name",
    "contact_role",
    "phone",
    "email",
    "hours",
    "started_on",
    "ended_on",
    "is_lead_professional",
    "family_informed",
)
_fields_of = attrgetter(*_FIELDS)
_COLUMNS = (
    "id",
    "source_id",
    "source_involvement_id",
    "version",
    "statement_version",
    "is_void",
    "last_confirmed_on",
    *_FIELDS,
)
_OWN = ("version", "statement_version", "is_void", "last_confirmed_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is held of an involvement, as far as a newer one needs to know."""

    id: str
    version: int
    statement_version: int
    last_confirmed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What one statement says of the involvements of its record, and the day it arrived.

    ``withdrawn_version`` is the record's: a statement below it is void. ``is_new`` says that the
    record has none yet, so nothing need be looked up.
    """

    source_id: SourceId
    statement_version: int
    withdrawn_version: int
    confirmed_on: date
    involvements: tuple[StatedInvolvement, ...]
    is_new: bool


def merge(conn: Connection, assertions: Sequence[Assertion]) -> dict[SourceId, tuple[int, ...]]:
    """Take in each involvement whose version, then its statement's version, is the highest yet.

    Returns, for each record, the places of those that were ignored because a higher version is
    held. What a statement leaves out stays: an involvement ends only by its own end (C.1).
    """
    known = _known(conn, [each.source_id for each in assertions if not each.is_new])
    sorted_out = _Sorted(added=[], changed=[], voided=[], confirmed=[])
    ignored: dict[SourceId, tuple[int, ...]] = {}
    for each in assertions:
        if each.statement_version < each.withdrawn_version:
            continue
        of_record = known.get(each.source_id, {})
        places = tuple(_ignored_places(each, of_record, sorted_out))
        if places:
            ignored[each.source_id] = places
    sorted_out.write(conn)
    return ignored


def void_before(conn: Connection, withdrawn: Mapping[SourceId, int]) -> None:
    """Void what statements below these versions asserted; at once, not after a year (RET-02c)."""
    if withdrawn:
        conn.execute(
            update(involvement)
            .where(
                involvement.c.source_id == bindparam("of_source"),
                involvement.c.statement_version < bindparam("below"),
            )
            .values(is_void=True),
            [{"of_source": one, "below": version} for one, version in withdrawn.items()],
        )


def confirm(
    conn: Connection, asserted: Iterable[tuple[SourceId, StatedInvolvement]], on: date
) -> None:
    """Note that these involvements were asserted again, unless they have been since."""
    rows = [{"of_source": one, "own_id": each.involvement_id} for one, each in asserted]
    if rows:
        conn.execute(
            update(involvement)
            .where(
                involvement.c.source_id == bindparam("of_source"),
                involvement.c.source_involvement_id == bindparam("own_id"),
                involvement.c.last_confirmed_on < on,
            )
            .values(last_confirmed_on=on),
            rows,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sorted:
    """Involvements by what is to be done with them."""

    added: list[tuple[Any, ...]]
    changed: list[dict[str, Any]]
    voided: list[dict[str, Any]]
    confirmed: list[dict[str, Any]]

    def write(self, conn: Connection) -> None:
        """Four statements at most."""
        insert_rows(conn, involvement, _COLUMNS, self.added)
        by_id = update(involvement).where(involvement.c.id == bindparam("row_id"))
        for rows, names in (
            (self.changed, (*_OWN, *_FIELDS)),
            (self.voided, _OWN),
            (self.confirmed, ("statement_version", "last_confirmed_on")),
        ):
            if rows:
                conn.execute(by_id.values({name: bindparam(f"new_{name}") for name in names}), rows)


def _known(
    conn: Connection, source_ids: Sequence[SourceId]
) -> Mapping[SourceId, dict[str, _Known]]:
    found: dict[SourceId, dict[str, _Known]] = defaultdict(dict)
    if source_ids:
        rows = conn.execute(
            select(
                involvement.c.id,
                involvement.c.source_id,
                involvement.c.source_involvement_id,
                involvement.c.version,
                involvement.c.statement_version,
                involvement.c.last_confirmed_on,
            ).where(involvement.c.source_id.in_(source_ids))
        )
        for row in rows:
            found[SourceId(row.source_id)][row.source_involvement_id] = _Known(
                id=row.id,
                version=row.version,
                statement_version=row.statement_version,
                last_confirmed_on=row.last_confirmed_on,
            )
    return found


def _ignored_places(each: Assertion, known: dict[str, _Known], into: _Sorted) -> Iterator[int]:
    """Sort the involvements of one statement; yields the places of those that are older news."""
    for place, stated in _highest_of_each(each.involvements):
        before = known.get(stated.involvement_id)
        if before is None:
            into.added.append(_new_row(each, stated))
        elif before.statement_version < each.withdrawn_version or (
            (before.version, before.statement_version) < (stated.version, each.statement_version)
        ):
            into_rows = into.voided if stated.is_void else into.changed
            into_rows.append(_changes(each, stated, before))
        elif before.version > stated.version:
            yield place
        else:
            into.confirmed.append(_confirmation(each, before))


def _highest_of_each(
    stated: Sequence[StatedInvolvement],
) -> Iterable[tuple[int, StatedInvolvement]]:
    """One statement may name an involvement twice by mistake: its highest version counts."""
    highest: dict[str, tuple[int, StatedInvolvement]] = {}
    for place, each in enumerate(stated):
        other = highest.get(each.involvement_id)
        if other is None or other[1].version <= each.version:
            highest[each.involvement_id] = (place, each)
    return highest.values()


def _new_row(each: Assertion, stated: StatedInvolvement) -> tuple[Any, ...]:
    return (
        str(uuid.uuid4()),
        each.source_id,
        stated.involvement_id,
        stated.version,
        each.statement_version,
        stated.is_void,
        each.confirmed_on,
        *_fields_of(stated),
    )


def _changes(each: Assertion, stated: StatedInvolvement, before: _Known) -> dict[str, Any]:
    changed = {
        "row_id": before.id,
        "new_version": stated.version,
        "new_statement_version": each.statement_version,
        "new_is_void": stated.is_void,
        "new_last_confirmed_on": max(each.confirmed_on, before.last_confirmed_on),
    }
    if stated.is_void:
        return changed
    return changed | {f"new_{name}": getattr(stated, name) for name in _FIELDS}


def _confirmation(each: Assertion, before: _Known) -> dict[str, Any]:
    return {
        "row_id": before.id,
        "new_statement_version": max(each.statement_version, before.statement_version),
        "new_last_confirmed_on": max(each.confirmed_on, before.last_confirmed_on),
    }
