"""What a type checker is asked, what its answers are taken for, and what happens when it cannot be used."""

from __future__ import annotations

import sys
from textwrap import dedent

import pytest

from migrate.evidence.checker.engine import EngineError, run
from migrate.sites.modules import Modules

from .checkers import Scripted, checked
from .support import said, tree

ORDER = """
    class Order:
        def __init__(self, number: int): self.number = number
"""

FILLED = "_x = None\ndef fill():\n    global _x\n    _x = lib.a()\n"
"""A variable of the module that a function stores to."""


def app(text: str, **more: str) -> dict[str, bytes]:
    """Make a package of one module with a site, and the class ``Order``."""
    return tree(app__="", app__models=ORDER, app__m="import pickle, lib\n" + dedent(text), **more)


def test_an_answer_about_a_call_of_another_library_closes_a_site_and_names_the_checker():
    engine = Scripted({"lib.parse(s)": "dict[str, list[int]]"})
    found, flows = checked(app("def save(f, s):\n    x = lib.parse(s)\n    pickle.dump(x, f)\n"), engine)
    flow = flows["pickle.dump(x, f)"]
    assert flow.closed
    assert said(flow) == [("dict[str, list[int]]", "checker")]
    assert flow.types[0].where == "app/m.py:3 (scripted 1.0)"
    assert found.consulted.line == (
        "Types: scripted 1.0 was asked about 2 expressions behind 1 open sites; it closes 1."
    )


def test_names_are_qualified_by_a_second_question():
    engine = Scripted({"lib.one()": "Order"}, qualified={"lib.one()": "app.models.Order"})
    _, flows = checked(app("def save(f): pickle.dump(lib.one(), f)\n"), engine)
    assert said(flows["pickle.dump(lib.one(), f)"]) == [("app.models:Order", "checker")]
    assert flows["pickle.dump(lib.one(), f)"].classes == {"app.models:Order"}


def test_a_name_that_is_not_qualified_then_either_is_not_known():
    engine = Scripted({"lib.one()": "Order"}, qualified={"lib.one()": "Order"})
    _, flows = checked(app("def save(f): pickle.dump(lib.one(), f)\n"), engine)
    assert not flows["pickle.dump(lib.one(), f)"].closed


def test_what_fields_hold_is_asked_too():
    text = """
        class Cart:
            def __init__(self): self.rates = lib.rates()
        def save(f, cart: Cart): pickle.dump(cart, f)
    """
    found, flows = checked(app(text), Scripted({"lib.rates()": "list[float]"}))
    assert flows["pickle.dump(cart, f)"].closed
    (rates,) = found.graph["app.m:Cart"].fields
    assert (str(rates.type), rates.evidence[0].source.value) == ("list[float]", "checker")


def test_an_answer_leads_to_the_next_question():
    text = """
        class Box:
            def __init__(self): self.inner = lib.inner()
        def save(f):
            pickle.dump(lib.box(), f)
    """
    engine = Scripted({"lib.box()": "Box", "lib.inner()": "bytes"}, qualified={"lib.box()": "app.m.Box"})
    _, flows = checked(app(text), engine)
    assert flows["pickle.dump(lib.box(), f)"].closed
    assert "lib.inner()" in engine.asked


def test_a_question_at_the_end_of_a_long_chain_is_asked():
    """Values of a large program go through more hands than Python's stack has frames."""
    chain = "".join(f"def f{n}(): return f{n + 1}()\n" for n in range(1500))
    sources = app("import lib\n" + chain + "def f1500(): return lib.a()\ndef s(h): pickle.dump(f0(), h)\n")
    engine = Scripted({"lib.a()": "int"})
    checked(sources, engine)
    assert "lib.a()" in engine.asked


BOXES = """
    class Box:
        def __init__(self): self.inner = lib.inner()
    def save(f):
        x = lib.box()
        {more}
        pickle.dump(x, f)
"""


