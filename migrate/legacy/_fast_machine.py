"""The C unpickler, with records for everything that it would look up, make or call."""

from __future__ import annotations

from _pickle import Unpickler
from typing import TYPE_CHECKING, Any, Final

from ._fast_rules import (
    ADDITEMS,
    BINPERSID,
    BUILD,
    DICT,
    FROZENSET,
    INST,
    NEWOBJ_EX,
    OBJ,
    POP,
    POP_MARK,
    SETITEM,
    Unsure,
)
from .joblib_arrays import MODULE as JOBLIB
from .records import (
    NO_STATE,
    ByteString,
    Call,
    Dict,
    FrozenSet,
    Global,
    Node,
    Persistent,
    Record,
    Set,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ._fast_stream import Stream

_new: Final = object.__new__


class Machine(Unpickler):
    """Reads one :class:`~._fast_stream.Stream`.

    It never looks anything up and calls nothing but the methods below and :meth:`.Call.extend`. They do what
    the methods of the reference engine do, and raise :class:`~._fast_rules.Unsure` where those refuse the
    pickle.
    """

    def __init__(self, stream: Stream, max_globals: int) -> None:
        super().__init__(stream, encoding="bytes", buffers=_empty_dicts())
        self._values = stream.values
        self._globals: dict[tuple[str, str], Global] = {}
        self._max_globals = max_globals
        self.dropped: list[Record] = []

    def read(self) -> list[Record]:
        """Return the stack as it is when the pickle ends, which has at least one record."""
        ours, stack = self.load()
        if type(ours) is not dict or not stack:
            raise Unsure
        return stack  # type: ignore[no-any-return]

    def find_class(self, module: str, name: str) -> Global:
        """Return the record of a name."""
        key = (module, name)
        found = self._globals.get(key)
        if found is None:
            if len(self._globals) >= self._max_globals or module == JOBLIB:
                raise Unsure
            found = self._globals[key] = Global(module, name)
        return found

    def persistent_load(self, asked: Any) -> Record:
        """Return what the rewritten pickle asks for."""
        if type(asked) is tuple:
            if len(asked) == 3:
                first, second, third = asked
                if type(third) is list:
                    return _build(first, _set_items(second, third))
                if third is None or third is False:
                    if type(second) is not tuple:
                        raise Unsure
                    return _new_call(first, second, third is None)
                return _OF_TWO[third](self, first, second)
            if len(asked) == 2:
                first, second = asked
                if type(second) is list:
                    return _set_items(first, second)
                return _OF_ONE[second](self, first)
            return _new_call(asked[0], (), True)
        if type(asked) is bytes:
            string: ByteString = _new(ByteString)
            string.raw = asked
            return string
        if type(asked) is int:
            value: Record = self._values[asked]
            return value
        return Persistent(asked) if type(asked) is str else Set([])

    def drop(self, below: Any, records: Iterable[Record]) -> Any:
        """Note what POP or POP_MARK throws away, above ``below``, as the reference engine does."""
        if type(below) is dict:  # ours: the pickle has closed a mark that it had not opened
            raise Unsure
        for record in records:
            if not isinstance(record, Node):
                continue
            self.dropped.append(record)
            if isinstance(record, Call) and len(record.args) == 2 and record.args[0] is below:
                _note_effect(below, record)
        return below


def _empty_dicts() -> Iterator[Dict]:
    while True:
        record: Dict = _new(Dict)
        record.parts = ()
        yield record


def _new_call(function: Record, args: tuple[Record, ...], new: bool) -> Call:
    """Return ``Call(function, args, new=new)``, at half the cost."""
    call: Call = _new(Call)
    call.function = function
    call.args = args
    call.items = call.parts = call.effects = ()
    call.kwargs = None
    call.new = new
    call.old = False
    call.state = NO_STATE
    return call


def _newobj_ex(_: Machine, asked: Any) -> Call:
    function, args, kwargs = asked
    if type(args) is not tuple or type(kwargs) is not Dict:
        raise Unsure
    return Call(function, args, kwargs, new=True)


def _build(target: Any, state: Record) -> Call:
    if type(target) is not Call or target.state is not NO_STATE:
        raise Unsure
    target.state = state
    return target


def _set_items(target: Any, parts: list[Record]) -> Dict | Call:
    if (type(target) is not Dict and type(target) is not Call) or len(parts) % 2:
        raise Unsure
    if target.parts:
        target.parts.extend(parts)
    else:
        target.parts = parts
    return target


def _add_items(target: Set | Call, items: list[Record]) -> Set | Call:
    if type(target) is Set:
        target.items.extend(items)
    elif type(target) is Call:
        target.extend(items)
    else:
        raise Unsure
    return target


def _note_effect(target: Record, call: Call) -> None:
    if isinstance(target, Call):
        target.effects = (*target.effects, call)


def _obj(_: Machine, parts: list[Record]) -> Call:
    function, *args = parts
    return Call(function, tuple(args), old=True)


_OF_TWO: Final[dict[int, Callable[[Machine, Any, Any], Record]]] = {
    BUILD: lambda _, target, state: _build(target, state),
    SETITEM: lambda _, target, pair: _set_items(target, list(pair)),
    INST: lambda _, args, function: Call(function, tuple(args), old=True),
    ADDITEMS: lambda _, target, items: _add_items(target, items),
    POP: lambda machine, below, record: machine.drop(below, (record,)),
    POP_MARK: Machine.drop,
}
_OF_ONE: Final[dict[int, Callable[[Machine, Any], Record]]] = {
    NEWOBJ_EX: _newobj_ex,
    FROZENSET: lambda _, items: FrozenSet(tuple(items)),
    DICT: lambda _, parts: _set_items(Dict(), parts),
    OBJ: _obj,
    BINPERSID: lambda _, pid: Persistent(pid),
}
