"""Questions in source: they change nothing that the source means, and go only where they can stand."""

from __future__ import annotations

import ast
import re
from textwrap import dedent

import pytest

from migrate.evidence.checker.probes import NAMES, Probe, probed


def asked(text: str | bytes, *, names=()) -> tuple[str, tuple[str, ...]] | None:
    """Put a question to every argument of every call of ``dump``."""
    source = dedent(text).encode() if isinstance(text, str) else text
    calls = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call) and _is_dump(n)]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    nodes = [call.args[0] for call in calls]
    probes = [Probe(f"ask{n}", "m.py", node, names) for n, node in enumerate(nodes)]
    made = probed(source, probes, "ask-file0")
    return (made[0].decode(), made[1]) if made else None


def _is_dump(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "dump"


def without_questions(text: str) -> str:
    """Take the questions out of the syntax again."""

    class Back(ast.NodeTransformer):
        def visit_Subscript(self, node):
            self.generic_visit(node)
            value = node.value
            if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "reveal_type":
                return value.args[0].elts[1]
            return node

    tree = ast.parse(text)
    own = [n for n in tree.body if not _is_own(n)]
    return ast.dump(Back().visit(ast.Module(own, [])))


def _is_own(node: ast.stmt) -> bool:
    return (NAMES in ast.dump(node) and isinstance(node, ast.Import)) or (
        isinstance(node, ast.Expr) and "ask-file0" in ast.dump(node)
    )


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\ndump(x, f)\n",
        "if x: dump(x, f)\n",
        "rows = [dump(r) for r in rows]\n",
        "f = lambda v: dump(v.items)\n",
        "dump((yield_ := 3))\n",
        "dump({\n    'a': 1,  # a comment\n    'b': x,\n}, f)\n",
        "é = 'é'; dump(é); dump('😀' + é)\n",
        "dump(dump(x))\n",
        "while dump(x) and y: pass\n",
        "dump(a if b else c)\n",
        "dump(*a)\ndump(x)\n",
        '"""doc"""\nfrom __future__ import annotations\nimport x\ndump(x)\n',
        "@dump(x)\ndef f(): ...\n",
        "async def f():\n    dump(await g())\n",
        "x = 1\r\ndump(x)\r\n",
        "dump(x)  # type: ignore\n",
        "dump(x)  # pyrefly: ignore\n",
        "dump(b'a' rb'\\x00')\n",
        "\x0c\ndump(x)\n",
    ],
)
def test_the_program_means_the_same_with_its_questions(text):
    made, ids = asked(text)
    assert len(ids) == made.count('reveal_type(("ask') - 1 > 0
    assert without_questions(made) == ast.dump(ast.Module(ast.parse(text).body, []))


def test_the_import_stands_after_the_docstring_and_the_future():
    made, _ = asked('"""doc"""\nfrom __future__ import annotations\ndump(1)\n')
    assert re.search(rf"annotations\nimport {NAMES}; reveal_type\(\(\"ask-file0\", 0\)\)\n", made)


def test_names_to_be_qualified_stand_beside_the_expression():
    made, _ = asked("dump(x)\n", names=("Order", "Path"))
    assert f'(("ask0", (x), {NAMES}.Order, {NAMES}.Path))[1]' in made


def test_a_comment_that_silences_the_checker_is_put_out_of_force():
    made, _ = asked("dump(x)  # pyrefly: ignore\n")
    assert "pyrefly: ignore" not in made.replace("not-pyrefly: ignore", "")


@pytest.mark.parametrize(
    "text",
    [
        "dump(x for x in y)\n",  # its brackets may be those of the call
        "dump(*x)\n",
        "reveal_type = print\ndump(x)\n",
        "'doc'; dump(x)\n",
    ],
)
def test_where_no_question_can_stand_none_is_put(text):
    assert asked(text) is None


def test_a_node_that_does_not_stand_there_word_for_word_is_not_asked_about():
    node = ast.parse("abc").body[0].value
    assert probed(b"xyz\n", [Probe("ask0", "m.py", node)], "ask-file0") is None


def test_other_encodings_become_utf8():
    made, _ = asked("# -*- coding: latin-1 -*-\nx = 'é'; dump('é' + x)\n".encode("latin-1"))
    assert "dump(reveal_type((\"ask0\", ('é' + x)))[1])" in made
