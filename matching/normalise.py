"""What a feed typed → what we compare. Nothing here raises: what cannot be read becomes None."""

import re
from collections.abc import Iterable, Mapping
from csv import DictReader
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from anyascii import anyascii
from nhs_number.validate import is_valid
from stdnum.gb import upn as upns

from matching.person import Person, RawCarer, RawIdentifier, RawName, RawPerson

LONGEST_NAME = 100
"""Characters of a name that are compared: no edit distance sees more."""

_PLACEHOLDER = frozenset(
    {"baby", "infant", "newborn", "twin", "triplet", "unknown", "unnamed", "unborn", "test", "tba"}
)
_FILLER = frozenset(
    {"boy", "girl", "male", "female", "one", "two", "three", "1", "2", "3", "a", "b", "c"}
) | {"i", "ii", "iii", "not", "known", "name"}
_PLACEHOLDER_PHRASES = frozenset({"n a", "not known", "not given", "no name", "name not known"})
_APOSTROPHES = re.compile("['’‘ʼʻ`´.]")
_NOT_A_LETTER = re.compile("[^a-z0-9]+")
_POSTCODE = re.compile(
    r"(GIR 0AA|([A-Z][0-9]{1,2}|[A-Z][A-HJ-Y][0-9]{1,2}|[A-Z][0-9][A-Z]|[A-Z][A-HJ-Y][0-9][A-Z])"
    r" [0-9][ABD-HJLNP-UW-Z]{2})"
)
_UPN = re.compile("[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]")
_BIRTH = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_STREET_WORDS = {
    "st": "street", "rd": "road", "ave": "avenue", "av": "avenue", "dr": "drive", "drv": "drive",
    "ln": "lane", "ct": "court", "crt": "court", "cl": "close", "pl": "place", "sq": "square",
    "ter": "terrace", "terr": "terrace", "gdns": "gardens", "cres": "crescent", "gr": "grove",
    "pk": "park", "blvd": "boulevard", "cir": "circle", "apt": "flat", "unit": "flat",
}  # fmt: skip
_SHARED = frozenset({"mohammed", "syed"})
"""Spelling families of first names after which many boys are called by their second."""
_NONE: frozenset[str] = frozenset()
_SEXES = {"male": "M", "m": "M", "1": "M", "female": "F", "f": "F", "2": "F"}


@dataclass(frozen=True, slots=True)
class NameForms:
    """What a name is another form of (names/*.csv, typed by ourselves).

    ``spellings`` are the families whose members are one name written differently, of which
    ``transliterations`` come from another script or sound system: no parents give both to twins.
    ``formals`` are the spelling families a short form stands for; ``related`` is all of these,
    and cognates too (Anthony, Antonio), which brothers may well be called.
    """

    transliterations: frozenset[str]
    spellings: frozenset[str]
    formals: frozenset[str]
    related: frozenset[str]


def _forms(filename: str) -> dict[str, NameForms]:
    """Every listed name's forms. The first name of a nickname row is the formal one."""
    text = files("matching").joinpath("names", filename).read_text(encoding="utf-8")
    rows = [(row["kind"], row["names"].split()) for row in DictReader(text.splitlines())]
    # A name's own family is named after it, so that an unlisted name's is too.
    own = {listed: {listed} for _, names in rows for listed in names}
    transliterations = _families(rows, {"transliteration"}, own, own)
    spellings = _families(rows, {"spelling", "transliteration"}, own, own)
    formals = _families(rows, {"nickname"}, spellings, {})
    related = _families(rows, {"cognate"}, spellings, spellings)
    return {
        listed: NameForms(
            frozenset(transliterations[listed]),
            frozenset(spellings[listed]),
            frozenset(formals.get(listed, ())),
            frozenset(related[listed] | formals.get(listed, set())),
        )
        for listed in own
    }


def _families(
    rows: list[tuple[str, list[str]]],
    kinds: set[str],
    first: Mapping[str, set[str]],
    start: Mapping[str, set[str]],
) -> dict[str, set[str]]:
    """What each name of ``start`` has, and the families that the rows of ``kinds`` add: those of
    a row's ``first`` name. In a nickname row the first name itself is no short form.
    """
    found = {listed: set(families) for listed, families in start.items()}
    for kind, names in rows:
        if kind in kinds:
            for listed in names[1:] if kind == "nickname" else names:
                found.setdefault(listed, set()).update(first[names[0]])
    return found


_GIVEN_FORMS = _forms("given.csv")
_FAMILY_FORMS = _forms("family.csv")


