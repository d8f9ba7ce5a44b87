"""All that `scan` says of a tree, and how it is kept: an unchanged tree is then listed, and nothing more.

An entry is named by a digest of everything that a report follows from: the digests of all files, of stored
pickles and of what was observed, the options, this program's own source and the interpreter.
"""

from __future__ import annotations

import hashlib
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from attrs import evolve

from migrate.cli.configuration import chosen_files
from migrate.cli.metadata import project_at
from migrate.cli.pipeline import Asked, ask, evidence_lines, set_aside, surveyed
from migrate.cli.remembered import SMALLEST, feed, load, named, program, store
from migrate.cli.types import described
from migrate.evidence.checker import find_pyrefly
from migrate.model import Decision, Problem, Safety, Suppression
from migrate.model.collector import paused_collection
from migrate.plan import Options
from migrate.sites.contents import ChangedError, digest_of, digests
from migrate.sites.suppress import suppression_problems

if TYPE_CHECKING:
    from pathlib import Path

    from migrate.cli.pipeline import Survey
    from migrate.model import ClassSchema, Converters
    from migrate.sites.tree import Tree

_KIND = "reports"


class Fact(NamedTuple):
    """What is known of a site from one place."""

    type: str
    source: str
    where: str


class ShownClass(msgspec.Struct, frozen=True, array_like=True):
    """A class that flows through the sites."""

    key: str
    kind: str
    path: str
    line: int
    fields: dict[str, str]
    aliases: tuple[str, ...]
    provenance: tuple[str, ...]
    guessed: bool


class Report(msgspec.Struct, frozen=True, array_like=True):
    """What `scan` says of a tree."""

    decisions: tuple[Decision, ...]
    """Of all sites, without their evidence."""
    facts: tuple[Fact, ...]
    known: tuple[tuple[int, ...], ...]
    """For each of the ``decisions``, which of the ``facts`` are its evidence."""
    classes: tuple[ShownClass, ...]
    skipped: tuple[str, ...]
    stored: tuple[tuple[str, int], ...]
    """Files that hold pickles, and their bytes."""
    problems: tuple[Problem, ...]
    suppressions: tuple[Suppression, ...]
    suppression_problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    lines: tuple[str, ...]
    """What evidence there was besides, a line each."""

    @property
    def known_classes(self) -> list[ShownClass]:
        """The classes that are no guess."""
        return [c for c in self.classes if not c.guessed]

    @property
    def guessed_classes(self) -> list[ShownClass]:
        """The classes that are there only because some site is open."""
        return [c for c in self.classes if c.guessed]


def report(path: Path, data: tuple[Path, ...], observed: tuple[Path, ...]) -> tuple[Report, Tree]:
    """Return what there is to say of the tree at ``path``, and its files. Raises as `survey` does.

    ``data`` and ``observed`` are as for `survey`.
    """
    with paused_collection():
        try:
            found = _report(ask(path, data), observed)
        except ChangedError:  # somebody is at work there
            found = _report(ask(path, data, reread=True), observed)
        set_aside()
    return found


def _report(asked: Asked, observed: tuple[Path, ...]) -> tuple[Report, Tree]:
    key = _key_of(asked, observed)
    kept = _recall(key) if key else None
    if kept is not None:
        return kept, asked.tree
    found = surveyed(asked, Options(include=frozenset({Safety.SAFE, Safety.REVIEW})), observed)
    made = _of(found)
    # Stored pickles may have changed until they were read: then it goes by another name.
    key = _key_of(asked, observed)
    if key and not found.gathered.consulted.failed:
        with suppress(ValueError):  # a path that is no text cannot be written
            store(_KIND, key, msgspec.msgpack.encode(made))
    return made, asked.tree


def _recall(key: str) -> Report | None:
    body = load(_KIND, key)
    try:
        kept = msgspec.msgpack.decode(body, type=Report) if body is not None else None
    except ValueError:
        return None
    return kept if kept is not None and _is_whole(kept) else None


def _is_whole(kept: Report) -> bool:
    numbers = (number for numbers in kept.known for number in numbers)
    return len(kept.known) == len(kept.decisions) and all(0 <= n < len(kept.facts) for n in numbers)


def _key_of(asked: Asked, observed: tuple[Path, ...]) -> str | None:
    """Return the name of the entry; None for a tree that is not kept."""
    if not asked.keep or len(asked.own) < SMALLEST:
        return None
    selection, tree = chosen_files(), asked.tree
    try:
        runs = [digest_of(file.read_bytes()).hex() for file in observed]
    except OSError:
        return None  # whoever reads it next says why
    options = (
        *(selection.types, str(asked.limit), selection.converters, described(asked.checker)),
        *(str(find_pyrefly() is None), str(project_at(asked.root))),
    )
    stored = {named(path, asked.root): digest for path, digest in asked.stored.digests.items()}
    notebooks = {path: digest_of(notebook.data) for path, notebook in tree.notebooks.items()}
    problems = [text for p in tree.problems for text in (p.path, p.reason, p.message)]
    digest = hashlib.blake2b(digest_size=32)
    feed(digest, (program(), sys.version, str(asked.root.resolve()), asked.package, *options))
    for texts in (problems, tree.skipped, runs):
        feed(digest, (str(len(texts)), *texts))
    for files in (digests(asked.own), stored, notebooks):
        feed(digest, (str(len(files)), *files))
        digest.update(b"".join(each.ljust(16) for each in files.values()))
    return digest.hexdigest()


def _of(found: Survey) -> Report:
    facts: dict[Fact, int] = {}
    known = tuple(
        tuple(
            facts.setdefault(Fact(str(e.type), e.source.value, e.where), len(facts))
            for e in decision.evidence
        )
        for decision in found.plan.decisions
    )
    return Report(
        decisions=tuple(evolve(decision, evidence=()) for decision in found.plan.decisions),
        facts=tuple(facts),
        known=known,
        classes=tuple(_class(c, module) for module in found.plan.converters for c in module.classes),
        skipped=found.tree.skipped,
        stored=tuple((_relative(path, found.root), path.stat().st_size) for path in found.legacy),
        problems=found.tree.problems,
        suppressions=tuple(s for file in found.files.values() for s in file.suppressions),
        suppression_problems=tuple(suppression_problems(found.files.values())),
        notes=(*found.plan.notes, *found.notes, *filter(None, [found.gathered.consulted.line])),
        lines=tuple(evidence_lines(found)),
    )


def _class(schema: ClassSchema, module: Converters) -> ShownClass:
    return ShownClass(
        schema.key,
        schema.kind.value,
        schema.path,
        schema.line,
        {f.name: str(f.type) for f in schema.fields},
        schema.aliases,
        module.provenance.get(schema.key, ()),
        schema.key in module.guessed,
    )


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
