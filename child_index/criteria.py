"""Pure: what a search must contain, and what near means (domain.md E.2, SCH-01 to SCH-04)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from child_index.answers import Criteria
from child_index.errors import Invalid, Problem
from child_index.retention import corresponding_date, earliest_birth_date
from matching import normalise
from matching.person import Person, RawIdentifier, RawName, RawPerson

MOST_MONTHS_OF_RANGE = 12
SEARCHABLE_SCHEMES = frozenset({"nhs", "upn"})


def require_sufficient(criteria: Criteria, today: date) -> None:
    """Refuse a search that could list children rather than find one.

    Raises:
        Invalid: ``criteria_not_allowed`` (SCH-01a), ``wildcard_not_allowed`` (SCH-02),
            ``birth_date_out_of_range`` (SCH-03) or ``insufficient_criteria`` (SCH-01).
    """
    _require(
        not criteria.not_allowed,
        "criteria_not_allowed",
        "Children cannot be looked for by this.",
        criteria.not_allowed,
    )
    _require_wildcards(criteria)
    _require_birth_date(criteria, today)
    if not _is_sufficient(criteria):
        raise _invalid(
            "insufficient_criteria",
            "Enter a last name and a date of birth, or an identifier and one of the two. "
            "Less would show too many children.",
            ("/personSpecification",),
        )


def _is_sufficient(criteria: Criteria) -> bool:
    """SCH-01 (a) to (e); a range of birth dates wants both names (SCH-03)."""
    given, family, born = criteria.given, criteria.family, criteria.birth_date
    if criteria.birth_from or criteria.birth_to:
        return bool(given and family and criteria.birth_from and criteria.birth_to)
    if criteria.identifiers and (born or family):
        return True
    if not born:
        return False
    if family and given:
        return True
    placed = bool(criteria.sex and criteria.postcode)
    if family:
        return criteria.mode == "near" or placed
    return bool(given and placed)


def _require_wildcards(criteria: Criteria) -> None:
    names = (
        ("/personSpecification/given", criteria.given),
        ("/personSpecification/family", criteria.family),
    )
    for pointer, text in names:
        if text and "*" in text:
            allowed = (
                criteria.mode == "near" and text.count("*") == 1 and text.strip().index("*") >= 2
            )
            _require(
                allowed,
                "wildcard_not_allowed",
                "Use one * after at least two letters, and only before searching more widely.",
                (pointer,),
            )
    _require(
        "*" not in (criteria.postcode or ""),
        "wildcard_not_allowed",
        "A postcode is searched for whole.",
        ("/personSpecification/addressPostalCode",),
    )


def _require_birth_date(criteria: Criteria, today: date) -> None:
    for born in filter(None, (criteria.birth_date, criteria.birth_from, criteria.birth_to)):
        _require(
            earliest_birth_date(today) < born <= today,
            "birth_date_out_of_range",
            "The date of birth must be in the past, and less than 26 years ago.",
            ("/personSpecification/birthDate",),
        )
    first, last = criteria.birth_from, criteria.birth_to
    if first and last:
        _require(
            first <= last <= corresponding_date(first, 1),
            "birth_date_out_of_range",
            f"The dates of birth may span {MOST_MONTHS_OF_RANGE} months at most.",
            ("/personSpecification/birthDateRange",),
        )


def _require(holds: bool, code: str, detail: str, pointers: Iterable[str]) -> None:
    if not holds:
        raise _invalid(code, detail, pointers)


def _invalid(code: str, detail: str, pointers: Iterable[str]) -> Invalid:
    problems = tuple(Problem(pointer=p, code=code, detail=detail) for p in pointers)
    return Invalid(code, detail, problems=problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A search made ready: the person looked for as the matcher compares them, and the patterns.

    A name with a wildcard is not in ``person``; its pattern is matched against the usual name.
    """

    criteria: Criteria
    person: Person
    given_pattern: re.Pattern[str] | None
    family_pattern: re.Pattern[str] | None


def sought(criteria: Criteria) -> Sought:
    """Normalise the criteria as feeds' records were normalised when they were taken in."""
    given, family = criteria.given, criteria.family
    given_pattern, family_pattern = _pattern(given), _pattern(family)
    person = normalise.person(
        RawPerson(
            names=(
                RawName(
                    given=tuple(given.split()) if given and not given_pattern else (),
                    family=family if not family_pattern else None,
                ),
            ),
            birth_date=criteria.birth_date.isoformat() if criteria.birth_date else None,
            sex=criteria.sex,
            identifiers=tuple(
                RawIdentifier(scheme=scheme, value=value, verified=True)
                for scheme, value in criteria.identifiers
            ),
            postcode=criteria.postcode,
        )
    )
    return Sought(
        criteria=criteria,
        person=person,
        given_pattern=given_pattern,
        family_pattern=family_pattern,
    )


def _pattern(name: str | None) -> re.Pattern[str] | None:
    if not name or "*" not in name:
        return None
    before, after = ((normalise.name(part) or "").replace(" ", "") for part in name.split("*"))
    return re.compile(re.escape(before) + ".*" + re.escape(after))


def is_near(wanted: Sought, held: Person) -> bool:
    """Say whether a record is what was typed, near enough (SCH-04, first step).

    Same usual name but for case, diacritics, hyphens and apostrophes; same date of birth or with
    day and month swapped; or the same identifier with the same date of birth or family name.
    """
    person = wanted.person
    born = _is_born_when(wanted, held)
    family = _is_named(person.family, wanted.family_pattern, held.family)
    if _shares_identifier(person, held):
        return born is True or family is True
    if wanted.criteria.identifiers:
        return False
    given = _is_named(person.given, wanted.given_pattern, held.given)
    if born is not True or family is False or given is False:
        return False
    return family is True or (given is True and person.postcode in held.postcodes)


def _is_named(name: str | None, pattern: re.Pattern[str] | None, held: str | None) -> bool | None:
    """``None`` when this name was not asked for."""
    if pattern is not None:
        return pattern.fullmatch(held or "") is not None
    return None if name is None else name == held


def _is_born_when(wanted: Sought, held: Person) -> bool | None:
    """``None`` when no date of birth was asked for."""
    criteria = wanted.criteria
    if criteria.birth_from and criteria.birth_to:
        if held.birth_date is None:
            return False
        return criteria.birth_from.isoformat() <= held.birth_date <= criteria.birth_to.isoformat()
    if wanted.person.birth_date is None:
        return None
    return held.birth_date in {wanted.person.birth_date, swapped(wanted.person.birth_date)}


def swapped(birth_date: str) -> str:
    """Swap day and month of a ``YYYY-MM-DD`` date; the date itself where that gives no date.

    >>> swapped("2011-05-04"), swapped("2011-05-14")
    ('2011-04-05', '2011-05-14')
    """
    year, month, day = birth_date.split("-")
    return f"{year}-{day}-{month}" if int(day) <= 12 else birth_date


def _shares_identifier(person: Person, held: Person) -> bool:
    same_nhs = person.nhs is not None and person.nhs == held.nhs
    return same_nhs or not person.upns.isdisjoint(held.upns)
