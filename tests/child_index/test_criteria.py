"""What a search must contain, and what near means (SCH-01 to SCH-04)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from child_index.answers import Criteria
from child_index.criteria import is_near, require_sufficient, sought, swapped
from child_index.errors import Invalid
from matching.normalise import person
from matching.person import RawIdentifier, RawName, RawPerson

TODAY = date(2026, 11, 23)
BORN = date(2011, 5, 4)
NHS = (("nhs", "9990000018"),)


def refusal(**given):
    with pytest.raises(Invalid) as refused:
        require_sufficient(Criteria(**given), TODAY)
    return refused.value.code


@pytest.mark.parametrize(
    "given",
    [
        {"family": "Marsh"},
        {"birth_date": BORN, "postcode": "XN1 6AE"},
        {"given": "Hannah", "birth_date": BORN},
        {"identifiers": NHS},
        {"family": "Marsh", "birth_date": BORN, "mode": "broad"},
        {"given": "Hannah", "birth_date": BORN, "sex": "female"},
        {},
    ],
)
def test_too_little_finds_nobody(given):
    assert refusal(**given) == "insufficient_criteria"


@pytest.mark.parametrize(
    "given",
    [
        {"identifiers": NHS, "birth_date": BORN},
        {"identifiers": NHS, "family": "Marsh"},
        {"family": "Marsh", "given": "Hannah", "birth_date": BORN, "mode": "broad"},
        {"family": "Marsh", "birth_date": BORN},
        {"family": "Marsh", "birth_date": BORN, "sex": "female", "postcode": "XN1 6AE"},
        {"given": "Hannah", "birth_date": BORN, "sex": "female", "postcode": "XN1 6AE"},
        {
            "given": "Hannah",
            "family": "Marsh",
            "birth_from": date(2010, 1, 1),
            "birth_to": date(2011, 1, 1),
        },
    ],
)
def test_enough_is_enough(given):
    require_sufficient(Criteria(**given), TODAY)


def test_a_range_of_birth_dates_spans_a_year_at_most_and_wants_both_names():
    names = {"given": "Hannah", "family": "Marsh"}
    ends = {"birth_from": date(2010, 1, 1), "birth_to": date(2011, 1, 2)}
    assert refusal(**names, **ends) == "birth_date_out_of_range"
    assert (
        refusal(family="Marsh", birth_from=date(2010, 1, 1), birth_to=date(2010, 6, 1))
        == "insufficient_criteria"
    )


@pytest.mark.parametrize("born", [date(2026, 11, 24), date(2000, 11, 23)])
def test_a_birth_date_in_the_future_or_26_years_ago_is_refused(born):
    assert refusal(given="A", family="Marsh", birth_date=born) == "birth_date_out_of_range"


@pytest.mark.parametrize(
    ("family", "mode"), [("S*", "near"), ("*ith", "near"), ("Sm*t*", "near"), ("Sm*", "broad")]
)
def test_a_wildcard_where_it_may_not_be_is_refused(family, mode):
    assert refusal(given="Ann", family=family, birth_date=BORN, mode=mode) == "wildcard_not_allowed"


def test_a_wildcard_after_two_letters_finds_names_that_begin_so():
    wanted = Criteria(given="Ann", family="Sm*", birth_date=BORN)
    require_sufficient(wanted, TODAY)
    assert is_near(sought(wanted), record("Ann", "Smith"))
    assert not is_near(sought(wanted), record("Ann", "Jones"))


def test_what_may_not_be_searched_by_is_named():
    assert refusal(family="Marsh", not_allowed=("/personSpecification/phone",)) == (
        "criteria_not_allowed"
    )


def record(given="Hannah", family="Marsh", born="2011-05-04", **more):
    return person(
        RawPerson(names=(RawName(given=(given,), family=family),), birth_date=born, **more)
    )


def near(held, **given):
    wanted = {"given": "Hannah", "family": "Marsh", "birth_date": BORN} | given
    return is_near(sought(Criteria(**wanted)), held)


@pytest.mark.parametrize(
    ("given", "family"), [("HANNAH", "marsh"), ("Hännah", "Marsh"), ("Hannah", "Ma'rsh")]
)
def test_near_ignores_case_diacritics_and_apostrophes(given, family):
    assert near(record(given, family))


def test_near_reads_a_hyphen_as_a_space():
    assert near(record(family="Marsh-Day"), family="Marsh Day")


def test_near_forgives_day_and_month_swapped_and_nothing_else():
    assert near(record(born="2011-04-05"))
    assert not near(record(born="2010-05-04"))


@pytest.mark.parametrize(
    ("given", "family"), [("Hanna", "Marsh"), ("Hannah", "Marshall"), ("Marsh", "Hannah")]
)
def test_near_is_not_nearly(given, family):
    assert not near(record(given, family))


def test_an_identifier_finds_its_record_with_one_thing_more():
    held = record("Other", "Name", identifiers=(RawIdentifier(scheme="nhs", value="9990000018"),))
    assert near(held, identifiers=NHS)
    assert not near(held, identifiers=NHS, birth_date=date(2012, 1, 2), family=None, given=None)
    assert not near(record(), identifiers=(("nhs", "9434765870"),))


def test_a_given_name_without_a_family_name_finds_only_at_the_same_postcode():
    wanted = {"family": None, "sex": "female", "postcode": "XN1 6AE"}
    assert near(record(postcode="xn16ae"), **wanted)
    assert not near(record(postcode="XN1 6AD"), **wanted)


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2030, 1, 1)))
def test_swapping_day_and_month_twice_changes_nothing(day):
    assert swapped(swapped(day.isoformat())) == day.isoformat()
