"""Values → wire tree: the running encode, and the builtin containers and scalars.

A wire tree is what JSON can carry (None, bool, int, float, str, list, dict with str keys), tagged as
docs/wire-format.md says. Every encoder has the form ``encoder(value, run) -> wire``.

Sharing costs nothing where there is none: the first pass assumes a tree and only notes which objects it met.
If one was met twice, the value is encoded again, now knowing what is shared.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from math import isfinite
from operator import countOf
from typing import TYPE_CHECKING, Any, TypeAlias

from ..legacy.errors import MigrateError
from .columns import LONG, Irregular
from .errors import within

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from types import ModuleType

    from .columns import ColumnFunction

Value: TypeAlias = Any
"""Any value of the program."""

Wire: TypeAlias = Any
"""A value that JSON can carry."""
Encoder: TypeAlias = "Callable[[Any, EncodeRun], Wire]"

SCALARS = frozenset({type(None), bool, int, float, complex, str, bytes})
"""Types whose identity no program relies on, and which contain nothing."""

INT_MIN, INT_MAX = -(2**63), 2**64 - 1


class EncodeRun:
    """The state of one encode: what was met, what is shared, and under which number."""

    __slots__ = (
        *("_ids", "_seen", "_seen_again", "_shared", "column_of", "encoder_of", "encoders", "states"),
        *("_met", "carry", "uses_columns", "verify", "written"),
    )

    def __init__(
        self,
        encoders: dict[type, Encoder],
        encoder_of: Callable[[type], Encoder],
        column_of: Callable[[type], ColumnFunction | None] | None = None,
    ) -> None:
        self.column_of = column_of
        """Finds what writes columns of a type; None when everything is to be written one by one."""
        self.uses_columns = False
        """Whether a column was written, so that an error says nothing about the place."""
        self.carry: Callable[[Any], Wire] = to_base64
        """How the content of bytes and arrays stands in the tree. What it is given may be a memoryview."""
        self.encoders = encoders
        self.encoder_of = encoder_of
        """Finds the encoder of a type that is not in ``encoders`` yet, or raises EncodeError."""
        self.states: dict[int, tuple[Any, Any]] = {}
        """What ``__getstate__`` and ``__reduce_ex__`` returned, by id: they are called once per object."""
        self.verify = False
        """Whether something was met whose restoring depends on code that is not ours."""
        self._seen: dict[int, Any] = {}  # by id; also keeps temporary objects alive, so that ids stay theirs
        self._met: set[int] = set()  # ids of what was met in columns; it is all part of the value
        self.written: list[tuple[Any, ...]] = []
        """Lists and dicts that are given to the JSON encoder as they are: rows, their values, and keys."""
        self._shared: set[int] = set()
        self._seen_again: dict[int, Any] = {}  # the same, for later passes
        self._ids: dict[int, int] | None = None

    def any(self, value: Value) -> Wire:
        """``value`` in self-describing form."""
        cls = type(value)
        return (self.encoders.get(cls) or self.encoder_of(cls))(value, self)

    def encode(self, value: Value, encoder: Encoder) -> Wire:
        """Return the wire tree of the whole ``value``, with references where objects are shared."""
        wire = encoder(value, self)
        if self.uses_columns and (self._shared or not self._met.isdisjoint(self._seen)):
            raise Irregular
        self.column_of = None
        known = 0
        while (
            len(self._shared) > known
        ):  # a cycle through a tuple shows what else is shared only in the second pass
            known = len(self._shared)
            self._ids, self._seen_again = {}, {}
            wire = encoder(value, self)
        return wire

    @property
    def sharing(self) -> bool:
        """Whether this is the second pass, over a value that has shared objects."""
        return self._ids is not None

    def meet(self, value: Value) -> dict[str, int] | int | None:
        """Note that the mutable ``value`` is about to be written.

        None: write it plainly. An int: write it with this ``$id``. A dict: write that reference instead.
        """
        key = id(value)
        if self._ids is None:
            return self._meet_first(key, value)
        if key not in self._shared:
            return self._meet_again(key, value)
        number = self._ids.get(key)
        if number is not None:
            return {"$ref": number}
        number = self._ids[key] = len(self._ids) + 1
        return number

    def meet_frozen(self, value: Value) -> dict[str, int] | None:
        """As :meth:`meet`, for an object that exists only after its content.

        It gets its number from :meth:`close_frozen`. Until then, a cycle that leads back to it writes it
        again (as pickle does).
        """
        key = id(value)
        if self._ids is None:
            return self._meet_first(key, value)
        if key not in self._shared:
            return self._meet_again(key, value)
        number = self._ids.get(key)
        return None if number is None else {"$ref": number}

    def meet_all(self, values: list[Any]) -> None:
        """As :meth:`meet`, for many objects in the first pass; raises Irregular if one was met before."""
        met = self._met
        before = len(met)
        met.update(map(id, values))
        if len(met) != before + len(values):
            raise Irregular

    def remembered(self, value: Value, make: Callable[[], Any]) -> Value:
        """Return ``make()``, which is called once for ``value`` however often that is written."""
        known = self.states.get(id(value))
        if known is None:
            known = self.states[id(value)] = (value, make())
        return known[1]

    def instead(self, value: Value) -> Wire:
        """For a container in a typed place: None if it may be written plainly, else what to write instead."""
        key = id(value)
        if self._ids is None:
            return self._meet_first(key, value)
        return self.any(value) if key in self._shared else self._meet_again(key, value)

    def forget(self, value: Value) -> None:
        """Let ``value`` be met once more: a hook of the user has handed back what it was given."""
        if self._ids is None and id(value) not in self._shared:
            self._seen.pop(id(value), None)

    def close_frozen(self, value: Value, body: dict[str, Wire]) -> dict[str, Wire]:
        """``body`` of a frozen object, with its number if it is shared.

        ``$same``: while its content was written, a cycle led back here and the object was written inside of
        it; a reader takes that one.
        """
        key = id(value)
        if self._ids is not None and key in self._shared:
            number = self._ids.get(key)
            if number is None:
                self._ids[key] = body["$id"] = len(self._ids) + 1
            else:
                body["$same"] = number
        return body

    def _meet_again(self, key: int, value: Value) -> dict[str, int] | None:
        if key in self._seen_again:
            self._shared.add(key)
            return {"$ref": 0}
        self._seen_again[key] = value
        return None

    def _meet_first(self, key: int, value: Value) -> dict[str, int] | None:
        if key in self._seen:
            self._shared.add(key)
            return {"$ref": 0}
        self._seen[key] = value
        return None


def encode_items(values: Iterable[Any], run: EncodeRun) -> list[Wire]:
    """Each of ``values`` in self-describing form; an error says which one."""
    if type(values) in _SEQUENCES and (same := plain_items(values, run)) is not None:  # type: ignore[arg-type]
        return same
    encoders, encoder_of = run.encoders, run.encoder_of
    out: list[Wire] = []
    try:
        for value in values:
            cls = type(value)
            out.append((encoders.get(cls) or encoder_of(cls))(value, run))
    except MigrateError as error:
        raise within(error, f"[{len(out)}]")  # noqa: B904 - the same error, on its way up
    return out


def plain_items(values: list[Any] | tuple[Any, ...], run: EncodeRun) -> list[Wire] | None:
    """Return a copy of ``values`` when they are scalars of one type that stand for themselves, else None.

    Long rows of numbers and texts are looked at in C. It is the copy that is looked at: another thread may be
    changing the list.
    """
    if len(values) < LONG:
        return None
    kind = type(values[0])
    check = _PLAIN.get(kind)
    if check is None or run.encoders.get(kind) is not BUILTIN_ENCODERS[kind]:
        return None
    out = list(values)
    return out if countOf(map(type, out), kind) == len(out) and check(out) else None


def short_record(value: Value) -> list[Wire] | None:
    """Return ``[wire]`` for a scalar, or a short list or dict of scalars, that stands for itself, else None.

    Whether UTF-8 can carry the texts is left to the encoder. It is a copy that is looked at, as above.
    """
    cls = type(value)
    if cls in _STANDING:
        return [value] if _stands(value, cls) else None
    if cls is not list and cls is not dict:
        return None
    if len(value) >= LONG:
        return None
    copied = value.copy()
    if cls is dict and not has_plain_keys(copied):
        return None
    for item in copied if cls is list else copied.values():
        kind = type(item)
        if kind is not str and (kind not in _STANDING or not _stands(item, kind)):
            return None
    return [copied]


def _stands(value: Value, cls: type) -> bool:
    """Whether JSON can carry a scalar of type ``cls`` as it is; says nothing of texts."""
    if cls is int:
        return bool(INT_MIN <= value <= INT_MAX)
    return cls is not float or isfinite(value)


def encode_pairs(pairs: Iterable[tuple[Any, Any]], run: EncodeRun) -> list[list[Wire]]:
    """Pairs of key and value in self-describing form; an error names the key."""
    out: list[list[Wire]] = []
    key: Any = None
    try:
        for key, value in pairs:
            left = run.any(key)
            if type(left) is dict and run.sharing:
                run.verify = True  # a key inside a cycle would be hashed before it is complete
            out.append([left, run.any(value)])
    except MigrateError as error:
        raise within(error, step_of(key))  # noqa: B904
    return out


def encode_members(values: Iterable[Any], run: EncodeRun) -> list[Wire]:
    """Elements of a set."""
    out = encode_items(values, run)
    if run.sharing and any(type(w) is dict for w in out):
        run.verify = True  # as for the keys of a dict
    return out


def step_of(key: Value) -> str:
    """Return the step of a path into a dict: ``['name']``."""
    text = ascii(key) if type(key) in SCALARS else f"<{type(key).__name__}>"
    return f"[{text if len(text) <= 60 else text[:57] + '...'}]"


def to_base64(buffer: bytes | bytearray | memoryview) -> str:
    """Base64 (RFC 4648, section 4)."""
    return b64encode(buffer).decode("ascii")


def as_it_is(buffer: Value) -> Wire:
    """For a writer that carries bytes, or makes base64 of them straight from the buffer, as msgspec does."""
    return buffer


# --- scalars ------------------------------------------------------------------------------------


def encode_same(value: Value, _run: EncodeRun) -> Wire:
    """None and bool stand for themselves."""
    return value


def encode_int(value: int, _run: EncodeRun) -> Wire:
    """Write a number, or hexadecimal beyond 64 bits."""
    return value if INT_MIN <= value <= INT_MAX else {"$int": hex(value)}


def encode_float(value: float, _run: EncodeRun) -> Wire:
    """Write a number; JSON has no NaN and no infinities."""
    return value if isfinite(value) else {"$float": str(value)}


def encode_str(value: str, _run: EncodeRun) -> Wire:
    """Write a string; lone surrogates do not exist in UTF-8."""
    if is_text(value):
        return value
    return {"$utf8": b64encode(value.encode("utf-8", "surrogatepass")).decode("ascii")}


def is_text(value: str) -> bool:
    """Whether UTF-8, and so JSON, can carry ``value``."""
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def encode_bytes(value: bytes, run: EncodeRun) -> Wire:
    """Base64 (RFC 4648, section 4)."""
    return {"$bytes": run.carry(value)}


# --- containers ---------------------------------------------------------------------------------


def encode_list(value: list[Any], run: EncodeRun) -> Wire:
    """Write an array; tagged when shared."""
    mark = run.meet(value)
    if type(mark) is dict:
        return mark
    same = plain_items(value, run)
    if same is not None:
        return same if mark is None else {"$list": same, "$id": mark}
    if run.column_of is not None and len(value) >= LONG:
        return _columns().write_array(list(value), run, _columns().write_any)
    encoders, encoder_of = run.encoders, run.encoder_of
    out: list[Wire] = []
    try:
        for item in value:
            cls = type(item)
            out.append((encoders.get(cls) or encoder_of(cls))(item, run))
    except MigrateError as error:
        raise within(error, f"[{len(out)}]")  # noqa: B904 - the same error, on its way up
    return out if mark is None else {"$list": out, "$id": mark}


def encode_tuple(value: tuple[Any, ...], run: EncodeRun) -> Wire:
    """Tagged; tuples of scalars are not tracked, because sharing them cannot be seen."""
    if SCALARS.issuperset(map(type, value)):
        return {"$tuple": encode_items(value, run)}
    return run.meet_frozen(value) or run.close_frozen(value, {"$tuple": encode_items(value, run)})


def encode_frozenset(value: frozenset[Any], run: EncodeRun) -> Wire:
    """Tagged; tracked as tuples are."""
    if SCALARS.issuperset(map(type, value)):
        return {"$frozenset": encode_items(value, run)}
    return run.meet_frozen(value) or run.close_frozen(value, {"$frozenset": encode_members(value, run)})


def encode_set(value: set[Any], run: EncodeRun) -> Wire:
    """Tagged."""
    mark = run.meet(value)
    return mark if type(mark) is dict else numbered({"$set": encode_members(value, run)}, mark)


def encode_bytearray(value: bytearray, run: EncodeRun) -> Wire:
    """Tagged base64."""
    mark = run.meet(value)
    if type(mark) is dict:
        return mark
    return numbered({"$bytearray": run.carry(value)}, mark)


def encode_dict(value: dict[Any, Any], run: EncodeRun) -> Wire:
    """Write an object where its keys allow it, else pairs."""
    mark = run.meet(value)
    if type(mark) is dict:
        return mark
    if not has_plain_keys(value):
        return numbered({"$dict": encode_pairs(value.items(), run)}, mark)
    body = encode_object(value, run)
    return body if mark is None else {"$dict": body, "$id": mark}


def encode_object(value: dict[str, Any], run: EncodeRun) -> Wire:
    """Write the values of a dict with plain keys."""
    if run.column_of is not None and len(value) >= LONG:
        return _columns().write_object(value.copy(), run)
    encoders, encoder_of = run.encoders, run.encoder_of
    body: dict[str, Wire] = {}
    key = ""
    try:
        for key, item in value.items():
            cls = type(item)
            body[key] = (encoders.get(cls) or encoder_of(cls))(item, run)
    except MigrateError as error:
        raise within(error, step_of(key))  # noqa: B904
    return body


def has_plain_keys(value: Collection[Any]) -> bool:
    """Whether all keys are exactly ``str``, can be carried by JSON, and cannot be mistaken for a tag."""
    if len(value) >= LONG and {*map(type, value)} == {str}:
        text = "$".join(value)  # a key that begins with "$" makes it "$$", as does one that ends with it
        if "$$" not in text and not text.startswith("$") and is_text(text):
            return True
    for key in value:
        if type(key) is not str or key[:1] == "$" or not (key.isascii() or is_text(key)):
            return False
    return True


def numbered(body: dict[str, Wire], mark: Value) -> dict[str, Wire]:
    """``body`` with its ``$id`` if it has one."""
    if mark is not None:
        body["$id"] = mark
    return body


def escape(wire: Wire, shape: type) -> Wire:
    """Keep self-describing ``wire`` apart from the plain form of a typed place, a ``shape`` in JSON."""
    if type(wire) is not shape and getattr(wire, "shape", None) is not shape:
        return wire
    content: Any = wire
    if shape is dict:
        return wire if type(wire) is dict and is_tagged(content) else {"$dict": wire}
    if shape is list:
        return {"$list": wire}
    return {"$str": wire} if shape is str else {"$int": hex(content)}


def is_tagged(wire: dict[str, Wire]) -> bool:
    """Whether a JSON object is a tag: its first key says so."""
    for key in wire:
        return key[:1] == "$"
    return False


_SEQUENCES = frozenset({list, tuple})
_STANDING = frozenset({type(None), bool, int, float, str})
_PLAIN: dict[type, Callable[[list[Any]], bool]] = {
    float: lambda values: isfinite(sum(values)) or all(map(isfinite, values)),
    int: lambda values: min(values) >= INT_MIN and max(values) <= INT_MAX,
    str: lambda values: is_text("".join(values)),
    bool: lambda _: True,
}
"""Scalar type → whether all of a row of exactly that type stand for themselves."""

BUILTIN_ENCODERS: dict[type, Encoder] = {
    type(None): encode_same,
    bool: encode_same,
    int: encode_int,
    float: encode_float,
    str: encode_str,
    bytes: encode_bytes,
    bytearray: encode_bytearray,
    list: encode_list,
    tuple: encode_tuple,
    set: encode_set,
    frozenset: encode_frozenset,
    dict: encode_dict,
}


@cache
def _columns() -> ModuleType:
    from . import columns_write  # which needs this module

    return columns_write
