"""The operators' door: ``child-index …`` for everything that has no page and no HTTP endpoint."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from api import system_clock
from api.auth import open_verifier
from api.cli import feeds
from api.cli.opened import opened, operator, plain_errors
from api.demo import PERSONAS, demo_token
from api.request_log import open_log, take_over_logging
from child_index import jobs, oversight
from child_index.config import read_settings
from child_index.gate import prepare_store
from matching import model as models


class _Commands(click.Group):
    """Turns what a user can get wrong into one plain line; a fault of ours keeps its trace."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as inherited
        """Run a command."""
        with plain_errors():
            return super().invoke(ctx)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="child-index", prog_name="child-index")
def main() -> None:
    """Child Index: who else is working with this child?

    Settings are CHILD_INDEX_* variables; docs/settings.md lists them.
    """


main.add_command(feeds.feed)


@main.command()
def migrate() -> None:
    """Create or upgrade the tables of the store."""
    prepare_store(read_settings())
    click.echo("The store's tables are of this version.")


@main.command()
def serve() -> None:
    """Serve HTTP: gunicorn, each worker with the index open for itself."""
    settings = read_settings()
    with opened(settings) as index:
        open_verifier(index.settings)
    click.echo(f"Child Index listens on http://{settings.host}:{settings.port}", err=True)
    if settings.mode != "production" and os.geteuid() == 0:
        click.echo("It runs as root, as whoever started it.", err=True)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    command = [sys.executable, "-m", "gunicorn", "--bind", f"{host}:{settings.port}"]
    command += ["--worker-class", "gthread", "--workers", str(settings.web_workers)]
    command += ["--threads", str(settings.web_threads), "--keep-alive", "15"]
    command += ["--no-control-socket", "--logger-class", "api.wsgi.ServerLog"]
    command += ["--log-level", "warning", "api.wsgi:application()"]
    os.execv(sys.executable, command)  # noqa: S606 - our own interpreter, no shell


@main.command()
def worker() -> None:
    """Apply the batches that wait, and go on doing so."""
    settings = read_settings()
    with opened(settings):
        click.echo("The worker is ready.", err=True)
    take_over_logging(open_log())
    jobs.run_worker(settings)


@main.command("demo-token", epilog=f"PERSONA is one of {', '.join(PERSONAS)}, or feed:NAME.")
@click.argument("persona")
@click.option("--without-mfa", is_flag=True, help="A sign-in without a second factor.")
def demo_token_command(persona: str, *, without_mfa: bool) -> None:
    """Print a short-lived bearer token for PERSONA (only with CHILD_INDEX_MODE=demo)."""
    click.echo(demo_token(read_settings(), persona, at=system_clock(), mfa=not without_mfa))


@main.group()
def audit() -> None:
    """Look after the audit."""


@audit.command()
def verify() -> None:
    """Check every row of the audit; exit code 1 if one was changed or is missing."""
    with opened(read_settings()) as index:
        report = oversight.verify_audit(index, operator(system_clock()))
    if not report.is_sound:
        where = "" if report.first_bad is None else f" First bad row: {report.first_bad}."
        raise click.ClickException(f"The audit is not sound: {report.problem}.{where}")
    click.echo(f"The audit is sound: {report.rows:,} rows of {report.visits:,} visits.")


@main.command()
@click.argument("records", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--seed", default=1, show_default=True, help="The same seed, the same model.")
def train(records: Path, out: Path, seed: int) -> None:
    """Train a linkage model on RECORDS, a CSV of agencies' records (Splink on DuckDB)."""
    from matching.bulk.train import train as train_model  # noqa: PLC0415 - a second, for this only

    try:
        trained = train_model(
            records,
            seed=seed,
            command=f"child-index train {records.name} --seed {seed}",
            trained_on=records.name,
            model_version=out.stem,
        )
        models.save(trained, out)
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Trained on {trained.provenance.records:,} records: {out}")
