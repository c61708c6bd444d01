"""Pure: the rows of one source record in a CSV → the message an NDJSON line is, and back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from child_index import strict_json
from child_index.errors import Problem
from child_index.problem_words import forbidden_key, problem

_LONGEST_ID = 100
EXTRA_CELLS = "+"
"""Stands for the cells of a row beyond the last column that has a name."""

CHILD_COLUMNS: Mapping[str, str] = {
    "source_record_id": "/sourceRecordId",
    "version": "/version",
    "given_names": "/names/0/given",
    "family_name": "/names/0/family",
    "alias_given_names": "/names/1/given",
    "alias_family_name": "/names/1/family",
    "date_of_birth": "/birthDate",
    "sex": "/sex",
    "nhs_number": "/identifiers/nhs",
    "nhs_number_status": "/identifiers/nhs/status",
    "upn": "/identifiers/upn",
    "address_line": "/address/lines",
    "town": "/address/town",
    "postcode": "/address/postcode",
    "carer_given_name": "/carers/0/given",
    "carer_family_name": "/carers/0/family",
    "carer_relationship": "/carers/0/relationship",
    "carer_phone": "/carers/0/phone",
    "school_name": "/education/settingName",
    "gp_name": "/gp/name",
}
INVOLVEMENT_COLUMNS: Mapping[str, str] = {
    "involvement_id": "involvementId",
    "service_type": "serviceType",
    "organisation": "organisation",
    "contact_kind": "contactKind",
    "contact_name": "contactName",
    "contact_role": "contactRole",
    "phone": "phone",
    "email": "email",
    "started_on": "startedOn",
    "ended_on": "endedOn",
    "lead_professional": "leadProfessional",
    "sensitive_kind": "sensitive",
    "sensitive_basis": "sensitive",
}
_COLUMN_OF = {pointer: column for column, pointer in CHILD_COLUMNS.items()} | {
    "/names": "family_name",
    "/address/kind": "address_line",
}
_INVOLVEMENT_COLUMN_OF = {"sensitive": "sensitive_basis"} | {
    key: column for column, key in INVOLVEMENT_COLUMNS.items() if key != "sensitive"
}
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_SEXES = {"m": "male", "f": "female", "1": "male", "2": "female", "0": "unknown", "9": "other"}
_INVOLVED = re.compile(r"/involvements/([0-9]+)/?([A-Za-z]*)")

Cells = Mapping[str, str]


def faults_of(rows: Sequence[Cells]) -> tuple[Problem, ...]:
    """What no message can be made from: unknown and forbidden columns, and versions that differ.

    A blank cell is the absence of its column, so only rows that fill one are refused.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    found = [
        _column_fault(name)
        for name in names
        if name not in CHILD_COLUMNS and name not in INVOLVEMENT_COLUMNS
    ]
    if len({row.get("version", "").strip() for row in rows}) > 1:
        found.append(problem("version", "versions_differ"))
    return tuple(found)


def _column_fault(name: str) -> Problem:
    if name == EXTRA_CELLS:
        return problem("", "wrong_number_of_cells")
    forbidden = forbidden_key(name)
    shown = name if re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) else "?"
    if forbidden is not None:
        return problem(shown, "forbidden_field", forbidden)
    return problem(shown, "unknown_field")


def message(rows: Sequence[Cells], default_version: int) -> dict[str, Any]:
    """Make the ``child`` message of one source record from its rows, one involvement in each.

    What the rows say of the child twice is taken from the first that says it; further aliases and
    carers are kept. ``default_version`` stands where no version is sent (C.1 does not require it).
    """
    first = _first(rows)
    version = first.get("version", str(default_version))
    return {
        "type": "child",
        "sourceRecordId": first.get("source_record_id"),
        "version": _whole(version),
        "names": _names(rows, first),
        "birthDate": first.get("date_of_birth"),
        "sex": _SEXES.get(first.get("sex", "").lower(), first.get("sex", "").lower() or None),
        "identifiers": _identifiers(first),
        "address": _address(first),
        "carers": _carers(rows),
        "education": _one("settingName", first.get("school_name")),
        "gp": _one("name", first.get("gp_name")),
        "involvements": [_involvement(row, version) for row in rows if _is_involved(row)],
    }


def involvement_lines(rows: Sequence[Cells], lines: Sequence[int]) -> tuple[int, ...]:
    """The line each involvement of the message comes from."""
    return tuple(line for row, line in zip(rows, lines, strict=True) if _is_involved(row))


