"""The second reader of the ladders and the blocking rules: ours → Splink's."""

from collections.abc import Sequence

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
from splink import SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule
from splink.comparison_level_library import CustomLevel
from splink.comparison_library import CustomComparison
from splink.internals.blocking_rule_creator import BlockingRuleCreator
from splink.internals.comparison_level_creator import ComparisonLevelCreator

from matching.blocking import LINKAGE_RULES, BlockingRule
from matching.bulk.backend import DUCKDB, Dialect
from matching.bulk.records import Records
from matching.comparisons import ALL, Comparison, Level
from matching.model import LinkageModel, TermFrequencies, Weight


def settings(
    model: LinkageModel | None = None,
    *,
    pinned: Sequence[Weight] = (),
    starting: Sequence[Weight] = (),
    rules: Sequence[BlockingRule] = LINKAGE_RULES,
    dialect: Dialect = DUCKDB,
) -> SettingsCreator:
    """Splink's settings for our comparisons.

    With a trained model its numbers; else the u of ``pinned`` levels fixed, or ``starting``
    values from which to train.
    """
    known = model.weights if model else (*pinned, *starting)
    weights = {(each.comparison, each.level): each for each in known}
    floors = {each.column: each.unseen for each in (model.term_frequencies if model else ())}
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unique_id",
        probability_two_random_records_match=model.prior if model else 1e-4,
        comparisons=[
            _comparison(each, weights, floors, dialect, takes=_takes(model, starting))
            for each in ALL
        ],
        blocking_rules_to_generate_predictions=[_blocking_rule(rule) for rule in rules],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def _blocking_rule(rule: BlockingRule) -> BlockingRuleCreator:
    if rule.pairs is None:
        return block_on(rule.name, arrays_to_explode=[rule.name])
    sql = f"l.{rule.name} = r.{rule.name} AND {rule.pairs}"
    return CustomRule(sql, arrays_to_explode=[rule.name])


def _takes(model: LinkageModel | None, starting: Sequence[Weight]) -> str:
    """What the settings carry: "all" of a model, "m and u" to start from, or a few "u"."""
    if model is not None:
        return "all"
    return "m and u" if starting else "u"


def _comparison(
    comparison: Comparison,
    weights: dict[tuple[str, str], Weight],
    floors: dict[str, float],
    dialect: Dialect,
    *,
    takes: str,
) -> CustomComparison:
    return CustomComparison(
        output_column_name=comparison.field,
        comparison_levels=[
            _level(level, weights.get((comparison.field, level.name)), floors, dialect, takes)
            for level in comparison.levels
        ],
    )


def _level(
    level: Level,
    weight: Weight | None,
    floors: dict[str, float],
    dialect: Dialect,
    takes: str,
) -> ComparisonLevelCreator:
    sql = "ELSE" if level.condition is None else dialect.render(level.condition.sql())
    made: ComparisonLevelCreator = CustomLevel(sql, label_for_charts=level.label or level.name)
    if level.silent:
        return made.configure(is_null_level=True)
    if weight is not None and takes == "u":
        made = made.configure(u_probability=weight.u, fix_u_probability=True)
    elif weight is not None:
        made = made.configure(m_probability=weight.m, u_probability=weight.u)
    if level.term_frequency and takes == "all":
        made = made.configure(
            tf_adjustment_column=level.term_frequency,
            tf_minimum_u_value=floors[level.term_frequency],
        )
    return made


def blocking_columns(records: Records, rules: Sequence[BlockingRule] = LINKAGE_RULES) -> pa.Table:
    """One column of keys per blocking rule, in the order of the records."""
    return pa.table(
        {
            rule.name: pa.array(
                [sorted(set((rule.stored or rule.keys)(each))) for each in records.persons],
                pa.list_(pa.string()),
            )
            for rule in rules
        }
    )


def term_frequency_table(held: TermFrequencies, values: Sequence[str | None]) -> pa.Table:
    """A Splink look-up of a column: the model's shares, and ``unseen`` for the other values.

    Splink leaves a value it does not know unadjusted, as if it were of middling frequency; ours
    counts it as rare, so every value of the data is listed.
    """
    shares = dict(held.shares)
    listed = sorted({value for value in values if value is not None} | shares.keys())
    return pa.table(
        {
            held.column: pa.array(listed, pa.string()),
            f"tf_{held.column}": pa.array(
                [shares.get(value, held.unseen) for value in listed], pa.float64()
            ),
        }
    )
