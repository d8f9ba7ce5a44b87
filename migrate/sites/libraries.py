"""What the names of pickle and its relatives mean.

Facts from the documentation of the ``pickle`` module and of the libraries named, and from CPython's
``Lib/pickle.py`` (3.14) and ``Modules/cPickle.c`` (2.7).
"""

from __future__ import annotations

import re
from functools import lru_cache

from attrs import frozen

from migrate.sites.defaults import DEFAULTS

PICKLES = frozenset({"pickle", "cPickle", "_pickle", "pickle5", "zodbpickle"})
"""Modules with pickle's own interface and format."""

CODE_PICKLERS = frozenset({"dill", "cloudpickle"})
"""Modules with pickle's interface that also store functions and classes by their code."""

FUNCTIONS = frozenset({"dump", "dumps", "load", "loads"})
PICKLERS = frozenset({"Pickler", "Unpickler"})
ERRORS = frozenset({"PickleError", "PicklingError", "UnpicklingError"})
CONSTANTS = frozenset({"HIGHEST_PROTOCOL", "DEFAULT_PROTOCOL"})
SUPPORTED = FUNCTIONS | PICKLERS | ERRORS | CONSTANTS
"""The part of the interface that a converters module has as well."""

PICKLER_BASES = PICKLERS | {"_Pickler", "_Unpickler"}
PICKLE_ERRORS = ERRORS | {"UnpickleableError", "BadPickleGet"}

_ALIASES = re.compile(
    r"""
    (?: .+\. )? six\.moves\.(?P<six> cPickle | copyreg )              # also vendored: pip._vendor.six.moves
  | (?: .+\. )? future\.moves\.(?P<future> pickle | copyreg )
  | (?: numpy\.compat(?:\.py3k)? | pandas\.compat ) \. (?P<numeric> pickle )
  | kombu\.(?:serialization | utils\.compat)\.(?P<kombu> pickle )
  | sklearn\.externals\.(?P<sklearn> joblib )
  | (?: ray | pyspark | srsly | joblib\.externals ) \. (?P<vendored> cloudpickle )
  | (?P<py2> copy_reg )
    """,
    re.VERBOSE,
)

_LAYERS = frozenset({"six", "compat", "_compat", "py3compat"})
"""What modules are called that hand on pickle for several versions of Python."""

RELATIVES: dict[str, frozenset[str]] = {
    "shelve": frozenset({"open", "Shelf", "BsdDbShelf", "DbfilenameShelf"}),
    "dill": frozenset(
        {
            *("dump", "dumps", "load", "loads", "copy", "Pickler", "Unpickler"),
            *("dump_session", "load_session", "dump_module", "load_module", "pickles"),
        }
    ),
    "cloudpickle": frozenset({"dump", "dumps", "load", "loads", "Pickler", "CloudPickler"}),
    "joblib": frozenset({"dump", "load", "Memory"}),
    "marshal": frozenset({"dump", "dumps", "load", "loads"}),
    "copyreg": frozenset({"pickle", "constructor", "add_extension", "dispatch_table"}),
    "jsonpickle": frozenset({"encode", "decode", "dumps", "loads"}),
    "torch": frozenset({"save", "load"}),
    "torch.serialization": frozenset({"save", "load"}),
    "numpy": frozenset({"load", "save"}),
    "pandas": frozenset({"read_pickle", "to_pickle"}),
    "compress_pickle": frozenset({"dump", "dumps", "load", "loads"}),
    "multiprocessing.reduction": frozenset({"ForkingPickler", "dump", "register"}),
    "pickletools": frozenset({"dis", "genops", "optimize"}),
    "sqlalchemy": frozenset({"PickleType"}),
    "sqlalchemy.types": frozenset({"PickleType"}),
    "sqlalchemy.sql.sqltypes": frozenset({"PickleType"}),
    "picklefield": frozenset({"PickledObjectField"}),
    "picklefield.fields": frozenset({"PickledObjectField"}),
    "playhouse.fields": frozenset({"PickleField"}),
    "kombu": frozenset({"enable_insecure_serializers"}),
    "kombu.serialization": frozenset({"enable_insecure_serializers", "register_pickle"}),
    "pymemcache.serde": frozenset(
        {"pickle_serde", "PickleSerde", "python_memcache_serializer", "python_memcache_deserializer"}
    ),
    "apscheduler.serializers.pickle": frozenset({"PickleSerializer"}),
    "django.contrib.sessions.serializers": frozenset({"PickleSerializer"}),
    "django_redis.serializers.pickle": frozenset({"PickleSerializer"}),
    "aiocache.serializers": frozenset({"PickleSerializer"}),
    "pyspark.serializers": frozenset({"PickleSerializer", "CPickleSerializer", "CloudPickleSerializer"}),
    **{library: default.names for library, default in DEFAULTS.items()},
}
"""Libraries that pickle underneath, with the functions by which they do."""

