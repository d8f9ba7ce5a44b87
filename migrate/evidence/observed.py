"""Evidence from a running program: the file that `observe` writes, and what it says of a tree.

The file names places, classes, attributes and types; it never holds a value.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec
from attrs import evolve, field, frozen

from migrate.evidence import types as t
from migrate.evidence.confidence import covered
from migrate.evidence.data import DataClass, DataEvidence
from migrate.evidence.merge import renamed
from migrate.evidence.typetext import TypeTextError, parse_type
from migrate.model import Evidence, Field, Operation, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.evidence.flows import Flow
    from migrate.model import ClassSchema, FileSites, Site

VERSION = 1
_METHODS = {
    "dump": {Operation.DUMP},
    "dumps": {Operation.DUMPS},
    "load": {Operation.LOAD},
    "loads": {Operation.LOADS},
    "Pickler.dump": {Operation.DUMP},
    "Unpickler.load": {Operation.LOAD},
}
_PASSED_ON = frozenset({Operation.VALUE, Operation.MODULE})


class ObservedPlace(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A call through which values passed."""

    path: str
    """Relative to the tree that was watched."""
    line: int
    function: str
    """Which of pickle's functions: ``dump``, ``Unpickler.load`` …"""
    calls: int
    """How often, at least."""
    types: list[str]
    classes: list[str] = []
    site: str = ""
    """Id of the site; empty if the call is at none."""
    text: str = ""
    """Source of the site, by which it is found again when the tree is read from another folder."""


