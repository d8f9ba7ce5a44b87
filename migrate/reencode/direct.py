"""The short way from records to objects, for values of the plainest kind, of which most stores are full.

It makes what the codec makes of the wire form of the record, or nothing: then the codec does it, and says
what is wrong. Nothing of the program is called; instances are made by ``object.__new__`` and given their
attributes.
"""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeGuard

from attrs import define, field

from migrate.legacy import Call, Dict, Global, Record
from migrate.legacy.calls import raw_of
from migrate.legacy.records import NO_STATE
from migrate.runtime.plainly import PlainClass, PlainEnum

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrate.runtime import Codec

_ATOMS = frozenset({type(None), bool, int, float, str, bytes})
_MAX_DEPTH = 50
_MAX_SIZE = 1 << 20
"""Length of all texts and bytes, so that texts that a pickle repeats by reference do no harm."""
_MAX_NAMES = 10_000
"""Names of classes that are remembered; data may name any number."""
_MAX_KNOWN = 1000
"""Sets of attributes of one class that are remembered."""


class NotPlain(Exception):  # noqa: N818 (nothing is wrong)
    """The value has something that is for the codec to make."""


@define
class Built:
    """What was made of a record."""

    value: Any
    classes: dict[str, int]
    """Tag → instances and members."""
    shared: bool
    """Some mutable object is referred to more than once."""


@define
class Kind:
    """One class, and which sets of attributes were seen to be those of a plain instance."""

    plain: PlainClass
    seen: set[tuple[str, ...]] = field(factory=set)


class Direct:
    """Makes objects of records, by what ``codec`` says of their classes."""

    def __init__(self, codec: Codec) -> None:
        self._find = codec.plainly
        self._kinds: dict[tuple[str, str], Kind | PlainEnum | None] = {}

    def build(self, record: Record) -> Built:
        """Make the value of ``record``. Raises :class:`NotPlain` when in the slightest doubt."""
        run = _Run(self)
        try:
            value = run.value(record, 0)
        except (TypeError, ValueError, OverflowError, AttributeError, ArithmeticError) as error:
            raise NotPlain from error
        return Built(value, run.classes, run.shared)

    def kind(self, name: tuple[str, str]) -> Kind | PlainEnum:
        """Return the class of that name."""
        try:
            found = self._kinds[name]
        except KeyError:
            plain = self._find(*name)
            found = Kind(plain) if isinstance(plain, PlainClass) else plain
            if len(self._kinds) >= _MAX_NAMES:
                self._kinds.clear()
            self._kinds[name] = found
        if found is None:
            raise NotPlain
        return found


class _Run:
    """One value."""

    def __init__(self, direct: Direct) -> None:
        self.kind_of = direct.kind
        self.classes: dict[str, int] = {}
        self.shared = False
        self._known: dict[int, Any] = {}
        self._left = _MAX_SIZE

    def value(self, record: Any, depth: int) -> Any:
        kind = type(record)
        if kind in _ATOMS:
            if kind is str or kind is bytes:
                self._spend(len(record))
            return record
        maker = _MAKERS.get(kind)
        if maker is None or depth > _MAX_DEPTH:
            raise NotPlain
        key = id(record)
        if key in self._known:
            return self._again(self._known[key])
        return maker(self, record, key, depth + 1)

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise NotPlain

    def _again(self, made: Any) -> Any:
        """Return what was made before; tuples are for the codec, because of cycles through them."""
        if type(made) is tuple:
            raise NotPlain
        self.shared = self.shared or type(made) not in _IMMUTABLE
        return made

    def count(self, tag: str) -> None:
        self.classes[tag] = self.classes.get(tag, 0) + 1

    def values(self, records: Sequence[Any], depth: int) -> list[Any]:
        """Make the values of ``records``."""
        out = []
        size = 0
        for record in records:
            kind = type(record)
            if kind is str:
                size += len(record)
                out.append(record)
            elif kind in _ATOMS and kind is not bytes:
                out.append(record)
            else:
                out.append(self.value(record, depth))
        self._spend(size)
        return out

    def list(self, record: list[Any], key: int, depth: int) -> list[Any]:
        out: list[Any] = []
        self._known[key] = out
        out += self.values(record, depth)
        return out

    def tuple(self, record: tuple[Any, ...], key: int, depth: int) -> tuple[Any, ...]:
        self._known[key] = ()  # a cycle that comes back is met as a tuple
        return tuple(self.values(record, depth))

    def dict(self, record: Dict, key: int, depth: int) -> dict[str, Any]:
        names = record.parts[::2]
        if not all(type(name) is str for name in names) or len(set(names)) < len(names):
            raise NotPlain
        out: dict[str, Any] = {}
        self._known[key] = out
        self._spend(sum(map(len, names)))  # type: ignore[arg-type]  # texts, as was seen
        out.update(zip(names, self.values(record.parts[1::2], depth), strict=True))  # type: ignore[arg-type]
        return out

    def call(self, record: Call, key: int, depth: int) -> Any:
        function = record.function
        if type(function) is not Global or record.kwargs or record.items or record.parts or record.effects:
            raise NotPlain
        name = function.module, function.name
        standard = _STANDARD.get(name)
        if standard is not None:
            made = self._known[key] = standard(record)
            return made
        kind = self.kind_of(name)
        if isinstance(kind, Kind):
            return self._instance(kind, record, key, depth)
        made = self._known[key] = _member(kind, record)
        self.count(kind.tag)
        return made

    def _instance(self, kind: Kind, record: Call, key: int, depth: int) -> Any:
        if not record.new or record.args:
            raise NotPlain
        state = record.state
        if type(state) is tuple and len(state) == 2 and state[0] is None:
            state = state[1]
        if type(state) is not Dict:
            raise NotPlain
        plain, names = kind.plain, tuple(state.parts[::2])
        if names not in kind.seen:
            learn(kind, names)
        made: Any = object.__new__(plain.cls)
        self._known[key] = made
        self.count(plain.tag)
        values = self.values(state.parts[1::2], depth)
        if not plain.slots:
            made.__dict__.update(zip(names, values, strict=True))
            return made
        for name, value in zip(names, values, strict=True):
            descriptor = plain.slots.get(name)  # type: ignore[arg-type]  # a text
            if descriptor is None:
                made.__dict__[name] = value
            else:
                descriptor.__set__(made, value)
        return made


