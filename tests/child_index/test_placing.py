"""Which child a record belongs to: linked, new, or a question for a steward; asked once."""

import json

import pytest

from child_index import placing, stewardship
from child_index.records import Role
from tests.factories import caller
from tests.feeding import Agency, child, involvement, rows, withdraw

HANNAH = {"names": [{"given": ["Hannah"], "family": "Marsh"}], "birthDate": "2011-05-14"}
TOM = {
    "names": [{"given": ["Tom"], "family": "Marsh"}],
    "birthDate": "2014-02-03",
    "sex": "male",
}
STRANGER = {
    "names": [{"given": ["Ifeoma"], "family": "Okafor"}],
    "birthDate": "2015-07-09",
    "address": {"lines": ["3 Cedar Way"], "postcode": "XN9 9ZZ"},
    "carers": [],
}
TAMSIN = {**HANNAH, "names": [{"given": ["Tamsin"], "family": "Marsh"}]}
OTHER_NHS = "9990000026"


def nhs(value="9990000018", status="verified"):
    return [{"scheme": "nhs", "value": value, "status": status}]


@pytest.fixture
def social_care(index):
    return Agency(index)


@pytest.fixture
def gp(index):
    return Agency(index, "gp", authority=("nhs",))


def links(index):
    """The child of each linked record."""
    return dict(
        rows(
            index,
            "SELECT r.feed || '/' || r.source_record_id, l.child_id FROM link l"
            " JOIN source_record r ON r.id = l.source_id WHERE l.ended_at IS NULL",
        )
    )


def asked(index, settled=False):
    """What is asked of stewards: kind, record, and why."""
    found = rows(
        index,
        "SELECT t.kind, r.feed || '/' || r.source_record_id, t.because, t.settled_at, t.outcome"
        " FROM review_task t JOIN source_record r ON r.id = t.source_id ORDER BY t.id",
    )
    return [each[:3] for each in found if (each[3] is not None) == settled]


def doubted(index):
    return [bool(found) for (found,) in rows(index, "SELECT is_doubted FROM source_record")]


def test_a_record_like_nobodys_is_a_new_child_with_its_reasons_kept(index, social_care):
    social_care.push(child(**HANNAH), child("2", **STRANGER))
    assert len(set(links(index).values())) == 2
    kept = rows(index, "SELECT because, made_by, model_version, evidence FROM link")
    assert {(because, by) for because, by, _, _ in kept} == {("no-candidate", "system")}
    for _, _, model_version, evidence in kept:
        assert model_version == index.model.version
        assert json.loads(evidence)["thresholds"]["link"] == index.model.thresholds.link


def test_the_same_child_of_another_agency_is_linked_with_its_evidence(index, social_care, gp):
    social_care.push(child(**HANNAH))
    gp.push(child("g", involvements=[], identifiers=nhs(), **HANNAH))
    assert len(set(links(index).values())) == 1
    (weight, evidence) = rows(
        index, "SELECT match_weight, evidence FROM link ORDER BY id DESC LIMIT 1"
    )[0]
    reasons = json.loads(evidence)["reasons"]
    prior = index.model.prior_weight
    assert sum(each["match_weight"] for each in reasons) + prior == pytest.approx(weight, abs=1e-9)


def test_two_records_of_one_new_child_in_one_batch_find_each_other(index, social_care):
    social_care.push(child("1", **HANNAH), child("2", **HANNAH))
    assert len(links(index)) == 2
    assert len(set(links(index).values())) == 1


def test_the_fate_of_a_record_is_in_no_receipt(index, social_care, gp):
    social_care.push(child("1", **HANNAH))
    linked = gp.push(child("1", **HANNAH))["1"]
    new = gp.push(child("2", **STRANGER))["2"]
    waiting = gp.push(child("3", **TAMSIN))["3"]
    assert asked(index) != []
    assert {(r.outcome, r.problems) for r in (linked, new, waiting)} == {("accepted", ())}


def test_a_record_that_may_be_a_twin_waits_for_a_steward_and_shows_nothing(index, social_care, gp):
    social_care.push(child("1", **HANNAH))
    gp.push(child("2", **TAMSIN))
    assert asked(index) == [("possible_same_child", "gp/2", "veto:possible-twins")]
    assert list(links(index)) == ["social-care/1"]
    assert rows(index, "SELECT count(*) FROM child") == [(1,)]


def test_two_different_nhs_numbers_are_never_linked(index, social_care, gp):
    gp.push(child("1", identifiers=nhs(), **HANNAH))
    gp.push(child("2", identifiers=nhs(OTHER_NHS), **HANNAH))
    assert list(links(index)) == ["gp/1"]
    assert asked(index)[0][2] == "veto:different-nhs-numbers"


def test_a_shared_identifier_that_all_else_contradicts_is_a_conflict(index, gp):
    gp.push(child("1", identifiers=nhs(), **HANNAH))
    gp.push(child("2", identifiers=nhs(), **STRANGER))
    assert [each[:2] for each in asked(index)] == [("identifier_conflict", "gp/2")]


def test_an_identifier_that_is_not_valid_is_no_evidence(index, gp):
    wrong = nhs("9990000019")
    gp.push(child("1", identifiers=wrong, **HANNAH))
    gp.push(child("2", identifiers=wrong, **STRANGER))
    assert asked(index) == []
    assert len(set(links(index).values())) == 2


