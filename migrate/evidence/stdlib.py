"""What is known of the standard library: names of its types, and what its functions and methods return.

Results are written as types in which ``@0`` is the first argument of the receiver's own type (the key of a
dict, the element of a list), ``@1`` the second, ``$0`` the type of the first call argument, ``*0`` what
iterating over that gives, and ``self`` the receiver's type.
"""

from __future__ import annotations

import builtins
import collections.abc

_TYPING = {
    "List": "list",
    "Dict": "dict",
    "Set": "set",
    "FrozenSet": "frozenset",
    "Tuple": "tuple",
    "Type": "type",
    "Text": "str",
    "AnyStr": "Any",
    "DefaultDict": "collections.defaultdict",
    "OrderedDict": "collections.OrderedDict",
    "Counter": "collections.Counter",
    "Deque": "collections.deque",
    "ChainMap": "collections.ChainMap",
    "Pattern": "re.Pattern",
    "Match": "re.Match",
    "AbstractSet": "collections.abc.Set",
}

_RENAMED = {
    **{f"typing.{old}": new for old, new in _TYPING.items()},
    **{f"typing.{name}": f"collections.abc.{name}" for name in collections.abc.__all__ if name != "Set"},
    "types.NoneType": "None",
    "typing.ByteString": "bytes",
    "_collections_abc.Mapping": "collections.abc.Mapping",
    "re._pattern_type": "re.Pattern",
    "datetime.UTC": "datetime.timezone.utc",
    "attrs.define": "attr.define",
    "attrs.frozen": "attr.frozen",
    "attrs.mutable": "attr.mutable",
    "attrs.field": "attr.field",
    "attrs.make_class": "attr.make_class",
    "attrs.validators.instance_of": "attr.validators.instance_of",
    "attr.attrs": "attr.s",
    "attr.attrib": "attr.ib",
    "attr.attr": "attr.ib",
    "attr.dataclass": "attr.dataclass",
    "attr.NOTHING": "attr.NOTHING",
    "attrs.NOTHING": "attr.NOTHING",
    "attr.evolve": "attrs.evolve",
    "attr.assoc": "attrs.evolve",
    "pydantic.main.BaseModel": "pydantic.BaseModel",
    "pydantic.v1.BaseModel": "pydantic.BaseModel",
    "pydantic_settings.BaseSettings": "pydantic.BaseModel",
    "pydantic.BaseSettings": "pydantic.BaseModel",
    "pydantic.dataclasses.dataclass": "dataclasses.dataclass",
}


def canonical(dotted: str) -> str:
    """Return the one name by which this tool speaks of a thing of the standard library."""
    head, _, rest = dotted.partition(".")
    if head in ("builtins", "__builtin__"):
        return rest
    if head == "typing_extensions":
        dotted = f"typing.{rest}"
    elif head == "six" and rest.startswith("moves."):
        dotted = rest[len("moves.") :]
    return _RENAMED.get(dotted, dotted)


