"""Verbs: receive a feed's batch whole, apply it, put or withdraw one record, say how it went."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from typing import NoReturn

from child_index import batch_store, feed_access, loading, single_record
from child_index.access import Permission
from child_index.answers import BatchState, FeedState, Receipt, RecordReceipt
from child_index.delivery import ROWS_IN_A_PART, Delivery, Limits, checked
from child_index.errors import Conflict, NotFound, Refused
from child_index.gate import Index
from child_index.records import Caller
from child_index.store import batches, links
from child_index.store.batches import WAITING

_RECEIPTS_AT_ONCE = 2_000
_SCRATCH = "tmp"


def receive(index: Index, caller: Caller, delivery: Delivery) -> BatchState:
    """Store a batch whole; not a row of it is applied before all of it is here and right.

    The same sequence with the same digest answers with the batch it made (``is_repeat``).

    Raises:
        NotFound: not the caller's own feed (FED-05), or no feed of that name.
        NotAllowed: the feed is suspended.
        Malformed: cut off on the way. TooLarge: more bytes than are taken.
        Invalid: header, trailer, count, digest or encoding is wrong, or a snapshot.
        Conflict: ``sequence_repeated`` with another digest; ``sequence_gap``, with ``expected``.
    """
    with index.admit(caller, Permission.FEED_WRITE) as visit:
        feed_access.own_feed(visit, delivery.feed)
        visit.record("batch:offered", subject=delivery.feed)
    settings = index.settings
    limits = Limits(
        received_bytes=settings.batch_max_bytes,
        expanded_bytes=settings.batch_max_expanded_bytes,
        rows_in_a_part=min(settings.chunk_rows, ROWS_IN_A_PART),
    )
    with ExitStack() as scratch:
        try:
            found = scratch.enter_context(checked(delivery, limits, settings.home / _SCRATCH))
        except Refused as refusal:
            _refuse(index, caller, refusal)
        with index.admit(caller, Permission.FEED_WRITE) as visit:
            feed = feed_access.own_feed(visit, delivery.feed, lock=True)
            return batch_store.store(visit, feed, found)


def apply(index: Index, caller: Caller, batch_id: str, *, at: datetime | None = None) -> BatchState:
    """Apply a batch, after those of its feed that came before it and are not yet applied.

    ``at`` is the instant of applying, ``caller.at`` if not given. What is left undone by a crash
    is done by the next call; nothing is done twice.

    Raises:
        NotFound: no such batch.
    """
    system = caller if at is None else replace(caller, at=at)
    with index.admit(system, Permission.BATCH_APPLY) as visit:
        wanted = batches.get(visit.conn, batch_id)
        if wanted is None:
            raise NotFound
        due = batches.waiting(visit.conn, feed=wanted.feed)
        visit.record("batch:asked", subject=batch_id)
    for each in due:
        if each.sequence <= wanted.sequence:
            loading.load(index, system, each.batch_id)
    with index.admit(system, Permission.BATCH_APPLY) as visit:
        visit.record("batch:told", subject=batch_id)
        done = batches.get(visit.conn, batch_id)
    return batch_store.state_of(done or wanted)


def apply_pending(
    index: Index, caller: Caller, *, at: datetime | None = None
) -> tuple[BatchState, ...]:
    """Apply every batch that is waiting: what a worker does when it starts, and now and then."""
    system = caller if at is None else replace(caller, at=at)
    with index.admit(system, Permission.BATCH_APPLY) as visit:
        due = batches.waiting(visit.conn)
        visit.record("batch:swept", subject=f"{len(due)} waiting")
    return tuple(apply(index, system, each.batch_id) for each in due)


def put_record(
    index: Index,
    caller: Caller,
    feed: str,
    source_record_id: str,
    body: bytes,
    *,
    if_match: str | None = None,
) -> RecordReceipt:
    """Take one whole statement about one record; accepted whatever the matcher decides (FED-10).

    ``if_match`` is the version the sender saw, as an entity tag or bare; ``*`` means any.

    Raises:
        NotFound: not the caller's own feed. NotAllowed: it is suspended.
        Malformed: no JSON. Invalid: the statement is rejected, with its problems.
        OutOfDate: another version is held than the one seen.
        Conflict: ``version_conflict``.
    """
    with index.admit(caller, Permission.FEED_WRITE) as visit:
        links.queue_up(visit.conn)
        found = feed_access.own_feed(visit, feed)
        return single_record.put(visit, found, source_record_id, body, if_match)


def withdraw_record(
    index: Index, caller: Caller, feed: str, source_record_id: str, *, if_match: str | None
) -> None:
    """Withdraw one record whole: not ended, but as if it had never been sent (decisions.md 24).

    Raises:
        NotFound: not the caller's own feed, or no such record of it.
        VersionRequired: ``if_match`` is missing. OutOfDate: another version is held.
    """
    with index.admit(caller, Permission.FEED_WRITE) as visit:
        links.queue_up(visit.conn)
        found = feed_access.own_feed(visit, feed)
        single_record.withdraw(visit, found, source_record_id, if_match)


def forget_bodies(index: Index, caller: Caller) -> int:
    """Delete the bodies of batches applied longer ago than they are kept; how many."""
    before = caller.at - timedelta(days=index.settings.batch_kept_days)
    with index.admit(caller, Permission.BATCH_APPLY) as visit:
        forgotten = batches.forget_bodies(visit.conn, before, caller.at)
        visit.record("batch:bodies-forgotten", subject=f"{forgotten} batches")
    return forgotten


def batch_state(index: Index, caller: Caller, feed: str, batch_id: str) -> BatchState:
    """Say where a batch of the caller's feed stands.

    Raises:
        NotFound: not a batch of this feed, or not the caller's feed.
    """
    with index.admit(caller, Permission.FEED_READ) as visit:
        found = feed_access.own_batch(visit, feed, batch_id)
        visit.record("batch:read", subject=batch_id)
    return batch_store.state_of(found)


def receipts(index: Index, caller: Caller, feed: str, batch_id: str) -> Iterator[Receipt]:
    """Give what became of each line, in the sender's order, a page at a time.

    Raises:
        NotFound: not a batch of this feed, or not the caller's feed.
        Conflict: ``not_finished``.
    """
    with index.admit(caller, Permission.FEED_READ) as visit:
        if feed_access.own_batch(visit, feed, batch_id).state in WAITING:
            raise Conflict("not_finished", "The batch has not been applied to its end yet.")
        first = batches.receipts(visit.conn, batch_id, after=0, limit=_RECEIPTS_AT_ONCE)
        visit.record("receipts:read", subject=batch_id)
    return chain(first, _more_receipts(index, caller, batch_id, first))


def _more_receipts(
    index: Index, caller: Caller, batch_id: str, page: tuple[Receipt, ...]
) -> Iterator[Receipt]:
    while len(page) == _RECEIPTS_AT_ONCE:
        with index.admit(caller, Permission.FEED_READ) as visit:
            page = batches.receipts(
                visit.conn, batch_id, after=page[-1].line, limit=_RECEIPTS_AT_ONCE
            )
            visit.record("receipts:read", subject=batch_id)
        yield from page


def feed_state(index: Index, caller: Caller, feed: str) -> FeedState:
    """Say what a feed may know of itself; a feed owner may read it of any.

    Raises:
        NotFound: not the caller's feed, or no feed of that name.
    """
    with index.admit(caller, Permission.FEED_READ) as visit:
        found = feed_access.readable_feed(visit, feed)
        visit.record("feed:read", subject=feed)
    return FeedState(
        feed=found.name,
        organisation=found.organisation,
        state=found.state,
        last_sequence=found.last_sequence,
        last_received_at=found.last_received_at,
        is_stale=feed_access.is_stale(found, caller.at),
    )


def _refuse(index: Index, caller: Caller, refusal: Refused) -> NoReturn:
    """Raise a refusal from inside a visit, so that it is written down."""
    with index.admit(caller, Permission.FEED_WRITE):
        raise refusal
    raise AssertionError("a visit swallowed a refusal")