@pytest.mark.parametrize(
    ("many", "more", "further"),
    [(1, "pass", True), (1, "if f: x = lib.other()", False), (1_500, "if f: x = lib.other()", True)],
)
def test_after_many_questions_none_is_asked_for_a_site_that_an_unanswered_one_keeps_open(
    monkeypatch, many, more, further
):
    """It stays open whatever is told of ``lib.inner()``, and to ask and to solve again take long."""
    monkeypatch.setattr("migrate.evidence.checker.consulting.MANY_QUESTIONS", many)
    engine = Scripted({"lib.box()": "Box", "lib.inner()": "bytes"}, qualified={"lib.box()": "app.m.Box"})
    _, flows = checked(app(BOXES.format(more=more)), engine)
    flow = flows["pickle.dump(x, f)"]
    assert ("lib.inner()" in engine.asked) is further
    assert flow.closed is (more == "pass")
    assert flow.classes == {"app.m:Box"}


def test_of_two_sites_each_is_judged_by_itself(monkeypatch):
    monkeypatch.setattr("migrate.evidence.checker.consulting.MANY_QUESTIONS", 1)
    text = BOXES.format(more="pass") + "    def keep(f): pickle.dump(lib.other(), f)\n"
    engine = Scripted({"lib.box()": "Box", "lib.inner()": "bytes"}, qualified={"lib.box()": "app.m.Box"})
    _, flows = checked(app(text), engine)
    assert flows["pickle.dump(x, f)"].closed
    assert not flows["pickle.dump(lib.other(), f)"].closed


def test_when_it_has_taken_long_no_further_round_begins(monkeypatch):
    monkeypatch.setattr("migrate.evidence.checker.consulting.ENOUGH", -1.0)
    text = """
        class Box:
            def __init__(self): self.inner = lib.inner()
        def save(f):
            pickle.dump(lib.box(), f)
    """
    engine = Scripted({"lib.box()": "Box"}, qualified={"lib.box()": "app.m.Box"})
    found, flows = checked(app(text), engine)
    assert said(flows["pickle.dump(lib.box(), f)"]) == [("app.m:Box", "checker")]
    assert "lib.inner()" not in engine.asked
    assert found.consulted.line.endswith("it was not asked further.")


def test_a_check_of_a_parameter_is_seen():
    text = "def save(f, v):\n    if isinstance(v, str): pickle.dump(v, f)\n"
    _, flows = checked(app(text), Scripted({"v": "str"}))
    assert flows["pickle.dump(v, f)"].closed


def test_nothing_is_asked_about_sites_that_source_closes():
    engine = Scripted()
    found, _ = checked(app("def save(f): pickle.dump([1, 2], f)\n"), engine)
    assert not engine.asked
    assert found.consulted.line == ""


@pytest.mark.parametrize(
    "text",
    [
        # a variable of the module that a function stores to
        f"{FILLED}def save(f): pickle.dump(lib.same(_x), f)\n",
        # the same behind a function without a declared result
        f"{FILLED}async def get(): return _x\nasync def save(f): pickle.dump(await get(), f)\n",
        # the same from another module
        "from app import state\ndef save(f): pickle.dump(lib.same(state.filled), f)\n",
        "from app.state import filled\ndef save(f): pickle.dump(lib.same(filled), f)\n",
        # a variable of a module that another module stores to
        "from app import state\ndef fill(): state.one = lib.a()\n"
        "def save(f): pickle.dump(lib.same(state.one), f)\n",
        # a method with an override
        "class A:\n    def get(self): return 1\nclass B(A):\n    def get(self): return lib.a()\n"
        "def save(f, a: A): pickle.dump(lib.same(a.get()), f)\n",
        # an attribute that is stored to in two places
        "class C:\n    def __init__(self): self.x = 1\n    def fill(self): self.x = lib.a()\n"
        "    def save(self, f): pickle.dump(lib.same(self.x), f)\n",
        # one that the class has as well
        "class C:\n    x = 1\n    def fill(self): self.x = lib.a()\n"
        "    def save(self, f): pickle.dump(lib.same(self.x), f)\n",
        # containers that are filled
        "def save(f):\n    x = [1]\n    x.append(lib.a())\n    pickle.dump(lib.same(x), f)\n",
        "class C:\n    def __init__(self): self.x = [1]\n    def fill(self): self.x.append(lib.a())\n"
        "    def save(self, f): pickle.dump(lib.same(self.x), f)\n",
        # a variable that an inner function stores to
        "def save(f):\n    x = 1\n    def inner():\n        nonlocal x\n        x = lib.a()\n    inner()\n"
        "    pickle.dump(lib.same(x), f)\n",
    ],
)
def test_what_is_stored_to_in_several_places_is_shown_and_not_relied_on(text):
    state = "import lib\nfilled = None\none = 1\ndef fill():\n    global filled\n    filled = lib.a()\n"
    sources = app(text, app__state=state)
    asked = Scripted()
    _, before = checked(sources, asked)
    (site,) = before
    answers = {each: "list[int]" for each in asked.asked if each != "lib.a()"}
    assert answers
    _, flows = checked(sources, Scripted(answers))
    assert not flows[site].closed
    assert ("list[int]", "checker") in said(flows[site])


