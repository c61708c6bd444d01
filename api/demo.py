"""The demonstration's people and feeds, and the tokens that exist only in demo mode."""

import contextlib
import ipaddress
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

from child_index.config import Settings
from child_index.errors import NotAllowed, NotFound
from child_index.records import Role

MODE = "demo"
SECONDS_FOR_PEOPLE = 3600
SECONDS_FOR_FEEDS = 600
_FEED = re.compile(r"feed:([a-z0-9][a-z0-9-]{0,63})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """Somebody who takes part in the demonstration."""

    name: str
    roles: tuple[Role, ...]
    organisation: str
    sector: str


_INDEX_TEAM = "Northam Index Team"
PERSONAS: Mapping[str, Persona] = {
    "melanie": Persona(
        name="Melanie Ortega, learning mentor",
        roles=(Role.PRACTITIONER,),
        organisation="Southam School",
        sector="education",
    ),
    "lee": Persona(
        name="Lee, youth worker",
        roles=(Role.PRACTITIONER,),
        organisation="Northam Youth Service",
        sector="youth",
    ),
    "john": Persona(
        name="John, social worker",
        roles=(Role.PRACTITIONER,),
        organisation="Northam Children's Social Work",
        sector="social-care",
    ),
    "steve": Persona(
        name="Steve, housing officer",
        roles=(Role.PRACTITIONER,),
        organisation="Northam Housing",
        sector="housing",
    ),
    "libby": Persona(
        name="Libby, young carers' worker",
        roles=(Role.PRACTITIONER,),
        organisation="Northam Young Carers",
        sector="voluntary",
    ),
    "pat": Persona(
        name="Pat, police constable",
        roles=(Role.PRACTITIONER_OVERRIDE,),
        organisation="Northam Police",
        sector="police",
    ),
    "dana": Persona(
        name="Dana, data steward",
        roles=(Role.STEWARD,),
        organisation=_INDEX_TEAM,
        sector="index-team",
    ),
    "dev": Persona(
        name="Dev, data steward",
        roles=(Role.STEWARD,),
        organisation=_INDEX_TEAM,
        sector="index-team",
    ),
    "carys": Persona(
        name="Carys, cleared data steward",
        roles=(Role.CLEARED_STEWARD,),
        organisation=_INDEX_TEAM,
        sector="index-team",
    ),
    "sal": Persona(
        name="Sal, lead data steward",
        roles=(Role.STEWARD_LEAD,),
        organisation=_INDEX_TEAM,
        sector="index-team",
    ),
    "omar": Persona(
        name="Omar, broker and shield officer",
        roles=(Role.BROKER, Role.SHIELD_OFFICER),
        organisation=_INDEX_TEAM,
        sector="index-team",
    ),
    "sol": Persona(
        name="Sol, shield officer",
        roles=(Role.SHIELD_OFFICER,),
        organisation=_INDEX_TEAM,
        sector="index-team",
    ),
    "fern": Persona(
        name="Fern, feed owner",
        roles=(Role.FEED_OWNER,),
        organisation=_INDEX_TEAM,
        sector="index-team",
    ),
    "ravi": Persona(
        name="Ravi, records officer",
        roles=(Role.RECORDS_OFFICER,),
        organisation=_INDEX_TEAM,
        sector="index-team",
    ),
    "ada": Persona(
        name="Ada, auditor",
        roles=(Role.AUDITOR,),
        organisation="Northam Audit Office",
        sector="audit",
    ),
    "ursula": Persona(
        name="Ursula, user administrator",
        roles=(Role.USER_ADMINISTRATOR,),
        organisation=_INDEX_TEAM,
        sector="index-team",
    ),
}
"""The people of decisions.md 32; a feed's own name makes a feed client, ``feed:NAME``."""


def demo_token(settings: Settings, persona: str, *, at: datetime, mfa: bool = True) -> str:
    """Return a bearer token for ``persona``, good from ``at`` for an hour, or a feed's 10 minutes.

    Without ``mfa`` it says that the sign-in had no second factor, to show what is then refused.

    Raises:
        NotAllowed: ``not_in_demo_mode``; elsewhere tokens come from the identity provider.
        NotFound: there is no such persona.
    """
    if settings.mode != MODE:
        raise NotAllowed("not_in_demo_mode", "Demo tokens exist only with CHILD_INDEX_MODE=demo.")
    claims, seconds = _claims(persona)
    now = int(at.timestamp())
    if not mfa:
        claims["amr"] = ["pwd"]
    claims |= {"iss": settings.issuer, "aud": settings.audience, "iat": now, "exp": now + seconds}
    key = demo_key(settings.home)
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)


def _claims(persona: str) -> tuple[dict[str, object], int]:
    if feed := _FEED.fullmatch(persona):
        claims: dict[str, object] = {"roles": [Role.FEED], "feed": feed[1], "organisation": feed[1]}
        return claims | {"sub": persona}, SECONDS_FOR_FEEDS
    if persona not in PERSONAS:
        raise NotFound("unknown_persona", f"Choose one of {', '.join(PERSONAS)}, or feed:NAME.")
    who = PERSONAS[persona]
    claims = {
        "sub": persona,
        "name": who.name,
        "roles": list(who.roles),
        "organisation": who.organisation,
        "sector": who.sector,
        "amr": ["pwd", "otp", "mfa"],
    }
    return claims, SECONDS_FOR_PEOPLE


def demo_key(home: Path) -> ECKey:
    """Read the key that signs demo tokens, making it (mode 0600) on first use.

    Written beside its place and linked into it, so that of several processes one wins.
    """
    path = home / "keys" / "demo.jwk"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        made = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(made.as_dict(private=True), file)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return ECKey.import_key(json.loads(path.read_text(encoding="utf-8")))


def require_loopback(settings: Settings) -> None:
    """Refuse to serve a demonstration to anyone but this machine.

    Raises:
        NotAllowed: ``demo_off_loopback``.
    """
    if settings.mode == MODE and not _is_loopback(settings.host):
        raise NotAllowed(
            "demo_off_loopback",
            "In demo mode the service listens on 127.0.0.1 only: set CHILD_INDEX_HOST or the mode.",
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
