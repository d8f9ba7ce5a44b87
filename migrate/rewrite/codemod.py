"""The codemod: a plan and the bytes of a tree in, the bytes of the changed files out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from migrate.model import FileEdit, Problem
from migrate.rewrite.module import render_converters
from migrate.rewrite.notebook import put_back
from migrate.rewrite.refusal import CannotEdit
from migrate.rewrite.source import SourceError
from migrate.rewrite.vendor import vendored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrate.model import FilePlan, Plan
    from migrate.rewrite.edit_file import EditedFile
    from migrate.sites.notebooks import Notebook


def rewrite(
    plan: Plan, sources: Mapping[str, bytes], notebooks: Mapping[str, Notebook] | None = None
) -> tuple[list[FileEdit], list[Problem]]:
    """Carry out ``plan`` on ``sources`` (path → bytes); ``notebooks`` are those that came out of notebooks.

    Returns the edits, those first that others depend on: the vendored runtime, the converters modules, the
    edited files; and a problem for each file that had to be left alone. Raises nothing for bad input.
    """
    notebooks = notebooks or {}
    edited, problems = _edit_files(plan, sources, notebooks)
    uses: dict[str, frozenset[str]] = {}
    for file, outcome in edited:
        uses[file.converters] = uses.get(file.converters, frozenset()) | outcome.uses
    generated, failed = _converters_modules(plan, sources, uses)
    missing = {c.module for c in plan.converters if c.path in {problem.path for problem in failed}}
    edits = [
        FileEdit(file.path, _stored(file.path, sources, notebooks), outcome.data, outcome.sites)
        for file, outcome in edited
        if file.converters not in missing and outcome.data != _stored(file.path, sources, notebooks)
    ]
    return [*generated, *edits], [*problems, *failed]


def _edit_files(
    plan: Plan, sources: Mapping[str, bytes], notebooks: Mapping[str, Notebook]
) -> tuple[list[tuple[FilePlan, EditedFile]], list[Problem]]:
    # LibCST takes longer to import than most trees take to survey, and a plan often edits nothing.
    from migrate.rewrite.edit_file import edit_file

    classes = {c.module: {schema.key: schema for schema in c.classes} for c in plan.converters}
    edited: list[tuple[FilePlan, EditedFile]] = []
    problems: list[Problem] = []
    for file in plan.files:
        if not any(decision.apply for decision in file.decisions):
            continue
        try:
            outcome = edit_file(file, sources[file.path], classes.get(file.converters, {}))
            if file.path in notebooks:
                outcome = evolve(outcome, data=put_back(notebooks[file.path], outcome.data))
            edited.append((file, outcome))
        except (CannotEdit, SourceError) as error:
            problems.append(Problem(file.path, "edit-failed", f"{error}; the file was left alone"))
        except RecursionError:
            problems.append(Problem(file.path, "edit-failed", "nested too deep; the file was left alone"))
    return edited, problems


def _stored(path: str, sources: Mapping[str, bytes], notebooks: Mapping[str, Notebook]) -> bytes:
    """Return a file as it lies on disk."""
    return notebooks[path].data if path in notebooks else sources[path]


def _converters_modules(
    plan: Plan, sources: Mapping[str, bytes], uses: Mapping[str, frozenset[str]]
) -> tuple[list[FileEdit], list[Problem]]:
    """Generate or extend the converters modules that edited files use, and vendor the runtime if asked to."""
    edits: list[FileEdit] = []
    problems: list[Problem] = []
    for converters in plan.converters:
        existing = sources.get(converters.path)
        if existing is None and converters.module not in uses:
            continue
        try:
            after = render_converters(
                converters, plan, existing=existing, uses=uses.get(converters.module, frozenset())
            )
        except SourceError as error:
            problems.append(Problem(converters.path, "edit-failed", f"{error}; repair or remove it"))
            continue
        if after != existing:
            edits.append(FileEdit(converters.path, existing, after))
    if plan.vendor and edits:
        edits = [*vendored(plan, sources), *edits]
    return edits, problems
