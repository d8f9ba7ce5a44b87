"""The C unpickler, with records for everything that it would look up, make or call."""

from __future__ import annotations

from _pickle import Unpickler
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final

from ._fast_rules import (
    ADDITEMS,
    BINPERSID,
    DICT,
    EMPTY_SET,
    FROZENSET,
    INST,
    NEWOBJ_EX,
    OBJ,
    POP,
    POP_MARK,
    SETITEM,
    STRING,
    VALUE,
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
    from collections.abc import Callable, Generator, Iterable, Iterator

    from ._fast_stream import Stream

_new: Final = object.__new__
_FEW: Final = 4
_MANY: Final = 256


class Machine(Unpickler):
    """Reads one :class:`~._fast_stream.Stream`.

    It never looks anything up, and calls nothing but the methods below, :func:`_answers` and
    :meth:`.Call.extend`. They do what the methods of the reference engine do, and raise
    :class:`~._fast_rules.Unsure` where those refuse the pickle.
    """

    def __init__(self, stream: Stream, max_globals: int) -> None:
        super().__init__(stream, encoding="bytes", buffers=chain.from_iterable(_empty_dicts()))
        self._globals: dict[tuple[str, str], Global] = {}
        self._max_globals = max_globals
        self.dropped: list[Record] = []
        # A generator that is resumed costs half as much as a method that is called. It knows nothing of the
        # machine, so that there is no cycle of references.
        answers = _answers(stream.values, self.dropped)
        next(answers)
        self.persistent_load = answers.send  # type: ignore[method-assign]

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


def _answers(values: list[Any], dropped: list[Record]) -> Generator[Any, Any, None]:
    """Take what the rewritten pickle asks for, and yield the record.

    What is asked most often is inline, and in as few steps as possible.
    """
    call_type, dict_type, no_state = Call, Dict, NO_STATE
    string_type = ByteString
    answer: Any = None
    while True:
        asked = yield answer
        try:
            first, second, mode = asked
        except ValueError:
            answer = _other(asked, values, dropped)
            continue
        if mode is False or mode is True:
            if type(second) is not tuple:
                raise Unsure
            answer = call = call_type()
            call.function = first
            call.args = second
            call.items = call.parts = call.effects = ()
            call.kwargs = None
            call.new = mode
            call.old = False
            call.state = no_state
        elif mode is None:
            if type(first) is dict_type and not first.parts and not len(second) & 1:
                first.parts = second
                answer = first
            else:
                answer = _set_items(first, second)
        elif mode == STRING:
            answer = string = _new(string_type)
            string.raw = first
        elif type(mode) is not list:
            answer = _other(asked, values, dropped)
        elif (
            type(second) is dict_type
            and not second.parts
            and not len(mode) & 1
            and type(first) is call_type
            and first.state is no_state
        ):
            second.parts = mode
            first.state = second
            answer = first
        else:
            answer = _build(first, _set_items(second, mode))


def _other(asked: Any, values: list[Any], dropped: list[Record]) -> Record:
    if type(asked) is str:
        return Persistent(asked)
    first, second, code = asked
    if code == SETITEM:
        return _set_items(first, [*second])
    if code == VALUE:
        value: Record = values[first]
        return value
    if code in (POP, POP_MARK):
        return _drop(first, (second,) if code == POP else second, dropped)
    return _CODED[code](first, second)


def _drop(below: Any, records: Iterable[Record], dropped: list[Record]) -> Record:
    """Note what POP or POP_MARK throws away, above ``below``, as the reference engine does."""
    if type(below) is dict:  # ours: the pickle has closed a mark that it had not opened
        raise Unsure
    for record in records:
        if not isinstance(record, Node):
            continue
        dropped.append(record)
        if isinstance(record, Call) and len(record.args) == 2 and record.args[0] is below:
            _note_effect(below, record)
    found: Record = below
    return found


def _empty_dicts() -> Iterator[list[Dict]]:
    """Yield lists of new records, ever longer: to make many at once costs half."""
    size = _FEW
    while True:
        made: list[Dict] = list(map(_new, repeat(Dict, size)))
        for record in made:
            record.parts = ()
        yield made
        size = min(2 * size, _MANY)


def _newobj_ex(asked: Any, _: None) -> Call:
    function, args, kwargs = asked
    if type(args) is not tuple or type(kwargs) is not Dict:
        raise Unsure
    return Call.of(function, args, kwargs, new=True)


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


def _obj(parts: list[Record], _: None) -> Call:
    function, *args = parts
    return Call.of(function, tuple(args), old=True)


_CODED: Final[dict[int, Callable[[Any, Any], Record]]] = {
    INST: lambda args, function: Call.of(function, tuple(args), old=True),
    ADDITEMS: _add_items,
    NEWOBJ_EX: _newobj_ex,
    EMPTY_SET: lambda _, __: Set([]),
    FROZENSET: lambda items, _: FrozenSet(tuple(items)),
    DICT: lambda parts, _: _set_items(Dict(), parts),
    OBJ: _obj,
    BINPERSID: lambda pid, _: Persistent(pid),
}
