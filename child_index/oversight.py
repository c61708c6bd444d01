"""Verbs: is the audit whole?"""

import json
import os
from pathlib import Path

from child_index import access
from child_index.access import Permission
from child_index.answers import AuditReport
from child_index.gate import Index
from child_index.records import Caller
from child_index.store.audit import AuditCount


def verify_audit(index: Index, caller: Caller) -> AuditReport:
    """Count the audit and check every row's digest, against the count kept at the last check.

    Changed and missing rows are noticed by the digests and by what each visit says it wrote; a
    tail cut off whole, by the checkpoint kept beside the store. Reads every row once.
    """
    checkpoint = index.settings.home / "checkpoints" / "audit.json"
    access.require(caller, Permission.AUDIT_VERIFY)
    counted = index.count_audit()
    with index.admit(caller, Permission.AUDIT_VERIFY) as visit:
        problem = _problem(counted, _read(checkpoint))
        visit.record("audit:verified", outcome="sound" if problem is None else "unsound")
    if problem is None:
        _keep(checkpoint, counted)
    return AuditReport(
        rows=counted.rows, visits=counted.visits, first_bad=counted.first_bad, problem=problem
    )


def _problem(counted: AuditCount, before: dict[str, int]) -> str | None:
    if counted.first_bad is not None:
        return f"row {counted.first_bad} was changed, or a row of its visit is missing"
    if counted.rows < before.get("rows", 0) or counted.highest_id < before.get("highest_id", 0):
        return f"there were {before['rows']} rows at the last check and there are {counted.rows}"
    return None


def _read(checkpoint: Path) -> dict[str, int]:
    if not checkpoint.exists():
        return {}
    kept: dict[str, int] = json.loads(checkpoint.read_text())
    return kept


def _keep(checkpoint: Path, counted: AuditCount) -> None:
    checkpoint.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = checkpoint.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps({"rows": counted.rows, "highest_id": counted.highest_id}))
    draft.replace(checkpoint)
