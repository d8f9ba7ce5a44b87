"""Watches the pickle functions of one process, and notes which types pass where; never a value.

`migrate.evidence.observing` copies this file as ``sitecustomize.py``, which Python imports before a program.
So it needs nothing but the standard library, of any Python from 3.8 on, and does nothing when it is imported
under its own name.

What is noted goes to a file of the process at once, one line for each new fact: however a process ends, what
it noted stays. No code of the program is called to look at a value: no ``__getstate__``, no property, no
``__iter__``. After the first calls of a place only every so many are looked at, and of each a part.
"""

from __future__ import annotations

import atexit
import collections
import copyreg
import enum
import itertools
import json
import os
import pickle
import sys
import types
from _thread import get_ident
from importlib import import_module
from typing import Any

ALWAYS = 32
"""Calls of one place that are all looked at; later ones ever more seldom, each time an eighth."""
OBJECTS = 1000
"""Objects of one value that are looked at."""
ITEMS = 50
"""Items of one container that are looked at, spread over it."""
DEPTH = 5
"""Nesting of containers in a type; deeper is ``Any``."""
MOST = 16
"""Alternatives of one place, and items of a tuple that are told apart."""
FACTS = 20_000
"""Lines that one process writes at most."""
STRANGERS = 50
"""Files outside of the tree whose calls are counted."""

_ATOMS = frozenset({bool, int, float, complex, str, bytes, bytearray, type(None)})
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
_HOOKS = ("__getstate__", "__reduce__", "__reduce_ex__", "__getnewargs__", "__getnewargs_ex__")
_GENERATED = ("dataclasses.py", os.path.join("attr", "_make.py"))  # noqa: PTH118 - pathlib costs too much here
"""Sources of methods for pickle that a class has because of how it is made: they store all fields."""
_OLD_STANDARD = frozenset(
    {"abc", "array", "builtins", "collections", "datetime", "decimal", "enum", "fractions", "functools"}
    | {"ipaddress", "pathlib", "re", "types", "typing", "uuid", "zoneinfo", "_io", "_thread"}
)
_STANDARD = getattr(sys, "stdlib_module_names", _OLD_STANDARD)  # there from Python 3.10 on


class Place:
    """A call in the tree through which values pass."""

    __slots__ = ("count", "facts", "key", "next", "written")

    def __init__(self, key: tuple[object, ...]) -> None:
        self.key = key
        self.count = 0
        self.written = 0
        self.next = 1
        self.facts: set[str] = set()


