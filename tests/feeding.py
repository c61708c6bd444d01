"""An agency's system as a test uses it: lines, batches and records, pushed by the verbs."""

import base64
import gzip
import hashlib
import io
import json
from datetime import UTC, datetime

from sqlalchemy import text

from child_index import accounts, intake
from child_index.delivery import CSV, NDJSON, Delivery
from child_index.records import Caller, Role
from tests.factories import AT, system

TODAY = AT.date()


def child(source_record_id="7731", version=1, **changes):
    """Hannah's line, as social care sends it; ``None`` leaves a key out."""
    line = {
        "type": "child",
        "sourceRecordId": source_record_id,
        "version": version,
        "names": [{"use": "usual", "given": ["Hannah"], "family": "Marsh"}],
        "birthDate": "2011-05-14",
        "sex": "female",
        "address": {"lines": ["7 Alder Court"], "town": "Northam", "postcode": "XN1 6AE"},
        "carers": [{"given": ["Carol"], "family": "Marsh", "relationship": "mother"}],
        "involvements": [involvement()],
    } | changes
    return {key: value for key, value in line.items() if value is not None}


def unlike(number):
    """A record that looks like no other of its kind."""
    name = "".join("abcdefghij"[int(digit)] for digit in f"{number:04}")
    return child(
        str(number),
        names=[{"given": [name.title()], "family": f"O{name[::-1]}"}],
        birthDate=f"{2009 + number % 15}-{number % 11 + 2:02}-{number % 27 + 1:02}",
        address=None,
        carers=[],
    )


def involvement(involvement_id="i-1", version=1, **changes):
    """Social care's involvement by its desk; ``None`` leaves a key out."""
    sent = {
        "involvementId": involvement_id,
        "version": version,
        "serviceType": "SOCIAL_CARE",
        "organisation": "Northam Children's Social Work",
        "contactKind": "TEAM",
        "contactName": "Duty desk",
        "phone": "+441134960101",
        "startedOn": "2025-09-01",
    } | changes
    return {key: value for key, value in sent.items() if value is not None}


def withdraw(source_record_id="7731", version=2):
    return {"type": "withdraw", "sourceRecordId": source_record_id, "version": version}


def body_of(*lines, sequence=1, mode="delta", count=None):
    """A whole NDJSON batch."""
    header = {"type": "header", "sequence": sequence, "mode": mode}
    trailer = {"type": "trailer", "count": len(lines) if count is None else count}
    return "".join(json.dumps(line) + "\n" for line in (header, *lines, trailer)).encode()


def digest_of(body):
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def delivery(body, feed="social-care", **changes):
    """A delivery of these bytes with their right digest and length."""
    given = {
        "feed": feed,
        "body": io.BytesIO(body),
        "media_type": NDJSON,
        "content_digest": digest_of(body),
        "content_length": len(body),
    }
    return Delivery(**(given | changes))


def csv_delivery(body, count, feed="social-care", sequence=1, **changes):
    given = {"media_type": CSV, "sequence": sequence, "mode": "delta", "count": count}
    return delivery(body, feed, **(given | changes))


def zipped(body):
    return gzip.compress(body, mtime=0)


def feed_caller(feed="social-care", at=AT):
    return Caller(
        actor=f"feed:{feed}",
        roles=frozenset({Role.FEED}),
        at=at,
        organisation="an agency",
        feed=feed,
    )


class Agency:
    """One feed of an open index, registered and accredited."""

    def __init__(self, index, feed="social-care", authority=(), at=AT, registered=False):
        self.index, self.feed, self.at, self.sequence = index, feed, at, 0
        if not registered:
            accounts.register_feed(
                index, system(), feed, organisation=feed.title(), authority_for=authority
            )
            accounts.accredit_feed(index, system(), feed)

    @property
    def caller(self):
        return feed_caller(self.feed, self.at)

    def receive(self, *lines):
        """Push the next batch, and leave it waiting."""
        self.sequence += 1
        body = body_of(*lines, sequence=self.sequence)
        return intake.receive(self.index, self.caller, delivery(body, self.feed))

    def push(self, *lines):
        """Push the next batch and apply it; its receipts by the sender's id, the last of each."""
        state = self.receive(*lines)
        intake.apply(self.index, system(self.at), state.batch_id)
        return {each.source_record_id: each for each in self.receipts(state.batch_id)}

    def push_csv(self, *rows):
        """Push rows of a CSV, the first being its columns, and apply them; every receipt."""
        self.sequence += 1
        body = "".join(f"{row}\n" for row in rows).encode()
        sent = csv_delivery(body, len(rows) - 1, self.feed, self.sequence)
        state = intake.receive(self.index, self.caller, sent)
        intake.apply(self.index, system(self.at), state.batch_id)
        return self.receipts(state.batch_id)

    def receipts(self, batch_id):
        return tuple(intake.receipts(self.index, self.caller, self.feed, batch_id))

    def put(self, line, if_match=None):
        named = line.get("sourceRecordId", "7731")
        body = json.dumps(line).encode()
        return intake.put_record(self.index, self.caller, self.feed, named, body, if_match=if_match)

    def withdraw(self, source_record_id, if_match):
        intake.withdraw_record(
            self.index, self.caller, self.feed, source_record_id, if_match=if_match
        )


def rows(index, query, **values):
    """What the store holds, read past every rule: for tests alone."""
    with index._engine.connect() as conn:
        return [tuple(row) for row in conn.execute(text(query), values)]


def at(year, month, day):
    return datetime(year, month, day, 9, tzinfo=UTC)
