"""Turns records of benign pickles into values by doing what ``pickle.load`` would: only tests may."""

from __future__ import annotations

import copyreg
import importlib
import sys

from migrate.legacy import (
    NO_STATE,
    Buffer,
    ByteString,
    Call,
    Dict,
    FrozenSet,
    Global,
    Persistent,
    Set,
)
from migrate.legacy.python2 import modern_name


def revive(record, **options):
    """Return the value that the record is a picture of, with the same sharing."""
    return Reviver(**options).value(record)


class Reviver:
    """Makes values of records, each once. The options are those of ``pickle.loads``.

    Records do not keep the order of the opcodes, which matters where a value contains itself by way of the
    arguments it is made with. So what is put into an object waits until its holder has the object.
    """

    def __init__(
        self,
        *,
        fix_imports=True,
        encoding="ASCII",
        errors="strict",
        buffers=None,
        persistent_load=None,
    ):
        self.encoding = encoding
        self.errors = errors
        self.buffers = list(buffers or ())
        self.modern_name = modern_name if fix_imports else lambda module, name: (module, name)
        self.memo = {}
        self.waiting = []
        self.makers = {
            list: self.fill_list,
            Dict: self.fill_dict,
            Set: self.fill_set,
            Call: self.call,
            tuple: lambda record: tuple(self.all_of(record)),
            FrozenSet: lambda record: frozenset(self.all_of(record.items)),
            Global: lambda record: find_class(*self.modern_name(record.module, record.name)),
            ByteString: self.string,
            Buffer: self.buffer,
            Persistent: lambda record: persistent_load(self.value(record.pid)),
        }

    def value(self, record):
        made = self.made(record)
        self.finish()
        return made

    def made(self, record):
        maker = self.makers.get(type(record))
        if maker is None:
            return record
        if id(record) not in self.memo:
            value = maker(record)
            # What is made after its parts may be among them: then it was made there.
            self.memo.setdefault(id(record), value)
        return self.memo[id(record)]

    def finish(self):
        while self.waiting:
            self.put_in(self.waiting.pop())

    def all_of(self, records):
        values = [self.made(record) for record in records]
        self.finish()
        return values

    def fill_list(self, record):
        value = self.memo[id(record)] = []
        for item in record:
            value.append(self.made(item))
            self.finish()
        return value

    def fill_dict(self, record):
        value = self.memo[id(record)] = {}
        self.put_pairs(value, record.pairs)
        return value

    def put_pairs(self, value, pairs):
        for key, item in pairs:
            made = self.made(key)
            value[made] = self.made(item)
            self.finish()

    def fill_set(self, record):
        value = self.memo[id(record)] = set()
        for item in record.items:
            value.add(self.made(item))
            self.finish()
        return value

    def string(self, record):
        return record.raw if self.encoding == "bytes" else record.raw.decode(self.encoding, self.errors)

    def buffer(self, record):
        given = self.buffers[record.index]
        view = memoryview(given)
        return view.toreadonly() if record.readonly and not view.readonly else given

    def call(self, record):
        function, args = self.value(record.function), self.value(record.args)
        kwargs = {} if record.kwargs is None else self.value(record.kwargs)
        if id(record) in self.memo:
            return self.memo[id(record)]
        if record.new:
            value = copyreg.__newobj_ex__(function, args, kwargs)
        elif record.old and not args and not hasattr(function, "__getinitargs__"):
            value = function.__new__(function)
        else:
            value = function(*args, **kwargs)
        self.memo[id(record)] = value
        self.waiting.append(record)
        return value

    def put_in(self, record):
        value = self.memo[id(record)]
        if record.items:
            add = getattr(value, "append", None) or value.add
            for item in record.items:
                add(self.made(item))
                self.finish()
        self.put_pairs(value, record.pairs)
        if record.state is not NO_STATE:
            set_state(value, self.value(record.state))
        for effect in record.effects:
            self.value(effect)


def find_class(module, name):
    """Return what a pickle names, as ``Unpickler.find_class`` does."""
    value = importlib.import_module(module)
    for part in name.split("."):
        value = getattr(value, part)
    return value


def set_state(value, state):
    """Do what BUILD does."""
    if hasattr(value, "__setstate__"):
        value.__setstate__(state)
        return
    attributes, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
    for name, item in (attributes or {}).items():
        value.__dict__[sys.intern(name) if type(name) is str else name] = item
    for name, item in (slots or {}).items():
        setattr(value, name, item)
