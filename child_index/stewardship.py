"""Verbs: a steward's questions, and their answers: the same child, or different children."""

import uuid
from collections.abc import Mapping

from child_index import evidence
from child_index.access import Permission
from child_index.answers import DecisionView, Settled, TaskLine, TaskView
from child_index.errors import Conflict, Invalid, NotFound, OutOfDate, Problem
from child_index.gate import Index, Visit
from child_index.records import (
    BY_HAND,
    Caller,
    DecisionId,
    ReviewTask,
    SourceRecord,
    TaskId,
)
from child_index.store import children, engine, review

DECISIONS = frozenset({"same", "different", "defer"})
REASONS = frozenset(
    {
        "same_identifier",
        "same_history",
        "same_family",
        "different_people",
        "twins",
        "mistake",
        "other",
    }
)
LONGEST_NOTE = 500
ARRIVED, HELD = "arrived", "held"


def tasks(index: Index, caller: Caller, *, after: int | None, limit: int) -> tuple[TaskLine, ...]:
    """List the questions that wait, oldest first, ``limit`` at most, after task id ``after``."""
    with index.admit(caller, Permission.REVIEW_READ) as visit:
        found = review.open_tasks(visit.conn, after=after, limit=limit)
        visit.record("review:listed", outcome="done", subject=f"{len(found)} tasks")
    return tuple(
        TaskLine(
            task_id=task.task_id,
            kind=task.kind,
            version=task.version,
            raised_at=task.raised_at,
            because=task.because,
            match_weight=task.match_weight,
            feeds=(feed,),
            is_settled=task.settled_at is not None,
        )
        for task, feed in found
    )


def task(index: Index, caller: Caller, task_id: int) -> TaskView:
    """Show one question: every record on both sides, and the evidence between them.

    Raises:
        NotFound: no such task.
    """
    with index.admit(caller, Permission.REVIEW_READ) as visit:
        asked = _task(visit, task_id)
        arrived, held = _sides(visit, asked)
        earlier = review.decisions_about(
            visit.conn, [record.source_id for record in (*arrived, *held)]
        )
        visit.record("review:read", child_id=asked.child_id, subject=str(task_id), fields="steward")
    return TaskView(
        task_id=asked.task_id,
        kind=asked.kind,
        state="settled" if asked.settled_at else "waiting",
        version=asked.version,
        raised_at=asked.raised_at,
        because=asked.because,
        records=tuple(evidence.record_view(r, ARRIVED) for r in arrived)
        + tuple(evidence.record_view(r, HELD) for r in held),
        evidence=evidence.rows(asked, arrived, held),
        prior_weight=asked.prior_weight,
        total_weight=asked.match_weight,
        warnings=("possible_twins",) if "possible-twins" in asked.because else (),
        earlier_decisions=tuple(
            DecisionView(
                decision_id=d.decision_id,
                kind=d.kind,
                reason=d.reason,
                decided_by=d.decided_by,
                decided_at=d.decided_at,
            )
            for d in earlier
        ),
        settled_by=asked.settled_by,
        outcome=asked.outcome,
    )


def settle(  # noqa: PLR0913 - which question, as seen when, answered how, on what ground
    index: Index,
    caller: Caller,
    task_id: int,
    *,
    seen_version: int,
    decision: str,
    reason: str,
    note: str | None,
) -> Settled:
    """Answer a question: the same child, different children, or leave it for later.

    *Same* links the source record to the child; what it was linked to before, and has now lost its
    last record, resolves to that child. *Different* keeps the record and every record of that child
    apart, and gives it a child record of its own unless another question about it still waits.

    Raises:
        NotFound: no such task.
        Conflict: ``already_decided``; ``extra`` says by whom and how.
        OutOfDate: it changed since it was read.
        Invalid: not one of the decisions or reasons, or the note is too long.
    """
    with index.admit(caller, Permission.REVIEW_WRITE) as visit:
        _require_words(decision, reason, note)
        engine.queue_up(visit.conn, engine.MATCHING_LANE)
        asked = _task(visit, task_id)
        if asked.settled_at is not None:
            raise Conflict(
                "already_decided",
                "This has been decided already.",
                extra={"decidedBy": asked.settled_by or "", "outcome": asked.outcome or ""},
            )
        if asked.version != seen_version:
            raise OutOfDate
        made = _decision(visit, asked, decision, reason, note)
        review.add_decision(visit.conn, made)
        if decision == "defer":
            review.touch(visit.conn, asked)
            effects: Mapping[str, int] = {"linked": 0, "keptApart": 0}
        else:
            review.settle(
                visit.conn, asked, settled_by=caller.actor, outcome=decision, at=caller.at
            )
            effects = (_link if decision == "same" else _keep_apart)(visit, asked, made)
        visit.record(
            f"review:decided-{decision}",
            child_id=asked.child_id,
            subject=made.decision_id,
            outcome=reason,
            model_version=asked.model_version,
        )
    return Settled(
        decision_id=made.decision_id,
        task_id=asked.task_id,
        version=asked.version + 1,
        effects=effects,
    )


