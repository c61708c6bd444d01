"""What a feed is answered: where its batch stands, and what became of each row, never more."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

from marshmallow import fields

from api.schemas.answering import Answer
from api.schemas.fields import Instant
from api.schemas.refusals import Mistake
from child_index.answers import Receipt

OUTCOMES = ["accepted", "unchanged", "superseded", "rejected"]
STATES = ["queued", "running", "held", "loaded", "partly-loaded", "not-loaded"]
CSV_COLUMNS = ("line", "source_record_id", "outcome", "problems")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Counts(Answer):
    """How many rows were received, and what became of them so far."""

    received = fields.Integer(required=True)
    accepted = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    superseded = fields.Integer(required=True)
    rejected = fields.Integer(required=True)


_counts = Counts()


class BatchOut(Answer):
    """Where a batch stands."""

    id = fields.String(attribute="batch_id", required=True)
    state = fields.String(required=True, metadata={"enum": STATES})
    counts = fields.Function(
        _counts.dump,
        required=True,
        metadata={
            "type": "object",
            "properties": {name: {"type": "integer"} for name in _counts.fields},
        },
    )
    percent = fields.Integer(required=True)
    held_because = fields.String(data_key="heldBecause", required=True, allow_none=True)


class FeedOut(Answer):
    """What a feed may know of itself."""

    feed = fields.String(required=True)
    state = fields.String(
        required=True, metadata={"enum": ["draft", "testing", "accredited", "suspended"]}
    )
    last_sequence = fields.Integer(data_key="lastSequence", required=True)
    last_received_at = Instant(data_key="lastReceivedAt", required=True, allow_none=True)
    stale = fields.Boolean(attribute="is_stale", required=True)


class ReceiptOut(Answer):
    """What became of one row; never whether the child was known, linked, held or hidden."""

    line = fields.Integer(required=True)
    source_record_id = fields.String(data_key="sourceRecordId", required=True, allow_none=True)
    outcome = fields.String(required=True, metadata={"enum": OUTCOMES})
    problems = fields.List(fields.Nested(Mistake), required=True)


_receipt = ReceiptOut()


def as_ndjson(receipts: Iterable[Receipt]) -> Iterator[str]:
    """Yield one JSON object a line, in the order sent."""
    for receipt in receipts:
        yield json.dumps(_receipt.dump(receipt), ensure_ascii=False) + "\n"


def as_csv(receipts: Iterable[Receipt]) -> Iterator[str]:
    """Yield a header and one row a line; no cell can start a formula in a spreadsheet (T21).

    The mark is an apostrophe in front; whoever reads the file back takes one away.
    """
    yield _row(CSV_COLUMNS)
    for receipt in receipts:
        problems = "; ".join(
            f"{problem.pointer or '(row)'}: {problem.detail} [{problem.code}]"
            for problem in receipt.problems
        )
        yield _row((str(receipt.line), receipt.source_record_id or "", receipt.outcome, problems))


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([neutralised(cell) for cell in cells])
    return line.getvalue()


def neutralised(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula, or for the mark.

    >>> neutralised("=1+1"), neutralised("7731"), neutralised("'a")
    ("'=1+1", '7731', "''a")
    """
    return f"'{cell}" if cell.startswith((*FORMULA_STARTS, "'")) else cell
