"""Child records and the statements linked to them, read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    bindparam,
    insert,
    select,
    update,
)

from child_index import index_number
from child_index.records import (
    ChildId,
    ChildStatement,
    Feed,
    SourceId,
    SourceRecord,
    StatedAddress,
    StatedCarer,
    StatedEducation,
    StatedIdentifier,
    StatedName,
    StatedPractice,
)
from child_index.store.tables import (
    child,
    feed,
    link,
    source_address,
    source_carer,
    source_identifier,
    source_name,
    source_record,
)

VISIBLE_FEED_STATES = ("accredited", "suspended")
"""A suspended feed's rows keep their last state; one not yet accredited shows nothing (FED-01)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRow:
    """One child record: its number, its version, and the record it was merged into, if any."""

    child_id: ChildId
    index_number: str
    version: int
    superseded_by: ChildId | None


def create(conn: Connection, at: datetime, count: int = 1) -> tuple[ChildId, ...]:
    """Make child records with new index numbers. One statement."""
    rows = [{"index_number": index_number.new(), "created_at": at} for _ in range(count)]
    made = conn.execute(insert(child).returning(child.c.id, sort_by_parameter_order=True), rows)
    return tuple(ChildId(row.id) for row in made)


def get(conn: Connection, child_id: ChildId) -> ChildRow | None:
    """Return a child record, following one that was merged to its survivor (MRG-03)."""
    row = conn.execute(select(child).where(child.c.id == child_id)).first()
    if row is None:
        return None
    if row.superseded_by is not None:
        return get(conn, ChildId(row.superseded_by))
    return ChildRow(
        child_id=ChildId(row.id),
        index_number=row.index_number,
        version=row.version,
        superseded_by=None,
    )


def visible_source() -> ColumnElement[bool]:
    """The condition under which a source record may show anything at all."""
    return source_record.c.is_withdrawn.is_(False) & feed.c.state.in_(VISIBLE_FEED_STATES)


def linked_records(
    conn: Connection, child_ids: Sequence[ChildId], *, whole: bool = True
) -> dict[ChildId, tuple[SourceRecord, ...]]:
    """Every visible source record linked to each child, oldest first.

    Five queries whatever the number of children; two when not ``whole``: then the statements carry
    names, date of birth and sex, and nothing else.
    """
    found: dict[ChildId, list[SourceRecord]] = defaultdict(list)
    query = _LINKED if whole else _LINKED_IDENTITIES
    for record in _records(conn, query, child_ids, whole=whole):
        found[ChildId(record.child_id or 0)].append(record)
    return {child_id: tuple(records) for child_id, records in found.items()}


def records(conn: Connection, source_ids: Sequence[SourceId]) -> tuple[SourceRecord, ...]:
    """The source records with these ids, oldest first, linked or waiting. Five queries."""
    return _records(conn, _BY_ID, source_ids, whole=True)


def _ids(column: ColumnElement[Any]) -> ColumnElement[bool]:
    return column.in_(bindparam("ids", expanding=True))


def _with_feed(columns: Iterable[ColumnElement[Any]]) -> Select[Any]:
    of_feed = (feed.c.organisation, feed.c.state, feed.c.interval_days, feed.c.authority_for)
    return select(*columns, link.c.child_id, *of_feed).join(
        feed, feed.c.name == source_record.c.feed
    )


def _linked(columns: Iterable[ColumnElement[Any]]) -> Select[Any]:
    """Asked from the links on, in no order: SQLite read every source record to save sorting ten."""
    return _with_feed(columns).join(link, _IS_LIVE).where(_ids(link.c.child_id), visible_source())


def _of_sources(table: Table) -> Select[Any]:
    return (
        select(table).where(_ids(table.c.source_id)).order_by(table.c.source_id, table.c.position)
    )


# Put together once: in a search, putting statements together took longer than running them.
_IS_LIVE = (link.c.source_id == source_record.c.id) & link.c.ended_at.is_(None)
_IDENTITY = (
    source_record.c.id,
    source_record.c.feed,
    source_record.c.source_record_id,
    source_record.c.version,
    source_record.c.last_confirmed_on,
    source_record.c.first_received_at,
    source_record.c.birth_date,
    source_record.c.sex,
    source_record.c.death_date,
    source_record.c.death_notified_on,
)
_LINKED = _linked(source_record.c)
_LINKED_IDENTITIES = _linked(_IDENTITY)
_BY_ID = _with_feed(source_record.c).outerjoin(link, _IS_LIVE).where(_ids(source_record.c.id))
_NAMES = _of_sources(source_name)
_IDENTIFIERS = _of_sources(source_identifier)
_ADDRESSES = _of_sources(source_address)
_CARERS = _of_sources(source_carer)


