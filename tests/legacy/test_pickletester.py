"""CPython's own tests of pickle, on our reader: ``test.pickletester`` of whichever interpreter runs this.

Its abstract classes are made whole with a ``loads`` that decodes to records, and has :mod:`.support` do with
those what ``pickle.load`` does, so that the assertions run as they are written. ``dumps`` is pickle's.
``AbstractHookTests`` and ``AbstractDispatchTableTests`` test the writer, and read with ``pickle.loads``.
"""

import io
import pickle
import sys
import unittest

import pytest

from migrate.legacy import LegacyError, examine
from migrate.legacy.reading import take_pickle

from .support import find_class, revive

pickletester = pytest.importorskip("test.pickletester", reason="this Python comes without its tests")

EXTENSIONS = "the extension registry of copyreg is in the program that wrote, and not in the data"
FINDS_CLASSES = "find_class is what our reader does not have"
KEEPS_MEMO = "our reader has no memo that outlives a pickle"
WRITES = "it tests the writer alone"
CHECKS_FILE = "it tests how an Unpickler looks at its file before it reads, and our reader is a function"
DOES_NOT_APPLY = {
    "test_global_ext1": EXTENSIONS,
    "test_global_ext2": EXTENSIONS,
    "test_global_ext4": EXTENSIONS,
    "test_find_class": FINDS_CLASSES,
    "test_custom_find_class": FINDS_CLASSES,
    "test_priming_unpickler_memo": KEEPS_MEMO,
    "test_clear_pickler_memo": WRITES,
    "test_priming_pickler_memo": WRITES,
    "test_dump_closed_file": WRITES,
    "test_dump_text_file": WRITES,
    "test_pickler_bad_file": WRITES,
    "test_load_closed_file": "it calls dump only, in spite of its name",
    "test_highest_protocol": "it tests a constant of pickle",
    "test_bad_init": "it tests classes whose __init__ was not called",
    "test_unpickler_bad_file": CHECKS_FILE,
    "test_return_correct_type": "it keeps the arguments of a call outside of the pickle; we refuse the call",
}
"""Tests that are left out, in whichever class they are, and why."""
if sys.version_info >= (3, 13):
    DOES_NOT_APPLY["test_protocol0_is_ascii_only"] = "it compares the words of an error"


class Refused(pickle.UnpicklingError, ValueError, EOFError, KeyError, TypeError, AttributeError):
    """Everything that pickle raises for bad data: which of them it is for which data is pickle's affair."""

    def __str__(self):
        return str(self.args[0])


def load_one(data, engine, options):
    try:
        buffers = options.get("buffers")
        options["buffers"] = None if buffers is None else list(buffers)
        root = examine(data, engine=engine, buffers=options["buffers"]).root
    except LegacyError as error:
        cause = error.__context__
        if isinstance(cause, UnicodeDecodeError) and cause.encoding == "utf-8":
            raise cause from None
        raise Refused(str(error)) from error
    return revive(root, **options)


class Unpickler:
    """Stands where ``pickle.Unpickler`` stands."""

    engine = "fast"
    persistent_load = None

    def __init__(self, file, *, fix_imports=True, **options):
        self._file = file
        self._options = {"fix_imports": fix_imports, **options}

    def find_class(self, module, name):
        return find_class(module, name)

    def load(self):
        try:
            data = take_pickle(self._file)
        except LegacyError as error:
            raise Refused(str(error)) from error
        if not data:
            raise EOFError("Ran out of input")
        return load_one(data, self.engine, {**self._options, "persistent_load": self.persistent_load})


class ReferenceUnpickler(Unpickler):
    engine = "reference"


def left_out(cls):
    """Skip what does not apply."""
    for name, reason in DOES_NOT_APPLY.items():
        if hasattr(cls, name):
            setattr(cls, name, unittest.skip(reason)(lambda _self: None))
    return cls


class Values(pickletester.AbstractUnpickleTests, pickletester.AbstractPickleTests):
    """Opcodes, values, recursive ones among them, and bad data."""

    bad_stack_errors = (Refused,)
    truncated_errors = (Refused, ValueError, AttributeError)
    py_version = sys.version_info
    has_clear = optimized = False

    def dumps(self, value, protocol=None, **options):
        return pickle.dumps(value, protocol, **options)

    def loads(self, data, **options):
        return load_one(bytes(data), self.unpickler.engine, options)


class Persistent:
    def dumps(self, value, protocol=None):
        file = io.BytesIO()
        pickler = type("Own", (self.pickler,), {"persistent_id": lambda _, value: self.persistent_id(value)})
        pickler(file, protocol).dump(value)
        return file.getvalue()

    def loads(self, data):
        return load_one(data, self.unpickler.engine, {"persistent_load": self.persistent_load})


@left_out
class TestValues(Values, unittest.TestCase):
    pickler, unpickler = pickle.Pickler, Unpickler


@left_out
class TestPersistentIds(Persistent, pickletester.AbstractPersistentPicklerTests, unittest.TestCase):
    pickler, unpickler = pickle.Pickler, Unpickler


@left_out
class TestPersistentIdsOfAnyType(
    Persistent, pickletester.AbstractIdentityPersistentPicklerTests, unittest.TestCase
):
    pickler, unpickler = pickle.Pickler, Unpickler


@left_out
class TestHandles(pickletester.AbstractPicklerUnpicklerObjectTests, unittest.TestCase):
    """Several pickles in one file, and files that can only be read."""

    pickler_class, unpickler_class = pickle.Pickler, Unpickler


@left_out
class TestModule(pickletester.AbstractPickleModuleTests, unittest.TestCase):
    dump, dumps, Pickler, Unpickler = map(
        staticmethod, (pickle.dump, pickle.dumps, pickle.Pickler, Unpickler)
    )

    @staticmethod
    def loads(data, **options):
        return load_one(data, "fast", options)

    @staticmethod
    def load(file, **options):
        return Unpickler(file, **options).load()


@pytest.mark.corpora
@left_out
class TestValuesOfThePythonPickler(Values, unittest.TestCase):
    """As :class:`TestValues`, with the other writer and the other reader."""

    pickler, unpickler = pickle._Pickler, ReferenceUnpickler

    def dumps(self, value, protocol=None, **options):
        file = io.BytesIO()
        self.pickler(file, protocol, **options).dump(value)
        return file.getvalue()


@pytest.mark.corpora
@left_out
class TestHandlesOfThePythonPickler(pickletester.AbstractPicklerUnpicklerObjectTests, unittest.TestCase):
    pickler_class, unpickler_class = pickle._Pickler, ReferenceUnpickler


def names_of(cls):
    return [name for name in dir(cls) if name.startswith("test")]


def test_nearly_all_of_it_applies():
    classes = (TestValues, TestPersistentIds, TestPersistentIdsOfAnyType, TestHandles, TestModule)
    tests = [getattr(cls, name) for cls in classes for name in names_of(cls)]
    skipped = [test for test in tests if getattr(test, "__unittest_skip__", False)]
    assert len(tests) - len(skipped) >= 150
