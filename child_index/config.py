"""Settings, read once from the environment; nothing else reads it."""

from dataclasses import dataclass
from pathlib import Path

from environs import Env, validate

MODES = ("production", "demo", "sandbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a deployment may choose; each field is one ``CHILD_INDEX_*`` variable.

    ``database_url`` is ``None`` for the embedded store, ``home / "child_index.sqlite"``.
    ``answer_quantum_ms`` is the step to which the time of a search or an opening is rounded up; 0
    turns it off (promises.md 0.9). ``model`` is ``None`` for the model shipped with the package.
    ``population`` is how many children live in the area: the more there are, the more namesakes,
    and the more evidence a link needs; ``None`` for as many as the model was trained on.
    """

    home: Path
    database_url: str | None = None
    mode: str = "production"
    host: str = "127.0.0.1"
    port: int = 8000
    web_workers: int = 2
    web_threads: int = 4
    model: Path | None = None
    population: int | None = None
    max_results: int = 10
    answer_quantum_ms: int = 25
    leap_birthday: str = "03-01"
    duty_desk_phone: str = "+441134960100"
    show_address: bool = True
    issuer: str = "child-index"
    audience: str = "child-index"
    token_keys: Path | None = None
    batch_max_bytes: int = 200 * 1024 * 1024
    batch_max_expanded_bytes: int = 4 * 1024 * 1024 * 1024
    batch_kept_days: int = 30
    chunk_rows: int = 5_000

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of the store."""
        return self.database_url or f"sqlite:///{self.home / 'child_index.sqlite'}"


def read_settings() -> Settings:
    """Read the settings from the environment; one error names every variable that is wrong.

    Raises:
        environs.EnvValidationError: at least one variable cannot be used.
    """
    env = Env(prefix="CHILD_INDEX_", eager=False)
    settings = Settings(
        home=env.path("HOME", default=Path("var")).absolute(),
        database_url=sqlalchemy_url(env.str("DATABASE_URL", default=None)),
        mode=env.str("MODE", default="production", validate=validate.OneOf(MODES)),
        host=env.str("HOST", default="127.0.0.1"),
        port=env.int("PORT", default=8000, validate=validate.Range(min=0, max=65535)),
        web_workers=env.int("WEB_WORKERS", default=2, validate=validate.Range(min=1)),
        web_threads=env.int("WEB_THREADS", default=4, validate=validate.Range(min=1)),
        model=env.path("MODEL", default=None),
        population=env.int("POPULATION", default=None, validate=validate.Range(min=1)),
        max_results=env.int("MAX_RESULTS", default=10, validate=validate.Range(min=1, max=50)),
        answer_quantum_ms=env.int(
            "ANSWER_QUANTUM_MS", default=25, validate=validate.Range(min=0, max=1000)
        ),
        leap_birthday=env.str(
            "LEAP_BIRTHDAY", default="03-01", validate=validate.OneOf(["03-01", "02-28"])
        ),
        duty_desk_phone=env.str("DUTY_DESK_PHONE", default="+441134960100"),
        show_address=env.bool("SHOW_ADDRESS", default=True),
        issuer=env.str("ISSUER", default="child-index"),
        audience=env.str("AUDIENCE", default="child-index"),
        token_keys=env.path("TOKEN_KEYS", default=None),
        batch_max_bytes=env.int("BATCH_MAX_BYTES", default=200 * 1024 * 1024),
        batch_max_expanded_bytes=env.int(
            "BATCH_MAX_EXPANDED_BYTES", default=4 * 1024 * 1024 * 1024
        ),
        batch_kept_days=env.int("BATCH_KEPT_DAYS", default=30),
        chunk_rows=env.int("CHUNK_ROWS", default=5_000, validate=validate.Range(min=1, max=5_000)),
    )
    env.seal()
    return settings


def sqlalchemy_url(url: str | None) -> str | None:
    """Name psycopg in a PostgreSQL URL, as SQLAlchemy wants it; others pass unchanged."""
    if url is None:
        return None
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url
