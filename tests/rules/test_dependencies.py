"""The dependencies: each has its reason written down, and nothing undeclared is imported."""

import ast
import re
import sys
import tomllib
from importlib import metadata

from tests.rules import house

PROJECT = tomllib.loads((house.ROOT / "pyproject.toml").read_text())
GROUPS = PROJECT["dependency-groups"]
DISTRIBUTIONS = metadata.packages_distributions()
INSIDE = {
    "werkzeug": "flask",
    "markupsafe": "flask",
    "webargs": "flask-smorest",
    "apispec": "flask-smorest",
}
"""Packages whose documentation sends its readers to their other half."""


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=; ]", line)[0].lower() for line in requirements}


def imported(source: str) -> set[str]:
    """The top-level packages that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def undeclared(source: str, declared: set[str]) -> set[str]:
    """What a module imports that is neither ours, nor Python's, nor a declared dependency."""
    foreign = imported(source) - set(house.PRODUCT) - sys.stdlib_module_names
    return {
        name
        for name in foreign
        if not {INSIDE.get(name), *map(str.lower, DISTRIBUTIONS.get(name, []))} & declared
    }


def test_the_product_imports_only_what_it_declares():
    runtime = names(PROJECT["project"]["dependencies"])
    found = {
        str(path): undeclared((house.ROOT / path).read_text(), allowed)
        for folder in house.PRODUCT
        for allowed in [runtime | names(GROUPS["demo"]) if folder == "fixtures" else runtime]
        for path in house.python_files(folder)
    }
    assert {path: names for path, names in found.items() if names} == {}


def test_an_undeclared_import_would_be_noticed():
    source = "import os\nimport numpy\nfrom flask import g\nimport werkzeug.exceptions"
    assert undeclared(source, {"flask"}) == {"numpy"}


def test_every_dependency_has_its_line_of_reason():
    page = (house.ROOT / "docs" / "dependencies.md").read_text()
    runtime, rest = page.split("## Only for")[0], page.split("## Only for")[1].split("## Con")[0]
    assert set(re.findall(r"^\| `([^`]+)` \|", runtime, re.MULTILINE)) == names(
        PROJECT["project"]["dependencies"]
    )
    assert set(re.findall(r"^\| `([^`]+)` \|", rest, re.MULTILINE)) == set().union(
        *(names(group) for group in GROUPS.values())
    )
