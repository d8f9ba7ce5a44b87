"""Turns records of benign pickles into values by doing what ``pickle.load`` would: only tests may."""

from __future__ import annotations

import copyreg
import importlib

from migrate.legacy import NO_STATE, ByteString, Call, Dict, FrozenSet, Global, Set
from migrate.legacy.python2 import modern_name


def revive(record, memo=None):
    """Return the value that the record is a picture of, with the same sharing."""
    memo = {} if memo is None else memo
    if id(record) in memo:
        return memo[id(record)]
    if isinstance(record, (list, Dict, Set)):
        return _fill(record, memo)
    value = _make(record, memo)
    memo[id(record)] = value
    if isinstance(record, Call):
        _apply(record, value, memo)
    return value


def _fill(record, memo):
    if isinstance(record, list):
        value = memo[id(record)] = []
        value.extend(revive(item, memo) for item in record)
    elif isinstance(record, Dict):
        value = memo[id(record)] = {}
        value.update((revive(k, memo), revive(v, memo)) for k, v in record.pairs)
    else:
        value = memo[id(record)] = set()
        value.update(revive(item, memo) for item in record.items)
    return value


def _make(record, memo):
    if isinstance(record, tuple):
        return tuple(revive(item, memo) for item in record)
    if isinstance(record, FrozenSet):
        return frozenset(revive(item, memo) for item in record.items)
    if isinstance(record, Global):
        module, name = modern_name(record.module, record.name)
        value = importlib.import_module(module)
        for part in name.split("."):
            value = getattr(value, part)
        return value
    if isinstance(record, Call):
        function, args = revive(record.function, memo), revive(record.args, memo)
        kwargs = revive(record.kwargs, memo) if record.kwargs is not None else {}
        return copyreg.__newobj_ex__(function, args, kwargs) if record.new else function(*args)
    return record.raw.decode("ascii") if isinstance(record, ByteString) else record


def _apply(call, value, memo):
    for item in call.items:
        value.append(revive(item, memo))
    for key, item in call.pairs:
        value[revive(key, memo)] = revive(item, memo)
    if call.state is not NO_STATE:
        state = revive(call.state, memo)
        if hasattr(value, "__setstate__"):
            value.__setstate__(state)
        else:
            attributes, slots = state if isinstance(state, tuple) else (state, None)
            value.__dict__.update(attributes or {})
            for name, item in (slots or {}).items():
                setattr(value, name, item)
