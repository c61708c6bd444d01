"""Applying: rows that were read become source records, involvements and links, in one visit."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from child_index import placing
from child_index.answers import Receipt
from child_index.arrivals import Arrival, raw_person
from child_index.errors import Problem
from child_index.gate import Visit
from child_index.placing import Unplaced
from child_index.problem_words import problem
from child_index.records import ChildStatement, Feed, SourceId
from child_index.store import asserted, blocking, sources, statements
from child_index.store.asserted import Assertion
from child_index.store.sources import Held
from matching.blocking import index_keys, linkage_keys
from matching.normalise import person as normalise_person
from matching.person import Person, pack

_NOBODY = pack(Person())
_NEVER = -1


class Fate(StrEnum):
    """What becomes of a row, by its version and what is held."""

    NEW = "new"
    CHANGED = "changed"
    CONFIRMED = "confirmed"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    CONFLICT = "conflict"


OUTCOMES = {
    Fate.NEW: "accepted",
    Fate.CHANGED: "accepted",
    Fate.CONFIRMED: "accepted",
    Fate.WITHDRAWN: "accepted",
    Fate.UNCHANGED: "unchanged",
    Fate.SUPERSEDED: "superseded",
    Fate.REJECTED: "rejected",
    Fate.CONFLICT: "rejected",
}
"""The words a receipt has for it (decisions.md 23); they never tell what the index knew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A row with everything that can be worked out before the visit.

    ``kept`` are the blocking keys it is stored under, ``sought`` those its child is looked for by.
    """

    arrival: Arrival
    person: Person | None = None
    packed: str = _NOBODY
    kept: frozenset[int] = frozenset()
    sought: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Whose rows they are and when they came: what a row asserts is confirmed on that day."""

    feed: Feed
    received_at: datetime
    received_on: date


def prepare(arrival: Arrival, default_birth_dates: frozenset[str] = frozenset()) -> Ready:
    """Normalise the person of a row and work out its keys; no visit is needed for that."""
    said = arrival.reading.statement
    if said is None:
        return Ready(arrival=arrival)
    is_default = said.birth_date in default_birth_dates
    person = normalise_person(raw_person(said, birth_date_is_default=is_default))
    kept, sought = index_keys(person), linkage_keys(person)
    numbers = {key: blocking.key_number(key) for key in kept | sought}
    return Ready(
        arrival=arrival,
        person=person,
        packed=pack(person),
        kept=frozenset(numbers[key] for key in kept),
        sought=frozenset(numbers[key] for key in sought),
    )


def fate_of(arrival: Arrival, held: Held | None) -> Fate:
    """Say what becomes of a row (FED-04); a record once withdrawn answers *unchanged*."""
    reading = arrival.reading
    is_same = held is not None and held.content_digest == arrival.content_digest
    if reading.is_rejected:
        return Fate.REJECTED
    if held is None:
        return Fate.WITHDRAWN if reading.statement is None else Fate.NEW
    if reading.version < held.version:
        return Fate.SUPERSEDED
    if reading.version == held.version:
        return Fate.UNCHANGED if is_same or held.is_withdrawn else Fate.CONFLICT
    if reading.statement is None:
        return Fate.WITHDRAWN
    return Fate.CONFIRMED if is_same and not held.is_withdrawn else Fate.CHANGED


def apply_rows(visit: Visit, source: Source, rows: Sequence[Ready]) -> tuple[Receipt, ...]:
    """Apply the rows of a chunk in the sender's order; one receipt for each line.

    A record that stands twice in the chunk is applied twice, in turn.
    """
    receipts: list[Receipt] = []
    for wave in _waves(rows):
        receipts.extend(_apply_wave(visit, source, wave))
    return tuple(receipts)


