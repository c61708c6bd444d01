"""LINK, REVIEW or NEW: Hannah's story, families, twins, namesakes, and the vetoes of MAT-02."""

from dataclasses import replace
from functools import cache

import pytest

from matching.decide import POSSIBLE_DUPLICATE, Candidate, MatchDecision, Outcome, decide
from matching.model import LinkageModel, load
from matching.person import Person
from tests.matching.builders import someone

HOME = {"postcode": "XN1 6AE", "address": "7 Alder Court", "carer": "Carol Marsh"}
HANNAH = someone(nhs="9990000018", **HOME)
HANNA = someone("Hanna", nhs="9990000026", verified=True, postcode="VB4 2QT")
MARSHALL = someone(family="Marshall", nhs="9990000034", postcode="XN4 1AB")
OLDER = someone(born="2010-05-14", nhs="9990000042", postcode="XN7 2AB")
SIBLINGS = (
    someone("Tom", born="2014-03-02", sex="male", **HOME),
    someone("Ivy", born="2017-08-21", **HOME),
    someone("Ben", born="2020-01-30", sex="male", **HOME),
)
FROM_SCHOOL = someone(postcode="XN1 6AE", upn="Q999400119001")
FROM_YOUTH_SERVICE = someone("Hanna ", " MARSH", postcode="XN1 6AD")
FROM_GP = someone(nhs="9990000018", verified=True)


@cache
def model() -> LinkageModel:
    return load().for_population(20_000)


def decided(arriving: Person, *children: Person | tuple[Person, ...]) -> MatchDecision:
    """The decision on an arriving record against children numbered from 1."""
    return decide(
        arriving,
        [
            Candidate(child=i, members=each if isinstance(each, tuple) else (each,))
            for i, each in enumerate(children, start=1)
        ],
        model(),
    )


def in_the_story(arriving: Person) -> MatchDecision:
    return decided(arriving, HANNAH, HANNA, MARSHALL, OLDER, *SIBLINGS)


def test_the_school_record_of_hannah_is_linked():
    decision = in_the_story(FROM_SCHOOL)
    assert (decision.outcome, decision.child) == (Outcome.LINK, 1)
    assert decision.because == "link-threshold"


def test_the_youth_service_record_goes_to_a_steward_who_sees_hannah_first():
    decision = decided(FROM_YOUTH_SERVICE, (HANNAH, FROM_SCHOOL), HANNA, MARSHALL, OLDER, *SIBLINGS)
    assert (decision.outcome, decision.child) == (Outcome.REVIEW, 1)
    assert decision.because == "margin-too-small"
    assert 2 in dict(decision.possible)


def test_the_gp_record_is_linked_by_its_verified_number():
    decision = decided(FROM_GP, (HANNAH, FROM_SCHOOL), HANNA, MARSHALL, OLDER, *SIBLINGS)
    assert (decision.outcome, decision.child) == (Outcome.LINK, 1)
    assert decision.because == "hard-evidence"


@pytest.mark.parametrize("other", [HANNA, MARSHALL, OLDER, *SIBLINGS])
def test_none_of_the_others_in_the_story_becomes_hannah(other):
    assert decided(other, HANNAH).outcome is Outcome.NEW
    assert decided(HANNAH, other).outcome is Outcome.NEW


def test_a_later_statement_without_address_still_links():
    assert in_the_story(someone()).child == 1


def test_a_statement_without_a_date_of_birth_is_never_linked_by_name_and_home_alone():
    decision = in_the_story(someone(born=None, **HOME))
    assert decision.outcome is not Outcome.LINK


def test_nobody_to_compare_with_is_a_new_child():
    assert decided(HANNAH) == MatchDecision(
        outcome=Outcome.NEW,
        child=None,
        score=None,
        margin=None,
        because="no-candidate",
        possible=(),
        model_version=model().version,
    )


@pytest.mark.parametrize(
    ("given", "sex"), [("Hazel", "female"), ("Hugo", "male"), ("Hayley", "female")]
)
def test_a_twin_of_another_name_is_a_new_child_or_a_review_never_a_link(given, sex):
    assert decided(someone(given, sex=sex, **HOME), HANNAH).outcome is not Outcome.LINK


@pytest.mark.parametrize("given", ["Hayley-Anna", "Hanny", "H", None, "Baby"])
def test_a_twin_of_a_nearly_equal_or_no_name_is_for_a_steward(given):
    decision = decided(someone(given, **HOME), HANNAH)
    assert decision.outcome is Outcome.REVIEW


