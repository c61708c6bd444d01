"""The operators' door: plain words, exit codes, and no trace for what a user can put right."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from api.cli import main
from api.demo import demo_token
from child_index.store import engine
from matching import model as models
from tests.api.doors import SQLITE
from tests.clock import Clock


@pytest.fixture
def run(settings, monkeypatch):
    """Run ``child-index`` with these words, on a fresh store in demo mode."""
    monkeypatch.setenv("CHILD_INDEX_HOME", str(settings.home))
    monkeypatch.setenv("CHILD_INDEX_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("CHILD_INDEX_MODE", "demo")

    def invoke(*words, **environment):
        for name, value in environment.items():
            monkeypatch.setenv(f"CHILD_INDEX_{name}", value)
        return CliRunner().invoke(main, list(words))

    return invoke


def in_words(result, *, code=1):
    """What was said of an error: a line or two, and no trace."""
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result.output


def test_the_register_is_kept_by_three_commands(run):
    made = run(
        "feed", "register", "gp", "--organisation", "Alder Surgery", "--authority-for", "nhs"
    )
    assert made.output == "Registered gp of Alder Surgery: draft.\n"
    assert run("feed", "accredit", "gp").output == "gp is accredited.\n"
    (row,) = run("feed", "list").output.splitlines()
    assert row.split()[:2] == ["gp", "accredited"]
    assert row.endswith("Alder Surgery")


@SQLITE
def test_an_empty_register_says_what_to_do(run):
    assert "feed register" in run("feed", "list").output


@SQLITE
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("feed", "register", "Gp!", "--organisation", "x"), "lower-case letters"),
        (("feed", "register", "gp", "--organisation", " "), "belongs to an organisation"),
        (("feed", "register", "gp", "--organisation", "x", "--authority-for", "y"), "schemes are"),
        (("feed", "accredit", "gp"), "No feed is registered as gp"),
        (("demo-token", "nobody"), "melanie"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(run, words, said):
    output = in_words(run(*words))
    assert said in output
    assert len(output.strip().splitlines()) == 1


@SQLITE
def test_a_feed_is_registered_once(run):
    words = ("feed", "register", "gp", "--organisation", "Alder Surgery")
    assert run(*words).exit_code == 0
    assert "registered already" in in_words(run(*words))


@SQLITE
def test_settings_that_cannot_be_used_are_all_named(run):
    output = in_words(run("feed", "list", PORT="a port", WEB_WORKERS="none"))
    assert "CHILD_INDEX_PORT" in output
    assert "CHILD_INDEX_WEB_WORKERS" in output


def test_an_old_store_is_told_how_to_become_a_new_one(run, store_url):
    opened = engine.connect(store_url)
    with engine.transaction(opened) as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    opened.dispose()
    assert "child-index migrate" in in_words(run("feed", "list"))


def test_migrating_is_safe_to_do_twice(run):
    assert run("migrate").exit_code == run("migrate").exit_code == 0


def test_the_audit_is_checked_and_the_first_bad_row_named(run, store_url):
    run("feed", "register", "gp", "--organisation", "Alder Surgery")
    assert "The audit is sound" in run("audit", "verify").output
    opened = engine.connect(store_url)
    with engine.transaction(opened) as conn:
        conn.execute(text("UPDATE audit_event SET actor = 'nobody' WHERE id = 1"))
    opened.dispose()
    assert "First bad row: 1." in in_words(run("audit", "verify"))


@SQLITE
def test_a_demo_token_is_printed_alone(run, settings):
    output = run("demo-token", "melanie").output
    assert output.count(".") == 2
    assert output.count("\n") == 1
    example = demo_token(settings, "melanie", at=Clock()())
    assert output.split(".")[0] == example.split(".")[0]


@SQLITE
def test_there_are_no_demo_tokens_outside_a_demonstration(run, tmp_path):
    assert "demo" in in_words(run("demo-token", "melanie", MODE="production"))
    file = tmp_path / "a.csv"
    file.write_text("source_record_id\n1\n")
    assert "--token" in in_words(run("feed", "push", str(file), "--feed", "gp"), code=2)


@SQLITE
@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org"])  # noqa: S104 - refused
def test_a_demonstration_is_not_served_to_others(run, host):
    assert "127.0.0.1" in in_words(run("serve", HOST=host))


@SQLITE
def test_production_is_not_served_without_keys(run):
    assert "CHILD_INDEX_TOKEN_KEYS" in in_words(run("serve", MODE="production"))


@SQLITE
def test_pushing_to_nobody_says_that_nobody_is_there(run, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("source_record_id\n1\n")
    output = in_words(run("feed", "push", str(file), "--feed", "gp", PORT="1"))
    assert "cannot be reached" in output


@SQLITE
@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b"a,b\n", "no other"), (b'a,b\n"x\n', "CSV"), (b"\x1f\x8bxx", "damaged")],
)
def test_a_file_that_cannot_be_sent_is_told_so(run, tmp_path, content, said):
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    assert said in in_words(run("feed", "push", str(file), "--feed", "gp"))


@SQLITE
def test_a_model_cannot_be_trained_on_next_to_nothing(run, tmp_path):
    file = tmp_path / "few.csv"
    file.write_text("record_id,feed,given_names,family_name,date_of_birth\n1,a,Hannah,Marsh,2011\n")
    in_words(run("train", str(file), "--out", str(tmp_path / "model.json")))
    assert not (tmp_path / "model.json").exists()


def test_the_shipped_model_is_one_that_train_could_have_written(tmp_path):
    models.save(models.load(), tmp_path / "model.json")
    assert json.loads((tmp_path / "model.json").read_text())["version"]


@SQLITE
@pytest.mark.parametrize("words", [(), ("feed",), ("audit",), ("feed", "push"), ("serve",)])
def test_every_command_explains_itself(run, words):
    result = run(*words, "--help")
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")
