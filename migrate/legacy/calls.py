"""Calls in a pickle, brought to one form.

Pickle has written "make an instance" in many ways over its protocols: REDUCE and NEWOBJ, INST and OBJ,
``copyreg._reconstructor``, ``copyreg.__newobj__`` called as a function, ``functools.partial(cls.__new__,
…)()``. A :class:`Shape` says what each of them means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .python2 import modern_name
from .records import NO_STATE, ByteString, Call, Dict, Global, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

LATIN1: Final = frozenset(("latin1", "latin-1", "iso-8859-1"))
"""Names under which picklers store the encoding that turns bytes into text and back."""

_MAX_DOTS: Final = 16
_SCALAR_BASES: Final = frozenset(("bytes", "complex", "float", "int", "str", "tuple"))


class Shape:
    """One call: what is called, with which arguments, and what is put into the result."""

    __slots__ = ("args", "call", "items", "kwargs", "name", "origin", "pairs", "state", "value")

    def __init__(self, origin: Call, name: tuple[str, str], args: Sequence[Record], *, call: bool) -> None:
        self.origin = origin
        self.name = name
        """Module and qualified name as the pickle has them."""
        self.args = args
        self.call = call
        """The class or function itself is called, not its ``__new__``."""
        self.kwargs: Dict | None = None
        self.value: Record = NO_STATE
        """Content of a subclass of str, int, float, bytes, tuple or complex."""
        self.items: Sequence[Record] = origin.items
        self.pairs: Sequence[tuple[Record, Record]] = origin.pairs
        self.state: Record = origin.state


def text_of(record: Record) -> str | None:
    """Return text, or what an ASCII string of Python 2 says; None for everything else."""
    if type(record) is str:
        return record
    if isinstance(record, ByteString) and record.raw.isascii():
        return record.raw.decode("ascii")
    return None


def name_of(record: Record) -> tuple[str, str] | None:
    """Return the module and the dotted name of a global, also of one reached by ``getattr``.

    Up to protocol 3 a nested class is stored as ``getattr(Outer, "Inner")``; protocol 4 has the dotted name.
    """
    attributes: list[str] = []
    while isinstance(record, Call) and len(attributes) < _MAX_DOTS:
        function, args = record.function, record.args
        if not isinstance(function, Global) or modern_name(function.module, function.name) != _GETATTR:
            return None
        attribute = text_of(args[1]) if len(args) == 2 else None
        if attribute is None:
            return None
        attributes.append(attribute)
        record = args[0]
    if not isinstance(record, Global):
        return None
    return record.module, ".".join((record.name, *reversed(attributes)))


def raw_of(record: Record) -> bytes | None:
    """Return bytes, in any of the forms in which pickles have them; None for other values."""
    if isinstance(record, (bytes, bytearray)):
        return bytes(record)
    if isinstance(record, ByteString):
        return record.raw
    if isinstance(record, Call):
        return called_bytes(record)
    return None


def called_bytes(call: Call) -> bytes | None:
    """Return the bytes that a call stands for; None if it is another call.

    Up to protocol 2, Python 3 stores bytes as ``_codecs.encode(text, "latin1")`` or ``bytes()``.
    """
    name = name_of(call.function)
    modern = modern_name(*name) if name is not None else None
    if modern == ("builtins", "bytes") and not call.args:
        return b""
    if modern != ("_codecs", "encode") or len(call.args) != 2:
        return None
    text, encoding = text_of(call.args[0]), text_of(call.args[1])
    if text is None:
        text = call.args[0] if isinstance(call.args[0], str) else None
    if text is None or encoding not in LATIN1:
        return None
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return None


def dotted(name: tuple[str, str]) -> str:
    """Return ``module.name``."""
    return ".".join(name) if name[0] else name[1]


_GETATTR: Final = ("builtins", "getattr")


def shape_of(call: Call) -> Shape | None:
    """Return what ``call`` means; None when what it calls has no name, so that nothing can be said of it."""
    name = name_of(call.function)
    if name is None:
        return _partial_new(call)
    modern = modern_name(*name)
    if not call.new and modern in _WRAPPERS and call.args:
        return _wrapped(call, modern[1])
    shape = Shape(call, name, call.args, call=not call.new and not (call.old and not call.args))
    shape.kwargs = call.kwargs
    return shape


_WRAPPERS: Final = frozenset(
    (("copyreg", "_reconstructor"), ("copyreg", "__newobj__"), ("copyreg", "__newobj_ex__"))
)


def _wrapped(call: Call, wrapper: str) -> Shape | None:
    name = name_of(call.args[0])
    if name is None:
        return None
    if wrapper == "__newobj__":
        return Shape(call, name, call.args[1:], call=False)
    if wrapper == "__newobj_ex__":
        return _new(call, name, call.args[1:])
    return _reconstructed(call, name)


def _new(call: Call, name: tuple[str, str], rest: Sequence[Record]) -> Shape | None:
    """``cls.__new__(cls, *args, **kwargs)`` with ``rest`` = (args, kwargs)."""
    if len(rest) != 2 or not isinstance(rest[0], (tuple, list)) or not isinstance(rest[1], Dict):
        return None
    shape = Shape(call, name, rest[0], call=False)
    shape.kwargs = rest[1]
    return shape


def _reconstructed(call: Call, name: tuple[str, str]) -> Shape | None:
    """``copyreg._reconstructor(cls, base, state)``, how protocols 0 and 1 store new-style classes."""
    base = name_of(call.args[1]) if len(call.args) == 3 else None
    if base is None:
        return None
    shape = Shape(call, name, (), call=False)
    content = call.args[2]
    module, kind = modern_name(*base)
    if module != "builtins":
        return None
    if kind == "object":
        return shape
    if kind == "list" and isinstance(content, list):
        shape.items = [*content, *call.items]
    elif kind == "dict" and isinstance(content, Dict):
        shape.pairs = [*content.pairs, *call.pairs]
    elif kind in _SCALAR_BASES:
        shape.value = content
    else:
        return None
    return shape


def _partial_new(call: Call) -> Shape | None:
    """``functools.partial(cls.__new__, cls, *args, **kwargs)()``: NEWOBJ_EX in protocols 2 and 3."""
    partial = call.function
    if not isinstance(partial, Call) or call.args or partial.new:
        return None
    function = name_of(partial.function)
    if function is None or modern_name(*function) != ("functools", "partial"):
        return None
    state = partial.state
    if not isinstance(state, tuple) or len(state) != 4 or not isinstance(state[1], tuple) or not state[1]:
        return None
    method, args, kwargs, _ = state
    name = name_of(args[0])
    if name is None or name_of(method) != (name[0], f"{name[1]}.__new__"):
        return None
    return _new(call, name, (args[1:], kwargs if kwargs is not None else Dict([])))
