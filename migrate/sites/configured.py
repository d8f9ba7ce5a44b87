"""Libraries that are told by a setting to pickle: ``task_serializer="pickle"``.

Facts from the documentation of Celery and kombu (``task_serializer``, ``accept_content``), Django
(``SESSION_SERIALIZER``), django-redis (``SERIALIZER``), aiocache and PySpark.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from migrate.sites.libraries import Thing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.sites.scopes import Outline

_SETTING = re.compile(r"(?:^|_)(?:serializer|serialization|accept_content)$", re.IGNORECASE)
_DOTTED = re.compile(r"(?:[A-Za-z_]\w*\.)+(?:C?Pickle|CloudPickle)Serializer")


def settings(outline: Outline) -> Iterator[tuple[ast.Constant, Thing]]:
    """Yield the strings of a file that choose pickle in a setting, each with what it names."""
    for node in outline.strings:
        text = str(node.value)
        if "ickle" not in text:
            continue
        if _DOTTED.fullmatch(text):
            library, _, name = text.rpartition(".")
            yield node, Thing(library, name)
        elif text == "pickle" and _SETTING.search(_setting(outline, node)):
            yield node, Thing("configuration", "pickle")


def _setting(outline: Outline, node: ast.expr) -> str:
    """Return the name of what ``node``, or the list it stands in, is given to; empty if there is none."""
    parent = outline.parents[node]
    while isinstance(parent, ast.List | ast.Tuple | ast.Set):
        node, parent = parent, outline.parents[parent]
    if isinstance(parent, ast.keyword):
        return parent.arg or ""
    if isinstance(parent, ast.Dict):
        key = next((k for k, v in zip(parent.keys, parent.values, strict=True) if v is node), None)
        return _name(key)
    if isinstance(parent, ast.Assign) and parent.value is node:
        return _name(parent.targets[0])
    if isinstance(parent, ast.AnnAssign) and parent.value is node:
        return _name(parent.target)
    return ""


def _name(node: ast.expr | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        return _name(node.slice)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return node.id if isinstance(node, ast.Name) else ""
