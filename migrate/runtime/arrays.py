"""numpy's arrays, scalars and dtypes: encoded, decoded and compared. Imported when one of them is met.

Exact means: the same class, dtype, shape and bytes (so the payloads of NaN as well); arrays whose memory is
in Fortran's order stay so, all others are in C's order afterwards, as after pickle; read-only arrays stay
read-only. Views become arrays of their own, as in pickle.
"""

from __future__ import annotations

from base64 import b64encode
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from .decode import decode_base64, decode_buffer, decode_items, expect, only
from .dtypes import CODE, OBJECT, check_content, size_of
from .encode import encode_items, numbered
from .errors import DecodeError, EncodeError, within
from .standard import in_range

if TYPE_CHECKING:
    from .compare import Comparison
    from .decode import DecodeRun
    from .encode import Encoder, EncodeRun, Value, Wire

_CLASSES = {"matrix": np.matrix, "recarray": np.recarray}
_OWN_STATE = {"_getitem": False}
"""What numpy itself leaves in the ``__dict__`` of a matrix."""
_INTEGER, _FLOAT, _TIME = frozenset("biu"), frozenset("f"), frozenset("mM")
_BYTES = "B"


def encoder_of(cls: type) -> Encoder | None:
    """Return the encoder of values that are exactly of ``cls``; None if they have no form."""
    if cls is np.ndarray or cls in _CLASSES.values():
        return _encode_array
    if issubclass(cls, np.dtype):
        return _encode_dtype
    known = issubclass(cls, np.generic) and cls.__module__.partition(".")[0] == "numpy"
    return _encode_scalar if known and cls is not np.object_ else None


def is_frozen(value: Value) -> bool:
    """Scalars but for structured ones, and dtypes."""
    return isinstance(value, np.dtype) or (isinstance(value, np.generic) and not isinstance(value, np.void))


# --- dtypes -------------------------------------------------------------------------------------


def form_of(dtype: Value) -> Wire:
    """Return the form of ``dtype`` (see :mod:`.dtypes`); raises EncodeError if it has none."""
    if dtype.metadata or dtype.isbuiltin == 2:
        raise EncodeError(f"a dtype with metadata, or of another library, is not kept: {dtype!r:.80}")
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return {"base": form_of(base), "shape": list(shape)}
    if dtype.names is not None:
        return _form_of_fields(dtype)
    code = dtype.str
    if not CODE.fullmatch(code) or (dtype.kind == "V" and dtype.type is not np.void):
        raise EncodeError(f"elements of {dtype!r:.80} have no form that is the same on every machine")
    return code


def _form_of_fields(dtype: Value) -> Wire:
    fields = [dtype.fields[name] for name in dtype.names]
    if any(len(field) > 2 for field in fields) or dtype.type not in (np.void, np.record):
        raise EncodeError("fields with titles, or a class of their own, are not kept")
    form: dict[str, Wire] = {
        "names": list(dtype.names),
        "formats": [form_of(field[0]) for field in fields],
        "offsets": [field[1] for field in fields],
        "itemsize": dtype.itemsize,
    }
    if dtype.isalignedstruct:
        form["aligned"] = True
    if dtype.type is np.record:
        form["record"] = True
    return form


def dtype_of(form: Wire) -> Value:
    """Return the dtype of a form; raises DecodeError if it is none."""
    in_range(size_of, form)
    return in_range(_make, form)


def _make(form: Wire) -> Value:
    if type(form) is str:
        return np.dtype(form)
    if "base" in form:
        return np.dtype((_make(form["base"]), tuple(form["shape"])))
    fields = {"names": form["names"], "formats": [_make(inner) for inner in form["formats"]]}
    made = np.dtype(
        {**fields, "offsets": form["offsets"], "itemsize": form["itemsize"]}, align="aligned" in form
    )
    return np.dtype((np.record, made)) if "record" in form else made


def _encode_dtype(value: Value, _run: EncodeRun) -> Wire:
    return {"$dtype": form_of(value)}


def decode_dtype(wire: dict[str, Wire], _run: DecodeRun) -> Value:
    """Read a dtype as a value."""
    only(wire, "$dtype")
    return dtype_of(wire["$dtype"])


# --- arrays -------------------------------------------------------------------------------------


def _is_fortran(value: Value) -> bool:
    return bool(value.flags.f_contiguous and not value.flags.c_contiguous)


def _bytes_of(value: Value) -> Value:
    """Return the bytes of an array, in the order of its memory or else C's, without a copy if possible."""
    flat = np.asarray(value).ravel(order="F" if _is_fortran(value) else "C")
    return flat.view(_BYTES) if flat.nbytes else np.empty(0, _BYTES)