@lru_cache(maxsize=1 << 16)
def name(text: str | None) -> str | None:
    """Fold a name to ASCII words in lower case, one space between them; None when none is left.

    Apostrophes and full stops close up (O’Brien → obrien), hyphens open (Smith-Jones → smith
    jones). At most ``LONGEST_NAME`` characters.

    >>> name("Zoë  O’Brien-Łuk")
    'zoe obrien luk'
    """
    if not text:
        return None
    folded = anyascii(_APOSTROPHES.sub("", text[: 2 * LONGEST_NAME])).lower()
    words = _NOT_A_LETTER.sub(" ", _APOSTROPHES.sub("", folded)).strip()
    return words[:LONGEST_NAME].strip() or None


def is_placeholder(text: str | None) -> bool:
    """Say whether a name stands for "not known" (A.3), and so is never compared.

    >>> is_placeholder("Twin 1"), is_placeholder("Baby of Sarah"), is_placeholder("Babylon")
    (True, True, False)
    """
    folded = name(text)
    if folded is None:
        return False
    words = folded.split()
    core = [word for word in words if word in _PLACEHOLDER]
    if folded in _PLACEHOLDER_PHRASES or (core and "of" in words):
        return True
    return bool(core) and all(word in _PLACEHOLDER or word in _FILLER for word in words)


def given_forms(word: str) -> NameForms:
    """The forms of a normalised given name; an unlisted name is a form of itself alone."""
    alone = frozenset((word,))
    return _GIVEN_FORMS.get(word) or NameForms(alone, alone, frozenset(), alone)


def is_listed_given_name(word: str) -> bool:
    """Say whether names/given.csv lists a normalised given name."""
    return word in _GIVEN_FORMS


def family_spellings(word: str) -> frozenset[str]:
    """The spelling families of a normalised family name; its own when it is not listed."""
    held = _FAMILY_FORMS.get(word)
    return held.spellings if held else frozenset((word,))


@lru_cache(maxsize=1 << 12)
def postcode(text: str | None) -> str | None:
    """Read a postcode as "LS1 6AE"; None when it is malformed or a pseudo-postcode (ZZ99 …).

    The format only: areas that do not exist are read too.
    """
    if not text:
        return None
    squeezed = "".join(text.split()).upper()
    spaced = f"{squeezed[:-3]} {squeezed[-3:]}"
    return spaced if _POSTCODE.fullmatch(spaced) and not spaced.startswith("ZZ99") else None


def nhs_number(text: str | None) -> str | None:
    """Read an NHS number as ten digits; None when the check digit is wrong or all are the same."""
    digits = re.sub("[ -]", "", text or "")
    if not (digits.isascii() and digits.isdigit() and len(digits) == 10):
        return None
    return digits if len(set(digits)) > 1 and is_valid(digits) else None


def upn(text: str | None) -> str | None:
    """Read a unique pupil number; None when its form or check letter is wrong.

    The authority is not looked up: python-stdnum's own validator refuses those founded since
    2011, so only its check letter is used (A.3).
    """
    compact = "".join((text or "").split()).upper()
    if not _UPN.fullmatch(compact):
        return None
    return compact if upns.calc_check_digit(compact[1:]) == compact[0] else None


def is_temporary_upn(number: str) -> bool:
    """Say whether a valid UPN is a temporary one, which a school may replace at will."""
    return number[-1].isalpha()


def birth(text: str | None) -> tuple[int | None, int | None, int | None]:
    """Read YYYY, YYYY-MM or YYYY-MM-DD as year, month and day; three times None otherwise."""
    matched = _BIRTH.fullmatch((text or "").strip())
    if matched is None:
        return None, None, None
    year, month, day = (int(part) if part else None for part in matched.groups())
    try:
        date(*(int(part) if part else 1 for part in matched.groups()))
    except ValueError:
        return None, None, None
    return year, month, day


def phone(text: str | None) -> str | None:
    """Read a telephone number as its last ten digits, so +44 and 0 agree; None below seven."""
    digits = "".join(c for c in text or "" if c.isascii() and c.isdigit())
    return digits[-10:] if len(digits) >= 7 and len(set(digits)) > 1 else None


@lru_cache(maxsize=1 << 12)
def address_line(text: str | None) -> str | None:
    """Fold the first line of an address, with the common short forms of street words opened.

    >>> address_line("7, Alder Ct.")
    '7 alder court'
    """
    folded = name(text)
    if folded is None:
        return None
    return " ".join(_STREET_WORDS.get(word, word) for word in folded.split())


def sex(text: str | None) -> str | None:
    """Read a sex as F or M; other, unknown and not specified are None: no evidence either way."""
    return _SEXES.get((text or "").strip().lower())


