"""Types of the model as annotations in source that runs, and that a strict type checker accepts.

What cannot be said exactly is ``Any``: such a place of the data describes itself, and nothing is lost.
"""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING

from attrs import Factory, define

from migrate.model import TypeRef

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAIN = frozenset(
    {"bool", "bytearray", "bytes", "complex", "float", "int", "object", "range", "slice", "str"}
)

_CONTAINERS = {
    "dict": ("Any", "Any"),
    "frozenset": ("Any",),
    "list": ("Any",),
    "set": ("Any",),
    "tuple": ("Any", "..."),
    "type": ("Any",),
    "collections.Counter": ("Any",),
    "collections.OrderedDict": ("Any", "Any"),
    "collections.abc.Collection": ("Any",),
    "collections.abc.Iterable": ("Any",),
    "collections.abc.Mapping": ("Any", "Any"),
    "collections.abc.MutableMapping": ("Any", "Any"),
    "collections.abc.MutableSequence": ("Any",),
    "collections.abc.MutableSet": ("Any",),
    "collections.abc.Sequence": ("Any",),
    "collections.abc.Set": ("Any",),
    "collections.defaultdict": ("Any", "Any"),
    "collections.deque": ("Any",),
    "re.Pattern": ("Any",),
}
"""Generic types and the arguments they take when none are known; a strict checker wants some."""

_STANDARD = frozenset(
    {
        "array.array",
        *("datetime.date", "datetime.datetime", "datetime.time", "datetime.timedelta", "datetime.timezone"),
        *("decimal.Decimal", "fractions.Fraction", "uuid.UUID", "types.SimpleNamespace", "zoneinfo.ZoneInfo"),
        *("ipaddress.IPv4Address", "ipaddress.IPv4Interface", "ipaddress.IPv4Network"),
        *("ipaddress.IPv6Address", "ipaddress.IPv6Interface", "ipaddress.IPv6Network"),
        *("pathlib.Path", "pathlib.PosixPath", "pathlib.PurePath", "pathlib.PurePosixPath"),
        *("pathlib.PureWindowsPath", "pathlib.WindowsPath"),
    }
)
"""Classes of the standard library that have a tag in docs/wire-format.md."""

RESERVED = _PLAIN | {name for name in _CONTAINERS if "." not in name} | {"Any", "None"}
"""Names that annotations use, and that a class must therefore not be called."""


@define
class Annotations:
    """Writes annotations, and remembers which imports they need.

    ``tags`` maps the keys of registered classes to the names by which the module calls them.
    """

    tags: Mapping[str, str]
    modules: set[str] = Factory(set)
    """Modules of the standard library, to be imported as such."""
    classes: set[str] = Factory(set)
    """Keys of registered classes that were named."""
    uses_any: bool = False

    def write(self, type_: TypeRef, *, limit: int, forbidden: frozenset[str] = frozenset()) -> str:
        """Return the annotation, in at most ``limit`` characters.

        ``forbidden`` are names that mean something else where the annotation stands: the fields of the class.
        """
        attempt = Annotations(self.tags)
        text = attempt._write(type_)
        roots = {part.partition(".")[0] for part in _words(text)}
        if len(text) > limit or roots & forbidden or text == "None":
            attempt = Annotations(self.tags, uses_any=True)
            text = "Any"
        self.modules |= attempt.modules
        self.classes |= attempt.classes
        self.uses_any = self.uses_any or attempt.uses_any
        return text

    def _write(self, type_: TypeRef) -> str:
        name = type_.name
        if name in ("Optional", "Union"):
            return self._alternatives(type_)
        if name in _CONTAINERS:
            return self._container(type_)
        if not type_.args:
            if name in _PLAIN or name in ("None", "..."):
                return name
            if name in _STANDARD:
                return self._standard(name)
            if name in self.tags:
                self.classes.add(name)
                return self.tags[name]
        self.uses_any = True
        return "Any"

    def _alternatives(self, type_: TypeRef) -> str:
        parts = [self._write(leaf) for leaf in _leaves(type_)]
        if "Any" in parts or not parts:
            self.uses_any = True
            return "Any"
        return " | ".join(sorted(dict.fromkeys(parts), key=lambda part: part == "None"))

    def _container(self, type_: TypeRef) -> str:
        name = self._standard(type_.name) if "." in type_.name else type_.name
        default = _CONTAINERS[type_.name]
        fits = len(type_.args) == len(default) or type_.name == "tuple"
        parts = [self._write(arg) for arg in type_.args] if type_.args and fits else list(default)
        self.uses_any = self.uses_any or "Any" in parts
        return f"{name}[{', '.join(parts)}]"

    def _standard(self, name: str) -> str:
        self.modules.add(name.rpartition(".")[0])
        return "array.array[Any]" if name == "array.array" else name


def is_known(name: str) -> bool:
    """Whether an annotation can name ``name``, which is no class of the tree."""
    composed = ("Any", "None", "...", "Optional", "Union")
    return name in _PLAIN or name in _CONTAINERS or name in _STANDARD or name in composed


def usable_as_field(name: str) -> bool:
    """Whether ``name`` can be declared in a class body and still is that name.

    ``__x`` would be mangled with the name of the declaring class; ``_Cart__x``, as it is stored, would not.
    """
    return name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("__")


def _leaves(type_: TypeRef) -> list[TypeRef]:
    """Return the alternatives of nested unions, None last of its union."""
    if type_.name not in ("Optional", "Union"):
        return [type_]
    leaves = [leaf for arg in type_.args for leaf in _leaves(arg)]
    return [*leaves, TypeRef("None")] if type_.name == "Optional" else leaves


def _words(text: str) -> list[str]:
    return "".join(c if c.isidentifier() or c.isdigit() or c == "." else " " for c in text).split()
