"""The database Splink runs in, and how it spells the functions our conditions need."""

import logging
from dataclasses import dataclass

import duckdb
from splink import DuckDBAPI, Linker


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The backend's names for what portable SQL lacks."""

    name: str
    overlap: str
    contains: str
    size: str
    jaro_winkler: str

    def render(self, sql: str) -> str:
        """Fill the backend's function names into a condition's SQL."""
        return sql.format(
            overlap=self.overlap,
            contains=self.contains,
            size=self.size,
            jaro_winkler=self.jaro_winkler,
        )


DUCKDB = Dialect(
    name="duckdb",
    overlap="list_has_any",
    contains="list_contains",
    size="len",
    jaro_winkler="jaro_winkler_similarity",
)


def connect(threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB of its own, in memory; ``threads`` None leaves the number to DuckDB."""
    return duckdb.connect(config={} if threads is None else {"threads": threads})


def splink_api(connection: duckdb.DuckDBPyConnection) -> DuckDBAPI:
    """Splink's door to that DuckDB."""
    return DuckDBAPI(connection=connection)


def quietly(linker: Linker) -> Linker:
    """Silence Splink, which turns its own logging on whenever a linker is made."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    return linker
