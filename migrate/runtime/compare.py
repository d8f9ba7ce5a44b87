"""Exact: whether two values are the same under the strictest reading a program can notice.

The same class, the same key types, the same order where order is kept, NaN like NaN, ``-0.0`` unlike ``0.0``,
the same time zone and fold, the same ``maxlen`` and ``default_factory``, the same attributes in
``__dict__`` and slots, and the same graph of references among mutable objects. A class with
``__getstate__`` or ``__reduce__`` is compared by what these return: that is what it keeps when it is
stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from . import extras
from .encode import BUILTIN_ENCODERS, EncodeRun, step_of
from .layout import is_enum, layout_of
from .standard import entry_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from .content import Content
    from .encode import Value

    Path: TypeAlias = "str | _Steps"


class Difference(NamedTuple):
    """Where two values differ, and how."""

    path: str
    """``orders[3].price``; empty for the values themselves."""
    what: str
    """``1 is not 1.0``, in words."""

    def __str__(self) -> str:
        return f"{self.path}: {self.what}" if self.path else self.what


def differences(a: Value, b: Value, *, limit: int = 10) -> list[Difference]:
    """Return the first ``limit`` differences between ``a`` and ``b``; none if they are the same.

    Neither depth nor cycles matter to it. Runs a class's own ``__getstate__`` or ``__reduce_ex__``.
    """
    comparison = Comparison(limit)
    comparison.run(a, b)
    return comparison.found


def same(a: Value, b: Value) -> bool:
    """Whether ``a`` and ``b`` are exactly the same."""
    return not differences(a, b, limit=1)


_ATOMS = frozenset({type(None), bool, int, str, bytes, type, type(...), type(NotImplemented)})
_NAMES = frozenset({str})
_MISSING = object()


class _Steps:
    """A path, spelled out only where there is a difference: depth would cost its square otherwise."""

    __slots__ = ("_outer", "_step")

    def __init__(self, outer: Path, step: str) -> None:
        self._outer = outer
        self._step = step

    def __str__(self) -> str:
        steps: list[str] = []
        path: Path = self
        while isinstance(path, _Steps):
            steps.append(path._step)  # noqa: SLF001 - of the same class
            path = path._outer  # noqa: SLF001
        return path + "".join(reversed(steps))


class Comparison:
    """One comparison: pairs still to be looked at, and which object of ``b`` stands for which of ``a``."""

    def __init__(self, limit: int) -> None:
        self.found: list[Difference] = []
        self._limit = limit
        self._pending: list[tuple[Path, Any, Any]] = []
        self._ours: dict[int, Any] = {}
        self._theirs: dict[int, Any] = {}
        self._frozen: dict[tuple[int, int], tuple[Any, Any]] = {}
        self._temporary: list[Any] = []
        self._late: list[tuple[Path, list[Any], list[Any]]] = []
        """Elements of sets that only their content or their other places can match: path, ours, theirs."""

    def run(self, a: Value, b: Value) -> None:
        """Compare until nothing is left, or enough is found."""
        self._pending.append(("", a, b))
        while (self._pending or self._late) and len(self.found) < self._limit:
            if not self._pending:
                self._match_one(*self._late.pop())
                continue
            path, left, right = self._pending.pop()
            self._compare(path, left, right)

    def differ(self, path: Path, what: str) -> None:
        """Note a difference."""
        self.found.append(Difference(str(path).removeprefix("."), what))

    def keep(self, *values: Value) -> None:
        """Keep what was made for the comparison, so that its ids stay its own."""
        self._temporary.extend(values)

    def each(self, pairs: Iterable[tuple[Path, Any, Any]]) -> None:
        """Compare these next, in their order."""
        self._pending.extend(reversed(list(pairs)))

    def _compare(self, path: Path, a: Value, b: Value) -> None:
        cls = type(a)
        if not (cls is type(b) or extras.is_same_class(a, b)):
            self.differ(path, f"{_show(a)} is not {_show(b)}")
        elif cls in _ATOMS:
            if a != b:
                self.differ(path, f"{_show(a)} is not {_show(b)}")
        elif cls is float:
            if repr(a) != repr(b):
                self.differ(path, f"{a!r} is not {b!r}")
        elif isinstance(a, type) or is_enum(cls) or callable_by_name(a):
            if a is not b and a != b:
                self.differ(path, f"{_show(a)} is not {_show(b)}")
        elif cls in (tuple, frozenset, slice) or _is_immutable(a):
            self._compare_frozen(path, a, b)
        elif self._is_first_meeting(path, a, b):
            (_COMPARERS.get(f"{cls.__module__}:{cls.__qualname__}") or Comparison.instances)(self, path, a, b)

    def _is_first_meeting(self, path: Path, a: Value, b: Value) -> bool:
        """Whether two mutable objects are new; if not, they must stand for one another."""
        known = self._ours.get(id(a), _MISSING)
        back = self._theirs.get(id(b), _MISSING)
        if known is _MISSING and back is _MISSING:
            if entry_of(type(a)) is None:
                self._ours[id(a)] = b
                self._theirs[id(b)] = a
            return True
        if known is not b or back is not a:
            self.differ(path, "shared with another place in one of the two, but not in the other")
        return False

    def _compare_frozen(self, path: Path, a: Value, b: Value) -> None:
        key = (id(a), id(b))
        if key in self._frozen:
            return
        self._frozen[key] = (a, b)
        if type(a) is tuple:
            self.sequences(path, a, b)
        elif type(a) is frozenset:
            self.sets(path, a, b)
        elif type(a) is slice:
            parts = ("start", "stop", "step")
            self.each((_Steps(path, f".{part}"), getattr(a, part), getattr(b, part)) for part in parts)
        else:
            self.instances(path, a, b)

    # --- by kind ---------------------------------------------------------------------------------

    def sequences(self, path: Path, a: Value, b: Value) -> None:
        """Element by element."""
        if len(a) != len(b):
            self.differ(path, f"{len(a)} elements, not {len(b)}")
            return
        self.each((_Steps(path, f"[{i}]"), x, y) for i, (x, y) in enumerate(zip(a, b, strict=True)))

    def dicts(self, path: Path, a: dict[Any, Any], b: dict[Any, Any]) -> None:
        """Keys in their order, and their values."""
        self.pairs(path, list(dict.items(a)), list(dict.items(b)))

    def pairs(self, path: Path, a: list[tuple[Any, Any]], b: list[tuple[Any, Any]]) -> None:
        """Items of a dict."""
        if len(a) != len(b):
            self.differ(path, f"{len(a)} keys, not {len(b)}")
            return
        todo: list[tuple[Path, Any, Any]] = []
        for (key, value), (other_key, other) in zip(a, b, strict=True):
            step = _Steps(path, step_of(key))
            todo += [(_Steps(step, "<key>"), key, other_key), (step, value, other)]
        self.each(todo)

    def sets(self, path: Path, a: Value, b: Value) -> None:
        """Elements in any order: equal ones are compared exactly, the others are matched one by one."""
        if len(a) != len(b):
            self.differ(path, f"{len(a)} elements, not {len(b)}")
            return
        others = {x: x for x in b}
        rest: list[Any] = []
        for x in a:
            y = others.pop(x, _MISSING)
            if y is _MISSING:
                rest.append(x)
            else:
                self.each([(_Steps(path, f"{{{_show(x)}}}"), x, y)])
        if rest:  # where else they are held may tell which is which, so they come last
            self._late.append((path, rest, list(others)))

    def _match_one(self, path: Path, rest: list[Any], others: list[Any]) -> None:
        """Match one element of a set, best one that was met elsewhere; the others follow."""
        x = next((x for x in rest if id(x) in self._ours), rest[0])
        known = self._ours.get(id(x), _MISSING)
        if known is _MISSING:
            match = next((y for y in others if self._could_be(x, y)), _MISSING)
        else:
            match = next((y for y in others if y is known), _MISSING)
        if match is _MISSING:
            self.differ(path, f"{_show(x)} is missing")
            return
        rest, others = [v for v in rest if v is not x], [v for v in others if v is not match]
        if rest:
            self._late.append((path, rest, others))
        self.each([(_Steps(path, f"{{{_show(x)}}}"), x, match)])

    def _could_be(self, x: Value, y: Value) -> bool:
        """Whether ``x`` and ``y`` are the same under what is known so far; learns nothing from it."""
        trial = Comparison(1)
        trial._ours, trial._theirs = dict(self._ours), dict(self._theirs)
        trial.run(x, y)
        return not trial.found

    def instances(self, path: Path, a: Value, b: Value) -> None:
        """Everything that has no rule of its own."""
        cls: Any = type(a)
        if extras.is_extra(cls) and extras.compare(self, str(path), a, b):
            return
        entry = entry_of(cls)
        if entry is not None:
            run = EncodeRun(BUILTIN_ENCODERS, _opaque)
            trial = Comparison(1)
            trial.run(entry.encode(a, run), entry.encode(b, run))
            if trial.found:
                self.differ(path, f"{_show(a)} is not {_show(b)}")
            return
        layout = layout_of(cls)
        if layout.reducer is not None:
            self._compare_made(_Steps(path, ".__reduce__()"), layout.reducer, a, b)
        elif layout.is_exception:
            self._compare_made(_Steps(path, ".__reduce__()"), lambda value: value.__reduce__(), a, b)
        else:
            if layout.content is not None:
                self._contents(path, layout.content, a, b)
            if layout.getstate:
                self._compare_made(_Steps(path, ".__getstate__()"), lambda value: value.__getstate__(), a, b)
            elif not layout.opaque:
                self._attributes(path, layout.attributes(a), layout.attributes(b))
            elif a is not b:
                self.differ(path, f"two different {cls.__module__}.{cls.__qualname__}, which show no state")

    def _contents(self, path: Path, content: Content, a: Value, b: Value) -> None:
        """What a subclass of a builtin holds, apart from its attributes."""
        left, right = list(_listed(content.read(a))), list(_listed(content.read(b)))
        if content.part == "$pairs":
            self.pairs(path, left, right)
        elif content.base in (set, frozenset):
            self.sets(path, frozenset(left), frozenset(right))
        else:
            self.sequences(path, left, right)
        for member in ("maxlen", "default_factory"):
            if hasattr(content.base, member):
                self.each([(_Steps(path, f".{member}"), getattr(a, member), getattr(b, member))])

    def _attributes(self, path: Path, a: tuple[Any, Any], b: tuple[Any, Any]) -> None:
        for left, right in zip(a, b, strict=True):
            if not {*map(type, left), *map(type, right)} <= _NAMES:
                self.pairs(_Steps(path, ".__dict__"), list(left.items()), list(right.items()))
                continue
            names = [*left, *(name for name in right if name not in left)]
            for name in names:
                if name not in left or name not in right:
                    self.differ(
                        _Steps(path, f".{name}"),
                        f"set in one of the two only: {_show(left.get(name, right.get(name)))}",
                    )
            self.each(
                (_Steps(path, f".{name}"), left[name], right[name])
                for name in names
                if name in left and name in right
            )

    def memory_files(self, path: Path, a: Value, b: Value) -> None:
        """Content, position and attributes of a BytesIO or StringIO; no attributes may be None or empty."""
        parts = [[*value.__getstate__()] for value in (a, b)]
        left, right = [[*state[:-1], state[-1] or None] for state in parts]
        self._temporary.append((left, right))
        self.each(
            (_Steps(path, f".__getstate__()[{n}]"), *pair)
            for n, pair in enumerate(zip(left, right, strict=True))
        )

    def _compare_made(self, path: Path, make: Callable[[Any], Any], a: Value, b: Value) -> None:
        left, right = _spread(make(a)), _spread(make(b))
        self._temporary.append((left, right))
        self.each([(path, left, right)])


def _is_immutable(value: Value) -> bool:
    """Whether ``value`` is of a subclass of str, int, tuple … without attributes: sharing cannot be seen."""
    if type(value) in BUILTIN_ENCODERS or entry_of(type(value)) is not None:
        return False
    cls: Any = type(value)
    if extras.is_extra(cls) and extras.is_frozen(value):
        return True
    layout = layout_of(cls)
    content = layout.content
    if content is None or content.insert is not None or content.base is bytearray or layout.newargs:
        return False
    return not any(layout.attributes(value))


def callable_by_name(value: Value) -> bool:
    """Functions and modules, which are the same object or not."""
    return type(value).__name__ in _NAMED


_NAMED = frozenset(
    {"function", "builtin_function_or_method", "method", "module", "GenericAlias", "_GenericAlias"}
)


def _spread(made: Value) -> Value:
    """Return the result of ``__reduce__`` with its iterators as lists; others as they are."""
    if type(made) is not tuple:
        return made
    return tuple(list(part) if hasattr(type(part), "__next__") else part for part in made)


def _listed(content: Value) -> Value:
    """Return a scalar as a sequence of one."""
    return [content] if type(content) in (str, bytes, int, float, complex) else content


def _opaque(_cls: type) -> Callable[[Any, EncodeRun], Any]:
    """Leave what a standard value contains (a time zone) as it is, to be compared as itself."""
    return lambda value, _run: value


_COMPARERS: dict[str, Callable[[Comparison, Path, Any, Any], None]] = {
    "builtins:list": Comparison.sequences,
    "builtins:dict": Comparison.dicts,
    "builtins:set": Comparison.sets,
    "_io:BytesIO": Comparison.memory_files,
    "_io:StringIO": Comparison.memory_files,
    "builtins:bytearray": lambda self, path, a, b: self.each([(path, bytes(a), bytes(b))]),
}


def _show(value: Value) -> str:
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - a broken __repr__ must not hide the difference
        text = object.__repr__(value)
    text = text if len(text) <= 80 else f"{text[:77]}..."
    return f"{type(value).__name__} {text}"
