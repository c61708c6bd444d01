"""Verbs: is the audit whole?"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from child_index import access
from child_index.access import Permission
from child_index.answers import AuditReport
from child_index.gate import Index
from child_index.records import Caller
from child_index.store.audit import AuditCount


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checkpoint:
    """What an earlier check kept: the fingerprint of all rows up to ``highest_id``."""

    highest_id: int
    fingerprint: str


_NOTHING = _Checkpoint(highest_id=0, fingerprint=hashlib.sha256().hexdigest())


def verify_audit(index: Index, caller: Caller) -> AuditReport:
    """Count the audit and check every row's digest, against the count kept at the last check.

    Changed and missing rows are noticed by the digests and by what each visit says it wrote; whole
    visits that were cut out, by the fingerprint kept beside the store. Reads every row once.
    """
    checkpoint = index.settings.home / "checkpoints" / "audit.json"
    access.require(caller, Permission.AUDIT_VERIFY)
    kept = _read(checkpoint)
    counted = index.count_audit(then=kept.highest_id)
    problem = _problem(counted, kept)
    with index.admit(caller, Permission.AUDIT_VERIFY) as visit:
        visit.record("audit:verified", outcome="sound" if problem is None else "unsound")
    if problem is None:
        _keep(checkpoint, counted)
    return AuditReport(
        rows=counted.rows, visits=counted.visits, first_bad=counted.first_bad, problem=problem
    )


def _problem(counted: AuditCount, kept: _Checkpoint) -> str | None:
    if counted.first_bad is not None:
        return f"row {counted.first_bad} was changed, or a row of its visit is missing"
    if counted.fingerprint_then != kept.fingerprint:
        return f"the rows up to {kept.highest_id} are not those of the last check"
    return None


def _read(checkpoint: Path) -> _Checkpoint:
    if not checkpoint.exists():
        return _NOTHING
    return _Checkpoint(**json.loads(checkpoint.read_text()))


def _keep(checkpoint: Path, counted: AuditCount) -> None:
    checkpoint.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = checkpoint.with_suffix(f".{os.getpid()}")
    kept = {"highest_id": counted.highest_id, "fingerprint": counted.fingerprint}
    draft.write_text(json.dumps(kept))
    draft.replace(checkpoint)
