"""Bring a store's tables to this version (Alembic), and say whether they are."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from child_index.store import engine

_SCRIPTS = Path(__file__).parent / "migrations"
_LANE = 7_001


class SchemaOutOfDate(RuntimeError):
    """The store's tables are not of this version."""

    def __init__(self) -> None:
        super().__init__("the store's tables are not of this version: run child-index migrate")


def upgrade(url: str) -> None:
    """Create or upgrade the tables of the store at ``url``; safe to run twice and at once."""
    target = engine.connect(url)
    try:
        with engine.transaction(target) as conn:
            engine.queue_up(conn, _LANE)
            config = _config()
            config.attributes["connection"] = conn
            command.upgrade(config, "head")
    finally:
        target.dispose()


def is_current(conn: Connection) -> bool:
    """Say whether the tables are those of this version. One query."""
    heads = set(ScriptDirectory.from_config(_config()).get_heads())
    return set(MigrationContext.configure(conn).get_current_heads()) == heads


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("path_separator", "os")
    return config
