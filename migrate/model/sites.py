"""Nouns of the source: where pickle is used, and how.

Positions follow :mod:`ast`: lines count from 1, columns are offsets into the UTF-8 form of the line.
"""

from __future__ import annotations

from enum import Enum

from attrs import field, frozen


class Operation(Enum):
    """What a site does with pickle."""

    DUMP = "dump"
    """``pickle.dump(obj, file)`` or ``Pickler(file).dump(obj)`` in one expression."""
    DUMPS = "dumps"
    LOAD = "load"
    """``pickle.load(file)`` or ``Unpickler(file).load()`` in one expression."""
    LOADS = "loads"
    PICKLER = "pickler"
    """``pickle.Pickler(file)`` kept in a variable; its ``.dump`` calls are sites of their own."""
    UNPICKLER = "unpickler"
    VALUE = "value"
    """One of pickle's functions or classes passed on as a value: ``map(pickle.loads, rows)``."""
    MODULE = "module"
    """The module itself passed on as a value: ``serializer=pickle``."""
    ERROR = "error"
    """One of pickle's exceptions, in a handler or elsewhere."""
    CONSTANT = "constant"
    """``pickle.HIGHEST_PROTOCOL`` and its kin."""
    SUBCLASS = "subclass"
    """A class derived from ``Pickler`` or ``Unpickler``."""
    IMPORT = "import"
    """An import that this tool cannot resolve or must leave (star imports, re-exports in use)."""
    SHELF = "shelf"
    """``shelve.open(path)``: a mapping whose values are pickles. It reads and writes."""
    DUMP_FILE = "dump-file"
    """``joblib.dump(value, path)``, ``frame.to_pickle(path)``: another library writes a whole file."""
    LOAD_FILE = "load-file"
    """``joblib.load(path)``, ``pandas.read_pickle(path)``."""
    ARRAY = "array"
    """``numpy.load(path, allow_pickle=True)``; the edit is to ``False``, and needs no converters module."""
    RELATIVE = "relative"
    """Another library that pickles underneath: joblib, ``pandas.read_pickle`` and so on."""
    UNPARSED = "unparsed"
    """A file that mentions pickle and could not be parsed."""


WRITES = frozenset({Operation.DUMP, Operation.DUMPS, Operation.PICKLER, Operation.DUMP_FILE})
READS = frozenset({Operation.LOAD, Operation.LOADS, Operation.UNPICKLER, Operation.LOAD_FILE})


@frozen(order=True)
class Span:
    """A stretch of a source file, as :mod:`ast` counts."""

    line: int
    column: int
    end_line: int
    end_column: int


@frozen(order=True)
class CellPlace:
    """A place in a notebook; both count from 1, cells of text included."""

    cell: int
    line: int

    def __str__(self) -> str:
        """Return ``cell 3, line 2``."""
        return f"cell {self.cell}, line {self.line}"


ASKED_BY = "compared, hashed or looked up here, and kept as well"


@frozen
class Site:
    """A place in source that uses pickle."""

    id: str
    """Stable name: hash of path, scope, normalised text and ordinal; unchanged when lines move."""
    path: str
    """Path relative to the root of the tree, with forward slashes."""
    span: Span
    """The expression to be edited: the whole call, or the reference (``pickle.loads``, ``pickle``)."""
    operation: Operation
    library: str
    """The module behind it: ``pickle``, ``cPickle``, ``dill``, ``shelve`` …"""
    function: str
    """The name used of that library, e.g. ``load`` or ``UnpicklingError``; empty for the module itself."""
    scope: str
    """Dotted name of the enclosing classes and functions, e.g. ``Store.save``; empty at module level."""
    text: str
    """The source text of ``span``."""
    binding: str = ""
    """The name in the file through which pickle is reached (``pickle``, ``cp``, ``dumps``)."""
    value: str | None = None
    """Source text of the value that is dumped."""
    handle: str | None = None
    """Source text of the file or bytes operand."""
    protocol: int | None = None
    """The literal protocol asked for, if any (-1 for HIGHEST_PROTOCOL)."""
    in_test: bool = False
    reason: str | None = None
    """Reason code, when the shape alone decides that the site is not to be rewritten."""
    keep: bool = False
    """Suppressed by ``# pickle-migrate: keep[...]``."""
    keep_reason: str = ""
    """What the suppression gives as its reason."""
    silenced: str = ""
    """The comment beside it that silences a linter about pickle: ``# noqa: S301``."""
    origin: str = ""
    """Id of the site through which the program gets at pickle here, when it has put it into a variable or
    class of its own: the Pickler of ``pickler.dump(x)``, the ``pickle.dumps`` of ``dumps = pickle.dumps``. No
    import is needed for this site.
    """
    cell: CellPlace | None = None
    """Where it stands in a notebook."""
    spare: bool = False
    """The tree can do without it: a subclass that changes nothing which its users need, so that they are
    rewritten; an import that nothing takes from a module where it was put for others to take."""
    restricts: bool = False
    """A class derived from Unpickler whose ``find_class`` refuses names, or a use of one."""
    renames: tuple[tuple[str, str], ...] = ()
    """Of a subclass: names in pickles and what its ``find_class`` makes of them (``oldshop:Order`` and
    ``shop.models:Order``, or two modules)."""

    unseen: str = ""
    """What is done with the bytes that it makes, where that does not tell whether somebody asks by them;
    `ASKED_BY` if somebody does, and they are kept as well."""

    @property
    def place(self) -> str:
        """``path:line``, with the cell of a notebook."""
        return f"{self.path}:{self.span.line}" + (f" ({self.cell})" if self.cell else "")


@frozen
class Import:
    """An import statement that binds pickle or something of it."""

    path: str
    span: Span
    """The statement; for ``try: import cPickle …`` the whole ``try`` statement."""
    library: str
    names: tuple[str, ...]
    """The local names that it binds to pickle things (a ``try`` binds the same name in both branches)."""
    scope: str = ""
    whole: bool = True
    """The statement does nothing else, so that it may go as a whole when its names are unused."""
    reexported: tuple[str, ...] = ()
    """Those of ``names`` that another file of the tree, or ``__all__``, takes from here."""
    own: bool = False
    """The names are the program's own, for what it made of pickle: a function, a class derived from one."""


@frozen
class Suppression:
    """A comment ``# pickle-migrate: keep[reason]`` or ``keep-file[reason]``."""

    path: str
    line: int
    word: str
    reason: str = ""
    used: bool = False
    """Whether it suppresses a site."""


@frozen
class FileSites:
    """All that one file has to do with pickle."""

    path: str
    sites: tuple[Site, ...] = ()
    imports: tuple[Import, ...] = ()
    names: frozenset[str] = field(factory=frozenset)
    """Every identifier that the file binds or reads in any scope: new names must not clash with them."""
    suppressions: tuple[Suppression, ...] = ()
