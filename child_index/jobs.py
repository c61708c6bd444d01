"""Jobs: what a worker does while nobody waits; a job is a verb and an id, never personal data."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from huey import PostgresHuey, SqliteHuey, crontab  # type: ignore[import-untyped]  # no types
from huey.serializer import SignedSerializer  # type: ignore[import-untyped]  # it ships no types

from child_index import intake
from child_index.config import Settings
from child_index.gate import Index, open_index
from child_index.keys import secret_under
from child_index.records import Caller, Role

logger = logging.getLogger(__name__)

_NAME = "child-index"
_RETRIES, _RETRY_SECONDS = 3, 10
_BUSY_SECONDS = 30


def system_caller(at: datetime) -> Caller:
    """The service itself, when it does what no person asked for."""
    return Caller(
        actor="system",
        roles=frozenset({Role.SYSTEM}),
        at=at,
        organisation="child-index",
        request_id="worker",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """The queue of a deployment. A lost nudge costs a minute at most: the sweep finds the batch."""

    _huey: Any
    _apply_batch: Callable[[str], object]
    _sweep: Callable[[], object]

    def nudge(self, batch_id: str) -> None:
        """Ask the worker to apply a batch now."""
        self._apply_batch(batch_id)

    def run(self) -> None:
        """Work until told to stop (SIGINT, SIGTERM); what a crash left over is done first."""
        self._sweep()
        self._huey.create_consumer(workers=1, initial_delay=0.05, max_delay=0.5).run()

    def close(self) -> None:
        """Close the queue's connection."""
        self._huey.storage.close()


def open_jobs(settings: Settings, index: Index | None = None) -> Jobs:
    """Open the queue: beside the embedded store, or in the PostgreSQL database.

    ``index`` is needed only to run jobs, not to ask for them.
    """
    huey = _open_queue(settings)

    def the_index() -> Index:
        if index is None:
            raise RuntimeError("jobs run in the worker only")
        return index

    @huey.task(retries=_RETRIES, retry_delay=_RETRY_SECONDS, name="apply_batch")  # type: ignore[untyped-decorator]
    def apply_batch(batch_id: str) -> None:
        done = intake.apply(the_index(), system_caller(datetime.now(UTC)), batch_id)
        logger.info("batch applied", extra={"batch": batch_id, "state": done.state})

    @huey.task(name="sweep")  # type: ignore[untyped-decorator]
    def sweep() -> None:
        intake.apply_pending(the_index(), system_caller(datetime.now(UTC)))

    @huey.periodic_task(crontab(minute="*"), name="sweep_each_minute")  # type: ignore[untyped-decorator]
    def sweep_each_minute() -> None:
        intake.apply_pending(the_index(), system_caller(datetime.now(UTC)))

    @huey.periodic_task(crontab(minute="10", hour="3"), name="forget_bodies")  # type: ignore[untyped-decorator]
    def forget_bodies() -> None:
        intake.forget_bodies(the_index(), system_caller(datetime.now(UTC)))

    return Jobs(_huey=huey, _apply_batch=apply_batch, _sweep=sweep)


def run_worker(settings: Settings) -> None:
    """Apply batches until told to stop; what ``child-index worker`` does."""
    index = open_index(settings)
    jobs = open_jobs(settings, index)
    try:
        jobs.run()
    finally:
        jobs.close()
        index.close()


def _open_queue(settings: Settings) -> Any:  # noqa: ANN401 - huey ships no types
    serializer = SignedSerializer(secret=secret_under(settings.home, "jobs.key"))
    if settings.database_url is not None and settings.database_url.startswith("postgresql"):
        dsn = settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        return PostgresHuey(_NAME, results=False, serializer=serializer, dsn=dsn)
    return SqliteHuey(
        _NAME,
        results=False,
        serializer=serializer,
        filename=str(settings.home / "jobs.sqlite"),
        fsync=True,
        timeout=_BUSY_SECONDS,
    )