def test_a_twin_carrying_her_sisters_nhs_number_is_for_a_steward():
    decision = decided(someone("Hazel", nhs="9990000018", verified=True, **HOME), HANNAH)
    assert (decision.outcome, decision.because) == (Outcome.REVIEW, "veto:possible-twins")


def test_a_number_that_another_child_carries_is_for_a_steward():
    hazel = someone("Hazel", **HOME)
    decision = decided(someone("Hazel", nhs="9990000018", verified=True, **HOME), hazel, HANNAH)
    assert (decision.outcome, decision.because) == (Outcome.REVIEW, "identifier-conflict")


def test_same_sex_siblings_a_year_apart_with_similar_names_are_two_children():
    assert decided(someone("Hanna", born="2012-06-02", **HOME), HANNAH).outcome is not Outcome.LINK
    assert decided(someone("Anna", born="2012-06-02", **HOME), HANNAH).outcome is Outcome.NEW


def test_namesakes_born_on_one_day_with_different_nhs_numbers_are_never_linked():
    decision = decided(someone(nhs="9990000026", **HOME), HANNAH)
    assert (decision.outcome, decision.because) == (Outcome.REVIEW, "veto:different-nhs-numbers")


def test_two_namesakes_born_on_one_day_are_for_a_steward_when_nothing_tells_them_apart():
    decision = decided(someone(), HANNAH, someone(postcode="XS3 1AA"))
    assert (decision.outcome, decision.because) == (Outcome.REVIEW, "margin-too-small")


def test_father_and_baby_of_one_name_are_two_people():
    father = someone("George", "Marsh", "1988-05-14", sex="male", **HOME)
    baby = someone("George", "Marsh", "2026-05-14", sex="male", **HOME)
    assert decided(baby, father).outcome is Outcome.NEW


def test_different_permanent_upns_are_never_linked():
    decision = decided(someone(upn="P838400119001", **HOME), someone(upn="Q999400119001", **HOME))
    assert (decision.outcome, decision.because) == (Outcome.REVIEW, "veto:different-upns")


def test_a_veto_by_any_record_of_the_child_forbids_the_link():
    decision = decided(someone(nhs="9990000026", **HOME), (someone(**HOME), HANNAH))
    assert (decision.outcome, decision.because) == (Outcome.REVIEW, "veto:different-nhs-numbers")


def test_a_candidate_a_steward_has_ruled_out_is_neither_linked_nor_proposed():
    ruled_out = Candidate(child=1, members=(HANNAH,), cannot_link=True)
    decision = decide(FROM_SCHOOL, [ruled_out], model())
    assert (decision.outcome, decision.possible) == (Outcome.NEW, ())


def test_sex_postcode_and_date_of_birth_alone_never_link():
    nameless = someone(given=None, family=None, postcode="XN1 6AE")
    assert decided(nameless, someone(postcode="XN1 6AE")).outcome is not Outcome.LINK


def test_a_partial_date_of_birth_is_weak_evidence():
    assert decided(someone(born="2011"), HANNAH).outcome is not Outcome.LINK


def test_an_alias_links_when_the_rest_agrees():
    known_as = someone("Anna", alias="Victoria Marsh", **HOME)
    assert decided(someone("Anna", **HOME), known_as).outcome is Outcome.LINK
    assert decided(someone("Victoria", **HOME), known_as).outcome is Outcome.REVIEW


FAMILY = [
    ("Adam", "1985-02-03", "male"),
    ("Beata", "1986-07-19", "female"),
    ("Celina", "2008-11-30", "female"),
    ("Damian", "2010-04-17", "male"),
    ("Edyta", "2012-09-08", "female"),
    ("Filip", "2015-01-22", "male"),
    ("Gabriela", "2018-06-14", "female"),
]
"""MAT-05: seven people of one family, registered twice at one address."""


def _registered(given: str, born: str, sex: str, family: str) -> Person:
    return someone(given, family, born, sex=sex, postcode="XN3 4AB", address="12 Teal Way")


@pytest.mark.parametrize(("given", "born", "sex"), FAMILY)
def test_a_family_registered_again_with_a_letter_missing_is_never_seven_new_children(
    given, born, sex
):
    index = tuple(_registered(*each, "Kowalczyk") for each in FAMILY)
    again = _registered(given, born, sex, "Kowalczk")
    decision = decided(again, *index)
    assert decision.outcome is not Outcome.NEW
    assert decision.child == FAMILY.index((given, born, sex)) + 1


def test_the_seventh_with_a_given_name_and_a_month_wrong_too_reaches_a_steward():
    index = tuple(_registered(*each, "Kowalczyk") for each in FAMILY)
    decision = decided(_registered("Gabriel", "2018-07-14", "female", "Kowalczk"), *index)
    told = {decision.child, *dict(decision.possible)}
    assert decision.outcome is not Outcome.LINK
    assert 7 in told


