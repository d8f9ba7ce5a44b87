"""Compare what the tool says of dump sites of public packages with what a person judged to flow there.

    python tests/realworld/truth.py [NAME ...]

The judgement is in truth_sites.toml. A site is

* **usable**, when what is said helps and is right: at least one alternative of the type is known (of a
  container also something of what it holds, if that can be told), no more than `MOST_TOO_MANY` are named that
  never occur, every class of the package that flows there is named, and the flow is called open if more can
  come. Of a site where values of any type pass, the right answer is that it is open;
* **wrong**, when something false is said as a fact: types that do not occur, or that nothing else can
  come where more can, or where a class is missing. Guesses that are marked as such are not counted;
* **unknown** otherwise. The tool then says so, and asks a question.
"""

from __future__ import annotations

import sys
from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING

import suite
import tomllib
from attrs import field, frozen

from migrate.evidence import gather
from migrate.evidence import types as t
from migrate.evidence.confidence import covered
from migrate.evidence.typetext import parse_type
from migrate.model import UNKNOWN, Operation, Source
from migrate.sites import find_sites
from migrate.sites.modules import Modules
from migrate.sites.tree import read_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from migrate.evidence import Flow, Gathered
    from migrate.model import ClassSchema, FileSites, TypeRef

JUDGED = suite.HERE / "truth_sites.toml"
SAMPLES = suite.HERE / "samples"
MOST_TOO_MANY = 2
"""Alternatives of a type that may be said although they never occur; a list of everything says nothing."""
_WRITES = frozenset({Operation.DUMP, Operation.DUMPS, Operation.DUMP_FILE})


class Verdict(Enum):
    """How good what the tool says of a site is."""

    USABLE = "usable"
    UNKNOWN = "unknown"
    WRONG = "wrong"


@frozen
class Judged:
    """What a person judged of one site."""

    file: str
    line: int
    expression: str
    value: TypeRef = field(converter=parse_type)
    why: str
    classes: list[str] = field(factory=list)
    open: bool = False


@frozen
class Pinned:
    """A package whose sites were judged."""

    name: str
    version: str
    sha256: str
    typed: bool
    usable: int
    """Sites that are usable, at least, by source alone."""
    with_data: int
    """The same with the pickles in samples/ besides."""
    site: list[Judged] = field(converter=lambda found: [Judged(**each) for each in found])


@frozen
class Result:
    """What came of one site."""

    judged: Judged
    verdict: Verdict
    why: str
    said: str


def pinned() -> list[Pinned]:
    """Return the packages of truth_sites.toml."""
    return [Pinned(**each) for each in tomllib.loads(JUDGED.read_text(encoding="utf-8"))["package"]]


def judge(package: Pinned) -> tuple[list[Result], list[Result]]:
    """Ask the tool about a package, as ``scan`` does, by source alone and with the samples, and compare."""
    sources = read_tree(unpacked(package), notebooks=True).sources
    modules = Modules(sources)
    files = find_sites(sources, modules=modules)
    samples = samples_of(package)
    found = [
        gather(sources, files, data, modules=modules, root=SAMPLES)
        for data in ([], samples)[: 1 + bool(samples)]
    ]
    by_source, with_data = (
        [_result(judged, files, gathered) for judged in package.site] for gathered in (found[0], found[-1])
    )
    return by_source, with_data


def unpacked(package: Pinned) -> Path:
    """Return a fresh tree of a package. It is used by one test at a time."""
    return suite.unpack(suite.download(package), suite.WORK / "truth" / package.name)


def samples_of(package: Pinned) -> list[Path]:
    """Return the pickles that the package itself wrote; see make_samples.py."""
    return sorted((SAMPLES / package.name).glob("*.pickle"))


