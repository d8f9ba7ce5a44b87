"""Classes that changed since their records were written: renamed fields, and fields that they do not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .annotations import declared_names
from .errors import DecodeError, EncodeError, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .encode import Value, Wire
    from .registry import Registration, Registry

POLICIES = ("keep", "refuse")
"""What becomes of a field that a class does not declare."""


def check_policy(policy: str) -> str:
    """Return ``policy``; raises ValueError if there is none of that name."""
    if policy not in POLICIES:
        raise ValueError(f"unknown_fields={policy!r} is none of {', '.join(POLICIES)}")
    return policy


class Evolution(NamedTuple):
    """What is done to the fields of one class before it gets them."""

    tag: str
    renames: Mapping[str, str]
    """Old name → new."""
    known: frozenset[str] | None
    """Names of its fields, where others are refused."""

    def leaves(self, names: Iterable[str]) -> bool:
        """Whether fields of these names are left as they are."""
        return self.renames.keys().isdisjoint(names) and (self.known is None or self.known.issuperset(names))

    def adapt(self, wire: dict[str, Wire]) -> dict[str, Wire]:
        """Return an instance's JSON object with the names of today; raises DecodeError for unknown ones."""
        if not self.renames.keys().isdisjoint(wire):
            wire = self._renamed(wire)
        if self.known is not None:
            for name in wire:
                if name[:1] != "$" and name not in self.known:
                    raise within(self._refusal(DecodeError), f".{name}")
        return wire

    def adapt_state(self, state: Value) -> Value:
        """As :meth:`adapt`, for a state as pickle has it: a dict, or a pair of two."""
        if type(state) is tuple and len(state) == 2:
            return tuple(self.adapt_state(part) for part in state)
        if type(state) is not dict:
            return state
        if not self.renames.keys().isdisjoint(state):
            state = self._renamed(state)
        self._check(state, DecodeError)
        return state

    def adapt_model(self, state: Value) -> Value:
        """As :meth:`adapt_state`, for the state of a pydantic model, in which the fields are one part."""
        if type(state) is not dict or type(state.get("__dict__")) is not dict:
            return state
        was_set = state.get("__pydantic_fields_set__")
        if type(was_set) is set:
            was_set = {self.renames.get(name, name) for name in was_set}
        return {
            **state,
            "__dict__": self.adapt_state(state["__dict__"]),
            "__pydantic_fields_set__": was_set,
        }

    def check(self, attributes: Iterable[Any]) -> None:
        """Raise EncodeError for an attribute that could not be read again."""
        self._check(attributes, EncodeError)

    def _check(self, names: Iterable[Any], error: type[DecodeError | EncodeError]) -> None:
        if self.known is not None:
            for name in names:
                if name not in self.known:
                    raise within(self._refusal(error), f".{name}")

    def _refusal(self, error: type[DecodeError | EncodeError]) -> DecodeError | EncodeError:
        return error(f"{self.tag} declares no such field, and its others are refused", reason="unknown-field")

    def _renamed(self, members: dict[str, Value]) -> dict[str, Value]:
        out: dict[str, Value] = {}
        for name, value in members.items():
            new = self.renames.get(name, name)
            if new in out or (new != name and new in members):
                raise within(
                    DecodeError(f"{self.tag} has its old name as well", reason="bad-value"),
                    f".{new}",
                )
            out[new] = value
        return out


def evolution_of(registration: Registration, cls: type, registry: Registry) -> Evolution | None:
    """Return what was declared for the class, or None when nothing was.

    A class that declares no fields at all has none that it does not know.
    """
    known: frozenset[str] | None = None
    if (registration.unknown_fields or registry.unknown_fields) == "refuse":
        known = declared_names(cls, registry) or None
    if known is None and not registration.renames:
        return None
    return Evolution(registration.tag, registration.renames, known)
