"""Sites of different files that exchange the same data: what one of them must do, the others wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from migrate.model import READS, WRITES, Decision, Operation, Safety
from migrate.plan.decide import exchanges, with_followers
from migrate.sites import is_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.plan.choice import Choice
    from migrate.sites.importers import ImportGraph

_HOPS = 3
"""Imports between a test and its subject: ``from package import Thing`` passes an ``__init__.py`` or two."""
_NEAR = 2
"""Imports between a module that writes and one that reads: both import the module of the classes."""
_EXCHANGES = READS | WRITES
_PASSED_ON = frozenset({Operation.VALUE, Operation.MODULE})
"""What is called elsewhere: ``serializer = pickle.loads``, ``Queue(serializer=pickle)``."""
_LIBRARIES = ("shelve", "joblib", "pandas")
_APART = frozenset({Operation.SHELF, Operation.DUMP_FILE, Operation.LOAD_FILE})
"""What uses data that pickle's own functions do not."""


def tests_wait(
    decided: Mapping[str, tuple[Decision, ...]], imports: ImportGraph
) -> dict[str, tuple[Decision, ...]]:
    """Hold back the sites of tests whose subject stays with pickle.

    A test writes files for the program to read and reads what the program wrote. If the module that it tests
    keeps a site on pickle, a test that moved would hand it JSON.
    """
    return {
        path: _waiting(decisions, other)
        if is_test(path) and (other := _held(path, decided, imports))
        else decisions
        for path, decisions in decided.items()
    }


def _held(path: str, decided: Mapping[str, tuple[Decision, ...]], imports: ImportGraph) -> Decision | None:
    """Return a site that stays, for good or for now, in the nearest modules that ``path`` tests."""
    staying = [d for d in _subjects(path, decided, imports) if not d.apply]
    return min(staying, key=lambda d: d.safety is not Safety.MANUAL, default=None)


def _subjects(path: str, decided: Mapping[str, tuple[Decision, ...]], imports: ImportGraph) -> list[Decision]:
    """Return the sites that exchange data in the nearest modules that ``path`` tests."""
    seen = {path}
    frontier = {path}
    for _ in range(_HOPS):
        frontier = {p for known in frontier for p in imports.imports.get(known, frozenset())} - seen
        seen |= frontier
        subjects = [
            d
            for p in sorted(frontier)
            if not is_test(p)
            for d in decided.get(p, ())
            if _exchanges(d) or _is_passed_on(d)
        ]
        if subjects:
            return subjects
    return []


def writers_ask(
    decided: Mapping[str, tuple[Decision, ...]], imports: ImportGraph, choice: Choice
) -> dict[str, tuple[Decision, ...]]:
    """Let a file that writes and never reads ask about a reader nearby that is not sure to move.

    What it writes is read elsewhere, by another script, say; a reader that stays with pickle would meet JSON.
    """
    return {
        path: _asking(decisions, reader, choice)
        if (reader := _reader_nearby(path, decided, imports))
        else decisions
        for path, decisions in decided.items()
    }


def _reader_nearby(
    path: str, decided: Mapping[str, tuple[Decision, ...]], imports: ImportGraph
) -> Decision | None:
    """Return a reader that does not move by itself, if nothing in ``path`` reads what is written there."""
    exchanges = [d for d in decided[path] if _exchanges(d)]
    if is_test(path) or not exchanges or any(d.site.operation in READS for d in exchanges):
        return None
    readers = _readers_nearby(path, decided, imports)
    return next((d for d in readers if d.safety is not Safety.SAFE), None)


def _readers_nearby(
    path: str, decided: Mapping[str, tuple[Decision, ...]], imports: ImportGraph
) -> list[Decision]:
    """Return the sites that could read what ``path`` writes."""
    # Unpickling imports the classes by itself, so a script that reads need not import anything of ours.
    folder = {other for other in decided if other.rpartition("/")[0] == path.rpartition("/")[0]}
    return _readers(imports.neighbourhood(path, steps=_NEAR), decided) or _readers(folder, decided)


def _readers(paths: Iterable[str], decided: Mapping[str, tuple[Decision, ...]]) -> list[Decision]:
    return [
        d
        for path in sorted(paths)
        if not is_test(path)
        for d in decided.get(path, ())
        if _exchanges(d) and d.site.operation in READS
    ]


