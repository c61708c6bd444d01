"""Storing a checked delivery as a batch, and saying where a batch stands."""

import json
import secrets
from dataclasses import replace
from itertools import chain

from child_index.answers import BatchState
from child_index.delivery import Checked
from child_index.errors import Conflict, Invalid
from child_index.gate import Visit
from child_index.records import BatchId, Feed
from child_index.store import batches, feeds
from child_index.store.batches import SUMMARY_PART, Batch


def store(visit: Visit, feed: Feed, found: Checked) -> BatchState:
    """Store a delivery under its feed's next sequence; a repeat answers with what it made.

    Raises:
        Conflict: ``sequence_repeated`` with another digest; ``sequence_gap``, with ``expected``.
        Invalid: ``mode_not_supported``.
    """
    before = batches.with_sequence(visit.conn, feed.name, found.sequence)
    if before is not None and before.digest == found.digest:
        visit.record("batch:repeated", subject=before.batch_id)
        return replace(state_of(before), is_repeat=True)
    if found.sequence <= feed.last_sequence:
        raise Conflict("sequence_repeated", "This sequence was received with other content.")
    if found.sequence > feed.last_sequence + 1:
        raise Conflict(
            "sequence_gap",
            "A batch before this one has not been received.",
            extra={"expected": feed.last_sequence + 1},
        )
    if found.mode != "delta":
        raise Invalid("mode_not_supported", "This service takes deltas, not snapshots, so far.")
    made = _add(visit, feed, found)
    feeds.note_received(visit.conn, feed.name, found.sequence, visit.at)
    visit.record("batch:received", subject=made.batch_id)
    return state_of(made)


def _add(visit: Visit, feed: Feed, found: Checked) -> Batch:
    batch_id = BatchId(secrets.token_hex(16))
    is_empty = found.received == 0
    summary = json.dumps({"defaultBirthDates": found.default_birth_dates}).encode()
    batches.add(
        visit.conn,
        {
            "id": batch_id,
            "feed": feed.name,
            "sequence": found.sequence,
            "mode": found.mode,
            "media_type": found.media_type,
            "digest": found.digest,
            "received_at": visit.at,
            "state": "loaded" if is_empty else "queued",
            "received": found.received,
            "finished_at": visit.at if is_empty else None,
        },
        chain([(SUMMARY_PART, summary)], found.parts()),
    )
    made = batches.get(visit.conn, batch_id)
    if made is None:
        raise AssertionError("a batch just stored is not there")
    return made


def state_of(found: Batch) -> BatchState:
    """Say where a batch stands."""
    return BatchState(
        batch_id=found.batch_id,
        feed=found.feed,
        sequence=found.sequence,
        state=found.state,
        received=found.received,
        accepted=found.accepted,
        unchanged=found.unchanged,
        superseded=found.superseded,
        rejected=found.rejected,
        percent=100 * found.applied // found.received if found.received else 100,
        held_because=found.held_because,
    )
