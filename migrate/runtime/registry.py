"""The registry of a codec: the closed set of classes that its data may name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import UnknownClass
from .resolve import MAIN_NAMES, is_main, resolve, split_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .encode import Value

D = TypeVar("D")

_TAG = re.compile(r"[^\W\d]\w*")


class Registration:
    """One class, or one factory function, that data may name.

    As a decorator it declares the attributes of a class that does not declare them itself: the decorated
    class is only read for its annotations, when they are first needed.
    """

    __slots__ = (
        "_found",
        "aliases",
        "declaration",
        "hooks",
        "renames",
        "tag",
        "target",
        "unknown_fields",
    )

    def __init__(self, target: str, tag: str, found: Value = None) -> None:
        self.target = target
        """``module:qualname``."""
        self.tag = tag
        """Its name in the data."""
        self.aliases: set[str] = set()
        """Other ``module:qualname`` under which pickles name it."""
        self.declaration: type | None = None
        """Class whose annotations declare the attributes."""
        self.hooks: tuple[Callable[[Any], Any], Callable[[Any], Any]] | None = None
        """Functions of the user that take the instance apart and put it together."""
        self.renames: dict[str, str] = {}
        """Old names of fields → those of today."""
        self.unknown_fields: str | None = None
        """``keep`` or ``refuse``; None for what holds for the whole registry."""
        self._found = found

    def __call__(self, declaration: D) -> D:
        """Use the annotations of ``declaration`` as the types of the attributes; returns it unchanged."""
        if not isinstance(declaration, type):
            raise TypeError(f"the declaration of {self.target} must be a class with annotations")
        self.declaration = declaration
        return declaration

    def __repr__(self) -> str:
        return f"<Registration {self.tag!r} of {self.target}>"

    def find(self) -> Value:
        """Return the class or function itself; imports its module at first use.

        Raises :class:`UnknownClass` when it cannot be imported.
        """
        if self._found is None:
            try:
                self._found = resolve(self.target)
            except (ImportError, AttributeError) as error:
                raise UnknownClass(
                    f"{self.target} is registered but cannot be imported: {error}",
                    reason="unregistered-class",
                ) from error
        return self._found

    def is_for(self, found: Value) -> bool:
        """Whether the registered name, where it can be imported, leads to ``found``."""
        try:
            return bool(self.find() == found)
        except UnknownClass:
            return False

    def is_defined_in(self, module: str) -> bool:
        """Whether the class, where it can be imported, says that ``module`` defines it."""
        try:
            return getattr(self.find(), "__module__", None) == module
        except UnknownClass:
            return False


class Registry:
    """Registrations by the name in the data, by class, and by the name that pickles use."""

    def __init__(self) -> None:
        self.unknown_fields = "keep"
        self._by_tag: dict[str, Registration] = {}
        self._by_name: dict[str, Registration] = {}

    def __iter__(self) -> Iterator[Registration]:
        return iter(tuple(self._by_tag.values()))

    def add(self, target: str, found: Value, tag: str | None, aliases: Iterable[str]) -> Registration:
        """Register ``target``; registering it again is the same registration.

        Raises ValueError when the tag is taken, or an alias belongs to another class.
        """
        _, qualname = split_target(target)
        known = self._by_name.get(target)
        if known is not None and known.target == target:
            if tag is not None and tag != known.tag:
                raise ValueError(f"{target} is registered as {known.tag!r} already, and now as {tag!r}")
            if found is not None and known.find() is not found:
                raise ValueError(f"{target} is registered already, and is a different class now")
            registration = known
        else:
            registration = Registration(target, tag or _default_tag(qualname), found)
            self._take_tag(registration)
            self._by_name[target] = registration
        for alias in aliases:
            self._take_alias(alias, registration)
        return registration

    def _take_tag(self, new: Registration) -> None:
        if not _TAG.fullmatch(new.tag):
            raise ValueError(f"{new.tag!r} cannot be a tag; use an identifier")
        known = self._by_tag.get(new.tag)
        if known is not None:
            raise ValueError(
                f"{new.target} and {known.target} would both be called {new.tag!r} in the data; "
                f'register one of them with tag="…"'
            )
        self._by_tag[new.tag] = new

    def _take_alias(self, alias: str, registration: Registration) -> None:
        split_target(alias)
        known = self._by_name.setdefault(alias, registration)
        if known is not registration:
            raise ValueError(f"{alias} cannot be an alias of {registration.target}: it names {known.target}")
        registration.aliases.add(alias)

    def by_tag(self, tag: str) -> Registration | None:
        """Return the registration called ``tag`` in the data."""
        return self._by_tag.get(tag)

    def by_name(self, module: str, qualname: str) -> Registration | None:
        """Return the registration of what pickle calls ``module`` ``qualname``, perhaps by an alias."""
        known = self._by_name.get(f"{module}:{qualname}")
        return known or self._by_other_name(module, qualname)

    def _by_other_name(self, module: str, qualname: str) -> Registration | None:
        """Return a class of the running script, or one registered under a name that re-exports it."""
        for registration in self:
            declared, name = split_target(registration.target)
            if name != qualname:
                continue
            if is_main(declared) if module in MAIN_NAMES else registration.is_defined_in(module):
                return registration
        return None

    def by_object(self, found: Value) -> Registration | None:
        """Return the registration of this very class or function.

        None when it is not registered, or when the registered name leads to another object or to none, as
        after reloading a module: the data would not come back as this one.
        """
        module = getattr(found, "__module__", None)
        qualname = getattr(found, "__qualname__", None)
        if not isinstance(module, str) or not isinstance(qualname, str):
            return None
        named = self.by_name(module, qualname)
        candidates = self._with_arguments(qualname) if named is None else [named]
        return next((known for known in candidates if known.is_for(found)), None)

    def _with_arguments(self, qualname: str) -> list[Registration]:
        """Return what ``Page[Union[int, NoneType]]`` may be registered as; people write it in other words."""
        return [known for known in self if "[" in known.target] if "[" in qualname else []


def _default_tag(qualname: str) -> str:
    """One word, because annotations name the class by it: ``Outer.Inner`` → ``OuterInner``.

    ``Page[list[Order]]`` → ``Page_list_Order``.
    """
    plain, _, arguments = qualname.rpartition("<locals>.")[2].partition("[")
    words = re.findall(r"\w+", arguments)
    return "_".join([plain.replace(".", ""), *words])
