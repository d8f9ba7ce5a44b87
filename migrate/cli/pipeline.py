"""The steps that `scan` and `rewrite` share: read the tree, find the sites, gather the evidence, plan."""

from __future__ import annotations

import atexit
import gc
from keyword import iskeyword
from typing import TYPE_CHECKING

import click
from attrs import evolve, frozen

from migrate.cli.configuration import chosen_files
from migrate.cli.imported import modules_and_imports
from migrate.cli.indexed import known_tree, without_runtime
from migrate.cli.metadata import project_at
from migrate.cli.remembered import SMALLEST, key_of, named, recall, remember
from migrate.cli.searched import sites_of
from migrate.cli.show import step
from migrate.cli.stored_data import StoredData, find_stored
from migrate.cli.types import AUTO, LACKING, chosen_checker, described
from migrate.evidence import Gathered, files_looked_at, gather, with_runs
from migrate.evidence.checker import Consulted, find_pyrefly
from migrate.evidence.observed import ObservedError, parse_observed
from migrate.evidence.stored import Found
from migrate.model.collector import paused_collection
from migrate.plan import MARKER, Options, make_plan
from migrate.review.planfile import PlanFile, PlanFileError, parse_plan
from migrate.review.planning import entries, obey
from migrate.sites.contents import ChangedError, digests
from migrate.sites.modules import Modules
from migrate.sites.nearest import exceeds
from migrate.sites.notebooks import in_cells
from migrate.sites.tree import Tree, data_files, package_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from migrate.evidence.checker import Checker
    from migrate.evidence.observed import ObservedFile
    from migrate.model import FileSites, Plan
    from migrate.review.decisions import Entry
    from migrate.sites.contents import Contents
    from migrate.sites.importers import ImportGraph


@frozen
class Survey:
    """All that is known of a tree before anything is changed."""

    root: Path
    tree: Tree
    files: dict[str, FileSites]
    legacy: tuple[Path, ...]
    others: tuple[Path, ...]
    """Other files that could hold data."""
    own: Contents
    """The sources without the vendored runtime."""
    modules: Modules
    imports: ImportGraph
    gathered: Gathered
    options: Options
    plan: Plan
    decided: Sequence[Entry] = ()
    """The decisions of the plan file."""
    notes: tuple[str, ...] = ()
    """What does not fit in the plan file, or what evidence says against it."""

    def replanned(self, options: Options) -> Survey:
        """Return the same tree with the plan that follows from other options."""
        known = self.options
        options = evolve(
            options,
            oldest_python=known.oldest_python,
            listed=known.listed,
            converters=known.converters,
            renames=known.renames,
        )
        plan = make_plan(self.files, self.gathered, self.own, self.modules, options, self.imports)
        return evolve(self, options=options, plan=plan)


def survey(
    path: Path,
    options: Options,
    data: tuple[Path, ...] = (),
    observed: tuple[Path, ...] = (),
    plan: Path | None = None,
) -> Survey:
    """Survey the tree at ``path``, or the tree of one file.

    ``data`` are files or folders with legacy pickles, besides those found in the tree, ``observed`` files
    of `observe`, ``plan`` a plan file to be obeyed. Raises :class:`click.ClickException` when there is
    nothing to read.
    """
    with paused_collection():
        try:
            found = surveyed(ask(path, data), options, observed, plan)
        except ChangedError:  # somebody is at work there
            found = surveyed(ask(path, data, reread=True), options, observed, plan)
        set_aside()
    return found


def set_aside() -> None:
    """Let the collector of cycles pass over what a survey made: millions of objects, and nearly all stay.

    Looking at them once costs seconds on a large tree, and the interpreter looks once more when it ends.
    """
    context = click.get_current_context(silent=True)
    if context is not None:
        gc.freeze()
        context.call_on_close(gc.unfreeze)
        atexit.unregister(gc.freeze)
        atexit.register(gc.freeze)


