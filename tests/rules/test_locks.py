"""The locks: exact, hashed, without an address, one inside the other, and up to date."""

import re
import tomllib

import pytest

from tests.rules import house

LOCKS = ("requirements.lock", "requirements-demo.lock", "requirements-test.lock")


def read(name: str) -> str:
    return (house.ROOT / name).read_text()


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=; ]", line)[0].lower().replace("_", "-") for line in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_exact_and_hashed_and_carries_no_address(lock):
    assert house.lock_faults(read(lock)) == []
    assert len(house.locked(read(lock))) > 20


@pytest.mark.parametrize(
    ("smaller", "larger"), [LOCKS[:2], LOCKS[1:]], ids=["runtime-demo", "demo-test"]
)
def test_what_the_smaller_lock_installs_the_larger_one_installs_too(smaller, larger):
    inner, outer = house.locked(read(smaller)), house.locked(read(larger))
    assert {name: outer.get(name) for name in inner} == inner


def test_every_dependency_of_the_project_is_locked():
    project = tomllib.loads(read("pyproject.toml"))
    groups = project["dependency-groups"]
    runtime = names(project["project"]["dependencies"]) | names(groups["build"])
    demo = runtime | names(groups["demo"])
    test = demo | names(groups["test"])
    for lock, wanted in zip(LOCKS, (runtime, demo, test), strict=True):
        assert wanted - house.locked(read(lock)).keys() == set()


def test_there_is_no_second_kind_of_lock():
    found = [
        name for name in ("uv.lock", "poetry.lock", "Pipfile.lock") if (house.ROOT / name).exists()
    ]
    assert found == []


def test_npm_is_told_to_keep_addresses_out_of_its_lock():
    package_locks = [path for path in house.all_files() if path.name == "package-lock.json"]
    for path in package_locks:
        assert '"resolved"' not in (house.ROOT / path).read_text()
        npmrc = (house.ROOT / path).with_name(".npmrc").read_text()
        assert "omit-lockfile-registry-resolved=true" in npmrc
