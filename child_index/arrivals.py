"""Pure: rows of a batch → everything that can be worked out before the store is asked."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
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

    ``told`` are the reading's problems, each with the line that has it. The digests are keyed, and
    empty for a row that is no statement. ``involvement_lines`` is empty for NDJSON, where the
    whole row is one line; for a CSV it is the line of each involvement.
    """

    lines: tuple[int, ...]
    reading: Reading
    told: tuple[tuple[int, Problem], ...] = ()
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
        for line, each in self.told:
            by_line[line].append(each)
        for each in problems:
            line, shown = _placed(each, self) if self.is_csv else (self.lines[0], each)
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
    told = tuple((lines[0], each) for each in reading.problems)
    statement = reading.statement
    if statement is None:
        return Arrival(lines=lines, reading=reading, told=told)
    sent = _encode(_identity(statement))
    judged = "".join(f"{each.is_verified:d}{each.is_valid:d}" for each in statement.identifiers)
    return Arrival(
        lines=lines,
        reading=reading,
        told=told,
        content_digest=digest(sent + _encode(_rest(statement))),
        identity_digest=digest(sent + judged),
    )


def _read_csv(row: Row, batch: Batchwide) -> Arrival:
    cells: Any = strict_json.parse(row.text)
    faults = csv_columns.faults_of(cells)
    if not faults:
        faults = _hostile_columns(strict_json.hostile_places(row.text, cells))
    if faults:
        reading = Reading(
            source_record_id=csv_columns.id_of(cells), is_rejected=True, problems=faults
        )
        told = tuple((row.lines[0], each) for each in faults)
        return Arrival(lines=row.lines, reading=reading, told=told)
    reading = read_payload(csv_columns.message(cells, batch.sequence), batch.rules)
    made = replace(
        arrival(row.lines, reading, batch.digest),
        involvement_lines=csv_columns.involvement_lines(cells, row.lines),
        is_csv=True,
    )
    sends_nhs = csv_columns.sends_nhs_number(cells)
    return replace(
        made, told=tuple(_placed(each, made, sends_nhs=sends_nhs) for each in reading.problems)
    )


def _placed(found: Problem, row: Arrival, *, sends_nhs: bool = True) -> tuple[int, Problem]:
    """The line and column of a CSV for a place of the message made from it."""
    shown, place = csv_columns.column_problem(found, sends_nhs=sends_nhs)
    has_own_line = place is not None and place < len(row.involvement_lines)
    return (row.involvement_lines[place or 0] if has_own_line else row.lines[0]), shown


def _hostile_columns(pointers: Iterable[str]) -> tuple[Problem, ...]:
    """The same column in several rows is told once."""
    columns = dict.fromkeys(pointer.rpartition("/")[2] for pointer in pointers)
    return tuple(problem(column, "control_character") for column in columns)


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


_encode = json.JSONEncoder(default=str, separators=(",", ":")).encode
