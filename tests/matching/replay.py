"""Print how right the shipped model is on a labelled file: the figures of docs/accuracy.md.

python -m tests.matching.replay world RECORDS.csv TRUTH.csv
python -m tests.matching.replay pairs RECORDS.csv PAIRS.csv
"""

import csv
from collections import Counter
from pathlib import Path

import click

from matching.blocking import index_keys, linkage_keys
from matching.bulk.records import read
from matching.decide import Candidate, Outcome, decide
from matching.evaluate import Labelled, Summary, by_group, replay, summarise
from matching.model import load

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def main() -> None:
    """Measure the matcher on labelled files."""


@main.command()
@click.argument("records", type=FILE)
@click.argument("truth", type=FILE)
@click.option("--model", type=FILE, default=None)
@click.option("--seed", default=1, show_default=True, help="Of the order of arrival.")
def world(records: Path, truth: Path, model: Path | None, seed: int) -> None:
    """Let every record arrive in turn; a steward who is asked is always right."""
    answers = _rows(truth, "record_id")
    held = read(records)
    labelled = [
        Labelled(
            record=record,
            person=person,
            truth=answers[record]["truth_id"],
            groups=_groups(answers[record]),
        )
        for record, person in zip(held.ids, held.persons, strict=True)
    ]
    using = load(model).for_population(len({each.truth for each in labelled}))
    arrivals = replay(labelled, using, seed=seed)
    click.echo(_line("all", summarise(arrivals)))
    for group, summary in by_group(arrivals).items():
        click.echo(_line(group, summary))


@main.command()
@click.argument("records", type=FILE)
@click.argument("pairs", type=FILE)
def pairs(records: Path, pairs: Path) -> None:
    """Decide every named hard pair alone, in an index of 20,000 children."""
    held = read(records)
    persons = dict(zip(held.ids, held.persons, strict=True))
    using = load().for_population(20_000)
    counts: Counter[tuple[str, str, str]] = Counter()
    with pairs.open(encoding="utf-8") as opened:
        for row in csv.DictReader(opened):
            left, right = persons[row["record_id_l"]], persons[row["record_id_r"]]
            outcome = decide(right, [Candidate(child=1, members=(left,))], using).outcome
            if linkage_keys(right).isdisjoint(index_keys(left)):
                outcome = Outcome.NEW
            counts[row["same"], row["kind"], outcome] += 1
    for (same, kind, outcome), count in sorted(counts.items()):
        click.echo(f"same={same} {kind}: {outcome} {count}")


def _rows(path: Path, key: str) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8") as opened:
        return {row[key]: row for row in csv.DictReader(opened)}


def _groups(answer: dict[str, str]) -> tuple[str, ...]:
    community = answer.get("community")
    tags = (answer.get("tags") or "").split()
    return (*((f"community {community}",) if community else ()), *tags)


def _line(name: str, counted: Summary) -> str:
    share, upper = counted.false_link_share
    return (
        f"{name}: {counted.arrivals} arrivals, {counted.held} of a held child; "
        f"false links {counted.linked_wrong} ({10_000 * share:.1f} in 10,000, "
        f"at most {10_000 * upper:.1f}); linked {counted.automatic_recall:.4f}, "
        f"with a steward {counted.total_recall:.4f}; "
        f"{counted.reviews_per_1000:.1f} reviews per 1,000 arrivals; "
        f"blocking {counted.found / max(1, counted.held):.4f}"
    )


if __name__ == "__main__":
    main()