def _words(texts: Iterable[str | None]) -> list[str]:
    """Every word of the names that are no placeholders, in order."""
    readable = (name(text) for text in texts if not is_placeholder(text))
    return [word for text in readable if text for word in text.split()]


def _name_fields(names: list[RawName]) -> dict[str, Any]:
    givens = [_words(each.given) for each in names]
    families = [_words([each.family]) for each in names]
    words = next(filter(None, (g + f for g, f in zip(givens, families, strict=True))), [])
    return {
        **_given_fields(givens),
        **_family_fields(families),
        "all_names": " ".join(sorted(words)) if len(words) > 1 else None,
    }


def _given_fields(names: list[list[str]]) -> dict[str, Any]:
    usual = next(filter(None, names), [])
    every = {word for words in names for word in words if len(word) > 1}
    forms = given_forms(usual[0]) if usual else NameForms(_NONE, _NONE, _NONE, _NONE)
    return {
        "given": usual[0] if usual else None,
        "second_given": usual[1] if len(usual) > 1 else None,
        "called": usual[1] if len(usual) > 1 and not _SHARED.isdisjoint(forms.spellings) else None,
        "givens": frozenset(every),
        "given_transliterations": forms.transliterations,
        "given_spellings": forms.spellings,
        "given_formals": forms.formals,
        "given_related": forms.related,
    }


def _family_fields(names: list[list[str]]) -> dict[str, Any]:
    joined = ["".join(words) for words in names]
    usual = next(filter(None, joined), None)
    every = {word for word in (*joined, *(w for words in names for w in words)) if len(word) > 1}
    return {
        "family": usual,
        "families": frozenset(every),
        "family_spellings": frozenset(one for word in every for one in family_spellings(word)),
    }


def _birth_fields(raw: RawPerson) -> dict[str, Any]:
    year, month, day = birth(raw.birth_date)
    if year is None:
        return {}
    if month is None or day is None:
        return {"birth_year": year, "birth_month": month}
    weak = raw.birth_date_is_default or (month, day) == (1, 1)
    whole = date(year, month, day)
    return {
        "birth_date": whole.isoformat(),
        "birth_exact": None if weak else whole.isoformat(),
        "birth_year": year,
        "birth_month": month,
        "birth_day": day,
        "birth_ordinal": whole.toordinal(),
        "birth_weak": weak,
    }


def _identifier_fields(identifiers: Iterable[RawIdentifier]) -> dict[str, Any]:
    """A verified NHS number goes before a reported one; else the first of each counts."""
    read = [(each, _number(each)) for each in identifiers]
    nhs = sorted(
        ((each.verified, number) for each, number in read if number and each.scheme == "nhs"),
        key=lambda one: not one[0],
    )
    pupil = [(each, number) for each, number in read if number and each.scheme != "nhs"]
    permanent = (
        number for each, number in pupil if each.scheme == "upn" and not is_temporary_upn(number)
    )
    return {
        "nhs": nhs[0][1] if nhs else None,
        "nhs_verified": bool(nhs) and nhs[0][0],
        "upn": next(permanent, None),
        "upns": frozenset(number for _, number in pupil),
        "upn_verified": any(each.verified for each, _ in pupil),
    }


def _number(raw: RawIdentifier) -> str | None:
    if raw.scheme == "nhs":
        return nhs_number(raw.value)
    return upn(raw.value) if raw.scheme in ("upn", "former-upn") else None


def _household_fields(raw: RawPerson) -> dict[str, Any]:
    current = postcode(raw.postcode)
    address = address_line(raw.address_line)
    house = re.search("[0-9]+", address) if address else None
    codes = {current, *map(postcode, raw.previous_postcodes)}
    return {
        "postcode": current,
        "postcodes": frozenset(code for code in codes if code),
        "sector": current[:-2] if current else None,
        "outward": current.split()[0] if current else None,
        "area": current[: 2 if current[1].isalpha() else 1] if current else None,
        "address": address,
        "house": house.group() if house else None,
        "carers": frozenset(filter(None, map(_carer, raw.carers))),
        "phones": frozenset(filter(None, (phone(carer.phone) for carer in raw.carers))),
    }


def _carer(raw: RawCarer) -> str | None:
    """A carer's first given name and family name; None unless both are held."""
    given, family = _words(raw.given), "".join(_words([raw.family]))
    return f"{given[0]} {family}" if given and family else None


def person(raw: RawPerson) -> Person:
    """Normalise a source record's identity; a value that cannot be read is not held."""
    names = sorted(raw.names, key=lambda each: each.use != "usual")
    return Person(
        **_name_fields(names),
        **_birth_fields(raw),
        sex=sex(raw.sex),
        **_identifier_fields(raw.identifiers),
        **_household_fields(raw),
    )
