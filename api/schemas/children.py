"""Search, open, and what is done with a child opened: what is asked and what is answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import (
    ValidationError,
    fields,
    post_load,
    pre_load,
    validate,
    validates_schema,
)

from api.schemas.answering import Answer
from api.schemas.fields import Day, Instant, Message, Text, Truth, Word
from api.schemas.people import (
    Address,
    Assessment,
    Carer,
    Education,
    Identifier,
    ListedRow,
    Name,
    Practice,
)
from child_index.answers import Card, ChildView, Criteria

LONGEST_REASON = 2_000
LONGEST_TOKEN = 200
MOST_IDENTIFIERS = 5
NOT_SEARCHABLE = frozenset(
    {
        "phone",
        "email",
        "address",
        "addressLines",
        "carers",
        "carerGiven",
        "carerFamily",
        "carerPhone",
        "parentGiven",
        "parentFamily",
        "settingName",
        "practitioner",
    }
)
"""Keys that are known, and by which no child may be looked for (SCH-01a)."""

SEXES = ("male", "female", "other", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAsked:
    """A search as it was asked, and why."""

    criteria: Criteria
    reason: str | None
    reason_text: str | None


class Range(Message):
    """Two dates between which the child was born (SCH-03)."""

    first = Day(data_key="from", required=True)
    last = Day(data_key="to", required=True)


class PersonSpecification(Message):
    """What is known of the child; DfE SUI's keys."""

    given = Text(allow_none=True)
    family = Text(allow_none=True)
    birth_date = Day(data_key="birthDate", allow_none=True)
    birth_date_range = fields.Nested(Range, data_key="birthDateRange", allow_none=True)
    gender = Word(SEXES, allow_none=True)
    postcode = Text(10, data_key="addressPostalCode", allow_none=True)

    @pre_load
    def _set_aside_what_may_not_be_searched_by(
        self,
        message: Any,  # noqa: ANN401 - whatever was sent
        **_: Any,  # noqa: ANN401 - the library's own
    ) -> Any:  # noqa: ANN401 - whatever was sent
        if not isinstance(message, Mapping):
            return message
        return {key: value for key, value in message.items() if key not in NOT_SEARCHABLE}

    @validates_schema
    def _one_birth_date(self, message: dict[str, Any], **_: Any) -> None:  # noqa: ANN401 - the library's own
        if message.get("birth_date") and message.get("birth_date_range"):
            raise ValidationError("Give a date or a range, not both.", "birthDateRange")


class SoughtIdentifier(Message):
    """An identifier that is known of the child."""

    scheme = Word(("nhs", "upn"), required=True)
    value = Text(20, shortest=1, required=True)


class SearchIn(Message):
    """``POST /searches``."""

    person = fields.Nested(PersonSpecification, data_key="personSpecification", allow_none=True)
    identifiers = fields.List(
        fields.Nested(SoughtIdentifier),
        allow_none=True,
        validate=validate.Length(max=MOST_IDENTIFIERS),
    )
    mode = Word(("near", "broad"))
    reason = Text(allow_none=True)
    reason_text = Text(LONGEST_REASON, data_key="reasonText", allow_none=True)

    @post_load(pass_original=True)
    def _make(
        self,
        message: dict[str, Any],
        sent: Mapping[str, Any],
        **_: Any,  # noqa: ANN401 - the library's own
    ) -> SearchAsked:
        person = message.get("person") or {}
        born = person.get("birth_date_range") or {}
        gender = person.get("gender")
        return SearchAsked(
            criteria=Criteria(
                given=_filled(person.get("given")),
                family=_filled(person.get("family")),
                birth_date=person.get("birth_date"),
                birth_from=born.get("first"),
                birth_to=born.get("last"),
                sex=None if gender == "unknown" else gender,
                postcode=_filled(person.get("postcode")),
                identifiers=tuple(
                    (known["scheme"], known["value"]) for known in message.get("identifiers") or ()
                ),
                mode=message.get("mode", "near"),
                not_allowed=tuple(
                    f"/personSpecification/{key}"
                    for key, value in (sent.get("personSpecification") or {}).items()
                    if key in NOT_SEARCHABLE and value is not None
                ),
            ),
            reason=message.get("reason"),
            reason_text=message.get("reason_text"),
        )


def _filled(text: str | None) -> str | None:
    """Blank is not given."""
    return (text or "").strip() or None


