"""Pure: what of a record a caller may see; one table for every door (domain.md E.3, VIS-01)."""

from datetime import date, timedelta
from enum import StrEnum

from child_index.records import BY_HAND, Caller, Involvement, ListedInvolvement, Role
from child_index.retention import LISTED_STATES, InvolvementState, involvement_state, shown_until

INTERVALS_UNTIL_UNCONFIRMED = 2
EDUCATION = "education"
HEALTH = "health"


class Item(StrEnum):
    """The items of E.3's rows that an ordinary record holds."""

    IDENTITY = "identity"
    ALIASES = "aliases"
    ADDRESS = "address"
    CARERS = "carers"
    EDUCATION = "education"
    PRACTICE = "practice"
    RESPONSIBLE_AUTHORITY = "responsible_authority"
    INVOLVEMENTS = "involvements"
    ASSESSMENT = "assessment"
    LEAD_PROFESSIONAL = "lead_professional"
    NHS_NUMBER = "nhs"
    UPN = "upn"
    SENSITIVE_MARKER = "unspecified_sensitive_service"


_NUMBERS = frozenset({Item.NHS_NUMBER, Item.UPN})
_PRACTITIONER = frozenset(Item) - _NUMBERS
_ALL = frozenset(Item) - {Item.SENSITIVE_MARKER}
_BROKER = _PRACTITIONER - {Item.ALIASES, Item.ADDRESS, Item.CARERS}
_SHIELD_OFFICER = _ALL - {Item.INVOLVEMENTS, Item.ASSESSMENT, Item.LEAD_PROFESSIONAL}

READABLE: dict[Role, frozenset[Item]] = {
    Role.PRACTITIONER: _PRACTITIONER,
    Role.PRACTITIONER_OVERRIDE: _PRACTITIONER,
    Role.STEWARD: _ALL,
    Role.CLEARED_STEWARD: _ALL,
    Role.STEWARD_LEAD: _ALL,
    Role.BROKER: _BROKER,
    Role.SHIELD_OFFICER: _SHIELD_OFFICER,
    Role.RECORDS_OFFICER: _ALL,
}
"""E.3 for a record that is not restricted; a role that is not here reads nothing."""

_SECTOR_NUMBERS = {EDUCATION: Item.UPN, HEALTH: Item.NHS_NUMBER}


def readable(caller: Caller, *, show_address: bool = True) -> frozenset[Item]:
    """Say which items the caller may read on a record that is not restricted.

    A practitioner sees an identifier only if their own sector holds it, and in education no
    address (decisions.md 18). ``show_address`` is the deployment's profile for practitioners.
    """
    items = frozenset[Item]().union(*(READABLE.get(role, frozenset()) for role in caller.roles))
    if items and (number := _SECTOR_NUMBERS.get(caller.sector or "")):
        items |= {number}
    is_practitioner = caller.roles <= {Role.PRACTITIONER, Role.PRACTITIONER_OVERRIDE}
    if is_practitioner and (caller.sector == EDUCATION or not show_address):
        items -= {Item.ADDRESS}
    return items


def is_yours(caller: Caller, organisations: tuple[str, ...]) -> bool:
    """Say whether a row was supplied by the caller's own organisation (VIS-03)."""
    own = caller.organisation.casefold()
    return any(organisation.casefold() == own for organisation in organisations)


def listed(involvement: Involvement, caller: Caller, today: date) -> ListedInvolvement | None:
    """Return an involvement as it is shown to the caller today; ``None`` when it is not listed."""
    shown = as_shown(involvement, caller, today)
    return shown if shown.state in LISTED_STATES else None


def as_shown(involvement: Involvement, caller: Caller, today: date) -> ListedInvolvement:
    """Say how an involvement stands today, listed or not.

    An ended one carries the last day on which it will be shown (VIS-03); one that its feed has
    not confirmed for two of its intervals carries the day since when (VIS-04).
    """
    state = involvement_state(
        started_on=involvement.started_on,
        ended_on=involvement.ended_on,
        is_void=involvement.is_void,
        today=today,
    )
    ended = involvement.ended_on if state is InvolvementState.ENDED_VISIBLE else None
    return ListedInvolvement(
        involvement=involvement,
        state=state,
        shown_until=shown_until(ended) if ended else None,
        unconfirmed_since=_unconfirmed_since(involvement, today),
        is_yours=is_yours(caller, (involvement.organisation,)),
    )


def _unconfirmed_since(involvement: Involvement, today: date) -> date | None:
    """What a practitioner entered by hand has no feed to confirm it."""
    if involvement.feed == BY_HAND:
        return None
    patience = timedelta(days=INTERVALS_UNTIL_UNCONFIRMED * involvement.feed_interval_days)
    confirmed = involvement.last_confirmed_on
    return confirmed if today - confirmed > patience else None
