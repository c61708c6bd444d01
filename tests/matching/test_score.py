"""The evidence adds up, keeps its reasons, and does not mind which side is which."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.comparisons import ALL, level_reached, levels_reached
from matching.model import LinkageModel, load
from matching.normalise import person
from matching.score import score, scorer
from tests.matching.builders import someone
from tests.matching.test_normalise import raw_persons

persons = st.builds(person, raw_persons)


@cache
def model() -> LinkageModel:
    return load()


@given(persons, persons)
def test_prior_and_reasons_add_up_to_the_match_weight(left, right):
    found = score(left, right, model())
    total = found.prior_weight + sum(reason.match_weight for reason in found.reasons)
    assert abs(total - found.match_weight) <= 1e-9
    assert abs(scorer(model()).weigh(left, right) - found.match_weight) <= 1e-9


@given(persons, persons)
def test_left_and_right_may_be_exchanged(left, right):
    assert levels_reached(left, right) == levels_reached(right, left)
    assert score(left, right, model()) == score(right, left, model())


@given(persons, persons)
def test_one_comparison_alone_reaches_the_level_it_reaches_among_all(left, right):
    reached = levels_reached(left, right)
    assert [level_reached(each, left, right) for each in ALL] == [
        each.levels[index] for each, index in zip(ALL, reached, strict=True)
    ]


def test_a_field_missing_on_either_side_is_no_evidence():
    found = score(someone(), someone(sex="unknown", family=None, born=None), model())
    assert [reason.field for reason in found.reasons] == ["given_name"]


@pytest.mark.parametrize(
    ("other", "field", "level"),
    [
        (someone("Hanna"), "given_name", "spelling"),
        (someone("Marsh", "Hannah"), "given_name", "swapped"),
        (someone("H"), "given_name", "initial"),
        (someone("Hanmah"), "given_name", "similar"),
        (someone("Ruth Hannah"), "given_name", "among"),
        (someone("Tom"), "given_name", "differs"),
        (someone(family="Marsh-Day"), "family_name", "part"),
        (someone(family="Mrash"), "family_name", "similar"),
        (someone(born="2011-14-05"), "birth_date", None),
        (someone(born="2011-05-04"), "birth_date", "one-digit"),
        (someone(born="2011-05"), "birth_date", "partial-month"),
        (someone(born="2011"), "birth_date", "partial-year"),
        (someone(born="2011-01-01"), "birth_date", "partial-year"),
        (someone(born="2011-06-02"), "birth_date", "month-apart"),
        (someone(born="2011-09-30"), "birth_date", "half-year-apart"),
        (someone(born="2013-01-01"), "birth_date", "estimated"),
        (someone(born="2011-05-23"), "birth_date", "two-parts"),
        (someone(born="2017-12-23"), "birth_date", "differs"),
        (someone(sex="male"), "sex", "differs"),
    ],
)
def test_each_rung_is_reached_by_what_it_says(other, field, level):
    assert score(someone(), other, model()).levels.get(field) == level


def test_day_and_month_swapped_is_its_own_rung():
    swapped = score(someone(born="2011-05-04"), someone(born="2011-04-05"), model())
    assert swapped.levels["birth_date"] == "swapped"


def test_william_is_bill_and_mohammed_is_muhammad_and_oleksandr_is_alexander():
    for left, right, level in (
        ("William", "Bill", "nickname"),
        ("Grace", "Gracie", "nickname-alike"),
        ("Mohammed", "Muhammad", "transliteration"),
        ("Aisha", "Ayesha", "transliteration"),
        ("Oleksandr", "Alexander", "transliteration"),
        ("Oscar", "Oskar", "spelling"),
        ("Ellie", "Elle", "related"),
    ):
        assert score(someone(left), someone(right), model()).levels["given_name"] == level


def test_a_rare_name_in_common_says_more_than_a_common_one():
    rare = score(someone("Hildegard"), someone("Hildegard"), model())
    common = score(someone("Oliver"), someone("Oliver"), model())
    assert rare.match_weight > common.match_weight


def test_home_carers_and_telephone_are_one_reason():
    home = {
        "postcode": "XN1 6AE",
        "address": "7 Alder Court",
        "carer": "Carol Marsh",
        "phone": "01134960100",
    }
    found = score(someone(**home), someone(**home), model())
    assert [reason.field for reason in found.reasons].count("household") == 1
    assert len(found.reasons) == 5
