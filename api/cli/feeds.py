"""Commands for feeds: register and accredit them, list them, push a file to one."""

from pathlib import Path

import click
from rich.console import Console

from api import system_clock
from api.cli.opened import opened, operator
from api.cli.push import Door
from api.cli.push import push as push_file
from api.demo import MODE, demo_token
from child_index import accounts
from child_index.config import Settings, read_settings
from child_index.errors import NotFound


@click.group()
def feed() -> None:
    """Register feeds, and send files to them."""


@feed.command()
@click.argument("name")
@click.option("--organisation", required=True, help="Whose records they are.")
@click.option(
    "--authority-for",
    multiple=True,
    metavar="SCHEME",
    help="An identifier scheme for which its word is final: nhs, upn. May be repeated.",
)
@click.option(
    "--interval-days",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    help="How often it delivers; after two intervals of silence it counts as stale.",
)
def register(
    name: str, organisation: str, authority_for: tuple[str, ...], interval_days: int
) -> None:
    """Enter the feed NAME in the register; nothing it sends is seen until it is accredited."""
    with opened(read_settings()) as index:
        made = accounts.register_feed(
            index,
            operator(system_clock()),
            name,
            organisation=organisation,
            authority_for=authority_for,
            interval_days=interval_days,
        )
    click.echo(f"Registered {made.name} of {made.organisation}: {made.state}.")


@feed.command()
@click.argument("name")
def accredit(name: str) -> None:
    """Let what the feed NAME says be seen."""
    with opened(read_settings()) as index:
        try:
            done = accounts.accredit_feed(index, operator(system_clock()), name)
        except NotFound:
            raise click.ClickException(f"No feed is registered as {name}.") from None
    click.echo(f"{done.name} is {done.state}.")


@feed.command("list")
def list_feeds() -> None:
    """List the register of feeds."""
    with opened(read_settings()) as index:
        found = accounts.feeds(index, operator(system_clock()))
    for each in found:
        heard = f"{each.last_received_at:%Y-%m-%d %H:%M} UTC" if each.last_received_at else "never"
        click.echo(
            f"{each.name:24} {each.state:12} sequence {each.last_sequence:<6} heard {heard:22} "
            f"{each.organisation}"
        )
    if not found:
        click.echo("No feed is registered yet: child-index feed register NAME --organisation …")


@feed.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--feed", "name", required=True, help="The name of the feed.")
@click.option("--url", help="The service; by default the one of these settings.")
@click.option(
    "--token",
    help="A bearer token of the feed, or @FILE that holds one and is read for every request "
    "(tokens live for minutes); not needed in demo mode.",
)
@click.option("--sequence", type=click.IntRange(min=1), help="By default the next one.")
@click.pass_context
def push(
    ctx: click.Context,
    file: Path,
    name: str,
    url: str | None,
    token: str | None,
    sequence: int | None,
) -> None:
    """Send FILE as one batch, wait until it has been applied, write FILE.receipts.csv.

    FILE is CSV or NDJSON, compressed or not, with or without header and trailer. The exit code is
    0 when the rows were applied (rejected ones stand in the receipts), else 1.
    """
    settings = read_settings()
    door = Door(
        url=url or f"http://{settings.host}:{settings.port}",
        feed=name,
        token=lambda: _token(settings, name, token),
        say=click.echo,
        console=Console(stderr=True),
    )
    pushed = push_file(door, file, sequence=sequence, created_at=system_clock().isoformat())
    counts = pushed.state["counts"]
    told = ", ".join(f"{counts[word]:,} {word}" for word in counts)
    click.echo(f"{pushed.state['state'].capitalize()}: {told}.")
    click.echo(f"Receipts: {pushed.receipts}")
    if not pushed.is_loaded:
        ctx.exit(1)


def _token(settings: Settings, name: str, token: str | None) -> str:
    if token is not None and token.startswith("@"):
        try:
            return Path(token[1:]).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise click.UsageError(f"{token[1:]} cannot be read.") from None
    if token is not None:
        return token
    if settings.mode != MODE:
        raise click.UsageError("Give the feed's bearer token with --token.")
    return demo_token(settings, f"feed:{name}", at=system_clock())
