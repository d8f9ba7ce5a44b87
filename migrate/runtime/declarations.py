"""What a codec knows of classes: the registry as a program fills it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from .errors import UnknownClass
from .evolution import check_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cattrs.preconf.json import JsonConverter

    from .engine import Engine
    from .registry import Registration, Registry

T = TypeVar("T")
C = TypeVar("C", bound="type | Callable[..., Any]")


class Declarations:
    """The part of :class:`~.codec.Codec` that declares: nothing in data names what was not registered."""

    _registry: Registry
    _engine: Engine
    name: str

    @overload
    def register(
        self,
        target: str,
        *,
        tag: str | None = None,
        aliases: Iterable[str] = (),
        renames: Mapping[str, str] | None = None,
        unknown_fields: str | None = None,
    ) -> Registration: ...

    @overload
    def register(
        self,
        target: C,
        *,
        tag: str | None = None,
        aliases: Iterable[str] = (),
        renames: Mapping[str, str] | None = None,
        unknown_fields: str | None = None,
    ) -> C: ...

    def register(
        self,
        target: Any,
        *,
        tag: str | None = None,
        aliases: Iterable[str] = (),
        renames: Mapping[str, str] | None = None,
        unknown_fields: str | None = None,
    ) -> Any:
        """Let data name a class, or a function that a ``__reduce__`` calls.

        ``target`` is ``"module:qualname"``, imported at first use and not before, or the class itself,
        which is returned (so this is also a class decorator). ``tag`` is its name in the data, by default
        the class's own. ``aliases`` are old ``"module:qualname"`` under which pickles name it. ``renames``
        are old names of its fields, in records and in pickles, with those of today. ``unknown_fields``
        overrides what the codec does with undeclared fields.

        The result for a name can decorate a class whose annotations declare the attributes.

        Raises ValueError when the tag or an alias belongs to another class.
        """
        if isinstance(target, str):
            registration = self._registry.add(target, None, tag, aliases)
        elif not callable(target) or not hasattr(target, "__qualname__"):
            raise TypeError(f'register takes a class, a function, or "module:Class", not {target!r}')
        else:
            name = f"{target.__module__}:{target.__qualname__}"
            registration = self._registry.add(name, target, tag, aliases)
        registration.renames.update(renames or {})
        if unknown_fields is not None:
            registration.unknown_fields = check_policy(unknown_fields)
        self._engine.reset()
        return registration if isinstance(target, str) else target

    def hooks(
        self,
        target: str | type[T],
        *,
        unstructure: Callable[[T], Any],
        structure: Callable[[Any], T],
        tag: str | None = None,
        aliases: Iterable[str] = (),
    ) -> None:
        """Register a class that is taken apart and put together by functions of your own.

        ``unstructure`` returns any value that the codec can write; ``structure`` gets it back exactly. The
        result must equal the original, or dump refuses it (``not-restorable``).
        """
        self.register(target, tag=tag, aliases=aliases)
        name = target if isinstance(target, str) else f"{target.__module__}:{target.__qualname__}"
        self._registry.add(name, None, None, ()).hooks = (unstructure, structure)
        self._engine.reset()

    def lookup(self, module: str, qualname: str) -> str | None:
        """Return the tag of the class that pickle calls ``module`` ``qualname``, or None."""
        registration = self._registry.by_name(module, qualname)
        return None if registration is None else registration.tag

    def unresolvable(self) -> dict[str, str]:
        """Return registered names that cannot be imported now, and why."""
        found: dict[str, str] = {}
        for registration in self._registry:
            try:
                registration.find()
            except UnknownClass as error:  # noqa: PERF203 - each may fail for itself
                found[registration.target] = error.message
        return found

    @property
    def converter(self) -> JsonConverter:
        """The cattrs Converter of this codec; hooks registered on it apply to all that the codec does."""
        return self._engine.converter

    def json_schema(self, *, strict: bool = False) -> dict[str, Any]:
        """Return a JSON Schema (2020-12) of the records of this codec.

        It describes what a reader accepts; with ``strict`` only values that conform to their declared types.
        Imports the registered classes; one that cannot be imported is described without its fields.
        """
        return self._engine.json_schema(self.name, strict=strict)
