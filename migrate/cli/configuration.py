"""``[tool.pickle-migrate]`` in ``pyproject.toml``, and the options of all commands that read a tree.

The file is the nearest ``pyproject.toml`` upwards from the tree that has the table. Its values are defaults
of options, so the command line wins. Nothing in it changes files: ``--write`` and such are said each time.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import click
from attrs import evolve, frozen

from migrate.cli.sources import SourceType
from migrate.sites.nearest import LIMIT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

F = TypeVar("F", bound=Callable[..., None])

TABLE = "tool.pickle-migrate"
_META = "pickle-migrate.selection"
_META_STOCK = "pickle-migrate.stock"
_TREE_KEYS = {"include": "files", "exclude": "exclude", "gitignore": "gitignore", "converters": "converters"}
"""Key → name of the parameter, for the options below."""
_SHARED_KEYS = {
    "stage": ("stage", ("rewrite", "review", "explain")),
    "format": ("form", ("rewrite", "review", "explain")),
    "vendor": ("vendor", ("rewrite", "review", "explain")),
    "data": ("data", ("scan", "rewrite", "review", "explain", "plan")),
    "observed": ("observed", ("scan", "rewrite", "review", "explain", "plan")),
    "plan": ("plan", ("rewrite", "review", "explain", "plan")),
    "baseline": ("baseline", ("guard",)),
    "cache": ("cache", ("explain", "guard", "review", "rewrite", "scan")),
    "reread": ("reread", ("explain", "guard", "review", "rewrite", "scan")),
    "evidence-limit": ("evidence_limit", ("scan", "rewrite", "review", "explain", "plan")),
    "types": ("types", ("scan", "rewrite", "review", "explain", "plan")),
    "stock": ("stock", ("stage", "retire")),
    "telemetry": ("telemetry", ("stage", "retire")),
    "window": ("window", ("stage", "retire")),
    "fresh": ("fresh", ("stage", "retire")),
}
"""Key → name of the parameter, and the commands that have it."""
_COMMANDS = ("explain", "guard", "observe", "retire", "review", "rewrite", "scan")
"""Those with a table of their own. `stage` has none: its name is that of a key."""
_STORES = "stores"
"""The table with one table for each store."""
_RELATIVE_SQLITE = re.compile(r"(sqlite(?:\+\w+)?:///)(?![/:]|file:|\$\{|[A-Za-z]:)([^?#]+)")
_EACH_TIME = frozenset(
    {"write", "update", "allow-growth", "html", "json", "sarif", "help", "root", "unwatched"}
)
"""Options that are an order, not a setting."""


@frozen
class Selection:
    """Which files of a tree are read, and where its converters modules go."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    include_below: str = ""
    """What a path of the tree is prefixed with before it is held against ``include``."""
    exclude_below: str = ""
    gitignore: bool = True
    converters: str = ""
    types: str = "none"
    """Which type checker is asked: ``auto``, ``pyrefly``, ``ty`` or ``none``."""
    limit: float = LIMIT
    """Megabytes of source that evidence is gathered from; 0 is no limit."""
    cache: bool = True
    """Whether what was found in the tree may be kept, and taken from what was kept."""
    reread: bool = False
    """Whether files are read although size and times say that they have not changed."""

    def wants(self, path: str) -> bool:
        """Whether a path of the tree is to be read."""
        from migrate.sites.tree import matches  # here, so that explaining a code stays quick

        wanted = not self.include or any(matches(self.include_below + path, p) for p in self.include)
        return wanted and not any(matches(self.exclude_below + path, p) for p in self.exclude)


def chosen_files() -> Selection:
    """Return the selection of the running command; everything outside of one."""
    context = click.get_current_context(silent=True)
    found = context.meta.get(_META) if context is not None else None
    return found if isinstance(found, Selection) else Selection()


def stock_of_stores() -> dict[str, tuple[str, ...]]:
    """Return where the data of each store are, as the configuration of the running command says."""
    found: dict[str, tuple[str, ...]] = click.get_current_context().meta.get(_META_STOCK, {})
    return found


def path_argument(**settings: Any) -> Callable[[F], F]:
    """Add the argument PATH (or PATHS), which finds the configuration before the options are read."""
    name = settings.pop("name", "path")
    kind = click.Path(exists=True, path_type=Path)
    return click.argument(name, type=kind, is_eager=True, callback=_configure, **settings)


def root_option(function: F) -> F:
    """Add the option ``--root``, the tree of a command whose arguments are something else."""
    kind = click.Path(exists=True, file_okay=False, path_type=Path)
    what = "The tree whose sites are meant (default: here)."
    return click.option("--root", type=kind, default=Path(), is_eager=True, callback=_configure, help=what)(
        function
    )


