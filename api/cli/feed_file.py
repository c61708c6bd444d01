"""A file as a feed has it → the bytes of a batch: header, trailer, count and digest put to it."""

import base64
import csv
import gzip
import hashlib
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

NDJSON, CSV = "application/x-ndjson", "text/csv"
_GZIP_MAGIC = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CHUNK = 1 << 16


class FileRefused(Exception):
    """The file cannot be sent; says why in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFile:
    """What a look through the file found; ``header`` is the NDJSON header, if it has one."""

    path: Path
    media_type: str
    is_gzip: bool
    rows: int
    header: dict[str, Any] | None = None
    has_trailer: bool = False

    @property
    def sequence(self) -> int | None:
        """The sequence the file gives itself."""
        sequence = (self.header or {}).get("sequence")
        return sequence if isinstance(sequence, int) else None

    @property
    def is_whole(self) -> bool:
        """Whether it is a batch already, to be sent as it is."""
        return self.sequence is not None and self.has_trailer


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A batch ready to be sent: its bytes (gzip), how many, and the headers that go with them."""

    body: IO[bytes]
    size: int
    headers: dict[str, str]

    def chunks(self) -> Iterator[bytes]:
        """Yield the body in pieces."""
        while chunk := self.body.read(_CHUNK):
            yield chunk


def look_through(path: Path) -> FeedFile:
    """Read the file once: which format it is, and how many rows it has.

    Raises:
        FileRefused: it is missing, empty, or cannot be read as NDJSON or CSV.
    """
    try:
        with path.open("rb") as raw:
            is_gzip = raw.read(2) == _GZIP_MAGIC
        with _expanded(path, is_gzip=is_gzip) as stream:
            if _is_csv(path, stream):
                return FeedFile(path=path, media_type=CSV, is_gzip=is_gzip, rows=_count_csv(stream))
            return _ndjson(path, stream, is_gzip=is_gzip)
    except (OSError, EOFError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise FileRefused(f"{path} cannot be read: {reason or 'it is damaged'}.") from None


@contextmanager
def prepared(file: FeedFile, *, sequence: int, created_at: str) -> Iterator[Prepared]:
    """Write the batch into a scratch file that has no name, compressed, and open it for sending.

    A file that is a whole batch with this sequence is sent row by row as it stands.
    """
    with tempfile.TemporaryFile() as body:
        with (
            gzip.GzipFile(fileobj=body, mode="wb", mtime=0, compresslevel=6) as packed,
            _expanded(file.path, is_gzip=file.is_gzip) as stream,
        ):
            for line in _lines(file, stream, sequence, created_at):
                packed.write(line)
        size = body.tell()
        body.seek(0)
        digest = hashlib.file_digest(body, "sha256").digest()
        body.seek(0)
        headers = {
            "Content-Type": file.media_type,
            "Content-Encoding": "gzip",
            "Content-Length": str(size),
            "Content-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
        }
        if file.media_type == CSV:
            headers |= {
                "Index-Sequence": str(sequence),
                "Index-Mode": "delta",
                "Index-Count": str(file.rows),
            }
        yield Prepared(body=body, size=size, headers=headers)


def _lines(file: FeedFile, stream: IO[bytes], sequence: int, created_at: str) -> Iterator[bytes]:
    if file.media_type == CSV or (file.is_whole and file.sequence == sequence):
        yield from stream
        return
    header = {"type": "header", "mode": "delta", "createdAt": created_at}
    header |= (file.header or {}) | {"sequence": sequence}
    yield _line(header)
    places = _filled(stream)
    if file.header is not None:
        next(places)
    for _, line in zip(range(file.rows), places, strict=False):
        yield line.rstrip(b"\r\n") + b"\n"
    yield _line({"type": "trailer", "count": file.rows})


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"


@contextmanager
def _expanded(path: Path, *, is_gzip: bool) -> Iterator[IO[bytes]]:
    with path.open("rb") as raw:
        if is_gzip:
            with gzip.GzipFile(fileobj=raw) as stream:
                yield io.BufferedReader(stream)
        else:
            yield raw


def _is_csv(path: Path, stream: IO[bytes]) -> bool:
    name = path.name.lower().removesuffix(".gz")
    start = stream.read(4096)
    stream.seek(0)
    if not start.strip():
        raise FileRefused(f"{path} is empty.")
    if name.endswith(".csv"):
        return True
    return not start.removeprefix(_BYTE_ORDER_MARK).lstrip().startswith(b"{")


def _count_csv(stream: IO[bytes]) -> int:
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
    reader = csv.reader(text, strict=True)
    try:
        next(reader, None)
        rows = sum(1 for cells in reader if any(cells))
    except csv.Error:
        raise FileRefused(f"Line {reader.line_num} cannot be read as CSV.") from None
    finally:
        text.detach()
    if not rows:
        raise FileRefused("The file has a first row and no other.")
    return rows


def _filled(stream: IO[bytes]) -> Iterator[bytes]:
    return (line.removeprefix(_BYTE_ORDER_MARK) for line in stream if line.strip())


def _ndjson(path: Path, stream: IO[bytes], *, is_gzip: bool) -> FeedFile:
    first = last = b""
    lines = 0
    for line in stream:
        if line.strip():
            first, last, lines = first or line, line, lines + 1
    header, trailer = _of_type("header", first), _of_type("trailer", last)
    return FeedFile(
        path=path,
        media_type=NDJSON,
        is_gzip=is_gzip,
        rows=lines - (header is not None) - (trailer is not None),
        header=header,
        has_trailer=trailer is not None,
    )


def _of_type(kind: str, line: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and message.get("type") == kind else None
