"""What a practitioner says of their own part in a child's record."""

from typing import Any

from marshmallow import post_load

from api.schemas.fields import Day, Message, Text, Truth
from child_index.answers import MyInvolvement


class InvolvementIn(Message):
    """``POST /children/{childRef}/involvements``: at most six fields (D18)."""

    service_type = Text(data_key="serviceType", required=True)
    contact_name = Text(data_key="contactName", shortest=1, required=True)
    contact_role = Text(data_key="contactRole", allow_none=True)
    phone = Text(30, allow_none=True)
    email = Text(allow_none=True)
    started_on = Day(data_key="startedOn", allow_none=True)
    family_informed = Text(data_key="familyInformed", allow_none=True)

    @post_load
    def _make(self, message: dict[str, Any], **_: Any) -> MyInvolvement:  # noqa: ANN401 - the library's own
        return MyInvolvement(**message)


class EndIn(Message):
    """``PUT …/involvements/{involvementId}/end``."""

    ended_on = Day(data_key="endedOn", required=True)


class FamilyInformedIn(Message):
    """``PUT …/involvements/{involvementId}/family-informed``."""

    family_informed = Text(data_key="familyInformed", required=True)


class LeadIn(Message):
    """``PUT …/lead-professional``."""

    involvement_id = Text(data_key="involvementId", required=True)
    agreed_change = Truth(data_key="agreedChange")


class OutcomeIn(Message):
    """``POST …/outcomes``: one word, no text (OUT-01)."""

    outcome = Text(required=True)