class ObservedClass(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A class whose objects were seen."""

    name: str
    places: list[str]
    """Where, as ``path:line``."""
    fields: dict[str, list[str]] = {}
    """Attribute → types; empty for a class with methods of its own for pickle."""


class ObservedFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What was seen in one or more runs."""

    version: int
    places: list[ObservedPlace]
    classes: list[ObservedClass]


class ObservedError(ValueError):
    """The file is not one that `observe` wrote; the message says why, in one line."""


@frozen
class Observed:
    """What runs of a program showed, in terms of one tree."""

    sites: Mapping[str, tuple[ObservedPlace, ...]] = field(factory=dict)
    """Site id → what passed through it."""
    evidence: DataEvidence = field(factory=DataEvidence)
    """The classes, in the form in which stored data are known."""
    stale: tuple[ObservedPlace, ...] = ()
    """Places that are no site of the tree any more."""


def parse_observed(data: bytes) -> ObservedFile:
    """Read a file of `observe`. Raises `ObservedError` for anything else."""
    try:
        read = msgspec.json.decode(data, type=ObservedFile)
        for text in [text for p in read.places for text in p.types]:
            parse_type(text)
        for text in [text for c in read.classes for types in c.fields.values() for text in types]:
            parse_type(text)
    except (msgspec.DecodeError, UnicodeDecodeError, TypeTextError) as error:
        raise ObservedError(f"is not a file of `pickle-migrate observe`: {error}") from error
    if read.version != VERSION:
        raise ObservedError(f"has version {read.version}; this program reads version {VERSION}")
    return read


def dump_observed(seen: ObservedFile) -> bytes:
    """Return the file, one field a line, in the order of path, line and name."""
    return msgspec.json.format(msgspec.json.encode(seen), indent=2) + b"\n"


def at_sites(seen: Iterable[ObservedFile], files: Mapping[str, FileSites]) -> Observed:
    """Lay what was seen on the sites of a tree, found by their ids, or else by path and text."""
    seen = list(seen)
    by_id = {site.id: site for file in files.values() for site in file.sites}
    sites: defaultdict[str, list[ObservedPlace]] = defaultdict(list)
    stale: list[ObservedPlace] = []
    for place in (place for file in seen for place in file.places if place.site):
        found = by_id.get(place.site) or _again(place, files)
        if found is None:
            stale.append(place)
        else:
            sites[found.id].append(place)
    classes = _classes(each for file in seen for each in file.classes)
    evidence = DataEvidence(classes={name: classes[name] for name in sorted(classes)})
    return Observed({key: tuple(places) for key, places in sites.items()}, evidence, tuple(stale))


def site_at(
    path: str, line: int, end: list[int] | None, function: str, files: Mapping[str, FileSites]
) -> Site | None:
    """Return the site at which a call was seen; None if there is none, or more than one could be meant."""
    here = [s for s in files[path].sites if s.span.line <= line <= s.span.end_line] if path in files else []
    calls = [s for s in here if s.operation in _METHODS[function]]
    exact = [s for s in calls if end == [s.span.end_line, s.span.end_column]]
    found = exact or calls or [s for s in here if s.operation in _PASSED_ON]
    return found[0] if len(found) == 1 else None


def with_observed(
    flows: Mapping[str, Flow],
    observed: Observed,
    meaning: Mapping[str, str],
    graph: Mapping[str, ClassSchema],
) -> dict[str, Flow]:
    """Return ``flows`` with what was seen at each site.

    That something was not seen proves nothing, so no flow is closed by it. One that source closes is opened
    by a value that source does not tell of: a contradiction is shown, and a person decides.
    """
    found = dict(flows)
    for site_id, places in observed.sites.items():
        if site_id in found:
            found[site_id] = _seen(found[site_id], places, meaning, graph)
    return found


def _seen(
    flow: Flow, places: Iterable[ObservedPlace], meaning: Mapping[str, str], graph: Mapping[str, ClassSchema]
) -> Flow:
    facts = tuple(
        Evidence(t.finish(renamed(ref, meaning)), Source.OBSERVED, _where(place))
        for place in places
        for ref in sorted({parse_type(text) for text in place.types})
    )
    classes = {meaning.get(name, name) for place in places for name in place.classes}
    known = [fact.type for fact in flow.types]
    strange = [str(f.type) for f in facts if known and not covered(f.type, known, graph)]
    strange += [f"{name} inside of it" for name in sorted(classes - flow.classes)]
    merged = evolve(
        flow,
        types=tuple(dict.fromkeys((*flow.types, *facts))),
        classes=flow.classes | (classes & graph.keys()),
    )
    if not (flow.closed and strange):
        return merged
    return evolve(merged, closed=False, why=f"{flow.why}; but a running program passed {strange[0]}")


def _where(place: ObservedPlace) -> str:
    return f"among {place.calls} calls" if place.calls > 1 else "in one call"


def _again(place: ObservedPlace, files: Mapping[str, FileSites]) -> Site | None:
    """Return the site with the text of ``place`` in the file that its path can mean; the nearest one."""
    paths = [p for p in files if p == place.path or _ends(p, place.path) or _ends(place.path, p)]
    sites = (
        [s for p in paths for s in files[p].sites if plain(s.text) == place.text] if len(paths) == 1 else []
    )
    return min(sites, key=lambda s: (abs(s.span.line - place.line), s.id), default=None)


def _ends(path: str, end: str) -> bool:
    return path.endswith(f"/{end}")


def plain(text: str) -> str:
    """Return source text in one line."""
    return " ".join(text.split())


def _classes(seen: Iterable[ObservedClass]) -> dict[str, DataClass]:
    """Join what several files say of a class."""
    fields: defaultdict[str, dict[str, dict[Evidence, None]]] = defaultdict(dict)
    places: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for each in seen:
        places[each.name].update(dict.fromkeys(each.places))
        where = each.places[0] if each.places else "a running program"
        for name, types in each.fields.items():
            facts = fields[each.name].setdefault(name, {})
            for ref in sorted({parse_type(text) for text in types}):
                facts.setdefault(Evidence(ref, Source.OBSERVED, where))
    return {
        name: DataClass(name, 0, tuple(at), tuple(_field(*item) for item in fields[name].items()))
        for name, at in places.items()
    }


def _field(name: str, facts: Mapping[Evidence, None]) -> Field:
    return Field(name, t.join(fact.type for fact in facts), tuple(facts))
