"""Pure: one line of a feed → a statement, or why it is rejected (decisions.md 22)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from child_index import messages, strict_json
from child_index.errors import Problem
from child_index.message_fields import NAME_LENGTH
from child_index.problem_words import forbidden_key, problem
from child_index.records import (
    ChildStatement,
    StatedAddress,
    StatedAssessment,
    StatedCarer,
    StatedEducation,
    StatedIdentifier,
    StatedInvolvement,
    StatedName,
    StatedPractice,
)
from child_index.retention import earliest_birth_date
from child_index.statement_warnings import warnings_of
from matching import normalise

_PSEUDO_POSTCODES = {"ZZ993VZ": "no-fixed-abode", "ZZ993WZ": "unknown", "ZZ993CZ": "unknown"}
_READERS: Mapping[str, Callable[[str], str | None]] = {
    "nhs": normalise.nhs_number,
    "upn": normalise.upn,
    "former-upn": normalise.upn,
}
_DROPPED_WHEN_UNREADABLE = frozenset({"not_in_list", "not_a_date"})
_NEVER_DROPPED = frozenset({"involvements", "assessment", "deathDate", "deathNotifiedOn", "type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a line is judged by: the feed's standing, and the date in England it arrived on."""

    authority_for: frozenset[str]
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one line says: a statement, a withdrawal (``statement`` is ``None``), or neither.

    ``problems`` are why it is rejected, or, if it is not, what is worth knowing about it.
    """

    source_record_id: str | None
    version: int = 0
    statement: ChildStatement | None = None
    is_rejected: bool = False
    problems: tuple[Problem, ...] = ()


def read_line(text: str, rules: Rules) -> Reading:
    """Read one NDJSON line, strictly; never raises."""
    try:
        payload = strict_json.parse(text)
    except strict_json.NotReadable as fault:
        return _rejected(None, (problem("", fault.code),))
    hostile = strict_json.hostile_places(text, payload)
    if hostile:
        faults = tuple(problem(pointer, "control_character") for pointer in hostile)
        return _rejected(_id_of(payload, hostile), faults)
    return read_payload(payload, rules)


def read_payload(payload: object, rules: Rules) -> Reading:
    """Read one line that is already parsed and holds no hostile character; never raises."""
    kind = payload.get("type") if isinstance(payload, dict) else None
    if not isinstance(payload, dict) or kind not in ("child", "withdraw"):
        return _rejected(_id_of(payload, ()), (problem("/type", "unknown_type"),))
    try:
        loaded, warnings = _load(kind, payload)
    except messages.NotAsAgreed as fault:
        return _rejected(_id_of(payload, ()), _problems(payload, fault))
    if kind == "withdraw":
        return Reading(source_record_id=loaded["source_record_id"], version=loaded["version"])
    return _judged(loaded, rules, warnings)


def _load(kind: str, payload: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Load the line; what is optional and in no list or calendar is left out, and told."""
    try:
        return messages.load(kind, payload), []
    except messages.NotAsAgreed as fault:
        first = fault
    if not all(
        code in _DROPPED_WHEN_UNREADABLE and path[0] not in _NEVER_DROPPED
        for path, code in first.codes
    ):
        raise first
    without = _without(payload, [path for path, _ in first.codes])
    return messages.load(kind, without), [problem(_pointer(p), code) for p, code in first.codes]


def _without(value: Any, paths: list[tuple[str | int, ...]]) -> Any:  # noqa: ANN401 - JSON
    if () in paths:
        return None
    below: dict[str | int, list[tuple[str | int, ...]]] = {}
    for path in paths:
        below.setdefault(path[0], []).append(path[1:])
    if isinstance(value, dict):
        return {k: _without(v, below[k]) if k in below else v for k, v in value.items()}
    return [_without(v, below[i]) if i in below else v for i, v in enumerate(value)]


def _judged(loaded: dict[str, Any], rules: Rules, warnings: list[Problem]) -> Reading:
    faults = [*_sensitive_faults(loaded), *_contact_faults(loaded), *_order_faults(loaded)]
    if not any(map(_is_usable, loaded.get("names", ()))):
        faults.append(problem("/names", "no_usable_name"))
    identifiers = tuple(_identifier(i, rules) for i in loaded.get("identifiers", ()))
    fault = _birth_fault(loaded.get("birth_date"), rules.today)
    if fault is not None:
        if not any(each.is_verified for each in identifiers):
            faults.append(problem("/birthDate", fault))
        elif loaded.pop("birth_date", None) is not None:
            warnings.append(problem("/birthDate", fault))
    if faults:
        return _rejected(loaded["source_record_id"], tuple(faults))
    statement = _statement(loaded, identifiers)
    return Reading(
        source_record_id=statement.source_record_id,
        version=statement.version,
        statement=statement,
        problems=(*warnings, *warnings_of(statement, rules.today)),
    )


