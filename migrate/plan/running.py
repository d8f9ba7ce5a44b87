"""Scripts that may be run in a way in which they do not find their converters module."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.model import FilePlan
    from migrate.sites.modules import Modules

_GUARD = re.compile(rb"__name__[ \t]*==[ \t]*['\"]__main__")
_SHOWN = 5


def about_running(
    plans: Iterable[FilePlan], sources: Mapping[str, bytes], modules: Modules
) -> tuple[str, ...]:
    """Return a note for each converters module that scripts inside its package get to import.

    ``python shop/job.py`` puts the folder of the script on the path, and not the one that has ``shop``. A
    script that imports nothing of its package runs like this, until it imports ``shop.converters``.
    """
    scripts: defaultdict[str, list[str]] = defaultdict(list)
    for plan in plans:
        packaged = "." in plan.converters and any(d.apply for d in plan.decisions)
        if packaged and _may_be_run(plan.path, sources) and not _needs_its_package(plan, sources):
            scripts[plan.converters].append(plan.path)
    return tuple(_note(module, paths, modules) for module, paths in sorted(scripts.items()))


def _note(module: str, paths: list[str], modules: Modules) -> str:
    shown = ", ".join(paths[:_SHOWN]) + (f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else "")
    name = modules.name_of(paths[0]).removesuffix(".__main__")
    return (
        f"{shown} will import `{module}`, which `python {paths[0]}` does not find unless the package is"
        f" installed: run `python -m {name}` instead."
    )


def _may_be_run(path: str, sources: Mapping[str, bytes]) -> bool:
    is_module = path.endswith((".py", ".pyw"))
    return is_module and (path.endswith("/__main__.py") or _GUARD.search(sources[path]) is not None)


def _needs_its_package(plan: FilePlan, sources: Mapping[str, bytes]) -> bool:
    """Whether the script imports its package whatever happens, so that it is found already."""
    package = plan.converters.partition(".")[0]
    return any(
        node.level > 0 or (node.module or "").partition(".")[0] == package
        if isinstance(node, ast.ImportFrom)
        else any(alias.name.partition(".")[0] == package for alias in node.names)
        for node in ast.parse(sources[plan.path]).body
        if isinstance(node, (ast.Import, ast.ImportFrom))
    )
