"""Review tasks and their decisions, as answers carry them."""

from typing import Any

from marshmallow import fields, validate

from api.schemas.answering import Answer, Reference
from api.schemas.fields import Instant, Message, Text
from api.schemas.people import Address, Carer, Education, Identifier, Name
from child_index.answers import TaskView

MOST_ITEMS = 100
LONGEST_NOTE = 500
LONGEST_CURSOR = 40


class QueueQuery(Message):
    """What may stand in the address of the queue: where to go on, and how many."""

    cursor = fields.String(validate=validate.Length(max=LONGEST_CURSOR))
    limit = fields.Integer(validate=validate.Range(min=1, max=MOST_ITEMS))


class TaskRow(Answer):
    """One row of the queue."""

    id = Reference(attribute="task_id", required=True)
    kind = fields.String(required=True)
    state = fields.Function(
        lambda row: "settled" if row.is_settled else "waiting",
        required=True,
        metadata={"type": "string", "enum": ["waiting", "settled"]},
    )
    version = fields.Integer(required=True)
    raised_at = Instant(data_key="raisedAt", required=True)
    because = fields.String(required=True)
    match_weight = fields.Float(data_key="matchWeight", required=True)
    feeds = fields.List(fields.String(), required=True)


class QueueOut(Answer):
    """A page of the queue; ``next`` is the address of the following page, or null."""

    items = fields.List(fields.Nested(TaskRow), required=True)
    next = fields.String(required=True, allow_none=True)


class RecordOut(Answer):
    """One source record as a steward sees it."""

    side = fields.String(required=True)
    feed = fields.String(required=True)
    organisation = fields.String(required=True)
    source_record_id = fields.String(data_key="sourceRecordId", required=True)
    last_confirmed_on = fields.Date(data_key="lastConfirmedOn", required=True)
    names = fields.List(fields.Nested(Name), required=True)
    birth_date = fields.String(data_key="birthDate", required=True, allow_none=True)
    sex = fields.String(required=True, allow_none=True)
    identifiers = fields.List(fields.Nested(Identifier), required=True)
    address = fields.Nested(Address, required=True, allow_none=True)
    carers = fields.List(fields.Nested(Carer), required=True)
    education = fields.Nested(Education, required=True, allow_none=True)


class EvidenceRow(Answer):
    """What one comparison says; ``matchWeight`` in bits."""

    field = fields.String(required=True)
    label = fields.String(required=True)
    left = fields.String(required=True, allow_none=True)
    right = fields.String(required=True, allow_none=True)
    match_weight = fields.Float(data_key="matchWeight", attribute="matchWeight", required=True)


class DecisionRow(Answer):
    """A decision taken before about one of these records."""

    decision_id = fields.String(data_key="decisionId", required=True)
    kind = fields.String(required=True)
    reason = fields.String(required=True)
    decided_by = fields.String(data_key="decidedBy", required=True)
    decided_at = Instant(data_key="decidedAt", required=True)


class TaskOut(Answer):
    """One question, with everything needed to answer it; who decided it only once it is decided."""

    id = Reference(attribute="task_id", required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    raised_at = Instant(data_key="raisedAt", required=True)
    because = fields.String(required=True)
    records = fields.List(fields.Nested(RecordOut), required=True)
    evidence = fields.List(fields.Nested(EvidenceRow), required=True)
    prior_weight = fields.Float(data_key="priorWeight", required=True)
    total_weight = fields.Float(data_key="totalWeight", required=True)
    warnings = fields.List(fields.String(), required=True)
    earlier_decisions = fields.List(
        fields.Nested(DecisionRow), data_key="earlierDecisions", required=True
    )
    settled_by = fields.String(data_key="decidedBy")
    outcome = fields.String()

    def trim(self, answer: dict[str, Any], original: TaskView) -> None:
        """Say who decided, and how, only when it is decided."""
        for key in ("decidedBy", "outcome"):
            if answer[key] is None:
                del answer[key]


class DecisionIn(Message):
    """``POST /reviews/{id}/decisions``."""

    decision = Text(required=True)
    reason = Text(required=True)
    note = Text(LONGEST_NOTE, allow_none=True)


class SettledOut(Answer):
    """A decision taken: its number, and what it changed."""

    decision_id = fields.String(data_key="decisionId", required=True)
    review_id = Reference(data_key="reviewId", attribute="task_id", required=True)
    version = fields.Integer(required=True)
    effects = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