def _task(visit: Visit, task_id: int) -> ReviewTask:
    found = review.task(visit.conn, TaskId(task_id))
    if found is None:
        raise NotFound
    return found


def _require_words(decision: str, reason: str, note: str | None) -> None:
    wrong = [
        ("/decision", decision in DECISIONS, "Choose one of the decisions."),
        ("/reason", reason in REASONS, "Choose one of the reasons."),
        ("/note", len(note or "") <= LONGEST_NOTE, f"At most {LONGEST_NOTE} characters."),
    ]
    problems = tuple(
        Problem(pointer=pointer, code="not_allowed", detail=detail)
        for pointer, is_right, detail in wrong
        if not is_right
    )
    if problems:
        raise Invalid(problems=problems)


def _decision(
    visit: Visit, asked: ReviewTask, kind: str, reason: str, note: str | None
) -> review.Decision:
    return review.Decision(
        decision_id=DecisionId(str(uuid.uuid4())),
        task_id=asked.task_id,
        kind=kind,
        source_id=asked.source_id,
        child_id=asked.child_id,
        reason=reason,
        note=note,
        decided_by=visit.caller.actor,
        decided_at=visit.at,
    )


def _link(visit: Visit, asked: ReviewTask, made: review.Decision) -> Mapping[str, int]:
    """Link the source record to the child, and close what else was asked about it."""
    target = children.get(visit.conn, asked.child_id)
    if target is None:
        raise NotFound
    before = review.child_of(visit.conn, asked.source_id)
    review.let_together(
        visit.conn, asked.source_id, review.linked_sources(visit.conn, target.child_id)
    )
    review.set_doubted(visit.conn, asked.source_id, is_doubted=False)
    if before != target.child_id:
        review.move(visit.conn, asked.source_id, target.child_id, _link_values(visit, asked, made))
    if before not in (None, target.child_id) and not review.linked_sources(visit.conn, before):
        children.supersede(visit.conn, before, target.child_id)
    others = review.other_open_tasks(visit.conn, asked)
    for other in others:
        review.settle(
            visit.conn,
            other,
            settled_by=visit.caller.actor,
            outcome="linked-elsewhere",
            at=visit.at,
        )
    return {"linked": 1, "keptApart": 0, "tasksClosed": len(others)}


def _keep_apart(visit: Visit, asked: ReviewTask, made: review.Decision) -> Mapping[str, int]:
    """Forbid the link for good; a record that belongs to nobody now gets a child of its own."""
    apart = [
        source_id
        for source_id in review.linked_sources(visit.conn, asked.child_id)
        if source_id != asked.source_id
    ]
    review.keep_apart(visit.conn, asked.source_id, apart, decision_id=made.decision_id, at=visit.at)
    linked_to = review.child_of(visit.conn, asked.source_id)
    still_asked = review.other_open_tasks(visit.conn, asked)
    is_alone = linked_to is None or (linked_to == asked.child_id and apart)
    if is_alone and not still_asked:
        (own,) = children.create(visit.conn, visit.at)
        review.move(visit.conn, asked.source_id, own, _link_values(visit, asked, made))
        review.set_doubted(visit.conn, asked.source_id, is_doubted=False)
    return {"linked": 0, "keptApart": len(apart)}


def _link_values(visit: Visit, asked: ReviewTask, made: review.Decision) -> Mapping[str, object]:
    return {
        "made_by": visit.caller.actor,
        "made_at": visit.at,
        "because": f"steward:{made.kind}",
        "decision_id": made.decision_id,
        "model_version": asked.model_version,
        "match_weight": asked.match_weight,
    }


def _sides(
    visit: Visit, asked: ReviewTask
) -> tuple[tuple[SourceRecord, ...], tuple[SourceRecord, ...]]:
    """The record asked about, and the child's other records from feeds."""
    others = [s for s in review.linked_sources(visit.conn, asked.child_id) if s != asked.source_id]
    arrived = children.records(visit.conn, [asked.source_id])
    held = children.records(visit.conn, others)
    return arrived, tuple(record for record in held if record.feed.name != BY_HAND)