@frozen
class Asked:
    """What sites and evidence follow from."""

    root: Path
    tree: Tree
    own: Contents
    package: str
    stored: StoredData
    others: tuple[Path, ...]
    checker: Checker | None
    limit: float
    keep: bool
    """Whether what is found may be kept."""


def ask(path: Path, data: tuple[Path, ...], *, reread: bool = False) -> Asked:
    """Read the tree at ``path``; files that have not changed only when somebody asks, or to ``reread`` them.

    Raises as `survey` does.
    """
    selection = chosen_files()
    root, tree, own = _read(path, reread=reread)
    if selection.converters:
        check_place(selection.converters, own)
    found = data_files(root) if path.is_dir() else ()
    candidates = [*found, *(file for extra in data for file in _data_in(extra))]
    keep = selection.cache
    stored = find_stored(candidates, root, keep=keep, reread=reread or selection.reread)
    others = tuple(sorted(set(candidates) - stored.digests.keys()))
    checker = chosen_checker(selection.types, root)
    return Asked(root, tree, own, package_of(root), stored, others, checker, selection.limit, keep)


def surveyed(
    asked: Asked, options: Options, observed: tuple[Path, ...], plan_file: Path | None = None
) -> Survey:
    """Return what `survey` does, of a tree that has been read."""
    wanted = read_plan(plan_file) if plan_file else PlanFile()
    running = [read_observed(file) for file in observed]
    own, root = asked.own, asked.root
    project = project_at(root)
    options = evolve(options, oldest_python=project.oldest_python, listed=frozenset(project.listed))
    if converters := chosen_files().converters:
        options = evolve(options, converters=converters)
    files, gathered, modules, imports = _found(asked)
    gathered = with_runs(gathered, running, files)
    files = in_cells(files, asked.tree.notebooks)
    obeyed = obey(wanted, gathered.graph, plan_file.name if plan_file else "")
    gathered = evolve(gathered, graph=obeyed.graph, named=obeyed.named)
    options = evolve(options, renames=obeyed.renames)
    plan = make_plan(files, gathered, own, modules, options, imports)
    return Survey(
        root,
        asked.tree,
        files,
        asked.stored.files,
        asked.others,
        own,
        modules,
        imports,
        gathered,
        options,
        plan,
        entries(wanted),
        (*obeyed.lines, *_about_limit(own, asked.limit)),
    )


def _about_limit(own: Mapping[str, bytes], limit: float) -> tuple[str, ...]:
    if not exceeds(own, limit):
        return ()
    size = sum(map(len, own.values())) / 1e6
    return (
        f"Types were found out in the {limit:g} MB of source nearest the sites, of {size:,.0f} MB;"
        " --evidence-limit 0 looks at all of it.",
    )


def _found(asked: Asked) -> tuple[dict[str, FileSites], Gathered, Modules, ImportGraph]:
    """Return sites, evidence, modules and imports, from what was kept where that holds."""
    own, root, package, keep = asked.own, asked.root, asked.package, asked.keep
    large = len(own) >= SMALLEST
    with step(f"looking for pickle in {len(own):,} files", shown=large):
        modules, imports = modules_and_imports(own, root, package=package, keep=keep)
        files = sites_of(own, root, package=package, modules=modules, keep=keep)
    with step("finding out what is stored", shown=large):
        gathered = _gathered(asked, files, modules, imports)
    return files, gathered, modules, imports


def _gathered(asked: Asked, files: dict[str, FileSites], modules: Modules, imports: ImportGraph) -> Gathered:
    own, limit = asked.own, asked.limit
    data = asked.stored.evidence()
    key = None
    if asked.keep and len(own) >= SMALLEST:
        looked_at = files_looked_at(own, files, data, modules, limit, imports)
        key = key_of(
            digests(own) if looked_at is own else {path: own.digest_of(path) for path in looked_at},
            own,
            {named(path, asked.root): digest for path, digest in asked.stored.digests.items()},
            files,
            modules.naming(),
            package=asked.package,
            types=described(asked.checker),
        )
        known = recall(key) if key else None
        if known is not None:
            consulted = Consulted(known.about_types)
            return Gathered(known.graph, known.flows, data, known.matches, consulted=consulted)
    gathered = gather(
        own,
        files,
        data,
        modules=modules,
        imports=imports,
        root=asked.root,
        checker=asked.checker,
        limit=limit,
    )
    if key and not gathered.consulted.failed:
        remember(key, Found(gathered.graph, gathered.flows, gathered.matches, gathered.consulted.line))
    return gathered


