"""One ladder, two readers: Splink's predict() and our scorer give the same match weights."""

import random

import pyarrow as pa
import pytest

from matching.blocking import BlockingRule, index_keys, linkage_keys
from matching.bulk.link import scored_pairs
from matching.bulk.records import Records, read
from matching.comparisons import ALL, levels_reached
from matching.model import load
from matching.score import scorer

GIVEN = (
    *("Zoë", "Łukasz", "Nguyễn", "محمد", "Олександр", "Jean-Luc", "J", "Al", "", "Baby", "Qwxzj"),
    *("Zoe Marie", "Zoe M", "Marie Zoe", "Zoe Maria", "Zoe Ann", "Muhammad Salman", "Salman"),
    *(
        "Mohammed",
        "Oscar",
        "Oskar",
        "Ellie",
        "Elle",
        "Eleanor",
        "Bill",
        "William",
        "Grace",
        "Gracie",
        "Qwxzk",
        "Zoltan",
        "Smith",
    ),
)
FAMILY = (
    *("O’Brien", "Obrian", "Smith-Jones", "Jones", "Smyth", "Smith", "Zoe", "Marie", "Łukasz"),
    *("Qwxzj", "Qwxzjk", "Ng", ""),
)
BORN = (
    *("2011-05-14", "2011-14-05", "2011-05-04", "2011-04-05", "2011", "2011-01-01", "2012-01"),
    *(
        "2011-05",
        "2011-05-23",
        "2011-06-02",
        "2011-09-30",
        "2013-02-14",
        "2014-01-01",
        "2019-12-31",
        "",
    ),
)
POSTCODES = ("XN1 6AE", "XN1 6AD", "XN1 6BB", "XN1 7AE", "XN2 9ZZ", "XS1 1AA", "ZZ99 3VZ", "")


def _odd(rng, size):
    """Records of a few odd values each, so that many pairs share some of them."""

    def pick(*values):
        return [rng.choice(values) or None for _ in range(size)]

    return {
        # A feed for each row, or the repeated dates of birth would all be default ones.
        "feed": [f"feed-{i}" for i in range(size)],
        "source_id": ["1"] * size,
        "given_names": pick(*GIVEN),
        "family_name": pick(*FAMILY),
        "date_of_birth": pick(*BORN),
        "sex": pick("F", "M", ""),
        "nhs_number": pick("9990000018", "9990000026", "", ""),
        "upn": pick("Q999400119001", "M80120000500A", "", ""),
        "postcode": pick(*POSTCODES),
        "address_line": pick(
            "7 Alder Court", "7 Aldder Court", "9 Elm Road", "Rose Cottage", "", ""
        ),
        "carer_given_name": pick("Carol", "Carl", "", "", ""),
        "carer_family_name": pick("Marsh", ""),
        "carer_phone": pick("01134960100", "01134960101", "", "", ""),
    }


@pytest.fixture(scope="module")
def records() -> Records:
    table = _odd(random.Random(5), 420)
    return read(pa.table({name: pa.array(values, pa.string()) for name, values in table.items()}))


def test_splink_and_the_scorer_agree_on_fifty_thousand_pairs(records):
    everybody = BlockingRule(name="block_everybody", keys=lambda _: ["all"])
    model = load()
    pairs = scored_pairs(records, model, rules=(everybody,))
    assert pairs.num_rows >= 50_000
    weigh = scorer(model).weigh
    apart = max(
        abs(weigh(records.persons[left], records.persons[right]) - weight)
        for left, right, weight in zip(*(each.to_pylist() for each in pairs.columns), strict=True)
    )
    assert apart <= 1e-9


def test_splink_blocks_the_pairs_that_the_store_would_find(records):
    pairs = scored_pairs(records, load())
    found = set(zip(pairs["left"].to_pylist(), pairs["right"].to_pylist(), strict=True))
    stored = [index_keys(each) for each in records.persons]
    sought = [linkage_keys(each) for each in records.persons]
    places = range(len(records.persons))
    assert found == {(a, b) for a in places for b in places if a < b and sought[a] & stored[b]}


def test_a_threshold_leaves_out_the_pairs_below_it(records):
    pairs = scored_pairs(records, load(), at_least=5.0)
    assert min(pairs["match_weight"].to_pylist()) >= 5.0


def test_every_rung_of_every_ladder_is_compared(records):
    reached = {
        (field.field, index)
        for left in records.persons
        for right in records.persons
        for field, index in zip(ALL, levels_reached(left, right), strict=True)
    }
    missing = {
        (field.field, level.name)
        for field in ALL
        for index, level in enumerate(field.levels)
        if (field.field, index) not in reached
    }
    assert missing == set()
