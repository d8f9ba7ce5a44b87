"""What flows through each site, and whether that is a closed set."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from migrate.evidence import types as t
from migrate.evidence.graph import facts
from migrate.evidence.loads import LoadContext
from migrate.evidence.openness import Openness
from migrate.evidence.places import Places
from migrate.evidence.reach import Reachability
from migrate.evidence.shelves import stored_in
from migrate.evidence.source import Value
from migrate.model import UNKNOWN, Evidence, Operation, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from migrate.evidence.inference import Inference
    from migrate.evidence.loads import Hints
    from migrate.evidence.places import Place
    from migrate.evidence.solver import Equation
    from migrate.evidence.source import Scope
    from migrate.evidence.types import Types
    from migrate.model import ClassSchema, FileSites, Site


@frozen
class Flow:
    """What flows through one site."""

    types: tuple[Evidence, ...] = ()
    classes: frozenset[str] = field(factory=frozenset)
    """Keys of all classes of the tree reachable from the types: through fields, containers, to subclasses."""
    closed: bool = False
    """Nothing else can flow here, as far as source tells."""
    why: str = ""
    """What it is known from; if it is not closed, the first reason."""
    open_fields: tuple[str, ...] = ()
    """``module:Class.field`` of reachable fields whose types are not wholly known."""


class Flows:
    """The flows of all sites of one program.

    Make it before the class graph is built: it tells ``inference`` what the loads give, which fields are then
    known by.
    """

    def __init__(self, inference: Inference, files: Mapping[str, FileSites]) -> None:
        self._inference = inference
        self._program = inference.program
        self._files = files
        self._places = Places(inference.program, files)
        self._context = LoadContext(inference, self._places)
        self._operands = {
            dump: Value(dump.operand, dump.scope, dump.call.lineno)
            for dump in self._places.dumps
            if dump.operand
        }
        for load in self._places.loads:
            inference.results[load.call] = partial(self._loaded, load)

    def _loaded(self, load: Place) -> Types:
        """Return what a load gives: what the dumps beside it wrote."""
        dumps = self._places.paired(load)
        read = self._inference.solver.read
        found = frozenset(ref for dump in dumps for ref in read(("expr", self._operands[dump], "")))
        if dumps and not self._places.linked(load):
            self._inference.doubt(_unlinked(load.site.text.splitlines()[0], dumps))
        return found if dumps else t.ANYTHING

    def of(self, graph: Mapping[str, ClassSchema]) -> dict[str, Flow]:
        """Return the flow of every site by the site's id, given what is known of the classes."""
        reachability = Reachability(graph, self._content)
        openness = Openness(self._inference, graph)
        flows = {dump.site.id: self._dump(dump, reachability, openness) for dump in self._places.dumps}
        for load in self._places.loads:
            flows[load.site.id] = self._load(load, reachability, openness, flows)
        flows |= self._shelves(reachability, openness)
        for path in sorted(self._files):
            for site in self._files[path].sites:
                flows.setdefault(site.id, self._other(site, flows))
        return flows

    def _content(self, key: str) -> tuple[Evidence, ...]:
        """Return what instances of a class hold as a container; nothing if it is none."""
        if not self._inference.nodes(key) or self._inference.contents.base(key) is None:
            return ()
        return facts(self._inference.solver.equations(("content", key, "")))

    def open_values(self, flows: Mapping[str, Flow]) -> dict[str, Value]:
        """Return the values of the dumps whose flows are open, by the ids of their sites."""
        return {
            dump.site.id: value
            for dump, value in self._operands.items()
            if not flows[dump.site.id].closed and dump.site.reason is None
        }

    # --- dumps -----------------------------------------------------------------------------------------

    def _dump(self, dump: Place, reachability: Reachability, openness: Openness) -> Flow:
        value = self._operands[dump]
        return self._value(value, dump.site.value or ast.unparse(value.expr), reachability, openness)

    def _value(self, value: Value, label: str, reachability: Reachability, openness: Openness) -> Flow:
        """Return the flow of a place where ``value`` is written."""
        slot = ("expr", value, "")
        found = facts(self._inference.solver.equations(slot))
        precise = facts(self._sources(value.expr, value.scope))
        evidence = precise if _same(precise, found) else found
        reach = reachability.of(found, label)
        problem = next(iter(reach.problems), None) or openness.problem(slot, reach.classes)
        why = problem or _because(label, evidence)
        return Flow(evidence, reach.classes, problem is None, why, reach.open_fields)

    def _sources(self, node: ast.expr, scope: Scope) -> Iterator[Equation]:
        """Yield the equations that say what a variable or attribute holds, each at its own place."""
        solver = self._inference.solver
        if isinstance(node, ast.Name):
            found = self._program.lookup(scope, node.id)
            if found is not None and node.id in found[0].names:
                for equation in solver.equations(("var", found[0], node.id)):
                    yield from self._parameter_sources(equation)
        elif isinstance(node, ast.Attribute):
            owners = solver.value(("expr", Value(node.value, scope, node.lineno), ""))
            for key in sorted(ref.name for ref in owners if ":" in ref.name):
                for owner in self._inference.lineage(key):
                    if node.attr in self._inference.field_names(owner):
                        yield from solver.equations(("field", owner, node.attr))

    def _parameter_sources(self, equation: Equation) -> Iterator[Equation]:
        """Replace "it is a parameter" by what is known of the parameter, and that by what callers pass."""
        inner = [slot for slot in equation.reads if slot[0] in ("param", "args")]
        if equation.slot[0] in ("var", "param") and len(inner) == 1 and len(equation.reads) == 1:
            for each in self._inference.solver.equations(inner[0]):
                yield from self._parameter_sources(each)
        else:
            yield equation

    # --- loads -----------------------------------------------------------------------------------------

    def _load(
        self, load: Place, reachability: Reachability, openness: Openness, flows: Mapping[str, Flow]
    ) -> Flow:
        label = load.site.text.splitlines()[0]
        pairs = [(dump, flows[dump.site.id]) for dump in self._places.paired(load)]
        classes = frozenset(key for _, flow in pairs for key in flow.classes)
        expected = self._context.expected(load)
        # A registry that has what was written can read it, whatever the annotation leaves open.
        linked = self._places.linked(load)
        written = linked and bool(pairs) and all(flow.closed for _, flow in pairs)
        guess = _guessed(label, expected)
        if expected and not (guess and written):
            reach = reachability.of(expected, f"the result of {label}")
            problem = next(iter(reach.problems), None) or openness.of_classes(reach.classes)
            problem = problem or guess
            closed = written or problem is None
            why = _because(label, expected) if closed else str(problem)
            return Flow(expected, classes | reach.classes, closed, why, reach.open_fields)
        if not written:
            hints = self._context.hints(load)
            if hints.types or (hints.like and not pairs):
                return self._hinted(label, hints, pairs, reachability)
        if not pairs:
            return Flow(why=f"nothing in this file says what {label} returns")
        found = _as_written(pairs)
        if found.closed and not linked:
            return evolve(found, closed=False, why=_unlinked(label, [dump for dump, _ in pairs]))
        return found

    def _hinted(
        self, label: str, hints: Hints, pairs: list[tuple[Place, Flow]], reachability: Reachability
    ) -> Flow:
        """Return the flow of a load of which only is known what it may give."""
        written = _as_written(pairs) if pairs else Flow()
        found = tuple(dict.fromkeys((*hints.types, *hints.like, *written.types)))
        # What is only like a class is for a person to judge, and no reason to register it.
        reach = reachability.of(hints.types, label)
        what = f"{t.finish(t.join(fact.type for fact in hints.types or hints.like))} ({found[0].where})"
        why = written.why or f"{label} may be {what}, and nothing says that it is"
        return Flow(
            found, written.classes | reach.classes, closed=False, why=why, open_fields=reach.open_fields
        )

    # --- shelves ---------------------------------------------------------------------------------------

    def _shelves(self, reachability: Reachability, openness: Openness) -> dict[str, Flow]:
        """Return the flow of every shelf: what is stored in it, and in the others that its file opens."""
        own = {place: stored_in(place, self._places, self._program) for place in self._places.shelves}
        flows: dict[str, Flow] = {}
        for place, seen in own.items():
            beside = [stored for other, stored in own.items() if other.module is place.module]
            values = [value for stored in beside for value in stored.values]
            parts = [self._value(value, ast.unparse(value.expr), reachability, openness) for value in values]
            doubts = [seen.problem, *(stored.problem for stored in beside)]
            doubts += [part.why for part in parts if not part.closed]
            if not parts:
                doubts.append(f"nothing in this file is stored in {place.site.text.splitlines()[0]}")
            doubt = next(filter(None, doubts), "")
            flows[place.site.id] = Flow(
                types=tuple(dict.fromkeys(fact for part in parts for fact in part.types)),
                classes=frozenset(key for part in parts for key in part.classes),
                closed=not doubt,
                why=doubt or "; ".join(dict.fromkeys(part.why for part in parts)),
                open_fields=tuple(dict.fromkeys(name for part in parts for name in part.open_fields)),
            )
        return flows

    # --- the rest --------------------------------------------------------------------------------------

    def _other(self, site: Site, flows: Mapping[str, Flow]) -> Flow:
        """Return the flow of a site that is no call: that of the calls through it, if they can be seen."""
        if site.operation not in (Operation.PICKLER, Operation.UNPICKLER):
            return Flow(
                why=f"what is done with {site.text.splitlines()[0] or site.library} is not visible here"
            )
        operation = Operation.DUMP if site.operation is Operation.PICKLER else Operation.LOAD
        name = self._bound_name(site)
        through = [
            flows[other.id]
            for other in self._files[site.path].sites
            if other.operation is operation and name and other.binding == name and other.id in flows
        ]
        if not through:
            return Flow(why=f"the calls through this {site.function} are not visible")
        doubt = next((flow for flow in through if not flow.closed), None)
        return Flow(
            types=tuple(dict.fromkeys(fact for flow in through for fact in flow.types)),
            classes=frozenset(key for flow in through for key in flow.classes),
            closed=doubt is None,
            why=doubt.why if doubt else f"all calls through {name} are visible",
            open_fields=tuple(dict.fromkeys(name for flow in through for name in flow.open_fields)),
        )

    def _bound_name(self, site: Site) -> str | None:
        """Return the variable (or attribute) that a Pickler or Unpickler is kept in."""
        place = next((place for place in self._places.all if place.site is site), None)
        parent = self._places.parent(place.call, place.module) if place else None
        if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
            return ast.unparse(parent.targets[0])
        if isinstance(parent, ast.withitem) and parent.optional_vars is not None:
            return ast.unparse(parent.optional_vars)
        return None


