"""``pickle-migrate guard``: no new pickle comes in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import field, frozen

from migrate import __version__
from migrate.cli.configuration import cache_option, chosen_files, path_argument, tree_options
from migrate.cli.indexed import known_tree, without_runtime
from migrate.cli.mentioned import files_with
from migrate.cli.searched import sites_of
from migrate.cli.show import console
from migrate.model import REASONS, Operation, Problem, Span
from migrate.model.collector import paused_collection
from migrate.model.wording import counted
from migrate.review.baseline import (
    BaselineError,
    Comparison,
    Entry,
    compare,
    read_baseline,
    read_stages,
    write_baseline,
)
from migrate.review.sarif import Finding, Level, sarif
from migrate.rewrite.atomic import write_atomically
from migrate.rollout.ratchet import gone_back, reached_now
from migrate.rollout.stores import WORD, find_stores
from migrate.sites import Modules
from migrate.sites.contents import ChangedError
from migrate.sites.defaults import is_channel
from migrate.sites.notebooks import in_cells
from migrate.sites.suppress import problem_of, suppression_problems
from migrate.sites.tree import package_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from migrate.model import FileSites, Site
    from migrate.rollout.stores import Store
    from migrate.sites.tree import Tree

BASELINE = ".pickle-migrate-baseline.json"
_HARMLESS = frozenset({Operation.ERROR, Operation.CONSTANT})
"""A handler or a constant neither writes nor reads."""
_ROOT_MARKS = (".git", "pyproject.toml", BASELINE)


@frozen
class _Known:
    """The baseline."""

    entries: tuple[Entry, ...] = ()
    stages: Mapping[str, str] = field(factory=dict)
    """Store → the stage that it had reached."""


@frozen
class _Guarded:
    """What was looked at, and how it compares."""

    root: Path
    tree: Tree
    files: dict[str, FileSites]
    """The files that were asked for."""
    comparison: Comparison
    suppressions: tuple[Problem, ...]
    stores: tuple[Store, ...]
    went_back: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Problems that fail the run."""
        faulty = (p for p in self.suppressions if p.reason == "suppression-without-reason")
        return (*self.tree.problems, *faulty, *self.went_back)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Problems that are only said."""
        return tuple(p for p in self.suppressions if p not in self.errors)

    @property
    def fails(self) -> bool:
        return bool(self.comparison.new or self.errors)


@click.command()
@path_argument(name="paths", nargs=-1)
@tree_options
@cache_option
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The tree (default: the folder above that has .git, pyproject.toml or a baseline).",
)
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"The file of known sites (default: {BASELINE} in the root).",
)
@click.option("--update", is_flag=True, help="Write the baseline anew, without what is gone.")
@click.option(
    "--allow-growth", metavar="REASON", help="With --update: also add the new sites, for this reason."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="How to print; 'github' makes annotations in a workflow.",
)
def command(
    paths: tuple[Path, ...],
    *,
    root: Path | None,
    baseline: Path | None,
    update: bool,
    allow_growth: str | None,
    form: str,
) -> None:
    """Fail on a use of pickle that is neither in the baseline nor kept by a comment.

    For continuous integration and pre-commit. PATHS are files or folders to be judged (default: all); names
    are resolved over the whole tree. Exits with 0 if there is nothing new, 1 if there is, 2 for wrong usage
    or a baseline that cannot be read.
    """
    root = (root or _root_of(paths[0] if paths else Path())).resolve()
    if update and paths:
        raise click.UsageError("--update looks at the whole tree; leave the paths out.")
    if allow_growth is not None and not (update and allow_growth.strip()):
        raise click.UsageError("--allow-growth takes a reason, and goes with --update.")
    file = baseline or root / BASELINE
    known = _known(file, required=baseline is not None and not update)
    with paused_collection():
        found = _look(root, paths, known or _Known())
    if update:
        found = _updated(found, file, known, allow_growth)
    _PRINTERS[form](found)
    if found.fails:
        raise SystemExit(1)


def _root_of(path: Path) -> Path:
    start = path.resolve()
    folder = start if start.is_dir() else start.parent
    for candidate in (folder, *folder.parents):
        if any((candidate / mark).exists() for mark in _ROOT_MARKS):
            return candidate
    return folder


def _known(file: Path, *, required: bool) -> _Known | None:
    """Return the baseline; None if there is none yet."""
    try:
        text = file.read_text(encoding="utf-8")
        return _Known(read_baseline(text, str(file)), read_stages(text, str(file)))
    except FileNotFoundError as error:
        if required:
            raise click.UsageError(f"there is no {file}; --update writes it.") from error
        return None
    except BaselineError as error:
        raise click.UsageError(str(error)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{file} cannot be read: {error}") from error


def _look(root: Path, paths: Sequence[Path], known: _Known) -> _Guarded:
    try:
        return _looked_at(known_tree(root, chosen_files()), root, paths, known)
    except ChangedError:  # somebody is at work there
        return _looked_at(known_tree(root, chosen_files(), reread=True), root, paths, known)


def _looked_at(tree: Tree, root: Path, paths: Sequence[Path], known: _Known) -> _Guarded:
    own = without_runtime(tree.sources)
    package = package_of(root)
    modules = Modules(own, package=package)
    files = sites_of(own, root, package=package, modules=modules, keep=chosen_files().cache)
    files = in_cells(files, tree.notebooks)
    wanted = _wanted(root, paths, own)
    files = {path: found for path, found in files.items() if path in wanted}
    sites = [s for f in files.values() for s in f.sites if _counts(s) and not s.keep]
    comparison = compare(sites, known.entries, present=own, looked_at=wanted)
    declaring = files_with(WORD, own, root, keep=chosen_files().cache)
    stores = tuple(find_stores(declaring)[0])
    back = tuple(gone_back((store for store in stores if store.path in wanted), known.stages))
    return _Guarded(root, tree, files, comparison, suppression_problems(files.values()), stores, back)


def _counts(site: Site) -> bool:
    """Whether a site can write or read a pickle that lasts; channels between processes go on as they are.

    What takes a name from a re-export is a site of its own.
    """
    return site.operation not in _HARMLESS and site.reason != "re-export" and not is_channel(site)


def _wanted(root: Path, paths: Sequence[Path], sources: Iterable[str]) -> frozenset[str]:
    """Return the sources at or below ``paths``; all of them if there are none."""
    if not paths:
        return frozenset(sources)
    chosen = []
    for path in paths:
        full = path.resolve()
        if not full.is_relative_to(root):
            raise click.UsageError(f"{path} is not below the root {root}; name the root with --root.")
        chosen.append(full.relative_to(root).as_posix())
    names = set(chosen)
    folders = tuple(f"{name}/" for name in chosen)
    return frozenset(s for s in sources if "." in names or s in names or s.startswith(folders))


def _updated(found: _Guarded, file: Path, known: _Known | None, allow_growth: str | None) -> _Guarded:
    """Write the baseline, and return the comparison with it."""
    comparison = found.comparison
    if known is None or allow_growth is not None:
        written = comparison.grown(allow_growth or "")
    else:
        written = comparison.kept_entries
    reached = known.stages if known is not None else {}
    stages = reached_now(found.stores, reached, may_go_back=allow_growth is not None)
    try:
        write_atomically(file, write_baseline(written, stages).encode())
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error}") from error
    console(stderr=True).print(
        f"{file.name}: {counted(sum(entry.count for entry in written), 'known site')} "
        f"({sum(entry.count for entry in comparison.gone)} gone)."
    )
    return _look(found.root, (), _Known(written, stages))


# --- printing -----------------------------------------------------------------------------------------------


def _message(site: Site) -> str:
    code = site.reason or "pickle-site"
    where = f"{site.cell}: " if site.cell else ""
    return f"{where}{' '.join(site.text.split())}: {REASONS[code].summary}"


def _print_text(found: _Guarded) -> None:
    for site in found.comparison.new:
        where = f"{site.path}:{site.span.line}:{site.span.column + 1}"
        click.echo(f"{where}: {site.reason or 'pickle-site'} {_message(site)}")
    for problem in found.errors:
        click.echo(f"{problem.path}: {problem.reason} {problem.message}")
    _summary(found)


def _summary(found: _Guarded) -> None:
    """Say on standard error what was found, in few words."""
    out = console(stderr=True)
    comparison = found.comparison
    for problem in found.warnings:
        out.print(f"{problem.path}, {problem.message} ({problem.reason})")
    if comparison.gone:
        number = sum(entry.count for entry in comparison.gone)
        gone = "1 site of the baseline is" if number == 1 else f"{number:,} sites of the baseline are"
        out.print(f"{gone} gone: guard --update takes {'it' if number == 1 else 'them'} out.")
    if comparison.new:
        out.print(
            f"{counted(len(comparison.new), 'new use')} of pickle. Write with a converters module "
            "(pickle-migrate rewrite), or keep a site: # pickle-migrate: keep[reason]."
        )
    elif not found.errors:
        out.print(f"No new use of pickle; {len(comparison.known)} known.")


def _print_json(found: _Guarded) -> None:
    comparison = found.comparison
    document = {
        "version": 1,
        "new": [_site(site) for site in comparison.new],
        "known": [_site(site) for site in comparison.known],
        "gone": [
            {"path": e.path, "scope": e.scope, "text": e.text, "count": e.count} for e in comparison.gone
        ],
        "errors": [_problem(problem) for problem in found.errors],
        "warnings": [_problem(problem) for problem in found.warnings],
    }
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _site(site: Site) -> dict[str, Any]:
    return {
        "id": site.id,
        "path": site.path,
        "line": site.span.line,
        "column": site.span.column + 1,
        **({"cell": {"number": site.cell.cell, "line": site.cell.line}} if site.cell else {}),
        "scope": site.scope,
        "text": site.text,
        "reason": site.reason or "pickle-site",
    }


def _problem(problem: Problem) -> dict[str, str]:
    return {"path": problem.path, "reason": problem.reason, "message": problem.message}


def _print_sarif(found: _Guarded) -> None:
    comparison = found.comparison
    findings = [_finding(site, "error", "new") for site in comparison.new]
    findings += [_finding(site, "note", "unchanged") for site in comparison.known]
    kept = (s for f in found.files.values() for s in f.sites if s.keep and _counts(s))
    findings += [_finding(site, "note", "") for site in kept]
    for suppression in (s for f in found.files.values() for s in f.suppressions):
        problem = problem_of(suppression)
        if problem is not None:
            line = Span(suppression.line, 0, suppression.line, 0)
            level: Level = "error" if problem in found.errors else "warning"
            findings.append(Finding(problem.reason, level, problem.message, problem.path, line))
    document = sarif(findings, found.tree.texts, version=__version__, problems=found.tree.problems)
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _finding(site: Site, level: Level, state: Any) -> Finding:
    kept = site.keep_reason if site.keep else None
    code = "kept" if site.keep else site.reason or "pickle-site"
    return Finding(code, level, _message(site), site.path, site.span, site.id, state, kept)


def _print_github(found: _Guarded) -> None:
    """Print workflow commands (GitHub's documentation, "Workflow commands": values are escaped)."""
    for site in found.comparison.new:
        place = f"file={_property(site.path)},line={site.span.line},endLine={site.span.end_line}"
        title = _property(f"pickle-migrate: {site.reason or 'pickle-site'}")
        click.echo(f"::error {place},col={site.span.column + 1},title={title}::{_data(_message(site))}")
    for level, problems in (("error", found.errors), ("warning", found.warnings)):
        for problem in problems:
            title = _property(f"pickle-migrate: {problem.reason}")
            click.echo(f"::{level} file={_property(problem.path)},title={title}::{_data(problem.message)}")
    _summary(found)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


_PRINTERS = {"text": _print_text, "json": _print_json, "sarif": _print_sarif, "github": _print_github}
