"""Sites and evidence become decisions: what to do at each site, and which converters modules that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from migrate.model import Converters, Decision, FilePlan, Operation, Plan, Safety
from migrate.plan.channels import exchanging, shelves_ask, tests_wait, writers_ask
from migrate.plan.choice import Choice, lasting
from migrate.plan.decide import decide_file
from migrate.plan.generated import about_generated
from migrate.plan.neighbours import Neighbours
from migrate.plan.placement import MARKER, Place, Placement
from migrate.plan.reexports import say_who_takes
from migrate.plan.registry import build_registry
from migrate.plan.running import about_running
from migrate.sites import is_test
from migrate.sites.importers import ImportGraph, import_graph
from migrate.sites.libraries import SHELVES
from migrate.sites.suppress import suppression_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.evidence import Gathered
    from migrate.model import FileSites, Site
    from migrate.sites.modules import Modules

__all__ = ["MARKER", "VENDOR_FOLDER", "Choice", "Options", "lasting", "make_plan"]

VENDOR_FOLDER = "_pickle_migrate"
"""Where the runtime is written to. What lies there is ours and holds no sites."""

_OLDEST_PYTHON = (3, 10)
"""For which the runtime, and so the converters module, is written."""
_EVERYBODYS_PROTOCOL = 2
"""Readable since Python 2.3 (PEP 307), and the first that stores instances with slots."""
_ALL_NAMES = frozenset(
    {
        "ConverterError",
        "DecodeError",
        "EncodeError",
        "Pickler",
        "Unpickler",
        "DEFAULT_PROTOCOL",
        "HIGHEST_PROTOCOL",
    }
)
_EXPORTS = {
    "UnpicklingError": "DecodeError",
    "PicklingError": "EncodeError",
    "PickleError": "ConverterError",
    "BadPickleGet": "DecodeError",
    "UnpickleableError": "EncodeError",
}


@frozen
class Options:
    """What the user asked for."""

    stage: str = "json"
    format: str = "json"
    """What the converters module writes records as: json, yaml, msgpack or cbor."""
    include: frozenset[Safety] = frozenset({Safety.SAFE})
    accepted: Mapping[str, str] = field(factory=dict)
    """Site id → the question that a person has answered with yes."""
    held: Mapping[str, str] = field(factory=dict)
    """Site id → reason code, for sites that this run leaves."""
    deepcopy: bool = False
    """Turn ``loads(dumps(x))`` into ``copy.deepcopy(x)``."""
    vendor: bool = False
    """Write the runtime into the user's package even when nothing forces it."""
    oldest_python: tuple[int, int] | None = None
    """The oldest version that the user's project says it supports."""
    listed: frozenset[str] = frozenset()
    """The modules outside of packages that the user's project installs, if it names them one by one."""
    renames: Mapping[str, tuple[tuple[str, str], ...]] = field(factory=dict)
    """Class key → old and new names of its fields."""
    converters: str = ""
    """What converters modules are called (``serial``), or where the one of the whole tree is (``a/b.py``)."""


def make_plan(
    files: Mapping[str, FileSites],
    gathered: Gathered,
    sources: Mapping[str, bytes],
    modules: Modules,
    options: Options,
    imports: ImportGraph | None = None,
) -> Plan:
    """Decide every site of ``files``, place the converters modules, and fill their registries.

    ``imports`` are read from ``sources`` if they are not given. Pure: ``sources`` are only read. The order of
    files makes no difference.
    """
    imports = imports or import_graph(sources, modules)
    choice = Choice(options.include, options.accepted, options.held, options.deepcopy)
    decided = {
        path: decide_file(files[path].sites, gathered.flows, choice)
        for path in sorted(files)
        if files[path].sites
    }
    decided = shelves_ask(writers_ask(decided, imports, choice), choice)
    decided = tests_wait(decided, imports)
    decided = say_who_takes(decided, imports)
    decided = {path: tuple(map(_as_kept, decisions)) for path, decisions in decided.items()}
    users = [path for path, decisions in decided.items() if any(_is_served(d) for d in decisions)]
    placement = Placement(sources, modules, imports, users, converters=options.converters)
    plans = tuple(
        _file_plan(files[path], decisions, placement, _own(imports.imports[path], modules))
        for path, decisions in decided.items()
    )
    groups: dict[Place, list[Decision]] = {}
    for path in users:
        groups.setdefault(placement.of(path), []).extend(d for d in decided[path] if _is_served(d))
    neighbours = Neighbours(gathered.graph, imports)
    converters = tuple(
        _converters(place, decisions, gathered, neighbours, modules, options)
        for place, decisions in groups.items()
    )
    vendor, notes = _vendor(converters, modules, force=options.vendor)
    if converters:
        notes += _about_python(options.oldest_python)
        notes += _about_installing(converters, options.listed)
    notes += about_generated(plans, sources)
    notes += about_running(plans, sources, modules)
    notes += _about_comments(d.site for decisions in decided.values() for d in decisions if d.apply)
    notes += tuple(f"{p.path}, {p.message} ({p.reason})" for p in suppression_problems(files.values()))
    return Plan(
        files=plans,
        converters=converters,
        stage=options.stage,
        format=options.format,
        vendor=vendor,
        notes=notes,
        exchanging=exchanging(decided, imports),
    )