def _statement(loaded: dict[str, Any], identifiers: tuple[StatedIdentifier, ...]) -> ChildStatement:
    address, education = loaded.get("address"), loaded.get("education")
    practice, assessment = loaded.get("gp"), loaded.get("assessment")
    return ChildStatement(
        source_record_id=loaded["source_record_id"],
        version=loaded["version"],
        names=tuple(StatedName(**each) for each in loaded.get("names", ()) if _is_usable(each)),
        birth_date=(loaded.get("birth_date") or "").strip() or None,
        sex=loaded.get("sex"),
        death_date=loaded.get("death_date"),
        death_notified_on=loaded.get("death_notified_on"),
        identifiers=identifiers,
        address=_address(address) if address else None,
        previous_addresses=tuple(map(_address, loaded.get("previous_addresses", ()))),
        carers=tuple(StatedCarer(**each) for each in loaded.get("carers", ()) if each),
        education=StatedEducation(**education) if education else None,
        practice=StatedPractice(**practice) if practice else None,
        involvements=tuple(StatedInvolvement(**i) for i in loaded.get("involvements", ())),
        assessment=StatedAssessment(**assessment)
        if assessment and assessment.get("exists", True)
        else None,
    )


def _is_usable(name: Mapping[str, Any]) -> bool:
    """Whether a name holds at least one letter or digit in any script."""
    return any(normalise.name(part) for part in (*name.get("given", ()), name.get("family")))


def _identifier(sent: Mapping[str, str], rules: Rules) -> StatedIdentifier:
    """Keep an identifier as sent; verified only by the authority for its scheme (decisions 2)."""
    scheme, value = sent["scheme"], sent["value"]
    reader = _READERS.get(scheme)
    is_valid = reader is None or reader(value) is not None
    is_verified = is_valid and sent.get("status") == "verified" and scheme in rules.authority_for
    return StatedIdentifier(scheme=scheme, value=value, is_verified=is_verified, is_valid=is_valid)


def _address(sent: Mapping[str, Any]) -> StatedAddress:
    """Read a pseudo-postcode as the statement it is (A.3)."""
    kind = _PSEUDO_POSTCODES.get("".join(sent.get("postcode", "").split()).upper())
    if kind is None:
        return StatedAddress(**sent)
    return StatedAddress(**{**sent, "postcode": None, "kind": kind})


def _birth_fault(birth_date: str | None, today: date) -> str | None:
    """Why a date of birth cannot be used: missing, unreadable, in the future or too far back."""
    if birth_date is None:
        return "no_birth_date"
    year, month, day = normalise.birth(birth_date)
    if year is None:
        return "birth_date_not_readable"
    earliest, latest = (year, month or 1, day or 1), (year, month or 12, day or 31)
    oldest = earliest_birth_date(today)
    if earliest > (today.year, today.month, today.day):
        return "birth_date_impossible"
    if latest < (oldest.year, oldest.month, oldest.day):
        return "birth_date_impossible"
    return None


def _sensitive_faults(loaded: Mapping[str, Any]) -> Iterator[Problem]:
    for place, sent in enumerate(loaded.get("involvements", ())):
        sensitive = sent.pop("sensitive", None)
        if sent["service_type"] != "SENSITIVE" and sensitive is None:
            continue
        basis = (sensitive or {}).get("basis")
        ground = {"CONSENT": "consent", "SIGNIFICANT_HARM": "harm"}.get(basis or "", "")
        is_founded = ground in (sensitive or {})
        code = "sensitive_not_accepted_yet" if is_founded else "sensitive_without_basis"
        yield problem(f"/involvements/{place}/sensitive", code)


def _contact_faults(loaded: Mapping[str, Any]) -> Iterator[Problem]:
    for place, sent in enumerate(loaded.get("involvements", ())):
        if not sent.get("phone") and not sent.get("email") and not sent.get("is_void"):
            yield problem(f"/involvements/{place}/phone", "no_contact")


def _order_faults(loaded: Mapping[str, Any]) -> Iterator[Problem]:
    for place, sent in enumerate(loaded.get("involvements", ())):
        if "ended_on" in sent and sent["ended_on"] < sent["started_on"]:
            yield problem(f"/involvements/{place}/endedOn", "end_before_start")
    assessment = loaded.get("assessment", {})
    assessed_on, closed_on = assessment.get("assessed_on"), assessment.get("closed_on")
    if assessed_on and closed_on and closed_on < assessed_on:
        yield problem("/assessment/closedOn", "end_before_start")


def _rejected(source_record_id: str | None, problems: tuple[Problem, ...]) -> Reading:
    return Reading(source_record_id=source_record_id, is_rejected=True, problems=problems)


def _id_of(payload: object, hostile: tuple[str, ...]) -> str | None:
    """The sender's own id, if it can be told apart at all."""
    found = payload.get("sourceRecordId") if isinstance(payload, dict) else None
    is_fit = isinstance(found, str) and 0 < len(found) <= NAME_LENGTH
    return found if is_fit and "/sourceRecordId" not in hostile else None


def _problems(payload: object, fault: messages.NotAsAgreed) -> tuple[Problem, ...]:
    """The faults of a line; a forbidden key at any depth is named, any other unknown one shown."""
    forbidden = [
        problem(f"{pointer}/{strict_json.shown_key(key)}", "forbidden_field", name)
        for pointer, key in strict_json.keys(payload)
        if (name := forbidden_key(key)) is not None
    ]
    named = {each.pointer for each in forbidden}
    others = [problem(_pointer(path), code) for path, code in fault.codes]
    return (*forbidden, *(each for each in others if each.pointer not in named))


def _pointer(path: tuple[str | int, ...]) -> str:
    return "".join(
        f"/{strict_json.shown_key(each) if isinstance(each, str) else each}" for each in path
    )
