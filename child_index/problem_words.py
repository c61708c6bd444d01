"""Pure: the stable codes of what can be wrong with a feed's line, and the words for each."""

from collections.abc import Mapping

from child_index.errors import Problem

FORBIDDEN_KEYS: Mapping[str, str] = {
    name.replace("_", ""): name
    for name in (
        "notes",
        "note",
        "comments",
        "reason_for_referral",
        "diagnosis",
        "category_of_abuse",
        "plan",
        "cp_plan",
        "risk",
        "risk_score",
        "ethnicity",
        "religion",
        "immigration_status",
        "offence",
        "exam",
        "attendance",
        "medication",
        "narrative",
    )
}
"""Keys no feed may send (domain.md A.3), by their letters alone: camelCase is no way round."""

DETAILS: Mapping[str, str] = {
    "birth_date_impossible": "The date of birth is in the future or more than 26 years ago.",
    "birth_date_not_readable": "The date of birth is not YYYY-MM-DD, YYYY-MM or YYYY.",
    "control_character": "There is a control, bidirectional or surrogate character in it.",
    "duplicate_key": "A key stands twice in one object.",
    "end_before_start": "The end lies before the start.",
    "ended_too_long_ago": "Stored, and not shown: it ended more than a year ago.",
    "forbidden_field": "The index holds no case information: this key may never be sent.",
    "identifier_not_valid": "Kept as sent, and never used: the check digit or form is wrong.",
    "involvement_superseded": "A higher version of this involvement is held; nothing changed.",
    "missing_field": "It is required.",
    "no_birth_date": "A date of birth is required unless an identifier is verified.",
    "no_contact": "An involvement needs a telephone number or an e-mail address.",
    "no_usable_name": "At least one name with a given or family name is required.",
    "not_a_date": "It is not a day written YYYY-MM-DD.",
    "not_a_number": "NaN and infinities are no numbers.",
    "not_in_list": "It is not one of the words this place takes.",
    "not_json": "The line is not one JSON object.",
    "number_too_large": "The number does not fit 64 bits.",
    "phone_not_valid": "Kept as sent: it does not look like a telephone number.",
    "postcode_not_valid": "Kept as sent, and never used: it does not have a postcode's form.",
    "sensitive_not_accepted_yet": "This version of the index does not hold sensitive services.",
    "sensitive_without_basis": "A sensitive service needs consent or a decision about harm.",
    "too_deep": "The objects are nested too deeply.",
    "too_long": "It is longer than this place takes.",
    "too_many": "There are more of them than this place takes.",
    "unknown_field": "This key is not known.",
    "unknown_type": 'A line\'s type is "child" or "withdraw".',
    "version_conflict": "This version was received before with another content.",
    "versions_differ": "The rows of one record carry different versions.",
    "wrong_number_of_cells": "The row has more cells than the first row has names.",
    "wrong_type": "It is not of the type this place takes.",
}
"""A sentence for people for each code; no code without one."""


def forbidden_key(key: str) -> str | None:
    """Return the forbidden key that ``key`` is, however it is written; ``None`` if it is none.

    >>> forbidden_key("reasonForReferral")
    'reason_for_referral'
    """
    return FORBIDDEN_KEYS.get(key.casefold().replace("_", "").replace("-", "").replace(" ", ""))


def problem(pointer: str, code: str, name: str | None = None) -> Problem:
    """Return the problem with its sentence; ``name`` completes the code (``forbidden_field:x``)."""
    return Problem(
        pointer=pointer, code=code if name is None else f"{code}:{name}", detail=DETAILS[code]
    )
