"""Nouns of the data: classes, their fields and types, and where each fact came from."""

from __future__ import annotations

from enum import Enum

from attrs import field, frozen
from msgspec import Struct


class Source(Enum):
    """Where a fact came from, strongest first (docs/design.md, "Evidence")."""

    DECLARED = "declared"
    """An annotation or a declaration in source."""
    DATA = "data"
    """Seen in a legacy pickle."""
    OBSERVED = "observed"
    """Seen in a running program."""
    INFERRED = "inferred"
    """Derived from assignments, constructors or calls."""
    CHECKER = "checker"
    """Said by a type checker of an expression whose type does not follow from the tree's own source."""
    GUESSED = "guessed"
    """Every class that could be meant; never presented as a fact."""


class Confidence(Enum):
    """How far a type that is said of a place is to be believed (`migrate.evidence.confidence`)."""

    HIGH = "high"
    """It is declared and nothing speaks against it, or source and stored data say the same."""
    MEDIUM = "medium"
    """One kind of source says it: assignments and calls without data, or data without source; or it is
    declared, and the program's own assignments do not keep to it.
    """
    LOW = "low"
    """It is a guess, the type is not known, or stored data are of another type."""


class TypeRef(Struct, frozen=True, order=True, cache_hash=True, gc=False):
    """A type as the tool speaks of it: ``TypeRef("list", (TypeRef("shop.models:Order"),))``.

    Builtins and typing constructs have plain names (``int``, ``list``, ``Optional``, ``Union``, ``Any``);
    standard-library types are dotted (``datetime.datetime``); classes of the user's tree are keys
    ``module:qualname``. A struct, whose hash and comparisons are not Python code: millions are put into sets.
    """

    name: str
    args: tuple[TypeRef, ...] = ()

    def __str__(self) -> str:
        inner = ", ".join(map(str, self.args))
        return f"{self.name}[{inner}]" if inner else self.name


UNKNOWN = TypeRef("Any")


@frozen
class Evidence:
    """A typed observation with its source."""

    type: TypeRef
    source: Source
    where: str
    """``shop/store.py:31``, a data file, or a note a person can follow."""


class Kind(Enum):
    """How a class is made, which decides how it is restored."""

    PLAIN = "plain class"
    SLOTS = "class with slots"
    DATACLASS = "dataclass"
    ATTRS = "attrs class"
    NAMEDTUPLE = "named tuple"
    ENUM = "enum"
    TYPED_DICT = "typed dict"
    PYDANTIC = "pydantic model"
    BUILTIN_SUBCLASS = "subclass of a builtin"
    EXCEPTION = "exception"


@frozen
class Field:
    """One attribute of a class, with every fact known of its type."""

    name: str
    type: TypeRef = UNKNOWN
    evidence: tuple[Evidence, ...] = ()


@frozen
class ClassSchema:
    """What is known of one class of the user's tree."""

    key: str
    """``module:qualname``; the module as the program would import it."""
    kind: Kind
    path: str
    line: int
    bases: tuple[str, ...] = ()
    """Keys of bases inside the tree; dotted names of others. ``object`` is left out."""
    fields: tuple[Field, ...] = ()
    hooks: frozenset[str] = field(factory=frozenset)
    """Which of pickle's methods (``__getstate__``, ``__reduce__`` …) it defines or inherits."""
    script: bool = False
    """Its module can be run as ``__main__``: it has such a block, or is a loose script."""
    picklable: bool = True
    """False for local classes and others that pickle itself cannot store."""
    dynamic: bool = False
    """It also gets attributes under computed names, so ``fields`` may lack some."""
    aliases: tuple[str, ...] = ()
    """Other ``module:qualname`` under which stored data name it."""

    @property
    def name(self) -> str:
        """The last part of the qualified name."""
        return self.key.rpartition(":")[2].rpartition(".")[2]

    @property
    def generic(self) -> bool:
        """Whether it makes a class of its own for each argument: a generic model of pydantic."""
        return self.kind is Kind.PYDANTIC and "typing.Generic" in self.bases

    @property
    def module(self) -> str:
        """The module that defines it."""
        return self.key.partition(":")[0]
