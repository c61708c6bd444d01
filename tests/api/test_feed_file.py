"""A feed's file, in whatever state it comes, becomes the batch that the door takes."""

import csv
import gzip
import io
import json

import pytest

from api.cli.feed_file import FileRefused, look_through, prepared
from tests.api.doors import CSV, NDJSON, SOCIAL_CARE, SQLITE, batch_of, child_line
from tests.doors import digest_of

AT = "2026-11-23T09:00:00+00:00"
ROWS = (child_line(), child_line("7732"))


def lines(*rows):
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def batch(tmp_path, content, name="file.ndjson", sequence=1):
    path = tmp_path / name
    path.write_bytes(content)
    with prepared(look_through(path), sequence=sequence, created_at=AT) as made:
        body = b"".join(made.chunks())
    assert made.size == len(body) == int(made.headers["Content-Length"])
    assert made.headers["Content-Digest"] == digest_of(body)
    return made.headers, gzip.decompress(body)


@pytest.mark.parametrize(
    "content",
    [
        lines(*ROWS),
        b"\xef\xbb\xbf" + lines(*ROWS),
        lines(*ROWS).replace(b"\n", b"\r\n"),
        lines(*ROWS).replace(b"\n", b"\n\n"),
        lines(*ROWS).rstrip(),
        lines(*ROWS, {"type": "trailer", "count": 99}),
        batch_of(*ROWS, sequence=7),
        lines({"type": "header", "mode": "delta"}, *ROWS),
    ],
    ids=["bare", "bom", "crlf", "blank-lines", "no-end", "trailer", "whole", "header"],
)
@pytest.mark.parametrize("compress", [False, True])
def test_a_header_and_a_trailer_are_put_to_lines_that_lack_them(tmp_path, content, compress):
    content = gzip.compress(content) if compress else content
    headers, body = batch(tmp_path, content, sequence=5)
    header, *rows, trailer = (json.loads(line) for line in body.splitlines())
    assert headers["Content-Type"] == NDJSON
    assert (header["type"], header["sequence"], header["mode"]) == ("header", 5, "delta")
    assert rows == list(ROWS)
    assert trailer == {"type": "trailer", "count": 2}


def test_a_whole_batch_is_sent_as_it_stands(tmp_path):
    content = batch_of(*ROWS, sequence=7)
    path = tmp_path / "whole.ndjson"
    path.write_bytes(content)
    assert (look_through(path).sequence, look_through(path).is_whole) == (7, True)
    assert batch(tmp_path, content, sequence=7)[1] == content


def test_a_csv_keeps_its_bytes_and_is_counted(tmp_path):
    text = io.StringIO()
    csv.writer(text).writerows([["source_record_id", "given_names"], ["1", "a\nb"], [], ["2", ""]])
    headers, body = batch(tmp_path, text.getvalue().encode(), name="a.csv", sequence=3)
    assert body == text.getvalue().encode()
    assert headers["Content-Type"] == CSV
    assert (headers["Index-Sequence"], headers["Index-Count"]) == ("3", "2")


@pytest.mark.parametrize(
    ("name", "content", "is_csv"),
    [
        ("a.csv.gz", gzip.compress(b"x\n1\n"), True),
        ("a.txt", b"x\n1\n", True),
        ("a.txt", lines(*ROWS), False),
        ("a.jsonl.gz", gzip.compress(lines(*ROWS)), False),
        ("a", b"  " + lines(*ROWS), False),
    ],
    ids=["csv.gz", "rows", "objects", "jsonl.gz", "no-ending"],
)
def test_the_format_is_seen_from_the_file(tmp_path, name, content, is_csv):
    path = tmp_path / name
    path.write_bytes(content)
    assert (look_through(path).media_type == CSV) is is_csv


def test_a_file_that_is_not_there_is_told_so(tmp_path):
    with pytest.raises(FileRefused, match="cannot be read"):
        look_through(tmp_path / "none.csv")


@SQLITE
@pytest.mark.parametrize("name", ["a.ndjson", "a.csv"])
def test_what_is_prepared_is_what_the_door_takes(doors, tmp_path, name):
    doors.register(SOCIAL_CARE)
    content = lines(*ROWS)
    if name.endswith("csv"):
        content = (
            b"source_record_id,given_names,family_name,date_of_birth\n"
            b'1,Hannah,"Marsh, formerly Day",2011-05-14\n'
        )
    path = tmp_path / name
    path.write_bytes(content)
    with prepared(look_through(path), sequence=1, created_at=AT) as made:
        answer = doors.persona(f"feed:{SOCIAL_CARE}").ask(
            "POST",
            f"/feeds/{SOCIAL_CARE}/batches",
            data=b"".join(made.chunks()),
            headers=made.headers,
        )
    assert answer.status_code == 202, answer.text
