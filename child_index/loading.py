"""Loading: a stored batch is applied chunk by chunk, each chunk one visit and once only."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from child_index.access import Permission
from child_index.answers import Receipt
from child_index.applying import Ready, Source, apply_rows, prepare
from child_index.arrivals import Batchwide, read_row
from child_index.clock import civil_date
from child_index.delivery import CSV, rows_of
from child_index.gate import Index, Visit
from child_index.records import BatchId, Caller
from child_index.statements import Rules
from child_index.store import batches, feeds, links
from child_index.store.batches import SUMMARY_PART, WAITING, Batch

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Load:
    """A batch being applied: whose it is, what its rows are judged by, the next part of them."""

    batch: Batch
    source: Source
    default_birth_dates: frozenset[str]
    part: bytes | None


def load(index: Index, caller: Caller, batch_id: BatchId) -> None:
    """Apply what is left of a batch; safe to call twice, and at once from two processes.

    A chunk is claimed in the transaction that applies it, so a process killed at any instant
    leaves it whole or not at all, and the next one goes on from there.
    """
    with index.admit(caller, Permission.BATCH_APPLY) as visit:
        found = _open(visit, batch_id)
        visit.record("batch:opened", subject=batch_id)
    while found is not None:
        ready, count = _prepare(index, found)
        with index.admit(caller, Permission.BATCH_APPLY) as visit:
            found = _apply_chunk(visit, found, ready, count)


def _open(visit: Visit, batch_id: BatchId) -> _Load | None:
    batch = batches.get(visit.conn, batch_id)
    feed = feeds.get(visit.conn, batch.feed) if batch else None
    if batch is None or feed is None or batch.state not in WAITING:
        return None
    summary = batches.part(visit.conn, batch_id, SUMMARY_PART)
    return _Load(
        batch=batch,
        source=Source(
            feed=feed,
            received_at=batch.received_at,
            received_on=civil_date(batch.received_at),
        ),
        default_birth_dates=frozenset(json.loads(summary)["defaultBirthDates"] if summary else ()),
        part=batches.part(visit.conn, batch_id, batch.applied),
    )


def _prepare(index: Index, found: _Load) -> tuple[tuple[Ready, ...], int]:
    """Read, judge and normalise the rows of the next part; how many lines they stand on."""
    rows = tuple(rows_of(found.part)) if found.part else ()
    batchwide = Batchwide(
        rules=Rules(authority_for=found.source.feed.authority_for, today=found.source.received_on),
        digest=index.keys.digest,
        is_csv=found.batch.media_type == CSV,
        sequence=found.batch.sequence,
    )
    ready = tuple(prepare(read_row(row, batchwide), found.default_birth_dates) for row in rows)
    return ready, sum(len(row.lines) for row in rows)


def _apply_chunk(visit: Visit, found: _Load, ready: tuple[Ready, ...], count: int) -> _Load | None:
    """Apply one chunk and fetch the next; ``None`` when done, or when somebody else is at it."""
    batch_id, before = found.batch.batch_id, found.batch.applied
    links.queue_up(visit.conn)
    if not batches.claim(visit.conn, batch_id, applied=before, now_applied=before + count):
        visit.record("batch:left", subject=batch_id)
        return None
    receipts = apply_rows(visit, found.source, ready)
    batches.note_receipts(visit.conn, batch_id, receipts)
    _warn_of_case_information(found, receipts)
    visit.record(
        "batch:applied",
        subject=f"{batch_id} {before}+{count}",
        model_version=visit.index.model.version,
    )
    if before + count >= found.batch.received:
        _finish(visit, batch_id)
        return None
    return _open(visit, batch_id)


def _warn_of_case_information(found: _Load, receipts: Sequence[Receipt]) -> None:
    """Say in the log that a feed sends what it must not; how many rows, never what (A.3)."""
    refused = sum(
        any(each.code.startswith("forbidden_field:") for each in receipt.problems)
        for receipt in receipts
    )
    if refused:
        logger.warning(
            "forbidden fields refused",
            extra={"feed": found.batch.feed, "batch": found.batch.batch_id, "rows": refused},
        )


def _finish(visit: Visit, batch_id: BatchId) -> None:
    batch = batches.get(visit.conn, batch_id)
    if batch is None:
        return
    some = batch.rejected < batch.received
    state = "loaded" if not batch.rejected else "partly-loaded" if some else "not-loaded"
    batches.finish(visit.conn, batch_id, state=state, at=visit.at)
    feeds.note_loaded(visit.conn, batch.feed, visit.at)