class Watch:
    """Notes what passes through the calls below ``root``; one file for each process in ``folder``."""

    def __init__(self, root: str, folder: str) -> None:
        self._root = os.path.join(os.path.realpath(root), "")  # noqa: PTH118
        self._start = os.getcwd()  # noqa: PTH109
        self._folder = folder
        self._files: dict[str, str | None] = {}
        self._places: dict[tuple[object, int, str], Place] = {}
        self._strangers: collections.Counter[str] = collections.Counter()
        self._facts: set[str] = set()
        self._waiting: collections.deque[str] = collections.deque()
        self._busy: set[int] = set()
        self._troubles: set[str] = set()
        self._lines = 0
        self._name = ""
        self.off = False

    def passed(self, frame: types.FrameType, function: str, value: object) -> None:
        """Note that ``frame`` gave ``value`` to a pickle function, or got it from one."""
        me = get_ident()
        if self.off or me in self._busy:
            return
        self._busy.add(me)
        try:
            self._passed(frame, function, value)
        except Exception as error:  # noqa: BLE001 - the program must go on; what happened is reported
            self._trouble(error)
        finally:
            self._busy.discard(me)

    def forked(self) -> None:
        """Begin anew in a child: what was counted so far is the parent's to report."""
        self._name = ""
        self._waiting.clear()
        self._strangers.clear()
        self._busy.clear()
        self._lines = 0
        for place in self._places.values():
            place.written = place.count
        self._line(["process"])

    def finish(self) -> None:
        """Write the counts that are not written yet."""
        for place in list(self._places.values()):
            self._count(place)
        for name, count in list(self._strangers.items()):
            self._line(["elsewhere", name, count])

    # --- places ----------------------------------------------------------------------------------------

    def _passed(self, frame: types.FrameType, function: str, value: object) -> None:
        code = frame.f_code
        path = self._path(code.co_filename)
        if path is None:
            if code.co_filename in self._strangers or len(self._strangers) < STRANGERS:
                self._strangers[code.co_filename] += 1
            return
        at = (code, frame.f_lasti, function)
        place = self._places.get(at)
        if place is None:
            place = self._places[at] = Place((path, frame.f_lineno, _end(frame), function))
        place.count += 1
        if place.count >= place.next:
            place.next = place.count + (place.count // 8 if place.count >= ALWAYS else 1)
            try:
                self._look(place, value)
            finally:
                self._count(place)

    def _path(self, filename: str) -> str | None:
        """Return the path below the root; None for files elsewhere, and for installed packages."""
        if filename not in self._files:
            full = os.path.realpath(os.path.join(self._start, filename))  # noqa: PTH118
            inside = full.startswith(self._root) and not filename.startswith("<")
            path = full[len(self._root) :].replace(os.sep, "/")
            installed = {"site-packages", "dist-packages"} & set(path.split("/"))
            self._files[filename] = path if inside and not installed else None
        return self._files[filename]

    def _count(self, place: Place) -> None:
        more = place.count - place.written
        if more:
            place.written += more
            self._line(["calls", *place.key, more])

    # --- values ----------------------------------------------------------------------------------------

    def _look(self, place: Place, value: object) -> None:
        """Note the type of a value, and the classes of the objects in it with what they hold."""
        self._note(place, "type", self._type(value, DEPTH))
        seen: dict[int, object] = {}
        pending = [value]
        while pending and len(seen) < OBJECTS:
            each = pending.pop()
            cls = type(each)
            if (
                cls in _ATOMS
                or id(each) in seen
                or isinstance(each, (type, types.ModuleType, Function, *_FUNCTIONS))
            ):
                continue
            seen[id(each)] = each
            name = class_name(cls)
            if ":" in name:
                self._note(place, "class", name)
                pending += self._object(name, cls, each)
            pending += _items(each)

    def _object(self, name: str, cls: type, value: object) -> list[object]:
        """Note the attributes of an object; return what they hold."""
        fields = _fields(cls, value)
        if fields is None:
            self._fact(["hooks", name])
            return []
        for attribute, held in fields:
            self._fact(["field", name, attribute, self._type(held, DEPTH)])
        return [held for _, held in fields]

    def _type(self, value: object, depth: int) -> str:
        """Return the type of a value as text, as `migrate.evidence.typetext` reads it."""
        if value is None:
            return "None"
        if isinstance(value, type):
            return f"type[{class_name(value)}]"
        if _is_named(value):
            return "collections.abc.Callable"
        name = class_name(type(value))
        if type(value) in _ATOMS or ":" in name:
            return name
        return self._container(name, value, depth) if depth > 0 else "Any"

    def _container(self, name: str, value: object, depth: int) -> str:
        """Return the type of a container of the standard library, with that of what it holds."""
        if type(value) is tuple:
            return self._tuple(_items(value), depth)
        if isinstance(value, dict):
            pairs = list(itertools.islice(dict.items(value), ITEMS))
            parts = [self._joined([key for key, _ in pairs], depth)]
            if not isinstance(value, collections.Counter):
                parts.append(self._joined([held for _, held in pairs], depth))
            return f"{name}[{', '.join(parts)}]"
        if type(value) in (list, set, frozenset, collections.deque):
            return f"{name}[{self._joined(_items(value), depth)}]"
        return name

    def _tuple(self, items: list[object], depth: int) -> str:
        if not items:
            return "tuple"
        if len(items) > MOST:
            return f"tuple[{self._joined(items, depth)}, ...]"
        return f"tuple[{', '.join(self._type(item, depth - 1) for item in items)}]"

    def _joined(self, values: list[object], depth: int) -> str:
        found = sorted({self._type(value, depth - 1) for value in values})
        if len(found) > MOST:
            return "Any"
        return f"Union[{', '.join(found)}]" if len(found) > 1 else found[0] if found else "Never"

    # --- facts -----------------------------------------------------------------------------------------

    def _note(self, place: Place, kind: str, text: str) -> None:
        fact = f"{kind} {text}"
        if fact not in place.facts:
            place.facts.add(fact)
            self._line([kind, *place.key, text])

    def _fact(self, parts: list[object]) -> None:
        fact = "\0".join(map(str, parts))
        if fact not in self._facts:
            self._facts.add(fact)
            self._line(parts)

    def _trouble(self, error: Exception) -> None:
        kind = type(error).__name__
        if kind not in self._troubles:
            self._troubles.add(kind)
            self._line(["trouble", kind])

    def _line(self, parts: list[object]) -> None:
        """Add a line to the file of this process. It is opened each time: the program may close files."""
        self._lines += 1
        if self._lines > FACTS:
            self.off = True
            parts = ["full"]
        self._waiting.append(json.dumps(parts))
        name = self._name or f"{os.getpid()}-{os.urandom(6).hex()}"
        flags = os.O_WRONLY | os.O_APPEND | (0 if self._name else os.O_CREAT)
        try:
            file = os.open(os.path.join(self._folder, f"{name}.seen"), flags, 0o600)  # noqa: PTH118
        except FileNotFoundError:  # `observe` is done; whoever is still running is watched no more
            self.off = True
            return
        except OSError:  # too many open files, for now
            return
        self._name = name
        try:
            while self._waiting:
                os.write(file, f"{self._waiting.popleft()}\n".encode())
        finally:
            os.close(file)


def class_name(cls: type) -> str:
    """Return a class as types are written: ``int``, ``datetime.date``, ``shop.models:Order``."""
    module: Any = cls.__module__  # a metaclass may make anything of it
    qualname = cls.__qualname__
    if not isinstance(module, str) or module == "builtins":
        return qualname
    top = module.partition(".")[0]
    if top in _STANDARD and module != "__main__":
        return f"{'pathlib' if top == 'pathlib' else module}.{qualname}"
    return f"numpy.{qualname}" if top == "numpy" else f"{module}:{qualname}"


def _fields(cls: type, value: object) -> list[tuple[str, object]] | None:
    """Return the attributes that pickle stores; None if methods or functions of the program decide that."""
    if isinstance(value, enum.Enum):
        return []
    names = next((c.__dict__["_fields"] for c in cls.__mro__ if "_fields" in c.__dict__), None)
    if isinstance(value, tuple) and isinstance(names, tuple) and len(names) == tuple.__len__(value):
        return list(zip(map(str, names), tuple.__iter__(value)))  # noqa: B905 - not before Python 3.10
    if cls in copyreg.dispatch_table or any(_decides(c, hook) for c in cls.__mro__ for hook in _HOOKS):
        return None
    found: list[tuple[str, object]] = []
    for owner in cls.__mro__:
        for name, member in list(owner.__dict__.items()):
            if type(member) is types.MemberDescriptorType and owner.__module__ not in _STANDARD:
                try:
                    found.append((name, member.__get__(value, cls)))
                except AttributeError:  # a slot that is empty
                    continue
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return found
    return found + [pair for pair in list(dict.items(attributes)) if type(pair[0]) is str]


def _is_named(value: object) -> bool:
    """Whether pickle stores a value by its name, or not at all: functions, classes, modules."""
    return isinstance(value, (type, types.ModuleType, Function, *_FUNCTIONS))


def _decides(owner: type, hook: str) -> bool:
    """Whether a class has a method of its own that says what pickle stores."""
    method = owner.__dict__.get(hook)
    if method is None or str(owner.__module__).partition(".")[0] in _STANDARD:
        return False
    code = getattr(method, "__code__", None)
    return code is None or not code.co_filename.endswith(_GENERATED)


def _items(value: object) -> list[object]:
    """Return items of a container, at most `ITEMS`, also of one that derives from a builtin."""
    if isinstance(value, list):
        return [part for each in _spread(list.__len__(value)) for part in list.__getitem__(value, each)]
    if isinstance(value, tuple):
        return [part for each in _spread(tuple.__len__(value)) for part in tuple.__getitem__(value, each)]
    if isinstance(value, dict):
        return [part for pair in itertools.islice(dict.items(value), ITEMS) for part in pair]
    if isinstance(value, set):
        return list(itertools.islice(set.__iter__(value), ITEMS))
    if isinstance(value, frozenset):
        return list(itertools.islice(frozenset.__iter__(value), ITEMS))
    if isinstance(value, collections.deque):
        return list(itertools.islice(collections.deque.__iter__(value), ITEMS))
    return []


def _spread(length: int) -> list[slice]:
    """Return where to look in a sequence: a run at its beginning, then spread over the rest.

    The run meets what alternates; a spread alone could meet every second item only.
    """
    first = ITEMS // 2
    return [slice(0, first), slice(first, None, max(1, -(-(length - first) // first)))]


def _end(frame: types.FrameType) -> list[int] | None:
    """Return line and column at which the running call ends, where Python knows it (from 3.11 on)."""
    positions = getattr(frame.f_code, "co_positions", None)
    if positions is None:
        return None
    _, line, _, column = next(itertools.islice(positions(), frame.f_lasti // 2, None), (None,) * 4)
    return None if line is None or column is None else [line, column]


class Function:
    """Stands where one of pickle's functions stood.

    An object with ``__call__``, because a Python function would become a method where a class holds it. It
    is pickled by the name of the function, and shows the function's signature.
    """

    def __init__(self, function: Any, watch: Watch) -> None:
        self.__wrapped__ = function
        self.__name__ = self.__qualname__ = function.__name__
        self.__module__ = function.__module__
        self.__doc__ = function.__doc__
        self._reads = function.__name__ in ("load", "loads")
        self._watch = watch

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """Do what the function does, then note what passed."""
        result = self.__wrapped__(*args, **keywords)
        value = result if self._reads else args[0] if args else keywords.get("obj")
        self._watch.passed(sys._getframe(1), self.__name__, value)  # noqa: SLF001 - there is no other way
        return result

    def __reduce__(self) -> str:
        return str(self.__name__)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)


def _pickler(original: Any, watch: Watch) -> Any:
    """Return ``Pickler`` or ``Unpickler`` with its method watched."""

    class Pickler(original):  # type: ignore[misc]
        __slots__ = ()

        def dump(self, obj: object, /) -> Any:
            result = super().dump(obj)
            watch.passed(sys._getframe(1), "Pickler.dump", obj)  # noqa: SLF001
            return result

    class Unpickler(original):  # type: ignore[misc]
        __slots__ = ()

        def load(self) -> Any:
            result = super().load()
            watch.passed(sys._getframe(1), "Unpickler.load", result)  # noqa: SLF001
            return result

    watched = Pickler if original.__name__ == "Pickler" else Unpickler
    watched.__module__ = original.__module__
    watched.__qualname__ = original.__qualname__
    watched.__doc__ = original.__doc__
    return watched


def install(watch: Watch) -> None:
    """Put the watch on pickle's functions and classes, in pickle and in what is behind it."""
    behind = sys.modules.get("_pickle")
    for name in ("dump", "dumps", "load", "loads", "Pickler", "Unpickler"):
        original = getattr(pickle, name)
        watched = _pickler(original, watch) if isinstance(original, type) else Function(original, watch)
        for module in (pickle, behind):
            if module is not None and getattr(module, name, None) is original:
                setattr(module, name, watched)


def _begin(folder: str) -> None:
    """Start to watch as ``sitecustomize``, then let the one that the program has itself come through."""
    with open(os.path.join(folder, "watch.json"), encoding="utf-8") as file:  # noqa: PTH118, PTH123
        settings = json.load(file)
    watch = Watch(settings["root"], settings["seen"])
    watch._line(["process"])  # noqa: SLF001
    install(watch)
    atexit.register(watch.finish)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=watch.forked)
    sys.path[:] = [entry for entry in sys.path if entry != folder]
    mine = sys.modules.pop("sitecustomize")
    try:
        import_module("sitecustomize")
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
        sys.modules["sitecustomize"] = mine


if __name__ == "sitecustomize":
    _begin(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
