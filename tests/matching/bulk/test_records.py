"""A file in the neutral schema is read whole; what cannot be read is null and counted out."""

import pyarrow as pa
import pytest

from matching.bulk.records import columns, read
from matching.person import FIELDS


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "records.csv"
    path.write_text(
        "\ufefffeed,source_id,given_names,family_name,date_of_birth,sex,nhs_number,upn,address_line,"
        "postcode,carer_given_name,carer_family_name,carer_phone,alias_given_names,shoe_size\n"
        'gp,1,"Hannah, Ruth",Marsh,2011-05-14,F,9990000018,,"7 Alder\nCourt",XN1 6AE,Carol,Marsh,'
        "01134960100,Anna,5\n"
        "school,1,HANNAH,MARSH,14/05/2011,2,123,X,,nowhere,,,,,\n",
        encoding="utf-8",
    )
    return path


def test_every_row_becomes_a_person_and_unknown_columns_are_told(file):
    records = read(file)
    assert records.ids == ("gp:1", "school:1")
    assert records.ignored == ("shoe_size",)
    first, second = records.persons
    assert (first.given, first.second_given, first.nhs) == ("hannah", "ruth", "9990000018")
    assert first.givens == {"hannah", "ruth", "anna"}
    assert first.carers == {"carol marsh"}
    assert (second.sex, second.birth_date, second.nhs, second.postcode) == ("F", None, None, None)


def test_a_row_is_named_by_record_id_or_feed_and_source_id_or_its_number():
    assert read(pa.table({"record_id": ["a"], "family_name": ["Marsh"]})).ids == ("a",)
    assert read(pa.table({"source_id": ["7"], "family_name": ["Marsh"]})).ids == (":7",)
    assert read(pa.table({"family_name": ["Marsh"]})).ids == ("0",)


def test_a_date_of_birth_that_one_feed_repeats_is_weak_and_that_of_another_is_not():
    dates = ["2015-09-01"] * 25 + [f"2014-{1 + i % 12:02}-{1 + i % 28:02}" for i in range(200)]
    table = pa.table(
        {
            "feed": ["housing"] * 225 + ["gp"],
            "source_id": [str(i) for i in range(226)],
            "family_name": ["Marsh"] * 226,
            "date_of_birth": [*dates, "2015-09-01"],
        }
    )
    persons = read(table).persons
    assert persons[0].birth_weak
    assert not persons[100].birth_weak
    assert not persons[-1].birth_weak


def test_the_compared_fields_are_columns_of_the_same_name(file):
    table = columns(read(file))
    assert set(table.column_names) == {"unique_id", *FIELDS}
    assert table.column("families").to_pylist()[0] == ["marsh"]
