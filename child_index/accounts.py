"""Verbs: the register of feeds, who they belong to and what they are the authority for."""

import re
from collections.abc import Iterable
from dataclasses import replace

from child_index.access import Permission
from child_index.errors import Conflict, Invalid, NotFound
from child_index.gate import Index
from child_index.messages import SCHEMES
from child_index.records import BY_HAND, Caller, Feed
from child_index.store import feeds as stored

_NAME = re.compile("[a-z][a-z0-9-]{0,62}")


def register_feed(
    index: Index,
    caller: Caller,
    name: str,
    *,
    organisation: str,
    authority_for: Iterable[str] = (),
    interval_days: int = 1,
) -> Feed:
    """Enter a feed in the register (FED-01, step 1); its rows show nothing until accredited.

    ``authority_for`` are the identifier schemes for which this feed's *verified* counts.

    Raises:
        Invalid: the name, a scheme or the interval cannot be used.
        Conflict: ``feed_exists``.
    """
    made = Feed(
        name=name,
        organisation=organisation.strip(),
        state="draft",
        authority_for=frozenset(authority_for),
        interval_days=interval_days,
    )
    with index.admit(caller, Permission.FEED_ADMINISTER) as visit:
        _require_usable(made)
        if stored.get(visit.conn, name) is not None:
            raise Conflict("feed_exists", "A feed of this name is registered already.")
        stored.register(visit.conn, made, visit.at)
        visit.record("feed:registered", subject=name)
    return made


def accredit_feed(index: Index, caller: Caller, name: str) -> Feed:
    """Let what a feed says be seen; safe to do twice (FED-01).

    Raises:
        NotFound: no feed of that name.
    """
    with index.admit(caller, Permission.FEED_ADMINISTER) as visit:
        found = stored.get(visit.conn, name, lock=True)
        if found is None:
            raise NotFound
        accredited = replace(found, state="accredited")
        stored.change(visit.conn, accredited)
        visit.record("feed:accredited", subject=name)
    return accredited


def feeds(index: Index, caller: Caller) -> tuple[Feed, ...]:
    """Every feed in the register by name, but for the one of entries by hand."""
    with index.admit(caller, Permission.FEED_ADMINISTER) as visit:
        found = stored.every(visit.conn)
        visit.record("feed:listed", subject=f"{len(found)} feeds")
    return tuple(each for each in found if each.name != BY_HAND)


def _require_usable(made: Feed) -> None:
    if not _NAME.fullmatch(made.name) or made.name == BY_HAND:
        raise Invalid("name_not_usable", "A feed's name is lower-case letters, digits and hyphens.")
    if not made.organisation:
        raise Invalid("organisation_missing", "A feed belongs to an organisation.")
    if not made.authority_for <= set(SCHEMES):
        raise Invalid("scheme_unknown", f"The schemes are {', '.join(SCHEMES)}.")
    if made.interval_days < 1:
        raise Invalid("interval_not_usable", "The interval is a number of days from 1 on.")
