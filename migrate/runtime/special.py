"""Registered things that are not plain classes: enums, factories, and classes with hooks of the user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..legacy.errors import MigrateError
from .columns import of_kind
from .columns_write import write_members
from .decode import expect, only
from .encode import escape
from .errors import DecodeError, EncodeError
from .layout import is_flag
from .reduce import decode_reduced, run_own
from .standard import in_range
from .typed import Coder

if TYPE_CHECKING:
    from collections.abc import Callable

    from .columns import ColumnFunction
    from .decode import DecodeRun
    from .encode import EncodeRun, Value, Wire
    from .registry import Registration


class EnumPlan:
    """Members by name; flags, which combine, by value."""

    def __init__(self, registration: Registration, cls: Value) -> None:
        self.tag = registration.tag
        self.cls = cls
        self._flag = is_flag(cls)

    @property
    def combines(self) -> bool:
        """Whether the members are flags."""
        return self._flag

    def encode(self, value: Value, _run: EncodeRun) -> Wire:
        """``{"$enum": ["Color", "RED"]}``."""
        return {"$enum": [self.tag, self._key(value)]}

    def _key(self, value: Value) -> Value:
        if self._flag:
            return value.value
        if self.cls._member_map_.get(value.name) is not value:
            raise EncodeError(f"{value!r} is not among the members of its class", reason="not-restorable")
        return value.name

    def member(self, key: Value) -> Value:
        """Return the member with that name, or the flags with that value."""
        if self._flag and type(key) is int:
            return in_range(self.cls, key)
        found = self.cls._member_map_.get(key) if type(key) is str else None
        if found is None:
            raise DecodeError(f"{self.tag} has no member {key!r}", reason="bad-value")
        return found

    def decode(self, wire: dict[str, Wire], run: DecodeRun) -> Value:
        """Return the call by value that pickle writes: ``Color(1)``."""
        only(wire, "$type", "$args", "$call")
        args = run.any(expect(wire.get("$args"), list))
        return run.remember(wire, in_range(self.cls, *args))

    def coder(self) -> Coder:
        """In a typed place: the name alone, or the integer."""
        shape = int if self._flag else str

        def encode(value: Value, run: EncodeRun) -> Wire:
            return self._key(value) if type(value) is self.cls else escape(run.any(value), shape)

        def decode(wire: Wire, run: DecodeRun) -> Value:
            return self.member(wire) if type(wire) is shape else run.any(wire)

        if self._flag:
            return Coder(encode, decode)
        return Coder(
            encode,
            decode,
            write_members(self._names(), encode, self.cls),
            of_kind(str, lambda column, _run: [*map(self.member, column)], decode),
        )

    def column(self) -> ColumnFunction | None:
        """Return what writes columns of members in self-describing form; None for flags, which combine."""
        if self._flag:
            return None
        forms = {key: {"$enum": [self.tag, name]} for key, name in self._names().items()}
        return write_members(forms, self.encode, self.cls)

    def _names(self) -> dict[int, str]:
        return {id(member): name for name, member in self.cls._member_map_.items() if member.name == name}


class FactoryPlan:
    """A function that a ``__reduce__`` names."""

    def __init__(self, registration: Registration, function: Callable[..., Any]) -> None:
        self.tag = registration.tag
        self._function = function

    def decode(self, wire: dict[str, Wire], run: DecodeRun) -> Value:
        """Return what the function returns, with the state that follows."""
        if wire.get("$call") is not True:
            raise DecodeError(f"{self.tag} is a function, not a class")
        return decode_reduced(self._function, wire, run)


class HookedPlan:
    """A class that the user takes apart and puts together: ``codec.hooks(…)``."""

    def __init__(
        self,
        registration: Registration,
        unstructure: Callable[[Any], Any],
        structure: Callable[[Any], Any],
    ) -> None:
        self.tag = registration.tag
        self._unstructure = unstructure
        self._structure = structure

    def encode(self, value: Value, run: EncodeRun) -> Wire:
        """Whatever the user's function returns, in self-describing form."""
        reference = run.meet_frozen(value)
        if reference is not None:
            return reference
        run.verify = True
        parts = run.remembered(value, lambda: self._taken_apart(value))
        return run.close_frozen(value, {"$type": self.tag, "$value": run.any(parts)})

    def decode(self, wire: dict[str, Wire], run: DecodeRun) -> Value:
        """Return what the user's function makes of it."""
        only(wire, "$type", "$value")
        parts = run.any(wire["$value"])
        return run.finish(wire, run_own(f"the structure hook of {self.tag}", self._structure, parts))

    def _taken_apart(self, value: Value) -> Value:
        try:
            return self._unstructure(value)
        except (MigrateError, RecursionError):
            raise
        except Exception as error:
            raise EncodeError(
                f"the unstructure hook of {self.tag} raised {type(error).__name__}: {error}",
                reason="not-restorable",
            ) from error
