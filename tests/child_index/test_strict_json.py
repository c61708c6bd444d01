"""JSON is read in one way only, or not at all."""

import contextlib
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from child_index import strict_json
from child_index.strict_json import NotReadable

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(values)
@example(-(10**18))
def test_what_another_writer_wrote_is_read_as_it_was(value):
    assert strict_json.parse(json.dumps(value)) == value
    assert strict_json.parse(json.dumps(value, ensure_ascii=False)) == value


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_nothing_else_happens(text):
    with contextlib.suppress(NotReadable):
        strict_json.parse(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a":1,"a":2}', "duplicate_key"),
        ('{"b":{"a":1,"a":1}}', "duplicate_key"),
        ("[NaN]", "not_a_number"),
        ("[Infinity]", "not_a_number"),
        ('{"version":99999999999999999999}', "number_too_large"),
        ("[" * 100_000, "too_deep"),
        ('{"a":' * 100_000, "too_deep"),
        ('{"a":1', "not_json"),
        ('{"a":1} {"b":2}', "not_json"),
        ("", "not_json"),
        ('{"a":"\x01"}', "not_json"),
    ],
)
def test_what_two_readers_could_take_in_two_ways_is_refused(text, code):
    with pytest.raises(NotReadable) as refusal:
        strict_json.parse(text)
    assert refusal.value.code == code


def test_a_refusal_never_holds_the_text():
    with pytest.raises(NotReadable) as refusal:
        strict_json.parse('{"family":"Canary')
    assert "Canary" not in repr(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


@pytest.mark.parametrize(
    "character", ["\x00", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\u200f", "\ud800", "\n"]
)
def test_control_bidirectional_and_surrogate_characters_are_found_wherever_they_hide(character):
    value = {"names": [{"given": ["Anna", f"Han{character}nah"]}]}
    text = json.dumps(value)
    assert strict_json.hostile_places(text, value) == ("/names/0/given/1",)


@pytest.mark.parametrize("name", ["Zoë", "Łucja", "O’Brien", "محمد", "נועה", "Siân", "李"])
def test_names_of_any_script_are_not_hostile(name):
    value = {"family": name}
    assert strict_json.hostile_places(json.dumps(value), value) == ()
    assert strict_json.hostile_places(json.dumps(value, ensure_ascii=False), value) == ()


def test_a_hostile_key_is_found_and_not_shown():
    value = {"na\u202eme": {"x\x00": 1}}
    assert strict_json.hostile_places(json.dumps(value), value) == ("", "/?")
