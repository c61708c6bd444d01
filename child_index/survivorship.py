"""Pure: which source record's value a child's record shows, field by field; computed when read."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from child_index.records import (
    SourceRecord,
    StatedAddress,
    StatedCarer,
    StatedEducation,
    StatedIdentifier,
    StatedName,
    StatedPractice,
)
from matching import normalise

V = TypeVar("V")
USUAL = "usual"
ALIAS = "alias"
_NO_PLACE = frozenset({"unknown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildFacts:
    """What a child's record shows: every field from the source record that says it best.

    ``names`` begins with the usual name; any other spelling is held as an alias. ``birth_date`` is
    as sent, perhaps only a year. ``death_notified_on`` is the earliest notification held.
    """

    names: tuple[StatedName, ...]
    birth_date: str | None
    sex: str | None
    death_notified_on: date | None
    address: StatedAddress | None
    carers: tuple[StatedCarer, ...]
    education: StatedEducation | None
    practice: StatedPractice | None
    identifiers: tuple[StatedIdentifier, ...]


def child_facts(records: Sequence[SourceRecord]) -> ChildFacts:
    """Choose, field by field: verified over reported, then the fresher, then the older record.

    A feed is trusted for identity when it is the authority for an identifier that it has verified
    on this record; the same rule serves every field, so that it can be told in one sentence.
    """
    best_first = sorted(records, key=_trust)
    return ChildFacts(
        names=_names(best_first),
        birth_date=_birth_date(best_first),
        sex=_first(best_first, lambda r: r.statement.sex, lambda sex: sex not in {"unknown"}),
        death_notified_on=min(
            (r.statement.death_notified_on for r in records if r.statement.death_notified_on),
            default=None,
        ),
        address=_first(_freshest(records), lambda r: r.statement.address, _says_a_place),
        carers=_carers(best_first),
        education=_first(_freshest(records), lambda r: r.statement.education),
        practice=_first(best_first, lambda r: r.statement.practice),
        identifiers=_identifiers(best_first),
    )


def full_birth_date(facts: ChildFacts) -> date | None:
    """Return the date of birth when all three parts are held."""
    text = facts.birth_date
    return date.fromisoformat(text) if text and len(text) == len("YYYY-MM-DD") else None


def _trust(record: SourceRecord) -> tuple[bool, int, int]:
    verified = any(i.is_verified and i.is_valid for i in record.statement.identifiers)
    return (not verified, -record.last_confirmed_on.toordinal(), record.source_id)


def _freshest(records: Iterable[SourceRecord]) -> list[SourceRecord]:
    return sorted(records, key=lambda r: (-r.last_confirmed_on.toordinal(), r.source_id))


def _first(
    records: Iterable[SourceRecord],
    value_of: Callable[[SourceRecord], V | None],
    counts: Callable[[V], bool] = lambda value: True,
) -> V | None:
    for record in records:
        value = value_of(record)
        if value is not None and counts(value):
            return value
    return None


def _says_a_place(address: StatedAddress) -> bool:
    return address.kind not in _NO_PLACE


def _birth_date(best_first: Sequence[SourceRecord]) -> str | None:
    """Whole dates first, then those that are no 1 January (often a guess), then trust."""
    held = [r.statement.birth_date for r in best_first if r.statement.birth_date]
    return min(held, key=lambda d: (-len(d), d.endswith("-01-01")), default=None)


def _names(best_first: Sequence[SourceRecord]) -> tuple[StatedName, ...]:
    """The usual name of the best record, then every other name once, as an alias or as said."""
    stated = [n for r in best_first for n in r.statement.names]
    usual_first = sorted(stated, key=lambda n: (n.use != USUAL, _is_placeholder(n)))
    shown: dict[tuple[str, str], StatedName] = {}
    for name in usual_first:
        spelt = (" ".join(name.given).casefold(), (name.family or "").casefold())
        if spelt not in shown:
            use = ALIAS if shown and name.use == USUAL else name.use
            shown[spelt] = replace(name, use=use)
    return tuple(shown.values())


def _is_placeholder(name: StatedName) -> bool:
    return not name.given or all(normalise.is_placeholder(given) for given in name.given)


def _carers(best_first: Sequence[SourceRecord]) -> tuple[StatedCarer, ...]:
    """Each carer once; where two records name the same one, the one with a telephone number."""
    shown: dict[tuple[str, str], StatedCarer] = {}
    for record in best_first:
        for carer in record.statement.carers:
            named = (
                normalise.name(" ".join(carer.given)) or "",
                normalise.name(carer.family) or "",
            )
            if named not in shown or (carer.phone and not shown[named].phone):
                shown[named] = carer
    return tuple(shown.values())


def _identifiers(best_first: Sequence[SourceRecord]) -> tuple[StatedIdentifier, ...]:
    """Each valid identifier once, verified ones first; an invalid one is never shown as one."""
    held = [i for r in best_first for i in r.statement.identifiers if i.is_valid]
    shown: dict[tuple[str, str], StatedIdentifier] = {}
    for identifier in sorted(held, key=lambda i: not i.is_verified):
        shown.setdefault((identifier.scheme, identifier.value), identifier)
    return tuple(shown.values())