def _encode_array(value: Value, run: EncodeRun) -> Wire:
    mark = run.meet(value)
    if type(mark) is dict:
        return mark
    if getattr(value, "__dict__", None) not in (None, {}, _OWN_STATE):
        raise EncodeError("attributes that were set on an array are not kept", reason="not-restorable")
    try:
        form = form_of(value.dtype)
    except EncodeError as error:
        raise within(error, ".dtype")  # noqa: B904 - the same error, on its way up
    body: dict[str, Wire] = {"$ndarray": None, "dtype": form, "shape": list(value.shape)}
    if _is_fortran(value):
        body["order"] = "F"
    if not value.flags.writeable:
        body["readonly"] = True
    if type(value) is not np.ndarray:
        body["class"] = type(value).__name__
    numbered(body, mark)
    return _with_content(body, value, run)


def write_values(value: Value, run: EncodeRun) -> dict[str, Wire]:
    """Write an array that is a part of another value: nobody is told who else uses its memory."""
    return _with_content(
        {"$ndarray": None, "dtype": form_of(value.dtype), "shape": [*value.shape]}, value, run
    )


def _with_content(body: dict[str, Wire], value: Value, run: EncodeRun) -> dict[str, Wire]:
    if body["dtype"] == OBJECT:
        items = np.asarray(value).ravel().tolist()
        body["$ndarray"] = encode_items(items, run)
        held = len(items)
    else:
        if value.dtype.hasobject:
            raise EncodeError("objects in a field of an array are not kept")
        content = _bytes_of(value)
        body["$ndarray"] = run.carry(memoryview(content))
        held = content.size
    try:
        check_content(body["dtype"], body["shape"], held)
    except ValueError as error:
        raise EncodeError(f"{error}, is not kept") from error
    return body


def decode_array(wire: dict[str, Wire], run: DecodeRun) -> Value:
    """Read an array: base64 of its bytes, or the elements if they are objects."""
    only(wire, "$ndarray", "dtype", "shape", "order", "readonly", "class")
    form, order = wire.get("dtype"), wire.get("order", "C")
    if order not in ("C", "F") or wire.get("readonly", True) is not True:
        raise DecodeError("an array whose order or flags are not known", reason="bad-value")
    kind = wire.get("class", "ndarray")
    if type(kind) is not str or kind not in ("ndarray", *_CLASSES):
        raise DecodeError(f"unknown class of an array: {kind!r:.60}", reason="unknown-tag")
    if form == OBJECT:
        content = expect(wire["$ndarray"], list)
        in_range(check_content, form, wire.get("shape"), len(content))
        out = in_range(np.empty, wire["shape"], object, order)
    else:
        raw = decode_buffer(wire["$ndarray"])
        in_range(check_content, form, wire.get("shape"), len(raw))
        out = in_range(np.ndarray, wire["shape"], dtype_of(form), raw, 0, None, order)
    made = out if kind == "ndarray" else in_range(out.view, _CLASSES[kind])
    run.remember(wire, made)
    if form == OBJECT:
        _fill(out, decode_items(content, run))
    if wire.get("readonly"):
        made.flags.writeable = False
    return made


def read_values(wire: dict[str, Wire], run: DecodeRun) -> Value:
    """Read an array of one axis that is a part of another value."""
    made: Any = decode_array(wire, run) if "$ndarray" in wire else None
    if type(made) is not np.ndarray or made.ndim != 1 or not made.flags.writeable:
        raise DecodeError("no array of one axis where the values of a column belong", reason="bad-value")
    return made


def _fill(out: Value, items: list[Value]) -> None:
    """Put ``items`` into an array of objects, one by one: numpy would take lists and arrays apart."""
    for index, item in zip(np.ndindex(out.shape), items, strict=True):
        out[index] = item


# --- scalars ------------------------------------------------------------------------------------


def _encode_scalar(value: Value, run: EncodeRun) -> Wire:
    """Write numbers and times as numbers, text as text, and everything else as base64 of its bytes."""
    if isinstance(value, np.str_):
        return {"$npscalar": run.any(str(value)), "dtype": "str"}
    if isinstance(value, np.bytes_):
        return {"$npscalar": b64encode(bytes(value)).decode("ascii"), "dtype": "bytes"}
    mark = None if is_frozen(value) else run.meet(value)
    if type(mark) is dict:
        return mark
    form, kind = form_of(value.dtype), value.dtype.kind
    if kind in _INTEGER or (kind in _FLOAT and isfinite(value)):
        return {"$npscalar": value.item(), "dtype": form}
    if kind in _TIME:
        return {"$npscalar": int(value.view("i8")), "dtype": form}
    if value.dtype.hasobject or not value.dtype.itemsize:
        raise EncodeError("a structured scalar with objects, or of no size, is not kept")
    return numbered({"$npscalar": b64encode(value.tobytes()).decode("ascii"), "dtype": form}, mark)