def _unlinked(label: str, dumps: Iterable[Place]) -> str:
    """Return what is open about a load that has a dump beside it and nothing in common with it."""
    lines = ", ".join(str(dump.site.span.line) for dump in dumps)
    return f"{label} may read what is written at line {lines}, and nothing says that it does"


def _as_written(pairs: list[tuple[Place, Flow]]) -> Flow:
    """Return the flow of a load as that of the dumps whose data it reads."""
    classes = frozenset(key for _, flow in pairs for key in flow.classes)
    guessed = tuple(evolve(fact, source=Source.GUESSED) for _, flow in pairs for fact in flow.types)
    doubt = next((flow.why for _, flow in pairs if not flow.closed), None)
    lines = ", ".join(str(dump.site.span.line) for dump, _ in pairs)
    why = f"as written at line {lines}: {doubt}" if doubt else f"what is written at line {lines}"
    fields = tuple(dict.fromkeys(name for _, flow in pairs for name in flow.open_fields))
    return Flow(tuple(dict.fromkeys(guessed)), classes, doubt is None, why, fields)


def _same(precise: tuple[Evidence, ...], found: tuple[Evidence, ...]) -> bool:
    """Whether two sets of facts amount to the same types, so that one may stand for the other."""
    return bool(precise) and t.join(fact.type for fact in precise) == t.join(fact.type for fact in found)


def _guessed(label: str, evidence: tuple[Evidence, ...]) -> str | None:
    """Return what is open about a load of which only one kind of value is spoken of."""
    if not evidence or any(fact.source is not Source.GUESSED for fact in evidence):
        return None
    kinds = t.finish(t.join(fact.type for fact in evidence))
    return f"what {label} returns may be something else than {kinds} ({evidence[0].where})"


def _because(label: str, evidence: tuple[Evidence, ...]) -> str:
    best = [fact for fact in evidence if fact.source is Source.DECLARED] or list(evidence)
    known = [fact for fact in best if fact.type != UNKNOWN]
    where = ", ".join(dict.fromkeys(fact.where for fact in known[:3]))
    return f"{' '.join(label.split())} is {t.finish(t.join(fact.type for fact in known))} ({where})"
