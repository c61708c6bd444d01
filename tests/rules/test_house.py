"""The house's law, held on every file; and each check shown something it must refuse."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rules import house

# Who may read the clock: the doors and the command lines. Everything below is told the time.
CLOCK_READERS = {
    Path("api/__init__.py"),
    Path("api/wsgi.py"),
    Path("child_index/jobs.py"),
    Path("fixtures/__main__.py"),
    *house.python_files("api/cli", "fixtures/demonstration"),
}
ENGINE_USERS = {Path("child_index/gate.py")}
ENVIRONMENT_READERS = {Path("child_index/config.py")}


def hold(
    check: Callable[[str], list[str]], files: tuple[Path, ...], allowed: set[Path] | None = None
) -> None:
    """Hold every file but the allowed ones to a check, and list each place that breaks it."""
    broken = [
        f"{path}:{place}"
        for path in files
        if path not in (allowed or set())
        for place in check((house.ROOT / path).read_text(encoding="utf-8"))
    ]
    assert not broken, "\n" + "\n".join(broken)


def test_no_module_has_more_than_400_lines_and_no_function_more_than_60():
    # A migration is one flat list of tables; only its module has to stay short.
    files = house.python_files(*house.PRODUCT, "tests", "bench")
    migrations = {path for path in files if path.parts[-2] == "versions"}
    hold(house.too_long, files, migrations)
    hold(house.module_too_long, tuple(migrations))


def test_only_the_doors_and_the_command_lines_read_the_clock():
    hold(house.clock_reads, house.python_files(*house.PRODUCT), CLOCK_READERS)


def test_nobody_but_the_gate_and_the_store_reaches_a_connection():
    files = tuple(
        path
        for path in house.python_files(*house.PRODUCT)
        if path.parts[:2] != ("child_index", "store")
    )
    hold(house.engine_uses, files, ENGINE_USERS)


def test_only_the_settings_read_the_environment():
    files = house.python_files("child_index", "matching", "api")
    hold(house.environment_reads, files, ENVIRONMENT_READERS)


def test_every_public_thing_says_what_it_is_in_a_sentence():
    files = tuple(
        path for path in house.python_files(*house.PRODUCT) if path.parts[-2] != "versions"
    )
    hold(house.missing_docstrings, files)


def test_every_folder_of_modules_is_a_package():
    # Without __init__.py the import contracts do not see it.
    folders = {path.parent for path in house.python_files(*house.PRODUCT)}
    assert [str(path) for path in folders if not (house.ROOT / path / "__init__.py").exists()] == []


def test_no_log_message_is_put_together_from_values():
    hold(house.text_in_logs, house.python_files(*house.PRODUCT))


def test_no_file_names_a_machine_or_a_package_registry():
    found = []
    for path in house.all_files():
        try:
            text = (house.ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:  # a picture or an archive
            continue
        found += [f"{path}:{place}" for place in house.foreign_names(text)]
    assert found == []


@pytest.mark.parametrize(
    ("check", "snippet"),
    [
        (house.too_long, "x = 1\n" * 401),
        (house.module_too_long, "x = 1\n" * 401),
        (house.too_long, "def f():\n" + "    x = 1\n" * 60),
        (house.clock_reads, "import datetime\ndatetime.datetime.now(datetime.UTC)"),
        (house.clock_reads, "from datetime import date\ntoday = date.today()"),
        (house.clock_reads, "import time\nstarted = time.time()"),
        (house.engine_uses, "with index._engine.begin() as conn: pass"),
        (house.engine_uses, "with index.engine.begin() as conn: pass"),
        (house.engine_uses, "from child_index.store import engine\nengine.connect(url)"),
        (house.engine_uses, "import child_index.store.engine as store\nstore.create_engine(url)"),
        (house.engine_uses, "import child_index.store.engine\nchild_index.store.engine.connect(u)"),
        (house.engine_uses, "from child_index.store.engine import transaction"),
        (house.environment_reads, "import os\nos.environ['HOME']"),
        (house.environment_reads, "import os\nos.getenv('HOME')"),
        (house.missing_docstrings, "x = 1"),
        (house.missing_docstrings, '"""A module."""\ndef f(): return 1'),
        (house.missing_docstrings, '"""A module."""\nclass A:\n    """One."""\n    def f(self): 1'),
        (house.missing_docstrings, '"""A module."""\ndef f():\n    """no sentence"""'),
        (house.text_in_logs, "log.info(f'found {name}')"),
        (house.text_in_logs, "logger.warning('found %s' % name)"),
        (house.text_in_logs, "LOGGER.error('found {}'.format(name))"),
        (house.foreign_names, "cd /ho" + "me/someone/project"),
        (house.foreign_names, "https://py" + "pi.org/simple"),
        (house.lock_faults, "--index-url https://example.org/simple\n"),
        (house.lock_faults, "flask==3.1 \\\n    --hash=sha256:00\nclick==8\n"),
        (house.lock_faults, "flask>=3.1 \\\n    --hash=sha256:00\n"),
        (house.lock_faults, "flask @ https://example.org/flask.whl \\\n    --hash=sha256:00\n"),
    ],
)
def test_each_check_refuses_what_it_is_there_to_refuse(check, snippet):
    assert check(snippet) != []


@pytest.mark.parametrize(
    ("check", "snippet"),
    [
        (house.too_long, "x = 1\n" * 400),
        (house.clock_reads, "def f(at): return at.date()\nimport time\ntime.monotonic()"),
        (house.engine_uses, "with index.admit(caller, permission) as visit: visit.conn.execute(q)"),
        (house.engine_uses, "from child_index.store import engine\nengine.queue_up(visit.conn, 7)"),
        (house.environment_reads, "env.str('HOME')"),
        (house.missing_docstrings, '"""A module."""\ndef _f(): 1\ndef g():\n    """Say so."""'),
        (house.text_in_logs, "log.info('batch applied', rows=rows)"),
        (house.foreign_names, "https://example.org/api"),
        (house.lock_faults, "# by ./run lock\nflask==3.1 ; x < '3' \\\n    --hash=sha256:00\n"),
    ],
)
def test_each_check_lets_the_right_way_pass(check, snippet):
    assert check(snippet) == []
