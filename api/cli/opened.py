"""What every command shares: the open index, who the operator is, and errors in plain words."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from environs import EnvError

from api.cli.feed_file import FileRefused
from api.cli.push import PushRefused
from child_index.config import Settings
from child_index.errors import Refused
from child_index.gate import Index, open_index
from child_index.records import Caller, Role


@contextmanager
def opened(settings: Settings) -> Iterator[Index]:
    """Open the index for one command."""
    try:
        index = open_index(settings)
    except RuntimeError as error:  # the store's tables are not of this version
        text = str(error)
        raise click.ClickException(f"{text[:1].upper()}{text[1:]}.") from None
    try:
        yield index
    finally:
        index.close()


def operator(at: datetime) -> Caller:
    """Return whoever runs the service, as the audit names them."""
    return Caller(
        actor="operator", roles=frozenset({Role.SYSTEM}), at=at, organisation="Child Index"
    )


@contextmanager
def plain_errors() -> Iterator[None]:
    """Say in plain words what a user can put right; a fault of ours keeps its trace."""
    try:
        yield
    except Refused as refusal:
        places = "".join(f"\n  {each.pointer}: {each.detail}" for each in refusal.problems)
        raise click.ClickException(f"{refusal.detail}{places}") from None
    except (FileRefused, PushRefused, EnvError) as refusal:
        raise click.ClickException(str(refusal)) from None
