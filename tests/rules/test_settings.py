"""The settings: documented one by one, each default once, each really read."""

import dataclasses
import re

import pytest

from child_index.config import Settings, read_settings
from tests.rules import house

PAGE = house.ROOT / "docs" / "settings.md"
FIELDS = {field.name: field for field in dataclasses.fields(Settings)}


def variable(field: str) -> str:
    return f"CHILD_INDEX_{field.upper()}"


def rows(page: str) -> dict[str, str]:
    """The table of the page: variable to default, as written."""
    return dict(re.findall(r"^\| `(CHILD_INDEX_\w+)` \| `?([^|`]*?)`? \|", page, re.MULTILINE))


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for field in FIELDS:
        monkeypatch.delenv(variable(field), raising=False)


def test_the_page_lists_every_setting_and_no_other():
    assert rows(PAGE.read_text()).keys() == {variable(field) for field in FIELDS}


def written(value: object) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_the_page_gives_the_defaults_that_the_code_has():
    stated = rows(PAGE.read_text())
    for field, value in dataclasses.asdict(read_settings()).items():
        default = "var" if field == "home" else written(value)
        assert stated[variable(field)].replace(",", "") == default, field


def test_the_defaults_of_the_environment_are_the_defaults_of_the_dataclass():
    defaults = read_settings()
    assert defaults == Settings(home=defaults.home)


@pytest.mark.parametrize("field", FIELDS)
def test_every_setting_is_really_read(monkeypatch, field):
    # A value of another kind is refused by name; one of the right kind shows in the settings.
    for value in ("7", "false", "demo", "02-28"):
        monkeypatch.setenv(variable(field), value)
        try:
            changed = getattr(read_settings(), field)
        except ValueError:
            continue
        if written(changed).endswith(value):
            return
    pytest.fail(f"{variable(field)} changes nothing")


def test_one_error_names_every_variable_that_is_wrong(monkeypatch):
    monkeypatch.setenv("CHILD_INDEX_PORT", "a port")
    monkeypatch.setenv("CHILD_INDEX_MODE", "a mode")
    with pytest.raises(ValueError, match=r"(?s)CHILD_INDEX_MODE.*CHILD_INDEX_PORT") as refusal:
        read_settings()
    assert "CHILD_INDEX_MODE" in str(refusal.value)
