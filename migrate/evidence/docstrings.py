"""What docstrings say of the types of parameters and results, as Sphinx, Epytext and NumPy write it.

It counts for less than an annotation: it is asked for only where nothing else tells, and the classes
that it names stand beside the unknown type.
"""

from __future__ import annotations

import ast
import re
from keyword import iskeyword
from typing import TYPE_CHECKING

from migrate.evidence import types as t
from migrate.evidence.annotations import annotation
from migrate.model import UNKNOWN, TypeRef

if TYPE_CHECKING:
    from migrate.evidence.program import Program
    from migrate.evidence.source import FunctionNode, Scope
    from migrate.evidence.types import Types

_OF = re.compile(r"[:@]type\s+\**(\w+)\s*:\s*(.+)")
_PARAMETER = re.compile(r"[:@]param\s+([\w.`:~\[\], |]+?)\s+\**(\w+)\s*:")
_RESULT = re.compile(r"[:@]rtype\s*:\s*(.+)")
_NUMPY = re.compile(r"^\s*\**(\w+)\s:\s+(\S.*)$", re.M)
_ROLE = re.compile(r":[\w:]+:`~?\.?([\w.]+)`")
_LIST_OF = re.compile(r"(list|set|tuple|sequence|iterable)s?\s*(?:of\s+|\()\s*([\w.]+)\)?", re.I)
_CONTAINERS = {"list": "list", "set": "set", "tuple": "tuple"}
_NOTHING: dict[str, str] = {}


def documented(function: FunctionNode, name: str, program: Program) -> Types:
    """Return the types that the docstring of a function gives for a parameter; ``""`` is its result."""
    text = _texts(function).get(name)
    return _types(text, function.outer, program) if text else t.BOTTOM


def _texts(function: FunctionNode) -> dict[str, str]:
    doc = function.doc
    if function.name == "__init__" and function.owner is not None:
        doc = f"{doc}\n{function.owner.doc}"
    if not doc.strip():
        return _NOTHING
    found: dict[str, str] = dict(_NUMPY.findall(doc)) if re.search(r"-{4,}", doc) else {}
    found |= {name: text for text, name in _PARAMETER.findall(doc)}
    found |= dict(_OF.findall(doc))
    result = _RESULT.search(doc)
    if result is not None:
        found[""] = result[1]
    return found


def _types(text: str, scope: Scope, program: Program) -> Types:
    plain = _ROLE.sub(r"\1", text).replace("`", "").replace("*", "").strip().rstrip(".")
    found: set[TypeRef] = set()
    for part in re.split(r",| or |\||;", plain):
        found |= _one(part.strip(), scope, program)
    return frozenset(found)


def _one(text: str, scope: Scope, program: Program) -> Types:
    held = _LIST_OF.fullmatch(text)
    if held is not None:
        inner = _one(held[2].strip(), scope, program) or t.ANYTHING
        kind = _CONTAINERS.get(held[1].lower())
        if kind is None:
            return t.BOTTOM
        return t.make(kind, inner, [t.ELLIPSIS]) if kind == "tuple" else t.make(kind, inner)
    if not all(name.isidentifier() and not iskeyword(name) for name in text.split(".")):
        return t.BOTTOM
    ref = annotation(ast.parse(text, mode="eval").body, scope, program)
    if ":" in ref.name:
        return t.types(ref)
    named = program.classes_named.get(text.rpartition(".")[2], ())
    return t.types(TypeRef(named[0])) if len(named) == 1 and ref in (UNKNOWN, TypeRef(text)) else t.BOTTOM