def test_none_for_a_variable_that_is_filled_elsewhere_is_not_even_shown():
    text = f"{FILLED}def save(f): pickle.dump(lib.same(_x), f)\n"
    _, flows = checked(app(text), Scripted({"lib.same(_x)": "None"}))
    (flow,) = flows.values()
    assert ("None", "checker") not in said(flow)


def test_an_answer_that_contradicts_what_source_shows_stands_beside_it_and_closes_nothing():
    text = "def save(f, a):\n    x = 1 if a else lib.b()\n    pickle.dump(x, f)\n"
    _, flows = checked(app(text), Scripted({"x": "str", "1 if a else lib.b()": "str"}))
    flow = flows["pickle.dump(x, f)"]
    assert not flow.closed
    assert {("int", "inferred"), ("str", "checker")} <= set(said(flow))


def test_an_answer_with_unknown_parts_does_not_replace_what_is_known():
    text = "def save(f, a):\n    pickle.dump({'a': 1, 'b': lib.b()}, f)\n"
    _, flows = checked(app(text), Scripted({"{'a': 1, 'b': lib.b()}": "dict[str, Any]"}))
    (flow,) = flows.values()
    assert "dict[str, Union[int, Any]]" in str(flow.types[0].type)
    assert flow.types[0].source.value == "inferred"


@pytest.mark.parametrize(
    ("engine", "why"),
    [
        (Scripted(error="it took longer than 300 seconds"), "it took longer than 300 seconds"),
        (Scripted({"lib.a()": "int"}, canary="Unknown"), "which the answer is list[Canary] with Unknown"),
        (Scripted({"lib.a()": "int"}, canary=None), "with None"),
    ],
)
def test_a_checker_that_cannot_be_used_changes_nothing_and_is_named(engine, why):
    sources = app("def save(f): pickle.dump(lib.a(), f)\n")
    found, flows = checked(sources, engine)
    assert not flows["pickle.dump(lib.a(), f)"].closed
    assert found.consulted.failed
    assert why in found.consulted.line
    assert "All is from syntax" in found.consulted.line


def test_files_that_it_says_nothing_about_are_counted():
    found, _ = checked(app("def save(f): pickle.dump(lib.a(), f)\n"), Scripted(silent=True))
    assert found.consulted.line.endswith("It said nothing about 1 files.")


def test_two_checkers_that_contradict_each_other_close_nothing():
    sources = app("def save(f): pickle.dump(lib.a(), f)\n")
    for other, closed in (("int", True), ("str", False)):
        second = Scripted({"lib.a()": other})
        _, flows = checked(sources, Scripted({"lib.a()": "int"}), second=second)
        assert flows["pickle.dump(lib.a(), f)"].closed is closed


@pytest.mark.parametrize(
    ("second", "line"),
    [
        (Scripted({"lib.a()": "int"}), "scripted 1.0 was asked as a cross-check and contradicts it 0 times."),
        (Scripted({"lib.a()": "str"}), "scripted 1.0 was asked as a cross-check and contradicts it 1 times."),
        (Scripted({"lib.a()": "list[Unknown]"}), "and contradicts it 1 times."),
        (Scripted({"lib.a()": "int | str"}), "and contradicts it 0 times."),
        (Scripted({"lib.a()": "Unknown"}), "and contradicts it 0 times."),
        (Scripted(silent=True), "and contradicts it 0 times."),
    ],
)
def test_the_line_counts_the_contradictions_of_a_cross_check(second, line):
    found, _ = checked(
        app("def save(f): pickle.dump(lib.a(), f)\n"), Scripted({"lib.a()": "int"}), second=second
    )
    assert found.consulted.line.endswith(line)
    assert not found.consulted.failed


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (Scripted(error="it took longer than 120 seconds"), "it took longer than 120 seconds."),
        (
            Scripted({"lib.box()": "int"}, canary="Unknown"),
            "of which the answer is list[Canary] with Unknown.",
        ),
    ],
)
def test_a_cross_check_that_cannot_be_used_is_named_once_and_left_out(second, why):
    text = """
        class Box:
            def __init__(self): self.inner = lib.inner()
        def save(f):
            pickle.dump(lib.box(), f)
    """
    engine = Scripted({"lib.box()": "Box", "lib.inner()": "bytes"}, qualified={"lib.box()": "app.m.Box"})
    found, flows = checked(app(text), engine, second=second)
    assert flows["pickle.dump(lib.box(), f)"].closed
    assert "it closes 1. scripted 1.0 could not be used as a cross-check, " in found.consulted.line
    assert found.consulted.line.endswith(why)
    assert found.consulted.failed  # so that this is not remembered
    assert len(second.files) <= 1


