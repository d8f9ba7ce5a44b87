"""From declared types to what makes values of them. Needs no hypothesis until a value is made.

Instances are made past ``__init__``, as the codec restores them, so that no code of the program runs that
could reach for a file or a server.
"""

from __future__ import annotations

import collections
import collections.abc
import types
import typing
from typing import TYPE_CHECKING, Any, NamedTuple

from .leaves import is_hashable, key_leaf_of, key_scalars, leaf_of, scalars
from .typed import unwrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from .encode import Value

MOST = 2
"""Elements of a container that holds instances; three of scalars."""
_DEEPEST = -12


class NoStrategyError(TypeError):
    """Nobody can tell what values of a class look like; the message says which field it is, and why."""


class Run:
    """The making of one value."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        from hypothesis import strategies

        self.st: Any = strategies
        self.draw = draw
        self.open: list[Any] = []
        """Instances that are being filled, outermost first: what is inside may refer back to them."""

    def number(self, most: int) -> int:
        """Return a number from 0 to ``most``."""
        return int(self.draw(self.st.integers(0, most)))

    def enclosing(self, cls: type) -> Value:
        """Return the innermost instance of ``cls`` that is being filled; None if there is none."""
        return next((value for value in reversed(self.open) if type(value) is cls), None)

    def apart(self, make: Callable[[Run, int], Any], depth: int) -> Value:
        """Make a value that refers back to nothing: it is hashed before what is around it is whole."""
        kept, self.open = self.open, []
        try:
            return make(self, depth)
        finally:
            self.open = kept


class Maker(NamedTuple):
    """Makes values of one type."""

    make: Callable[[Run, int], Any]
    """Takes how many levels of instances may follow; below that, the smallest value is made."""
    needs: frozenset[type] = frozenset()
    """Classes of which each value holds an instance, however small it is."""
    deep: bool = False
    """Whether values may hold instances."""
    hashable: bool = True


class Makers:
    """Makers by type. ``of_class`` gives that of a registered class, None for other types."""

    def __init__(self, of_class: Callable[[type], Maker | None]) -> None:
        self._of_class = of_class
        self._under_way: set[Any] = set()

    def of(self, kind: Value, *, key: bool = False) -> Maker:
        """Return what makes values of a place declared as ``kind``; with ``key``, for elements of sets.

        Raises :class:`NoStrategyError`.
        """
        if kind is Any or kind is object or isinstance(kind, typing.TypeVar):
            return drawn(key_scalars if key else scalars)
        arms = _arms(kind)
        if arms is not None:
            return self.union([self.of(arm, key=key) for arm in arms])
        origin: Any = typing.get_origin(kind)
        if origin is typing.Literal:
            return _choice(list(typing.get_args(kind)))
        bare = unwrap(kind)
        if bare is not kind:
            return self.of(bare, key=key)
        made = self._of_type(origin or kind, typing.get_args(kind), key=key)
        if key and not made.hashable:
            raise NoStrategyError(f"{_shown(kind)} cannot be hashed")
        return made

    def _of_type(self, origin: Any, args: tuple[Any, ...], *, key: bool) -> Maker:
        if not isinstance(origin, type):
            raise NoStrategyError(f"no strategy for {_shown(origin)}")
        leaf = key_leaf_of(origin) if key else leaf_of(origin)
        if leaf is not None:
            return drawn(leaf, hashable=is_hashable(origin))
        if origin is tuple:
            return self._tuple(args, key=key)
        if origin in _LISTS:
            return self._items(_LISTS[origin], *(args or (Any,)), key=False)
        if origin in _SETS:
            return self._items(_SETS[origin], *(args or (Any,)), key=True)
        if origin is collections.Counter:
            return self._pairs(origin, (args or (Any,))[0], int)
        if origin in _DICTS:
            return self._pairs(_DICTS[origin], *(args or (Any, Any)))
        if typing.is_typeddict(origin):
            return self._typed_dict(origin)
        made = self._of_class(origin)
        if made is None:
            raise NoStrategyError(f"no strategy for {_shown(origin)}, which is not registered")
        return made

    def union(self, arms: list[Maker]) -> Maker:
        """Return what makes a value by any of ``arms``, of which the first is the smallest."""
        flat = [arm for arm in arms if not arm.deep]
        small = flat or arms[:1]

        def make(run: Run, depth: int) -> Value:
            choice = arms if depth >= 0 else small
            return choice[run.number(len(choice) - 1)].make(run, depth)

        needs = frozenset[type]() if flat else arms[0].needs
        return Maker(make, needs, any(arm.deep for arm in arms), all(arm.hashable for arm in arms))

    def _tuple(self, args: tuple[Any, ...], *, key: bool) -> Maker:
        if not args or args[-1] is ...:
            made = self._items(tuple, args[0] if args else Any, key=key)
            return made._replace(hashable=key)
        parts = [self.of(arg, key=key) for arg in args if arg != ()]
        return Maker(
            lambda run, depth: tuple([part.make(run, depth) for part in parts]),
            frozenset[type]().union(*(part.needs for part in parts)),
            any(part.deep for part in parts),
            all(part.hashable for part in parts),
        )

    def _items(self, build: Callable[[list[Any]], Any], kind: Value, *, key: bool) -> Maker:
        item = self.of(kind, key=key)

        def make(run: Run, depth: int) -> Value:
            return build([_part(item, run, depth, apart=key) for _ in range(_count(run, item, depth))])

        return Maker(make, deep=item.deep, hashable=build is frozenset)

    def _pairs(self, build: Callable[[Any], Any], key: Value, value: Value) -> Maker:
        names, values = self.of(key, key=True), self.of(value)

        def make(run: Run, depth: int) -> Value:
            number = min(_count(run, names, depth), _count(run, values, depth))
            pairs = [(_part(names, run, depth, apart=True), values.make(run, depth)) for _ in range(number)]
            return build(dict(pairs))

        return Maker(make, deep=names.deep or values.deep, hashable=False)

    def _typed_dict(self, kind: Any) -> Maker:
        try:
            hints = typing.get_type_hints(kind)
        except Exception as error:  # whatever evaluating somebody's annotation raises
            raise NoStrategyError(f"the types of {_shown(kind)} cannot be evaluated: {error}") from error
        if kind in self._under_way:
            raise NoStrategyError(f"{_shown(kind)} holds others of its kind")
        self._under_way.add(kind)
        parts = {name: self.of(hint) for name, hint in hints.items()}
        self._under_way.discard(kind)
        required = kind.__required_keys__

        def make(run: Run, depth: int) -> Value:
            return {
                name: part.make(run, depth)
                for name, part in parts.items()
                if name in required or (depth >= 0 and run.number(1))
            }

        needs = frozenset[type]().union(*(parts[name].needs for name in required))
        return Maker(make, needs, any(part.deep for part in parts.values()), hashable=False)


def drawn(leaf: Callable[[Any], Any], *, hashable: bool = True) -> Maker:
    """Return what draws from one strategy, which is made when it is first needed."""
    known: list[Any] = []

    def make(run: Run, _depth: int) -> Value:
        if not known:
            known.append(leaf(run.st))
        return run.draw(known[0])

    return Maker(make, hashable=hashable)


def instance_maker(cls: type, whole: Callable[[Run, int], Any]) -> Maker:
    """Return what makes instances of a class that is whole only once all its parts are."""

    def make(run: Run, depth: int) -> Value:
        check_depth(cls, depth)
        return whole(run, depth - 1)

    return Maker(make, frozenset({cls}), deep=True, hashable=can_be_hashed(cls))


def can_be_hashed(cls: type) -> bool:
    """Whether instances of ``cls`` may be elements of sets, as far as the class says."""
    return getattr(cls, "__hash__", None) is not None


def check_depth(cls: type, depth: int) -> None:
    """Raise :class:`NoStrategyError` where instances hold instances without end."""
    if depth < _DEEPEST:
        raise NoStrategyError(f"each {_shown(cls)} holds another one, without end")


def _choice(values: list[Any]) -> Maker:
    return Maker(lambda run, _depth: values[run.number(len(values) - 1)])


def _count(run: Run, item: Maker, depth: int) -> int:
    if not item.deep:
        return run.number(3)
    return run.number(MOST) if depth >= 0 else 0


def _part(item: Maker, run: Run, depth: int, *, apart: bool) -> Value:
    return run.apart(item.make, depth) if apart else item.make(run, depth)


def _arms(kind: Value) -> list[Any] | None:
    """Return the types of a union; None first, which is the smallest."""
    origin: Any = typing.get_origin(kind)
    if origin is not typing.Union and origin is not types.UnionType:
        return None
    return sorted(typing.get_args(kind), key=lambda arm: arm is not type(None))


def _shown(kind: Value) -> str:
    if not isinstance(kind, type):
        return str(kind)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _same(items: list[Any]) -> list[Any]:
    return items


_LISTS: dict[Any, Callable[[list[Any]], Any]] = {
    list: _same,
    collections.deque: collections.deque,
    collections.abc.Sequence: _same,
    collections.abc.MutableSequence: _same,
    collections.abc.Collection: _same,
    collections.abc.Iterable: _same,
}
_SETS: dict[Any, Callable[[list[Any]], Any]] = {
    set: set,
    frozenset: frozenset,
    collections.abc.Set: frozenset,
    collections.abc.MutableSet: set,
}
_DICTS: dict[Any, Callable[[Any], Any]] = {
    dict: dict,
    collections.OrderedDict: collections.OrderedDict,
    collections.defaultdict: lambda pairs: collections.defaultdict(None, pairs),
    collections.abc.Mapping: dict,
    collections.abc.MutableMapping: dict,
}
