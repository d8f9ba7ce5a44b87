"""What a shape is: how one kind of site looks in the syntax tree, and how it is edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import libcst as cst
from attrs import field, frozen

from migrate.rewrite.refusal import CannotEdit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrate.model import Site


@frozen
class Context:
    """What a shape is told of the site and its surroundings."""

    site: Site
    converters: str
    """The name by which the file calls the converters module."""
    method: bool = False
    """The call is one of a Pickler or Unpickler kept in a variable."""
    type_argument: str | None = None
    """The name of the class to be passed to load, where it is certain."""
    copy: str = ""
    """How the file names ``copy.deepcopy``."""
    uses: set[str] = field(factory=set)
    """The names of the converters module that the edited file uses; filled by `name`."""

    def name(self, attribute: str) -> cst.Attribute:
        """Return the expression ``converters.attribute`` and note that it is used."""
        self.uses.add(attribute)
        return cst.Attribute(cst.Name(self.converters), cst.Name(attribute))


class Shape(Protocol):
    """One kind of site. Shapes are modules of this package with these functions."""

    def edit(self, node: cst.BaseExpression, context: Context) -> cst.BaseExpression:
        """Return what stands in the place of ``node`` afterwards."""

    def dropped(self, node: cst.BaseExpression, context: Context) -> Sequence[cst.CSTNode]:
        """Return those parts of ``node`` that are gone afterwards, and any site in them with them."""


def expect_call(node: cst.BaseExpression) -> cst.Call:
    """Return ``node`` as the call that it must be."""
    if not isinstance(node, cst.Call):
        raise CannotEdit(f"expected a call, found {type(node).__name__}")
    return node


def keep_parentheses(new: cst.BaseExpression, old: cst.BaseExpression) -> cst.BaseExpression:
    """Return ``new`` in the parentheses that stood around ``old``."""
    return new.with_changes(lpar=old.lpar, rpar=old.rpar)