def test_only_answers_that_are_used_are_cross_checked():
    text = "def save(f, a):\n    pickle.dump({'a': 1, 'b': lib.b()}, f)\n    pickle.dump(lib.c(), f)\n"
    second = Scripted()
    answers = {"{'a': 1, 'b': lib.b()}": "dict[str, Any]", "lib.c()": "str"}  # the first is known already
    checked(app(text), Scripted(answers), second=second)
    assert second.asked == ["lib.c()"]


def test_the_overlay_has_what_is_imported_and_nothing_else():
    engine = Scripted()
    more = {"app__helper": "x = 1\n", "app__other": "y = 1\n", "tools__run": "import app\n"}
    checked(app("from app.helper import x\ndef save(f): pickle.dump(lib.a(), f)\n", **more), engine)
    own = {f for f in engine.files[0] if not f.startswith("_pickle")}
    assert own == {"app/__init__.py", "app/m.py", "app/helper.py"}


def test_files_whose_module_another_file_could_be_as_well_are_left_out():
    text = "import pickle, lib\ndef save(f): pickle.dump(lib.a(), f)\n"
    engine = Scripted({"lib.a()": "int"})
    sources = {"one/run.py": text.encode(), "two/run.py": text.encode()}
    assert Modules(sources).path_of("run") is None
    _, flows = checked(sources, engine)
    assert not engine.asked
    assert not any(flow.closed for flow in flows.values())


def test_sources_are_laid_out_as_the_program_imports_them():
    engine = Scripted({"lib.a()": "int"})
    text = "import pickle, lib\ndef save(f): pickle.dump(lib.a(), f)\n"
    checked({"src/app/__init__.py": b"", "src/app/m.py": text.encode()}, engine)
    assert "src/app/m.py" in engine.files[0]


def test_the_same_tree_gives_the_same_evidence_whatever_the_order_of_its_files():
    sources = app("def save(f): pickle.dump(lib.a(), f)\ndef other(f): pickle.dump(lib.b(), f)\n")
    answers = {"lib.a()": "int", "lib.b()": "str"}
    one = checked(sources, Scripted(answers))[1]
    assert one == checked(dict(reversed(sources.items())), Scripted(answers))[1]


class TestRun:
    def test_what_it_prints_is_returned_whatever_its_exit_code(self, tmp_path):
        assert run([sys.executable, "-c", "print('x'); raise SystemExit(3)"], tmp_path).split() == [b"x"]

    def test_it_gets_no_settings_from_the_environment(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PYREFLY_CONFIG", "/elsewhere")
        shown = run([sys.executable, "-c", "import os; print('PYREFLY_CONFIG' in os.environ)"], tmp_path)
        assert shown.split() == [b"False"]

    def test_one_that_takes_too_long_is_ended(self, tmp_path):
        with pytest.raises(EngineError, match="longer than 1 seconds"):
            run([sys.executable, "-c", "import time; time.sleep(600)"], tmp_path, timeout=0.5 + 0.4)

    def test_one_that_prints_too_much_is_ended(self, tmp_path, monkeypatch):
        monkeypatch.setattr("migrate.evidence.checker.engine.LARGEST_OUTPUT", 1_000)
        with pytest.raises(EngineError, match="more than 1,000 bytes"):
            run([sys.executable, "-c", "while True: print('x' * 1000)"], tmp_path)

    def test_one_that_is_not_there_is_named(self, tmp_path):
        with pytest.raises(EngineError, match="cannot be started: No such file"):
            run([str(tmp_path / "none")], tmp_path)