def id_of(rows: Sequence[Cells]) -> str | None:
    """The sender's own id, if it can be told apart at all."""
    found = rows[0].get("source_record_id", "").strip()
    is_fit = 0 < len(found) <= _LONGEST_ID and not strict_json.is_hostile(found)
    return found if is_fit else None


def sends_nhs_number(rows: Sequence[Cells]) -> bool:
    """Say whether the first identifier of the message is an NHS number, not a UPN."""
    return any("nhs_number" in row for row in rows)


def column_problem(found: Problem, *, sends_nhs: bool) -> tuple[Problem, int | None]:
    """Point at the column instead of the message; with the place of the involvement, if any."""
    if found.pointer.startswith("/identifiers/"):
        is_nhs = sends_nhs and found.pointer.startswith("/identifiers/0")
        return replace(found, pointer="nhs_number" if is_nhs else "upn"), None
    involved = _INVOLVED.match(found.pointer)
    if involved:
        column = _INVOLVEMENT_COLUMN_OF.get(involved.group(2), "involvement_id")
        return replace(found, pointer=column), int(involved.group(1))
    pointer = found.pointer
    while pointer and pointer not in _COLUMN_OF:
        pointer = pointer.rpartition("/")[0]
    return replace(found, pointer=_COLUMN_OF.get(pointer, "source_record_id")), None


def _first(rows: Sequence[Cells]) -> dict[str, str]:
    """Each child column's first cell that is not blank."""
    found: dict[str, str] = {}
    for row in rows:
        for name in row.keys() & CHILD_COLUMNS.keys():
            found.setdefault(name, row[name].strip())
    return found


def _names(rows: Sequence[Cells], first: Cells) -> list[dict[str, Any]]:
    usual = {
        "use": "usual",
        "given": first.get("given_names", "").split(),
        "family": first.get("family_name"),
    }
    aliases = dict.fromkeys(
        (row.get("alias_given_names", "").strip(), row.get("alias_family_name", "").strip())
        for row in rows
    )
    others = [
        {
            "use": "alias",
            "given": given.split() or usual["given"],
            "family": family or usual["family"],
        }
        for given, family in aliases
        if given or family
    ]
    return [usual, *others]


def _identifiers(first: Cells) -> list[dict[str, Any]]:
    status = first.get("nhs_number_status")
    nhs = {"scheme": "nhs", "value": first.get("nhs_number"), "status": status}
    upn = {"scheme": "upn", "value": first.get("upn")}
    return [each for each in (nhs, upn) if each["value"]]


def _address(first: Cells) -> dict[str, Any] | None:
    line, town, postcode = map(first.get, ("address_line", "town", "postcode"))
    if not (line or town or postcode):
        return None
    return {"lines": [line] if line else [], "town": town, "postcode": postcode}


def _carers(rows: Sequence[Cells]) -> list[dict[str, Any]]:
    columns = ("carer_given_name", "carer_family_name", "carer_relationship", "carer_phone")
    found = dict.fromkeys(tuple(row.get(name, "").strip() for name in columns) for row in rows)
    return [
        {
            "given": given.split(),
            "family": family,
            "relationship": relationship.lower(),
            "phone": phone,
        }
        for given, family, relationship, phone in found
        if given or family or phone
    ]


def _one(key: str, value: str | None) -> dict[str, Any] | None:
    return {key: value} if value else None


def _is_involved(row: Cells) -> bool:
    return not row.keys().isdisjoint(INVOLVEMENT_COLUMNS)


def _involvement(row: Cells, version: str) -> dict[str, Any]:
    sent: dict[str, Any] = {
        key: row[column].strip()
        for column, key in INVOLVEMENT_COLUMNS.items()
        if column in row and key != "sensitive"
    }
    lead = sent.pop("leadProfessional", "").lower()
    if lead:
        sent["leadProfessional"] = _FLAGS.get(lead, lead)
    for key in ("serviceType", "contactKind"):
        if key in sent:
            sent[key] = sent[key].upper()
    if "sensitive_kind" in row or "sensitive_basis" in row:
        kind, basis = row.get("sensitive_kind"), row.get("sensitive_basis")
        sent["sensitive"] = {"kind": kind, "basis": basis}
    return sent | {"version": _whole(version)}


def _whole(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else text
