"""What a name or an expression can mean to `migrate.sites.resolve`."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from migrate.model import Span
from migrate.sites.libraries import Thing, thing

if TYPE_CHECKING:
    from migrate.sites.scopes import Scope

Place = tuple[str, Span]
"""A file and an expression in it."""


@frozen
class Named:
    """Something imported, by its canonical dotted name: ``pickle``, ``pickle.dump``, ``hashlib.md5``."""

    dotted: str
    instance: bool = False
    """An object made by calling what is named: ``pickle.Pickler(f)``."""
    origin: Place | None = None
    """Where the program put it into a variable, class or attribute of its own; None without that."""
    reason: str | None = None
    """Why that it is this, and only this, is not sure or not all there is to say (a reason code)."""

    @property
    def thing(self) -> Thing | None:
        """What it is of pickle or a relative."""
        return thing(self.dotted)

    @property
    def served(self) -> bool:
        """Whether it is of a library for which the converters module has a counterpart."""
        found = self.thing
        return found is not None and found.served

    @property
    def pickles(self) -> bool:
        """Whether it is pickle, or something in it."""
        found = self.thing
        return found is not None and found.pickles


@frozen
class InTree:
    """A module of the tree."""

    path: str


@frozen
class OwnClass:
    """A class of the tree, or an object of it: what its attributes mean is the same for both."""

    path: str
    scope: Scope


class _NotYet(Enum):
    """What a name means that is asked for again while it is being found: a circle of imports."""

    NOT_YET = "not yet"


NOT_YET = _NotYet.NOT_YET
Value = Named | InTree | OwnClass | Literal[_NotYet.NOT_YET]
