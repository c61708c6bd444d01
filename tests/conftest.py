"""What every test may ask for: a home, a store on each engine, an open index, a clock."""

import os
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from _pytest.terminal import TerminalReporter

from child_index.config import Settings
from child_index.gate import Index, open_index
from child_index.store import migrate
from tests import postgres
from tests.clock import Clock

FULL_COUNTS = os.environ.get("CHILD_INDEX_TEST_ALL") == "1"
APP_ROLE = "child_index"
TEMPLATE = "migrated"

hypothesis.settings.register_profile("quick", max_examples=100, deadline=None)
hypothesis.settings.register_profile("full", max_examples=2_000, deadline=None)
hypothesis.settings.load_profile("full" if FULL_COUNTS else "quick")


def pytest_configure() -> None:
    """Put each test's own folder where fsync is cheap; the stores ask for it at every commit."""
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(postgres.scratch()))


@pytest.fixture
def clock() -> Clock:
    """Stand at 09:00 in England on Monday 23 November 2026 until moved."""
    return Clock()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Make an empty CHILD_INDEX_HOME, for this test alone."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """Run a real PostgreSQL, started when the first test needs it; one per xdist worker."""
    with postgres.running_server() as server:
        server.administer(
            f"CREATE ROLE {APP_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS",
            f"CREATE DATABASE {TEMPLATE} OWNER {APP_ROLE}",
        )
        migrate.upgrade(server.url(TEMPLATE, APP_ROLE))
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the SQLite file that each test gets a copy of."""
    path = tmp_path_factory.mktemp("migrated") / "child_index.sqlite"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    """Give a fresh, migrated PostgreSQL database; the role in it is no superuser."""
    yield from _fresh_database(postgres_server, template=TEMPLATE)


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, home: Path) -> str:
    """Give a fresh, migrated store, on SQLite and again on PostgreSQL."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    path = home / "child_index.sqlite"
    shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
    return f"sqlite:///{path}"


@pytest.fixture
def empty_postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    """Give a fresh PostgreSQL database without a table."""
    yield from _fresh_database(postgres_server, template="template0")


@pytest.fixture(params=["sqlite", "postgres"])
def empty_store_url(request: pytest.FixtureRequest, home: Path) -> str:
    """Give a store without a table, on SQLite and again on PostgreSQL."""
    if request.param == "postgres":
        return str(request.getfixturevalue("empty_postgres_url"))
    return f"sqlite:///{home / 'child_index.sqlite'}"


@pytest.fixture
def settings(home: Path, store_url: str) -> Settings:
    """Choose what a demonstration chooses, without the quantum: tests need not wait for it."""
    return Settings(home=home, database_url=store_url, mode="demo", answer_quantum_ms=0)


@pytest.fixture
def index(settings: Settings) -> Iterator[Index]:
    """Open an index on a fresh store, on SQLite and again on PostgreSQL."""
    opened = open_index(settings)
    yield opened
    opened.close()


@pytest.fixture
def count(request: pytest.FixtureRequest) -> Callable[..., int]:
    """Choose how many: ``count(50_000, quick=2_000, of="pairs")``; a reduced one is printed."""

    def choose(full: int, *, quick: int, of: str) -> int:
        if FULL_COUNTS:
            return full
        request.node.user_properties.append(("reduced", f"{quick:,} of {full:,} {of}"))
        return quick

    return choose


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print the stores, and every count that was reduced beside its full count."""
    terminalreporter.write_line(f"Stores: SQLite {sqlite3.sqlite_version}, {postgres.version()}")
    lines = [
        f"{report.nodeid}: {text}"
        for report in terminalreporter.getreports("passed")
        if report.when == "call"
        for name, text in report.user_properties
        if name == "reduced"
    ]
    if lines:
        terminalreporter.section("reduced counts; ./run test --all runs the full ones")
        terminalreporter.write_line("\n".join(lines))


def _fresh_database(server: postgres.Server, *, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    server.create_database(name, owner=APP_ROLE, template=template)
    yield server.url(name, APP_ROLE)
    server.administer(f"DROP DATABASE {name} WITH (FORCE)")
