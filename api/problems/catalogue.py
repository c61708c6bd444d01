"""What every refusal is called, and what helps: the page behind each problem's ``type``."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.problems import feed_texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One kind of problem: its short title, and what helps."""

    title: str
    advice: str


ENTRIES: Mapping[str, Entry] = {
    code: Entry(title=title, advice=advice)
    for code, title, advice in (
        # ---- the door itself ------------------------------------------------------------------
        *feed_texts.TEXTS,
        (
            "malformed",
            "The message could not be read",
            "Send one JSON object in UTF-8, each key once, whole: as many bytes as Content-Length "
            "says.",
        ),
        (
            "invalid",
            "Something in the message is not right",
            "Each entry of errors points at one place and says what is wrong with it.",
        ),
        (
            "query_not_allowed",
            "The address carries something it may not",
            "Nothing is looked up by an address: put what you ask into the message. A parameter "
            "that an endpoint does not declare is refused, so that no name lands in a log.",
        ),
        (
            "unauthorized",
            "Who is calling is not known",
            "Send a bearer token of the identity provider, one that has not expired.",
        ),
        (
            "not_allowed",
            "Your role does not permit this",
            "docs/permissions.md lists what each role may do. Ask your administrator if your role "
            "is wrong.",
        ),
        (
            "mfa_required",
            "A second factor is needed",
            "Sign in again with a second factor; the token must say so (amr or acr).",
        ),
        (
            "not_found",
            "Nothing can be shown here",
            "It is unknown, or not yours, or not visible to you, or the 15 minutes for which a "
            "handle is good are over. Which of these is never said. Search again.",
        ),
        (
            "method_not_allowed",
            "This address does not do that",
            "The Allow header lists what it does.",
        ),
        (
            "not_acceptable",
            "The answer cannot be sent in that form",
            "Leave Accept out, or ask for one of the types the documentation names.",
        ),
        (
            "unsupported_media_type",
            "The message has the wrong Content-Type",
            "Send application/json; a batch is application/x-ndjson or text/csv, perhaps with "
            "Content-Encoding: gzip.",
        ),
        (
            "too_large",
            "The message is too large",
            "Split a delivery into several batches, each with the next sequence.",
        ),
        (
            "conflict",
            "This contradicts what is already held",
            "Read it again and decide anew.",
        ),
        (
            "out_of_date",
            "It has changed since you read it",
            "Read it again, with its new ETag, and repeat your change if it is still right.",
        ),
        (
            "version_required",
            "Say which version you are changing",
            "Send If-Match with the ETag of what you read.",
        ),
        (
            "unavailable",
            "Child Index cannot answer just now",
            "Try again after the seconds in Retry-After. If you are worried about a child, do not "
            "wait: ring the duty desk.",
        ),
        (
            "fault",
            "Something went wrong in Child Index",
            "Nothing was kept and nothing was shown. Tell the index team the number in instance.",
        ),
        # ---- searching and opening -----------------------------------------------------------
        (
            "reason_not_allowed",
            "No child is looked at without a reason",
            "Choose one of the reasons for access and say why in 10 to 200 characters. "
            "DATA_QUALITY is for stewards, SUBJECT_REQUEST for records officers.",
        ),
        (
            "insufficient_criteria",
            "Too little to search by",
            "Give a family name and a date of birth, or an identifier and one of the two. "
            "Less would list children rather than find one.",
        ),
        (
            "criteria_not_allowed",
            "Children cannot be searched by this",
            "Telephone, e-mail, carers and addresses find nobody here: only names, date of "
            "birth, sex, postcode, NHS number and UPN.",
        ),
        (
            "wildcard_not_allowed",
            "The wildcard cannot be used so",
            "One * in a name, after at least two letters, and not in a wide search.",
        ),
        (
            "birth_date_out_of_range",
            "The date of birth cannot be searched for",
            "It lies in the past and less than 26 years ago; a range spans 12 months at most, "
            "with both names.",
        ),
        (
            "run_near_first",
            "Search near before searching widely",
            "Run the same criteria with mode near; within 15 minutes they may be searched broad.",
        ),
        (
            "identity_not_confirmed",
            "Confirm that this is the child",
            "Set identityConfirmed to true once you are sure that the card is the child you mean.",
        ),
        (
            "outcome_not_allowed",
            "That is none of the outcomes",
            "contacted-someone, not-needed, wrong-child or could-not-reach.",
        ),
        # ---- a practitioner's own involvement ------------------------------------------------
        (
            "comes_from_feed",
            "A feed sends this involvement",
            "End it or correct it in the system it comes from.",
        ),
        (
            "not_active",
            "Only an active involvement can lead",
            "Name a professional whose involvement has not ended.",
        ),
        (
            "lead_exists",
            "There is a lead professional already",
            "If the change was agreed, say so with agreedChange: true.",
        ),
        # ---- stewards ------------------------------------------------------------------------
        (
            "already_decided",
            "This has been decided already",
            "decidedBy and outcome say by whom and how. Read the review again.",
        ),
        # ---- who runs the service ------------------------------------------------------------
        (
            "name_not_usable",
            "The feed's name cannot be used",
            "Lower-case letters, digits and hyphens, a letter first.",
        ),
        (
            "organisation_missing",
            "The organisation is missing",
            "A feed belongs to an organisation.",
        ),
        (
            "scheme_unknown",
            "The identifier scheme is not known",
            "nhs, upn, former-upn or la-child-id.",
        ),
        (
            "interval_not_usable",
            "The interval cannot be used",
            "A number of days, 1 or more.",
        ),
        (
            "feed_exists",
            "The feed is registered already",
            "child-index feed list shows the register.",
        ),
        (
            "token_keys",
            "The keys that sign tokens cannot be read",
            "CHILD_INDEX_TOKEN_KEYS names a file with the identity provider's public keys, a "
            "JWK set.",
        ),
        (
            "not_in_demo_mode",
            "Demo tokens exist only in demo mode",
            "Elsewhere tokens come from the identity provider.",
        ),
        (
            "demo_off_loopback",
            "A demonstration listens on loopback only",
            "Set CHILD_INDEX_HOST to 127.0.0.1, or another CHILD_INDEX_MODE.",
        ),
    )
}
