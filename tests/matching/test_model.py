"""The model file: read as it was written, refused when a level is untrained."""

import json
from dataclasses import asdict, replace

import pytest

from matching.comparisons import ALL
from matching.model import SMALLEST_POPULATION, LinkageModel, ModelError, check, load, save


@pytest.fixture(scope="module")
def model() -> LinkageModel:
    return load()


def test_a_model_is_read_as_it_was_written(model, tmp_path):
    save(model, tmp_path / "model.json")
    assert asdict(load(tmp_path / "model.json")) == asdict(model)


def test_the_shipped_model_says_where_it_comes_from(model):
    assert "fixtures records" in model.provenance.command
    assert model.provenance.records > 50_000
    assert len(model.provenance.fingerprint) == 64
    assert any(name.startswith("splink 5") for name in model.provenance.libraries)
    assert model.version == "england-1"


def test_the_model_file_speaks_no_dialect(model, tmp_path):
    save(model, tmp_path / "model.json")
    text = (tmp_path / "model.json").read_text(encoding="utf-8").lower()
    assert not any(word in text for word in ("jaro", "levenshtein", "list_has", "case when", "_l "))


def test_a_missing_level_is_refused(model):
    with pytest.raises(ModelError, match="missing or unknown"):
        check(replace(model, weights=model.weights[1:]))


def test_an_untrained_level_is_refused(model):
    untrained = replace(model.weights[0], m=0.0)
    with pytest.raises(ModelError, match="untrained level: given_name exact"):
        check(replace(model, weights=(untrained, *model.weights[1:])))


def test_term_frequencies_are_needed_for_what_asks_for_them(model):
    with pytest.raises(ModelError, match="given"):
        check(replace(model, term_frequencies=model.term_frequencies[1:]))


def test_a_prior_must_be_a_probability(model):
    with pytest.raises(ModelError, match="prior"):
        check(replace(model, prior=1.0))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 1}'])
def test_a_file_that_is_no_model_is_refused(tmp_path, text):
    (tmp_path / "model.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match="no linkage model"):
        load(tmp_path / "model.json")


def test_an_unsound_model_is_not_written(model, tmp_path):
    with pytest.raises(ModelError):
        save(replace(model, prior=0.0), tmp_path / "model.json")
    assert not (tmp_path / "model.json").exists()


def test_more_children_make_the_prior_smaller_and_an_index_being_filled_is_no_exception(model):
    town, country = model.for_population(20_000), model.for_population(11_000_000)
    assert town.prior_weight > country.prior_weight
    assert model.for_population(3).prior == model.for_population(SMALLEST_POPULATION).prior


def test_every_level_that_tells_something_has_words_for_a_steward():
    for comparison in ALL:
        for level in comparison.levels:
            assert bool(level.label) != level.silent
    labels = [level.label for each in ALL for level in each.levels if level.label]
    assert len(labels) == len(set(labels))


def test_the_shipped_weights_are_numbers_in_a_json_file(model, tmp_path):
    save(model, tmp_path / "model.json")
    held = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    assert {"comparison", "level", "m", "u"} == held["weights"][0].keys()
