"""A delivery is found whole, or refused; nothing of it is left behind."""

import csv
import gzip
import io
import json
import os
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from child_index import batch_rows, delivery
from child_index.delivery import Limits, checked, rows_of
from child_index.errors import Invalid, Malformed, Refused, TooLarge
from tests.feeding import body_of, child, csv_delivery, digest_of, withdraw, zipped
from tests.feeding import delivery as of

LIMITS = Limits(received_bytes=1_000_000, expanded_bytes=2_000_000, rows_in_a_part=2)
BODY = body_of(child("1"), child("2"), withdraw("3"), child("4"), child("5"))
CSV = b"source_record_id,given_names,family_name,date_of_birth\n1,Tom,Marsh,2014-01-02\n"


def check(sent, tmp_path, limits=LIMITS):
    with checked(sent, limits, tmp_path) as found:
        parts = list(found.parts())
        return found, [row for _, part in parts for row in rows_of(part)], parts


def refused(sent, tmp_path, limits=LIMITS):
    with pytest.raises(Refused) as refusal:
        check(sent, tmp_path, limits)
    return type(refusal.value), refusal.value.code


def test_a_whole_body_comes_apart_into_its_rows_in_order(tmp_path):
    found, rows, parts = check(of(BODY), tmp_path)
    assert (found.sequence, found.mode, found.received) == (1, "delta", 5)
    assert [json.loads(row.text)["sourceRecordId"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert [row.lines for row in rows] == [(2,), (3,), (4,), (5,), (6,)]
    assert [first for first, _ in parts] == [0, 2, 4]


def test_gzip_a_byte_order_mark_blank_lines_and_windows_line_ends_change_nothing(tmp_path):
    _, plain, _ = check(of(BODY), tmp_path)
    texts = [row.text for row in plain]
    for body, encoding in (
        (zipped(BODY), "gzip"),
        (b"\xef\xbb\xbf" + BODY, None),
        (BODY.replace(b"\n", b"\r\n"), None),
        (BODY.replace(b"\n", b"\n\n"), None),
        (BODY.rstrip(b"\n"), None),
    ):
        _, rows, _ = check(of(body, encoding=encoding), tmp_path)
        assert [row.text for row in rows] == texts


def test_an_empty_batch_is_whole(tmp_path):
    found, rows, _ = check(of(body_of()), tmp_path)
    assert found.received == 0
    assert rows == []


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"", Malformed, "truncated"),
        (BODY[:-5], Malformed, "truncated"),
        (BODY[: BODY.index(b"\n", 200) + 1], Invalid, "trailer_missing"),
        (body_of(child(), count=2), Invalid, "count_mismatch"),
        (body_of(sequence=0), Invalid, "header_invalid"),
        (body_of(mode="all"), Invalid, "header_invalid"),
        (BODY.partition(b"\n")[2], Invalid, "header_invalid"),
        (BODY.replace(b'"mode"', b'"notes"', 1), Invalid, "header_invalid"),
        (BODY.replace(b"Hannah", b"Hann\xe4h", 1), Invalid, "not_utf8"),
        (BODY + BODY, Invalid, "count_mismatch"),
        (b"x" * (batch_rows.LONGEST_LINE - 10), Invalid, "header_invalid"),
    ],
)
def test_a_body_that_is_not_whole_is_refused(tmp_path, body, kind, code):
    limits = Limits(received_bytes=9_000_000, expanded_bytes=9_000_000)
    assert refused(of(body), tmp_path, limits) == (kind, code)


def test_a_line_that_is_too_long_is_refused_before_it_is_read(tmp_path):
    limits = Limits(received_bytes=9_000_000, expanded_bytes=9_000_000)
    body = body_of(child(names=[{"family": "M" * batch_rows.LONGEST_LINE}]))
    assert refused(of(body), tmp_path, limits) == (Invalid, "line_too_long")


def test_fewer_bytes_than_announced_are_a_cut_off_body(tmp_path):
    assert refused(of(BODY, content_length=len(BODY) + 1), tmp_path) == (Malformed, "truncated")


@pytest.mark.parametrize("header", [None, "", "sha-512=:AAAA:", "sha-256=AAAA", "sha-256=::"])
def test_a_delivery_without_its_digest_is_refused(tmp_path, header):
    assert refused(of(BODY, content_digest=header), tmp_path) == (Invalid, "digest_missing")


def test_other_bytes_than_digested_are_refused(tmp_path):
    other = digest_of(BODY + b"\n")
    assert refused(of(BODY, content_digest=other), tmp_path) == (Invalid, "digest_mismatch")


def test_the_digest_is_found_among_others_and_is_over_the_bytes_sent(tmp_path):
    body = zipped(BODY)
    header = f"md5=:AAAA:, {digest_of(body)}, sha-512=:AAAA:"
    check(of(body, content_digest=header, encoding="gzip"), tmp_path)
    wrong = of(body, content_digest=digest_of(BODY), encoding="gzip")
    assert refused(wrong, tmp_path) == (Invalid, "digest_mismatch")


def test_gzip_that_is_none_or_cut_off_is_refused(tmp_path):
    body = zipped(BODY)
    assert refused(of(BODY, encoding="gzip"), tmp_path) == (Invalid, "gzip_not_readable")
    assert refused(of(body[:-9], encoding="gzip"), tmp_path) == (Malformed, "truncated")
    assert refused(of(body + b"junk", encoding="gzip"), tmp_path) == (Invalid, "gzip_not_readable")
    assert refused(of(body, encoding="br"), tmp_path) == (Invalid, "encoding_not_supported")


