"""The table of docs/exactness.md: what each way of storing does to each kind of value.

    python -m tests.exactness.table           # our columns, and those of the peers that are installed

An outcome is *exact*, *refused* (a typed error before anything is written, or on reading), or *changed*.
Exact needs two opinions: ``migrate.runtime.differences``, and ``judge.describe``, which shares
no code with it.
"""

from __future__ import annotations

import dataclasses
import json
import pickle
import sys
import types
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from migrate.runtime import Codec, MigrateError, differences
from tests.exactness.judge import describe
from tests.exactness.kinds import KINDS, REGISTERED
from tests.runtime.conftest import make_codec

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = Path(__file__).resolve().parents[2] / "docs" / "exactness.md"
PROTOCOLS = range(6)
OURS = ("untyped", "typed", "false type", *(f"pickle {p}" for p in PROTOCOLS))


class Outcome(NamedTuple):
    """What became of a value: the word, and the reason code or the difference."""

    word: str
    detail: str = ""


EXACT = Outcome("exact")
NO_PICKLE = Outcome("none", "pickle refuses it")
COMPLETED = Outcome("completed")

COMPLETES = {
    "dataclass nothing set": Outcome("changed", "price: set in one of the two only: Decimal Decimal('0')")
}
"""Kinds whose pickles lack declared fields with a default, and the difference that reading makes."""


def judged(before: Any, after: Any) -> Outcome:
    """Return whether both opinions find ``before`` and ``after`` the same."""
    if type(before) is object and type(after) is object:
        return EXACT
    found = differences(before, after, limit=1)
    if found:
        return Outcome("changed", str(found[0]))
    if describe(before) != describe(after):
        return Outcome("changed", "the second opinion differs")
    return EXACT


def attempt(work: Callable[[], Outcome], refusals: tuple[type[BaseException], ...]) -> Outcome:
    """Return the outcome of ``work``; an error of those kinds is a refusal, any other a fault of ours."""
    try:
        return work()
    except refusals as error:
        return Outcome("refused", getattr(error, "reason", type(error).__name__))


# --- our columns --------------------------------------------------------------------------------


class Declared(NamedTuple):
    """A class with one attribute, declared truly, and one declared falsely."""

    true: type
    false: type


def our_codec() -> Codec:
    """Return a codec that knows the classes of the tests and some of the standard library."""
    codec = make_codec()
    for name in REGISTERED:
        codec.register(name)
    return codec


def declared_type(value: Any) -> Any:
    """Return the type that a careful programmer would declare for ``value``."""
    cls = type(value)
    if cls in (list, set, frozenset) and len({type(item) for item in value}) == 1:
        return types.GenericAlias(cls, (declared_type(next(iter(value))),))
    if cls is tuple and value:
        return types.GenericAlias(tuple, tuple(type(item) for item in value))
    if cls is dict and value:
        keys, values = {type(k) for k in value}, {type(v) for v in value.values()}
        return types.GenericAlias(dict, (keys.pop(), values.pop() if len(values) == 1 else Any))
    return cls


def holders(codec: Codec, number: int, value: Any) -> Declared:
    """Register classes that hold ``value`` in a typed place."""
    try:
        kind = declared_type(value)
    except RecursionError:
        kind = type(value)
    false = str if isinstance(value, int) else int
    made = []
    for name, declared in (("True", kind), ("False", false)):
        cls = dataclasses.make_dataclass(f"{name}{number}", [("value", declared)])
        cls.__module__ = __name__
        made.append(codec.register(cls))
    return Declared(*made)


def stored(codec: Codec, value: Any) -> Outcome:
    """Written and read by the codec."""
    return judged(value, codec.loads(codec.dumps(value)))


def from_pickle(codec: Codec, value: Any, protocol: int) -> Outcome:
    """Pickled by the old code, read by the new one, written, and read again."""
    try:
        old = pickle.dumps(value, protocol)
        wanted = pickle.loads(old)
    except Exception:
        return NO_PICKLE
    read = codec.loads(old)
    first = judged(wanted, read)
    return first if first is not EXACT else stored(codec, read)


def our_row(
    codec: Codec, make: Callable[[], Any], declared: Declared, completed: Outcome | None
) -> dict[str, Outcome]:
    """Return the outcome in each of our columns; ``completed`` is what counts as filled in by design."""
    row = {"untyped": attempt(lambda: stored(codec, make()), (MigrateError,))}
    row["typed"] = attempt(lambda: stored(codec, declared.true(make())), (MigrateError,))
    row["false type"] = attempt(lambda: stored(codec, declared.false(make())), (MigrateError,))
    for protocol in PROTOCOLS:
        outcome = attempt(lambda p=protocol: from_pickle(codec, make(), p), (MigrateError,))
        row[f"pickle {protocol}"] = COMPLETED if outcome == completed else outcome
    return row


