"""Who is calling: a bearer token becomes a Caller; closed unless an endpoint is named PUBLIC."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask, g, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from werkzeug.exceptions import Unauthorized

from api import demo
from child_index.access import MACHINES
from child_index.config import Settings
from child_index.errors import Invalid
from child_index.records import Caller, Role

PUBLIC = frozenset(
    {
        "health.healthz",
        "health.readyz",
        "health.version",
        "documents.feed_lines",
        "documents.openapi",
        "documents.problem",
    }
)
"""Endpoints that answer without a token; none of them knows a child."""

ALGORITHMS = ("ES256",)
MFA_METHOD = "mfa"
MFA_CONTEXTS = frozenset(
    {"mfa", "aal2", "aal3", "http://schemas.openid.net/pape/policies/2007/06/multi-factor"}
)
CLOCK_SKEW_SECONDS = 30
MOST_SECONDS_FOR_SYSTEMS = 600
MOST_SECONDS_FOR_PEOPLE = 8 * 3600
LONGEST_TOKEN = 8_192
LONGEST_CLAIM = 200
MOST_REMEMBERED = 10_000
_FROM_TOKENS = {str(role): role for role in Role if role is not Role.SYSTEM}


class TokenRefused(Exception):
    """A token that does not say, beyond doubt, who is calling; never says why to the caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a verified token says; ``expires`` and ``starts`` are seconds since 1970."""

    actor: str
    roles: frozenset[Role]
    organisation: str
    name: str
    sector: str | None
    feed: str | None
    mfa: bool
    is_application: bool
    starts: float
    expires: float

    def caller(self, at: datetime, request_id: str) -> Caller:
        """Return the caller of one request."""
        return Caller(
            actor=self.actor,
            roles=self.roles,
            at=at,
            organisation=self.organisation,
            name=self.name,
            mfa=self.mfa,
            feed=self.feed,
            sector=self.sector,
            request_id=request_id,
            is_application=self.is_application,
        )


class Verifier:
    """Checks bearer tokens against the public keys of one issuer.

    A token that was verified is remembered by its digest until it expires: the signature costs
    90 µs, the dictionary 2. The expiry is looked at on every request.
    """

    def __init__(self, keys: KeySet, settings: Settings) -> None:
        self._keys = keys
        self._claims = jwt.JWTClaimsRegistry(
            now=0,  # times are checked against the door's clock, not the machine's
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.audience},
            sub={"essential": True},
        )
        self._remembered: dict[bytes, Identity] = {}

    def identify(self, token: str, at: datetime) -> Identity:
        """Return who holds ``token`` at the instant ``at``.

        Raises:
            TokenRefused: it is not genuine, or not meant for this service and this moment.
        """
        if len(token) > LONGEST_TOKEN:
            raise TokenRefused
        digest = hashlib.sha256(token.encode()).digest()
        identity = self._remembered.get(digest)
        if identity is None:
            identity = self._verified(token)
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[digest] = identity
        if not identity.starts - CLOCK_SKEW_SECONDS <= at.timestamp() < identity.expires:
            raise TokenRefused
        return identity

    def _verified(self, token: str) -> Identity:
        try:
            claims = jwt.decode(token, self._keys, algorithms=ALGORITHMS).claims
            self._claims.validate({name: claims[name] for name in ("iss", "aud", "sub")})
        except (JoseError, ValueError, KeyError, TypeError, RecursionError):
            raise TokenRefused from None
        return _identity(claims)


def _identity(claims: Mapping[str, object]) -> Identity:
    roles = frozenset(
        _FROM_TOKENS[name] for name in _words(claims, "roles") if name in _FROM_TOKENS
    )
    is_machine = bool(roles & MACHINES)
    if is_machine and len(roles) > 1:
        raise TokenRefused  # a person with a machine's role would pass without a second factor
    feed = _text(claims, "feed") if is_machine else None
    if is_machine and feed is None:
        raise TokenRefused
    issued, expires = _seconds(claims, "iat"), _seconds(claims, "exp")
    longest = MOST_SECONDS_FOR_SYSTEMS if is_machine else MOST_SECONDS_FOR_PEOPLE
    if not 0 < expires - issued <= longest:
        raise TokenRefused
    return Identity(
        actor=_required(claims, "sub"),
        roles=roles,
        organisation=_required(claims, "organisation"),
        name=_text(claims, "name") or "",
        sector=_text(claims, "sector"),
        feed=feed,
        mfa=_is_multi_factor(claims),
        is_application=claims.get("application") is True,
        starts=max(issued, _seconds(claims, "nbf") if "nbf" in claims else issued),
        expires=expires,
    )


def _is_multi_factor(claims: Mapping[str, object]) -> bool:
    """RFC 8176: a method such as ``otp`` alone may be the only factor; ``mfa`` says it was not."""
    return MFA_METHOD in _words(claims, "amr") or _text(claims, "acr") in MFA_CONTEXTS


def _text(claims: Mapping[str, object], name: str) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_CLAIM or not value.isprintable():
        raise TokenRefused
    return value


def _required(claims: Mapping[str, object], name: str) -> str:
    value = _text(claims, name)
    if value is None:
        raise TokenRefused
    return value


def _words(claims: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = claims.get(name, [])
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise TokenRefused
    return tuple(value)


def _seconds(claims: Mapping[str, object], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**40:
        raise TokenRefused
    return value


def open_verifier(settings: Settings) -> Verifier:
    """Read the public keys of the identity provider, or the demonstration's own in demo mode.

    Raises:
        NotAllowed: demo mode on an address other than loopback.
        Invalid: ``token_keys``; none are set, or the file holds none.
    """
    demo.require_loopback(settings)
    if settings.mode == demo.MODE:
        public = demo.demo_key(settings.home).as_dict(private=False)
        return Verifier(KeySet.import_key_set({"keys": [public]}), settings)
    if settings.token_keys is None:
        raise Invalid(
            "token_keys", "CHILD_INDEX_TOKEN_KEYS must name a file of public keys (JWKS)."
        )
    return Verifier(_read_keys(settings.token_keys), settings)


def _read_keys(path: Path) -> KeySet:
    try:
        return KeySet.import_key_set(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, JoseError):
        raise Invalid("token_keys", "CHILD_INDEX_TOKEN_KEYS holds no set of public keys.") from None


def guard(app: Flask, verifier: Verifier, clock: Callable[[], datetime]) -> None:
    """Let nobody past without a token, unless the endpoint is PUBLIC; also where there is none."""

    def identify_caller() -> None:
        g.at = clock()
        if request.endpoint in PUBLIC:
            return
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not token or scheme.lower() != "bearer":
            raise _Unidentified(None)
        try:
            identity = verifier.identify(token.strip(), g.at)
        except TokenRefused:
            raise _Unidentified("invalid_token") from None
        g.caller = identity.caller(g.at, g.request_id)

    app.before_request(identify_caller)


class _Unidentified(Unauthorized):
    """401 with its challenge; the realm is quoted, as RFC 9110 wants it."""

    def __init__(self, error: str | None) -> None:
        super().__init__()
        self._challenge = 'Bearer realm="child-index"' + (f', error="{error}"' if error else "")

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - as inherited
        """Return the headers of the answer."""
        return [*super().get_headers(*args, **kwargs), ("WWW-Authenticate", self._challenge)]
