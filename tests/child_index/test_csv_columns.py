"""A CSV's rows make the same message an NDJSON line is."""

from datetime import date

import pytest

from child_index import csv_columns, messages
from child_index.csv_columns import faults_of, message
from child_index.problem_words import problem
from child_index.statements import Rules, read_payload

RULES = Rules(authority_for=frozenset({"nhs"}), today=date(2026, 11, 23))
ROW = {
    "source_record_id": "1",
    "version": "3",
    "given_names": "Tom James",
    "family_name": "Marsh",
    "date_of_birth": "2014-01-02",
    "sex": "M",
    "nhs_number": "9990000018",
    "nhs_number_status": "verified",
    "upn": "Q999400119001",
    "address_line": "7 Alder Court",
    "postcode": "XN1 6AE",
    "carer_given_name": "Carol",
    "carer_family_name": "Marsh",
    "carer_relationship": "Mother",
    "school_name": "Southam School",
    "gp_name": "Beacon Surgery",
}
INVOLVED = {
    "involvement_id": "i-1",
    "service_type": "housing",
    "organisation": "Northam Housing",
    "contact_kind": "team",
    "phone": "+441134960105",
    "started_on": "2026-01-02",
    "lead_professional": "true",
}


def read(*rows, version=7):
    return read_payload(message(rows, version), RULES)


def test_one_row_makes_a_whole_statement():
    reading = read(ROW | INVOLVED)
    assert reading.problems == ()
    said = reading.statement
    assert said.names[0].given == ("Tom", "James")
    assert (said.sex, said.version) == ("male", 3)
    assert [(each.scheme, each.is_verified) for each in said.identifiers] == [
        ("nhs", True),
        ("upn", False),
    ]
    assert said.carers[0].relationship == "mother"
    assert said.education.setting_name == "Southam School"
    (involved,) = said.involvements
    assert (involved.service_type, involved.contact_kind) == ("HOUSING", "TEAM")
    assert (involved.version, involved.is_lead_professional) == (3, True)


def test_each_row_adds_an_involvement_an_alias_and_a_carer():
    alias = {"alias_given_names": "Tommy", "carer_given_name": "Ray", "carer_family_name": "Day"}
    said = read(ROW | INVOLVED, ROW | INVOLVED | alias | {"involvement_id": "i-2"}).statement
    assert [each.involvement_id for each in said.involvements] == ["i-1", "i-2"]
    assert [(each.use, each.given, each.family) for each in said.names] == [
        ("usual", ("Tom", "James"), "Marsh"),
        ("alias", ("Tommy",), "Marsh"),
    ]
    assert [each.family for each in said.carers] == ["Marsh", "Day"]


def test_a_row_without_a_version_has_the_batch_sequence_for_one():
    without = {name: cell for name, cell in ROW.items() if name != "version"}
    assert read(without, version=412).statement.version == 412


def test_rows_of_one_record_with_different_versions_are_refused():
    (fault,) = faults_of([ROW, ROW | {"version": "4"}])
    assert (fault.pointer, fault.code) == ("version", "versions_differ")


@pytest.mark.parametrize(
    ("column", "code"),
    [("notes", "forbidden_field:notes"), ("Shoe Size", "unknown_field")],
)
def test_only_rows_that_fill_a_forbidden_or_unknown_column_are_refused(column, code):
    assert faults_of([ROW]) == ()
    (fault,) = faults_of([ROW | {column: "Zqxcanary"}])
    assert fault.code == code
    assert "Zqx" not in repr(fault)


def test_cells_beyond_the_last_column_are_refused():
    (fault,) = faults_of([ROW | {csv_columns.EXTRA_CELLS: "1"}])
    assert fault.code == "wrong_number_of_cells"


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"date_of_birth": "2.1.2014"}, "date_of_birth", "birth_date_not_readable"),
        ({"version": "three"}, "version", "wrong_type"),
        ({"given_names": "x" * 101}, "given_names", "too_long"),
        (INVOLVED | {"ended_on": "2025-12-31"}, "ended_on", "end_before_start"),
        (INVOLVED | {"phone": ""}, "phone", "no_contact"),
        (
            INVOLVED | {"sensitive_kind": "MENTAL_HEALTH"},
            "sensitive_basis",
            "sensitive_without_basis",
        ),
        (INVOLVED | {"lead_professional": "perhaps"}, "lead_professional", "wrong_type"),
        ({"organisation": "Northam Housing"}, "involvement_id", "missing_field"),
    ],
)
def test_a_fault_is_told_by_the_column_that_has_it(changes, column, code):
    row = {name: cell for name, cell in (ROW | changes).items() if cell}
    shown = [csv_columns.column_problem(each, sends_nhs=True)[0] for each in read(row).problems]
    assert (column, code) in [(each.pointer, each.code) for each in shown]


def test_an_identifier_is_told_by_its_own_column():
    first, second = (problem(f"/identifiers/{n}/value", "identifier_not_valid") for n in (0, 1))
    told = [
        csv_columns.column_problem(each, sends_nhs=sends)[0].pointer
        for each, sends in ((first, True), (second, True), (first, False))
    ]
    assert told == ["nhs_number", "upn", "upn"]


def test_every_place_of_the_message_has_a_column_or_the_records_own():
    known = set(csv_columns.CHILD_COLUMNS) | set(csv_columns.INVOLVEMENT_COLUMNS)
    for name in messages.Child().fields:
        shown, _ = csv_columns.column_problem(problem(f"/{name}", "too_long"), sends_nhs=True)
        assert shown.pointer in known
