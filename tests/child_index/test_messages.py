"""A line's schema: what it takes, what it refuses, and the same as JSON Schema."""

import copy

import jsonschema_rs
import pytest
from marshmallow import ValidationError

from child_index import messages
from child_index.messages import NotAsAgreed
from tests.feeding import child, involvement

WHOLE = child(
    names=[
        {"use": "usual", "given": ["Hannah"], "family": "Marsh", "from": "2011-05-14", "to": None},
        {"use": "alias", "given": ["Anna"], "family": "Marsh"},
    ],
    deathDate=None,
    identifiers=[{"scheme": "nhs", "value": "9990000018", "status": "verified"}],
    previousAddresses=[{"lines": ["1 Elm Road"], "postcode": "XN1 6AD", "kind": "current"}],
    education={"settingName": "Southam School", "urn": "100001", "startedOn": "2022-09-01"},
    gp={"odsCode": "XN0001", "name": "Beacon Surgery"},
    involvements=[involvement(endedOn="2026-03-31", leadProfessional=False)],
    assessment={"exists": True, "kind": "EHA", "assessedOn": "2026-11-04", "closedOn": None},
)
ODD = (
    None,
    "",
    " ",
    0,
    -1,
    1,
    True,
    [],
    {},
    [1],
    ["x"],
    "x" * 101,
    "2026-02-30",
    1.5,
    2**63,
    "nhs",
)


def places(value, path=()):
    """Every place of a message, as a path."""
    yield path
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))


PLACES = [path for path in places(WHOLE) if path]


def changed(path, new):
    line = copy.deepcopy(WHOLE)
    inner = line
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    return line


def slowly(line):
    return messages._LOADERS["child"].load(line)


def test_a_whole_line_loads_the_same_the_quick_way_and_marshmallows_own():
    assert messages._LOADERS["child"].quick(WHOLE) == slowly(WHOLE)


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_the_quick_way_and_marshmallows_own_agree_about_every_place(odd):
    for path in PLACES:
        line = changed(path, odd)
        try:
            expected = slowly(line)
        except ValidationError:
            with pytest.raises(NotAsAgreed):
                messages.load("child", line)
        else:
            assert messages.load("child", line) == expected, path


@pytest.mark.parametrize(
    ("path", "new", "code"),
    [
        (("version",), "3", "wrong_type"),
        (("version",), True, "wrong_type"),
        (("version",), -1, "wrong_type"),
        (("version",), 2**63, "wrong_type"),
        (("version",), None, "missing_field"),
        (("sourceRecordId",), " ", "missing_field"),
        (("sourceRecordId",), "x" * 101, "too_long"),
        (("names",), {}, "wrong_type"),
        (("names",), [{}] * 51, "too_many"),
        (("names", 0, "given"), "Hannah", "wrong_type"),
        (("names", 0, "given"), ["H"] * 11, "too_many"),
        (("names", 0, "given"), ["H" * 101], "too_long"),
        (("names", 0, "family"), "M" * 101, "too_long"),
        (("sex",), "female, mother ill" + "x" * 100, "too_long"),
        (("involvements", 0, "serviceType"), "GOSSIP", "not_in_list"),
        (("involvements", 0, "startedOn"), "01/09/2025", "not_a_date"),
        (("involvements", 0, "startedOn"), "9999-12-31", "not_a_date"),
        (("involvements", 0, "leadProfessional"), "yes", "wrong_type"),
        (("identifiers", 0, "value"), None, "missing_field"),
        (("shoeSize",), 4, "unknown_field"),
        (("gp", "shoeSize"), 4, "unknown_field"),
    ],
)
def test_each_fault_has_its_place_and_its_code(path, new, code):
    with pytest.raises(NotAsAgreed) as refused:
        messages.load("child", changed(path, new))
    assert [found for at, found in refused.value.codes if at[: len(path)] == path] == [code]


def test_names_of_a_hundred_characters_are_taken():
    loaded = messages.load("child", changed(("names", 0, "family"), "M" * 100))
    assert loaded["names"][0]["family"] == "M" * 100


def test_an_involvement_that_is_voided_need_not_say_again_what_it_was():
    void = {"involvementId": "i-1", "version": 2, "void": True}
    loaded = messages.load("child", child(involvements=[void]))
    assert loaded["involvements"][0]["is_void"] is True


def test_the_published_json_schema_takes_what_the_service_takes():
    validator = jsonschema_rs.validator_for(messages.json_schema())
    assert validator.is_valid(WHOLE)
    assert not validator.is_valid(WHOLE | {"notes": "mother ill"})
    assert not validator.is_valid(child(version="1"))
    assert validator.is_valid({"type": "withdraw", "sourceRecordId": "1", "version": 2})
    assert validator.is_valid({"type": "header", "sequence": 1, "mode": "delta"})
    assert validator.is_valid({"type": "trailer", "count": 0})


@pytest.mark.parametrize("odd", [odd for odd in ODD if odd != "2026-02-30"], ids=repr)
def test_what_the_published_json_schema_takes_the_service_takes(odd):
    validator = jsonschema_rs.validator_for(messages.json_schema())
    for line in (changed(path, odd) for path in PLACES):
        if validator.is_valid(line):
            messages.load("child", line)
