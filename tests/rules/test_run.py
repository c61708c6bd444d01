"""The front door on machines that lack things: what it says, and how it ends."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules import house

ONE_LINE = "Run this once, then try again:  sudo apt-get install -y python3-venv\n"


@pytest.fixture
def machine(tmp_path):
    """Make a machine with a shell, a few tools and the front door, and no python3."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("sh", "cat", "cmp", "dirname", "basename", "env", "mktemp", "rm", "touch"):
        found = shutil.which(tool)
        assert found, tool
        (tools / tool).symlink_to(found)
    for file in ("run", "pyproject.toml", "requirements.lock"):
        shutil.copy(house.ROOT / file, tmp_path / file)
    return tmp_path


def give(machine: Path, tool: str, script: str) -> None:
    path = machine / "tools" / tool
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def run(machine: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [machine / "run", *words],
        capture_output=True,
        text=True,
        env={"PATH": str(machine / "tools")},
        cwd="/",
        stdin=subprocess.DEVNULL,
        check=False,
    )


def without_ensurepip() -> str:
    """A python3 as minimal Debian has it; it never gets as far as an environment."""
    return (
        'case "$*" in *ensurepip*|"-m venv"*) echo "No module named ensurepip" >&2; exit 1;; esac\n'
        f'exec "{sys.executable}" "$@"'
    )


@pytest.mark.parametrize("words", [(), ("help",), ("--help",)])
def test_help_names_every_command(machine, words):
    done = run(machine, *words)
    assert done.returncode == 0
    for command in ("setup", "demo", "test [--all]", "check", "bench", "lock", "help"):
        assert f"\n  {command}" in done.stdout


def test_an_unknown_command_is_refused_with_the_list_of_commands(machine):
    done = run(machine, "dmeo")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage: ./run COMMAND" in done.stderr


def test_a_machine_without_python_is_told_which_python_it_needs(machine):
    done = run(machine, "setup")
    assert done.returncode == 2
    assert done.stderr == "Child Index needs python3, version 3.11 or newer.\n"


def test_an_old_python_is_no_python(machine):
    give(machine, "python3", "exit 1")
    done = run(machine, "setup")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "3.11" in done.stderr


@pytest.mark.parametrize("sudo", [None, "exit 1"], ids=["no sudo", "sudo asks for a password"])
def test_without_venv_and_without_root_one_line_says_what_to_do(machine, sudo):
    give(machine, "python3", without_ensurepip())
    give(machine, "apt-get", "echo must not be called >&2")
    give(machine, "id", "echo 1000")
    if sudo:
        give(machine, "sudo", sudo)
    done = run(machine, "setup")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", ONE_LINE)


@pytest.mark.parametrize("sudo", [False, True], ids=["root", "sudo"])
def test_with_root_or_sudo_venv_is_installed_after_an_update(machine, sudo):
    give(machine, "python3", without_ensurepip())
    give(machine, "apt-get", f'echo "$*" >>{machine}/apt; exit 0')
    give(machine, "id", f"echo {1000 if sudo else 0}")
    if sudo:
        give(machine, "sudo", '[ "$1" = -n ] && shift; exec "$@"')
        (machine / "tools" / "true").symlink_to(shutil.which("true") or "")
    run(machine, "setup")
    assert (machine / "apt").read_text() == "update -q\ninstall -y -q python3-venv\n"


def test_when_apt_fails_its_words_are_shown_and_the_line_repeated(machine):
    give(machine, "python3", without_ensurepip())
    give(machine, "apt-get", "echo Temporary failure resolving; exit 100")
    give(machine, "id", "echo 0")
    done = run(machine, "setup")
    assert done.returncode == 2
    assert done.stderr == f"Temporary failure resolving\n{ONE_LINE}"


def test_what_is_installed_already_is_not_installed_again(machine):
    python = machine / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\necho "$*" >>{machine}/calls\n')
    python.chmod(0o755)
    assert run(machine, "setup").returncode == 0
    first = (machine / "calls").read_text()
    assert "--require-hashes -r requirements.lock" in first
    assert "--no-deps --no-build-isolation -e ." in first
    assert run(machine, "setup").returncode == 0
    again = (machine / "calls").read_text().removeprefix(first)
    assert "install" not in again
    with (machine / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    run(machine, "setup")
    assert (machine / "calls").read_text().count("--require-hashes") == 2


def test_a_failed_installation_is_an_error_and_is_tried_again(machine):
    python = machine / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\ncase "$*" in *install*) echo no hash >&2; exit 1;; esac\n')
    python.chmod(0o755)
    for _ in range(2):
        done = run(machine, "setup")
        assert done.returncode == 1
        assert "no hash" in done.stderr


def test_the_front_door_is_plain_posix():
    source = (house.ROOT / "run").read_text()
    assert source.startswith("#!/bin/sh\n")
    assert os.access(house.ROOT / "run", os.X_OK)
    bashisms = r"\[\[|^\s*(local|function|declare) |\$'|<<<|pipefail|&>|^\s*\w+=\("
    assert re.findall(bashisms, source, re.MULTILINE) == []


def test_continuous_integration_calls_the_front_door():
    assert "./run test" in (house.ROOT / ".ci" / "run").read_text()
