"""The lines a feed sends: one marshmallow schema for each, and the same as JSON Schema.

An error message of a field is its stable code; ``statements`` makes problems of them. A schema
loads into the keywords of the ``records`` dataclass of the same name, so nothing is copied twice.
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError, pre_load

from child_index.message_fields import (
    Coded,
    Day,
    Flag,
    Inner,
    Line,
    NotQuick,
    Text,
    Texts,
    Whole,
    shape_of,
)

_LONG_TEXT = 200
_MOST = 50
_MOST_INVOLVEMENTS = 500

USES = ("usual", "preferred", "former", "alias", "birth-registered")
SEXES = ("male", "female", "other", "unknown")
SCHEMES = ("nhs", "upn", "former-upn", "la-child-id")
ADDRESS_KINDS = ("current", "no-fixed-abode", "unknown", "left-england")
RELATIONSHIPS = (
    "mother",
    "father",
    "parental-responsibility",
    "carer",
    "foster-carer",
    "unknown",
)
SERVICE_TYPES = (
    "SOCIAL_CARE",
    "YOUTH_JUSTICE",
    "EARLY_HELP",
    "YOUTH_SERVICE",
    "HEALTH_VISITING",
    "SCHOOL_NURSING",
    "COMMUNITY_PAEDIATRICS",
    "EDUCATION_WELFARE",
    "PASTORAL",
    "SEND",
    "HOUSING",
    "POLICE_CHILD",
    "VOLUNTARY",
    "YOUNG_CARERS",
    "MATERNITY",
    "CONNEXIONS",
    "OTHER",
    "SENSITIVE",
)


class Name(Line):
    """One name → ``records.StatedName``."""

    use = Coded(USES)
    given = Texts(10)
    family = Text()
    from_on = Day(data_key="from")
    to_on = Day(data_key="to")


class Identifier(Line):
    """One identifier, with what the feed says of it."""

    scheme = Coded(SCHEMES, required=True)
    value = Text(required=True)
    status = Coded(("verified", "reported"))


class Address(Line):
    """One address → ``records.StatedAddress``."""

    lines = Texts(5)
    town = Text()
    postcode = Text()
    uprn = Text()
    kind = Coded(ADDRESS_KINDS)
    from_on = Day(data_key="from")


class Carer(Line):
    """One parent or carer → ``records.StatedCarer``."""

    given = Texts(10)
    family = Text()
    relationship = Coded(RELATIONSHIPS)
    has_parental_responsibility = Flag(data_key="parentalResponsibility")
    phone = Text()
    email = Text(_LONG_TEXT)


class Education(Line):
    """The school or other setting → ``records.StatedEducation``."""

    setting_name = Text(_LONG_TEXT, data_key="settingName")
    urn = Text()
    la_estab = Text(data_key="laEstab")
    phone = Text()
    started_on = Day(data_key="startedOn")
    ended_on = Day(data_key="endedOn")
    status = Coded(("enrolled", "elective-home", "not-known"))


class Practice(Line):
    """The GP practice → ``records.StatedPractice``."""

    ods_code = Text(data_key="odsCode")
    name = Text(_LONG_TEXT)
    phone = Text()


class Consent(Line):
    """Who agreed that a sensitive service be listed, for whom, when and how (CON-01)."""

    given_by = Text(required=True, data_key="givenBy")
    on_behalf_of = Text(required=True, data_key="onBehalfOf")
    given_on = Day(required=True, data_key="givenOn")
    method = Text(required=True)


class Harm(Line):
    """Who decided that harm outweighs consent, and when (CON-01)."""

    decided_by = Text(required=True, data_key="decidedBy")
    decided_on = Day(required=True, data_key="decidedOn")


class Sensitive(Line):
    """The kind and basis of a sensitive service."""

    kind = Coded(("SEXUAL_HEALTH", "MENTAL_HEALTH", "SUBSTANCE_MISUSE"))
    basis = Coded(("CONSENT", "SIGNIFICANT_HARM"))
    consent = Inner(Consent)
    harm = Inner(Harm)


class Involvement(Line):
    """One involvement → ``records.StatedInvolvement``, but for ``sensitive``.

    One that is voided need not say again what it was.
    """

    involvement_id = Text(required=True, data_key="involvementId")
    version = Whole(required=True)
    service_type = Coded(SERVICE_TYPES, required=True, data_key="serviceType")
    organisation = Text(_LONG_TEXT, required=True)
    contact_kind = Coded(("TEAM", "PERSON"), required=True, data_key="contactKind")
    contact_name = Text(data_key="contactName")
    contact_role = Text(data_key="contactRole")
    phone = Text()
    email = Text(_LONG_TEXT)
    hours = Text()
    started_on = Day(required=True, data_key="startedOn")
    ended_on = Day(data_key="endedOn")
    is_lead_professional = Flag(data_key="leadProfessional")
    family_informed = Coded(("yes", "no-unsafe", "no-not-yet"), data_key="familyInformed")
    is_void = Flag(data_key="void")
    sensitive = Inner(Sensitive)

    @pre_load
    def _let_a_void_one_be_short(
        self,
        data: Any,  # noqa: ANN401 - whatever was sent
        **_: Any,  # noqa: ANN401 - marshmallow's signature
    ) -> Any:  # noqa: ANN401 - marshmallow's signature
        if not isinstance(data, dict) or data.get("void") is not True:
            return data
        return {**VOIDED} | {key: value for key, value in data.items() if value is not None}


VOIDED: Mapping[str, str] = {
    "serviceType": "OTHER",
    "organisation": "-",
    "contactKind": "TEAM",
    "startedOn": "1900-01-01",
}
"""What stands in for what a voided involvement leaves out; it is never shown."""


class Assessment(Line):
    """That an assessment exists → ``records.StatedAssessment``."""

    exists = Flag()
    kind = Coded(("CAF", "EHA"))
    assessed_on = Day(data_key="assessedOn")
    closed_on = Day(data_key="closedOn")
    contact_name = Text(data_key="contactName")
    phone = Text()
    email = Text(_LONG_TEXT)


class Child(Line):
    """A whole statement about one source record (decisions.md 20) → ``records.ChildStatement``."""

    type = Coded(("child",))
    source_record_id = Text(required=True, data_key="sourceRecordId")
    version = Whole(required=True)
    names = Inner(Name, most=_MOST)
    birth_date = Text(data_key="birthDate")
    sex = Coded(SEXES)
    death_date = Day(data_key="deathDate")
    death_notified_on = Day(data_key="deathNotifiedOn")
    identifiers = Inner(Identifier, most=_MOST)
    address = Inner(Address)
    previous_addresses = Inner(Address, most=_MOST, data_key="previousAddresses")
    carers = Inner(Carer, most=_MOST)
    education = Inner(Education)
    gp = Inner(Practice)
    involvements = Inner(Involvement, most=_MOST_INVOLVEMENTS)
    assessment = Inner(Assessment)


class Withdraw(Line):
    """A source record is taken back whole (decisions.md 24)."""

    type = Coded(("withdraw",), required=True)
    source_record_id = Text(required=True, data_key="sourceRecordId")
    version = Whole(required=True)


class Header(Line):
    """The first line of a batch."""

    type = Coded(("header",), required=True)
    sequence = Whole(1, required=True)
    mode = Coded(("delta", "snapshot"), required=True)
    created_at = Text(data_key="createdAt")
    as_of = Text(data_key="asOf")


class Trailer(Line):
    """The last line of a batch; ``count`` is the lines between it and the header."""

    type = Coded(("trailer",), required=True)
    count = Whole(required=True)


_LOADERS: Mapping[str, Line] = {
    "child": Child(),
    "withdraw": Withdraw(),
    "header": Header(),
    "trailer": Trailer(),
}


class NotAsAgreed(ValueError):
    """A line breaks its schema; ``codes`` are (JSON pointer parts, code), never a value."""

    def __init__(self, codes: tuple[tuple[tuple[str | int, ...], str], ...]) -> None:
        self.codes = codes
        super().__init__("a line breaks its schema")


def load(kind: str, payload: object) -> dict[str, Any]:
    """Load one line of ``kind`` (child, withdraw, header or trailer).

    Raises:
        NotAsAgreed: with every place that is wrong, and its code.
    """
    with contextlib.suppress(NotQuick):
        return _LOADERS[kind].quick(payload)
    try:
        loaded: dict[str, Any] = _LOADERS[kind].load(payload)  # type: ignore[arg-type]  # any JSON
    except ValidationError as error:
        codes = tuple(_flat(error.messages, ()))
    else:
        return loaded
    raise NotAsAgreed(codes)


def _flat(
    messages: Any,  # noqa: ANN401 - nested as it comes
    path: tuple[str | int, ...],
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _flat(inner, path if key == "_schema" else (*path, key))
    else:
        for code in messages:
            yield path, code


def json_schema() -> dict[str, Any]:
    """The lines of a batch as JSON Schema (2020-12): what every sender can check against."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "One line of a Child Index batch",
        "oneOf": [{"title": kind} | shape_of(loader) for kind, loader in _LOADERS.items()],
    }
