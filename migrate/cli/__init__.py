"""The command line: one module per command, loaded when it is called, so that ``--help`` is quick."""

from __future__ import annotations

import sys
import traceback
from importlib import import_module

import click

from migrate import __version__

_COMMANDS = {
    "explain": "Say what a reason code means and what to do, or all about one site.",
    "guard": "Fail on a new use of pickle: for CI and pre-commit.",
    "inspect": "Show what a pickle holds, without executing it.",
    "observe": "Run a program and see which types pass through its pickle calls.",
    "plan": "Write a plan to be edited: types, names, and a decision on each site.",
    "reencode": "Convert stored pickles to JSON in place, verified.",
    "review": "Review the edits: an HTML report, JSON, patches, or hunk by hunk.",
    "restore": "Put back what `reencode` replaced, from its backups.",
    "retire": "Take the tool out of a program that has left pickle; leave it its records.",
    "rewrite": "Rewrite pickle call sites; print the diff, or --write it.",
    "scan": "List every use of pickle, the classes, and the stored pickles.",
    "schema": "Print a JSON Schema of the records of a converters module.",
    "seal": "Put pickles that must stay pickles under the seal of a key.",
    "stage": "Show where each store stands in the rollout, or move it.",
    "tests": "Generate tests for the converters: round trips, releases, stored records.",
    "undo": "Take back what the last `rewrite --write` did.",
}


class _LazyGroup(click.Group):
    """A group that imports a command's module only to run it or to show that command's own help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        from migrate.model.collector import paused_collection  # here, for `--version` needs no model

        with paused_collection():
            command = import_module(f"migrate.cli.{cmd_name}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"migrate.cli.{cmd_name}.command is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))


@click.command(
    cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="pickle-migrate")
def cli() -> None:
    """Take a Python code base off pickle: rewrite the sites, keep old files readable, re-encode them.

    Start with `scan`, read the diff of `rewrite`, then `rewrite --write` and `reencode`.
    """


def main() -> None:
    """Run the command line. Exits with 0 when all is done, 1 when something was left out, 2 for wrong usage.

    Exits with 3 on a fault of the program itself, so that a script does not take it for something left out.
    """
    try:
        cli(prog_name="pickle-migrate")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is ours
        from migrate.sites.contents import ChangedError  # here, for `--version` needs no sites

        if isinstance(error, ChangedError):
            click.echo(f"pickle-migrate: {error}; run it again.", err=True)
            sys.exit(1)
        traceback.print_exc()
        click.echo(
            "pickle-migrate: this is a fault of the program, not of your files; please report it.", err=True
        )
        sys.exit(3)
