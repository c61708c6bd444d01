"""Which source record's value a child's record shows."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from child_index.records import (
    StatedAddress,
    StatedCarer,
    StatedIdentifier,
    StatedName,
)
from child_index.survivorship import child_facts, full_birth_date
from tests.factories import source

VERIFIED = StatedIdentifier(scheme="nhs", value="9990000018", is_verified=True)


def called(*given, family="Marsh", use="usual"):
    return StatedName(use=use, given=given, family=family)


def test_a_verified_record_names_the_child_before_a_fresher_one():
    school = source(1, "2026-11-20", names=(called("Hanna"),))
    doctor = source(2, "2025-01-01", names=(called("Hannah"),), identifiers=(VERIFIED,))
    names = child_facts([school, doctor]).names
    assert names[0] == called("Hannah")
    assert names[1] == called("Hanna", use="alias")


def test_a_newborn_placeholder_never_stands_for_a_name():
    placed = source(1, names=(called("Baby"),), identifiers=(VERIFIED,))
    assert child_facts([placed, source(2)]).names[0].given == ("Hannah",)


def test_every_alias_is_kept_once():
    alias = called("Anna", use="alias")
    names = child_facts(
        [source(1, names=(called("Hannah"), alias)), source(2, names=(alias,))]
    ).names
    assert names == (called("Hannah"), alias)


def test_a_whole_birth_date_stands_before_a_guess_and_a_guess_before_a_year():
    records = [source(n, birth_date=d) for n, d in enumerate(["2011", "2011-01-01", "2011-05-14"])]
    assert child_facts(records).birth_date == "2011-05-14"
    assert child_facts(records[:2]).birth_date == "2011-01-01"
    assert full_birth_date(child_facts(records[:1])) is None
    assert full_birth_date(child_facts(records)) == date(2011, 5, 14)


def test_the_address_is_the_freshest_that_says_a_place():
    moved = StatedAddress(lines=("1 New Street",), postcode="XN2 1AA")
    old = StatedAddress(lines=("7 Alder Court",), postcode="XN1 6AE")
    unknown = StatedAddress(kind="unknown")
    records = [
        source(1, "2026-01-01", address=old, identifiers=(VERIFIED,)),
        source(2, "2026-10-01", address=moved),
        source(3, "2026-11-01", address=unknown),
    ]
    assert child_facts(records).address == moved


def test_an_invalid_identifier_is_never_shown_as_one():
    wrong = StatedIdentifier(scheme="nhs", value="9990000019", is_valid=False)
    assert child_facts([source(1, identifiers=(wrong, VERIFIED))]).identifiers == (VERIFIED,)


def test_a_carer_is_shown_once_and_with_the_telephone():
    plain = StatedCarer(given=("Carol",), family="MARSH")
    reachable = StatedCarer(given=("Carol",), family="Marsh", phone="+441134960100")
    assert child_facts([source(1, carers=(plain,)), source(2, carers=(reachable,))]).carers == (
        reachable,
    )


@given(st.permutations(range(4)))
def test_the_order_in_which_records_are_read_changes_nothing(order):
    records = [
        source(1, "2026-01-01", birth_date="2011-05-14", sex="female"),
        source(2, "2026-01-01", names=(called("Hanna"),), sex="unknown"),
        source(3, "2026-02-01", identifiers=(VERIFIED,), birth_date="2011"),
        source(4, "2026-02-01", names=(called("Anna", use="alias"),)),
    ]
    assert child_facts([records[n] for n in order]) == child_facts(records)
