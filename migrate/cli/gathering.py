"""The options that say what is known of the stores, and the gathering of it: counts, and the stock."""

from __future__ import annotations

import re
import time
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrate.cli.configuration import stock_of_stores
from migrate.cli.sources import SourceType
from migrate.cli.stages_shown import Evidence, Stocktaking
from migrate.rollout.counts import read_counts
from migrate.rollout.gates import Policy

if TYPE_CHECKING:
    from collections.abc import Callable

_UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}


class DurationType(click.ParamType):  # type: ignore[type-arg] # generic only in click 8.3
    """A time such as ``7d``, ``12h``, ``30m`` or ``45s``, in seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """See :class:`click.ParamType`."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", value) if isinstance(value, str) else None
        if found is None:
            self.fail(f"{value!r} is no time; write 7d, 12h, 30m or 45s", param, ctx)
        return float(found[1]) * _UNITS[found[2]]


_OPTIONS = (
    click.option("--json", "as_json", is_flag=True, help="Print one JSON document."),
    click.option(
        "--fresh",
        metavar="TIME",
        type=DurationType(),
        default="1d",
        show_default=True,
        help="The longest time without a word of any process.",
    ),
    click.option(
        "--window",
        metavar="TIME",
        type=DurationType(),
        default="7d",
        show_default=True,
        help="How long a store must have been watched, and in which nothing may have happened.",
    ),
    click.option(
        "--stock",
        multiple=True,
        type=SourceType(),
        metavar="PATH|URL",
        help="Where stored data are, to look for pickles: files, or a store as for reencode (repeatable).",
    ),
    click.option(
        "--telemetry",
        multiple=True,
        type=click.Path(path_type=Path),
        envvar="PICKLE_MIGRATE_TELEMETRY",
        help="Directories that running programs write their counts to (repeatable).",
    ),
)


def evidence_options(command: Callable[..., None]) -> Callable[..., Any]:
    """Give ``command`` the options that say what to look at, and call it with what was found: ``known``."""

    @wraps(command)
    def gathering(
        *, telemetry: tuple[Path, ...], stock: tuple[str, ...], window: float, fresh: float, **others: Any
    ) -> None:
        said = click.get_current_context().get_parameter_source("stock")
        own = {} if said is click.core.ParameterSource.COMMANDLINE else stock_of_stores()
        now = time.time()
        taking = Stocktaking(stock, own, now)
        command(known=Evidence(read_counts(telemetry), taking, Policy(window, fresh), now), **others)

    for option in _OPTIONS:
        gathering = option(gathering)
    return gathering