def test_more_bytes_than_are_taken_are_refused_received_or_expanded(tmp_path):
    small = Limits(received_bytes=len(BODY) - 1, expanded_bytes=10**9)
    assert refused(of(BODY), tmp_path, small) == (TooLarge, "too_large")
    bomb = zipped(body_of(child(names=[{"family": " " * 900_000}])))
    assert len(bomb) < 3_000
    narrow = Limits(received_bytes=10_000, expanded_bytes=500_000)
    assert refused(of(bomb, encoding="gzip"), tmp_path, narrow) == (TooLarge, "too_large_expanded")


def test_a_body_of_another_kind_is_refused(tmp_path):
    sent = of(BODY, media_type="application/xml")
    assert refused(sent, tmp_path) == (Invalid, "media_type_not_supported")


def test_scratch_files_have_no_name_and_are_gone_after_it(tmp_path):
    seen = []

    class Watched(io.BytesIO):
        def read(self, *size):
            seen.extend(os.listdir(tmp_path / "tmp"))
            return super().read(*size)

    check(replace(of(BODY), body=Watched(BODY)), tmp_path / "tmp")
    assert seen == []
    assert os.listdir(tmp_path / "tmp") == []
    assert (tmp_path / "tmp").stat().st_mode & 0o777 == 0o700


@given(st.data())
def test_no_body_cut_at_any_byte_is_ever_taken_for_whole(data):

    body, encoding = data.draw(st.sampled_from([(BODY, None), (zipped(BODY), "gzip")]))
    cut = body[: data.draw(st.integers(0, len(body) - 2))]
    with tempfile.TemporaryDirectory() as scratch:
        kind, _ = refused(of(cut, encoding=encoding), Path(scratch))
        assert kind in (Malformed, Invalid)


def test_dates_of_birth_that_a_file_repeats_suspiciously_are_named(tmp_path):
    many = [child(str(n), birthDate="2012-03-04") for n in range(21)]
    others = [child(f"o{n}", birthDate=f"2011-05-{n + 1:02}") for n in range(20)]
    found, _, _ = check(of(body_of(*many, *others)), tmp_path)
    assert found.default_birth_dates == ("2012-03-04",)


def test_a_repeated_date_of_birth_must_be_in_twenty_rows_and_in_one_of_a_hundred():
    assert delivery.default_birth_dates(Counter({"2012-03-04": 19})) == ()
    assert delivery.default_birth_dates(Counter({"2012-03-04": 20})) == ("2012-03-04",)
    assert delivery.default_birth_dates(Counter({"2012-03-04": 30, "": 3_000})) == ()
    assert delivery.default_birth_dates(Counter({"2012-03-04": 31, "": 3_000})) == ("2012-03-04",)
    assert delivery.default_birth_dates(Counter({"": 500})) == ()


def test_a_csv_needs_its_header_in_the_request(tmp_path):
    check(csv_delivery(CSV, 1), tmp_path)
    for changes, code in (
        ({"sequence": None}, "header_invalid"),
        ({"sequence": 0}, "header_invalid"),
        ({"mode": "all"}, "header_invalid"),
        ({"count": None}, "count_missing"),
        ({"count": 2}, "count_mismatch"),
    ):
        assert refused(csv_delivery(**({"body": CSV, "count": 1} | changes)), tmp_path) == (
            Invalid,
            code,
        )


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"", Malformed, "truncated"),
        (b"given_names,family_name\nTom,Marsh\n", Invalid, "column_missing"),
        (CSV.replace(b"given_names", b"family_name"), Invalid, "column_twice"),
        (CSV + b'2,"Ivy', Malformed, "truncated"),
        (CSV + b'2,"Ivy"x,Marsh,2017\n', Invalid, "csv_not_readable"),
        (CSV + b"2,Iv\xff,Marsh,2017\n", Invalid, "not_utf8"),
    ],
)
def test_a_csv_that_cannot_be_read_is_refused(tmp_path, body, kind, code):
    assert refused(csv_delivery(body, 2), tmp_path) == (kind, code)


def test_rows_of_one_record_are_one_child_wherever_they_stand(tmp_path):
    body = b"source_record_id,family_name\n1,a\n2,b\n1,c\n\n,d\n3,e\n,f\n2,g\n"
    found, rows, _ = check(csv_delivery(body, 7), tmp_path)
    assert found.received == 7
    families = [[cells["family_name"] for cells in json.loads(row.text)] for row in rows]
    assert families == [["a", "c"], ["b", "g"], ["d"], ["e"], ["f"]]
    assert [row.lines for row in rows] == [(2, 4), (3, 8), (5,), (6,), (7,)]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.text("xy,\n\"' é", max_size=4)), max_size=9))
def test_what_a_csv_writer_wrote_is_read_as_it_was(pairs):

    text = io.StringIO()
    csv.writer(text).writerows([("source_record_id", "family_name"), *pairs])
    with tempfile.TemporaryDirectory() as scratch:
        sent = csv_delivery(text.getvalue().encode(), len(pairs))
        _, rows, _ = check(sent, Path(scratch))
    read = [cells for row in rows for cells in json.loads(row.text)]
    assert sorted(c.get("family_name", "").strip() for c in read) == sorted(
        family.strip() for _, family in pairs
    )


def test_a_big_gzip_is_never_held_in_memory(tmp_path):
    body = zipped(body_of(*(child(str(n)) for n in range(3_000))))
    assert gzip.decompress(body)
    limits = Limits(received_bytes=10**7, expanded_bytes=10**7)
    found, rows, parts = check(of(body, encoding="gzip"), tmp_path, limits)
    assert len(rows) == found.received == 3_000
    assert all(len(part) <= 1024 * 1024 for _, part in parts)