SHELVES = {"open": "open_shelf", "DbfilenameShelf": "open_shelf", "Shelf": "shelf"}
"""What shelve makes shelves with, and its counterpart in a converters module."""

_REASONS = {
    "shelve": "shelf",
    "dill": "code-pickler",
    "cloudpickle": "code-pickler",
    "joblib": "model-file",
    "torch": "model-file",
    "marshal": "marshalled",
    "copyreg": "reducer-registration",
    "numpy": "object-array",
    "pandas": "frame-file",
    "multiprocessing.reduction": "ipc",
    "pickletools": "opcode-tool",
    "jsonpickle": "jsonpickle",
    "torch.serialization": "model-file",
    "compress_pickle": "pickle-relative",
    **{library: default.reason for library, default in DEFAULTS.items()},
}

BROAD = DEFAULTS.keys() | {
    *("numpy", "pandas", "torch", "torch.serialization", "kombu", "kombu.serialization", "picklefield"),
    *("sqlalchemy", "sqlalchemy.types", "sqlalchemy.sql.sqltypes", "playhouse.fields", "pymemcache.serde"),
}
"""Libraries that do much else: the module by itself, as a value or by its name, says nothing."""

PARTLY_SERVED = CODE_PICKLERS | {"shelve", "joblib"}
"""Libraries of which only some uses are sites: an import stays while the file says their name otherwise."""

STANDARD = frozenset(
    {
        "pickle",
        "cPickle",
        "_pickle",
        "shelve",
        "marshal",
        "copyreg",
        "pickletools",
        "multiprocessing.reduction",
    }
)
"""Those of the standard library, which a file of the same name hides only in its own directory."""


@frozen
class Thing:
    """A library of interest, or one of its names; ``name`` is empty for the library itself."""

    library: str
    name: str = ""

    @property
    def pickles(self) -> bool:
        """Whether it is pickle itself, or has its interface, and is not a relative."""
        return self.library in PICKLES or (
            self.library in CODE_PICKLERS and (not self.name or self.name in SUPPORTED | PICKLER_BASES)
        )

    @property
    def served(self) -> bool:
        """Whether a converters module has counterparts for the library, so that its import may go."""
        return self.pickles or self.library in ("shelve", "joblib")


def relative_reason(library: str, name: str = "") -> str:
    """Return the reason code for a use of one of `RELATIVES`, which says what to do instead."""
    if (library, name) == ("joblib", "Memory"):
        return "pickling-cache"
    return _REASONS.get(library, "configured-serializer")


@lru_cache(maxsize=1 << 14)
def canonical(dotted: str) -> str:
    """Return the plain name of a library that is reached through a compatibility layer, else ``dotted``."""
    match = _ALIASES.match(dotted)
    if not match or dotted[match.end() : match.end() + 1] not in ("", "."):
        return dotted
    return (
        next(group for group in match.groups() if group).replace("copy_reg", "copyreg")
        + dotted[match.end() :]
    )


def passed_on(module: str, name: str) -> str | None:
    """Return the module that the compatibility layer of another library has under ``name``."""
    layer = module.rpartition(".")[2] in _LAYERS
    return name if layer and name in ("pickle", "cPickle") else None


@lru_cache(maxsize=1 << 14)
def thing(dotted: str) -> Thing | None:
    """Return what a canonical dotted name means: a library, or a name directly in it; else None."""
    if dotted in PICKLES or dotted in RELATIVES:
        return Thing(dotted)
    library, _, name = dotted.rpartition(".")
    if library in CODE_PICKLERS and name in SUPPORTED:
        return Thing(library, name)
    if library in PICKLES or name in RELATIVES.get(library, ()):
        return Thing(library, name)
    return None
