"""Training: reproducible, refuses what it cannot train, and recovers what it was given."""

from dataclasses import asdict
from datetime import date
from random import Random

import pyarrow as pa
import pytest

from matching.bulk.train import train
from matching.comparisons import ALL
from matching.model import LinkageModel, check, load, save

GIVEN = tuple(f"{a}{b}" for a in ("Ro", "Ka", "Mi", "Ta", "Ve") for b in ("na", "lo", "ri", "mus"))
FAMILY = tuple(
    f"{a}{b}" for a in ("Bar", "Cul", "Dev", "Fen", "Gor") for b in ("ton", "ley", "ham")
)
WRONG_SEX = 0.1
CHILDREN = 700


def _records(seed: int) -> pa.Table:
    """Two records of each child, with a wrong sex in one of ten second ones."""
    rng = Random(seed)
    rows = []
    for child in range(CHILDREN):
        said = {
            "given_names": f"{rng.choice(GIVEN)} {rng.choice(GIVEN)}",
            "family_name": rng.choice(FAMILY),
            "date_of_birth": date.fromordinal(733_800 + rng.randrange(4_000)).isoformat(),
            "sex": rng.choice("MF"),
            "nhs_number": _nhs_number(child),
            "upn": None,
            "postcode": f"XN{1 + child % 9} {child // 9 % 10}A{'ABDEFGHJLN'[child % 10]}",
            "address_line": f"{1 + child % 60} Alder Court",
            "carer_given_name": rng.choice(GIVEN),
            "carer_family_name": rng.choice(FAMILY),
        }
        again = dict(said)
        if rng.random() < WRONG_SEX:
            again["sex"] = "M" if said["sex"] == "F" else "F"
        rows += [
            {"feed": "a", "source_id": str(child), **said},
            {"feed": "b", "source_id": str(child), **again},
        ]
    return pa.Table.from_pylist(rows)


def _nhs_number(child: int) -> str:
    """The ``child``-th number of 999 000 0000 onward with a valid check digit."""
    from nhs_number.validate import calculate_checksum  # noqa: PLC0415 - one line in one helper

    body = f"9990{child:05}"
    return f"{body}{calculate_checksum(body)}"


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return _records(1)


@pytest.fixture(scope="module")
def model(table) -> LinkageModel:
    return train(table, sampled_pairs=2e5, command="test", trained_on="test")


def test_every_level_of_a_trained_model_is_trained(model):
    check(model)
    assert len(model.weights) == sum(not lv.silent for each in ALL for lv in each.levels)


def test_the_same_data_and_seed_give_the_same_model(model, table):
    again = train(table, sampled_pairs=2e5, command="test", trained_on="test")
    assert asdict(again) == asdict(model)


def test_training_recovers_how_often_sex_is_wrong_and_how_common_names_are(model):
    held = {(each.comparison, each.level): each for each in model.weights}
    assert held["sex", "differs"].m == pytest.approx(WRONG_SEX, abs=0.03)
    assert held["sex", "exact"].u == pytest.approx(0.5, abs=0.03)
    assert held["family_name", "exact"].u == pytest.approx(1 / len(FAMILY), abs=0.01)
    assert held["nhs_number", "exact"].u == pytest.approx(1 / CHILDREN, rel=0.2)
    shares = {each.column: dict(each.shares) for each in model.term_frequencies}
    assert sum(shares["family"].values()) == pytest.approx(1.0)


def test_a_trained_model_can_be_written_and_read(model, tmp_path):
    save(model, tmp_path / "model.json")
    assert asdict(load(tmp_path / "model.json")) == asdict(model)


def test_too_little_to_train_from_is_refused(table):
    with pytest.raises(ValueError, match="too few agreeing pairs"):
        train(table.slice(0, 50), sampled_pairs=1e4)