def our_table() -> dict[str, dict[str, Outcome]]:
    """Return kind → column → outcome."""
    codec = our_codec()
    declared = {name: holders(codec, i, make()) for i, (name, make) in enumerate(KINDS.items())}
    return {name: our_row(codec, make, declared[name], COMPLETES.get(name)) for name, make in KINDS.items()}


# --- the peers' columns -------------------------------------------------------------------------


def peers() -> dict[str, Callable[[Any, Any], Any]]:
    """Return column → (value, declared type) → what comes back."""
    from cattrs.preconf.json import make_converter

    converter = make_converter()
    found: dict[str, Callable[[Any, Any], Any]] = {
        "json": lambda value, _kind: json.loads(json.dumps(value)),
        "cattrs, untyped": lambda value, _kind: converter.loads(converter.dumps(value), Any),
        "cattrs, typed": lambda value, kind: converter.loads(converter.dumps(value, kind), kind),
    }
    try:
        import jsonpickle
    except ImportError:
        return found
    for column, keys in (("jsonpickle", False), ("jsonpickle, keys", True)):
        found[column] = lambda value, _kind, keys=keys: jsonpickle.decode(
            jsonpickle.encode(value, keys=keys), keys=keys, on_missing="error"
        )
    return found


def peer_table() -> dict[str, dict[str, Outcome]]:
    """Return kind → peer → outcome; whatever a peer raises is a refusal."""
    table: dict[str, dict[str, Outcome]] = {}
    columns = peers()
    for name, make in KINDS.items():
        row = table[name] = {}
        for column, store in columns.items():
            value = make()
            try:
                kind = declared_type(value)
            except RecursionError:
                kind = type(value)
            # jsonpickle's ClassNotFoundError is a BaseException.
            row[column] = attempt(lambda v=value, k=kind, s=store: judged(v, s(v, k)), (BaseException,))
    return table


# --- the page -----------------------------------------------------------------------------------

INTRODUCTION = """\
# What comes back exactly

{kinds} kinds of value, stored and read back in {ways} ways. ✓ is *exact*: the same under
[the strict comparator](wire-format.md#which-record-is-exact) and under a second one that shares no code
with it. − is refused with an error, before anything is written. ✗ is changed, without a word.

The columns *untyped*, *typed* and *false type* write and read with the codec: the value by itself, in a place
that declares its type, and in one that declares another. *0* to *5* are pickles of these protocols, read
without executing them, written as JSON, and read again; a gap means that pickle itself cannot store the
value, or cannot read back what it stored. cattrs is its JSON preset with defaults;
jsonpickle also with `keys=True`.

\\+ is a pickle of an object that lacks fields which have a default: reading sets them, so that old data get
the [fields that were added since](wire-format.md#instances).

A class of the standard library is registered in this table as the program's own are:
`codec.register("string:Template")`.
"""  # noqa: RUF001
SIGNS = {"exact": "✓", "refused": "−", "changed": "✗", "none": "", "completed": "+"}  # noqa: RUF001


def page(ours: dict[str, dict[str, Outcome]], theirs: dict[str, dict[str, Outcome]]) -> str:
    """Return docs/exactness.md."""
    others = list(next(iter(theirs.values())))
    columns = [*OURS, *others]
    rows = {name: {**ours[name], **theirs[name]} for name in ours}
    totals = {column: Counter(row[column].word for row in rows.values()) for column in columns}
    lines = [
        INTRODUCTION.format(kinds=len(rows), ways=len(columns)),
        "| | " + " | ".join(_heading(c) for c in columns) + " |",
        "|---|" + "---|" * len(columns),
    ]
    for word, label in (("exact", "exact"), ("refused", "refused"), ("changed", "**changed**")):
        lines.append(f"| {label} | " + " | ".join(str(totals[c][word]) for c in columns) + " |")
    lines += [
        "",
        "## Kind by kind",
        "",
        "| kind | " + " | ".join(_heading(c) for c in columns) + " | why refused |",
        "|---|" + "---|" * (len(columns) + 1),
    ]
    for name, row in rows.items():
        why = sorted({row[c].detail for c in OURS if row[c].word == "refused"})
        signs = " | ".join(SIGNS[row[c].word] for c in columns)
        reasons = ", ".join(f"[{code}](reasons/{code}.md)" for code in why)
        lines.append(f"| {name.replace('|', chr(92) + '|')} | {signs} | {reasons} |")
    lines += ["", "## Make it again", "", "```sh", "python -m tests.exactness.table", "```", ""]
    return "\n".join(lines)


def _heading(column: str) -> str:
    return column.removeprefix("pickle ")


def main() -> int:
    """Write the page; 1 when one of our columns has changed a value."""
    ours = our_table()
    PAGE.write_text(page(ours, peer_table()), encoding="utf-8")
    changed = [(n, c, o.detail) for n, row in ours.items() for c, o in row.items() if o.word == "changed"]
    for name, column, detail in changed:
        print(f"changed: {name} ({column}): {detail}", file=sys.stderr)
    return bool(changed)


if __name__ == "__main__":
    raise SystemExit(main())
