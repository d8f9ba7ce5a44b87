"""Arithmetic on types: joining what several places say, taking containers apart, putting them together.

During inference a value is a set of alternatives (`Types`). The empty set means *nothing is known yet*, and
``Never`` stands for the elements of a container that nothing was put into yet; neither leaves this room.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from migrate.model import UNKNOWN, TypeRef

if TYPE_CHECKING:
    from collections.abc import Iterable

NONE = TypeRef("None")
NEVER = TypeRef("Never")
ELLIPSIS = TypeRef("...")
CALLABLE = TypeRef("collections.abc.Callable")

Types = frozenset[TypeRef]
BOTTOM: Types = frozenset()
ANYTHING: Types = frozenset({UNKNOWN})

MAX_DEPTH = 5
"""Nesting beyond which a type is given up; ``x = [x]`` would otherwise grow for ever."""
MAX_ALTERNATIVES = 16
"""Alternatives beyond which a place holds just anything."""

_MAX_BESIDE = 4
"""Types kept beside the unknown one in a container; of more, only those that name classes of the tree."""
_REMEMBERED = 1 << 15
"""Results of one operation kept: the same few types are joined again and again."""

MAPPINGS = frozenset(
    {
        "dict",
        "collections.OrderedDict",
        "collections.defaultdict",
        "collections.abc.Mapping",
        "collections.abc.MutableMapping",
    }
)
COLLECTIONS = frozenset(
    {
        "list",
        "set",
        "frozenset",
        "collections.deque",
        "collections.abc.Sequence",
        "collections.abc.MutableSequence",
        "collections.abc.Iterable",
        "collections.abc.Iterator",
        "collections.abc.Collection",
        "collections.abc.Set",
        "collections.abc.MutableSet",
        "collections.abc.KeysView",
        "collections.abc.ValuesView",
    }
)
COUNTER = "collections.Counter"
CONTAINERS = MAPPINGS | COLLECTIONS | {"tuple", COUNTER}


_COMPOSED = frozenset({"Union", "Optional", "Never"})


def types(*refs: TypeRef) -> Types:
    """Return the alternatives that ``refs`` stand for."""
    return frozenset(part for ref in refs for part in split(ref))


def split(ref: TypeRef) -> tuple[TypeRef, ...]:
    """Return the alternatives of a ``Union`` or ``Optional``; any other type is its only one."""
    if ref.name == "Union":
        return tuple(part for arg in ref.args for part in split(arg))
    if ref.name == "Optional":
        return (*split(ref.args[0]), NONE)
    return () if ref == NEVER else (ref,)


def capped(found: Iterable[TypeRef]) -> Types:
    """Return ``found`` as alternatives, or `ANYTHING` if there are too many of them."""
    return bounded(frozenset(found))


def united(found: Iterable[Types]) -> Types:
    """Return all alternatives in ``found`` together, or `ANYTHING` if there are too many of them."""
    return bounded(BOTTOM.union(*found))


@lru_cache(_REMEMBERED)
def bounded(found: Types) -> Types:
    """Return the same alternatives, unions taken apart, or `ANYTHING` if there are too many of them.

    Asked for every expression at every evaluation; equal sets come out as one object.
    """
    result = types(*found) if any(ref.name in _COMPOSED for ref in found) else found
    return result if len(result) <= MAX_ALTERNATIVES else _given_up(result)


def _given_up(found: Types) -> Types:
    """Return what remains of too many alternatives: anything, and beside it classes of the tree, if few."""
    classes = frozenset(ref for ref in found if ":" in ref.name and not ref.args)
    return classes | ANYTHING if len(classes) <= _MAX_BESIDE else ANYTHING


@lru_cache(_REMEMBERED)
def ordered(found: Types) -> tuple[TypeRef, ...]:
    """Return the alternatives in an order that is the same in every run, for reading places of each.

    Where places are given up (`MAX_ALTERNATIVES` and the like), the order of reading decides which.
    """
    return tuple(sorted(found))


def make(name: str, *args: Iterable[TypeRef]) -> Types:
    """Return the container ``name`` whose arguments are the joins of the alternatives in ``args``."""
    return frozenset({cut(TypeRef(name, tuple(join(arg, empty=NEVER, partly=True) for arg in args)))})


@lru_cache(_REMEMBERED)
def cut(ref: TypeRef, depth: int = MAX_DEPTH) -> TypeRef:
    """Return ``ref`` with everything nested deeper than ``depth`` replaced by the unknown type."""
    if not ref.args:
        return ref
    return TypeRef(ref.name, tuple(cut(arg, depth - 1) for arg in ref.args)) if depth else UNKNOWN


def join(refs: Iterable[TypeRef], *, empty: TypeRef = UNKNOWN, partly: bool = False) -> TypeRef:
    """Return one type for a place where each of ``refs`` was seen; ``empty`` if there are none.

    Containers of one kind are joined element by element. What is unknown stays unknown: ``int`` and an
    unknown type together are unknown. With ``partly``, what is known stays beside it.
    """
    return _joined(frozenset(part for ref in refs for part in split(ref)), empty, partly)


@lru_cache(_REMEMBERED)
def _joined(parts: frozenset[TypeRef], empty: TypeRef, partly: bool) -> TypeRef:
    if UNKNOWN in parts:
        kept = _merge_containers(parts - {UNKNOWN, NONE}) if partly else []
        if len(kept) > _MAX_BESIDE:
            kept = [part for part in kept if _has_class(part)]
        return TypeRef("Union", (*kept, UNKNOWN)) if 0 < len(kept) < MAX_ALTERNATIVES else UNKNOWN
    optional = NONE in parts
    merged = _merge_containers(parts - {NONE})
    if not merged:
        return NONE if optional else empty
    if len(merged) == 1:
        return TypeRef("Optional", (merged[0],)) if optional else merged[0]
    return TypeRef("Union", (*merged, NONE) if optional else tuple(merged))


def _has_class(ref: TypeRef) -> bool:
    return ":" in ref.name or any(map(_has_class, ref.args))


def _merge_containers(parts: Iterable[TypeRef]) -> list[TypeRef]:
    groups: dict[tuple[str, int, bool], list[TypeRef]] = {}
    for part in sorted(parts):
        variadic = part.name == "tuple" and ELLIPSIS in part.args
        length = len(part.args) if part.name == "tuple" else -1  # another length is another shape
        groups.setdefault((part.name, length, variadic), []).append(part)
    return sorted(_merge_group(group) for group in groups.values())


def _merge_group(group: list[TypeRef]) -> TypeRef:
    # A container without arguments is one that nothing was put into.
    full = [ref for ref in group if ref.args]
    if len(full) <= 1 or len({len(ref.args) for ref in full}) > 1:
        return full[0] if len(full) == 1 else TypeRef(group[0].name)
    columns = zip(*(ref.args for ref in full), strict=True)
    return TypeRef(full[0].name, tuple(join(column, empty=NEVER, partly=True) for column in columns))


def opened(ref: TypeRef) -> TypeRef:
    """Return a declared type with the arguments that a bare ``list`` or ``dict`` leaves open spelled out."""
    if ref.args or ref.name not in CONTAINERS:
        return ref
    if ref.name == "tuple":
        return TypeRef("tuple", (UNKNOWN, ELLIPSIS))
    return TypeRef(ref.name, (UNKNOWN, UNKNOWN) if ref.name in MAPPINGS else (UNKNOWN,))


def finish(ref: TypeRef) -> TypeRef:
    """Return ``ref`` as it may leave this room: ``list[Never]``, which nothing was put into, is ``list``.

    What is known in part is unknown there.
    """
    if ref == NEVER or (ref.name == "Union" and UNKNOWN in ref.args):
        return UNKNOWN
    args = tuple(finish(arg) if arg != NEVER else arg for arg in ref.args)
    if args and all(arg in (NEVER, UNKNOWN) for arg in args) and NEVER in args:
        return TypeRef(ref.name)
    return TypeRef(ref.name, tuple(UNKNOWN if arg == NEVER else arg for arg in args))


def elements(found: Types) -> Types:
    """Return what iterating over a value of one of the types ``found`` gives."""
    return capped(part for ref in found for part in _elements(ref))


def _elements(ref: TypeRef) -> tuple[TypeRef, ...]:
    if ref.name in ("str", "bytes", "bytearray", "range"):
        return (TypeRef("str" if ref.name == "str" else "int"),)
    if ref.name == "tuple" and ref.args:
        return tuple(arg for arg in ref.args if arg != ELLIPSIS)
    if ref.name in CONTAINERS and ref.args:
        return (ref.args[0],)
    return () if ref == NONE else (UNKNOWN,)


def items(found: Types, key: object = None) -> Types:
    """Return what ``value[key]`` gives; ``key`` is the literal key, if it is one."""
    return capped(part for ref in found for part in _items(ref, key))


def _items(ref: TypeRef, key: object) -> tuple[TypeRef, ...]:
    if ref.name == "tuple" and isinstance(key, int) and ELLIPSIS not in ref.args:
        return (ref.args[key],) if -len(ref.args) <= key < len(ref.args) else ()
    if ref.name in MAPPINGS and len(ref.args) == 2:
        return (ref.args[1],)
    if ref.name == COUNTER:
        return (TypeRef("int"),)
    if ref.name in MAPPINGS:
        return (UNKNOWN,)
    return _elements(ref)


def known(ref: TypeRef) -> bool:
    """Whether no part of ``ref`` is unknown. What a list may hold that is never filled is not known."""
    if ref in (UNKNOWN, NEVER):
        return False
    if ref.name in CONTAINERS and not ref.args:
        return ref.name == "tuple"
    return all(known(arg) for arg in ref.args)
