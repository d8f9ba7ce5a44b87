"""What is let go of, put off or remembered to save time and memory makes no difference to what is found."""

from __future__ import annotations

import sysconfig
from itertools import permutations
from pathlib import Path

import pytest

from migrate.evidence import types as t
from migrate.evidence.graph import build_graph, facts
from migrate.evidence.inference import Inference
from migrate.evidence.program import Program
from migrate.evidence.solver import Equation, Solver
from migrate.model import Source, TypeRef

from .support import tree

SAVER = """
    class Saver:
        def __init__(self, path):
            self.path = path
            self.lock = object()
            self.cache = {}

        def __getstate__(self):
            state = dict(self.__dict__)
            del state["lock"]
            def forget():
                state.pop("cache")
            forget()
            return state

        def name(self):
            raise NotImplementedError

    class Named(Saver):
        def name(self):
            return "saver"

    def title(saver: Saver):
        return saver.name()

    class Page:
        def __init__(self, saver: Saver):
            self.title = saver.name()
"""


def library(*names: str) -> dict[str, bytes]:
    root = Path(sysconfig.get_path("stdlib"))
    paths = [path for name in names for path in (root / name).rglob("*.py")]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.parametrize(
    "sources",
    [tree(m=SAVER, other="import m"), library("logging", "json", "concurrent")],
    ids=["saver", "library"],
)
def test_classes_are_the_same_without_the_statements(sources):
    whole = build_graph(Inference(Program(sources, whole=sources)))
    trimmed = build_graph(Inference(Program(sources)))
    assert trimmed == whole
    assert trimmed


def test_statements_go_unless_the_file_is_to_stay_whole():
    sources = tree(m="def f():\n    x = 1\n    return x\n", kept="def f():\n    x = 1\n    return x\n")
    program = Program(sources, whole={"kept.py"})
    assert not program.modules["m.py"].tree.body
    assert not program.modules["m.py"].functions[0].node.body
    assert len(program.modules["kept.py"].functions[0].node.body) == 2


def test_what_getstate_takes_out_is_seen_in_inner_functions_too():
    graph = build_graph(Inference(Program(tree(m=SAVER, other="import m"))))
    assert [field.name for field in graph["m:Saver"].fields] == ["path"]
    assert [field.name for field in graph["m:Named"].fields] == ["path"]


def test_a_method_that_only_raises_gives_way_to_its_overrides():
    graph = build_graph(Inference(Program(tree(m=SAVER, other="import m"))))
    assert {field.name: str(field.type) for field in graph["m:Page"].fields} == {"title": "str"}


@pytest.mark.parametrize("count", [1, 3, 8, 9, 14])
def test_a_place_holds_what_its_equations_yield_however_many_there_are(count):
    # One equation at a time changes its mind: from two types to one of them.
    module = Program({"m.py": b""}).modules["m.py"]
    names = [TypeRef(f"t{number}") for number in range(count)]
    early = TypeRef("early")
    source, target = ("var", "source", ""), ("var", "target", "")

    def about(slot):
        if slot == source:
            yield Equation(source, lambda: t.types(TypeRef("known")), Source.INFERRED, module, 1)
            return
        for number, name in enumerate(names):
            yield Equation(
                target,
                lambda name=name: t.types(name) if solver.read(source) else t.types(name, early),
                Source.INFERRED,
                module,
                number,
            )

    solver = Solver(about)
    assert solver.value(target) == t.types(*names)
    assert [fact.where for fact in facts(solver.equations(target))] == [f"m.py:{n}" for n in range(count)]


def test_alternatives_together_are_those_of_the_parts_in_any_order():
    parts = [t.types(TypeRef("int")), t.types(TypeRef("Optional", (TypeRef("str"),))), t.BOTTOM]
    for order in permutations(parts):
        assert t.united(order) == t.capped(ref for part in order for ref in part)
    assert t.united([frozenset({TypeRef("Union", (TypeRef("int"), t.NONE))})]) == t.types(
        TypeRef("int"), t.NONE
    )
    many = [t.types(TypeRef(f"t{number}")) for number in range(t.MAX_ALTERNATIVES + 1)]
    assert t.united(many) == t.ANYTHING
    assert len(t.united(many[1:])) == t.MAX_ALTERNATIVES


def test_of_too_many_alternatives_only_few_classes_of_the_tree_remain():
    names = [f"t{number}" for number in range(t.MAX_ALTERNATIVES)]
    others = [TypeRef(name) for name in names]
    own = [TypeRef(f"m:{name}") for name in names]
    assert t.united([t.types(*others, own[0])]) == t.ANYTHING | {own[0]}
    assert t.united([t.types(*others, *own)]) == t.ANYTHING
    assert t.united([t.types(*others, TypeRef("list", (own[0],)))]) == t.ANYTHING


def test_types_sort_by_name_and_then_by_what_they_hold():
    a, b = TypeRef("a"), TypeRef("b")
    assert sorted([TypeRef("list", (b,)), b, TypeRef("list", (a,)), TypeRef("list"), a]) == [
        a, b, TypeRef("list"), TypeRef("list", (a,)), TypeRef("list", (b,)),
    ]  # fmt: skip
