"""Pure: what each role may do, and what a caller must have shown before doing it (E.8)."""

import re
from enum import StrEnum

from child_index.errors import Invalid, NotAllowed, Problem
from child_index.records import Caller, Role

POLICY_VERSION = "2026-11-1"
"""Written into every audit row, so that it can be said which rules a disclosure was made under."""


class Permission(StrEnum):
    """What may be done, as ``noun:verb``."""

    CHILD_SEARCH = "child:search"
    CHILD_READ = "child:read"
    INVOLVEMENT_WRITE = "involvement:write"
    OUTCOME_WRITE = "outcome:write"
    REVIEW_READ = "review:read"
    REVIEW_WRITE = "review:write"
    FEED_WRITE = "feed:write"
    FEED_READ = "feed:read"
    FEED_ADMINISTER = "feed:administer"
    BATCH_APPLY = "batch:apply"
    AUDIT_VERIFY = "audit:verify"


_LOOK = {Permission.CHILD_SEARCH, Permission.CHILD_READ, Permission.OUTCOME_WRITE}
_PRACTITIONER = frozenset(_LOOK | {Permission.INVOLVEMENT_WRITE})
_STEWARD = frozenset(_LOOK | {Permission.REVIEW_READ, Permission.REVIEW_WRITE})

ROLES: dict[Role, frozenset[Permission]] = {
    Role.PRACTITIONER: _PRACTITIONER,
    Role.PRACTITIONER_OVERRIDE: _PRACTITIONER,
    Role.STEWARD: _STEWARD,
    Role.CLEARED_STEWARD: _STEWARD,
    Role.STEWARD_LEAD: _STEWARD,
    Role.BROKER: frozenset(_LOOK),
    Role.SHIELD_OFFICER: frozenset(_LOOK),
    Role.FEED_OWNER: frozenset({Permission.FEED_READ}),
    Role.RECORDS_OFFICER: frozenset(_LOOK),
    Role.AUDITOR: frozenset({Permission.AUDIT_VERIFY}),
    Role.USER_ADMINISTRATOR: frozenset(),
    Role.FEED: frozenset({Permission.FEED_WRITE, Permission.FEED_READ}),
    Role.SYSTEM: frozenset(
        {Permission.BATCH_APPLY, Permission.FEED_ADMINISTER, Permission.AUDIT_VERIFY}
    ),
}

REASONS = frozenset(
    {
        "NEW_REFERRAL",
        "ONGOING_SUPPORT",
        "SAFEGUARDING_CONCERN",
        "EMERGENCY_CARE",
        "MISSING_CHILD",
        "UNIVERSAL_SERVICE_CHECK",
        "TRANSITION",
        "LEAD_PROFESSIONAL",
        "DATA_QUALITY",
        "SUBJECT_REQUEST",
    }
)
_ONLY_FOR: dict[str, frozenset[Role]] = {
    "DATA_QUALITY": frozenset({Role.STEWARD, Role.CLEARED_STEWARD, Role.STEWARD_LEAD}),
    "SUBJECT_REQUEST": frozenset({Role.RECORDS_OFFICER}),
}
_EMPTY_WORDS = frozenset({"test", "tests", "testing", "training", "train", "demo", "demonstration"})
REASON_TEXT_LENGTH = (10, 200)

NEEDS_PURPOSE = frozenset({Permission.CHILD_SEARCH, Permission.CHILD_READ})
"""What nobody may do without a reason that is written down first (ACC-03)."""

MACHINES = frozenset({Role.FEED, Role.SYSTEM})


def permissions_of(caller: Caller) -> frozenset[Permission]:
    """Everything the caller's roles permit together."""
    return frozenset[Permission]().union(*(ROLES[role] for role in caller.roles))


def require(caller: Caller, permission: Permission) -> None:
    """Let the caller pass, or say why not.

    Raises:
        NotAllowed: the role lacks the permission, or the sign-in was not multi-factor (ACC-01).
        Invalid: a child is to be looked for or at without an allowed reason (ACC-03).
    """
    if permission not in permissions_of(caller):
        raise NotAllowed
    if not caller.mfa and not caller.roles & MACHINES:
        raise NotAllowed("mfa_required", "Sign in with a second factor first.")
    if permission in NEEDS_PURPOSE:
        require_purpose(caller)


def require_purpose(caller: Caller) -> None:
    """Refuse a look without a reason in the allowed words (ACC-03, decisions.md 11).

    Raises:
        Invalid: ``reason_not_allowed``, with the place that is wrong.
    """
    allowed_for = _ONLY_FOR.get(caller.purpose or "")
    if caller.purpose not in REASONS or (allowed_for and not caller.roles & allowed_for):
        raise _reason_not_allowed("/reason", "Choose one of the reasons for access.")
    text = (caller.purpose_text or "").strip()
    shortest, longest = REASON_TEXT_LENGTH
    if not shortest <= len(text) <= longest:
        raise _reason_not_allowed("/reasonText", f"Say why in {shortest} to {longest} characters.")
    words = set(re.findall(r"\w+", text.casefold()))
    if words and words <= _EMPTY_WORDS:
        raise _reason_not_allowed("/reasonText", "Real children are not for tests or training.")


def _reason_not_allowed(pointer: str, detail: str) -> Invalid:
    problem = Problem(pointer=pointer, code="reason_not_allowed", detail=detail)
    return Invalid("reason_not_allowed", detail, problems=(problem,))
