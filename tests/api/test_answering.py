"""The quick way from an answer to its message is marshmallow's own way, for every schema."""

import marshmallow
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.schemas import children, feeds, people, refusals, stewards
from api.schemas.answering import Answer
from child_index import answers, errors, records

WHAT = {
    children.CardOut: answers.Card,
    children.ChildOut: answers.ChildView,
    children.Freshness: answers.FeedFreshness,
    children.SearchOut: answers.SearchAnswer,
    feeds.BatchOut: answers.BatchState,
    feeds.Counts: answers.BatchState,
    feeds.FeedOut: answers.FeedState,
    feeds.ReceiptOut: answers.Receipt,
    people.Address: records.StatedAddress,
    people.Assessment: records.StatedAssessment,
    people.Carer: records.StatedCarer,
    people.Education: records.StatedEducation,
    people.Identifier: records.StatedIdentifier,
    people.ListedRow: records.ListedInvolvement,
    people.Name: records.StatedName,
    people.Practice: records.StatedPractice,
    refusals.Mistake: errors.Problem,
    stewards.DecisionRow: answers.DecisionView,
    stewards.RecordOut: answers.RecordView,
    stewards.SettledOut: answers.Settled,
    stewards.TaskRow: answers.TaskLine,
}
OF_MAPPINGS = {stewards.EvidenceRow, stewards.QueueOut, stewards.TaskOut, refusals.ProblemOut}
"""Made of mappings, or held by the tests of their endpoints."""


@pytest.mark.parametrize(("schema", "what"), WHAT.items(), ids=lambda each: each.__name__)
def test_both_ways_give_the_same_message(schema, what):
    made = schema()

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(st.builds(what))
    def same(answer):
        assert made.dump(answer) == marshmallow.Schema.dump(made, answer)

    same()


def test_every_answer_is_held():
    here = {each for each in Answer.__subclasses__() if each.__module__.startswith("api.schemas.")}
    assert here == WHAT.keys() | OF_MAPPINGS
