"""The tables: as the migrations make them, each with a retention row, each promise kept."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from child_index.retention import RETENTION
from child_index.store import engine, migrate
from child_index.store.tables import metadata

BOOKKEEPING = {"alembic_version"}


def differences(url: str) -> list[object]:
    opened = engine.connect(url)
    try:
        with opened.connect() as conn:
            return list(compare_metadata(MigrationContext.configure(conn), metadata))
    finally:
        opened.dispose()


def test_the_migrations_make_exactly_the_tables_that_the_code_knows(empty_store_url):
    migrate.upgrade(empty_store_url)
    assert differences(empty_store_url) == []


def test_a_missing_table_would_be_noticed(empty_store_url):
    migrate.upgrade(empty_store_url)
    opened = engine.connect(empty_store_url)
    with opened.begin() as conn:
        conn.execute(text("DROP TABLE handle"))
    opened.dispose()
    assert differences(empty_store_url) != []


def test_migrating_twice_changes_nothing(store_url):
    migrate.upgrade(store_url)
    assert differences(store_url) == []


def test_every_table_says_how_long_its_rows_are_kept():
    assert {keep.table for keep in RETENTION} == metadata.tables.keys() - BOOKKEEPING
    assert len({keep.table for keep in RETENTION}) == len(RETENTION)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)],
)
def test_sqlite_is_set_to_lose_nothing_and_leave_nothing(tmp_path, pragma, value):
    opened = engine.connect(f"sqlite:///{tmp_path / 'a.sqlite'}")
    with engine.transaction(opened) as conn:
        assert conn.execute(text(f"PRAGMA {pragma}")).scalar_one() == value
    opened.dispose()


@pytest.mark.parametrize(
    "setting", ["fsync", "synchronous_commit", "full_page_writes", "data_checksums"]
)
def test_the_tests_run_on_a_postgresql_that_loses_nothing(postgres_url, setting):
    opened = engine.connect(postgres_url)
    with engine.transaction(opened) as conn:
        assert conn.execute(text(f"SHOW {setting}")).scalar_one() == "on"
    opened.dispose()


def test_the_service_is_no_superuser_of_its_database(postgres_url):
    opened = engine.connect(postgres_url)
    with engine.transaction(opened) as conn:
        powers = conn.execute(
            text(
                "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls"
                " FROM pg_roles WHERE rolname = current_user"
            )
        ).scalar_one()
    opened.dispose()
    assert powers is False
