"""Pure: rows of a batch → everything that can be worked out before the store is asked."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from child_index import csv_columns, strict_json
from child_index.answers import Receipt
from child_index.batch_rows import Row
from child_index.errors import Problem
from child_index.problem_words import problem
from child_index.records import (
    ChildStatement,
    StatedAddress,
    StatedAssessment,
    StatedCarer,
    StatedEducation,
    StatedInvolvement,
    StatedName,
    StatedPractice,
)
from child_index.statements import Reading, Rules, read_line, read_payload
from matching.person import RawCarer, RawIdentifier, RawName, RawPerson

Digest = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One row, read; ``lines`` are where it stands in the file.

    ``involvement_lines`` is empty for NDJSON, where the whole row is one line; for a CSV it is the
    line of each involvement. The digests are keyed, and empty for a row that is no statement.
    """

    lines: tuple[int, ...]
    reading: Reading
    content_digest: str = ""
    identity_digest: str = ""
    involvement_lines: tuple[int, ...] = ()
    is_csv: bool = False

    @property
    def source_record_id(self) -> str:
        """The sender's own id; empty only for a rejected row."""
        return self.reading.source_record_id or ""

    def receipts(self, outcome: str, problems: Iterable[Problem] = ()) -> tuple[Receipt, ...]:
        """Say of each line what became of it; a problem stands with the line that has it."""
        by_line: dict[int, list[Problem]] = {line: [] for line in self.lines}
        for each in (*self.reading.problems, *problems):
            shown, place = csv_columns.column_problem(each) if self.is_csv else (each, None)
            has_own_line = place is not None and place < len(self.involvement_lines)
            line = self.involvement_lines[place or 0] if has_own_line else self.lines[0]
            by_line[line].append(shown)
        return tuple(
            Receipt(
                line=line,
                source_record_id=self.reading.source_record_id,
                outcome=outcome,
                problems=tuple(found),
            )
            for line, found in by_line.items()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Batchwide:
    """What holds for every row of a batch; ``sequence`` stands in for a CSV's missing version."""

    rules: Rules
    digest: Digest
    is_csv: bool
    sequence: int


def read_row(row: Row, batch: Batchwide) -> Arrival:
    """Read one row; a row that is wrong is an arrival too, with its reasons."""
    if batch.is_csv:
        return _read_csv(row, batch)
    return arrival(row.lines, read_line(row.text, batch.rules), batch.digest)


def arrival(lines: tuple[int, ...], reading: Reading, digest: Digest) -> Arrival:
    """Complete a reading with the digests by which the same content is known again."""
    statement = reading.statement
    if statement is None:
        return Arrival(lines=lines, reading=reading)
    sent = _identity(statement)
    judged = [(each.is_verified, each.is_valid) for each in statement.identifiers]
    return Arrival(
        lines=lines,
        reading=reading,
        content_digest=digest(_text((sent, _rest(statement)))),
        identity_digest=digest(_text((sent, judged))),
    )


def _read_csv(row: Row, batch: Batchwide) -> Arrival:
    cells: Any = strict_json.parse(row.text)
    faults = csv_columns.faults_of(cells)
    if not faults:
        faults = tuple(
            problem(pointer, "control_character")
            for pointer in strict_json.hostile_places(row.text, cells)
        )
    if faults:
        first = cells[0].get("source_record_id", "").strip()
        named = first if first and not strict_json.is_hostile(first) and len(first) <= 100 else None
        reading = Reading(source_record_id=named, is_rejected=True, problems=_columns(faults))
        return Arrival(lines=row.lines, reading=reading)
    reading = read_payload(csv_columns.message(cells, batch.sequence), batch.rules)
    made = arrival(row.lines, reading, batch.digest)
    return Arrival(
        lines=made.lines,
        reading=made.reading,
        content_digest=made.content_digest,
        identity_digest=made.identity_digest,
        involvement_lines=csv_columns.involvement_lines(cells, row.lines),
        is_csv=True,
    )


def _columns(faults: Iterable[Problem]) -> tuple[Problem, ...]:
    """The same code at several rows of one column is told once."""
    return tuple(
        {
            (each.pointer.rpartition("/")[2], each.code): Problem(
                pointer=each.pointer.rpartition("/")[2], code=each.code, detail=each.detail
            )
            for each in faults
        }.values()
    )


def raw_person(statement: ChildStatement, *, birth_date_is_default: bool = False) -> RawPerson:
    """What the matcher is told of a statement; an identifier that is not valid is no evidence."""
    address = statement.address
    return RawPerson(
        names=tuple(
            RawName(use=each.use, given=each.given, family=each.family) for each in statement.names
        ),
        birth_date=statement.birth_date,
        birth_date_is_default=birth_date_is_default,
        sex=statement.sex,
        identifiers=tuple(
            RawIdentifier(scheme=each.scheme, value=each.value, verified=each.is_verified)
            for each in statement.identifiers
            if each.is_valid
        ),
        postcode=address.postcode if address else None,
        previous_postcodes=tuple(
            each.postcode for each in statement.previous_addresses if each.postcode
        ),
        address_line=address.lines[0] if address and address.lines else None,
        carers=tuple(
            RawCarer(given=each.given, family=each.family, phone=each.phone)
            for each in statement.carers
        ),
    )


def _fields(record: type) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*record.__slots__)  # type: ignore[attr-defined]  # slots dataclasses have it


_of_name, _of_address, _of_carer, _of_involvement = map(
    _fields, (StatedName, StatedAddress, StatedCarer, StatedInvolvement)
)
_of_education, _of_practice, _of_assessment = map(
    _fields, (StatedEducation, StatedPractice, StatedAssessment)
)


def _identity(said: ChildStatement) -> tuple[object, ...]:
    """What matching looks at: a change of anything else never questions a link."""
    return (
        [_of_name(each) for each in said.names],
        said.birth_date,
        said.sex,
        [(each.scheme, each.value) for each in said.identifiers],
        _of_address(said.address) if said.address else None,
        [_of_address(each) for each in said.previous_addresses],
        [_of_carer(each) for each in said.carers],
    )


def _rest(said: ChildStatement) -> tuple[object, ...]:
    return (
        said.death_date,
        said.death_notified_on,
        _of_education(said.education) if said.education else None,
        _of_practice(said.practice) if said.practice else None,
        [_of_involvement(each) for each in said.involvements],
        _of_assessment(said.assessment) if said.assessment else None,
    )


def _text(value: object) -> str:
    return json.dumps(value, default=str, separators=(",", ":"))
