"""The gate: who + may + transaction + audit; the only way to a connection."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from child_index import access
from child_index.access import Permission
from child_index.config import Settings
from child_index.errors import Refused, Unavailable
from child_index.keys import Keys, open_keys
from child_index.records import Caller, ChildId
from child_index.store import audit, engine, migrate
from child_index.store.audit import AuditCount
from matching.model import LinkageModel
from matching.model import load as load_model


class Unaudited(AssertionError):
    """A visit left no audit line: a fault of ours, so nothing is kept and nothing shown."""


@dataclass(slots=True, kw_only=True)
class Visit:
    """One use of the index: its connection, and the audit lines it must leave behind."""

    conn: Connection
    caller: Caller
    index: "Index"
    lines: list[dict[str, object]] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        """The instant of the visit, UTC."""
        return self.caller.at

    def record(  # noqa: PLR0913 - one keyword for each column an event may fill
        self,
        action: str,
        *,
        child_id: ChildId | None = None,
        index_number: str | None = None,
        subject: str | None = None,
        criteria: str | None = None,
        fields: str | None = None,
        outcome: str = "done",
        model_version: str | None = None,
    ) -> None:
        """Add one line to the audit of this visit (AUD-01).

        ``criteria`` is stored encrypted, with a keyed digest by which the same criteria are known
        again; ``fields`` names the class of fields disclosed, never their values.
        """
        keys = self.index.keys
        self.lines.append(
            {
                "action": action,
                "child_id": child_id,
                "index_number": index_number,
                "subject": subject,
                "criteria": keys.encrypt(criteria) if criteria is not None else None,
                "criteria_digest": keys.digest(criteria) if criteria is not None else None,
                "fields": fields,
                "outcome": outcome,
                "model_version": model_version,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The open index: settings, store, keys and the linkage model, shared by all its visits."""

    settings: Settings
    keys: Keys
    model: LinkageModel
    _engine: Engine

    @contextmanager
    def admit(self, caller: Caller, permission: Permission) -> Iterator[Visit]:
        """Let ``caller`` in for one visit, one transaction, with at least one audit line.

        Raises:
            Refused: the caller may not, or the block refused; written down in a transaction of its
                own before it is raised again.
            Unaudited: the block left no audit line; nothing is kept.
            Unavailable: the store or the audit could not be written (AUD-03).
        """
        try:
            access.require(caller, permission)
            with self._transaction() as conn:
                visit = Visit(conn=conn, caller=caller, index=self)
                yield visit
                if not visit.lines:
                    raise Unaudited(permission)
                self._write(visit)
        except Unavailable:
            raise
        except Refused as refusal:
            self._note_refusal(caller, permission, refusal)
            raise

    def is_ready(self) -> bool:
        """Say whether the store answers and its tables are of this version; touches no child."""
        try:
            with engine.reading(self._engine) as conn:
                return migrate.is_current(conn)
        except SQLAlchemyError:
            return False

    def count_audit(self, *, then: int = 0) -> AuditCount:
        """Read the whole audit once, beside the visits that go on meanwhile; touches no child.

        ``then`` is the id up to which an earlier look kept a fingerprint.
        """
        with engine.reading(self._engine) as conn:
            up_to = audit.settled_id(conn)
        with engine.reading(self._engine) as conn:
            return audit.count(conn, self.keys.row_digest, up_to=up_to, then=then)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """One transaction of the store; a store that fails becomes :class:`Unavailable`.

        The driver's own exception is dropped on purpose: it may quote the values (promises.md T12).
        """
        failed: str | None = None
        try:
            with engine.transaction(self._engine) as conn:
                yield conn
        except SQLAlchemyError as error:
            failed = type(error).__name__
        if failed:
            raise Unavailable(extra={"fault": failed})

    def _note_refusal(self, caller: Caller, permission: Permission, refusal: Refused) -> None:
        with self._transaction() as conn:
            visit = Visit(conn=conn, caller=caller, index=self)
            visit.record(f"refused:{permission}", outcome=refusal.code)
            self._write(visit)

    def _write(self, visit: Visit) -> None:
        caller, name = visit.caller, secrets.token_hex(16)
        text = caller.purpose_text
        common = {
            "visit": name,
            "lines": len(visit.lines),
            "at": caller.at,
            "request_id": caller.request_id,
            "actor": caller.actor,
            "roles": " ".join(sorted(caller.roles)),
            "organisation": caller.organisation,
            "purpose": caller.purpose,
            "purpose_text": self.keys.encrypt(text) if text else None,
            "policy_version": access.POLICY_VERSION,
        }
        rows = [common | line | {"line": place} for place, line in enumerate(visit.lines, start=1)]
        audit.write(visit.conn, rows, self.keys.row_digest)


def _model(settings: Settings) -> LinkageModel:
    model = load_model(settings.model)
    return model if settings.population is None else model.for_population(settings.population)


def prepare_store(settings: Settings) -> None:
    """Make the home, and create or upgrade the tables of the store; safe to run twice."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    migrate.upgrade(settings.url)


def open_index(settings: Settings) -> Index:
    """Open the index: its home, keys, model and store.

    Raises:
        SchemaOutOfDate: the store's tables are not of this version; run ``child-index migrate``.
    """
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    opened = Index(
        settings=settings,
        keys=open_keys(settings.home),
        model=_model(settings),
        _engine=engine.connect(settings.url),
    )
    if not opened.is_ready():
        opened.close()
        raise migrate.SchemaOutOfDate
    return opened
