"""Which classes are their attributes and nothing else, for those who make many objects of one kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..legacy.errors import MigrateError
from ..legacy.python2 import modern_name
from ._landing_standard import STANDARD
from .plans import ClassPlan
from .special import EnumPlan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .conversion import Conversion


class PlainClass(NamedTuple):
    """A registered class of which an instance is ``object.__new__`` and its attributes."""

    tag: str
    cls: type
    slots: Mapping[str, Any]
    """Name → descriptor."""
    has_dict: bool
    needed: frozenset[str]
    """Attributes that are made up where they are missing."""


class PlainEnum(NamedTuple):
    """A registered enum whose members are found by their values; no flags, which combine."""

    tag: str
    members: Mapping[tuple[type, Any], Any]
    """Type of the value, and the value → member."""


def plainly(conversion: Conversion, module: str, qualname: str) -> PlainClass | PlainEnum | None:
    """Return what pickle calls ``module`` ``qualname``, if it is so plain; None for everything else.

    Imports the module of the class. None also when it cannot be imported.
    """
    registry, modern = conversion.registry, modern_name(module, qualname)
    if modern in STANDARD:
        return None
    registration = registry.by_name(module, qualname) or registry.by_name(*modern)
    if registration is None:
        return None
    try:
        plan = conversion.plan_of(registration)
    except MigrateError:
        return None
    if type(plan) is EnumPlan:
        return _enum(plan)
    return _class(plan) if type(plan) is ClassPlan else None


def _class(plan: ClassPlan) -> PlainClass | None:
    layout = plan.layout
    special = layout.setstate or layout.new or layout.opaque or layout.is_model or layout.hash_cache
    if not plan.simple or special or plan.evolution is not None:
        return None
    if any(not _MEDDLING.isdisjoint(vars(base)) for base in plan.cls.__mro__[:-1]):
        return None
    return PlainClass(plan.tag, plan.cls, layout.slots, layout.has_dict, frozenset(plan.defaults))


def _enum(plan: EnumPlan) -> PlainEnum | None:
    if plan.combines:
        return None
    named = plan.cls._member_map_.items()
    members = [member for name, member in named if member.name == name and type(member.value) in _SIMPLE]
    return PlainEnum(plan.tag, {(type(member.value), member.value): member for member in members})


_MEDDLING = frozenset({"__del__", "__getattribute__"})
"""What may change an instance unasked, and with it the state it was made of, which is looked at later."""
_SIMPLE = frozenset({int, str})
