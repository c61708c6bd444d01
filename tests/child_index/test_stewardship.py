"""A steward's questions and answers: link, keep apart, leave; once, and as it was read."""

import threading
from datetime import date

import pytest

from child_index import evidence, search, stewardship
from child_index.errors import Conflict, Invalid, NotAllowed, NotFound, OutOfDate
from child_index.records import Role
from matching.comparisons import ALL as COMPARISONS
from tests.child_index.held import INVOLVED, accredit, at_home, find, put
from tests.factories import caller

BORN = date(2011, 5, 14)
HANNAH = {"given": "Hannah", "family": "Marsh", "birth_date": BORN}
OTHER_NUMBER = [{"scheme": "nhs", "value": "9990000026", "status": "verified"}]
HER_NUMBER = [{"scheme": "nhs", "value": "9990000018", "status": "verified"}]
LEE = INVOLVED | {"contactName": "Lee", "organisation": "Northam Youth Service"}


def dana(name="dana"):
    return caller(name, Role.STEWARD, sector="index-team", organisation="Northam Index Team")


@pytest.fixture
def asked(index):
    """Two girls of one name and birthday at two homes, and a record that may be either's."""
    accredit(index, "gp", "youth-service")
    put(index, "gp", "1", identifiers=HER_NUMBER, **at_home())
    put(index, "gp", "2", identifiers=OTHER_NUMBER, **at_home("QX4 2BD", "3 Quay Street"))
    put(index, "youth-service", "3", involvements=[LEE])
    return index


def waiting(index):
    return stewardship.tasks(index, dana(), after=None, limit=100)


def settle(index, line, decision, who=None, **said):
    return stewardship.settle(
        index,
        who or dana(),
        line.task_id,
        **({"seen_version": line.version, "reason": "other", "note": None} | said),
        decision=decision,
    )


def seen(index):
    """Whom a practitioner sees working with each girl of this name."""
    opened = (
        search.who_is_working_with(index, caller(), card.handle, identity_confirmed=True)
        for card in find(index, **HANNAH).results
    )
    return sorted(
        tuple(row.involvement.contact_name for row in view.involvements) for view in opened
    )


def test_an_uncertain_record_waits_and_shows_nothing(asked):
    (line,) = waiting(asked)
    assert line.feeds == ("youth-service",)
    assert seen(asked) == [(), ()]


def test_a_question_shows_both_sides_and_weights_that_add_up(asked):
    (line,) = waiting(asked)
    view = stewardship.task(asked, dana(), line.task_id)
    assert {record.side for record in view.records} == {"arrived", "held"}
    total = view.prior_weight + sum(row["matchWeight"] for row in view.evidence)
    assert total == pytest.approx(view.total_weight, abs=1e-9)
    given = next(row for row in view.evidence if row["field"] == "given_name")
    assert (given["left"], given["right"]) == ("Hannah", "Hannah")


def test_every_comparison_of_the_matcher_can_be_said_in_words():
    assert set(evidence.SAID) == {comparison.field for comparison in COMPARISONS}


def test_the_same_child_is_linked_and_the_involvement_is_seen_at_once(asked):
    (line,) = waiting(asked)
    settled = settle(asked, line, "same", reason="same_history")
    assert settled.effects["linked"] == 1
    assert seen(asked) == [(), ("Lee",)]
    assert not waiting(asked)


def test_different_children_keeps_apart_and_the_record_gets_a_child_of_its_own(asked):
    (line,) = waiting(asked)
    settled = settle(asked, line, "different", reason="different_people")
    assert settled.effects["keptApart"] == 1
    assert seen(asked) == [(), (), ("Lee",)]


def test_what_was_kept_apart_is_not_proposed_again(asked):
    (line,) = waiting(asked)
    apart_from = {
        (record.feed, record.source_record_id)
        for record in stewardship.task(asked, dana(), line.task_id).records
        if record.side == "held"
    }
    settle(asked, line, "different")
    put(asked, "youth-service", "3", version=2, born="2011-05-14", involvements=[LEE], **at_home())
    for again in waiting(asked):
        records = stewardship.task(asked, dana(), again.task_id).records
        assert not apart_from & {(record.feed, record.source_record_id) for record in records}


def test_leaving_it_leaves_it_and_is_remembered(asked):
    (line,) = waiting(asked)
    settle(asked, line, "defer")
    (again,) = waiting(asked)
    view = stewardship.task(asked, dana(), again.task_id)
    assert [decision.kind for decision in view.earlier_decisions] == ["defer"]
    with pytest.raises(OutOfDate):
        settle(asked, line, "same")


def test_a_decision_is_taken_once_and_the_second_hears_by_whom(asked):
    (line,) = waiting(asked)
    settle(asked, line, "same")
    with pytest.raises(Conflict) as refused:
        settle(asked, line, "different", dana("dev"))
    assert refused.value.code == "already_decided"
    assert refused.value.extra == {"decidedBy": "dana", "outcome": "same"}


@pytest.mark.parametrize(
    "wrong", [{"decision": "perhaps"}, {"reason": "because"}, {"note": "x" * 501}]
)
def test_words_that_are_not_ours_are_refused(asked, wrong):
    (line,) = waiting(asked)
    with pytest.raises(Invalid):
        settle(asked, line, **({"decision": "same"} | wrong))


def test_a_practitioner_has_no_questions_and_a_steward_no_unknown_ones(asked):
    with pytest.raises(NotAllowed):
        stewardship.tasks(asked, caller(), after=None, limit=10)
    with pytest.raises(NotFound):
        stewardship.task(asked, dana(), 4_711)


def test_eight_stewards_at_once_take_one_decision(asked, count):
    rounds = count(100, quick=5, of="rounds")
    for number in range(rounds):
        put(asked, "youth-service", f"more-{number}", involvements=[LEE])
        line = waiting(asked)[-1]
        outcomes = []
        ready = threading.Barrier(8)

        def decide(steward, line=line, ready=ready, outcomes=outcomes):
            ready.wait()
            try:
                settle(asked, line, "same" if steward % 2 else "different", dana(f"s{steward}"))
                outcomes.append("won")
            except Conflict as refusal:
                outcomes.append(refusal.code)

        threads = [threading.Thread(target=decide, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["already_decided"] * 7 + ["won"]
