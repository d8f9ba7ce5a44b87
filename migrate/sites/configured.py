"""Libraries that are told by a setting to pickle: ``task_serializer="pickle"``.

Facts from the documentation of Celery and kombu (``task_serializer``, ``accept_content``), Pyro
(``SERIALIZER``), Django (``SESSION_SERIALIZER``, ``BACKEND``), django-redis (``SERIALIZER``), Flask-Caching
(``CACHE_TYPE``), dogpile.cache, aiocache, Dask (``serializers``), Airflow (``enable_xcom_pickling``) and
PySpark.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from migrate.sites.libraries import CODE_PICKLERS, PICKLES, Thing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.sites.scopes import Outline

_FORMATS = PICKLES | CODE_PICKLERS | {"marshal", "application/x-python-serialize"}
_SETTING = re.compile(
    r"(?:^|[_.-])(?:(?:de)?serializers?|serializers_accepted|serialization(?:_format)?|accept(?:_content)?)$",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"(?:[A-Za-z_]\w*\.)+(?:C?Pickle|CloudPickle)Serializer")
_AIRFLOW = re.compile(r"(?:AIRFLOW__CORE__)?enable_xcom_pickling", re.IGNORECASE)

_CACHES = re.compile(
    r"django\.core\.cache\.backends\.(?:filebased|db|redis|memcached)\.\w+|django_redis\.cache\.\w+"
    r"|dogpile\.cache\.(?:dbm|memory_pickle|redis|valkey|memcached|pylibmc|bmemcached|pymemcache)(?:_\w+)?"
    r"|(?:flask_caching\.backends\.)?(?:FileSystem|Redis|RedisSentinel|RedisCluster|Memcached|SASLMemcached)Cache"
    r"|filesystem|redis|memcached"
)
"""Caches that pickle unless told otherwise, as settings name them."""
_CHOOSING = re.compile(r"ickl|marshal|dill|python-serialize|cach|redis|filesystem", re.IGNORECASE)
"""What every string has that chooses something here."""
_CACHE_SETTING = re.compile(r"(?:^|[_.])(?:backend|cache_type)$", re.IGNORECASE)
_ADDING = frozenset({"add", "append", "extend", "update"})


def settings(outline: Outline) -> Iterator[tuple[ast.Constant, Thing, str]]:
    """Yield the strings of a file that choose pickle in a setting, each with what it names and the reason."""
    for node in outline.strings:
        text = str(node.value)
        if " " in text or not _CHOOSING.search(text):  # prose is long, and chooses nothing
            continue
        if _DOTTED.fullmatch(text):
            library, _, name = text.rpartition(".")
            yield node, Thing(library, name), "configured-serializer"
        elif text in _FORMATS and _SETTING.search(_setting(outline, node)):
            yield node, Thing("configuration", text), "configured-serializer"
        elif _AIRFLOW.fullmatch(text) and not isinstance(outline.parents[node], ast.Expr):
            yield node, Thing("airflow", "enable_xcom_pickling"), "configured-serializer"
        elif _CACHES.fullmatch(text) and _chooses_cache(outline, node):
            yield node, Thing("configuration", text), "pickling-cache"


def _chooses_cache(outline: Outline, node: ast.Constant) -> bool:
    """Whether a string chooses a cache, and nothing beside it chooses how that stores."""
    text, parent = str(node.value), outline.parents[node]
    setting = _setting(outline, node)
    if "." not in text:
        return setting.upper() == "CACHE_TYPE"
    if isinstance(parent, ast.Call) and parent.args[:1] == [node]:
        return isinstance(parent.func, ast.Attribute) and parent.func.attr == "configure"
    beside = ast.walk(parent) if isinstance(parent, ast.Dict) else ()
    told = any(isinstance(part, ast.Constant) and str(part.value).lower() == "serializer" for part in beside)
    return bool(_CACHE_SETTING.search(setting)) and not told


def _setting(outline: Outline, node: ast.expr) -> str:
    """Return the name of what ``node``, or the list it stands in, is given to; empty if there is none."""
    parent = outline.parents[node]
    while isinstance(parent, ast.List | ast.Tuple | ast.Set):
        node, parent = parent, outline.parents[parent]
    match parent:
        case ast.keyword(arg="default"):
            return _option(outline.parents[parent])
        case ast.keyword(arg=name):
            return name or ""
        case ast.Dict():
            return _name(
                next((k for k, v in zip(parent.keys, parent.values, strict=True) if v is node), None)
            )
        case ast.Assign(value=value, targets=[target, *_]) if value is node:
            return _name(target)
        case ast.AnnAssign(value=value, target=target) | ast.AugAssign(value=value, target=target) if (
            value is node
        ):
            return _name(target)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            return _parameter(parent.args, node)
        case ast.Call():
            return _argument(parent, node)
    return ""


def _option(call: ast.AST) -> str:
    """Return the option of ``add_argument("--serializer", default="pickle")``."""
    given = call.args if isinstance(call, ast.Call) else []
    options = [_name(argument) for argument in given if isinstance(argument, ast.Constant)]
    return options[-1] if options else "default"


def _parameter(arguments: ast.arguments, node: ast.expr) -> str:
    """Return the parameter of which ``node`` is the default."""
    plain = [*arguments.posonlyargs, *arguments.args]
    names = [*reversed(plain), *arguments.kwonlyargs]
    defaults: list[ast.expr | None] = [*reversed(arguments.defaults)]
    defaults += [None] * (len(plain) - len(defaults)) + arguments.kw_defaults
    return next((name.arg for name, given in zip(names, defaults, strict=True) if given is node), "")


def _argument(call: ast.Call, node: ast.expr) -> str:
    """Return the setting of ``ACCEPTED.add("pickle")`` and of ``config.get("serializer", "pickle")``."""
    if node not in call.args or not isinstance(call.func, ast.Attribute):
        return ""
    position = call.args.index(node)
    before = call.args[position - 1] if position else None
    if isinstance(before, ast.Constant):
        return _name(before)
    return _name(call.func.value) if call.func.attr in _ADDING and not position else ""


def _name(node: ast.expr | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        return _name(node.slice)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return node.id if isinstance(node, ast.Name) else ""