class CardOut(Answer):
    """One child who may be the one looked for (SCH-06); ``deceased`` only when so."""

    handle = fields.String(required=True)
    names = fields.List(fields.Nested(Name), required=True)
    birth_date = fields.String(data_key="birthDate", required=True, allow_none=True)
    gender = fields.String(attribute="sex", required=True, allow_none=True)
    confidence = fields.String(
        required=True, metadata={"enum": ["very-likely", "likely", "possible"]}
    )
    because = fields.List(fields.String(), required=True)
    against = fields.List(fields.String(), required=True)
    restricted = fields.Boolean(attribute="is_restricted", required=True)
    deceased = fields.Boolean(attribute="has_died")

    def trim(self, answer: dict[str, Any], original: Card) -> None:
        """Say that the child has died only when so."""
        if not original.has_died:
            del answer["deceased"]


class SearchOut(Answer):
    """What a search found; ``many`` and ``none`` carry no card."""

    search_id = fields.String(data_key="searchId", required=True)
    outcome = fields.String(required=True, metadata={"enum": ["match", "possible", "many", "none"]})
    message = fields.String(required=True)
    results = fields.List(fields.Nested(CardOut), required=True)


class OpenIn(Message):
    """``POST /children/open``."""

    handle = Text(LONGEST_TOKEN, required=True)
    identity_confirmed = Truth(data_key="identityConfirmed", required=True)
    reason = Text(allow_none=True)
    reason_text = Text(LONGEST_REASON, data_key="reasonText", allow_none=True)


class Freshness(Answer):
    """When a feed last delivered."""

    organisation = fields.String(required=True)
    last_received_on = fields.Date(data_key="lastReceivedOn", required=True, allow_none=True)
    stale = fields.Boolean(attribute="is_stale", required=True)


_KEY_OF_FIELD = {
    "address": "address",
    "carers": "carers",
    "education": "education",
    "practice": "gp",
    "identifiers": "identifiers",
    "responsible_authority": "responsibleAuthority",
    "involvements": "involvements",
    "assessment": "assessment",
    "lead_professional": "leadProfessional",
    "unspecified_sensitive_service": "unspecifiedSensitiveService",
}
_NOT_ON_RESTRICTED = ("feeds", "unspecifiedSensitiveService")


class ChildOut(Answer):
    """One child and who is working with them; what the caller may not read is absent."""

    child_ref = fields.String(data_key="childRef", required=True)
    index_number = fields.String(data_key="indexNumber", required=True)
    status = fields.Function(
        lambda view: "DECEASED_HOLD" if view.has_died else "LIVE",
        required=True,
        metadata={"type": "string", "enum": ["LIVE", "DECEASED_HOLD"]},
    )
    names = fields.List(fields.Nested(Name), required=True)
    birth_date = fields.String(data_key="birthDate", required=True, allow_none=True)
    gender = fields.String(attribute="sex", required=True, allow_none=True)
    responsible_authority = fields.String(data_key="responsibleAuthority", allow_none=True)
    address = fields.Nested(Address, allow_none=True)
    carers = fields.List(fields.Nested(Carer))
    education = fields.Nested(Education, allow_none=True)
    gp = fields.Nested(Practice, attribute="practice", allow_none=True)
    identifiers = fields.List(fields.Nested(Identifier))
    restricted = fields.Boolean(attribute="is_restricted", required=True)
    assessment = fields.Nested(Assessment, allow_none=True)
    lead_professional = fields.Nested(ListedRow, data_key="leadProfessional", allow_none=True)
    involvements = fields.List(fields.Nested(ListedRow))
    unspecified_sensitive_service = fields.Function(
        lambda _: None,
        data_key="unspecifiedSensitiveService",
        metadata={
            "type": ["object", "null"],
            "properties": {"broker": {"type": "boolean"}},
            "description": "That a specialist service is involved, and nothing else about it.",
        },
    )
    feeds = fields.List(fields.Nested(Freshness))
    is_partial = fields.Constant(
        False, data_key="partial", required=True, metadata={"type": "boolean"}
    )
    disclaimer = fields.String(required=True)
    as_of = Instant(data_key="asOf", required=True)

    def trim(self, answer: dict[str, Any], original: ChildView) -> None:
        """Leave out what the caller may not read: absent, not null."""
        for field in original.absent:
            answer.pop(_KEY_OF_FIELD.get(field, field), None)
        if original.is_restricted:
            for key in _NOT_ON_RESTRICTED:
                answer.pop(key, None)