def test_a_linked_record_stays_linked_when_only_its_involvement_changes(index, social_care, gp):
    social_care.push(child("1", **HANNAH))
    gp.push(child("1", **HANNAH))
    before = rows(index, "SELECT * FROM link")
    changed = [involvement(version=2, endedOn="2026-03-31")]
    gp.push(child("1", version=2, involvements=changed, gp={"name": "Beacon"}, **HANNAH))
    assert rows(index, "SELECT * FROM link") == before
    assert asked(index) == []


def test_a_linked_record_whose_identity_still_fits_stays_without_a_question(index, social_care, gp):
    social_care.push(child("1", **HANNAH))
    gp.push(child("1", **HANNAH))
    before = links(index)
    moved = {"address": {"lines": ["22 New Road"], "postcode": "XN2 2BB"}}
    gp.push(child("1", version=2, **HANNAH, **moved))
    assert (links(index), asked(index), any(doubted(index))) == (before, [], False)


def test_a_linked_record_that_becomes_somebody_else_keeps_its_link_and_is_doubted(
    index, social_care, gp
):
    social_care.push(child("1", **HANNAH))
    gp.push(child("1", **HANNAH))
    before = links(index)
    gp.push(child("1", version=2, **STRANGER))
    assert links(index) == before
    assert [(kind, who) for kind, who, _ in asked(index)] == [("identity_changed", "gp/1")]
    assert rows(index, "SELECT is_doubted FROM source_record WHERE feed = 'gp'")[0][0]
    gp.push(child("1", version=3, **HANNAH))
    assert asked(index) == []
    assert rows(index, "SELECT outcome FROM review_task") == [("new_facts",)]
    assert not any(doubted(index))


def test_a_veto_that_comes_with_a_change_casts_doubt_on_the_link(index, social_care, gp):
    gp.push(child("1", identifiers=nhs(), **HANNAH))
    social_care.push(child("1", **HANNAH))
    other = [{"scheme": "nhs", "value": OTHER_NHS}]
    social_care.push(child("1", version=2, identifiers=other, **HANNAH))
    assert asked(index) == [("identity_changed", "social-care/1", "veto:different-nhs-numbers")]


def test_a_record_that_is_all_its_child_has_may_change_without_a_question(index, social_care):
    social_care.push(child("1", **HANNAH))
    social_care.push(child("1", version=2, **STRANGER))
    assert (asked(index), any(doubted(index))) == ([], False)


def test_a_record_alone_that_turns_out_to_be_another_child_is_asked_about(index, social_care, gp):
    social_care.push(child("1", **HANNAH))
    gp.push(child("1", **STRANGER))
    gp.push(child("1", version=2, **HANNAH))
    ((kind, who, _),) = asked(index)
    assert (kind, who) == ("identity_changed", "gp/1")
    assert len(set(links(index).values())) == 2


def test_a_waiting_record_is_placed_anew_when_it_changes(index, social_care, gp):
    social_care.push(child("1", **HANNAH))
    gp.push(child("1", **TAMSIN))
    assert len(asked(index)) == 1
    gp.push(child("1", version=2, sex="unknown", **TAMSIN))
    assert len(asked(index)) == 1
    assert rows(index, "SELECT count(*), max(version) FROM review_task") == [(1, 2)]
    gp.push(child("1", version=3, **HANNAH))
    assert asked(index) == []
    assert len(set(links(index).values())) == 1
    assert rows(index, "SELECT outcome, settled_by FROM review_task") == [("new_facts", "system")]


def test_a_waiting_record_whose_identity_is_the_same_goes_on_waiting(index, social_care, gp):
    social_care.push(child("1", **HANNAH))
    gp.push(child("1", **TAMSIN))
    before = rows(index, "SELECT * FROM review_task")
    gp.push(child("1", version=2, involvements=[involvement(version=2)], **TAMSIN))
    assert rows(index, "SELECT * FROM review_task") == before
    assert list(links(index)) == ["social-care/1"]


def test_a_waiting_record_that_is_withdrawn_is_asked_about_no_more(index, social_care, gp):
    social_care.push(child("1", **HANNAH))
    gp.push(child("1", **TAMSIN))
    gp.push(withdraw("1", 2))
    assert (asked(index), len(asked(index, settled=True))) == ([], 1)


def test_what_a_steward_keeps_apart_is_not_linked_again(index, social_care, gp):
    social_care.push(child("1", **HANNAH))
    gp.push(child("1", **TAMSIN))
    dana = caller("dana", Role.STEWARD)
    (task,) = stewardship.tasks(index, dana, after=None, limit=9)
    stewardship.settle(
        index,
        dana,
        task.task_id,
        seen_version=task.version,
        decision="different",
        reason="twins",
        note=None,
    )
    assert len(set(links(index).values())) == 2
    gp.push(child("1", version=2, **HANNAH))
    assert asked(index) == []
    assert len(set(links(index).values())) == 2


def test_siblings_at_one_address_are_children_of_their_own(index, social_care):
    social_care.push(child("1", **HANNAH), child("2", **TOM))
    assert len(set(links(index).values())) == 2


def test_a_withdrawn_record_is_no_evidence(index, social_care, gp):
    social_care.push(child("1", **HANNAH))
    social_care.push(withdraw("1", 2))
    gp.push(child("1", **HANNAH))
    assert len(set(links(index).values())) == 2


def test_a_key_that_hundreds_share_is_not_followed(index, social_care, gp, monkeypatch):
    monkeypatch.setattr(placing, "MOST_UNDER_A_KEY", 0)
    social_care.push(child("1", **HANNAH))
    gp.push(child("1", **HANNAH))
    assert len(set(links(index).values())) == 2
