"""Asking a type checker about what our own solver left open, a few rounds of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, evolve, field, frozen

from migrate.evidence import types as t
from migrate.evidence.checker.answers import AnswerError, names_in, parse_answer, qualified
from migrate.evidence.checker.asking import Asking, has_unknown
from migrate.evidence.checker.engine import CANARY, EngineError
from migrate.evidence.checker.overlay import CANARY_TYPE, lay_out
from migrate.evidence.checker.probes import MARK, Probe
from migrate.evidence.checker.trust import Trust
from migrate.evidence.confidence import covered
from migrate.evidence.reach import Reachability
from migrate.model import UNKNOWN, Evidence, Source, TypeRef
from migrate.sites.modules import is_notebook

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator, Mapping

    from migrate.evidence.checker.asking import Question
    from migrate.evidence.checker.engine import Engine
    from migrate.evidence.flows import Flow, Flows
    from migrate.evidence.inference import Inference
    from migrate.evidence.program import Program
    from migrate.evidence.solver import Slot
    from migrate.evidence.source import Scope, Value
    from migrate.evidence.types import Types
    from migrate.model import ClassSchema
    from migrate.sites.modules import Modules

ROUNDS = 3
"""What an answer tells may show where the next type stops being known."""
ENOUGH = 120.0
"""Seconds after which no further round begins."""
MOST_QUESTIONS = 2_000
MANY_QUESTIONS = 1_500
"""After which only what may still close a site is asked: each round solves all of a large program again."""


@frozen
class Solved:
    """A program with all that is known of it."""

    inference: Inference
    maker: Flows
    graph: dict[str, ClassSchema]
    flows: dict[str, Flow]


@frozen
class Checker:
    """A type checker to be asked, and where it finds the packages that the program imports."""

    engine: Engine
    libraries: tuple[Path, ...] = ()
    second: Engine | None = None
    """Another one, which is asked the same. Where the two contradict each other, neither counts."""


@frozen
class Consulted:
    """What a checker had to do with the evidence."""

    line: str = ""
    """Empty if it was not asked."""
    failed: bool = False
    """It, or the one for a cross-check, could not be used; the line says why."""


@define
class _Known:
    """What the rounds have found."""

    told: dict[ast.expr, Types] = field(factory=dict)
    asked: set[ast.expr] = field(factory=set)
    said: dict[ast.expr, TypeRef] = field(factory=dict)
    """Answers that are shown, and not relied on."""
    lost: set[str] = field(factory=set)
    """Files that the checker said nothing about."""
    late: bool = False
    """There was no time for all rounds."""
    contradicted: set[ast.expr] = field(factory=set)
    """Expressions of which a second checker says something else."""
    alone: str = ""
    """Why the second checker could not be used."""


def consult(
    checker: Checker,
    sources: Mapping[str, bytes],
    program: Program,
    modules: Modules,
    first: Solved,
    solve: Callable[[Mapping[ast.expr, Types]], Solved],
) -> tuple[Solved, Consulted]:
    """Ask about the open sites of ``first``; return what is known then.

    ``solve`` solves the program anew with the types of some expressions given. A checker that cannot be used
    changes nothing but the line about it.
    """
    before = set(first.maker.open_values(first.flows))
    begin = time.monotonic()
    known = _Known()
    ask = _Asker(checker, sources, program, modules)
    solved = first
    try:
        for _ in range(ROUNDS):
            told = _round(ask, solved, known)
            if not told:
                break
            known.told |= told
            solved = solve(known.told)
            if time.monotonic() - begin > ENOUGH:
                known.late = True
                break
    except EngineError as error:
        line = f"Types: {checker.engine.name} could not be used, {error}. All is from syntax."
        return first, Consulted(line, failed=True)
    if not known.asked:
        return first, Consulted()
    solved = _with_said(solved, known, checker.engine.name)
    after = set(solved.maker.open_values(solved.flows))
    line = (
        f"Types: {checker.engine.name} was asked about {len(known.asked)} expressions behind "
        f"{len(before)} open sites; it closes {len(before - after)}."
    )
    lost = f" It said nothing about {len(known.lost)} files." if known.lost else ""
    late = f" After {ENOUGH:.0f} seconds it was not asked further." if known.late else ""
    return solved, Consulted(line + _second_line(checker, known) + lost + late, bool(known.alone))


def _second_line(checker: Checker, known: _Known) -> str:
    if checker.second is None:
        return ""
    name = checker.second.name
    if known.alone:
        return f" {name} could not be used as a cross-check, {known.alone}."
    return f" {name} was asked as a cross-check and contradicts it {len(known.contradicted)} times."


def _round(ask: _Asker, solved: Solved, known: _Known) -> dict[ast.expr, Types]:
    """Ask what has not been asked; return the answers that may be relied on."""
    questions = _questions(solved, known)
    if not questions:
        return {}
    known.asked.update(node for node, _ in questions)
    asking = Asking(solved.inference)
    trust = Trust(solved.inference, asking)
    relied: dict[Question, TypeRef] = {}
    shown: dict[Question, TypeRef] = {}
    for question, answer in ask.types(questions, known).items():
        mine = asking.types_of(question) - t.ANYTHING
        if mine and has_unknown(answer):
            continue  # no better than what is known
        agrees = all(covered(ref, [answer], solved.graph) for ref in mine)
        if agrees and trust.reliable(question):
            relied[question] = answer
        elif answer != t.NONE:  # which is what a checker says of a variable that is filled elsewhere
            shown[question] = answer
    contradicted = ask.contradicted({**relied, **shown}, solved.graph, known)
    known.contradicted.update(node for node, _ in contradicted)
    known.said |= {q[0]: answer for q, answer in shown.items() if q not in contradicted}
    return {q[0]: t.types(answer) for q, answer in relied.items() if q not in contradicted}


def _questions(solved: Solved, known: _Known) -> list[Question]:
    """Return what to ask: all that is behind open sites; after many questions, what may still close one."""
    values = solved.maker.open_values(solved.flows)
    slots = _open_slots(solved, values)
    asking = Asking(solved.inference, known.asked)
    found = _behind(asking, slots)
    if len(known.asked) >= MANY_QUESTIONS:
        slots = {site: each for site, each in slots.items() if not any(map(asking.stuck, each))}
        found = _behind(Asking(solved.inference), slots)
    operands = {
        value.expr: value.scope
        for site, value in values.items()
        if site in slots and asking.open_value((value.expr, value.scope))
    }
    wanted = {**operands, **found}
    fresh = [(node, scope) for node, scope in wanted.items() if node not in known.asked]
    fresh = [(node, scope) for node, scope in fresh if not is_notebook(scope.module.path)]
    return sorted(fresh[:MOST_QUESTIONS], key=lambda q: (q[1].module.path, q[0].lineno, q[0].col_offset))


def _with_said(solved: Solved, known: _Known, name: str) -> Solved:
    """Show at open sites what the checker says of their values, without relying on it."""
    reachability = Reachability(solved.graph)
    flows = dict(solved.flows)
    for site, value in solved.maker.open_values(solved.flows).items():
        answer = known.said.get(value.expr)
        if answer is not None:
            fact = Evidence(answer, Source.CHECKER, f"{value.scope.module.where(value.line)} ({name})")
            classes = reachability.of([fact], "").classes
            flow = flows[site]
            flows[site] = evolve(flow, types=(*flow.types, fact), classes=flow.classes | classes)
    return evolve(solved, flows=flows)


def _open_slots(solved: Solved, values: Mapping[str, Value]) -> dict[str, list[Slot]]:
    """Return for each open site what has to be known before it is closed: its value, and fields."""
    found: dict[str, list[Slot]] = {}
    for site, flow in solved.flows.items():
        if not flow.closed:
            value = values.get(site)
            mine = [] if value is None else [_slot_of(value)]
            found[site] = mine + [slot for name in flow.open_fields for slot in _field_slots(solved, name)]
    return found


def _slot_of(value: Value) -> Slot:
    return ("expr", value, "")


def _field_slots(solved: Solved, name: str) -> Iterator[Slot]:
    """Yield the places of ``module:Class.field``: in the class, and in those that it has it from."""
    inference = solved.inference
    key, _, name = name.rpartition(".")
    for owner in inference.lineage(key):
        if name in inference.field_names(owner):
            yield "field", owner, name


def _behind(asking: Asking, slots: Mapping[str, list[Slot]]) -> dict[ast.expr, Scope]:
    """Return the questions behind sites; what a value is comes before what its fields hold."""
    every = dict.fromkeys(slot for each in slots.values() for slot in each)
    return dict(asking.about(sorted(every, key=lambda slot: slot[0] != "expr")))


class _Asker:
    """Asks an engine about expressions of one tree."""

    def __init__(
        self, checker: Checker, sources: Mapping[str, bytes], program: Program, modules: Modules
    ) -> None:
        self._checker = checker
        self._sources = sources
        self._program = program
        self._modules = modules
        self._names = frozenset(key.rpartition(":")[2].rpartition(".")[2] for key in program.classes)

    def types(self, questions: list[Question], known: _Known) -> dict[Question, TypeRef]:
        """Return what the checker says of each expression, where it says something that is understood."""
        return self._from(self._checker.engine, questions, known)

    def contradicted(
        self, answers: Mapping[Question, TypeRef], graph: Mapping[str, ClassSchema], known: _Known
    ) -> set[Question]:
        """Return the questions of which the second checker says something else."""
        second = self._second(list(answers), known) if answers else {}
        return {
            question
            for question, ref in second.items()
            if not covered(ref, [answers[question]], graph) and not covered(answers[question], [ref], graph)
        }

    def _second(self, questions: list[Question], known: _Known) -> dict[Question, TypeRef]:
        """Return what the second checker says; one that cannot be used once is not asked again."""
        if self._checker.second is None or known.alone:
            return {}
        lost = set(known.lost)  # which tells of the first
        try:
            return self._from(self._checker.second, questions, known)
        except EngineError as error:
            known.alone = str(error)
            return {}
        finally:
            known.lost = lost

    def _from(self, engine: Engine, questions: list[Question], known: _Known) -> dict[Question, TypeRef]:
        """Ask twice: the second time with the names qualified that the first answers have."""
        keys = {key.replace(":", ".").replace("<locals>.", ""): key for key in self._program.classes}
        asked = {f"{MARK}{number}": question for number, question in enumerate(questions)}
        texts = self._ask(engine, dict.fromkeys(asked, ()), asked, known)
        plain = _parsed(texts)
        names = {id_: tuple(dict.fromkeys(names_in(ref, self._names))) for id_, ref in plain.items()}
        again = {id_: found for id_, found in names.items() if found}
        if again:
            plain |= dict.fromkeys(again, UNKNOWN) | _parsed(self._ask(engine, again, asked, known))
        types = {id_: t.finish(qualified(ref, keys)) for id_, ref in plain.items()}
        return {asked[id_]: ref for id_, ref in types.items() if ref != UNKNOWN}

    def _ask(
        self,
        engine: Engine,
        wanted: Mapping[str, tuple[str, ...]],
        asked: Mapping[str, Question],
        known: _Known,
    ) -> dict[str, str]:
        probes = [
            Probe(id_, asked[id_][1].module.path, asked[id_][0], names) for id_, names in wanted.items()
        ]
        import tempfile  # here, for most runs ask no checker

        with tempfile.TemporaryDirectory(prefix="pickle-migrate-", ignore_cleanup_errors=True) as name:
            folder = Path(name).resolve()
            try:
                laid = lay_out(
                    folder, self._sources, self._program, self._modules, probes, self._checker.libraries
                )
            except OSError as error:
                raise EngineError(f"the overlay cannot be written: {error.strerror}") from error
            answers = engine.reveal(laid.overlay)
        if answers.get(CANARY) != CANARY_TYPE:
            raise EngineError(
                f"it answered a question of which the answer is {CANARY_TYPE} with {answers.get(CANARY)}"
            )
        known.lost |= {path for mark, path in laid.marks.items() if mark not in answers}
        return {id_: text for id_, text in answers.items() if id_ in laid.probes}


def _parsed(texts: Mapping[str, str]) -> dict[str, TypeRef]:
    found: dict[str, TypeRef] = {}
    for id_, text in texts.items():
        try:
            found[id_] = parse_answer(text)
        except AnswerError:  # noqa: PERF203 - not understood is not known
            continue
    return found
