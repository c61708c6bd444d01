"""What every refusal is called, and what helps: the page behind each problem's ``type``."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One kind of problem: its short title, and what helps."""

    title: str
    advice: str


ENTRIES: Mapping[str, Entry] = {
    code: Entry(title=title, advice=advice)
    for code, title, advice in (
        # ---- the door itself ------------------------------------------------------------------
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
    )
}