def _asking(decisions: tuple[Decision, ...], reader: Decision, choice: Choice) -> tuple[Decision, ...]:
    place = f"{reader.site.path}:{reader.site.span.line}"
    stays = "stays with pickle" if reader.safety is Safety.MANUAL else "asks a question of its own"
    question = f"Does {place} read what is written here? It {stays} ({reader.reason})."
    asked = (
        evolve(d, safety=Safety.REVIEW, reason="channel-not-rewritten", question=question)
        if _exchanges(d) and d.safety is Safety.SAFE
        else d
        for d in decisions
    )
    return with_followers(asked, choice)


def exchanging(
    decided: Mapping[str, tuple[Decision, ...]], imports: ImportGraph
) -> tuple[tuple[str, str], ...]:
    """Return pairs of files that exchange data, as far as imports tell: they can only be changed together.

    These are a test and the modules that it tests, a file that writes and the nearest that read, all that
    open shelves, and all that use files of joblib, or of pandas.
    """
    active = {path for path, decisions in decided.items() if any(map(_exchanges, decisions))}
    pairs: set[tuple[str, str]] = set()
    for library in _LIBRARIES:
        users = sorted(
            path for path, decisions in decided.items() if any(d.site.library == library for d in decisions)
        )
        pairs |= {(users[0], path) for path in users[1:]}
    for path in active:
        if is_test(path):
            others = {d.site.path for d in _subjects(path, decided, imports)}
        elif any(d.site.operation in READS for d in decided[path] if _exchanges(d)):
            others = set()  # it reads what it writes
        else:
            others = {d.site.path for d in _readers_nearby(path, decided, imports)}
        pairs |= {(path, other) for other in others}
    return tuple(sorted(pairs))


def shelves_ask(
    decided: Mapping[str, tuple[Decision, ...]], choice: Choice
) -> dict[str, tuple[Decision, ...]]:
    """Let a shelf that would move by itself ask about those elsewhere that would not.

    A shelf is read and written by whoever opens it, and its name seldom tells which one it is. The same goes
    for files that joblib or pandas write, which other files of the tree read.
    """
    for library in _LIBRARIES:
        unsure = [
            d
            for path in sorted(decided)
            for d in decided[path]
            if d.site.library == library and exchanges(d.site) and d.safety is not Safety.SAFE
        ]
        if unsure:
            decided = {
                path: _asking_shelf(decisions, unsure[0], choice) for path, decisions in decided.items()
            }
    return dict(decided)


def _asking_shelf(decisions: tuple[Decision, ...], other: Decision, choice: Choice) -> tuple[Decision, ...]:
    place = f"{other.site.path}:{other.site.span.line}"
    stays = (
        f"stays with {other.site.library}" if other.safety is Safety.MANUAL else "asks a question of its own"
    )
    thing = "open the same shelf" if other.site.library == "shelve" else "use the same file"
    question = f"Does {place} {thing}? It {stays} ({other.reason})."
    asked = (
        evolve(d, safety=Safety.REVIEW, reason="channel-not-rewritten", question=question)
        if d.site.operation in _APART and d.site.library == other.site.library and d.safety is Safety.SAFE
        else d
        for d in decisions
    )
    return with_followers(asked, choice)


def _exchanges(decision: Decision) -> bool:
    site = decision.site
    return site.operation in _EXCHANGES and decision.channel == site.path


def _is_passed_on(decision: Decision) -> bool:
    site = decision.site
    return site.operation in _PASSED_ON and decision.channel == site.path


def _waiting(decisions: tuple[Decision, ...], other: Decision) -> tuple[Decision, ...]:
    place = f"{other.site.path}:{other.site.span.line}"
    asks = other.safety is Safety.REVIEW
    return tuple(
        evolve(
            d,
            safety=other.safety if asks else Safety.MANUAL,
            reason="channel-not-rewritten",
            question=f"Moves together with {place}." if asks else None,
            why=f"{place} exchanges data with it and stays with pickle"
            + (" while its question is open" if asks else f" ({other.reason})"),
            apply=False,
        )
        if d.safety is not Safety.MANUAL and d.site.operation is not Operation.IMPORT
        else d
        for d in decisions
    )
