"""Scoring whole files with Splink on DuckDB: every candidate pair with its match weight."""

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
from splink import Linker

from matching.blocking import LINKAGE_RULES, BlockingRule
from matching.bulk.backend import connect, quietly, splink_api
from matching.bulk.levels import blocking_columns, settings, term_frequency_table
from matching.bulk.records import Records, columns
from matching.model import LinkageModel


def scored_pairs(
    records: Records,
    model: LinkageModel,
    *,
    at_least: float | None = None,
    rules: tuple[BlockingRule, ...] = LINKAGE_RULES,
) -> pa.Table:
    """Score every pair of records that the blocking rules find, whatever their feeds.

    Args:
        records: what ``matching.bulk.records.read`` gave.
        model: its numbers and no others are used.
        at_least: the match weight in bits below which a pair is left out; None keeps all.
        rules: the blocking rules, the linkage rules unless said otherwise.

    Returns:
        Columns ``left``, ``right`` (places in ``records``, from 0) and ``match_weight`` (bits),
        one row per candidate pair, in the order of the places.
    """
    with connect() as connection:
        linker = _linker(connection, records, model, rules)
        predicted = linker.inference.predict(threshold_match_weight=at_least)
        ordered = predicted.as_duckdbpyrelation().order("unique_id_l, unique_id_r")
        chosen = "unique_id_l AS left, unique_id_r AS right, match_weight"
        return ordered.project(chosen).to_arrow_table()


def _linker(
    connection: duckdb.DuckDBPyConnection,
    records: Records,
    model: LinkageModel,
    rules: tuple[BlockingRule, ...],
) -> Linker:
    table = columns(records)
    keys = blocking_columns(records, rules)
    for name in keys.column_names:
        table = table.append_column(name, keys.column(name))
    api = splink_api(connection)
    linker = quietly(Linker(api.register(table), settings(model, rules=rules)))
    for held in model.term_frequencies:
        values = table.column(held.column).to_pylist()
        listed = api.register(term_frequency_table(held, values))
        linker.table_management.register_term_frequency_lookup(listed, held.column)
    return linker
