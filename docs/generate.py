"""Write the pages of the documentation that follow from the code.

    python docs/generate.py

These are ``docs/reference/cli.md``, from the click commands, ``docs/reasons/index.md``, from the reason
codes, ``docs/reference/rollout-matrix.md``, from the stages, and the JSON Schemas of the files that the
program writes and reads.
``tests/docs`` fails when a committed page is out of date.
"""

from __future__ import annotations

import json
import sys
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migrate.cli import cli as program
from migrate.model import REASONS
from migrate.review import decisions, document

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS))
import rollout_matrix  # noqa: E402 - beside this file, also when a test loads it by its path

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = "pickle-migrate"


def cli_page() -> str:
    """Return the reference of the command line as Markdown."""
    context = click.Context(program, info_name=PROGRAM)
    sections = [
        "# Command line",
        "Every command has `--help`. A diff or a JSON document is all that goes to standard output when\n"
        "one is asked for.\n"
        f"`{PROGRAM} --version` prints the version; `python -m migrate` is the same program.",
    ]
    for name in program.list_commands(context):
        command = program.get_command(context, name)
        if command is None:
            raise LookupError(f"{name} is listed, but there is no such command")
        sections += _command(name, command, context)
    return "\n\n".join(sections) + "\n"


def reasons_page() -> str:
    """Return the table of all reason codes as Markdown."""
    rows = [
        f"| [`{reason.code}`]({reason.code}.md) | {_cell(reason.summary)} | {_cell(reason.advice)} |"
        for reason in REASONS.values()
    ]
    lines = [
        "# Reason codes",
        "",
        "Every site that is not rewritten, every value that is refused, and every file that is left alone",
        "carries one of these codes. They are the same in terminal output, in JSON, and in the attribute",
        "`reason` of errors. A code is never renamed.",
        "",
        "| code | what it means | what to do |",
        "|---|---|---|",
        *rows,
    ]
    return "\n".join(lines) + "\n"


def schema_of(schema: dict[str, object]) -> str:
    """Return a JSON Schema as text."""
    return json.dumps(schema, indent=2) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "reference/cli.md": cli_page,
    "reasons/index.md": reasons_page,
    "reference/rollout-matrix.md": rollout_matrix.page,
    "reference/decisions.schema.json": lambda: schema_of(decisions.schema()),
    "reference/review.schema.json": lambda: schema_of(document.schema()),
}
"""Path below ``docs/`` → what makes its text."""


def _command(name: str, command: click.Command, parent: click.Context) -> list[str]:
    context = click.Context(command, info_name=name.rpartition(" ")[2], parent=parent)
    usage = " ".join([PROGRAM, name, *command.collect_usage_pieces(context)])
    records = [record for p in command.params if (record := p.get_help_record(context))]
    options = [f"| `{_cell(names)}` | {_cell(text)} |" for names, text in records if text]
    sections = [
        f"{'##' if ' ' not in name else '###'} {name}",
        f"```text\n{usage}\n```",
        _paragraphs(command.help or ""),
    ]
    if options:
        sections.append("\n".join(["| option | |", "|---|---|", *options]))
    for further, part in command.commands.items() if isinstance(command, click.Group) else ():
        sections += _command(f"{name} {further}", part, context)
    return sections


def _paragraphs(text: str) -> str:
    """Return ``text`` without its indentation and without click's marks for paragraphs not to be wrapped."""
    return cleandoc(text).replace("\b\n", "")


def _cell(text: str) -> str:
    """Return ``text`` on one line, without what would end a cell."""
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    """Write the pages."""
    for path, make in PAGES.items():
        (DOCS / path).parent.mkdir(exist_ok=True)
        (DOCS / path).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
