"""Where joblib puts the bytes of an array: into the pickle, after the opcode that completes its wrapper.

``joblib.dump`` writes an array as a ``NumpyArrayWrapper`` (shape, order, dtype) and then its raw bytes, or
for an array of objects another pickle (joblib since 0.10: ``joblib/numpy_pickle.py``, ``write_array``). Such
a file is no pickle: only joblib's own reader knows that it must leave the opcodes there.
"""

from __future__ import annotations

import re
from math import prod
from typing import Final, NamedTuple

from .calls import text_of
from .errors import MalformedPickle
from .records import Call, Dict, Global, Record

MODULE: Final = "joblib.numpy_pickle"
_DTYPE: Final = re.compile(r"[|<>=]?([a-zA-Z])([0-9]{1,9})")
_MOST_DIMENSIONS: Final = 64
_BYTES_OF_A_CHARACTER: Final = 4
"""NumPy's ``U`` counts characters of UCS-4."""


class Layout(NamedTuple):
    """What follows the wrapper."""

    size: int | None
    """Bytes of the array; None when a pickle follows instead."""
    padded: bool
    """A byte that says how many bytes of padding follow it comes first (joblib 1.1)."""


def layout_of(target: Call, offset: int) -> Layout | None:
    """Return what follows ``target``, whose state was just set; None when it is no such wrapper.

    Raises MalformedPickle, with ``offset``, for a wrapper whose size cannot be told.
    """
    function = target.function
    if not isinstance(function, Global) or (function.module, function.name) != (MODULE, "NumpyArrayWrapper"):
        return None
    if not isinstance(target.state, Dict):
        raise MalformedPickle("an array of joblib without its shape", offset=offset)
    fields = {text_of(key): value for key, value in target.state.pairs}
    shape, code = fields.get("shape"), _code_of(fields.get("dtype"))
    if not isinstance(shape, tuple) or len(shape) > _MOST_DIMENSIONS or code is None:
        raise MalformedPickle("an array of joblib whose size cannot be told", offset=offset)
    lengths = [length for length in shape if type(length) is int and length >= 0]
    if len(lengths) != len(shape):
        raise MalformedPickle("an array of joblib with a shape that is none", offset=offset)
    kind, digits = code
    if kind == "O":
        return Layout(None, padded=False)
    itemsize = digits * _BYTES_OF_A_CHARACTER if kind == "U" else digits
    return Layout(prod(lengths) * itemsize, padded=type(fields.get("numpy_array_alignment_bytes")) is int)


def _code_of(dtype: Record) -> tuple[str, int] | None:
    """Return kind and size of ``numpy.dtype("f8", …)``, as its first argument says them."""
    if not isinstance(dtype, Call) or not isinstance(dtype.function, Global) or not dtype.args:
        return None
    if (dtype.function.module, dtype.function.name) != ("numpy", "dtype"):
        return None
    found = _DTYPE.fullmatch(text_of(dtype.args[0]) or "")
    return None if found is None else (found[1], int(found[2]))