def test_the_more_children_there_are_the_more_evidence_a_link_needs():
    thin = someone("Oliver", "Smith", "2015-03-08", sex="male")
    held = someone("Oliver", "Smith", "2015-03-08", sex="male")
    town = decide(thin, [Candidate(child=1, members=(held,))], load().for_population(5_000))
    country = decide(thin, [Candidate(child=1, members=(held,))], load().for_population(11_000_000))
    assert town.score.match_weight > country.score.match_weight
    assert country.outcome is Outcome.REVIEW


def test_the_same_input_gives_the_same_decision_in_any_order_of_candidates():
    children = [HANNAH, HANNA, MARSHALL, OLDER]
    candidates = [Candidate(child=i, members=(each,)) for i, each in enumerate(children)]
    assert decide(FROM_YOUTH_SERVICE, candidates, model()) == decide(
        FROM_YOUTH_SERVICE, candidates[::-1], model()
    )


def test_thresholds_come_from_the_model():
    cautious = replace(model(), thresholds=replace(model().thresholds, link=99.0))
    candidate = Candidate(child=1, members=(HANNAH,))
    assert decide(FROM_SCHOOL, [candidate], cautious).outcome is Outcome.REVIEW


@pytest.mark.parametrize("arriving", [HANNA, MARSHALL, OLDER])
def test_a_near_namesake_who_lives_far_away_gets_her_own_record_and_a_steward_is_asked(arriving):
    """She is seen at once: to wait unseen is worse for her (MAT-01)."""
    decision = decided(arriving, (someone(**HOME), FROM_SCHOOL))
    assert decision.outcome is Outcome.NEW
    if decision.because == POSSIBLE_DUPLICATE:
        assert decision.possible[0][0] == 1


def test_a_namesake_far_away_whose_name_and_birthday_are_the_same_is_never_made_new_unasked():
    decision = decided(someone(postcode="VB4 2QT"), someone(**HOME))
    assert decision.outcome is not Outcome.NEW


def test_a_near_namesake_far_away_who_carries_the_number_is_for_a_steward():
    arriving = replace(HANNA, nhs="9990000018")
    assert decided(arriving, HANNAH).outcome is not Outcome.NEW


def test_a_shared_upn_that_a_school_has_verified_is_hard_evidence():
    held = someone(upn="Q999400119001", verified=True, postcode="XN1 6AE")
    decision = decided(someone(upn="Q999400119001", postcode="XS9 1AA"), held)
    assert (decision.outcome, decision.because) == (Outcome.LINK, "hard-evidence")


@pytest.mark.parametrize(
    "arriving",
    [
        someone("Hannah Ruth", nhs="9990000018", verified=True),
        someone("H", nhs="9990000018", verified=True, sex="male"),
        someone("Anna", nhs="9990000018", verified=True),
        someone(born="2012-06-14", nhs="9990000018", verified=True),
    ],
)
def test_an_identifier_that_names_sex_or_date_of_birth_contradict_is_for_a_steward(arriving):
    held = someone("Hannah Jane", nhs="9990000018", verified=True)
    decision = decided(arriving, held)
    assert (decision.outcome, decision.because) == (Outcome.REVIEW, "identifier-conflict")


def test_boys_who_share_their_first_name_are_told_apart_by_the_second():
    salman = someone("Muhammad Salman", sex="male", **HOME)
    assert decided(someone("Mohammed Musa", sex="male", **HOME), salman).outcome is Outcome.REVIEW
    assert decided(someone("Salman", sex="male", **HOME), salman).outcome is Outcome.LINK


def test_one_slip_in_a_known_name_is_a_misspelling_and_not_a_twin():
    chloe = someone("Chloe", **HOME)
    assert decided(someone("Cgloe", **HOME), chloe).outcome is Outcome.LINK
    assert decided(someone("Cgloe", sex="male", **HOME), chloe).outcome is not Outcome.LINK
    assert decided(someone("Cgloe", postcode="XS9 1AA"), chloe).outcome is not Outcome.LINK


def test_years_more_than_two_apart_are_too_far_apart_when_only_years_are_held():
    decision = decided(someone(born="2014", **HOME), HANNAH)
    assert decision.outcome is not Outcome.LINK


def test_twins_may_be_grace_and_gracie_but_not_william_and_bill():
    grace, william = someone("Grace", **HOME), someone("William", sex="male", **HOME)
    assert decided(someone("Gracie", **HOME), grace).because == "veto:possible-twins"
    assert decided(someone("Bill", sex="male", **HOME), william).outcome is Outcome.LINK