def learn(kind: Kind, names: tuple[Any, ...]) -> None:
    """Note that ``names`` are attributes as a plain instance has them; raises :class:`NotPlain` otherwise."""
    plain = kind.plain
    texts = all(type(name) is str and name[:1] != "$" and name.isascii() for name in names)
    if not texts or len(set(names)) < len(names) or not plain.needed.issubset(names):
        raise NotPlain
    if not plain.has_dict and not plain.slots.keys() >= set(names):
        raise NotPlain
    if len(kind.seen) < _MAX_KNOWN:
        kind.seen.add(names)


def _member(kind: PlainEnum, record: Call) -> Any:
    if record.new or len(record.args) != 1 or record.state is not NO_STATE:
        raise NotPlain
    (value,) = record.args
    found = kind.members.get((type(value), value))
    if found is None:
        raise NotPlain
    return found


# --- values of the standard library ------------------------------------------------------------


def _args(record: Call, *counts: int) -> tuple[Any, ...]:
    if record.new or record.state is not NO_STATE or len(record.args) not in counts:
        raise NotPlain
    return record.args


def _decimal(record: Call) -> Decimal:
    (text,) = _args(record, 1)
    if type(text) is not str:
        raise NotPlain
    made = Decimal(text)
    if str(made) != text:
        raise NotPlain
    return made


def _packed(record: Call, size: int, *counts: int) -> bytes:
    raw = raw_of(_args(record, *counts)[0])
    if raw is None or len(raw) != size:
        raise NotPlain
    return raw


def _datetime(record: Call) -> dt.datetime:
    raw = _packed(record, 10, 1, 2)
    zone = _zone(record.args[1]) if len(record.args) == 2 else None
    fold, month = divmod(raw[2], 128)
    clock = (raw[4], raw[5], raw[6], int.from_bytes(raw[7:], "big"))
    return dt.datetime(int.from_bytes(raw[:2], "big"), month, raw[3], *clock, tzinfo=zone, fold=fold)


def _date(record: Call) -> dt.date:
    raw = _packed(record, 4, 1)
    return dt.date(int.from_bytes(raw[:2], "big"), raw[2], raw[3])


def _timedelta(record: Call) -> dt.timedelta:
    numbers = _args(record, 3)
    if not all(type(number) is int for number in numbers):
        raise NotPlain
    return dt.timedelta(*numbers)


def _zone(record: Record) -> dt.timezone | None:
    """Return the zone of a datetime: UTC or none; others are rare."""
    if record is None:
        return None
    if not _calls(record, "timezone"):
        raise NotPlain
    return _timezone(record)


def _timezone(record: Call) -> dt.timezone:
    (offset,) = _args(record, 1)
    if not _calls(offset, "timedelta") or _args(offset, 3) != (0, 0, 0):
        raise NotPlain
    return dt.timezone.utc


def _calls(record: Record, name: str) -> TypeGuard[Call]:
    """Whether ``record`` is a call of what :mod:`datetime` calls ``name``, and nothing more."""
    if type(record) is not Call or type(record.function) is not Global:
        return False
    more = record.kwargs or record.items or record.parts or record.effects
    return not more and (record.function.module, record.function.name) == ("datetime", name)


def _uuid(record: Call) -> uuid.UUID:
    state = record.state
    if not record.new or record.args or type(state) is not Dict or len(state.parts) != 2:
        raise NotPlain
    name, number = state.parts
    if name != "int" or type(number) is not int:
        raise NotPlain
    return uuid.UUID(int=number)


_STANDARD: dict[tuple[str, str], Callable[[Call], Any]] = {
    ("decimal", "Decimal"): _decimal,
    ("datetime", "datetime"): _datetime,
    ("datetime", "date"): _date,
    ("datetime", "timedelta"): _timedelta,
    ("datetime", "timezone"): _timezone,
    ("uuid", "UUID"): _uuid,
}
_MAKERS: dict[type, Callable[[_Run, Any, int, int], Any]] = {
    list: _Run.list,
    tuple: _Run.tuple,
    Dict: _Run.dict,
    Call: _Run.call,
}
_IMMUTABLE = frozenset({Decimal, dt.datetime, dt.date, dt.timedelta, dt.timezone, uuid.UUID})
