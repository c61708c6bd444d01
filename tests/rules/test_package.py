"""What an installation carries: every module and every data file, and no invented children."""

import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.rules import house

SHIPPED = ("child_index", "matching", "api")
DATA = {".py", ".json", ".csv", ".html", ".txt"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel from a copy, so that nothing is left in the checkout."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(house.ROOT / name, copy / name)
    for package in (*SHIPPED, "fixtures"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(house.ROOT / package, copy / package, ignore=ignored)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--no-index", "--wheel-dir", copy / "out", copy], check=True)
    with zipfile.ZipFile(next((copy / "out").glob("*.whl"))) as archive:
        return set(archive.namelist())


def test_an_installation_carries_every_module_and_every_data_file(wheel):
    needed = {
        str(path) for path in house.all_files() if path.parts[0] in SHIPPED and path.suffix in DATA
    }
    assert needed - wheel == set()


def test_an_installation_carries_no_invented_children_and_no_tests(wheel):
    assert {name.split("/")[0] for name in wheel if ".dist-info/" not in name} == set(SHIPPED)
