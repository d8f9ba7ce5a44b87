"""What is known about the names that pickles call, without importing any of them.

Names are as Python 3 has them; see :func:`~.python2.modern_name`.
"""

from __future__ import annotations

from typing import Final


def words(text: str) -> frozenset[str]:
    """Return the set of words in ``text``: a table that reads well in source."""
    return frozenset(text.split())


HARMLESS: Final = frozenset(
    f"{module}.{name}"
    for module, names in {
        "_codecs": "encode",
        "array": "array _array_reconstructor",
        "builtins": "bool bytearray bytes complex dict float frozenset int list object range set slice str"
        " tuple",
        "collections": "Counter OrderedDict defaultdict deque",
        "copyreg": "__newobj__ __newobj_ex__ _reconstructor",
        "datetime": "date datetime time timedelta timezone",
        "decimal": "Decimal",
        "fractions": "Fraction",
        "ipaddress": "IPv4Address IPv4Interface IPv4Network IPv6Address IPv6Interface IPv6Network",
        "pathlib": "PosixPath PurePosixPath PureWindowsPath WindowsPath",
        "pathlib._local": "PosixPath PurePosixPath PureWindowsPath WindowsPath",
        "re": "_compile",
        "types": "SimpleNamespace",
        "uuid": "SafeUUID UUID",
        "zoneinfo": "ZoneInfo ZoneInfo._unpickle",
    }.items()
    for name in names.split()
)
"""Constructors of the standard library that do nothing but make a value of their arguments."""

_NOTORIOUS_NAMES: Final = {
    "_io": "FileIO open open_code",
    "_operator": "attrgetter itemgetter methodcaller",
    "builtins": "__import__ apply breakpoint compile delattr eval exec execfile exit file getattr globals"
    " help input locals map open quit setattr vars",
    "copyreg": "add_extension constructor pickle",
    "functools": "partial partialmethod reduce",
    "io": "FileIO open open_code",
    "logging": "FileHandler",
    "numpy": "fromfile load loads memmap",
    "numpy.testing": "run_doctests rundocs runstring",
    "operator": "attrgetter itemgetter methodcaller",
    "platform": "popen",
    "torch": "load",
    "types": "CodeType FunctionType LambdaType MethodType ModuleType",
}
_NOTORIOUS_MODULES: Final = words(
    "_aix_support _bootlocale _osx_support _posixsubprocess _pyrepl _winapi _xxsubinterpreters aiohttp"
    " asyncio bdb bpython cProfile cffi cloudpickle cmd code codeop commands concurrent ctypes dbm dill"
    " distutils doctest ensurepip fileinput ftplib gc glob http httplib httpx idlelib imaplib imp importlib"
    " inspect joblib jsonpickle lib2to3 linecache marshal msvcrt multiprocessing nntplib nt ntpath os pdb"
    " pickle pickletools pip pkg_resources pkgutil popen2 poplib posix posixpath profile pty py_compile"
    " pydoc requests runpy select setuptools shelve shutil signal site smtplib socket socketserver sqlite3"
    " ssl subprocess sys telnetlib tempfile test threading timeit trace tracemalloc tty turtle urllib"
    " urllib2 urllib3 venv webbrowser win32api winreg xmlrpc yaml zipimport"
)
_DATA_CLASSES: Final = words(
    "joblib.numpy_pickle.NDArrayWrapper joblib.numpy_pickle.NumpyArrayWrapper"
    " joblib.numpy_pickle.ZNDArrayWrapper"
)
"""Classes of such modules that ordinary files name: where joblib's own reader finds an array."""
EXCEPTIONS: Final = words(
    "ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError"
    " BrokenPipeError BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError"
    " ConnectionRefusedError ConnectionResetError DeprecationWarning EOFError EncodingWarning Exception"
    " ExceptionGroup FileExistsError FileNotFoundError FloatingPointError FutureWarning GeneratorExit"
    " ImportError ImportWarning IndentationError IndexError InterruptedError IsADirectoryError KeyError"
    " KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError"
    " NotImplementedError OSError OverflowError PendingDeprecationWarning PermissionError"
    " ProcessLookupError RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning"
    " StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError"
    " TimeoutError TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError"
    " UnicodeTranslateError UnicodeWarning UserWarning ValueError Warning ZeroDivisionError"
)
"""The builtin exceptions of every Python that this package supports."""


def is_notorious(module: str, name: str) -> bool:
    """Whether calling ``module.name`` is how hostile pickles run code, read files or reach the network."""
    if module.partition(".")[0] in _NOTORIOUS_MODULES:
        return f"{module}.{name}" not in _DATA_CLASSES
    first, *attributes = name.split(".")
    if any(part.startswith("__") and part != "__new__" for part in attributes):
        return True  # Order.__init__.__globals__ leads anywhere
    return first in _NOTORIOUS_NAMES.get(module, "").split()


def is_harmless(module: str, name: str) -> bool:
    """Whether calling ``module.name`` only makes a value of its arguments."""
    return f"{module}.{name}" in HARMLESS or (module == "builtins" and name in EXCEPTIONS)
