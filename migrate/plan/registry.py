"""Which classes a converters module registers, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from migrate.evidence.reach import nested
from migrate.model import READS, UNKNOWN, ClassSchema, Decision, Kind, Safety, TypeRef
from migrate.sites import is_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from migrate.evidence import Flow
    from migrate.plan.neighbours import Neighbours


@frozen
class Registry:
    """The classes of one converters module."""

    classes: tuple[ClassSchema, ...]
    """Those that are known to flow, those of tests behind the others, then those that could."""
    provenance: dict[str, tuple[str, ...]]
    guessed: frozenset[str]
    guessed_at: tuple[str, ...]
    of_tests: frozenset[str] = frozenset()
    """Those that are known to flow and that only tests define."""


def build_registry(
    decisions: Iterable[Decision],
    flows: Mapping[str, Flow],
    graph: Mapping[str, ClassSchema],
    neighbours: Neighbours,
    seen_in: Mapping[str, tuple[str, ...]],
) -> Registry:
    """Collect the classes that may flow through ``decisions``.

    ``neighbours`` are those of the whole tree. ``seen_in`` maps keys of classes found in legacy data or in a
    running program to where. At a site whose classes are not known, every class of the files around it could
    flow; those are registered too, marked as guesses, because a class that is registered and never met costs
    nothing, and one that is met and not registered is an error at run time.
    """
    known: dict[str, list[Decision]] = {key: [] for key in seen_in}
    guessed: set[str] = set()
    open_sites: list[str] = []
    graph = dict(graph)
    generics = _Generics(graph)
    for decision in decisions:
        flow = flows.get(decision.site.id)
        for key in sorted(flow.classes) if flow else ():
            known.setdefault(key, []).append(decision)
        for schema in generics.of(flow) if flow else ():
            graph.setdefault(schema.key, schema)
            known.setdefault(schema.key, []).append(decision)
        if decision.safety is Safety.REVIEW and not (flow and flow.closed):
            guessed.update(neighbours.of(decision.site))
            open_sites.append(_where(decision))
    keys = {key for key in (*known, *guessed) if key in graph and graph[key].picklable}
    guessed = (guessed & keys) - known.keys()
    of_tests = {key for key in keys - guessed if is_test(graph[key].path)}
    graph.update((key, _as_test(graph[key])) for key in of_tests)
    ordered = sorted(
        keys, key=lambda key: (key in guessed, key in of_tests, graph[key].path, graph[key].line, key)
    )
    return Registry(
        tuple(graph[key] for key in ordered),
        {key: _provenance(known[key], seen_in.get(key, ())) for key in ordered if key in known},
        frozenset(guessed),
        tuple(open_sites) if guessed else (),
        frozenset(of_tests),
    )


def _as_test(schema: ClassSchema) -> ClassSchema:
    """Return a class of a test without the name that it has in a test which is run as a script."""
    return evolve(schema, aliases=tuple(name for name in schema.aliases if not name.startswith("__main__:")))


class _Generics:
    """Generic models with their arguments, each a class of its own: ``Page[Order]``."""

    def __init__(self, graph: Mapping[str, ClassSchema]) -> None:
        self._graph = dict(graph)
        self._models = {key for key, schema in graph.items() if schema.kind is Kind.PYDANTIC}
        self._in_fields: dict[str, frozenset[TypeRef]] = {}

    def of(self, flow: Flow) -> list[ClassSchema]:
        """Return those that flow, or that fields of the classes that flow hold."""
        if not self._models:
            return []
        found = set(self._named(fact.type for fact in flow.types))
        found.update(*map(self._of_class, flow.classes))
        made = (_of_arguments(ref, self._graph) for ref in sorted(found))
        return [schema for schema in made if schema is not None]

    def _of_class(self, key: str) -> frozenset[TypeRef]:
        if key not in self._in_fields:
            fields = self._graph[key].fields
            self._in_fields[key] = frozenset(self._named(fact.type for f in fields for fact in f.evidence))
        return self._in_fields[key]

    def _named(self, types: Iterable[TypeRef]) -> Iterator[TypeRef]:
        return (ref for each in types for ref in nested(each) if ref.args and ref.name in self._models)


def _of_arguments(ref: TypeRef, graph: Mapping[str, ClassSchema]) -> ClassSchema | None:
    """Return the class by the name that the runtime finds, with that of its pickles; None for ``Page[T]``."""
    model = graph[ref.name]
    words, plain = ([_argument(arg, model.module, short) for arg in ref.args] for short in (False, True))
    if None in words:
        return None
    key, name = (f"{ref.name}[{', '.join(filter(None, each))}]" for each in (words, plain))
    return evolve(model, key=key, aliases=(name,) if name != key else ())


def _argument(ref: TypeRef, module: str, short: bool) -> str | None:
    """Return an argument as ``module`` would write it, or, if ``short``, as pydantic does in a name."""
    if ref == UNKNOWN or ref.name in ("Never", "Callable"):
        return None
    inner = [_argument(arg, module, short) for arg in ref.args]
    if None in inner:
        return None
    words = [word for word in inner if word is not None]
    if ref.name in ("Optional", "Union"):
        alternatives = [*words, *(["None"] if ref.name == "Optional" else [])]
        return " | ".join(alternatives)
    home, colon, qualname = ref.name.rpartition(":")
    name = qualname if not colon or home == module else f"{home}.{qualname}"
    name = name.rpartition(".")[2] if short else name
    return f"{name}[{', '.join(words)}]" if words else name


def _provenance(decisions: Iterable[Decision], seen: tuple[str, ...]) -> tuple[str, ...]:
    """Say in a line each where a class is written, read, and seen: in data, in a running program."""
    read = [_where(d) for d in decisions if d.site.operation in READS]
    written = [_where(d) for d in decisions if d.site.operation not in READS]
    lines = [
        f"{verb} at {_listed(places)}" for verb, places in (("written", written), ("read", read)) if places
    ]
    return (*lines, *seen)


def _listed(places: list[str]) -> str:
    if len(places) <= 4:
        return ", ".join(places)
    return f"{', '.join(places[:3])} and {len(places) - 3} more places"


def _where(decision: Decision) -> str:
    return f"{decision.site.path}:{decision.site.span.line}"
