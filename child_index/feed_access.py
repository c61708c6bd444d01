"""Whose feed is it: what a feed client may write to, and who may read of it."""

from datetime import datetime, timedelta

from child_index.errors import NotAllowed, NotFound
from child_index.gate import Visit
from child_index.records import BY_HAND, Feed, Role
from child_index.store import batches, feeds
from child_index.store.batches import Batch


def is_stale(feed: Feed, at: datetime) -> bool:
    """Say whether a feed has been silent for twice its agreed interval, or ever (FED-07)."""
    last = feed.last_received_at
    return last is None or at - last > timedelta(days=2 * feed.interval_days)


def own_feed(visit: Visit, name: str, *, lock: bool = False) -> Feed:
    """Return the feed the caller may write to: its own, and no other (FED-05).

    Raises:
        NotFound: another's feed, or none of that name; the two are told apart nowhere.
        NotAllowed: it is suspended.
    """
    found = feeds.get(visit.conn, name, lock=lock) if visit.caller.feed == name else None
    if found is None or name == BY_HAND:
        raise NotFound
    if found.state == "suspended":
        raise NotAllowed("feed_suspended", "This feed is suspended.")
    return found


def readable_feed(visit: Visit, name: str) -> Feed:
    """Return a feed the caller may read of: its own, or, for a feed owner, any.

    Raises:
        NotFound: another's feed, or none of that name.
    """
    is_owner = Role.FEED_OWNER in visit.caller.roles
    is_own = visit.caller.feed == name or is_owner
    found = feeds.get(visit.conn, name) if is_own else None
    if found is None:
        raise NotFound
    return found


def own_batch(visit: Visit, feed: str, batch_id: str) -> Batch:
    """Return a batch of a feed the caller may read of.

    Raises:
        NotFound: not such a feed, or no batch of it.
    """
    found = batches.get(visit.conn, batch_id)
    if found is None or found.feed != readable_feed(visit, feed).name:
        raise NotFound
    return found
