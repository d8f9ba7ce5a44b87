"""The running landing: tasks, places, references, and the errors. The handlers of records build on it."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

from ..legacy.calls import text_of
from ..legacy.errors import MigrateError
from ..legacy.graph import shared
from ..legacy.names import is_notorious
from ..legacy.python2 import modern_name
from ..legacy.records import Buffer, ByteString, Record
from ._landing_scalars import SCALARS, is_text
from ._landing_strings import check_shared, keys_are_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .eightbit import Reading, Strings

Wire: TypeAlias = Any
Lookup: TypeAlias = "Callable[[str, str], str | None]"
Handler: TypeAlias = "Callable[[LandingRun, Any, Place], Wire]"

MAX_DEPTH: Final = 500
MAX_OUTPUT: Final = 1 << 30
_BIG: Final = 1 << 10


class LandingError(MigrateError):
    """A record has no form in the wire format; ``path`` says where it stands."""

    reason = "bad-value"


class TooLong(LandingError):  # noqa: N818 - as below
    """The value is longer than ``max_output`` when it is written out."""

    reason = "limit"


class UnknownGlobal(LandingError):  # noqa: N818 - named for what the data have
    """The pickle names a class or function that is not registered: ``module`` and ``name`` as stored."""

    reason = "unknown-global"

    def __init__(
        self, message: str, *, module: str = "", name: str = "", reason: str | None = None, path: str = ""
    ) -> None:
        super().__init__(message, reason=reason, path=path)
        self.module = module
        self.name = name


class Place:
    """Where in the value, and how deep in the JSON: a linked list, spelled out only for an error."""

    __slots__ = ("depth", "parent", "reading", "step")

    def __init__(self, parent: Place | None, step: str | int, depth: int) -> None:
        self.parent = parent
        self.step = step
        self.depth = depth
        self.reading: Reading | None = None
        """How 8-bit strings of Python 2 are read here, where a codec declares it place by place."""
        if parent is not None and parent.reading is not None:
            self.reading = parent.reading.at(step)

    def to(self, step: str | int) -> Place:
        """Return the place that is one step further."""
        return Place(self, step, self.depth)

    def read_as(self, reading: Reading) -> Place:
        """Return the same place with another reading."""
        made = Place(None, self.step, self.depth)
        made.parent, made.reading = self.parent, reading
        return made

    def __str__(self) -> str:
        steps: list[str] = []
        place: Place | None = self
        while place is not None:
            steps.append(f"[{place.step}]" if isinstance(place.step, int) else place.step)
            place = place.parent
        return "".join(reversed(steps)).removeprefix(".")


class _Close:
    """The task of giving a number to what exists only after its content, once that is written.

    ``rest`` then puts what is added to it later.
    """

    __slots__ = ("body", "record", "rest")

    def __init__(self, record: Record, body: dict[str, Wire], rest: Callable[[], None] | None = None) -> None:
        self.record = record
        self.body = body
        self.rest = rest


class LandingRun:
    """One run of :func:`to_wire`."""

    def __init__(
        self, root: Record, lookup: Lookup, handlers: Mapping[type, Handler], encoding: str, errors: str
    ) -> None:
        self.encoding = encoding
        self.errors = errors
        self.persistent_load: Callable[[Wire], Wire] | None = None
        self.opaque_state: Callable[[str], bool] | None = None
        self.strings: Strings | None = None
        """What 8-bit strings of Python 2 are, place by place."""
        self.start: Reading | None = None
        self.raw = False
        """Whether bytes stand in the tree as they are, for a decoder that takes them."""
        self.buffers: Sequence[Any] = ()
        """The buffers that were kept outside of the pickle."""
        self.views: dict[int, memoryview] = {}
        """Read-only views of them, by record."""
        self.max_depth = MAX_DEPTH
        self.budget = MAX_OUTPUT
        self._lookup = lookup
        self._handlers = handlers
        self._tags: dict[tuple[str, str], str | None] = {}
        self._shared = shared(root)
        self._buffers: dict[int, tuple[bytes, bool]] = {}
        self._ids: dict[int, int] = {}
        self._readings: dict[int, Reading | None] = {}
        self._met: set[int] = set()
        self._texts: dict[int, tuple[Record, str]] = {}
        self._scheduled: list[tuple[Any, Any, Any, Place]] = []

    def run(self, root: Record) -> Wire:
        """Return the wire tree of ``root``.

        A tuple, or an object made with arguments, that contains itself by way of something mutable is written
        twice (see :meth:`_close`), and so is what lies between, which then counts as shared. That is only
        seen on the way.
        """
        budget = self.budget
        while True:
            known = len(self._shared)
            wire = self._pass(root)
            if len(self._shared) == known:
                return wire
            self._ids.clear()
            self._readings.clear()
            self._met.clear()
            self.budget = budget

    def _pass(self, root: Record) -> Wire:
        """Work off the tasks, in the order of the document: a reference must follow what it refers to."""
        box: list[Wire] = [None]
        place = Place(None, "", 0)
        place.reading = self.start
        self.put(box, 0, root, place, "", 0)
        tasks = self._scheduled
        self._scheduled = []
        while tasks:
            record, target, key, place = tasks.pop()
            if type(record) is _Close:
                self._close(record)
            else:
                target[key] = self._land(record, place)
            if self._scheduled:
                tasks.extend(reversed(self._scheduled))
                self._scheduled.clear()
        return box[0]

    # --- for the handlers -------------------------------------------------------------------------------

    def put(
        self,
        target: Any,
        key: str | int,
        record: Record,
        place: Place,
        step: str | int,
        levels: int = 1,
    ) -> None:
        """Have the wire form of ``record`` stored as ``target[key]``: scalars now, the rest in its turn.

        ``step`` leads from ``place`` to the record, over ``levels`` of JSON.
        """
        convert = SCALARS.get(type(record))
        if convert is not None:
            target[key] = convert(self, record, place, step)
            return
        depth = place.depth + levels
        here = Place(place, step, depth)
        if depth > self.max_depth:
            raise LandingError(
                f"nested deeper than {self.max_depth} levels of JSON",
                reason="too-deep",
                path=shorten(str(here)),
            )
        self.spend(8, here)
        self._scheduled.append((record, target, key, here))

    def array(self, records: Sequence[Record], place: Place, levels: int = 2) -> list[Wire]:
        """Return an array of the wire forms; ``levels``: how much deeper its elements are than ``place``."""
        self.spend(2 * len(records), place)
        out: list[Wire] = [None] * len(records)
        for index, record in enumerate(records):
            self.put(out, index, record, place, index, levels)
        return out

    def pairs(self, pairs: Iterable[tuple[Record, Record]], place: Place) -> list[list[Wire]]:
        """Return an array of ``[key, value]``."""
        out: list[list[Wire]] = []
        for key, value in pairs:
            pair: list[Wire] = [None, None]
            out.append(pair)
            step = key_step(key)
            self.put(pair, 0, key, place, f"{step}<key>", 3)
            self.put(pair, 1, value, place, step, 3)
        return out

    def object(
        self, pairs: Sequence[tuple[Record, Record]], place: Place, levels: int = 1
    ) -> dict[str, Wire] | None:
        """Return a JSON object, if all keys can be keys of one."""
        members = self.members(pairs, place)
        if members is None:
            return None
        out: dict[str, Wire] = dict.fromkeys(members)
        for key, value in members.items():
            self.put(out, key, value, place, key_step(key), levels)
        return out

    def members(self, pairs: Sequence[tuple[Record, Record]], place: Place) -> dict[str, Record] | None:
        """Return the pairs by key, the last of each, if all keys are plain text; None otherwise."""
        out: dict[str, Record] = {}
        as_text = keys_are_text(self, place)
        for key, value in pairs:
            if type(key) is not str:
                text = text_of(key) if as_text else None
                if text is None:
                    return None
                key = text  # noqa: PLW2901
            self.spend(len(key) + 4, place)
            if key[:1] == "$" or not is_text(key):
                return None
            out[key] = value
        return out

    def numbered(self, record: Record, body: dict[str, Wire]) -> dict[str, Wire]:
        """Give a mutable object that is met again its ``$id``."""
        if id(record) in self._shared:
            self._ids[id(record)] = body["$id"] = len(self._ids) + 1
        return body

    def frozen(
        self, record: Record, body: dict[str, Wire], items: Iterable[Record], place: Place
    ) -> dict[str, Wire]:
        """As :meth:`numbered`, for what exists only after its ``items``, which the caller has put already.

        Frozen objects without anything but scalars are not tracked: nobody can see that they are shared.
        """
        if id(record) in self._shared and any(type(item) not in SCALARS for item in items):
            self._scheduled.append((_Close(record, body), None, None, place))
        return body

    def made_whole(
        self, record: Record, body: dict[str, Wire], rest: Callable[[], None], place: Place
    ) -> dict[str, Wire]:
        """As :meth:`numbered`, for an object made with what the caller has put already.

        ``rest`` is called when that is written, to put what is added afterwards.
        """
        self._scheduled.append((_Close(record, body, rest), None, None, place))
        return body

    def is_shared(self, record: Record) -> bool:
        """Whether the pickle refers to ``record`` more than once."""
        return id(record) in self._shared

    def inner(self, record: Record, place: Place) -> Wire:
        """Return the wire form of a record that does not become part of this one."""
        run = LandingRun(record, self._lookup, self._handlers, self.encoding, self.errors)
        run.max_depth = self.max_depth - place.depth
        run.buffers = self.buffers
        run.raw = self.raw
        run.budget = self.budget
        run.strings, run.start = self.strings, place.reading
        return run.run(record)

    def tag(self, name: tuple[str, str]) -> str | None:
        """Return the registry's tag of a name in the pickle."""
        try:
            return self._tags[name]
        except KeyError:
            found = self._lookup(*name)
            if found is None and (modern := modern_name(*name)) != name:
                found = self._lookup(*modern)
            self._tags[name] = found
            return found

    def bad(self, what: str, place: Place, *, reason: str = "bad-value") -> NoReturn:
        """Refuse a value."""
        raise LandingError(shorten(what), reason=reason, path=shorten(str(place)))

    def unknown(self, name: tuple[str, str], place: Place, *, called: bool) -> NoReturn:
        """Refuse a name."""
        dotted = shorten(".".join(name))
        if called and is_notorious(*modern_name(*name)):
            message, reason = f"the pickle calls {dotted}; pickle.load would have run that", "unsafe-global"
        else:
            what = "calls" if called else "names"
            message = f"the pickle {what} {dotted}, which is not registered"
            reason = "unknown-global"
        raise UnknownGlobal(message, module=name[0], name=name[1], reason=reason, path=shorten(str(place)))

    def spend(self, size: int, place: Place) -> None:
        """Count what goes into the output, which sharing may make much longer than the pickle."""
        self.budget -= size
        if self.budget < 0:
            message = "the value is larger than max_output when written as JSON"
            raise TooLong(message, path=shorten(str(place)))

    def given(self, record: Buffer, place: Place) -> Any:
        """Return the buffer itself that was kept outside of the pickle and is given to the load."""
        try:
            given = self.buffers[record.index]
            memoryview(given)
        except (IndexError, TypeError, ValueError, BufferError):
            self.bad("a buffer that was kept outside of the pickle and is not given", place)
        return given

    def buffer(self, record: Buffer, place: Place) -> tuple[bytes, bool]:
        """Return the content of a buffer that is kept outside of the pickle, and whether it is read-only."""
        if record.index not in self._buffers:
            view = memoryview(self.given(record, place))
            self.spend(view.nbytes, place)
            self._buffers[record.index] = view.tobytes(), view.readonly
        return self._buffers[record.index]

    def inside(self, tag: str, place: Place) -> Place:
        """Return ``place`` with what is declared for the instances of a class."""
        if self.strings is None or place.reading is None:
            return place
        return place.read_as(self.strings.of(tag, place.reading.ahead))

    def base64(self, record: Record, raw: bytes | bytearray) -> Wire:
        """Return the text of ``raw``; that of a large shared object is made once."""
        if self.raw:
            return bytes(raw)
        if len(raw) < _BIG or type(raw) is bytearray:
            return b64encode(raw).decode("ascii")
        return self._once(record, lambda: b64encode(raw).decode("ascii"))

    def digits(self, record: int) -> str:
        """Return a large number in hexadecimal; that of a very large one is made once."""
        return hex(record) if record.bit_length() < 4 * _BIG else self._once(record, lambda: hex(record))

    def _once(self, record: Record, text: Callable[[], str]) -> str:
        if id(record) not in self._texts:
            self._texts[id(record)] = record, text()
        return self._texts[id(record)][1]

    def _land(self, record: Record, place: Place) -> Wire:
        number = self._ids.get(id(record))
        if number is not None:
            if place.reading is not None:
                check_shared(self, record, self._readings[id(record)], place)
            return {"$ref": number}
        if id(record) not in self._shared:
            if id(record) in self._met:
                self._shared.add(id(record))
                return None
            self._met.add(id(record))
        elif place.reading is not None:
            self._readings[id(record)] = place.reading
        return self._handlers[type(record)](self, record, place)

    def _close(self, task: _Close) -> None:
        """While its content was written, a cycle may have led back to the object: a reader takes that one."""
        number = self._ids.get(id(task.record))
        if number is not None:
            task.body["$same"] = number
            return  # and what is added to it was written there
        self.numbered(task.record, task.body)
        if task.rest is not None:
            task.rest()


def key_step(key: Record) -> str:
    """Return the step of a path into a dict: ``['name']``."""
    if isinstance(key, ByteString):
        key = key.raw
    if isinstance(key, (str, bytes)):
        key = key[:61]
    elif isinstance(key, int) and key.bit_length() > 64:
        key = hex(key >> max(key.bit_length() - 256, 0))
    text = ascii(key) if type(key) in _KEYS else f"<{type(key).__name__}>"
    return f"[{text if len(text) <= 60 else text[:57] + '...'}]"


_KEYS: Final = frozenset((type(None), bool, int, float, str, bytes))


def shorten(text: str) -> str:
    """Return ``text`` as a message can carry it: printable, and not longer than a few lines."""
    text = text if text.isprintable() else ascii(text)[1:-1]
    return text if len(text) <= 300 else f"{text[:140]} ... {text[-140:]}"
