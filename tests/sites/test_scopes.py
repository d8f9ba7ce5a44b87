"""The scope rules, held against those of the interpreter: `symtable` is the oracle."""

from __future__ import annotations

import ast
import symtable
import sys
import sysconfig
import warnings
from pathlib import Path

import pytest

from migrate.sites.scopes import Outline, Scope, outline, surface
from migrate.sites.source import SourceFile

STDLIB = Path(sysconfig.get_paths()["stdlib"])
SAMPLE = sorted(STDLIB.glob("*.py"))[::2]


def scopes_of(source: str) -> Outline:
    return outline(SourceFile.parse("a.py", source.encode()))


def by_interpreter(table: symtable.SymbolTable) -> dict[tuple[str, int], list[set[str]]]:
    """Function and class scopes by name and line, each with the names that are bound in it."""
    found: dict[tuple[str, int], list[set[str]]] = {}
    stack = [table]
    while stack:
        current = stack.pop()
        stack += current.get_children()
        if current.get_type() in ("function", "class") and current.get_name() not in _ANONYMOUS:
            names = {
                s.get_name()
                for s in current.get_symbols()
                if s.is_local() and not s.get_name().startswith(".")
            }
            found.setdefault((current.get_name(), current.get_lineno()), []).append(names)
    return found


_ANONYMOUS = {"lambda", "listcomp", "setcomp", "dictcomp", "genexpr", "__annotate__"}
_IMPLICIT = {
    "__class__",
    "__classdict__",
    "__conditional_annotations__",
    "__annotate__",
    "__static_attributes__",
}


def by_us(found: Outline) -> dict[tuple[str, int], list[set[str]]]:
    result: dict[tuple[str, int], list[set[str]]] = {}
    for scope in found.scopes:
        if isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and scope.name:
            result.setdefault((scope.name, scope.node.lineno), []).append(bound_in(scope))
    return result


def bound_in(scope: Scope) -> set[str]:
    return {name for name in scope.bindings if not name.startswith("__") or name.endswith("__")}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="symtable of 3.10 lists names of inner comprehensions")
@pytest.mark.parametrize("path", SAMPLE, ids=lambda path: path.stem)
def test_the_standard_library_agrees(path):
    source = path.read_text(encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = by_interpreter(symtable.symtable(source, path.name, "exec"))
    found = scopes_of(source)
    loose = {node.id for node in found.scope_of if isinstance(node.ctx, ast.Del)} | comprehension_names(found)
    for key, scopes in by_us(found).items():
        expected = theirs.get(key, [])
        if len(expected) == len(scopes) == 1:
            mangled = {name for name in expected[0] if name.startswith("_") and "__" in name[1:]}
            assert scopes[0] - expected[0] - mangled == set(), key
            assert expected[0] - scopes[0] - mangled - _IMPLICIT - loose == set(), key


def comprehension_names(found: Outline) -> set[str]:
    """PEP 709: since 3.12 the names of inlined comprehensions count as the function's."""
    return {name for scope in found.scopes if scope.kind == "comprehension" for name in scope.bindings}


def owner_of(source: str, name: str) -> str | None:
    """The scope to which the last read of ``name`` leads: its qualified name, ``<module>``, or None."""
    found = scopes_of(source)
    node = max((n for n in found.scope_of if n.id == name), key=lambda n: (n.lineno, n.col_offset))
    owner = found.scope_of[node].owner(name)
    if owner is None:
        return None
    return "<module>" if owner.kind == "module" else owner.qualified_name or owner.kind


@pytest.mark.parametrize(
    ("source", "owner"),
    [
        ("x = 1\nx", "<module>"),
        ("print(x)", None),
        ("x = 1\ndef f(): return x", "<module>"),
        ("x = 1\ndef f():\n x = 2\n return x", "f"),
        ("x = 1\ndef f():\n global x\n x = 2\n return x", "<module>"),
        ("def f():\n x = 1\n def g():\n  nonlocal x\n  x = 2\n  return x", "f"),
        ("def f():\n x = 1\n class A:\n  x = 2\n  def g(self): return x", "f"),
        ("class A:\n x = 1\n y = x", "A"),
        ("class A:\n x = 1\n y = [x for _ in z]", None),
        ("class A:\n x = 1\n y = [z for z in x]", "A"),
        ("def f():\n [(x := 1) for _ in y]\n return x", "f"),
        ("def f(a=lambda x: x): ...", "function"),
        ("x = 1\ndef f(x=x): ...", "<module>"),
        ("x = 1\n@x\ndef f(x): ...", "<module>"),
        ("x = 1\ndef f(x: x): ...", "<module>"),
        ("def f():\n x = 1\n class A(x): ...", "f"),
        ("def f():\n for x in y: pass\n return x", "f"),
        ("def f():\n import x.y\n return x", "f"),
    ],
)
def test_where_a_name_leads(source, owner):
    assert owner_of(source, "x") == owner


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695 is new in 3.12")
@pytest.mark.parametrize(
    ("source", "owner"),
    [
        ("x = 1\ndef f[x](a: x): ...", "type parameters"),
        ("class A:\n x = 1\n def f[T](self, a: x): ...", "A"),
        ("x = 1\ntype A[x] = list[x]", "type parameters"),
        ("x = 1\nclass A[T](x): ...", "<module>"),
    ],
)
def test_type_parameters(source, owner):
    assert owner_of(source, "x") == owner


PROGRAM = """
import a

class B(a.B):
    c = a.c
    def d(self, e=a.e):
        f = a.f
        return f
"""


def test_a_surface_has_what_a_module_and_its_classes_bind_and_no_bodies_of_functions():
    found = surface(SourceFile.parse("a.py", PROGRAM.encode()))
    assert not found.whole
    assert bound_in(found.module) == {"a", "B"}
    assert by_us(found) == {("B", 4): [{"c", "d"}], ("d", 6): [{"self", "e"}]}
    assert sorted(node.attr for node in found.attributes) == ["B", "c", "e"]


def test_a_surface_is_whole_where_a_function_binds_names_of_the_module():
    found = surface(SourceFile.parse("a.py", b"def f():\n    global x\n    x = 1\n"))
    assert found.whole
    assert bound_in(found.module) == {"f", "x"}
