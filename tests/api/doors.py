"""A person or a system at the doors: the application's own client with their token."""

import json
import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest
from joserfc import jwt

from api.demo import demo_key, demo_token
from child_index import accounts, intake
from tests.doors import digest_of
from tests.factories import system

SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
"""For what the doors decide before any store is asked."""

API = "/api/v1"
ROOTED = ("/api", "/healthz", "/readyz", "/version", "/problems", "//")
REASON = {"reason": "ONGOING_SUPPORT", "reasonText": "falling behind, missing lessons"}
HANNAH = {"given": "Hannah", "family": "Marsh", "birthDate": "2011-05-14"}


SOCIAL_CARE = "social-care"
NDJSON, CSV = "application/x-ndjson", "text/csv"
DESK = {
    "involvementId": "i-1",
    "version": 1,
    "serviceType": "SOCIAL_CARE",
    "organisation": "Northam Children's Social Work",
    "contactKind": "TEAM",
    "contactName": "Duty desk",
    "contactRole": "Social worker",
    "phone": "+441134960101",
    "startedOn": "2025-09-01",
    "endedOn": None,
    "leadProfessional": False,
}


def child_line(source_record_id="7731", version=1, **said):
    """One line of social care's about Hannah, with everything a line may say."""
    return {
        "type": "child",
        "sourceRecordId": source_record_id,
        "version": version,
        "names": [
            {"use": "usual", "given": ["Hannah"], "family": "Marsh"},
            {"use": "alias", "given": ["Anna"], "family": "Marsh"},
        ],
        "birthDate": "2011-05-14",
        "sex": "female",
        "identifiers": [
            {"scheme": "nhs", "value": "9990000018", "status": "verified"},
            {"scheme": "upn", "value": "Q999400119001"},
        ],
        "address": {
            "lines": ["7 Alder Court"],
            "town": "Northam",
            "postcode": "XN1 6AE",
            "kind": "current",
        },
        "carers": [
            {
                "given": ["Carol"],
                "family": "Marsh",
                "relationship": "mother",
                "parentalResponsibility": True,
                "phone": "+441134960100",
            }
        ],
        "education": {"settingName": "Southam School", "urn": "100001"},
        "gp": {"odsCode": "X99999", "name": "Alder Surgery"},
        "involvements": [DESK],
        "assessment": {
            "exists": True,
            "kind": "EHA",
            "assessedOn": "2026-11-04",
            "contactName": "Melanie Ortega",
            "phone": "+441134960103",
        },
    } | said


def batch_of(*lines, sequence=1, **header):
    """The bytes of a whole NDJSON batch."""
    head = {"type": "header", "sequence": sequence, "mode": "delta"} | header
    head |= {"createdAt": "2026-11-22T02:00:00+00:00"}
    rows = [head, *lines, {"type": "trailer", "count": len(lines)}]
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def search_for(person=None, **more):
    return {"personSpecification": person or HANNAH, **REASON, **more}


ROW = {
    "involvementId",
    "version",
    "serviceType",
    "organisation",
    "contactKind",
    "contactName",
    "contactRole",
    "phone",
    "email",
    "state",
    "startedOn",
    "endedOn",
    "shownUntil",
    "lastConfirmedOn",
    "yours",
}
"""The keys of an involvement as it is answered."""


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
    index: object
    clock: object
    log: object

    @property
    def settings(self):
        return self.index.settings

    def register(self, feed, *authority_for, organisation=None, accredit=True):
        """Enter a feed in the register, accredited unless said otherwise."""
        who = system(self.clock())
        accounts.register_feed(
            self.index,
            who,
            feed,
            organisation=organisation or f"{feed} agency",
            authority_for=authority_for,
            interval_days=7,
        )
        if accredit:
            accounts.accredit_feed(self.index, who, feed)

    def send(self, feed, body, *, media_type=NDJSON, headers=None, to=None):
        """Push a body with its digest, as the feed's own system."""
        given = {"Content-Type": media_type, "Content-Digest": digest_of(body)} | (headers or {})
        return self.persona(f"feed:{feed}").ask(
            "POST", f"/feeds/{to or feed}/batches", data=body, headers=given
        )

    def apply(self):
        """Do what the worker does with everything that waits."""
        intake.apply_pending(self.index, system(self.clock()))

    def deliver(self, feed, *lines, sequence=1):
        """Push a batch and apply it; every line must have been taken."""
        answer = self.send(feed, batch_of(*lines, sequence=sequence))
        assert answer.status_code == 202, answer.text
        self.apply()
        state = self.persona(f"feed:{feed}").get(answer.headers["Location"]).get_json()
        assert state["state"] == "loaded", state
        return answer.headers["Location"]

    def with_hannah(self):
        """Hannah is known to social care."""
        self.register(SOCIAL_CARE, "nhs", organisation=DESK["organisation"])
        self.deliver(SOCIAL_CARE, child_line())
        return self

    def opened(self, who="melanie"):
        """Search for Hannah and open her; the answer of opening."""
        person = self.persona(who) if isinstance(who, str) else who
        found = person.post("/searches", search_for())
        assert found.status_code == 200, found.text
        (card,) = found.get_json()["results"]
        answer = person.post("/children/open", opening(card["handle"]))
        assert answer.status_code == 200, answer.text
        return answer

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


def opening(handle, **more):
    return {"handle": handle, "identityConfirmed": True, **REASON, **more}


def find(doors, person=None, **more):
    """Melanie searches."""
    return doors.persona("melanie").post("/searches", search_for(person, **more))


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
