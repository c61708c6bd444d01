"""Blocking: what is looked up for a record is stored for the right one, whatever went wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.blocking import (
    LINKAGE_RULES,
    birth_date_key,
    index_keys,
    linkage_keys,
    search_keys,
)
from matching.normalise import person
from tests.matching.builders import someone
from tests.matching.test_normalise import raw_persons

persons = st.builds(person, raw_persons)
HOME = {"postcode": "XN1 6AE", "address": "7 Alder Court", "carer": "Carol Marsh"}
HANNAH = someone(nhs="9990000018", upn="Q999400119001", **HOME)


def find_each_other(left, right):
    return not linkage_keys(left).isdisjoint(index_keys(right))


@given(persons, persons)
def test_it_does_not_matter_which_of_two_records_arrives_first(left, right):
    assert find_each_other(left, right) == find_each_other(right, left)


@given(persons)
def test_a_record_finds_a_repetition_of_itself_if_it_has_any_key(same):
    assert find_each_other(same, same) == bool(linkage_keys(same))


@pytest.mark.parametrize(
    "wrong",
    [
        someone(),
        someone("Hanna"),
        someone("Hannah", "Smith"),
        someone("Marsh", "Hannah"),
        someone(born="2011-05-04"),
        someone(born="2012-05-14"),
        someone(born="2011"),
        someone(born="2011-01-01"),
        someone(born=None),
        someone("Hamnah", "Mrash", postcode="XN1 6AE"),
        someone(given=None, postcode="XN1 6AE"),
        someone("Anna", "Jones", born="2010-02-02", nhs="9990000018"),
        someone("Anna", "Jones", born="2010-02-02", upn="Q999400119001"),
        someone(family="Jones", born=None, carer="Carol Marsh"),
        someone("H", "Marsh", born=None, postcode="XN1 6AE"),
    ],
)
def test_a_record_with_something_wrong_is_found(wrong):
    assert find_each_other(wrong, HANNAH)
    assert find_each_other(HANNAH, wrong)


def test_day_and_month_swapped_and_a_nickname_are_found():
    assert find_each_other(
        someone("Bill", born="2011-04-05"), someone("William", born="2011-05-04")
    )


def test_strangers_are_not_compared():
    assert not find_each_other(HANNAH, someone("Tom", "Jones", "2014-03-02"))


def test_records_that_hold_a_date_of_birth_are_not_compared_by_name_alone():
    assert not find_each_other(someone(born="2011-05-14"), someone(born="2017-12-30"))


def test_a_default_date_of_birth_makes_no_block_of_its_own():
    first = someone("Tom", "Jones", "2011-01-01")
    second = someone("Tom", "Marsh", "2011-01-01")
    assert not find_each_other(first, second)


def test_rules_have_one_name_each_and_their_keys_cannot_be_confused():
    assert len({rule.name for rule in LINKAGE_RULES}) == len(LINKAGE_RULES)
    prefixes = [{key.split("|")[0] for key in rule.keys(HANNAH)} for rule in LINKAGE_RULES]
    assert sum(map(len, prefixes)) == len(set().union(*prefixes))


@given(persons, st.booleans())
def test_what_a_search_looks_up_is_stored_for_the_record_it_describes(query, broad):
    assert search_keys(query, broad=broad) <= index_keys(query)


@pytest.mark.parametrize(
    ("query", "broad"),
    [
        (someone(), False),
        (someone(given=None), False),
        (someone(family=None), False),
        (someone(born=None), False),
        (someone(given=None, family=None, born=None, nhs="9990000018"), False),
        (someone("Hanna"), False),
        (someone("Henna", "Marshe"), True),
        (someone("Hannah", "Marsh", "2011-05-15"), True),
    ],
)
def test_a_search_finds_hannah(query, broad):
    assert not search_keys(query, broad=broad).isdisjoint(index_keys(HANNAH))


def test_an_alias_is_searched_under_as_well():
    known_as = someone("Victoria", alias="Anna Marsh")
    assert not search_keys(someone("Anna"), broad=False).isdisjoint(index_keys(known_as))


def test_the_whole_date_of_birth_is_a_key_of_its_own():
    assert birth_date_key("2011-05-14") == "d|2011-05-14"
    assert birth_date_key("2011-05-14") in index_keys(HANNAH)
