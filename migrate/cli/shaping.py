"""The options that shape what is proposed: the converters module, and the evidence it learns from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from migrate.cli.configuration import observed_option

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., None]")

_EXISTING = click.Path(exists=True, path_type=Path)
_PLAN_OPTIONS = (
    click.option(
        "--stage",
        type=click.Choice(["dual-read", "json"]),
        default="json",
        show_default=True,
        help="What the converters module writes at first; both read JSON and pickle.",
    ),
    click.option(
        "--format",
        "form",
        type=click.Choice(["json", "yaml", "msgpack", "cbor"]),
        default="json",
        show_default=True,
        help="What a new converters module writes records as; it reads all of them.",
    ),
    click.option(
        "--vendor", is_flag=True, help="Write the runtime into your package instead of importing it."
    ),
    click.option("--deepcopy", is_flag=True, help="Turn loads(dumps(x)) into copy.deepcopy(x)."),
    click.option(
        "--data", multiple=True, type=_EXISTING, help="Stored pickles to learn classes from (repeatable)."
    ),
    observed_option,
    click.option(
        "--plan",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Obey this file of `plan`: types, names and decisions of yours.",
    ),
)


def plan_options(function: F) -> F:
    """Add the options that shape the converters module, ``--data``, ``--observed`` and ``--plan``."""
    for option in reversed(_PLAN_OPTIONS):
        function = option(function)
    return function
