"""The plan file: what is known of sites and classes, for a person to read and to correct. TOML, or JSON."""

from __future__ import annotations

import json
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from migrate.evidence.typetext import TypeTextError, parse_type
from migrate.review.decisions import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

T = TypeVar("T", bound=msgspec.Struct)

VERSION = 1
_ALWAYS = frozenset({"where", "text", "safety", "kind", "defined", "comment", "aliases"})
HEADER = """\
# Plan of pickle-migrate: docs/tasks/plan.md. Made by `pickle-migrate plan`; yours to edit:
#   decision   accept, reject or undecided       type      what a field holds, as in an annotation
#   comment    anything                          aliases   "module:Class" under which pickles name the class
#                                                renames   old name = "new name" of fields
# All else is found anew by each run, and so are comments like this one; say what you think in `comment`.
"""


class FieldPlan(msgspec.Struct, forbid_unknown_fields=True):
    """A field of a class."""

    type: str
    """What the converter declares: a person's word."""
    found: str
    """What the tool found."""
    sources: list[str] = []


class ClassPlan(msgspec.Struct, forbid_unknown_fields=True):
    """A class that is registered."""

    kind: str
    defined: str
    owners: list[str] = []
    aliases: list[str] = []
    found_aliases: list[str] = []
    comment: str = ""
    gone: bool = False
    """The class is not in the tree any more; it is kept because it was edited."""
    renames: dict[str, str] = {}
    fields: dict[str, FieldPlan] = {}


class SitePlan(msgspec.Struct, forbid_unknown_fields=True):
    """A site."""

    where: str
    text: str
    safety: str
    decision: Verdict = Verdict.UNDECIDED
    comment: str = ""
    reason: str = ""
    question: str = ""
    owners: list[str] = []
    gone: bool = False
    """The site is not there any more; it is kept because it was rejected or commented on."""
    hash: str = ""
    """Hash of what the decision is about."""


class PlanFile(msgspec.Struct, forbid_unknown_fields=True):
    """A plan file."""

    sites: dict[str, SitePlan] = {}
    """By the id of the site."""
    classes: dict[str, ClassPlan] = {}
    """By ``module:qualname``."""


class PlanFileError(ValueError):
    """The file is no plan file; the message says where and why, in one line."""


def parse_plan(data: bytes, *, as_json: bool) -> PlanFile:
    """Read a plan file. Raises `PlanFileError` for anything else, with the place of the first fault."""
    try:
        document = json.loads(data) if as_json else tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise PlanFileError(f"is no {'JSON' if as_json else 'TOML'}: {error}") from error
    if not isinstance(document, dict) or document.pop("version", None) != VERSION:
        raise PlanFileError(f"is no plan file of version {VERSION}; `pickle-migrate plan` writes one")
    _known(document, PlanFile, "the file")
    tables = {key: _tables(document, key) for key in ("sites", "classes")}
    plan = PlanFile(
        {key: _entry(table, SitePlan, f"sites.{key}") for key, table in tables["sites"].items()},
        {key: _entry(table, ClassPlan, f'classes."{key}"') for key, table in tables["classes"].items()},
    )
    for name, each in plan.classes.items():
        for field, what in each.fields.items():
            _check_type(what.type, f'classes."{name}".fields.{field}')
    return plan


def _check_type(text: str, where: str) -> None:
    try:
        parse_type(text)
    except TypeTextError as error:
        raise PlanFileError(f"in {where}: {error}") from error


def _tables(document: Mapping[str, Any], key: str) -> dict[str, Any]:
    table = document.get(key, {})
    if not isinstance(table, dict):
        raise PlanFileError(f"{key} is no table")
    return table


def _entry(table: Any, kind: type[T], where: str) -> T:
    if isinstance(table, dict):
        _known(table, kind, where)
        fields = table.get("fields")
        for name, each in fields.items() if kind is ClassPlan and isinstance(fields, dict) else ():
            if isinstance(each, dict):
                _known(each, FieldPlan, f"{where}.fields.{name}")
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise PlanFileError(f"in {where}: {error}") from error


def _known(table: Mapping[str, Any], kind: type[msgspec.Struct], where: str) -> None:
    known = kind.__struct_fields__
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            raise PlanFileError(f"{key} in {where} is not known; {hint}")


def dump_plan(plan: PlanFile, *, as_json: bool) -> bytes:
    """Return the file: the same bytes for the same plan."""
    if as_json:
        document = {"version": VERSION, **msgspec.to_builtins(plan)}
        return json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    return ("\n".join(_lines(plan)) + "\n").encode("utf-8", "replace")


def foreign_comments(data: bytes) -> int:
    """Return how many lines of a TOML file are comments that this program did not write."""
    own = set(HEADER.splitlines())
    lines = data.decode("utf-8", "replace").splitlines()
    return sum(line.lstrip().startswith("#") and line not in own for line in lines)


def _lines(plan: PlanFile) -> Iterator[str]:
    yield f"{HEADER}version = {VERSION}"
    for key, site in plan.sites.items():
        yield f"\n[sites.{key}]"
        yield from _values(msgspec.to_builtins(site))
    for key, each in plan.classes.items():
        values = msgspec.to_builtins(each)
        tables = {name: values.pop(name) for name in ("renames", "fields")}
        yield f"\n[classes.{_text(key)}]"
        yield from _values(values)
        for name, table in tables.items():
            if table:
                yield f"[classes.{_text(key)}.{name}]"
                yield from (f"{_key(k)} = {_value(v)}" for k, v in table.items())


def _values(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each value; what is empty and may be left out is."""
    for name, value in values.items():
        if value or name in _ALWAYS:
            yield f"{name} = {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(k)} = {_value(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return _text(str(value))


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if bare else _text(name)


def _text(text: str) -> str:
    """Return a basic string of TOML, whose escapes are those of JSON; it also wants DEL escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