def read_sites(path: Path) -> dict[str, FileSites]:
    """Return the sites of the tree at ``path``, with the ids that `survey` gives them. Raises as it does."""
    root, _, own = _read(path)
    package = package_of(root)
    modules = Modules(own, package=package)
    return sites_of(own, root, package=package, modules=modules, keep=chosen_files().cache)


def read_observed(path: Path) -> ObservedFile:
    """Read a file of `observe`. Raises :class:`click.UsageError` if it is none."""
    try:
        return parse_observed(path.read_bytes())
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}") from error
    except ObservedError as error:
        raise click.UsageError(f"{path} {error}") from error


def read_plan(path: Path) -> PlanFile:
    """Read a plan file. Raises :class:`click.UsageError` if it is none, with the place of the fault."""
    try:
        return parse_plan(path.read_bytes(), as_json=path.suffix == ".json")
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}") from error
    except PlanFileError as error:
        raise click.UsageError(f"{path}: {error}") from error


def evidence_lines(found: Survey) -> list[str]:
    """Say what of the plan file and the observations does not fit, and who told types, a line each."""
    lines = [*found.notes, *types_lines(found)]
    stale = found.gathered.observed.stale
    if not stale:
        return lines
    places = ", ".join(f"{p.path}:{p.line}" for p in stale[:5]) + (" …" if len(stale) > 5 else "")
    return [
        *lines,
        f"Observed at sites that are gone (rewritten, removed or moved): {len(stale)} ({places}).",
    ]


def types_lines(found: Survey) -> list[str]:
    """Say in a line what a type checker told; or that there is none, where one could have helped."""
    line = found.gathered.consulted.line
    if line or chosen_files().types != AUTO or find_pyrefly() is not None:
        return [line] if line else []
    asking = sum(d.reason == "unknown-classes" for d in found.plan.decisions)
    return [LACKING.format(asking)] if asking else []


def _read(path: Path, *, reread: bool = False) -> tuple[Path, Tree, Contents]:
    """Return the root, the tree, and its sources without a vendored runtime."""
    tree = known_tree(path, chosen_files(), reread=reread)
    if not tree.sources and not tree.problems:
        raise click.ClickException(f"no Python source below {path}")
    return path if path.is_dir() else path.parent, tree, without_runtime(tree.sources)


def check_place(converters: str, sources: Mapping[str, bytes]) -> None:
    """Refuse a name or path at which no converters module can be. Raises :class:`click.UsageError`."""
    path = converters if "/" in converters or converters.endswith(".py") else f"{converters}.py"
    folder, _, name = path.rpartition("/")
    stem = name.removesuffix(".py")
    said = f"converters = {converters!r}:"
    if path.startswith("/") or ".." in path.split("/"):
        raise click.UsageError(f"{said} the path is relative to the tree, and inside it")
    if stem == name or not stem.isidentifier() or iskeyword(stem):
        raise click.UsageError(f"{said} {name} is no name of a module")
    if folder and not any(source.startswith(f"{folder}/") for source in sources):
        raise click.UsageError(f"{said} the tree has no folder {folder} with Python source")
    if path != f"{converters}.py" and MARKER not in sources.get(path, MARKER):
        raise click.UsageError(f"{said} {path} is a file of yours, and no converters module")


def _data_in(path: Path) -> list[Path]:
    return list(data_files(path)) if path.is_dir() else [path]
