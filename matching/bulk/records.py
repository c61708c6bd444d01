"""Reading a whole file in the neutral schema (one row per source record) into persons."""

from collections.abc import Mapping, Sequence
from csv import reader
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
from pyarrow import csv

from matching.normalise import person
from matching.person import (
    FIELDS,
    SETS,
    Person,
    RawCarer,
    RawIdentifier,
    RawName,
    RawPerson,
)

COLUMNS = frozenset(
    {"record_id", "feed", "source_id", "given_names", "family_name", "alias_given_names"}
    | {"alias_family_name", "date_of_birth", "sex", "nhs_number", "upn", "address_line"}
    | {"postcode", "carer_given_name", "carer_family_name", "carer_phone"}
)
"""The columns that are read; every other one is ignored (decisions.md 8)."""

_NUMBERS = {"birth_year", "birth_month", "birth_day", "birth_ordinal"}
_FLAGS = {"birth_weak", "nhs_verified", "upn_verified"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """A file's persons in its order, with the columns that nobody read."""

    ids: tuple[str, ...]
    persons: tuple[Person, ...]
    ignored: tuple[str, ...]


def read(source: Path | str | pa.Table) -> Records:
    """Read a CSV file or an Arrow table in the neutral schema.

    ``record_id`` names a row, or else ``feed:source_id``, or else its number from 0. A value that
    cannot be read is null. Every cell is text; nothing is guessed.
    """
    table = source if isinstance(source, pa.Table) else _read_csv(Path(source))
    rows = table.select([name for name in table.column_names if name in COLUMNS]).to_pylist()
    repeated = _repeated_birth_dates(rows)
    return Records(
        ids=tuple(_record_id(row, number) for number, row in enumerate(rows)),
        persons=tuple(person(_raw(row, repeated)) for row in rows),
        ignored=tuple(name for name in table.column_names if name not in COLUMNS),
    )


def _read_csv(path: Path) -> pa.Table:
    with path.open("rb") as opened:
        header = opened.readline().decode("utf-8-sig")
    names = next(reader([header]))
    return csv.read_csv(
        path,
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
        ),
        parse_options=csv.ParseOptions(newlines_in_values=True),
    )


def _record_id(row: Mapping[str, Any], number: int) -> str:
    if row.get("record_id"):
        return str(row["record_id"])
    if row.get("source_id"):
        return f"{row.get('feed') or ''}:{row['source_id']}"
    return str(number)


def _repeated_birth_dates(rows: Sequence[Mapping[str, Any]]) -> frozenset[tuple[str, str]]:
    """The (feed, date) pairs a feed repeats suspiciously often: over 1 % and at least 20 (A.3)."""
    counts: dict[tuple[str, str], int] = {}
    per_feed: dict[str, int] = {}
    for row in rows:
        feed = str(row.get("feed") or "")
        per_feed[feed] = per_feed.get(feed, 0) + 1
        if row.get("date_of_birth"):
            key = (feed, str(row["date_of_birth"]))
            counts[key] = counts.get(key, 0) + 1
    return frozenset(
        key for key, count in counts.items() if count >= 20 and count > per_feed[key[0]] / 100
    )


def _raw(row: Mapping[str, Any], repeated: frozenset[tuple[str, str]]) -> RawPerson:
    held = {key: str(value) for key, value in row.items() if value is not None}
    names = [RawName(given=_words(held, "given_names"), family=held.get("family_name"))]
    if "alias_given_names" in held or "alias_family_name" in held:
        names.append(
            RawName(
                use="alias",
                given=_words(held, "alias_given_names"),
                family=held.get("alias_family_name"),
            )
        )
    carer = RawCarer(
        given=_words(held, "carer_given_name"),
        family=held.get("carer_family_name"),
        phone=held.get("carer_phone"),
    )
    born = held.get("date_of_birth")
    return RawPerson(
        names=tuple(names),
        birth_date=born,
        birth_date_is_default=(held.get("feed", ""), born or "") in repeated,
        sex=held.get("sex"),
        identifiers=tuple(
            RawIdentifier(scheme=scheme, value=held[column])
            for scheme, column in (("nhs", "nhs_number"), ("upn", "upn"))
            if column in held
        ),
        postcode=held.get("postcode"),
        address_line=held.get("address_line"),
        carers=(carer,),
    )


def _words(held: Mapping[str, str], column: str) -> tuple[str, ...]:
    return (held[column],) if column in held else ()


def columns(records: Records) -> pa.Table:
    """The persons as an Arrow table: one column per field of ``Person``, and ``unique_id``."""
    arrays: dict[str, pa.Array] = {"unique_id": pa.array(range(len(records.ids)), pa.int64())}
    for field in FIELDS:
        values = [getattr(each, field) for each in records.persons]
        if field in SETS:
            arrays[field] = pa.array([sorted(each) for each in values], pa.list_(pa.string()))
        elif field in _NUMBERS:
            arrays[field] = pa.array(values, pa.int32())
        elif field in _FLAGS:
            arrays[field] = pa.array(values, pa.bool_())
        else:
            arrays[field] = pa.array(values, pa.string())
    return pa.table(arrays)
