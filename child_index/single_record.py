"""One record at a time, put or withdrawn by its feed: the same path as a batch of one."""

import re
from typing import Any

from child_index import strict_json
from child_index.answers import Receipt, RecordReceipt
from child_index.applying import Fate, Source, apply_rows, fate_of, prepare
from child_index.arrivals import Arrival, arrival
from child_index.clock import civil_date
from child_index.errors import Conflict, Invalid, Malformed, NotFound, OutOfDate, VersionRequired
from child_index.gate import Visit
from child_index.problem_words import problem
from child_index.records import Feed
from child_index.statements import Reading, Rules, read_payload
from child_index.store import feeds, sources
from child_index.store.sources import Held

_LINES = (1,)
_TAG = re.compile(r'(?:W/)?"?([0-9]{1,19})"?')


def put(
    visit: Visit, feed: Feed, source_record_id: str, body: bytes, if_match: str | None
) -> RecordReceipt:
    """Apply one statement, unless it is rejected, out of date or in conflict."""
    reading = _read(visit, feed, source_record_id, body)
    sent = arrival(_LINES, reading, visit.index.keys.digest)
    held = sources.held(visit.conn, feed.name, [source_record_id]).get(source_record_id)
    _require_seen(held, if_match)
    if fate_of(sent, held) is Fate.CONFLICT:
        raise Conflict("version_conflict", "This version was received with other content.")
    receipt = _apply(visit, feed, sent)
    subject = f"{feed.name}/{source_record_id}"
    visit.record("record:put", subject=subject, outcome=receipt.outcome)
    return RecordReceipt(
        receipt=receipt,
        version=max(reading.version, held.version if held else 0),
        is_new=held is None,
    )


def withdraw(visit: Visit, feed: Feed, source_record_id: str, if_match: str | None) -> None:
    """Withdraw one record; the next version sent brings it back, the same one does not."""
    held = sources.held(visit.conn, feed.name, [source_record_id]).get(source_record_id)
    if held is None or held.is_withdrawn:
        raise NotFound
    if if_match is None:
        raise VersionRequired
    _require_seen(held, if_match)
    reading = Reading(source_record_id=source_record_id, version=held.version + 1)
    _apply(visit, feed, Arrival(lines=_LINES, reading=reading))
    sources.change(visit.conn, [{"source_id": held.source_id, "version": held.version}])
    visit.record("record:withdrawn", subject=f"{feed.name}/{source_record_id}")


def _apply(visit: Visit, feed: Feed, sent: Arrival) -> Receipt:
    source = Source(feed=feed, received_at=visit.at, received_on=civil_date(visit.at))
    (receipt,) = apply_rows(visit, source, (prepare(sent),))
    feeds.note_heard(visit.conn, feed.name, visit.at)
    return receipt


def _read(visit: Visit, feed: Feed, source_record_id: str, body: bytes) -> Reading:
    text, payload = _parsed(body)
    hostile = strict_json.hostile_places(text, payload)
    if hostile or strict_json.is_hostile(source_record_id):
        faults = tuple(problem(pointer, "control_character") for pointer in hostile)
        raise Invalid("record_rejected", "The record is rejected.", problems=faults)
    named = payload.get("sourceRecordId", source_record_id)
    if named != source_record_id:
        raise Invalid("id_differs", "The record names another sourceRecordId than the address.")
    whole = {"type": "child", "sourceRecordId": source_record_id} | payload
    today = civil_date(visit.at)
    reading = read_payload(whole, Rules(authority_for=feed.authority_for, today=today))
    if reading.is_rejected or reading.statement is None:
        raise Invalid("record_rejected", "The record is rejected.", problems=reading.problems)
    return reading


def _parsed(body: bytes) -> tuple[str, dict[str, Any]]:
    fault: str
    try:
        text = body.decode("utf-8")
        payload = strict_json.parse(text)
    except UnicodeDecodeError:
        fault = "not_utf8"
    except strict_json.NotReadable as unreadable:
        fault = unreadable.code
    else:
        if isinstance(payload, dict):
            return text, payload
        fault = "not_json"
    raise Malformed(fault, "The body is not one JSON object.")


def _require_seen(held: Held | None, if_match: str | None) -> None:
    """Refuse a change that starts from another version than the one held."""
    if if_match is None or (if_match.strip() == "*" and held is not None):
        return
    seen = _TAG.fullmatch(if_match.strip())
    if held is None or seen is None or int(seen.group(1)) != held.version:
        raise OutOfDate
