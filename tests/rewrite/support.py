"""Plans for tests: every use of pickle that has a shape is rewritten, but those on a line with ``# stay``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from migrate.model import Converters, Decision, FilePlan, Plan, Safety
from migrate.rewrite import rewrite
from migrate.rewrite.shapes import SHAPES
from migrate.sites import find_sites

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrate.model import ClassSchema, Evidence, FileSites, Import, Problem, Site

NEVER = {"unsupported-name", "dynamic-module", "subclass-of-pickler", "persistent-id", "pickle-relative"}
NEVER |= {"model-file", "frame-file"}


def rewrite_text(
    source: str,
    *,
    path: str = "shop/store.py",
    relative: int | None = None,
    evidence: tuple[Evidence, ...] = (),
    classes: tuple[ClassSchema, ...] = (),
    reexported: tuple[str, ...] = (),
) -> str:
    """Return ``source`` after the rewrite of all its sites; fails if there is a problem."""
    sources = {path: source.encode()}
    plan = plan_for(sources, relative=relative, evidence=evidence, classes=classes, reexported=reexported)
    edits, problems = rewrite(plan, sources)
    assert problems == []
    return {**sources, **{edit.path: edit.after for edit in edits}}[path].decode()


def rewrite_bytes(data: bytes, path: str = "shop/store.py") -> tuple[bytes, list[Problem]]:
    """Return the bytes of the file at ``path`` afterwards, and the problems."""
    edits, problems = rewrite(plan_for({path: data}), {path: data})
    return {edit.path: edit.after for edit in edits}.get(path, data), problems


def plan_for(
    sources: Mapping[str, bytes],
    *,
    relative: int | None = None,
    module: str = "shop.converters",
    evidence: tuple[Evidence, ...] = (),
    classes: tuple[ClassSchema, ...] = (),
    reexported: tuple[str, ...] = (),
) -> Plan:
    """Plan to rewrite every site of ``sources`` that may be; all else is given as the planner would."""
    files = []
    for path, found in find_sites(sources).items():
        lines = sources[path].decode("latin-1").split("\n")
        decisions = tuple(
            Decision(site, Safety.SAFE, path, evidence=evidence, apply=_moves(site, lines))
            for site in found.sites
        )
        imports = tuple(_with_reexports(statement, reexported) for statement in found.imports)
        files.append(FilePlan(path, decisions, imports, found.names, module, relative))
    converters = Converters(module.replace(".", "/") + ".py", module, module.partition(".")[0], classes)
    return Plan(tuple(files), (converters,))


def _moves(site: Site, lines: list[str]) -> bool:
    stays = site.span.line <= len(lines) and "# stay" in lines[site.span.line - 1]
    return site.operation in SHAPES and site.reason not in NEVER and not stays


def _with_reexports(statement: Import, names: tuple[str, ...]) -> Import:
    more = tuple(name for name in statement.names if name in names)
    return evolve(statement, reexported=(*statement.reexported, *more))


def concerned(found: FileSites) -> set[int]:
    """Return the lines that an edit may touch."""
    spans = [*(site.span for site in found.sites), *(statement.span for statement in found.imports)]
    return {line for span in spans for line in range(span.line, span.end_line + 1)}
