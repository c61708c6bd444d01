"""What is compared: a person as a feed typed it, and a person as we compare it."""

import json
from dataclasses import dataclass
from operator import attrgetter


@dataclass(frozen=True, slots=True, kw_only=True)
class RawName:
    """One name as the feed typed it; ``use`` is one of decisions.md 20's name uses."""

    use: str = "usual"
    given: tuple[str, ...] = ()
    family: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawIdentifier:
    """An identifier as typed; ``scheme`` is nhs, upn, former-upn or la-child-id (never compared).

    ``verified`` is true only when the feed is the authority for the scheme (decisions.md 2).
    """

    scheme: str
    value: str
    verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCarer:
    """A parent or carer as the feed typed it."""

    given: tuple[str, ...] = ()
    family: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPerson:
    """A source record's identity as the feed typed it; ``normalise.person`` reads it.

    ``birth_date`` is YYYY, YYYY-MM or YYYY-MM-DD; ``birth_date_is_default`` says that the feed
    file repeats this date suspiciously often (A.3, DEFAULT_SUSPECT).
    """

    names: tuple[RawName, ...] = ()
    birth_date: str | None = None
    birth_date_is_default: bool = False
    sex: str | None = None
    identifiers: tuple[RawIdentifier, ...] = ()
    postcode: str | None = None
    previous_postcodes: tuple[str, ...] = ()
    address_line: str | None = None
    carers: tuple[RawCarer, ...] = ()


_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The compared fields, normalised; ``None`` or an empty set means not held.

    Every field is a column of the same name for Splink, so both readers of the ladders
    (comparisons.py) see the same values.
    """

    given: str | None = None
    """The first given name of the usual name: one word, or one letter when only an initial."""
    second_given: str | None = None
    """The given name after it, in the usual name."""
    called: str | None = None
    """That second name, when the first is one that many boys share (Muhammad Salman, Syed Ali)."""
    givens: frozenset[str] = _NONE
    """Every given name of two letters or more, of every name held (alias, former …)."""
    given_transliterations: frozenset[str] = _NONE
    """The families ``given`` is a transliteration of."""
    given_spellings: frozenset[str] = _NONE
    """The families ``given`` is one spelling, or transliteration, of."""
    given_formals: frozenset[str] = _NONE
    """The spelling families ``given`` is short for."""
    given_related: frozenset[str] = _NONE
    """Both, and the families it is a cognate of."""
    family: str | None = None
    """The usual family name, its parts joined."""
    families: frozenset[str] = _NONE
    """Every family name of every name held: joined, and each of its parts."""
    family_spellings: frozenset[str] = _NONE
    """The spelling families of ``families``."""
    all_names: str | None = None
    """Every word of the usual name in alphabetical order, when there are at least two."""
    birth_date: str | None = None
    """YYYY-MM-DD when the whole date is held."""
    birth_exact: str | None = None
    """The same, but only when the date is no weak one (1 January, default)."""
    birth_year: int | None = None
    birth_month: int | None = None
    birth_day: int | None = None
    birth_ordinal: int | None = None
    """Days since 0001-01-01 (proleptic), when the whole date is held."""
    birth_weak: bool = False
    sex: str | None = None
    """F or M."""
    nhs: str | None = None
    nhs_verified: bool = False
    upn: str | None = None
    """The permanent UPN; two different ones forbid a link."""
    upns: frozenset[str] = _NONE
    """Every valid UPN held: permanent, temporary and former."""
    upn_verified: bool = False
    postcode: str | None = None
    postcodes: frozenset[str] = _NONE
    """Current and previous postcodes."""
    sector: str | None = None
    """The current postcode without its last two letters."""
    outward: str | None = None
    """The current postcode's first half."""
    area: str | None = None
    """Its first letters."""
    address: str | None = None
    house: str | None = None
    """The first number of the address line."""
    carers: frozenset[str] = _NONE
    """Given and family name of each carer, joined by one space."""
    phones: frozenset[str] = _NONE


FIELDS: tuple[str, ...] = tuple(Person.__slots__)
SETS: frozenset[str] = frozenset(
    {"givens", "given_transliterations", "given_spellings", "given_formals", "given_related"}
    | {"families", "family_spellings", "upns", "postcodes", "carers", "phones"}
)

_values = attrgetter(*FIELDS)
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_SET_AT = tuple(i for i, field in enumerate(FIELDS) if field in SETS)


def pack(person: Person) -> str:
    """Write a person as compact JSON for the store: the values in the order of ``FIELDS``."""
    values = [sorted(v) if isinstance(v, frozenset) else v for v in _values(person)]
    return _encode(values)


def unpack(text: str) -> Person:
    """Read what ``pack`` wrote; the round trip is exact."""
    values = json.loads(text)
    for i in _SET_AT:
        values[i] = frozenset(values[i])
    return Person(**dict(zip(FIELDS, values, strict=True)))