def _result(judged: Judged, files: Mapping[str, FileSites], gathered: Gathered) -> Result:
    sites = files[judged.file].sites if judged.file in files else ()
    ids = [site.id for site in sites if site.span.line == judged.line and site.operation in _WRITES]
    if len(ids) != 1:
        raise LookupError(f"{judged.file}:{judged.line} has {len(ids)} sites that write")
    flow = gathered.flows[ids[0]]
    stored = [ref for file in gathered.data.files.values() for ref in file.types]
    verdict, why = compare(judged, flow, gathered.graph, stored, frozenset(gathered.in_data))
    said = ", ".join(dict.fromkeys(f"{fact.source.value} {fact.type}" for fact in flow.types))
    return Result(judged, verdict, why, f"{'closed' if flow.closed else 'open'}: {said}; {flow.why}")


def compare(
    judged: Judged,
    flow: Flow,
    graph: Mapping[str, ClassSchema],
    stored: Iterable[TypeRef] = (),
    in_data: frozenset[str] = frozenset(),
) -> tuple[Verdict, str]:
    """Return how good ``flow`` is, and why; ``stored`` are the types of values in data."""
    said = [part for fact in flow.types if fact.source is not Source.GUESSED for part in t.split(fact.type)]
    known = [part for part in said if part != UNKNOWN]
    true = t.split(judged.value)
    right = [part for part in true if covered(part, known, graph)]
    telling = [part for part in right if any(_tells(ref, part) for ref in known if _akin(ref, part, graph))]
    missing = sorted(set(judged.classes) - flow.classes)
    if flow.closed and (judged.open or missing or len(right) < len(true)):
        lacks = missing or [str(part) for part in true if part not in right]
        return Verdict.WRONG, "says that nothing else can come" + (
            f"; lacks {', '.join(lacks)}" if lacks else ""
        )
    if judged.value == UNKNOWN:
        return Verdict.USABLE, "rightly said to be open"
    if set(known) - {t.NONE} and UNKNOWN not in said and not right:
        return Verdict.WRONG, f"says {t.join(known)}"
    seen = [part for part in true if covered(part, stored, graph)]
    if not telling and not seen:
        return Verdict.UNKNOWN, "what it holds is not known" if right else "its type is not known"
    missing = sorted(set(missing) - in_data)
    if missing:
        return Verdict.UNKNOWN, f"does not name {', '.join(missing)}"
    used = [ref for ref in dict.fromkeys(known) if _occurs(ref, true, graph)]
    idle = [ref for ref in dict.fromkeys(known) if ref != t.NONE and not covered(ref, used, graph)]
    if len(idle) > MOST_TOO_MANY:
        return Verdict.UNKNOWN, f"says too much: {', '.join(map(str, idle))}"
    return Verdict.USABLE, "right"


def _occurs(said: TypeRef, true: Iterable[TypeRef], graph: Mapping[str, ClassSchema]) -> bool:
    return any(covered(part, [said], graph) for part in true)


def _akin(said: TypeRef, true: TypeRef, graph: Mapping[str, ClassSchema]) -> bool:
    return said.name == true.name or covered(true, [said], graph)


def _tells(said: TypeRef, true: TypeRef) -> bool:
    """Whether something is said of what a container holds, if anything can be said."""
    blank = {UNKNOWN, t.NEVER, t.ELLIPSIS}
    return set(true.args) <= blank or not set(said.args) <= blank


def main() -> None:
    """Print what came of each site, and the sums."""
    sums: Counter[str] = Counter()
    for package in pinned():
        if sys.argv[1:] and package.name not in sys.argv[1:]:
            continue
        for result, more in zip(*judge(package), strict=True):
            judged = result.judged
            sums[result.verdict.value] += 1
            sums[f"with data {more.verdict.value}"] += 1
            place = f"{package.name} {judged.file}:{judged.line} {judged.expression}"
            print(f"{result.verdict.value:8}{more.verdict.value:8}{place}", flush=True)
            print(f"    {result.why}\n    {result.said}"[:600])
    print(dict(sums))


if __name__ == "__main__":
    main()
