"""Classes by name: ``"shop.models:Order"`` and back.

Only names that the converters module declares are ever imported, never one that comes from data. A program
that is run as a script is the module ``__main__``, whatever its file; its classes must be found there,
because importing the file again would run the script twice and make a second, different class.
"""

from __future__ import annotations

import os
import re
import sys
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .encode import Value

_ARGUMENTS = re.compile(r"[\w\[\],. |]+\]")
MAIN_NAMES = frozenset({"__main__", "__mp_main__"})
"""The running program; the second is its name in a child process of multiprocessing (spawn)."""


@lru_cache(maxsize=4096)  # asked for every registration when a name is looked up that none has
def split_target(target: str) -> tuple[str, str]:
    """``"shop.models:Outer.Inner"`` → ``("shop.models", "Outer.Inner")``.

    The name may end in the arguments of a generic model of pydantic, which is a class of its own and calls
    itself so: ``"shop.models:Page[Order]"``. Raises ValueError for anything else.
    """
    module, colon, qualname = target.partition(":")
    plain, bracket, arguments = qualname.partition("[")
    known = all(name.isidentifier() or name == "<locals>" for name in plain.split("."))
    if not colon or not module or not known or (bracket and not _ARGUMENTS.fullmatch(arguments)):
        raise ValueError(f'{target!r} does not name a class; write "package.module:Class"')
    return module, qualname


def resolve(target: str) -> Value:
    """Return the object that ``target`` names; imports its module unless that is the running program.

    Raises ImportError, or AttributeError when the module has no such name.
    """
    module, qualname = split_target(target)
    namespace: Any = sys.modules["__main__"] if is_main(module) else import_module(module)
    plain, bracket, _ = qualname.partition("[")
    if bracket:
        outer = plain.rpartition(".")[0]
        known = getattr(_attribute(namespace, outer), qualname[len(outer) :].lstrip("."), None)
        return known if known is not None else _with_arguments(qualname, namespace)
    return _attribute(namespace, plain)


def _attribute(found: Value, dotted: str) -> Value:
    for name in filter(None, dotted.split(".")):
        found = getattr(found, name)
    return found


def _with_arguments(qualname: str, namespace: Value) -> Value:
    """Return what ``Page[list[Order]]`` means in the module; raises AttributeError if it is nothing."""
    import ast

    def value(node: ast.AST) -> Any:
        match node:
            case ast.Name(id=name):
                return getattr(namespace, name, None) or _builtin(name)
            case ast.Attribute():
                return _dotted(ast.unparse(node), namespace)
            case ast.Subscript(value=outer, slice=ast.Tuple(elts=inner)):
                return value(outer)[tuple(map(value, inner))]
            case ast.Subscript(value=outer, slice=inner):
                return value(outer)[value(inner)]
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return value(left) | value(right)
            case ast.Constant(value=None):
                return None
        raise AttributeError(f"{qualname!r} is not a class with its arguments")

    try:
        return value(ast.parse(qualname, mode="eval").body)
    except (SyntaxError, TypeError) as error:
        raise AttributeError(f"{qualname!r} is not a class with its arguments: {error}") from error


def _dotted(name: str, namespace: Value) -> Value:
    """Return what ``date.Kind`` means in a module, or else ``shop.orders.Order`` of another module."""
    first = name.partition(".")[0]
    if hasattr(namespace, first):
        try:
            return _attribute(namespace, name)
        except AttributeError:
            pass  # The module has something else of that name; the one that is imported is meant.
    home, _, last = name.rpartition(".")
    try:
        return getattr(import_module(home), last)
    except ModuleNotFoundError as error:
        raise AttributeError(f"nothing is called {name!r} there") from error


def _builtin(name: str) -> Value:
    import builtins
    import typing

    found = {"NoneType": None}.get(name, getattr(builtins, name, None)) or getattr(typing, name, None)
    if found is None and name != "NoneType":
        raise AttributeError(f"nothing is called {name!r} there")
    return found


def is_main(module: str) -> bool:
    """Whether ``module`` is the program that is running, by ``python -m`` or as a file."""
    main = sys.modules.get("__main__")
    if module in MAIN_NAMES or main is None:
        return module in MAIN_NAMES
    spec = getattr(main, "__spec__", None)
    if spec is not None:
        return module in (spec.name, spec.name.removesuffix(".__main__"))
    path = getattr(main, "__file__", None)
    return path is not None and _is_file_of(module, path)


def module_name(module: str) -> str:
    """Return the name to register classes of ``module`` under: a running script goes by its file."""
    main = sys.modules.get("__main__")
    if module not in MAIN_NAMES or main is None:
        return module
    spec, path = getattr(main, "__spec__", None), getattr(main, "__file__", None)
    if spec is not None:
        return str(spec.name)
    return module if path is None else os.path.splitext(os.path.basename(path))[0]  # noqa: PTH119, PTH122 - light


def _is_file_of(module: str, path: str) -> bool:
    from importlib.util import find_spec
    from pathlib import Path, PurePath

    tail = PurePath(*module.split("."))
    script = PurePath(path)
    if script.with_suffix("").parts[-len(tail.parts) :] != tail.parts:
        return False
    try:
        spec = find_spec(module)
        return spec is None or spec.origin is None or Path(spec.origin).samefile(path)
    except (ImportError, ValueError, OSError):  # a loose script, of which only the file name is known
        return True