def _records(
    conn: Connection, query: Select[Any], ids: Sequence[int], *, whole: bool
) -> tuple[SourceRecord, ...]:
    rows = sorted(conn.execute(query, {"ids": list(ids)}), key=lambda row: int(row.id))
    source_ids = [row.id for row in rows]
    names = _grouped(conn, _NAMES, source_ids)
    if not whole:
        return tuple(_source_record(row, _identity(row, names[row.id])) for row in rows)
    identifiers = _grouped(conn, _IDENTIFIERS, source_ids)
    addresses = _grouped(conn, _ADDRESSES, source_ids)
    carers = _grouped(conn, _CARERS, source_ids)
    return tuple(
        _source_record(
            row,
            _statement(row, names[row.id], identifiers[row.id], addresses[row.id], carers[row.id]),
        )
        for row in rows
    )


def _grouped(
    conn: Connection, query: Select[Any], source_ids: Sequence[int]
) -> Mapping[int, list[Row[Any]]]:
    grouped: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in conn.execute(query, {"ids": source_ids}):
        grouped[row.source_id].append(row)
    return grouped


def _source_record(row: Row[Any], statement: ChildStatement) -> SourceRecord:
    return SourceRecord(
        source_id=SourceId(row.id),
        feed=Feed(
            name=row.feed,
            organisation=row.organisation,
            state=row.state,
            interval_days=row.interval_days,
            authority_for=frozenset(row.authority_for.split()),
        ),
        source_record_id=row.source_record_id,
        version=row.version,
        last_confirmed_on=row.last_confirmed_on,
        first_received_at=row.first_received_at,
        statement=statement,
        child_id=None if row.child_id is None else ChildId(row.child_id),
    )


def _identity(row: Row[Any], names: Iterable[Row[Any]]) -> ChildStatement:
    return ChildStatement(
        source_record_id=row.source_record_id,
        version=row.version,
        names=tuple(_name(name) for name in names),
        birth_date=row.birth_date,
        sex=row.sex,
        death_date=row.death_date,
        death_notified_on=row.death_notified_on,
    )


def _statement(
    row: Row[Any],
    names: Iterable[Row[Any]],
    identifiers: Iterable[Row[Any]],
    addresses: Sequence[Row[Any]],
    carers: Iterable[Row[Any]],
) -> ChildStatement:
    current = [_address(a) for a in addresses if a.position == 0]
    return ChildStatement(
        source_record_id=row.source_record_id,
        version=row.version,
        names=tuple(_name(name) for name in names),
        birth_date=row.birth_date,
        sex=row.sex,
        death_date=row.death_date,
        death_notified_on=row.death_notified_on,
        identifiers=tuple(
            StatedIdentifier(
                scheme=i.scheme, value=i.value, is_verified=i.is_verified, is_valid=i.is_valid
            )
            for i in identifiers
        ),
        address=current[0] if current else None,
        previous_addresses=tuple(_address(a) for a in addresses if a.position > 0),
        carers=tuple(_carer(carer) for carer in carers),
        education=_education(row),
        practice=_practice(row),
    )


def _name(row: Row[Any]) -> StatedName:
    return StatedName(
        use=row.use,
        given=tuple(row.given.split("\n")) if row.given else (),
        family=row.family,
        from_on=row.from_on,
        to_on=row.to_on,
    )


def _address(row: Row[Any]) -> StatedAddress:
    return StatedAddress(
        kind=row.kind,
        lines=tuple(row.lines.split("\n")) if row.lines else (),
        town=row.town,
        postcode=row.postcode,
        uprn=row.uprn,
        from_on=row.from_on,
    )


def _carer(row: Row[Any]) -> StatedCarer:
    return StatedCarer(
        given=tuple(row.given.split("\n")) if row.given else (),
        family=row.family,
        relationship=row.relationship,
        has_parental_responsibility=row.has_parental_responsibility,
        phone=row.phone,
        email=row.email,
    )


def _education(row: Row[Any]) -> StatedEducation | None:
    if not (row.setting_name or row.setting_urn or row.setting_status):
        return None
    return StatedEducation(
        setting_name=row.setting_name,
        urn=row.setting_urn,
        la_estab=row.setting_la_estab,
        phone=row.setting_phone,
        started_on=row.setting_started_on,
        ended_on=row.setting_ended_on,
        status=row.setting_status,
    )


def _practice(row: Row[Any]) -> StatedPractice | None:
    if not (row.practice_name or row.practice_ods_code):
        return None
    return StatedPractice(
        ods_code=row.practice_ods_code, name=row.practice_name, phone=row.practice_phone
    )


def lock(conn: Connection, child_id: ChildId) -> None:
    """Hold a child record until the visit ends; on SQLite every visit is alone already."""
    conn.execute(select(child.c.id).where(child.c.id == child_id).with_for_update())


def supersede(conn: Connection, loser: ChildId, survivor: ChildId) -> None:
    """Let a child record that has lost its last source record resolve to another (MRG-03)."""
    conn.execute(update(child).where(child.c.id == loser).values(superseded_by=survivor))
