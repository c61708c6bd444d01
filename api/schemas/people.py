"""A child's details as answers carry them: names, places, contacts; keys as in feeds' own lines."""

from typing import Any

from marshmallow import fields

from api.schemas.answering import Answer
from child_index.records import ListedInvolvement, StatedIdentifier


class Name(Answer):
    """One name, as its feed typed it."""

    use = fields.String(required=True)
    given = fields.List(fields.String(), required=True)
    family = fields.String(required=True, allow_none=True)


def _status(identifier: StatedIdentifier) -> str:
    return "verified" if identifier.is_verified else "reported"


class Identifier(Answer):
    """One valid identifier, and whether its authority has verified it."""

    scheme = fields.String(required=True)
    value = fields.String(required=True)
    status = fields.Function(
        _status,
        required=True,
        metadata={"type": "string", "enum": ["verified", "reported"]},
    )


class Address(Answer):
    """One address, or a statement that there is none (``kind``)."""

    lines = fields.List(fields.String(), required=True)
    town = fields.String(required=True, allow_none=True)
    postcode = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True)


class Carer(Answer):
    """A parent or carer."""

    given = fields.List(fields.String(), required=True)
    family = fields.String(required=True, allow_none=True)
    relationship = fields.String(required=True)
    parental_responsibility = fields.Boolean(
        data_key="parentalResponsibility",
        attribute="has_parental_responsibility",
        required=True,
        allow_none=True,
    )
    phone = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)


class Education(Answer):
    """The school or other setting."""

    setting_name = fields.String(data_key="settingName", required=True, allow_none=True)
    urn = fields.String(required=True, allow_none=True)
    la_estab = fields.String(data_key="laEstab", required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    started_on = fields.Date(data_key="startedOn", required=True, allow_none=True)
    ended_on = fields.Date(data_key="endedOn", required=True, allow_none=True)
    status = fields.String(required=True, allow_none=True)


class Practice(Answer):
    """The GP practice."""

    ods_code = fields.String(data_key="odsCode", required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)


class Assessment(Answer):
    """That an assessment exists, and whom to ask; never its content."""

    exists = fields.Boolean(required=True)
    kind = fields.String(required=True)
    assessed_on = fields.Date(data_key="assessedOn", required=True, allow_none=True)
    closed_on = fields.Date(data_key="closedOn", required=True, allow_none=True)
    contact_name = fields.String(data_key="contactName", required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)


class ListedRow(Answer):
    """One involvement as this caller may see it today.

    ``unconfirmedSince`` is there only when the feed has been silent about it (VIS-04), ``hours``
    only when given, ``familyInformed`` only on the caller's own rows.
    """

    involvement_id = fields.String(
        data_key="involvementId", attribute="involvement.involvement_id", required=True
    )
    version = fields.Integer(attribute="involvement.version", required=True)
    service_type = fields.String(
        data_key="serviceType", attribute="involvement.service_type", required=True
    )
    organisation = fields.String(attribute="involvement.organisation", required=True)
    contact_kind = fields.String(
        data_key="contactKind", attribute="involvement.contact_kind", required=True
    )
    contact_name = fields.String(
        data_key="contactName",
        attribute="involvement.contact_name",
        required=True,
        allow_none=True,
    )
    contact_role = fields.String(
        data_key="contactRole",
        attribute="involvement.contact_role",
        required=True,
        allow_none=True,
    )
    phone = fields.String(attribute="involvement.phone", required=True, allow_none=True)
    email = fields.String(attribute="involvement.email", required=True, allow_none=True)
    hours = fields.String(attribute="involvement.hours")
    state = fields.String(required=True, metadata={"enum": ["ACTIVE", "ENDED_VISIBLE"]})
    started_on = fields.Date(
        data_key="startedOn", attribute="involvement.started_on", required=True
    )
    ended_on = fields.Date(
        data_key="endedOn", attribute="involvement.ended_on", required=True, allow_none=True
    )
    shown_until = fields.Date(data_key="shownUntil", required=True, allow_none=True)
    last_confirmed_on = fields.Date(
        data_key="lastConfirmedOn", attribute="involvement.last_confirmed_on", required=True
    )
    unconfirmed_since = fields.Date(data_key="unconfirmedSince")
    family_informed = fields.String(
        data_key="familyInformed", attribute="involvement.family_informed"
    )
    yours = fields.Boolean(attribute="is_yours", required=True)

    def trim(self, answer: dict[str, Any], original: ListedInvolvement) -> None:
        """Leave out what is not said, and what is nobody else's business."""
        for key in ("unconfirmedSince", "hours", "familyInformed"):
            if answer[key] is None:
                del answer[key]
        if not original.is_yours:
            answer.pop("familyInformed", None)