def _waves(rows: Sequence[Ready]) -> Iterator[list[Ready]]:
    """Cut the rows so that no record stands twice in one wave."""
    wave: list[Ready] = []
    seen: set[str] = set()
    for row in rows:
        name = row.arrival.source_record_id
        if name in seen and not row.arrival.reading.is_rejected:
            yield wave
            wave, seen = [], set()
        wave.append(row)
        if not row.arrival.reading.is_rejected:
            seen.add(name)
    if wave:
        yield wave


@dataclass(slots=True, kw_only=True)
class _Work:
    """The rows of a wave by what is to be done with them."""

    source: Source
    held: dict[str, Held]
    rows: dict[Fate, list[Ready]] = field(default_factory=lambda: {fate: [] for fate in Fate})
    ids: dict[str, SourceId] = field(default_factory=dict)

    def before(self, row: Ready) -> Held:
        """What was held of a row's record, for a row that is not the first of its record."""
        return self.held[row.arrival.source_record_id]

    def source_id(self, row: Ready) -> SourceId:
        """The id of a row's record, once it has one."""
        return self.ids[row.arrival.source_record_id]

    def of(self, *fates: Fate) -> Iterator[Ready]:
        """The rows with one of these fates."""
        for fate in fates:
            yield from self.rows[fate]


def _apply_wave(visit: Visit, source: Source, rows: Sequence[Ready]) -> Iterator[Receipt]:
    wanted = [r.arrival.source_record_id for r in rows if not r.arrival.reading.is_rejected]
    work = _Work(source=source, held=sources.held(visit.conn, source.feed.name, wanted))
    fates = []
    for row in rows:
        fate = fate_of(row.arrival, work.held.get(row.arrival.source_record_id))
        work.rows[fate].append(row)
        fates.append(fate)
    _write_records(visit, work)
    _withdraw(visit, work)
    _confirm(visit, work)
    ignored = asserted.merge(visit.conn, list(_assertions(work)))
    placing.place(visit, list(_unplaced(work)))
    for row, fate in zip(rows, fates, strict=True):
        source_id = work.ids.get(row.arrival.source_record_id)
        places = ignored.get(source_id, ()) if source_id is not None else ()
        yield from row.arrival.receipts(OUTCOMES[fate], _problems(fate, places))


def _problems(fate: Fate, ignored: Iterable[int]) -> Iterator[Problem]:
    if fate is Fate.CONFLICT:
        yield problem("/version", "version_conflict")
    elif fate in (Fate.CHANGED, Fate.CONFIRMED):
        for place in ignored:
            yield problem(f"/involvements/{place}/version", "involvement_superseded")


def _write_records(visit: Visit, work: _Work) -> None:
    """Insert new source records, change the others, and write what their statements say."""
    new, changed = work.rows[Fate.NEW], work.rows[Fate.CHANGED]
    work.ids |= {name: held.source_id for name, held in work.held.items()}
    work.ids |= sources.add(
        visit.conn, work.source.feed.name, [_new_row(row, work.source) for row in new]
    )
    sources.change(
        visit.conn,
        [{"source_id": work.source_id(row)} | _columns(row, work.source) for row in changed],
    )
    statements.remove(visit.conn, [work.source_id(row) for row in changed])
    said = {work.source_id(row): _said(row) for row in (*new, *changed)}
    statements.write(visit.conn, said)
    moved = [row for row in changed if _has_new_identity(row, work)]
    blocking.remove(visit.conn, [work.source_id(row) for row in moved])
    blocking.add(visit.conn, {work.source_id(row): row.kept for row in (*new, *moved)})