CLASS_MAKERS = frozenset(
    {
        "collections.namedtuple",
        "typing.NamedTuple",
        "typing.TypedDict",
        *(f"enum.{name}" for name in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag")),
    }
)
"""Functions and classes that make a class when called with a name."""

SCALARS = frozenset(
    {"None", "bool", "int", "float", "str", "bytes", "bytearray", "complex", "range", "slice", "ellipsis"}
)
EXCEPTIONS = frozenset(
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
)
BUILTIN_BASES = frozenset(
    {
        "int", "float", "complex", "str", "bytes", "bytearray", "list", "tuple", "dict", "set", "frozenset",
        "collections.OrderedDict", "collections.defaultdict", "collections.deque", "collections.Counter",
        "datetime.date", "datetime.datetime", "datetime.time", "datetime.timedelta", "datetime.tzinfo",
        "decimal.Decimal", "fractions.Fraction", "uuid.UUID", "array.array",
        *(f"pathlib.{name}" for name in (
            "Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath")),
    }
)  # fmt: skip
"""Types whose instances hold content of their own besides attributes."""
NUMPY = frozenset(
    f"numpy.{name}"
    for name in (
        "ndarray", "generic", "dtype", "matrix", "recarray", "bool_", "str_", "bytes_", "datetime64",
        "timedelta64", "float16", "float32", "float64", "complex64", "complex128", "intp", "uintp",
        *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
    )
)  # fmt: skip
"""Types of numpy that the wire format has a tag for (docs/tasks/arrays.md)."""
VALUES = frozenset(
    {
        "datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta", "datetime.timezone",
        "zoneinfo.ZoneInfo", "decimal.Decimal", "fractions.Fraction", "uuid.UUID", "re.Pattern",
        *(f"pathlib.{name}" for name in (
            "Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath")),
        *(f"ipaddress.IPv{v}{kind}" for v in "46" for kind in ("Address", "Network", "Interface")),
        "collections.Counter", "array.array", "types.SimpleNamespace", *EXCEPTIONS, *NUMPY,
    }
)  # fmt: skip
"""Types that the wire format has a tag for, besides scalars and containers (docs/wire-format.md)."""
CALLED = VALUES | BUILTIN_BASES | SCALARS
"""Types that are called to make an instance."""

FUNCTIONS = {
    # builtins
    "len": "int", "ord": "int", "hash": "int", "id": "int", "chr": "str", "repr": "str", "ascii": "str",
    "bin": "str", "hex": "str", "oct": "str", "format": "str", "input": "str", "isinstance": "bool",
    "issubclass": "bool", "callable": "bool", "hasattr": "bool", "any": "bool", "all": "bool",
    "print": "None",
    "sorted": "list[*0]", "reversed": "collections.abc.Iterator[*0]",
    "enumerate": "collections.abc.Iterator[tuple[int, *0]]",
    "abs": "$0", "iter": "collections.abc.Iterator[*0]", "next": "*0", "divmod": "tuple[$0, $0]",
    "zip": "collections.abc.Iterator[tuple[*0, *1]]", "filter": "collections.abc.Iterator[*1]",
    # copies
    "copy.copy": "$0", "copy.deepcopy": "$0", "dataclasses.replace": "$0", "attrs.evolve": "$0",
    "weakref.proxy": "$0", "dataclasses.asdict": "dict[str, Any]", "attr.asdict": "dict[str, Any]",
    # time
    "time.time": "float", "time.monotonic": "float", "time.perf_counter": "float", "time.time_ns": "int",
    "time.strftime": "str", "time.ctime": "str", "time.asctime": "str",
    **{f"datetime.datetime.{name}": "datetime.datetime" for name in (
        "now", "utcnow", "today", "fromtimestamp", "utcfromtimestamp", "strptime", "fromisoformat",
        "combine")},
    **{f"datetime.date.{name}": "datetime.date" for name in ("today", "fromtimestamp", "fromisoformat",
    "fromordinal")},
    "datetime.time.fromisoformat": "datetime.time",
    # paths and processes
    **{f"os.path.{name}": "str" for name in (
        "join", "basename", "dirname", "abspath", "realpath", "expanduser", "expandvars", "normpath",
        "relpath")},
    **{f"os.path.{name}": "bool" for name in ("exists", "isfile", "isdir", "islink", "isabs")},
    "os.stat": "os.stat_result", "os.path.getsize": "int", "os.path.getmtime": "float",
    "os.path.splitext": "tuple[str, str]",
    "os.path.split": "tuple[str, str]", "os.getcwd": "str", "os.getpid": "int", "os.listdir": "list[str]",
    "os.urandom": "bytes", "glob.glob": "list[str]", "tempfile.mkdtemp": "str",
    "tempfile.gettempdir": "str",
    "pathlib.Path.cwd": "pathlib.Path", "pathlib.Path.home": "pathlib.Path", "socket.gethostname": "str",
    "getpass.getuser": "str", "platform.node": "str", "os.getenv": "Optional[str]",
    # ids, numbers, text
    "uuid.uuid1": "uuid.UUID", "uuid.uuid4": "uuid.UUID", "uuid.uuid3": "uuid.UUID",
    "uuid.uuid5": "uuid.UUID",
    "secrets.token_hex": "str", "secrets.token_urlsafe": "str", "secrets.token_bytes": "bytes",
    "random.random": "float", "random.uniform": "float", "random.gauss": "float", "random.randint": "int",
    "random.randrange": "int", "random.choice": "*0", "random.sample": "list[*0]",
    "re.compile": "re.Pattern",
    "math.sqrt": "float", "math.log": "float", "math.exp": "float", "math.sin": "float",
    "math.cos": "float",
    "math.floor": "int", "math.ceil": "int", "itertools.count": "collections.abc.Iterator[int]",
    "json.dumps": "str", "textwrap.dedent": "str", "base64.b64encode": "bytes", "base64.b64decode": "bytes",
    "collections.OrderedDict.fromkeys": "collections.OrderedDict[*0, Any]",
    "dict.fromkeys": "dict[*0, Any]",
    "bytes.fromhex": "bytes", "int.from_bytes": "int", "str.maketrans": "dict[int, Any]",
    "decimal.Decimal.from_float": "decimal.Decimal", "hashlib.md5": "hashlib.hash",
    "hashlib.sha1": "hashlib.hash",
    "hashlib.sha256": "hashlib.hash",
    "ipaddress.ip_address": "Union[ipaddress.IPv4Address, ipaddress.IPv6Address]",
    "ipaddress.ip_network": "Union[ipaddress.IPv4Network, ipaddress.IPv6Network]",
    # arrays that begin with numbers; what numpy.array and numpy.full hold depends on their arguments
    **{f"numpy.{name}": "numpy.ndarray" for name in (
        "zeros", "ones", "empty", "arange", "linspace", "logspace", "eye", "identity")},
}  # fmt: skip

CONSTANTS = {
    "math.pi": "float", "math.inf": "float", "math.nan": "float", "math.e": "float", "sys.maxsize": "int",
    "sys.argv": "list[str]", "sys.path": "list[str]", "sys.platform": "str", "os.sep": "str",
    "os.linesep": "str",
    "os.environ": "collections.abc.MutableMapping[str, str]", "datetime.timezone.utc": "datetime.timezone",
    "datetime.datetime.min": "datetime.datetime", "datetime.datetime.max": "datetime.datetime",
    "datetime.date.min": "datetime.date", "datetime.date.max": "datetime.date",
    "string.ascii_letters": "str",
    "string.digits": "str", "NotImplemented": "types.NotImplementedType", "__name__": "str",
    "__file__": "str",
}  # fmt: skip

_STR = {
    **dict.fromkeys(
        ("capitalize", "casefold", "center", "expandtabs", "format", "format_map", "join", "ljust", "lower",
         "lstrip", "removeprefix", "removesuffix", "replace", "rjust", "rstrip", "strip", "swapcase",
         "title",
         "translate", "upper", "zfill"), "self"),
    **dict.fromkeys(("split", "rsplit", "splitlines"), "list[self]"),
    **dict.fromkeys(("partition", "rpartition"), "tuple[self, self, self]"),
    **dict.fromkeys(("count", "find", "index", "rfind", "rindex"), "int"),
    **dict.fromkeys(("endswith", "startswith", "isalnum", "isalpha", "isdigit", "isdecimal", "islower",
                     "isspace", "istitle", "isupper", "isidentifier", "isnumeric"), "bool"),
}  # fmt: skip
_SEQUENCE = {"copy": "self", "pop": "@0", "popleft": "@0", "index": "int", "count": "int", "append": "None",
             "extend": "None", "sort": "None", "insert": "None", "remove": "None", "clear": "None",
             "reverse": "None"}  # fmt: skip
_SET = {
    **dict.fromkeys(("copy", "difference", "intersection", "symmetric_difference"), "self"),
    "union": "self",
    "pop": "@0", "issubset": "bool", "issuperset": "bool", "isdisjoint": "bool", "add": "None",
    "discard": "None",
    "remove": "None", "update": "None", "clear": "None",
}  # fmt: skip
_MAPPING = {
    "copy": "self", "items": "collections.abc.Iterator[tuple[@0, @1]]",
    "keys": "collections.abc.KeysView[@0]",
    "values": "collections.abc.ValuesView[@1]", "popitem": "tuple[@0, @1]",
    "iteritems": "collections.abc.Iterator[tuple[@0, @1]]",
    "itervalues": "collections.abc.Iterator[@1]", "iterkeys": "collections.abc.Iterator[@0]",
    "get": "Union[@1, $1]",
    "pop": "Union[@1, $1]", "setdefault": "Union[@1, $1]", "update": "None", "clear": "None",
    "has_key": "bool",
}  # fmt: skip

METHODS: dict[str, dict[str, str]] = {
    "str": {**_STR, "encode": "bytes"},
    "bytes": {**_STR, "decode": "str", "hex": "str"},
    "list": _SEQUENCE,
    "collections.deque": {**_SEQUENCE, "appendleft": "None"},
    "set": _SET,
    "frozenset": _SET,
    **dict.fromkeys(
        ("dict", "collections.OrderedDict", "collections.defaultdict", "collections.abc.Mapping",
         "collections.abc.MutableMapping"), _MAPPING),
    "collections.Counter": {"most_common": "list[tuple[@0, int]]",
    "elements": "collections.abc.Iterator[@0]",
                            "copy": "self", "keys": "collections.abc.KeysView[@0]", "get": "int",
                            "pop": "int",
                            "values": "collections.abc.ValuesView[int]",
                            "items": "collections.abc.Iterator[tuple[@0, int]]"},
    "int": {"bit_length": "int", "to_bytes": "bytes", "conjugate": "int"},
    "float": {"is_integer": "bool", "hex": "str"},
    "datetime.datetime": {
        "date": "datetime.date", "time": "datetime.time", "timestamp": "float", "isoformat": "str",
        "strftime": "str", "replace": "self", "astimezone": "self", "weekday": "int", "toordinal": "int",
        "utcoffset": "Optional[datetime.timedelta]"},
    "datetime.date": {"isoformat": "str", "strftime": "str", "replace": "self", "weekday": "int",
    "toordinal": "int"},
    "datetime.timedelta": {"total_seconds": "float"},
    "decimal.Decimal": {"quantize": "self", "normalize": "self", "copy_abs": "self", "sqrt": "self"},
    "pathlib.Path": {
        **dict.fromkeys(("resolve", "absolute", "expanduser", "joinpath", "with_suffix", "with_name",
        "rename"), "self"),
        "read_text": "str", "read_bytes": "bytes", "exists": "bool", "is_file": "bool", "is_dir": "bool",
        "stat": "os.stat_result", "iterdir": "collections.abc.Iterator[self]",
        "glob": "collections.abc.Iterator[self]",
        "rglob": "collections.abc.Iterator[self]", "as_posix": "str", "write_text": "int",
        "write_bytes": "int"},
    "hashlib.hash": {"hexdigest": "str", "digest": "bytes"},
}  # fmt: skip

FIELDS: dict[str, dict[str, str]] = {
    "collections.UserDict": {"data": "dict[Any, Any]"},
    "collections.UserList": {"data": "list[Any]"},
    "collections.UserString": {"data": "str"},
}
"""Attributes that instances get from bases of the standard library."""

ATTRIBUTES: dict[str, dict[str, str]] = {
    "datetime.datetime": {
        **dict.fromkeys(("year", "month", "day", "hour", "minute", "second", "microsecond", "fold"), "int"),
        "tzinfo": "Optional[datetime.tzinfo]"},
    "datetime.date": dict.fromkeys(("year", "month", "day"), "int"),
    "datetime.timedelta": dict.fromkeys(("days", "seconds", "microseconds"), "int"),
    "pathlib.Path": {"name": "str", "stem": "str", "suffix": "str", "parent": "self",
    "parts": "tuple[str, ...]",
                     "suffixes": "list[str]"},
    "os.stat_result": {
        **dict.fromkeys(("st_mode", "st_size", "st_ino", "st_mtime_ns", "st_ctime_ns", "st_atime_ns"),
        "int"),
        **dict.fromkeys(("st_mtime", "st_ctime", "st_atime"), "float")},
    "uuid.UUID": {"hex": "str", "int": "int", "bytes": "bytes"},
    "complex": {"real": "float", "imag": "float"},
}  # fmt: skip