def decode_scalar(wire: dict[str, Wire], run: DecodeRun) -> Value:
    """Read a scalar."""
    only(wire, "$npscalar", "dtype")
    content, form = wire["$npscalar"], wire.get("dtype")
    if form == "str":
        return np.str_(expect(run.any(content), str))
    if form == "bytes":
        return np.bytes_(decode_base64(content))
    dtype = dtype_of(form)
    if dtype.hasobject or not dtype.itemsize or dtype.subdtype is not None or dtype.kind in "SU":
        raise DecodeError("a dtype that no scalar has", reason="bad-value")
    if type(content) in (str, bytes):
        raw = decode_base64(content)
        in_range(check_content, form, [], len(raw))
        return run.remember(wire, in_range(np.frombuffer, bytearray(raw), dtype)[0])
    return _number(content, dtype)


def _number(content: Wire, dtype: Value) -> Value:
    kind = dtype.kind
    wanted = bool if kind == "b" else float if kind in _FLOAT else int
    if type(content) is not wanted or kind not in _INTEGER | _FLOAT | _TIME:
        raise DecodeError(f"{type(content).__name__} where a scalar of {dtype} belongs", reason="bad-value")
    if kind in _TIME:
        return in_range(np.array, content, "i8").view(dtype.newbyteorder("="))[()]
    with np.errstate(all="ignore"):
        made = in_range(np.array, content, dtype)[()]
    if made.item() != content:
        raise DecodeError(f"{content!r} is not a value of {dtype}", reason="bad-value")
    return made


def is_same_class(a: Value, b: Value) -> bool:
    """Whether scalars of two classes are of one dtype all the same, as C's long and long long of 64 bits."""
    both = isinstance(a, np.integer) and isinstance(b, np.integer)
    return both and a.dtype.isbuiltin == b.dtype.isbuiltin == 1 and a.dtype.str == b.dtype.str


# --- exactness ----------------------------------------------------------------------------------


def compare(comparison: Comparison, path: str, a: Value, b: Value) -> bool:
    """Note how two values of one class differ; False if this module knows nothing of the class."""
    if isinstance(a, np.dtype):
        if _facts(a) != _facts(b):
            comparison.differ(path, f"{a!r:.80} is not {b!r:.80}")
        return True
    if isinstance(a, (np.str_, np.bytes_)):
        if a != b:
            comparison.differ(path, f"{a!r:.80} is not {b!r:.80}")
        return True
    if isinstance(a, np.generic) and type(a) is not np.object_ and not a.dtype.hasobject:
        if _facts(a.dtype) != _facts(b.dtype) or a.tobytes() != b.tobytes():
            comparison.differ(path, f"{a!r:.80} is not {b!r:.80}")
        return True
    if type(a) is np.ndarray or type(a) in _CLASSES.values():
        _compare_arrays(comparison, path, a, b)
        return True
    return False


def _facts(dtype: Value) -> Value:
    """Return all that makes a dtype what it is."""
    fields = None
    if dtype.names is not None:
        fields = [(name, _facts(dtype.fields[name][0]), dtype.fields[name][1:]) for name in dtype.names]
    inner = None if dtype.subdtype is None else (_facts(dtype.subdtype[0]), dtype.subdtype[1])
    meta = None if dtype.metadata is None else dict(dtype.metadata)
    kind = None if dtype.kind in "iu" else dtype.type  # C's long and long long are one type if of one size
    return dtype.str, kind, fields, inner, dtype.itemsize, dtype.isalignedstruct, meta


def _compare_arrays(comparison: Comparison, path: str, a: Value, b: Value) -> None:
    for name, left, right in (
        ("dtype", _facts(a.dtype), _facts(b.dtype)),
        ("shape", a.shape, b.shape),
        ("order", "F" if _is_fortran(a) else "C", "F" if _is_fortran(b) else "C"),
        ("flags.writeable", a.flags.writeable, b.flags.writeable),
    ):
        if left != right:
            comparison.differ(f"{path}.{name}", f"{left!r:.80} is not {right!r:.80}")
            return
    compare_values(comparison, path, a, b)


def compare_values(comparison: Comparison, path: str, a: Value, b: Value) -> None:
    """Note how the elements of two arrays differ; what else the arrays are is not looked at."""
    if _facts(a.dtype) != _facts(b.dtype) or a.shape != b.shape:
        comparison.differ(path, f"{a.dtype} {a.shape} is not {b.dtype} {b.shape}")
        return
    if a.dtype.hasobject:
        comparison.sequences(path, np.asarray(a).ravel().tolist(), np.asarray(b).ravel().tolist())
        return
    if not a.dtype.itemsize:
        return
    wrong = np.flatnonzero(_bytes_of(a) != _bytes_of(b))
    if wrong.size:
        at = np.unravel_index(int(wrong[0]) // a.dtype.itemsize, a.shape, "F" if _is_fortran(a) else "C")
        index = ", ".join(map(str, at))
        comparison.differ(f"{path}[{index}]", f"{np.asarray(a)[at]!r:.80} is not {np.asarray(b)[at]!r:.80}")
