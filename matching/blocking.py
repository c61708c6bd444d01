"""Blocking rules: which persons are worth comparing. A rule is a function from a person to keys.

Each rule is written once; the store indexes its keys, and the bulk linker hands the same keys to
Splink as one column per rule (bulk/levels.py). A key begins with its rule's letters and a bar.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from jellyfish import metaphone

from matching.normalise import given_forms
from matching.person import Person

KeysOf = Callable[[Person], Iterable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockingRule:
    """One way in which two records of a person may agree; ``name`` is a column for Splink.

    ``keys`` are looked up for an arriving record. What is stored for it is the same unless
    ``stored`` says otherwise; ``pairs`` is that restriction in SQL, for pairs l and r.
    """

    name: str
    keys: KeysOf
    stored: KeysOf | None = None
    pairs: str | None = None


@lru_cache(maxsize=1 << 16)
def _sound(word: str) -> str:
    """The word as it sounds, whatever its spelling; digits-only words stand for themselves."""
    return metaphone(word) or word


def _day(person: Person) -> str | None:
    """The whole date of birth with day and month in order of size, so a swap changes nothing."""
    if person.birth_year is None or person.birth_month is None or person.birth_day is None:
        return None
    low, high = sorted((person.birth_month, person.birth_day))
    return f"{person.birth_year}-{low:02}-{high:02}"


def _names(person: Person) -> set[str]:
    """Every form of every given name, and every family name: one pool, so a swap and a
    nickname change nothing.
    """
    words = person.givens | person.families
    return {one for word in words for one in given_forms(word).related}


def _nhs(person: Person) -> Iterator[str]:
    if person.nhs is not None:
        yield f"n|{person.nhs}"


def _upn(person: Person) -> Iterator[str]:
    for number in person.upns:
        yield f"u|{number}"


def _name_and_birth_date(person: Person) -> Iterator[str]:
    day = _day(person)
    if day is not None and not person.birth_weak:
        for word in _names(person):
            yield f"nd|{word}|{day}"


def _names_and_part_of_birth_date(person: Person) -> Iterator[str]:
    """Both names with the year, and both with day and month: one wrong part changes nothing."""
    if person.birth_year is None or person.given is None or person.family is None:
        return
    day = _day(person)
    both = f"{_sound(person.given)}|{_sound(person.family)}"
    yield f"ny|{both}|{person.birth_year}"
    if day is not None and not person.birth_weak:
        yield f"nm|{both}|{day[5:]}"


def _names_and_outward(person: Person) -> Iterator[str]:
    if person.given is not None and person.family is not None and person.outward is not None:
        yield f"no|{_sound(person.given)}|{_sound(person.family)}|{person.outward}"


def _places(person: Person) -> Iterable[str]:
    """Every postcode held, or else the address line."""
    return person.postcodes or ([person.address] if person.address is not None else [])


def _birth_date_and_place(person: Person) -> Iterator[str]:
    day = _day(person)
    if day is not None:
        for place in _places(person):
            yield f"dp|{day}|{place}"


def _given_name_and_place(person: Person) -> Iterator[str]:
    for place in _places(person):
        for word in person.givens:
            yield f"np|{_sound(word)}|{place}"


def _family_name_and_place(person: Person) -> Iterator[str]:
    """Brothers and sisters too: their number does not grow with the population."""
    if person.family is not None:
        for place in _places(person):
            yield f"fp|{_sound(person.family)}|{place}"


def _given_name_and_carer(person: Person) -> Iterator[str]:
    if person.given is not None:
        for carer in person.carers:
            yield f"nc|{_sound(person.given)}|{carer}"


def _full_names(person: Person) -> Iterator[str]:
    """Given and family name as they are written, without any date."""
    for given in person.givens:
        for family in person.families:
            yield f"gf|{given}|{family}"


def _names_where_no_birth_date(person: Person) -> Iterator[str]:
    """A record without a date of birth is compared with all of its name, and they with it."""
    for key in _full_names(person):
        yield f"x{key}"
        if person.birth_year is None:
            yield key


def _stored_where_no_birth_date(person: Person) -> Iterator[str]:
    for key in _full_names(person):
        yield key
        if person.birth_year is None:
            yield f"x{key}"


LINKAGE_RULES: tuple[BlockingRule, ...] = (
    BlockingRule(name="block_nhs", keys=_nhs),
    BlockingRule(name="block_upn", keys=_upn),
    BlockingRule(name="block_name_birth_date", keys=_name_and_birth_date),
    BlockingRule(name="block_names_part_birth_date", keys=_names_and_part_of_birth_date),
    BlockingRule(name="block_names_outward", keys=_names_and_outward),
    BlockingRule(name="block_birth_date_place", keys=_birth_date_and_place),
    BlockingRule(name="block_given_place", keys=_given_name_and_place),
    BlockingRule(name="block_family_place", keys=_family_name_and_place),
    BlockingRule(name="block_given_carer", keys=_given_name_and_carer),
    BlockingRule(
        name="block_no_birth_date",
        keys=_names_where_no_birth_date,
        stored=_stored_where_no_birth_date,
        pairs="(l.birth_year IS NULL OR r.birth_year IS NULL)",
    ),
)
"""The rules of linking; only a record without a birth date meets more of them in a bigger index."""


def linkage_keys(person: Person) -> frozenset[str]:
    """Every key to look up for an arriving record; ``index_keys`` are those to store for it."""
    return frozenset(key for rule in LINKAGE_RULES for key in rule.keys(person))


def birth_date_key(birth_date: str) -> str:
    """The key of everyone born on one day (``YYYY-MM-DD``), for searches only."""
    return f"d|{birth_date}"


def _sounds_and_birth_date(person: Person) -> Iterator[str]:
    """How each name sounds, with the date of birth: the broad search."""
    day = _day(person)
    if day is not None:
        for word in (*person.givens, *person.families):
            yield f"sd|{_sound(word)}|{day}"


def index_keys(person: Person) -> frozenset[str]:
    """Everything the store keeps for one source record: for linking and for searching."""
    keys = {key for rule in LINKAGE_RULES for key in (rule.stored or rule.keys)(person)}
    keys.update(_sounds_and_birth_date(person))
    if person.birth_date is not None:
        keys.add(birth_date_key(person.birth_date))
    return frozenset(keys)


def search_keys(query: Person, *, broad: bool) -> frozenset[str]:
    """The keys a practitioner's search looks up (SCH-04); a subset of ``index_keys``.

    Near: names with the date of birth, whole or with day and month swapped, identifiers, and,
    without a date of birth, given and family name together. Broad: names as they sound, and both
    names with a part of the date of birth besides. Aliases, former names, nicknames and swapped
    names are under the keys of the right record already.
    """
    keys = {*_nhs(query), *_upn(query), *_name_and_birth_date(query)}
    if query.birth_date is None or query.birth_weak:
        keys.update(_full_names(query))
    if broad:
        keys.update(_sounds_and_birth_date(query))
        keys.update(_names_and_part_of_birth_date(query))
    return frozenset(keys)
