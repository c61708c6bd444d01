"""Pure: a delivery's bytes → checked rows in parts; nothing is stored before the whole is right."""

import hashlib
import re
import tempfile
import zlib
from base64 import b64decode
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from child_index import batch_rows
from child_index.batch_rows import Header, Row
from child_index.errors import Invalid, Malformed, TooLarge

NDJSON, CSV = "application/x-ndjson", "text/csv"
ROWS_IN_A_PART = 200
"""Rows applied in one visit: few, so that a search never waits long for the write lock."""
_BYTES_IN_A_PART = 1024 * 1024
_READ_AT_ONCE = 256 * 1024
_SHA_256 = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*(?:;[^,]*)?(?=,|$)")
_DEFAULT_DATES_FROM = 20
"""The same date of birth in fewer records is no sign of a default (decisions.md 7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a feed sends, as it comes in at the door.

    ``sequence``, ``mode`` and ``count`` are the request headers of a CSV (decisions.md 21); an
    NDJSON body carries its own. ``content_digest`` is the header of RFC 9530, over the bytes sent.
    """

    feed: str
    body: IO[bytes]
    media_type: str
    content_digest: str | None
    encoding: str | None = None
    content_length: int | None = None
    sequence: int | None = None
    mode: str | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is taken: bytes received, bytes once expanded, rows in one part."""

    received_bytes: int
    expanded_bytes: int
    rows_in_a_part: int = ROWS_IN_A_PART


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A delivery found whole: what its header says, and its rows in compressed parts.

    ``digest`` is hexadecimal SHA-256. ``default_birth_dates`` are those that the file repeats so
    often that they are probably nobody's (A.3).
    """

    sequence: int
    mode: str
    media_type: str
    digest: str
    received: int
    default_birth_dates: tuple[str, ...]
    _spool: IO[bytes]

    def parts(self) -> Iterator[tuple[int, bytes]]:
        """Each part with the number of its first row, read from the scratch file."""
        self._spool.seek(0)
        while head := self._spool.read(16):
            first, length = int.from_bytes(head[:8], "big"), int.from_bytes(head[8:], "big")
            yield first, self._spool.read(length)


@contextmanager
def checked(delivery: Delivery, limits: Limits, scratch: Path) -> Iterator[Checked]:
    """Receive a delivery into ``scratch`` and check it whole.

    The scratch files have no name (and mode 0600): a killed process leaves nothing behind.

    Raises:
        Malformed: it was cut off on the way.
        TooLarge: it has more bytes than the index takes.
        Invalid: header, trailer, count, digest or encoding is wrong.
    """
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as files:
        raw, cells, spool = (
            files.enter_context(tempfile.TemporaryFile(dir=scratch)) for _ in range(3)
        )
        digest = _receive(delivery, limits, raw)
        _require_digest(delivery.content_digest, digest)
        lines = batch_rows.text_lines(raw, delivery.encoding, limits.expanded_bytes)
        media_type = delivery.media_type.partition(";")[0].strip().lower()
        if media_type == NDJSON:
            header, rows = batch_rows.open_ndjson(lines)
        elif media_type == CSV:
            header = _header_of_csv(delivery)
            rows = batch_rows.open_csv(lines, delivery.count, cells)
        else:
            raise Invalid("media_type_not_supported", f"Send {NDJSON} or {CSV}.")
        received, births = _write_parts(rows, spool, limits.rows_in_a_part)
        yield Checked(
            sequence=header.sequence,
            mode=header.mode,
            media_type=media_type,
            digest=digest.hex(),
            received=received,
            default_birth_dates=default_birth_dates(births),
            _spool=spool,
        )


def _receive(delivery: Delivery, limits: Limits, raw: IO[bytes]) -> bytes:
    """Copy the body to the scratch file; returns its SHA-256."""
    hashed, received = hashlib.sha256(), 0
    while block := delivery.body.read(_READ_AT_ONCE):
        received += len(block)
        if received > limits.received_bytes:
            raise TooLarge
        hashed.update(block)
        raw.write(block)
    if delivery.content_length is not None and received < delivery.content_length:
        raise Malformed("truncated", "The body is shorter than its Content-Length.")
    raw.seek(0)
    return hashed.digest()


def _require_digest(header: str | None, digest: bytes) -> None:
    claimed = _SHA_256.search(header or "")
    if claimed is None:
        raise Invalid("digest_missing", "Send Content-Digest: sha-256=:…: (RFC 9530).")
    if b64decode(claimed.group(1)) != digest:
        raise Invalid("digest_mismatch", "The bytes received have another SHA-256 digest.")


def _header_of_csv(delivery: Delivery) -> Header:
    if delivery.sequence is None or delivery.sequence < 1:
        raise Invalid("header_invalid", "Send Index-Sequence, a whole number from 1 on.")
    if delivery.mode not in (None, "delta", "snapshot"):
        raise Invalid("header_invalid", "Index-Mode is delta or snapshot.")
    return Header(sequence=delivery.sequence, mode=delivery.mode or "delta")


def _write_parts(
    rows: Iterable[Row], spool: IO[bytes], rows_in_a_part: int
) -> tuple[int, Counter[str]]:
    """Write the rows in compressed parts; how many lines they were, and the dates of birth."""
    births: Counter[str] = Counter()
    first = received = size = 0
    waiting: list[bytes] = []
    for row in rows:
        line = f"{','.join(map(str, row.lines))}\t{row.text}".encode()
        if waiting and (len(waiting) >= rows_in_a_part or size + len(line) > _BYTES_IN_A_PART):
            _write_part(spool, first, waiting)
            first, size, waiting = received, 0, []
        waiting.append(line)
        received, size = received + len(row.lines), size + len(line)
        births[row.birth_date or ""] += 1
    if waiting:
        _write_part(spool, first, waiting)
    return received, births


def _write_part(spool: IO[bytes], first: int, lines: list[bytes]) -> None:
    content = zlib.compress(b"\n".join(lines), 3)
    spool.write(first.to_bytes(8, "big") + len(content).to_bytes(8, "big") + content)


def rows_of(part: bytes) -> Iterator[Row]:
    """The rows of a part, as :func:`checked` wrote them."""
    for line in zlib.decompress(part).decode().split("\n"):
        lines, _, text = line.partition("\t")
        yield Row(lines=tuple(map(int, lines.split(","))), text=text)


def default_birth_dates(births: Counter[str]) -> tuple[str, ...]:
    """Dates of birth in more than one in a hundred rows, and in twenty at least (A.3).

    >>> default_birth_dates(Counter({"1900-01-01": 21, "2011-05-14": 19}))
    ('1900-01-01',)
    """
    at_least = max(_DEFAULT_DATES_FROM, births.total() // 100 + 1)
    return tuple(sorted(day for day, many in births.items() if day and many >= at_least))
