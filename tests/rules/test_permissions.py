"""The page of permissions says what the code does: every role, every person, every endpoint."""

import re

import pytest

from api import create_app
from api.demo import PERSONAS
from api.rest import OPERATIONS, PUBLIC
from child_index.access import ROLES
from child_index.config import Settings
from child_index.gate import open_index
from tests.rules import house

PAGE = house.ROOT / "docs" / "permissions.md"
A_WORD = re.compile(r"<(?:[^:>]*:)?(\w+)>")


def rows(heading: str) -> dict[str, tuple[str, str]]:
    """The rows of the table under a heading: first cell to the second and third."""
    section = PAGE.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return {
        first: (second, third)
        for first, second, third in re.findall(
            r"^\| `([^`]+)` \| (.*?) \| (.*?) \|$", section, re.MULTILINE
        )
    }


@pytest.fixture
def app(home, migrated_sqlite):
    index = open_index(
        Settings(home=home, database_url=f"sqlite:///{migrated_sqlite}", mode="demo")
    )
    yield create_app(index)
    index.close()


def path_of(rule):
    """An address as OpenAPI writes it: ``{name}`` for each word that changes."""
    return A_WORD.sub(r"{\1}", rule)


def endpoints(app):
    """Method and path as written for people, to the endpoint's name."""
    return {
        f"{method} {path_of(rule.rule)}": rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def test_every_role_is_listed_with_exactly_its_permissions():
    listed = {role: set(re.findall(r"`(.+?)`", may)) for role, (_, may) in rows("Roles").items()}
    assert listed == {str(role): set(map(str, may)) for role, may in ROLES.items()}


def test_every_person_of_the_demonstration_is_listed_with_their_roles():
    listed = {
        (person, role)
        for role, (people, _) in rows("Roles").items()
        for person in re.findall(r"\w+", people)
    }
    assert listed == {
        (name, str(role)) for name, persona in PERSONAS.items() for role in persona.roles
    }


def test_every_endpoint_is_listed_with_the_permission_it_needs(app):
    needs = {name: operation.needs for name, operation in OPERATIONS.items()}
    assert {path: need for path, (need, _) in rows("Endpoints").items()} == {
        path: f"`{needs[name]}`" if needs.get(name) else "none"
        for path, name in endpoints(app).items()
    }


def test_every_endpoint_of_the_api_description_is_a_listed_one(app):
    described = {
        f"{method.upper()} {path}"
        for path, methods in app.test_client().get("/api/v1/openapi.json").json["paths"].items()
        for method in methods
        if method in {"get", "post", "put", "delete", "patch"}
    }
    assert described
    assert described <= rows("Endpoints").keys()


def test_only_public_endpoints_answer_without_a_token(app):
    client = app.test_client()
    for path, name in endpoints(app).items():
        method, address = path.split(" ")
        answer = client.open(re.sub(r"\{\w+\}", "7", address), method=method)
        assert (answer.status_code == 401) == (name not in PUBLIC), path


def test_what_needs_no_permission_is_public(app):
    unguarded = {name for name, operation in OPERATIONS.items() if operation.needs is None}
    assert unguarded <= PUBLIC
