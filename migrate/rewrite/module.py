"""The converters module: what the user's tree gets, to own and to edit (see docs/design.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.rewrite.extend import extend
from migrate.rewrite.render import FROM_RUNTIME, OBJECTS, new_module

if TYPE_CHECKING:
    from migrate.model import Converters, Plan


def render_converters(
    converters: Converters, plan: Plan, *, existing: bytes | None = None, uses: frozenset[str] = frozenset()
) -> bytes:
    """Return the source of a converters module.

    ``uses`` are the names that edited files use, besides ``converters.exports``. A module that exists
    is only added to: see `migrate.rewrite.extend`. Raises `migrate.rewrite.source.SourceError` if it does
    not parse.
    """
    runtime = f"{plan.vendor}.runtime" if plan.vendor else "migrate.runtime"
    exports = (converters.exports | uses) & {*OBJECTS, *FROM_RUNTIME}
    if existing is not None:
        return extend(existing, converters, exports, runtime)
    return new_module(converters, plan.stage, exports, runtime, plan.format).encode()