def _as_kept(decision: Decision) -> Decision:
    """Say of a suppressed site that it is one, whatever else would have left it alone."""
    site = decision.site
    return evolve(decision, reason="kept", question=None, why=site.keep_reason) if site.keep else decision


def _about_comments(edited: Iterable[Site]) -> tuple[str, ...]:
    """Name the lines on which a linter is still told to be silent about a pickle that went."""
    places: dict[tuple[str, str], dict[int, None]] = {}
    for site in edited:
        if site.silenced:
            places.setdefault((site.path, site.silenced), {})[site.span.line] = None
    return tuple(
        f"{path}:{','.join(map(str, lines))}: `{comment}` is kept, and silences nothing any more; remove it."
        for (path, comment), lines in places.items()
    )


def _is_served(decision: Decision) -> bool:
    """Whether the edit calls the converters module."""
    return decision.apply and not decision.deepcopy and decision.site.operation is not Operation.ARRAY


def _own(imported: Iterable[str], modules: Modules) -> frozenset[str]:
    return frozenset(modules.name_of(path).partition(".")[0] for path in imported)


def _file_plan(
    file: FileSites, decisions: tuple[Decision, ...], placement: Placement, own: frozenset[str]
) -> FilePlan:
    place = placement.of(file.path)
    return FilePlan(
        path=file.path,
        decisions=decisions,
        imports=file.imports,
        names=file.names,
        converters=place.module,
        relative=placement.relative_level(file.path, place),
        own=own,
    )


def _converters(
    place: Place,
    decisions: list[Decision],
    gathered: Gathered,
    neighbours: Neighbours,
    modules: Modules,
    options: Options,
) -> Converters:
    seen_in = {
        key: lines
        for key, lines in gathered.seen_in.items()
        if _serves(place, gathered.graph[key].path, modules)
    }
    registry = build_registry(decisions, gathered.flows, gathered.graph, neighbours, seen_in)
    sites = [d.site for d in decisions if not d.site.in_test]
    protocols = [site.protocol for site in sites if site.protocol is not None and site.protocol >= 0]
    return Converters(
        path=place.path,
        module=place.module,
        name=place.name,
        classes=registry.classes,
        provenance=registry.provenance,
        guessed=registry.guessed,
        guessed_at=registry.guessed_at,
        of_tests=frozenset() if is_test(place.path) else registry.of_tests,
        renames={c.key: options.renames[c.key] for c in registry.classes if c.key in options.renames},
        protocol=max(_EVERYBODYS_PROTOCOL, min(protocols)) if protocols else None,
        exports=_exports(decisions),
    )


def _serves(place: Place, path: str, modules: Modules) -> bool:
    """Whether the class defined in ``path`` belongs to the package or the folder of ``place``."""
    if place.whole_tree:
        return True
    package = place.module.rpartition(".")[0]
    if package:
        return modules.name_of(path).startswith(f"{package}.")
    return modules.root_of(path) == place.path.rpartition("/")[0]


def _exports(decisions: Iterable[Decision]) -> frozenset[str]:
    names: set[str] = set()
    for site in (d.site for d in decisions):
        if site.operation is Operation.MODULE:
            names |= _ALL_NAMES
        elif site.operation is Operation.ERROR:
            names.add(_EXPORTS.get(site.function, "ConverterError"))
        elif site.operation in (Operation.DUMP_FILE, Operation.LOAD_FILE):
            names.add(site.operation.value.replace("-", "_"))
        elif site.library == "shelve" and site.function in SHELVES:
            names.add(SHELVES[site.function])
        elif _is_kept(site):
            names.add(site.function)
    return frozenset(names & {*_ALL_NAMES, *SHELVES.values(), "dump_file", "load_file"})


def _is_kept(site: Site) -> bool:
    """Whether it is a Pickler or Unpickler that is not made and used in one expression."""
    return site.function in ("Pickler", "Unpickler") and site.operation not in (
        Operation.DUMP,
        Operation.LOAD,
    )


def _about_python(oldest: tuple[int, int] | None) -> tuple[str, ...]:
    if oldest is None or oldest >= _OLDEST_PYTHON:
        return ()
    declared, needed = (".".join(map(str, version)) for version in (oldest, _OLDEST_PYTHON))
    return (f"The project declares Python {declared} as supported; the rewrite needs {needed} or later.",)


def _about_installing(converters: Iterable[Converters], listed: frozenset[str]) -> tuple[str, ...]:
    """Name the converters modules that an installed program would miss."""
    missing = [c.module for c in converters if c.path in (f"{c.module}.py", f"src/{c.module}.py")]
    return tuple(
        f"The project lists the modules that it installs: add `{module}` to its py_modules."
        for module in missing
        if listed and module not in listed
    )


def _vendor(
    converters: tuple[Converters, ...], modules: Modules, *, force: bool
) -> tuple[str | None, tuple[str, ...]]:
    """Return the package that the runtime is written into, if it must be or is asked to."""
    if not converters:
        return None, ()
    own = [path for name in ("migrate", "migrate.__init__") if (path := modules.path_of(name))]
    if not (own or force):
        return None, ()
    package = converters[0].module.rpartition(".")[0]
    target = f"{package}.{VENDOR_FOLDER}" if package else VENDOR_FOLDER
    why = f", because the tree has a top-level `migrate` of its own ({own[0]})" if own else ", as asked"
    return target, (f"The runtime is written into {target}{why}.",)
