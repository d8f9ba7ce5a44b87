"""Where stored data are: the kind of argument that a path or the URL of a store is."""

from __future__ import annotations

import click


class SourceType(click.ParamType):  # type: ignore[type-arg] # generic only in click 8.3
    """A path that exists, or a URL. It may begin with a variable of the environment, ``${NAME}``."""

    name = "source"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """See :class:`click.ParamType`."""
        known = "://" in value or value.startswith("${")
        return value if known else str(click.Path(exists=True).convert(value, param, ctx))
