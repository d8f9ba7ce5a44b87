"""``pickle-migrate reencode status``, ``pause`` and ``resume``: a run as seen from outside."""

from __future__ import annotations

import json

import click

from migrate.cli.ledgers import existing_ledger, ledger_option
from migrate.cli.reencode_report import left_alone
from migrate.cli.show import console, table
from migrate.legacy.inspect import printable
from migrate.model.wording import counted
from migrate.reencode import LEDGER_DIRECTORY, LEDGER_NAME
from migrate.reencode.ledger import GOING
from migrate.reencode.runs import Run, all_runs, plain_run

_ledger = ledger_option(
    "The ledger of the run, a file or the URL of a database"
    f" (default: {LEDGER_DIRECTORY}/{LEDGER_NAME} below the working directory)."
)


@click.command("status")
@_ledger
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def status(ledger: str | None, *, as_json: bool) -> None:
    """Say how far the runs of reencode are, at which rate, and what failed."""
    with existing_ledger(ledger) as book:
        runs = all_runs(book)
    if as_json:
        click.echo(json.dumps([plain_run(run) for run in runs], indent=2))
        return
    rows = [(printable(run.store), run.state, _done(run), f"{run.rate:,.0f}/s", _left(run)) for run in runs]
    heads = ("store", "state", "done", "rate", "left")
    console().print(table(heads, rows) if rows else "No runs yet.")
    for run in runs[:1]:
        for reason, count in run.report.reasons.most_common():
            console().print(f"{reason}: {left_alone(count)}")


@click.command("pause")
@_ledger
def pause(ledger: str | None) -> None:
    """Let the running reencode come to rest after the ranges it is at."""
    _ask(ledger, "pause")


@click.command("resume")
@_ledger
def resume(ledger: str | None) -> None:
    """Let a paused reencode go on."""
    _ask(ledger, "run")


def _ask(ledger: str | None, what: str) -> None:
    with existing_ledger(ledger) as book:
        count = sum(run.state in GOING for run in all_runs(book))
        if not count:
            raise click.ClickException("no reencode is running with this ledger")
        book.ask(what)
    word = "will pause" if what == "pause" else "goes on"
    click.echo(f"{counted(count, 'run')}: {word}.")


def _done(run: Run) -> str:
    return f"{run.report.seen:,}" + (f" of {run.total:,}" if run.total else "")


def _left(run: Run) -> str:
    return "" if run.seconds_left is None else f"{run.seconds_left:,.0f} s"
