"""``pickle-migrate schema``: what other languages need to read the data."""

from __future__ import annotations

import json

import click

from migrate.reencode.converters import load_converters
from migrate.reencode.errors import ConvertersError


@click.command()
@click.argument("converters")
@click.option(
    "--strict",
    is_flag=True,
    help="Only values that conform to their declared types (default: all that a reader accepts).",
)
def command(converters: str, *, strict: bool) -> None:
    """Print a JSON Schema (2020-12) of the records of a converters module.

    CONVERTERS is the module's name or the path of its file: `shop.converters`, `shop/converters.py`.
    The module and the classes that it registers are imported. Exits with 1 if some of the classes cannot
    be: their fields are not described then.
    """
    try:
        loaded = load_converters(converters)
    except ConvertersError as error:
        raise click.ClickException(str(error)) from error
    codec = loaded.codec
    if not hasattr(codec, "json_schema"):
        raise click.ClickException(
            f"{loaded.name}: its runtime is too old to describe itself; vendor it again"
        )
    click.echo(json.dumps(codec.json_schema(strict=strict), indent=2, ensure_ascii=False))
    if loaded.note:
        click.echo(loaded.note, err=True)
    missing = codec.unresolvable()
    for message in missing.values():
        click.echo(message, err=True)
    if missing:
        raise SystemExit(1)