def _withdraw(visit: Visit, work: _Work) -> None:
    """Void whole source records: nothing they said is shown or found any more (decisions 24).

    A withdrawal that arrives late still voids what came before it.
    """
    unknown = [
        row for row in work.rows[Fate.WITHDRAWN] if row.arrival.source_record_id not in work.held
    ]
    work.ids |= sources.add(
        visit.conn, work.source.feed.name, [_new_row(row, work.source) for row in unknown]
    )
    known = [row for row in work.rows[Fate.WITHDRAWN] if row.arrival.source_record_id in work.held]
    sources.change(
        visit.conn,
        [{"source_id": work.source_id(row)} | _columns(row, work.source) for row in known],
    )
    ids = [work.source_id(row) for row in known]
    statements.remove(visit.conn, ids)
    blocking.remove(visit.conn, ids)
    placing.settle_withdrawn(visit, ids)
    late = [row for row in work.rows[Fate.SUPERSEDED] if row.arrival.reading.statement is None]
    below = {work.source_id(row): row.arrival.reading.version for row in (*known, *late)}
    sources.note_withdrawn(visit.conn, below)
    asserted.void_before(visit.conn, below)


def _confirm(visit: Visit, work: _Work) -> None:
    """Note that what is sent again still holds; a new version of the same content is noted."""
    on = work.source.received_on
    again = [row for row in work.rows[Fate.UNCHANGED] if work.before(row).last_confirmed_on < on]
    sources.confirm(visit.conn, [work.source_id(row) for row in again], on)
    asserted.confirm(
        visit.conn,
        [
            (work.source_id(row), each)
            for row in again
            if row.arrival.reading.statement and not work.before(row).is_withdrawn
            for each in row.arrival.reading.statement.involvements
        ],
        on,
    )
    sources.change(
        visit.conn,
        [
            {
                "source_id": work.source_id(row),
                "version": row.arrival.reading.version,
                "last_received_at": work.source.received_at,
                "last_confirmed_on": max(on, work.before(row).last_confirmed_on),
            }
            for row in work.rows[Fate.CONFIRMED]
        ],
    )


def _assertions(work: _Work) -> Iterator[Assertion]:
    """What the rows say of involvements; also an overtaken row's, each by its own version."""
    for row in work.of(Fate.NEW, Fate.CHANGED, Fate.CONFIRMED, Fate.SUPERSEDED):
        said = row.arrival.reading.statement
        held = work.held.get(row.arrival.source_record_id)
        if said is not None and (said.involvements or held is not None):
            withdrawn = held.withdrawn_version if held else None
            yield Assertion(
                source_id=work.source_id(row),
                statement_version=said.version,
                withdrawn_version=_NEVER if withdrawn is None else withdrawn,
                confirmed_on=work.source.received_on,
                involvements=said.involvements,
                is_new=held is None,
            )


def _unplaced(work: _Work) -> Iterator[Unplaced]:
    for row in work.of(Fate.NEW, Fate.CHANGED):
        held = work.held.get(row.arrival.source_record_id)
        if row.person is not None and (held is None or _has_new_identity(row, work)):
            yield Unplaced(
                source_id=work.source_id(row),
                person=row.person,
                kept=row.kept,
                sought=row.sought,
                child_id=held.child_id if held else None,
            )


def _has_new_identity(row: Ready, work: _Work) -> bool:
    return work.before(row).identity_digest != row.arrival.identity_digest


def _said(row: Ready) -> ChildStatement:
    said = row.arrival.reading.statement
    if said is None:
        raise AssertionError("a withdrawal says nothing")
    return said


def _new_row(row: Ready, source: Source) -> dict[str, object]:
    withdrawn = row.arrival.reading.version if row.arrival.reading.statement is None else None
    return _columns(row, source) | {
        "feed": source.feed.name,
        "source_record_id": row.arrival.source_record_id,
        "is_doubted": False,
        "withdrawn_version": withdrawn,
        "first_received_at": source.received_at,
    }


def _columns(row: Ready, source: Source) -> dict[str, object]:
    said = row.arrival.reading.statement
    return sources.columns_of(said) | {
        "version": row.arrival.reading.version,
        "content_digest": row.arrival.content_digest,
        "identity_digest": row.arrival.identity_digest,
        "is_withdrawn": said is None,
        "person": row.packed,
        "last_received_at": source.received_at,
        "last_confirmed_on": source.received_on,
    }
