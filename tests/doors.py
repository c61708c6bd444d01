"""The doors as a test uses them: in process, as anybody, at the test's own clock."""

import base64
import hashlib
import json
import uuid
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api import create_app
from api.demo import demo_token
from child_index import accounts, intake
from child_index.gate import Index
from child_index.records import Caller, Role
from tests.clock import Clock

REASON = {"reason": "ONGOING_SUPPORT", "reasonText": "falling behind, missing lessons"}


def digest_of(body: bytes) -> str:
    """The Content-Digest of a body (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


@dataclass(frozen=True)
class Person:
    """Somebody at the doors: every request carries a fresh token of theirs."""

    doors: "Doors"
    name: str
    mfa: bool = True

    def ask(self, method: str, path: str, **more: object) -> TestResponse:
        headers = dict(more.pop("headers", {}))  # type: ignore[call-overload]
        token = demo_token(
            self.doors.index.settings, self.name, at=self.doors.clock(), mfa=self.mfa
        )
        headers["Authorization"] = f"Bearer {token}"
        headers.setdefault("X-Request-ID", str(uuid.uuid4()))
        return self.doors.client.open(path, method=method, headers=headers, **more)

    def search(self, mode: str = "near", why: dict[str, str] = REASON, **person: object):
        return self.ask(
            "POST", "/api/v1/searches", json={"personSpecification": person, "mode": mode} | why
        )

    def open(self, handle: str, why: dict[str, str] = REASON, confirmed: bool = True):
        return self.ask(
            "POST",
            "/api/v1/children/open",
            json={"handle": handle, "identityConfirmed": confirmed} | why,
        )

    def find_and_open(self, **person: object) -> TestResponse:
        """Search near and open the first card."""
        found = self.search(**person)
        assert found.status_code == 200, found.json
        assert found.json["results"], found.json
        return self.open(found.json["results"][0]["handle"])


class Doors:
    """An app on an open index, its clock, and the worker's hands."""

    def __init__(self, index: Index, clock: Clock) -> None:
        self.index = index
        self.clock = clock
        self.app: Flask = create_app(index, clock=clock)
        self.client: FlaskClient = self.app.test_client()

    def as_(self, name: str, *, mfa: bool = True) -> Person:
        return Person(self, name, mfa)

    def system(self) -> Caller:
        return Caller(
            actor="system",
            roles=frozenset({Role.SYSTEM}),
            at=self.clock(),
            organisation="Child Index",
        )

    def accredit(self, name: str, organisation: str | None = None, authority=frozenset()) -> None:
        accounts.register_feed(
            self.index,
            self.system(),
            name,
            organisation=organisation or name,
            authority_for=frozenset(authority),
            interval_days=7,
        )
        accounts.accredit_feed(self.index, self.system(), name)

    def push(
        self, feed: str, body: bytes, media_type: str = "application/x-ndjson", **headers: str
    ) -> TestResponse:
        """Send one batch and, when it was taken, apply it as the worker would."""
        answer = self.as_(f"feed:{feed}").ask(
            "POST",
            f"/api/v1/feeds/{feed}/batches",
            data=body,
            headers={"Content-Type": media_type, "Content-Digest": digest_of(body)} | headers,
        )
        if answer.status_code == 202:
            self.apply()
        return answer

    def apply(self) -> None:
        """What the worker does with everything that waits."""
        intake.apply_pending(self.index, self.system())

    def receipts(self, feed: str, location: str) -> list[dict[str, object]]:
        answer = self.as_(f"feed:{feed}").ask(
            "GET", f"{location}/receipts", headers={"Accept": "application/x-ndjson"}
        )
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]
