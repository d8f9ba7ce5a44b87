"""Reads one corpus in every way there is, under an audit hook, and prints what came of it as JSON.

Run as ``python -m tests.corpora.worker ARCHIVE``. What is read once is read again with the hook armed: the
first time imports parts of ourselves.
"""

import contextlib
import io
import json
import pickle
import sys
import time
import warnings
from collections import Counter

from migrate.legacy import MigrateError, decode_all, examine, looks_like_pickle, unwrap
from migrate.legacy.inspect import describe, find, to_json, trace, verdict
from migrate.runtime import Codec, same

from .collect import streams

HARMLESS = {"builtins.id", "sys._getframe"}
PLAIN_MODULES = {"collections", "copyreg", "copy_reg", "datetime", "decimal", "fractions", "uuid"}
PLAIN_NUMPY = {
    *("numpy.ndarray", "numpy.dtype", "numpy.matrix", "numpy.matrixlib.defmatrix.matrix"),
    *("joblib.numpy_pickle.NumpyArrayWrapper", "_codecs.encode"),
    *(f"numpy.{core}.multiarray.{name}" for core in ("core", "_core") for name in ("_reconstruct", "scalar")),
}
PLAIN_BUILTINS = {
    *("object", "set", "frozenset", "list", "dict", "tuple", "int", "float", "complex", "str", "bytes"),
    *("bytearray", "range", "slice", "xrange", "unicode", "long"),
}
events = []
armed = False


def hook(event, args):
    # A time zone is read from the system's database, under a name that a closed list has.
    if armed and event not in HARMLESS and "zoneinfo" not in str(args[:1]):
        events.append(f"{event} {args!r:.120}")


def read(data, codec):
    """Do with ``data`` all that the program does; return whether it is a pickle."""
    try:
        raw = unwrap(data)[1]
    except MigrateError:
        return False
    with contextlib.suppress(MigrateError):
        list(trace(raw))
    try:
        found = examine(raw)
    except MigrateError:
        return False
    describe(found.root), to_json(found.root), verdict(found.root, found.dropped), list(find(found.root, "x"))
    with contextlib.suppress(MigrateError):
        list(decode_all(raw))
    for land in (codec.to_wire, codec.loads):
        with contextlib.suppress(MigrateError, EOFError):
            land(raw)
    return looks_like_pickle(raw)


def is_plain(data):
    """Whether the pickle names nothing but plain types of the standard library: pickle may load it."""
    try:
        found = examine(data)
    except MigrateError:
        return False
    names = verdict(found.root, found.dropped).names
    return all(
        name in PLAIN_NUMPY
        or name.split(".")[0] in PLAIN_MODULES
        or (name.startswith("builtins.") and name.removeprefix("builtins.") in PLAIN_BUILTINS)
        for name in names
    )


def lands(data, codec):
    """Whether a pickle has a form without its classes."""
    try:
        codec.to_wire(data, encoding="latin1")
    except MigrateError:
        return False
    return True


def loaded(data):
    """What pickle, or joblib for its own files, makes of a plain pickle, and the encoding that it takes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy's of names that it has moved
        if b"NumpyArrayWrapper" in data:
            import joblib

            return joblib.load(io.BytesIO(data)), "ASCII"
        try:
            return pickle.loads(data), "ASCII"
        except UnicodeDecodeError:  # of Python 2; numpy's documentation says how to read those
            return pickle.loads(data, encoding="latin1"), "latin1"


def compare(data, codec, result):
    """Note whether a plain pickle lands as what pickle loads."""
    try:
        expected, encoding = loaded(data)
    except Exception:
        result["not loaded by pickle"] += 1
        return
    result["of numpy"] += b"numpy" in data
    try:
        ours = codec.loads(data, encoding=encoding)
    except MigrateError as error:
        result["refused"] += 1
        result[f"refused: {error.reason}"] += 1
        return
    if b"NumpyArrayWrapper" in data and isinstance(ours, list):
        ours = [without_class(part) for part in ours]
    result["equal" if same(expected, ours) else "different"] += 1


def without_class(value):
    """Return a matrix as the array that joblib makes of it under numpy 2 (docs/tasks/arrays.md)."""
    import numpy as np

    return np.asarray(value) if isinstance(value, np.matrix) else value


def main(archive):
    global armed
    codec = Codec("corpora")
    everything = [data for _, data in streams(archive)]
    result, slowest, dangerous = Counter(candidates=len(everything)), 0.0, 0
    sys.addaudithook(hook)
    for data in everything:
        started = time.perf_counter()
        is_pickle = read(data, codec)
        slowest = max(slowest, time.perf_counter() - started)
        result["pickles"] += is_pickle
        if not is_pickle:
            continue
        armed = True
        read(data, codec)
        armed = False
        raw = unwrap(data)[1]
        result["landed"] += lands(raw, codec)
        found = examine(raw)
        dangerous += bool(verdict(found.root, found.dropped).dangerous)
        if is_plain(raw):
            result["plain"] += 1
            compare(raw, codec, result)
    print(json.dumps({**result, "dangerous": dangerous, "slowest": round(slowest, 2), "events": events[:20]}))


if __name__ == "__main__":
    main(sys.argv[1])
