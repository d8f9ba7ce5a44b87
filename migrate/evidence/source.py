"""What a module of the tree says, before anything is resolved: its scopes, names, classes, calls and stores.

All of these are compared by identity; a module is scanned once and never changed afterwards.
"""

from __future__ import annotations

import ast
from enum import Enum

from attrs import define, field, frozen


class ScopeKind(Enum):
    """The kinds of scope, which differ in what they can see."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"
    """Also a lambda or a comprehension."""


@define(eq=False)
class Scope:
    """A scope and every binding of every name in it, in the order of the source."""

    kind: ScopeKind
    module: Module = field(repr=False)
    parent: Scope | None = field(repr=False)
    qualname: str
    names: dict[str, list[Binding]] = field(factory=dict, repr=False)
    shared: dict[str, Scope] = field(factory=dict, repr=False)
    """Names declared ``global`` or ``nonlocal``, and the scope that has them."""


@define(eq=False)
class ClassNode:
    """A class statement, or ``X = namedtuple("X", …)`` and its like (then ``call`` is set)."""

    name: str
    qualname: str
    module: Module = field(repr=False)
    line: int
    outer: Scope = field(repr=False)
    scope: Scope = field(repr=False)
    """The body; empty for a class made by a call."""
    node: ast.ClassDef | None = field(default=None, repr=False)
    call: ast.Call | None = field(default=None, repr=False)
    doc: str = field(default="", repr=False)
    """Its docstring, if that seems to say types."""

    @property
    def key(self) -> str:
        """``module:qualname``."""
        return f"{self.module.name}:{self.qualname}"

    @property
    def local(self) -> bool:
        """Whether it is defined inside a function, where pickle cannot find it."""
        return "<locals>" in self.qualname


@define(eq=False)
class FunctionNode:
    """A function, method or lambda."""

    name: str
    qualname: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda = field(repr=False)
    outer: Scope = field(repr=False)
    scope: Scope = field(repr=False)
    owner: ClassNode | None = None
    """The class whose method it is."""
    returns: list[ast.expr] = field(factory=list, repr=False)
    yields: list[ast.expr] = field(factory=list, repr=False)
    delegates: list[ast.expr] = field(factory=list, repr=False)
    """What ``yield from`` passes on."""
    generator: bool = False
    decorators: frozenset[str] = frozenset()
    """The last names of its decorators."""
    doc: str = field(default="", repr=False)
    """Its docstring, if that seems to say types."""

    @property
    def module(self) -> Module:
        """The file that it stands in."""
        return self.scope.module

    @property
    def parameters(self) -> list[ast.arg]:
        """Positional parameters in order, then keyword-only ones."""
        args = self.node.args
        return [*args.posonlyargs, *args.args, *args.kwonlyargs]

    @property
    def bound(self) -> bool:
        """Whether its first parameter is filled by the attribute access."""
        return self.owner is not None and "staticmethod" not in self.decorators

    @property
    def abstract(self) -> bool:
        """Whether it is there to be overridden: it is declared so, or does nothing but raise."""
        if "abstractmethod" in self.decorators:
            return True
        body = self.node.body
        last = body[-1] if isinstance(body, list) and body else None
        return isinstance(last, ast.Raise) and not self.returns

    @property
    def takes_class(self) -> bool:
        """Whether its first parameter is the class."""
        implicit = self.name in ("__new__", "__init_subclass__", "__class_getitem__")
        return self.owner is not None and (implicit or "classmethod" in self.decorators)


@frozen(eq=False)
class Imported:
    """``import module`` (then ``name`` is None) or ``from module import name``."""

    importer: str
    """Path of the file that has the import: two roots of one tree may hold modules of one name."""
    module: str
    name: str | None = None
    star: bool = False
    """It came with ``from module import *``, which bound a name that the module binds too."""


@frozen(eq=False)
class Defined:
    """A class or function statement."""

    node: ClassNode | FunctionNode


class Step(Enum):
    """How a bound value is taken out of the expression that it comes from."""

    ELEMENT = "element"
    """By iteration: a loop, or unpacking with a star."""
    ENTER = "enter"
    """By ``with``."""


@frozen(eq=False)
class Value:
    """A name or attribute that is given (a part of) the value of an expression."""

    expr: ast.expr = field(repr=False)
    scope: Scope = field(repr=False)
    line: int
    steps: tuple[Step | int, ...] = ()
    """Parts taken in turn; a number is a position in an unpacked tuple."""


@frozen(eq=False)
class Annotated:
    """A name or attribute with an annotation, and perhaps a value."""

    annotation: ast.expr = field(repr=False)
    scope: Scope = field(repr=False)
    line: int
    value: ast.expr | None = field(default=None, repr=False)


@frozen(eq=False)
class Parameter:
    """A parameter of a function."""

    function: FunctionNode
    arg: ast.arg = field(repr=False)

    @property
    def is_receiver(self) -> bool:
        """Whether it is the ``self`` or ``cls`` of a method."""
        return self.function.bound and self.function.parameters[0] is self.arg


@frozen(eq=False)
class Opaque:
    """A binding about which nothing is known (``except … as``, a capture pattern)."""


@frozen(eq=False)
class Rest:
    """``*args`` (a tuple) or ``**kwargs`` (a dict), with the annotation of what they hold."""

    type: str
    arg: ast.arg = field(repr=False)
    scope: Scope = field(repr=False)


Binding = Imported | Defined | Value | Annotated | Parameter | Rest | Opaque


@frozen(eq=False)
class Store:
    """A store to an attribute, ``receiver.attribute = value``, in any of its forms."""

    receiver: ast.expr = field(repr=False)
    attribute: str
    """As stored: private names are mangled."""
    value: Value | Annotated
    scope: Scope = field(repr=False)


@frozen(eq=False)
class Fill:
    """Something put into a container, by ``target.append(x)``, ``target[k] = x`` and the like.

    ``path`` leads from the variable or attribute ``target`` to the container: one entry (the key, if there is
    an expression for it) for each subscript between.
    """

    target: ast.expr = field(repr=False)
    name: str
    """Of the variable, or of the attribute as stored; empty for any other expression."""
    path: tuple[ast.expr | None, ...]
    method: str
    """``append``, ``add``, ``update`` …; ``[]`` for a store by subscript."""
    args: tuple[ast.expr, ...]
    scope: Scope = field(repr=False)
    """Of the arguments."""
    line: int
    within: Scope | None = field(default=None, repr=False)
    """Of the target, if that is another one."""

    @property
    def target_scope(self) -> Scope:
        """Where the target is a name."""
        return self.within or self.scope


@frozen(eq=False)
class Guard:
    """``if not isinstance(x, Class): raise …`` or ``assert isinstance(x, Class)`` in a function."""

    classes: ast.expr = field(repr=False)
    scope: Scope = field(repr=False)
    line: int


@frozen(eq=False)
class Computed:
    """Attributes of ``receiver`` are set under computed names: ``setattr``, ``__dict__.update(state)``."""

    receiver: ast.expr = field(repr=False)
    state: ast.expr | None = field(repr=False)
    scope: Scope = field(repr=False)
    name: ast.expr | None = field(default=None, repr=False)
    """The name, for a single attribute."""
    value: ast.expr | None = field(default=None, repr=False)


@define(eq=False)
class Module:
    """One parsed file of the tree."""

    name: str
    path: str
    tree: ast.Module = field(repr=False)
    scope: Scope = field(init=False, repr=False)
    package: bool = False
    main_block: bool = False
    stars: list[str] = field(factory=list)
    """Modules of ``from … import *``."""
    settled: dict[str, int] = field(factory=dict, repr=False)
    """Global → how many of the stars stand before its last binding under no condition."""
    rebinds: list[int] = field(factory=list, repr=False)
    """Lines that bind globals under computed names: ``globals()[name] = …``, ``exec(text)``."""
    looked_up: bool = False
    """Whether it finds its own globals under computed names: ``globals()[name]``, ``eval(text)``."""
    deleted: set[str] = field(factory=set, repr=False)
    """Attributes that are deleted somewhere."""
    imports: set[str] = field(factory=set)
    """Dotted names of all that it imports, with the names taken from a module appended to it."""
    classes: list[ClassNode] = field(factory=list, repr=False)
    functions: list[FunctionNode] = field(factory=list, repr=False)
    calls: list[tuple[ast.Call, Scope]] = field(factory=list, repr=False)
    stores: list[Store] = field(factory=list, repr=False)
    fills: list[Fill] = field(factory=list, repr=False)
    dynamic: list[Computed] = field(factory=list, repr=False)
    guards: dict[tuple[Scope, str], list[Guard]] = field(factory=dict, repr=False)
    """Guards of variables, by scope and name."""
    scopes: dict[ast.AST, Scope] = field(factory=dict, repr=False)
    """Scope of each lambda and comprehension."""
    function_of: dict[Scope, FunctionNode] = field(factory=dict, repr=False)

    def __attrs_post_init__(self) -> None:
        self.scope = Scope(ScopeKind.MODULE, self, None, "")

    def where(self, line: int) -> str:
        """Return the place in the form in which evidence names it."""
        return f"{self.path}:{line}"


def private_name(owner: str, name: str) -> str:
    """Return what an attribute is called that a class named ``owner`` writes as ``name``.

    Names with two underscores before and none after are private (Language Reference, 6.2.1).
    """
    stem = owner.lstrip("_")
    is_private = stem and name.startswith("__") and not name.endswith("__")
    return f"_{stem}{name}" if is_private else name