def tree_options(function: F) -> F:
    """Add the options that say which files are read; `chosen_files` returns them."""
    for option in reversed(_TREE_OPTIONS):
        function = option(function)
    return function


def cache_option(function: F) -> F:
    """Add the options that say whether what is found is kept; `chosen_files` returns them."""
    return _CACHE(_REREAD(function))


def types_option(function: F) -> F:
    """Add the options that say how types are found out; `chosen_files` returns them."""
    return _LIMIT(_TYPES(function))


def observed_option(function: F) -> F:
    """Add ``--observed``, the files of `observe`; they arrive as the argument ``observed``."""
    return _OBSERVED(function)


def converters_option(function: F) -> F:
    """Add the option that says where the converters module goes."""
    return _CONVERTERS(function)


def _note(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Keep the value of one of the options for `chosen_files`."""
    found = context.meta.get(_META, Selection())
    configured = context.get_parameter_source(parameter.name or "") is click.core.ParameterSource.DEFAULT_MAP
    below = context.meta.get(f"{_META}.below", "") if configured else ""
    if parameter.name == "files":
        found = evolve(found, include=tuple(value), include_below=below)
    elif parameter.name == "exclude":
        found = evolve(found, exclude=tuple(value), exclude_below=below)
    elif parameter.name == "gitignore":
        found = evolve(found, gitignore=value)
    elif parameter.name == "cache":
        found = evolve(found, cache=value)
    elif parameter.name == "reread":
        found = evolve(found, reread=value)
    elif parameter.name == "evidence_limit":
        found = evolve(found, limit=value)
    elif parameter.name == "types":
        found = evolve(found, types=value)
    elif value:
        found = evolve(found, converters=_below(value, below))
    context.meta[_META] = found
    return value


def _below(converters: str, prefix: str) -> str:
    """Return the place of a converters module relative to the tree, when it was given from further up."""
    if not prefix or "/" not in converters:
        return converters
    if not converters.startswith(prefix):
        message = (
            f"converters = {converters!r} in [{TABLE}] lies outside of {prefix}, which is all that is read"
        )
        raise click.UsageError(message)
    return converters[len(prefix) :]


_TREE_OPTIONS = (
    click.option(
        "--files",
        multiple=True,
        metavar="PATTERN",
        expose_value=False,
        callback=_note,
        help="Read only files that match: a path, a name or a folder, with * and ? (repeatable).",
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="PATTERN",
        expose_value=False,
        callback=_note,
        help="Leave out files that match (repeatable).",
    ),
    click.option(
        "--gitignore/--no-gitignore",
        default=True,
        expose_value=False,
        callback=_note,
        help="Leave out what git ignores (default), or read it too.",
    ),
)
_CACHE = click.option(
    "--cache/--no-cache",
    default=True,
    expose_value=False,
    callback=_note,
    help="Keep what was found in a large tree in the user's cache directory, and use it while nothing changes"
    " (default), or look at everything anew.",
)
_REREAD = click.option(
    "--reread/--no-reread",
    default=False,
    expose_value=False,
    callback=_note,
    help="Read all files, also those of a large tree whose size, times and inode have not changed since they "
    "were read last.",
)
_TYPES = click.option(
    "--types",
    type=click.Choice(["auto", "pyrefly", "ty", "none"]),
    default="auto",
    show_default=True,
    show_envvar=True,
    envvar="PICKLE_MIGRATE_TYPES",
    expose_value=False,
    callback=_note,
    help="The type checker that is asked what source leaves open; auto: pyrefly, if it is installed, "
    "with ty as a cross-check, if that is installed too.",
)
_LIMIT = click.option(
    "--evidence-limit",
    type=click.FloatRange(min=0),
    metavar="MB",
    default=LIMIT,
    show_default=True,
    expose_value=False,
    callback=_note,
    help="Find out types in at most so many megabytes of source, those nearest the sites; 0: in all of it.",
)
_OBSERVED = click.option(
    "--observed",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What `observe` saw of the running program (repeatable).",
)
_CONVERTERS = click.option(
    "--converters",
    metavar="NAME|PATH",
    expose_value=False,
    callback=_note,
    help="Name of the converters module of each package, or the path of one for the whole tree.",
)


# --- the file -----------------------------------------------------------------------------------------------


def _configure(context: click.Context, parameter: click.Parameter, value: Any) -> Any:  # noqa: ARG001 - click's
    """Make the configuration of the tree at ``value`` the defaults of the command."""
    first = value[0] if isinstance(value, tuple) and value else value
    start = (first if isinstance(first, Path) else Path()).resolve()
    folder = start if start.is_dir() else start.parent
    found = find_table(folder)
    if found is not None:
        file, table = found
        inside = folder.relative_to(file.parent).as_posix()
        if context.info_name != "guard" and inside != ".":
            context.meta[f"{_META}.below"] = f"{inside}/"
        context.default_map = _defaults(context.command, file, table)
        context.meta[_META_STOCK] = _stock(file, table.get(_STORES, {}))
    return value


def find_table(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    """Return the nearest ``pyproject.toml`` upwards that has our table, and the table.

    Raises :class:`click.UsageError` for a file on the way that is no TOML.
    """
    for candidate in (folder, *folder.parents):
        file = candidate / "pyproject.toml"
        if file.is_file():
            try:
                document = tomllib.loads(file.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                raise click.UsageError(f"{file} cannot be read: {error}") from error
            tools = document.get("tool", {})
            table = tools.get("pickle-migrate") if isinstance(tools, dict) else None
            if table is not None:
                if not isinstance(table, dict):
                    raise click.UsageError(f"{file}: [{TABLE}] is no table")
                return file, table
        if (candidate / ".git").exists():
            return None
    return None


def _defaults(command: click.Command, file: Path, table: Mapping[str, Any]) -> dict[str, Any]:
    """Check the whole table, and return what it says for ``command``."""
    name = command.callback.__module__.rpartition(".")[2] if command.callback else ""
    parameters = {p.name: p for p in command.params}
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key in _COMMANDS or key == _STORES:
            continue
        where = f"{file}: {key} in [{TABLE}]"
        target = _TREE_KEYS.get(key) or _SHARED_KEYS.get(key, ("", ()))[0]
        if not target:
            raise _unknown(where, key, (*_TREE_KEYS, *_SHARED_KEYS, *_COMMANDS, _STORES))
        if target in parameters and (key in _TREE_KEYS or name in _SHARED_KEYS[key][1]):
            found[target] = _value(parameters[target], value, file, where)
    section = table.get(name, {}) if name in _COMMANDS else {}
    if not isinstance(section, dict):
        raise click.UsageError(f"{file}: [{TABLE}.{name}] is no table")
    options = {o.lstrip("-"): p for p in command.params for o in p.opts if o.startswith("--")}
    for key, value in section.items():
        where = f"{file}: {key} in [{TABLE}.{name}]"
        if key in _EACH_TIME:
            raise click.UsageError(f"{where} can only be said on the command line")
        if key not in options:
            raise _unknown(where, key, options.keys() - _EACH_TIME)
        found[options[key].name or key] = _value(options[key], value, file, where)
    return found


def _stock(file: Path, stores: Any) -> dict[str, tuple[str, ...]]:
    """Check the tables of the stores, and return store → places of its data."""
    if not isinstance(stores, dict):
        raise click.UsageError(f"{file}: [{TABLE}.{_STORES}] is no table")
    found = {}
    for name, settings in stores.items():
        table = f"[{TABLE}.{_STORES}.{name}]"
        if not isinstance(settings, dict):
            raise click.UsageError(f"{file}: {table} is no table")
        for key, value in settings.items():
            where = f"{file}: {key} in {table}"
            if key != "stock":
                raise _unknown(where, key, ("stock",))
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                raise click.UsageError(f"{where} must be a list of texts")
            found[name] = tuple(_place(item, file) for item in value)
    return found


def _place(place: str, file: Path) -> str:
    """Return where stored data are, with a path relative to the folder of ``file`` made absolute."""
    database = _RELATIVE_SQLITE.match(place)
    if database is not None:
        return f"{database[1]}{(file.parent.resolve() / database[2]).as_posix()}{place[database.end() :]}"
    return place if "://" in place or place.startswith("${") else str(file.parent / place)


def _unknown(where: str, key: str, known: Any) -> click.UsageError:
    near = get_close_matches(key, sorted(known), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}"
    return click.UsageError(f"{where} is not known; {hint}")


def _value(parameter: click.Parameter, value: Any, file: Path, where: str) -> Any:
    """Check one value, and resolve paths from the folder of the file."""
    if isinstance(parameter, click.Option) and parameter.is_flag:
        if not isinstance(value, bool):
            raise click.UsageError(f"{where} must be true or false")
        return value
    if isinstance(parameter.type, click.FloatRange) and isinstance(value, int | float):
        value = str(value)
    values = value if parameter.multiple else [value]
    if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
        kind = "a list of texts" if parameter.multiple else "a text"
        raise click.UsageError(f"{where} must be {kind}")
    if isinstance(parameter.type, click.Path):
        values = [str(file.parent / item) for item in values]
    elif isinstance(parameter.type, SourceType):
        values = [_place(item, file) for item in values]
    try:
        for item in values:
            parameter.type.convert(item, parameter, None)
    except click.BadParameter as error:
        raise click.UsageError(f"{where}: {error.message}") from error
    return values if parameter.multiple else values[0]
