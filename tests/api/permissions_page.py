"""docs/permissions.md, written from the roles, the endpoints and the personas.

``python -m tests.api.permissions_page`` writes it anew; a test holds it to what the code says.
"""

from api.auth import PUBLIC
from api.demo import PERSONAS
from api.rest import OPERATIONS, ROUTES
from child_index.access import NEEDS_PURPOSE, REASONS, ROLES, Permission
from child_index.records import Role
from tests.rules import house

PAGE = house.ROOT / "docs" / "permissions.md"

_HEAD = """# Permissions

Written from the code by `python -m tests.api.permissions_page`; a test fails when it is not so.

Roles come from the bearer token, never from a message. A role that lacks a permission is refused
with 403 before anything is read. What is unknown, not the caller's, or not visible to the caller is
404, in the same bytes. People must have signed in with a second factor (403 `mfa_required`); feeds
carry tokens of at most ten minutes. Endpoints that are not in the last table do not exist.
"""

_CLAIMS = """## What a token says

ES256, issuer `CHILD_INDEX_ISSUER`, audience `CHILD_INDEX_AUDIENCE`, keys `CHILD_INDEX_TOKEN_KEYS`
(a JWK set). The keys are read when a process starts: rotate them by adding the new key, restarting,
and removing the old one later.

| Claim | Meaning |
| --- | --- |
| `sub` | Who it is, as the audit names them. |
| `roles` | A list of the roles above; others are ignored. `system` cannot come from a token. |
| `organisation` | Whom they work for; their organisation's own rows are marked `yours`. |
| `sector` | `education` and `health` see their own identifier (UPN, NHS number). |
| `amr` or `acr` | A second factor: `amr` holds `mfa`, or `acr` is `mfa`, `aal2` or `aal3`. |
| `feed` | Of a feed's token: the one feed it may write to. |
| `application` | `true` when a machine asks without a person: the one sure child, or none. |
| `iat`, `exp` | A person's token lives 8 hours at most, a feed's 10 minutes. |
"""


def page():
    """The whole page."""
    parts = [_HEAD, _roles(), _reasons(), _personas(), _CLAIMS, _endpoints()]
    return "\n".join(parts)


def _roles():
    names = [permission.value for permission in Permission]
    rows = [
        [f"`{role}`", *("yes" if p in ROLES[role] else "" for p in Permission)] for role in Role
    ]
    return "## Roles\n\n" + _table(["Role", *(f"`{name}`" for name in names)], rows)


def _reasons():
    needing = ", ".join(f"`{p}`" for p in Permission if p in NEEDS_PURPOSE)
    words = ", ".join(f"`{reason}`" for reason in sorted(REASONS))
    return (
        f"{needing} need a reason: one of {words} (`DATA_QUALITY` for stewards, `SUBJECT_REQUEST`"
        " for records officers only), and 10 to 200 characters of text.\n"
    )


def _personas():
    rows = [
        [f"`{name}`", who.name, ", ".join(f"`{r}`" for r in who.roles), who.organisation]
        for name, who in PERSONAS.items()
    ]
    rows.append(["`feed:NAME`", "a feed's own system", "`feed`", "the feed"])
    return "## The demonstration's personas\n\n" + _table(
        ["Persona", "Who", "Roles", "Organisation"], rows
    )


def _endpoints():
    rows = []
    for method, rule, endpoint in addresses():
        operation = OPERATIONS.get(endpoint)
        needs = f"`{operation.needs}`" if operation and operation.needs else "nothing, not a token"
        rows.append([f"`{method} {rule}`", needs])
    return "## Endpoints\n\n" + _table(
        ["Endpoint", "Needs"], sorted(rows, key=lambda r: r[0].split()[1])
    )


def addresses():
    """Every documented address with its method, as the documentation writes it."""
    for routes in ROUTES:
        for method, rule, endpoint in routes.addresses:
            yield method, rule, endpoint
    for endpoint, rule in (
        ("documents.openapi", "/api/v1/openapi.json"),
        ("documents.feed_lines", "/api/v1/feed-lines.json"),
        ("documents.problem", "/problems/{code}"),
    ):
        assert endpoint in PUBLIC
        yield "GET", rule, endpoint


def _table(heads, rows):
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


if __name__ == "__main__":
    PAGE.write_text(page())
