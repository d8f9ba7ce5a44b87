"""Inert pictures of pickled objects.

A pickle is read as a graph of records. ``None``, ``bool``, ``int``, ``float``, ``str``, ``bytes``,
``bytearray``, ``list`` and ``tuple`` stand for themselves; everything else is one of the classes below.
They hold data and do nothing: no name in them was ever imported, nothing was called, and nothing that the
data built was hashed or compared. They are equal only to themselves.

Identity is kept: what the pickle shares is one record, met several times, and cycles are cycles. A
consumer must therefore neither recurse without a bound nor assume a tree; :func:`~.graph.walk` visits
every record once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable


class Node:
    """Base of the records that are not plain Python values.

    :meth:`__call__` and :meth:`__setstate__` are what the fast engine has the C unpickler do to records for
    REDUCE and BUILD. They make and fill pictures; nothing else is ever called.
    """

    __slots__ = ()

    def __setstate__(self, state: Record) -> None:
        raise TypeError(f"a {type(self).__name__} has no state")


Record: TypeAlias = "bool | int | float | str | bytes | bytearray | list[Any] | tuple[Any, ...] | Node | None"


class NoState(Node):
    """The type of :data:`NO_STATE`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NO_STATE"


NO_STATE: Final = NoState()
"""State of a :class:`Call` that was never built. Different from ``None``, which a class may store."""


class Keyed(Node):
    """Base of the records that keys and values are stored in."""

    __slots__ = ("parts",)

    parts: list[Record] | tuple[()]
    """Keys and values in turn, in the order stored."""

    @property
    def pairs(self) -> list[tuple[Record, Record]]:
        """The pairs of key and value that were stored, in order: a new list."""
        part = iter(self.parts)
        return list(zip(part, part, strict=True))


class Dict(Keyed):
    """A dict, as the pairs that were stored. Keys may repeat: the last one counts."""

    __slots__ = ()

    def __init__(self, pairs: Iterable[tuple[Record, Record]] = ()) -> None:
        self.parts = [part for pair in pairs for part in pair] or ()

    def __repr__(self) -> str:
        return f"<Dict of {len(self.parts) // 2} pairs>"


class Set(Node):
    """A set written with EMPTY_SET (protocol 4); items in the order stored, possibly repeated."""

    __slots__ = ("items",)

    def __init__(self, items: list[Record]) -> None:
        self.items = items

    def __repr__(self) -> str:
        return f"<Set of {len(self.items)} items>"


class FrozenSet(Node):
    """A frozenset written with FROZENSET (protocol 4); items in the order stored, possibly repeated."""

    __slots__ = ("items",)

    def __init__(self, items: tuple[Record, ...]) -> None:
        self.items = items

    def __repr__(self) -> str:
        return f"<FrozenSet of {len(self.items)} items>"


class ByteString(Node):
    """An 8-bit ``str`` of Python 2 (STRING, BINSTRING, SHORT_BINSTRING): undecided text or bytes."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def __repr__(self) -> str:
        return f"<ByteString of {len(self.raw)} bytes>"


class Global(Node):
    """A class or function that the pickle names: two opaque texts; dots are not walked."""

    __slots__ = ("module", "name")

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name

    def __call__(self, *args: Record) -> Call:
        """Return the record of a call of what this names."""
        call = Call()
        call.function = self
        call.args = args
        call.items = call.parts = call.effects = ()
        call.kwargs = None
        call.new = call.old = False
        call.state = NO_STATE
        return call

    def __repr__(self) -> str:
        return f"<Global {self.module}.{self.name}>"


class Call(Keyed):
    """A call that ``pickle.load`` would have made, and what it would have done to the result.

    * ``new``: ``function.__new__(function, *args, **kwargs)`` (NEWOBJ, NEWOBJ_EX), not ``function(*args)``.
    * ``old``: written by INST or OBJ for classic classes of Python 2, which without arguments are made
      without a call.
    * ``state``: the argument of BUILD, or :data:`NO_STATE`.
    * ``items`` were appended or added, ``pairs`` were set as items.
    * ``effects``: calls made with this object whose result was dropped. The state setter that a reducer may
      give as its sixth value (Python 3.8) is stored that way. They may change the object.
    """

    __slots__ = ("args", "effects", "function", "items", "kwargs", "new", "old", "state")

    function: Record
    args: tuple[Record, ...]
    kwargs: Dict | None
    new: bool
    old: bool
    state: Record
    items: list[Record] | tuple[()]
    effects: tuple[Call, ...]

    @classmethod
    def of(
        cls,
        function: Record,
        args: tuple[Record, ...],
        kwargs: Dict | None = None,
        *,
        new: bool = False,
        old: bool = False,
    ) -> Call:
        """Return a record of a call to which nothing has been done yet.

        There is no ``__init__``: the fast engine makes very many, and fills them in itself.
        """
        call = cls()
        call.function = function
        call.args = args
        call.kwargs = kwargs
        call.new = new
        call.old = old
        call.state = NO_STATE
        call.items = call.parts = call.effects = ()
        return call

    def __call__(self, *args: Record) -> Call:
        """Return the record of a call of what this call returned."""
        return Call.of(self, args)

    def __setstate__(self, state: Record) -> None:
        if self.state is not NO_STATE and not self.is_again(state):
            raise TypeError("a second state for the same object")
        self.state = state

    def is_again(self, state: Record) -> bool:
        """Whether ``state`` is the very state that the object has.

        The pickler in Python wrote it twice for sets that contain themselves, until Python 3.11.
        """
        return self.state is state and (isinstance(state, Dict) or (isinstance(state, tuple) and state != ()))

    def extend(self, items: list[Record]) -> None:
        """Note that ``items``, a list that is nobody else's, were appended or added."""
        if self.items:
            self.items.extend(items)
        else:
            self.items = items

    def __repr__(self) -> str:
        return f"<Call of {self.function!r}>" if isinstance(self.function, Global) else "<Call>"


class Persistent(Node):
    """An object kept outside the pickle (PERSID, BINPERSID), by its id."""

    __slots__ = ("pid",)

    def __init__(self, pid: Record) -> None:
        self.pid = pid

    def __repr__(self) -> str:
        return "<Persistent>"


class Buffer(Node):
    """The ``index``-th out-of-band buffer (PEP 574); ``readonly`` if the pickle says so."""

    __slots__ = ("index", "readonly")

    def __init__(self, index: int, *, readonly: bool = False) -> None:
        self.index = index
        self.readonly = readonly

    def __repr__(self) -> str:
        return f"<Buffer {self.index}>"
