"""Who holds a node is the same whether one statement is looked at or the whole file."""

from __future__ import annotations

import ast
import inspect
import random
import textwrap

import pytest

from migrate.evidence.parents import Parents

SOURCES = {
    "argparse": inspect.getsource(__import__("argparse")),
    "several statements on a line": "x = f(1); y = g(2); z = (\n  3, 4); w = h(5)\n",
    "decorators above their function": "@a(lambda: 1)\n# of old\n@b\ndef f(x=g()): return h(x)\n",
    "classes in classes": textwrap.dedent(
        """\
        @d(1)
        class A(B, m=C):
            x: int = 1; y = f(x)
            @e
            def g(self, z=[x]): return z; return 2
            class D: h = lambda i: i
            async def j(self):
                class K: l = 1
        m = A
        """
    ),
    "nodes without a line": textwrap.dedent(
        """\
        with open(x) as f, lock: pass
        def f(a, *, b: int = len([c for c in d if c])): pass
        match p:
            case {"k": [v, *_]}: pass
        """
    ),
}
SHARED = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)
"""Of each of these a module has one node, in many places."""


@pytest.mark.parametrize("name", SOURCES)
def test_parents(name: str) -> None:
    """Nodes in any order."""
    tree = ast.parse(SOURCES[name])
    wanted = {child: outer for outer in ast.walk(tree) for child in ast.iter_child_nodes(outer)}
    nodes = [node for node in ast.walk(tree) if not isinstance(node, SHARED)]
    random.Random(5).shuffle(nodes)
    parents = Parents(tree)
    assert all(parents.of(node) is wanted.get(node) for node in nodes)


def test_of_another_module() -> None:
    """A node that the module does not hold has no parent there."""
    stranger = ast.parse("f(x)\ng(y)").body[1]
    assert Parents(ast.parse("a\nb\nc")).of(stranger) is None
