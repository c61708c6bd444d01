"""Pure: the rows of a batch's body, NDJSON or CSV, in the order to apply them."""

import csv
import gzip
import json
import re
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import IO, Any

from child_index import messages, strict_json
from child_index.csv_columns import EXTRA_CELLS
from child_index.errors import Invalid, Malformed, TooLarge

LONGEST_LINE = 1024 * 1024
_BIRTH = re.compile(r'"(?:birthDate|date_of_birth)"\s*:\s*"([0-9]{4}-[0-9]{2}-[0-9]{2})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a batch says of itself before its first row."""

    sequence: int
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One source record's row: the lines of the file it stands on, and its text as JSON.

    A row of a CSV is all the lines with one ``source_record_id``: ``[{column: cell}, …]``.
    """

    lines: tuple[int, ...]
    text: str

    @property
    def birth_date(self) -> str | None:
        """The date of birth it sends, whole or not at all."""
        found = _BIRTH.search(self.text)
        return found.group(1) if found else None


def text_lines(raw: IO[bytes], encoding: str | None, most_bytes: int) -> Iterator[str]:
    """The lines of a body, expanded and decoded; a byte order mark is let go.

    Raises:
        Malformed: the compressed stream was cut off.
        TooLarge: it expands to more than ``most_bytes``.
        Invalid: not UTF-8, not gzip, or a line longer than ``LONGEST_LINE``.
    """
    expanded = 0
    for number, line in enumerate(_byte_lines(raw, encoding), start=1):
        expanded += len(line)
        if expanded > most_bytes:
            raise TooLarge("too_large_expanded", "The message expands to more than is accepted.")
        if len(line) > LONGEST_LINE:
            raise Invalid("line_too_long", "A line is too long.", extra={"line": number})
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            text = None
        if text is None:
            raise Invalid("not_utf8", "The body is not UTF-8.", extra={"line": number})
        yield text.removeprefix("\ufeff") if number == 1 else text


def _byte_lines(raw: IO[bytes], encoding: str | None) -> Iterator[bytes]:
    if encoding not in (None, "", "identity", "gzip"):
        raise Invalid("encoding_not_supported", "Send Content-Encoding gzip, or none.")
    stream = gzip.GzipFile(fileobj=raw) if encoding == "gzip" else raw
    fault: Malformed | Invalid
    try:
        while line := stream.readline(LONGEST_LINE + 2):
            yield line
        return
    except EOFError:
        fault = Malformed("truncated", "The compressed body ends before its end.")
    except (gzip.BadGzipFile, zlib.error):
        fault = Invalid("gzip_not_readable", "The body is not readable as gzip.")
    raise fault


def open_ndjson(lines: Iterator[str]) -> tuple[Header, Iterator[Row]]:
    """Read the header; the rows come with the check of trailer and count at their end.

    Raises:
        Malformed: nothing was sent, or it ends in the middle of a line.
        Invalid: the first line is no header.
    """
    numbered = ((n, text) for n, line in enumerate(lines, start=1) if (text := line.strip()))
    first = next(numbered, None)
    if first is None:
        raise Malformed("truncated", "The body is empty.")
    loaded = _load("header", first[1])
    if loaded is None:
        raise Invalid("header_invalid", "The first line is not a header this service knows.")
    return Header(sequence=loaded["sequence"], mode=loaded["mode"]), _ndjson_rows(numbered)


def _ndjson_rows(numbered: Iterator[tuple[int, str]]) -> Iterator[Row]:
    last, rows = next(numbered, None), 0
    for following in numbered:
        if last is not None:
            yield Row(lines=(last[0],), text=last[1])
            rows += 1
        last = following
    trailer = _load("trailer", last[1]) if last else None
    if trailer is None:
        if last is not None and _parsed(last[1]) is None:
            raise Malformed("truncated", "The body ends in the middle of a line.")
        raise Invalid("trailer_missing", "The last line is not a trailer.")
    _require_count(trailer["count"], rows)


def open_csv(lines: Iterator[str], count: int | None, scratch: IO[bytes]) -> Iterator[Row]:
    """Read a CSV once into ``scratch``, then give its rows by source record, in order of arrival.

    Raises:
        Malformed: it ends inside a quoted cell, or nothing was sent.
        Invalid: the first row lacks ``source_record_id`` or names a column twice, a row cannot be
            read, or there are not ``count`` rows.
    """
    if count is None:
        raise Invalid("count_missing", "Send Index-Count, the number of rows.")
    offsets, records = array("Q"), array("L")
    known: dict[bytes, int] = {}
    for cells in _csv_records(lines):
        offsets.append(scratch.tell())
        # A row without an id is a record of its own, to be rejected alone.
        name = cells.get("source_record_id", "").strip() or f"\n{len(offsets)}"
        digest = blake2b(name.encode(), digest_size=8).digest()
        records.append(known.setdefault(digest, len(known)))
        scratch.write(json.dumps(cells, ensure_ascii=False).encode() + b"\n")
    _require_count(count, len(offsets))
    return _csv_rows(offsets, records, scratch)


def _csv_records(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    reader = csv.reader(lines, strict=True)
    fault: Malformed | Invalid
    try:
        columns = _columns(next(reader, None))
        for cells in reader:
            if any(cells):
                row = {c: cell for c, cell in zip(columns, cells, strict=False) if cell.strip()}
                yield row | ({EXTRA_CELLS: "1"} if len(cells) > len(columns) else {})
        return
    except csv.Error as error:
        line = {"line": reader.line_num}
        if "unexpected end" in str(error):
            fault = Malformed("truncated", "The body ends inside a quoted cell.", extra=line)
        else:
            fault = Invalid("csv_not_readable", "A row cannot be read as CSV.", extra=line)
    raise fault


def _columns(first: list[str] | None) -> list[str]:
    if first is None:
        raise Malformed("truncated", "The body is empty.")
    columns = [name.strip().casefold() for name in first]
    if len(set(columns)) != len(columns):
        raise Invalid("column_twice", "A column is named twice.")
    if "source_record_id" not in columns:
        raise Invalid("column_missing", "The first row does not name source_record_id.")
    return columns


def _csv_rows(offsets: Any, records: Any, scratch: IO[bytes]) -> Iterator[Row]:  # noqa: ANN401
    order = sorted(range(len(offsets)), key=records.__getitem__)
    waiting: list[int] = []
    for place in order:
        if waiting and records[waiting[0]] != records[place]:
            yield _csv_row(waiting, offsets, scratch)
            waiting = []
        waiting.append(place)
    if waiting:
        yield _csv_row(waiting, offsets, scratch)


def _csv_row(places: list[int], offsets: Any, scratch: IO[bytes]) -> Row:  # noqa: ANN401
    texts = []
    for place in places:
        scratch.seek(offsets[place])
        texts.append(scratch.readline().decode().rstrip("\n"))
    return Row(lines=tuple(place + 2 for place in places), text=f"[{','.join(texts)}]")


def _require_count(claimed: int, rows: int) -> None:
    if claimed != rows:
        raise Invalid(
            "count_mismatch",
            "The number of rows is not the one announced.",
            extra={"announced": claimed, "received": rows},
        )


def _load(kind: str, text: str) -> dict[str, Any] | None:
    try:
        return messages.load(kind, _parsed(text))
    except messages.NotAsAgreed:
        return None


def _parsed(text: str) -> object:
    try:
        return strict_json.parse(text)
    except strict_json.NotReadable:
        return None
