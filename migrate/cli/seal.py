"""``pickle-migrate seal``: puts pickles that must stay pickles under the seal of a key."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrate.cli.show import console, table
from migrate.legacy.inspect import printable
from migrate.model.wording import counted
from migrate.reencode import (
    BACKUP_SUFFIX,
    Ledger,
    LocalTree,
    Outcome,
    Report,
    State,
    could_hold,
    progress,
    reencode,
    seal_all,
    unseal_all,
)
from migrate.runtime import Keys

if TYPE_CHECKING:
    from collections.abc import Iterable

_LISTED = 20


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--keys",
    "variable",
    required=True,
    metavar="VARIABLE",
    help="The environment variable with the keys, as for Keys.from_environment.",
)
@click.option("--write", is_flag=True, help="Change the files (default: show what would be sealed).")
@click.option("--remove", is_flag=True, help="Take the seals off, after verifying each.")
@click.option("--backup/--no-backup", help=f"Keep the old bytes beside each file, as NAME{BACKUP_SUFFIX}.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    paths: tuple[Path, ...], variable: str, *, write: bool, remove: bool, backup: bool, as_json: bool
) -> None:
    """Seal the pickles in PATHS, so that a codec with the key may go on executing them.

    Whoever seals a pickle vouches for it. So look first: without --write, this lists what unpickling them
    would call, and changes nothing. Nothing is executed either way. Files are found by content; JSON records
    beside the pickles, compression around them, and seals that are there already are kept.

    Exit status: 0 when nothing was left behind, 1 when something was, 2 for a mistake in the command.
    """
    try:
        keys = Keys.from_environment(variable)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--keys") from error
    store = LocalTree(paths, interesting=could_hold, backup=backup)
    items = list(store.items())
    convert = partial(unseal_all if remove else seal_all, keys=keys)
    outcomes = []
    with Ledger() as book, progress(len(items), console(stderr=True)) as advance:
        for outcome in reencode(store, convert, book, items=items, dry_run=not write):
            outcomes.append(outcome)
            part = Report()
            part.add(outcome)
            advance(part)
    found = _document(outcomes, write=write, remove=remove)
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=True))
    else:
        _print(found, outcomes)
    if found["failures"]:
        raise SystemExit(1)


def _document(outcomes: Iterable[Outcome], *, write: bool, remove: bool) -> dict[str, Any]:
    changed = [o for o in outcomes if o.state in (State.CONVERTED, State.PLANNED) and o.conversion]
    called: Counter[str] = Counter()
    for outcome in changed:
        called.update(outcome.conversion.classes if outcome.conversion else {})
    return {
        "version": 1,
        "written": write,
        "removed" if remove else "sealed": {
            "files": len(changed),
            "pickles": sum(outcome.conversion.pickles for outcome in changed if outcome.conversion),
        },
        "calls": dict(called.most_common()),
        "failures": [
            {"file": outcome.key, "reason": outcome.reason, "message": outcome.message}
            for outcome in outcomes
            if outcome.state is State.FAILED
        ],
    }


def _print(found: dict[str, Any], outcomes: Iterable[Outcome]) -> None:
    out = console()
    changed = [o for o in outcomes if o.state in (State.CONVERTED, State.PLANNED)]
    for outcome in changed[:_LISTED]:
        out.print(printable(outcome.key, 2000))
    if len(changed) > _LISTED:
        out.print(f"... and {len(changed) - _LISTED} more")
    if found["calls"]:
        rows = [(printable(name, 200), f"{number:,}") for name, number in found["calls"].items()]
        out.print(table(("unpickling calls", "pickles"), rows, title="\nWhat you vouch for"))
    if found["failures"]:
        out.print("\nLeft as they are:")
        for failure in found["failures"]:
            out.print(
                f"{printable(failure['file'], 2000)}: {printable(failure['message'], 2000)} "
                f"({failure['reason']})"
            )
    done = "sealed" if "sealed" in found else "removed"
    figures = found[done]
    what = (
        "sealed"
        if done == "sealed"
        else f"taken out of {'its seal' if figures['pickles'] == 1 else 'their seals'}"
    )
    would = "" if found["written"] else "would be "
    out.print(
        f"{counted(figures['pickles'], 'pickle')} in {counted(figures['files'], 'file')} {would}{what}."
    )
    if not found["written"] and figures["files"]:
        out.print("Nothing was changed. Apply with --write.")
