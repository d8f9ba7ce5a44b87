"""How far each fact about the type of a place is to be believed, from what the other facts there say.

The first rule that fits a fact decides:

1. a guess, or a type that is not known: *low*
2. said by source, and a value of another type was seen in data or in a running program: *low*
3. declared: *high*, or *medium* if assignments or calls do not keep to it
4. said by source and seen: *high*, for the fact of either
5. anything else: *medium*
"""

from __future__ import annotations

import builtins
import collections
import collections.abc
from typing import TYPE_CHECKING

from migrate.evidence import types as t
from migrate.model import UNKNOWN, Confidence, Kind, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from migrate.model import ClassSchema, Evidence, TypeRef

_SEEN = frozenset({Source.DATA, Source.OBSERVED})
_STAND_FOR = {
    ("int", "float"),  # says PEP 484
    *(
        (f"pathlib.{name}", f"pathlib.{base}")
        for name in ("PosixPath", "WindowsPath")
        for base in ("Path", "PurePath")
    ),
    ("pathlib.Path", "pathlib.PurePath"),
}
"""Pairs of types of which the first may be where the second is declared."""


def confidences(facts: Sequence[Evidence], graph: Mapping[str, ClassSchema]) -> list[Confidence]:
    """Return the confidence of each of ``facts``, which are all that is known of one place.

    ``graph`` tells which class derives from which.
    """
    known = [f for f in facts if f.type != UNKNOWN]
    declared = [f.type for f in known if f.source is Source.DECLARED]
    derived = [f.type for f in known if f.source in (Source.INFERRED, Source.CHECKER)]
    seen = [f.type for f in known if f.source in _SEEN]
    source = declared or derived

    def judged(fact: Evidence) -> Confidence:
        if fact.source is Source.GUESSED or fact.type == UNKNOWN:
            return Confidence.LOW
        if fact.source in _SEEN:
            return Confidence.HIGH if covered(fact.type, source, graph) else Confidence.MEDIUM
        if not all(covered(ref, source, graph) for ref in seen):
            return Confidence.LOW
        if fact.source is Source.DECLARED:
            kept = all(covered(ref, declared, graph) for ref in derived)
            return Confidence.HIGH if kept else Confidence.MEDIUM
        confirmed = any(covered(ref, [fact.type], graph) for ref in seen)
        return Confidence.HIGH if confirmed else Confidence.MEDIUM

    return [judged(fact) for fact in facts]


def overall(facts: Sequence[Evidence], graph: Mapping[str, ClassSchema]) -> Confidence:
    """Return the confidence of the type that ``facts`` amount to: the lowest of those that it is made of.

    These are the declarations; without one, all that is known.
    """
    judged = list(zip(facts, confidences(facts, graph), strict=True))
    made_of = [level for fact, level in judged if fact.source is Source.DECLARED] or [
        level for fact, level in judged if fact.source is not Source.GUESSED and fact.type != UNKNOWN
    ]
    return max(made_of, key=list(Confidence).index, default=Confidence.LOW)


def covered(narrow: TypeRef, wide: Iterable[TypeRef], graph: Mapping[str, ClassSchema]) -> bool:
    """Whether a value of the type ``narrow`` is one of ``wide``, as far as both are known."""
    alternatives = [part for ref in wide for part in t.split(ref)]
    return all(any(_is(part, ref, graph) for ref in alternatives) for part in t.split(narrow))


def _is(narrow: TypeRef, wide: TypeRef, graph: Mapping[str, ClassSchema]) -> bool:
    if UNKNOWN in (narrow, wide) or wide.name == "object":
        return True
    if not _derives(narrow.name, wide.name, graph):
        return False
    if not (narrow.args and wide.args) or t.NEVER in (*narrow.args, *wide.args):
        return True  # an empty container, or one whose items are not declared
    if narrow.name == "tuple" and wide.name == "tuple":
        return _is_tuple(narrow, wide, graph)
    pairs = zip(narrow.args, wide.args, strict=False)  # a Counter has one argument less than a Mapping
    return all(covered(arg, [of], graph) for arg, of in pairs if t.ELLIPSIS not in (arg, of))


def _is_tuple(narrow: TypeRef, wide: TypeRef, graph: Mapping[str, ClassSchema]) -> bool:
    if t.ELLIPSIS in wide.args:
        return all(covered(arg, wide.args[:1], graph) for arg in narrow.args if arg != t.ELLIPSIS)
    if t.ELLIPSIS in narrow.args:  # of a length that is not known
        return all(covered(arg, wide.args, graph) for arg in narrow.args[:1])
    return len(narrow.args) == len(wide.args) and all(
        covered(arg, [of], graph) for arg, of in zip(narrow.args, wide.args, strict=True)
    )


def _derives(narrow: str, wide: str, graph: Mapping[str, ClassSchema]) -> bool:
    """Whether the class ``narrow`` is ``wide`` or derives from it."""
    if wide in graph and graph[wide].kind is Kind.TYPED_DICT and narrow == "dict":
        return True  # at run time it is nothing else
    waiting, known = [narrow], {narrow}
    while waiting:
        name = waiting.pop()
        if name == wide or _derives_in_library(name, wide):
            return True
        bases = graph[name].bases if name in graph else ()
        waiting += [base for base in bases if base not in known]
        known.update(bases)
    return False


def _derives_in_library(narrow: str, wide: str) -> bool:
    if (narrow, wide) in _STAND_FOR:
        return True
    one, other = _class(narrow), _class(wide)
    return one is not None and other is not None and issubclass(one, other)


def _class(name: str) -> type | None:
    """Return a builtin class, or one of :mod:`collections`; nothing is imported for it."""
    module, _, last = name.rpartition(".")
    home = {"": builtins, "collections": collections, "collections.abc": collections.abc}.get(module)
    found = getattr(home, last, None) if home else None
    return found if isinstance(found, type) else None
