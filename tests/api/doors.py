"""A person or a system at the doors: the application's own client with their token."""

import json
import uuid
from dataclasses import dataclass
from datetime import timedelta

from joserfc import jwt

from api.demo import demo_key, demo_token

API = "/api/v1"
ROOTED = ("/api", "/healthz", "/readyz", "/version", "/problems", "//")
REASON = {"reason": "ONGOING_SUPPORT", "reasonText": "falling behind, missing lessons"}
HANNAH = {"given": "Hannah", "family": "Marsh", "birthDate": "2011-05-14"}


def search_for(person=None, **more):
    return {"personSpecification": person or HANNAH, **REASON, **more}


@dataclass
class Someone:
    """Asks with one token; ``path`` begins after ``/api/v1`` unless it is absolute."""

    client: object
    token: str

    def ask(self, method, path, *, headers=None, **what):
        address = path if path.startswith(ROOTED) else f"{API}{path}"
        given = {"Authorization": f"Bearer {self.token}"} | (headers or {})
        return self.client.open(address, method=method, headers=given, **what)

    def get(self, path, **what):
        return self.ask("GET", path, **what)

    def post(self, path, message=None, **what):
        return self.ask("POST", path, json=message, **what)

    def put(self, path, message=None, **what):
        return self.ask("PUT", path, json=message, **what)


@dataclass
class Doors:
    """The application on one index, with a clock that stands still, and what it has logged."""

    app: object
    settings: object
    clock: object
    log: object

    def persona(self, name, **how):
        token = demo_token(self.settings, name, at=self.clock(), **how)
        return Someone(client=self.app.test_client(), token=token)

    def holding(self, token):
        return Someone(client=self.app.test_client(), token=token)

    def signed(self, key=None, header=None, **claims):
        """A token with these claims on top of Melanie's; None leaves a claim out."""
        now = int(self.clock().timestamp())
        stated = {
            "iss": self.settings.issuer,
            "aud": self.settings.audience,
            "sub": "melanie",
            "roles": ["practitioner"],
            "organisation": "Southam School",
            "sector": "education",
            "amr": ["mfa"],
            "iat": now,
            "exp": now + 300,
        } | claims
        key = key or demo_key(self.settings.home)
        header = {"alg": "ES256", "kid": demo_key(self.settings.home).kid} | (header or {})
        given = {name: value for name, value in stated.items() if value is not None}
        return jwt.encode(header, given, key, algorithms=[header["alg"]])

    def log_lines(self):
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def wait(self, **how_long):
        self.clock.move_on(timedelta(**how_long))


def problem_of(answer, status, code):
    """The problem document of a refusal, after checking that it is one."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    problem = answer.get_json()
    assert problem["status"] == status
    assert problem["code"] == code, problem
    assert problem["type"] == f"/problems/{code}"
    assert uuid.UUID(problem["instance"]) == uuid.UUID(answer.headers["X-Request-ID"])
    assert problem["title"]
    assert problem["detail"]
    return problem


def without_ids(answer):
    """A refusal's bytes, without the request's own id."""
    return answer.data.replace(answer.headers["X-Request-ID"].encode(), b"")
