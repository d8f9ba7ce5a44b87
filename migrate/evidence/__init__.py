"""Which classes and types flow through each site: from source and from stored data, with provenance.

`gather` does all of it. Types come from syntax; a type checker (`migrate.evidence.checker`) is asked about
the expressions at which they stop being known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from migrate.evidence.checker import Checker, Consulted, Solved, consult
from migrate.evidence.data import DataClass, DataEvidence, FileData, legacy_files, read_data
from migrate.evidence.elsewhere import with_renames
from migrate.evidence.flows import Flow, Flows
from migrate.evidence.graph import build_graph, class_graph
from migrate.evidence.inference import Inference
from migrate.evidence.merge import Likeness, Match, match, merge
from migrate.evidence.observed import Observed, at_sites, with_observed
from migrate.evidence.program import Program
from migrate.model.collector import paused_collection
from migrate.sites.modules import Modules
from migrate.sites.nearest import nearest

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from migrate.evidence.observed import ObservedFile
    from migrate.evidence.types import Types
    from migrate.model import ClassSchema, Evidence, FileSites
    from migrate.sites.importers import ImportGraph

__all__ = [
    "Checker",
    "DataClass",
    "DataEvidence",
    "FileData",
    "Flow",
    "Gathered",
    "Likeness",
    "Match",
    "Observed",
    "class_graph",
    "files_looked_at",
    "gather",
    "legacy_files",
    "match",
    "merge",
    "read_data",
    "site_types",
    "with_runs",
]


@frozen
class Gathered:
    """All evidence about one tree."""

    graph: dict[str, ClassSchema] = field(factory=dict)
    """Every class of the tree by its key, with what data show merged in."""
    flows: dict[str, Flow] = field(factory=dict)
    """What flows through each site, by the site's id."""
    data: DataEvidence = field(factory=DataEvidence)
    matches: dict[str, Match] = field(factory=dict)
    """Which class of the tree each class name in the data means."""
    observed: Observed = field(factory=Observed)
    observed_matches: dict[str, Match] = field(factory=dict)
    """The same for the names in observations."""
    named: frozenset[str] = frozenset()
    """Classes that a person names in the plan file."""
    consulted: Consulted = field(factory=Consulted)
    """What a type checker had to do with it."""

    @property
    def seen_in(self) -> dict[str, tuple[str, ...]]:
        """Keys of classes of the tree that occur in data or were observed, with a line for each."""
        seen = {key: (f"found in {where}",) for key, where in self.in_data.items()}
        for name, matched in self.observed_matches.items():
            if matched.key is not None:
                places = _listed(list(self.observed.evidence.classes[name].files))
                seen[matched.key] = (*seen.get(matched.key, ()), f"observed at {places}")
        for key in self.named:
            seen[key] = (*seen.get(key, ()), "named in the plan file")
        return dict(sorted(seen.items()))

    @property
    def in_data(self) -> dict[str, str]:
        """Keys of classes of the tree that occur in data, and where."""
        return {
            key: _listed(list(dict.fromkeys(file for data in stored for file in data.files)))
            for key, stored in sorted(self.stored_of.items())
        }

    @property
    def stored_of(self) -> dict[str, list[DataClass]]:
        """Keys of classes of the tree, and what data hold of each under the names that they know it by."""
        found: dict[str, list[DataClass]] = {}
        for name, matched in self.matches.items():
            if matched.key is not None:
                found.setdefault(matched.key, []).append(self.data.classes[name])
        return found


def gather(
    sources: Mapping[str, bytes],
    files: Mapping[str, FileSites],
    data_files: Iterable[Path] | DataEvidence = (),
    *,
    modules: Modules | None = None,
    imports: ImportGraph | None = None,
    root: Path | None = None,
    checker: Checker | None = None,
    limit: float = 0,
) -> Gathered:
    """Gather all evidence about the tree ``sources``, whose sites are ``files``.

    ``data_files`` are legacy pickles, or what they hold; evidence names files relative to ``root``.
    ``modules`` and ``imports`` are made from ``sources`` if they are not given. A ``checker`` is asked about
    what is open then. The order of files makes no difference. Of a tree without sites nothing is gathered. Of
    more than ``limit`` megabytes, unless that is 0, only the files nearest to the sites are looked at; see
    `migrate.sites.nearest`.
    """
    data = data_files if isinstance(data_files, DataEvidence) else read_data(data_files, root=root)
    if not data.classes and not any(file.sites for file in files.values()):
        return Gathered(data=data)  # nothing will ask about any class
    with paused_collection():
        modules = modules or Modules(sources)
        looked_at = files_looked_at(sources, files, data, modules, limit, imports)
        program = Program(looked_at, modules, whole=files, partial=len(looked_at) < len(sources))

        def solve(told: Mapping[ast.expr, Types]) -> Solved:
            inference = Inference(program, told, checker.engine.name if checker else "")
            flows = Flows(inference, files)
            graph = merge(with_renames(build_graph(inference), files.values()), data)
            return Solved(inference, flows, graph, flows.of(graph))

        found, consulted = solve({}), Consulted()
        if checker is not None:
            found, consulted = consult(checker, looked_at, program, modules, found, solve)
        matches = match(data, found.graph)
        return Gathered(found.graph, found.flows, data, matches, consulted=consulted)


def files_looked_at(
    sources: Mapping[str, bytes],
    files: Mapping[str, FileSites],
    data: DataEvidence,
    modules: Modules,
    limit: float,
    imports: ImportGraph | None = None,
) -> Mapping[str, bytes]:
    """Return those of ``sources`` that `gather` looks at: the evidence follows from no other file."""
    starts = [*(path for path, file in files.items() if file.sites), *_of_data(data, modules)]
    return nearest(sources, modules, starts, limit, imports)


def _of_data(data: DataEvidence, modules: Modules) -> list[str]:
    """Return the files that define classes which data name."""
    paths = (modules.path_of(name.partition(":")[0]) for name in data.classes)
    return [path for path in paths if path is not None]


def with_runs(
    gathered: Gathered, observed: Iterable[ObservedFile], files: Mapping[str, FileSites]
) -> Gathered:
    """Return the evidence with what runs of the program showed of the sites in ``files`` and the classes."""
    seen = at_sites(observed, files)
    matches = match(seen.evidence, gathered.graph)
    meaning = {name: found.key for name, found in matches.items() if found.key is not None}
    graph = merge(gathered.graph, seen.evidence)
    flows = with_observed(gathered.flows, seen, meaning, graph)
    return evolve(gathered, graph=graph, flows=flows, observed=seen, observed_matches=matches)


def site_types(
    sources: Mapping[str, bytes], files: Mapping[str, FileSites], graph: Mapping[str, ClassSchema]
) -> dict[str, tuple[Evidence, ...]]:
    """Return what flows through each site, by the site's id; empty where nothing is known."""
    flows = Flows(Inference(Program(sources, whole=files)), files).of(graph)
    return {site_id: flow.types for site_id, flow in flows.items()}


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
