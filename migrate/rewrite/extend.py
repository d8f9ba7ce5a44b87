"""Adds to a converters module that exists: it is the user's, so nothing of theirs is touched.

Registrations go to the end, imports behind the imports, exported names into ``__all__`` if there is one.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from attrs import evolve

from migrate.rewrite import layout, render
from migrate.rewrite.annotations import Annotations
from migrate.rewrite.declarations import blocks, default_tag, tags_of, together_registered
from migrate.rewrite.naming import bound_by
from migrate.rewrite.source import Slice, SourceFile

if TYPE_CHECKING:
    from migrate.model import Converters


def extend(existing: bytes, converters: Converters, exports: frozenset[str], runtime: str) -> bytes:
    """Return ``existing`` with what it lacks; the same bytes if it lacks nothing.

    ``exports`` are the names that the program uses, ``runtime`` is the dotted name of the runtime package.
    Raises `migrate.rewrite.source.SourceError` if the module does not parse.
    """
    source = SourceFile(existing)
    known = registered(source.tree)
    bound = {name for node in source.tree.body for inner in _statements(node) for name in bound_by(inner)}
    new = [schema for schema in converters.classes if schema.key not in known]
    names = sorted(exports - bound)
    if not new and not names:
        return existing
    annotations = Annotations(tags_of(new, converters, render.RESERVED | frozenset(bound), known))
    aliases = render.unambiguous_aliases(converters.classes)
    made = blocks(new, converters, annotations, aliases)
    objects = "\n".join(f"{name} = codec.{name}" for name in render.OBJECTS if name in names)
    tail = "".join(render.spaced([*([objects] if objects else []), *made]))
    return _insert(
        source,
        _imports(evolve(converters, classes=tuple(new)), annotations, bound, runtime, names),
        names,
        tail,
    )


def registered(tree: ast.Module) -> dict[str, str]:
    """Return the classes that a converters module registers: key → tag.

    Understands ``codec.register("module:Class", tag="…")``, as a call or a decorator, and ``register(…)``.
    """
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
        key = node.args[0].value
        if function in ("register", "hooks") and isinstance(key, str) and ":" in key:
            tag = next(
                (
                    k.value.value
                    for k in node.keywords
                    if k.arg == "tag" and isinstance(k.value, ast.Constant)
                ),
                None,
            )
            found[key] = str(tag) if tag else found.get(key, default_tag(key))
    return found


def _statements(node: ast.stmt) -> list[ast.AST]:
    """Return ``node`` and what is in it at module level: nothing in the bodies of functions and classes."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node]
    return list(ast.walk(node))


def _imports(
    converters: Converters, annotations: Annotations, bound: set[str], runtime: str, names: list[str]
) -> list[str]:
    """Return the import statements that the new parts need and the module lacks."""
    checking = [
        line
        for line in render.type_checking_lines(
            converters.classes, annotations, together_registered(converters)
        )
        if not _is_bound(line, bound)
    ]
    typing = [*(["TYPE_CHECKING"] if checking else []), *(["Any"] if annotations.uses_any else [])]
    typing = [name for name in typing if name not in bound]
    lines = [
        f"import {module}" for module in sorted(annotations.modules) if module.partition(".")[0] not in bound
    ]
    lines += [f"from typing import {', '.join(typing)}"] if typing else []
    errors = [name for name in names if name in render.FROM_RUNTIME]
    lines += [render.from_import(runtime, errors)] if errors else []
    if checking:
        lines += ["", "if TYPE_CHECKING:", *render.indented(checking)]
    return lines


def _is_bound(line: str, bound: set[str]) -> bool:
    return any(line.endswith(f" {name}") or line.startswith(f"{name} =") for name in bound)


def _insert(source: SourceFile, imports: list[str], names: list[str], tail: str) -> bytes:
    newline = source.newline
    replacements: dict[Slice, str] = {}
    if imports:
        replacements[layout.after_imports(source, conditional=True)] = "".join(
            line + newline for line in imports
        )
    listed = _all_list(source) if names else None
    if listed:
        piece, present = listed
        replacements[piece] = render.exported_names({*present, *names}).replace("\n", newline) + newline
    if tail:
        end = len(source.lines)
        while end and not source.lines[end - 1].strip():
            end -= 1
        last = source.lines[end - 1] if end else ""
        closed = last.rstrip("\r\n") if end else ""
        replacements[Slice(max(end, 1), len(source.lines))] = closed + tail.replace("\n", newline) + newline
    return source.with_lines(replacements)


def _all_list(source: SourceFile) -> tuple[Slice, list[str]] | None:
    """Return where ``__all__ = [...]`` stands by itself, and what it lists; None if it is anything else."""
    for node in source.tree.body:
        if isinstance(node, ast.Assign) and [getattr(t, "id", None) for t in node.targets] == ["__all__"]:
            piece = Slice(node.lineno, node.end_lineno or node.lineno)
            try:
                listed = ast.literal_eval(node.value)
            except ValueError:
                return None
            alone = piece in source.slices and "#" not in source.text(piece)
            return (piece, list(listed)) if alone else None
    return None
