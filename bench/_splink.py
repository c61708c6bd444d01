"""Splink's own way to match one record: ``predict_between`` on DuckDB, with our model."""

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
from splink import Linker

from matching.bulk.backend import connect, quietly, splink_api
from matching.bulk.levels import blocking_columns, settings, term_frequency_table
from matching.bulk.records import Records, columns
from matching.model import LinkageModel
from matching.person import Person

_THREADS = 2
_AFTER_ALL_OTHERS = 10**9


class Splink:
    """An index in DuckDB's memory, keys and term frequencies and all, ready to be asked."""

    def __init__(self, model: LinkageModel, everyone: tuple[Person, ...]) -> None:
        table = _table(everyone)
        self._connection = connect(_THREADS)
        self._api = splink_api(self._connection)
        self._left = self._api.register(table)
        self._linker = quietly(Linker(self._left, settings(model)))
        for held in model.term_frequencies:
            values = table.column(held.column).to_pylist()
            listed = self._api.register(term_frequency_table(held, values))
            self._linker.table_management.register_term_frequency_lookup(listed, held.column)

    def match(self, arriving: Person) -> int:
        """Score one record against the index; how many candidates it had."""
        one = _table((arriving,))
        place = one.column_names.index("unique_id")
        one = one.set_column(place, "unique_id", pa.array([_AFTER_ALL_OTHERS], pa.int64()))
        right = self._api.register(one)
        found = self._linker.inference.predict_between(self._left, right)
        count = len(found.as_record_list())
        found.drop_table_from_database_and_remove_from_cache(force_non_splink_table=True)
        return int(count)


def _table(persons: tuple[Person, ...]) -> pa.Table:
    records = Records(ids=tuple(map(str, range(len(persons)))), persons=persons, ignored=())
    table, keys = columns(records), blocking_columns(records)
    for name in keys.column_names:
        table = table.append_column(name, keys.column(name))
    return table
