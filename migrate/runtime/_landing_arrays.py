"""numpy's arrays, scalars and dtypes as pickles store them, in the wire format. Needs no numpy.

How numpy pickles is fixed by ``array_reduce`` and ``array_setstate`` (``methods.c``), ``arraydescr_reduce``
and ``arraydescr_setstate`` (``descriptor.c``), ``gentype_reduce`` (``scalartypes.c.src``) and ``_frombuffer``
(``numeric.py``); how joblib does by ``NumpyArrayWrapper`` (``joblib/numpy_pickle.py``). What the data claim
is checked against the closed grammar of :mod:`.dtypes` and against the bytes that are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from ..legacy.calls import Shape, name_of, raw_of, shape_of, text_of
from ..legacy.joblib_arrays import MODULE as JOBLIB
from ..legacy.records import Buffer, Call, Dict, Record
from ._landing_rules import Rule, is_empty, sequence, wrong
from .dtypes import OBJECT, check_content, size_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ._landing_run import LandingRun, Place, Wire

_CLASSES: Final = {
    ("numpy", "ndarray"): None,
    ("numpy", "matrix"): "matrix",
    ("numpy.matrixlib.defmatrix", "matrix"): "matrix",
    ("numpy.core.defmatrix", "matrix"): "matrix",
    ("numpy", "recarray"): "recarray",
    ("numpy.core.records", "recarray"): "recarray",
    ("numpy._core.records", "recarray"): "recarray",
    ("numpy.rec", "recarray"): "recarray",
    ("pandas.core.indexes.frozen", "FrozenNDArray"): None,
    ("pandas.indexes.base", "FrozenNDArray"): None,
}
_RECORDS: Final = frozenset(
    (module, "record") for module in ("numpy", "numpy.core.records", "numpy._core.records", "numpy.rec")
)
_ALIGNED: Final = 0x80
"""``NPY_ALIGNED_STRUCT`` among the flags of a dtype."""
_MAX_DEPTH: Final = 16
_MAX_FIELDS: Final = 10_000
_ORDERS: Final = {"<": "<", ">": ">", "|": "|", "=": "<"}
_SIZED: Final = frozenset("SUV")
_SINGLE_BYTES: Final = frozenset(("b1", "i1", "u1"))


# --- dtypes -------------------------------------------------------------------------------------


class Dtypes:
    """The dtypes of one array or scalar, which may not be endless."""

    def __init__(self, run: LandingRun, place: Place) -> None:
        self._run = run
        self._place = place
        self._left = _MAX_FIELDS

    def read(self, record: Record, depth: int = 0) -> Wire:
        """Return the form of the dtype that ``record`` makes."""
        self._left -= 1
        if depth > _MAX_DEPTH or self._left < 0:
            self._run.bad("a dtype of too many fields", self._place, reason="limit")
        shape = shape_of(record) if isinstance(record, Call) else None
        if shape is None or shape.name != ("numpy", "dtype") or not 1 <= len(shape.args) <= 3:
            self.refuse("is none")
        if shape.kwargs is not None and shape.kwargs.pairs:
            self.refuse("with keyword arguments")
        state = () if is_empty(shape.state) else shape.state
        if not isinstance(state, tuple) or not all(flag in (0, 1) for flag in map(_flag, shape.args[1:])):
            self.refuse("with a state that it does not take")
        form = self._of(shape.args[0], self._state(state), depth)
        try:
            size_of(form)
        except ValueError as error:
            self.refuse(f"that does not exist: {error}")
        return form

    def refuse(self, what: str) -> NoReturn:
        """Refuse the dtype."""
        self._run.bad(f"numpy.dtype {what}", self._place)

    def _state(self, state: tuple[Record, ...]) -> dict[str, Record]:
        """Return a state of any version by the names of its parts."""
        if not state:
            return {}
        if len(state) == 5:
            state = (0, *state)
        if state[0] not in (0, 1, 2, 3, 4) or not 6 <= len(state) <= 9:
            self.refuse("with a state of an unknown version")
        names = state[3] if len(state) > 6 else None
        more = state[4 if len(state) > 6 else 3 :]
        parts = dict(zip(("fields", "itemsize", "alignment", "flags", "metadata"), more, strict=False))
        return {"order": state[1], "subarray": state[2], "names": names, **parts}

    def _of(self, first: Record, state: Mapping[str, Record], depth: int) -> Wire:
        name = name_of(first)
        code = "V" if name in _RECORDS else text_of(first)
        if code is None:
            self.refuse("of a class")
        unit = self._unit(code, state.get("metadata"))
        if state.get("subarray") is not None:
            return self._subarray(state["subarray"], depth)
        if state.get("names") is not None or state.get("fields") is not None:
            form = self._fields(state, depth)
            return {**form, "record": True} if name in _RECORDS else form
        order = _ORDERS.get(text_of(state.get("order", "<")) or "", "")
        kind, digits = code[:1], code[1:]
        if kind == "O":
            return OBJECT
        if code in _SINGLE_BYTES or kind in "SV":
            order = "|"
        elif order == "|":
            self.refuse("without a byte order")
        if kind in _SIZED and not digits:
            itemsize = state.get("itemsize")
            if type(itemsize) is not int or itemsize < 0:
                self.refuse("of an unknown size")
            digits = str(itemsize // 4 if kind == "U" else itemsize)
        return f"{order}{kind}{digits}{unit}"

    def _unit(self, code: str, metadata: Record) -> str:
        """Return the unit of times, which is part of the metadata; refuse any other metadata."""
        if code[:1] not in ("m", "M"):
            if not is_empty(metadata):
                self.refuse("with metadata")
            return ""
        if metadata is None:
            return ""
        if not isinstance(metadata, tuple) or len(metadata) != 2 or not is_empty(metadata[0]):
            self.refuse("with metadata")
        parts = metadata[1]
        if not isinstance(parts, tuple) or len(parts) not in (3, 4):
            self.refuse("of a time without a unit")
        raw = raw_of(parts[0])
        unit = text_of(parts[0]) if raw is None else raw.decode("ascii", "replace")
        number = parts[1]
        if not unit or len(unit) > 20 or type(number) is not int or any(part != 1 for part in parts[2:]):
            self.refuse("of a time with a unit that does not exist")
        if unit == "generic":
            return ""
        return f"[{number if number != 1 else ''}{unit}]"

    def _subarray(self, record: Record, depth: int) -> Wire:
        if not isinstance(record, tuple) or len(record) != 2:
            self.refuse("of an array that is none")
        shape = list(record[1]) if isinstance(record[1], tuple) else [record[1]]
        return {"base": self.read(record[0], depth + 1), "shape": shape}

    def _fields(self, state: Mapping[str, Record], depth: int) -> dict[str, Wire]:
        names, fields = state.get("names"), state.get("fields")
        if not isinstance(names, tuple) or not isinstance(fields, Dict):
            self.refuse("with fields that are none")
        by_name = {text_of(key): value for key, value in fields.pairs}
        formats: list[Wire] = []
        offsets: list[Wire] = []
        texts = [text_of(name) for name in names]
        if len(by_name) != len(names) or len(fields.pairs) != len(names):
            self.refuse("with titles, or with fields twice")
        for text in texts:
            field = by_name.get(text)
            if text is None or not isinstance(field, tuple) or len(field) != 2:
                self.refuse("with a field that is none")
            formats.append(self.read(field[0], depth + 1))
            offsets.append(field[1])
        form = {"names": texts, "formats": formats, "offsets": offsets, "itemsize": state.get("itemsize")}
        flags = state.get("flags", 0)
        if type(flags) is int and flags & _ALIGNED:
            form["aligned"] = True
        return form


def _flag(record: Record) -> int:
    """Return 0 or 1 for the flags of ``numpy.dtype``, which Python 2 has as numbers; 2 for other values."""
    return int(record) if isinstance(record, int) else 2


def _dtype(run: LandingRun, shape: Shape, place: Place) -> Wire:
    return {"$dtype": Dtypes(run, place).read(shape.origin)}


# --- arrays -------------------------------------------------------------------------------------


def _reconstruct(run: LandingRun, shape: Shape, place: Place) -> Wire:
    """``_reconstruct(class, (0,), b"b")`` and the state ``(version, shape, dtype, is_fortran, content)``."""
    return _array(run, shape, place, _reconstructed(run, shape, place))


def _reconstructed(run: LandingRun, shape: Shape, place: Place) -> _Array:
    name = name_of(shape.args[0]) if len(shape.args) == 3 else None
    if name is None or name not in _CLASSES:
        run.unknown(name or shape.name, place, called=True)
    state = shape.state
    if isinstance(state, tuple) and len(state) == 5 and state[0] in (0, 1):
        state = state[1:]  # numpy 0.9 had no version
    if not isinstance(state, tuple) or len(state) != 4:
        wrong(run, shape, place, "a state")
    lengths, dtype, fortran, content = state
    if _flag(fortran) > 1:
        wrong(run, shape, place, "a state")
    array = _Array(_CLASSES[name], lengths, dtype, bool(fortran), content)
    array.native = True
    return array


class Content(NamedTuple):
    """The elements of an array, checked against its shape and dtype."""

    form: Wire
    lengths: list[Wire]
    fortran: bool
    raw: bytes | None
    """None for objects, which are in ``items``."""
    items: Sequence[Record]


def read_array(run: LandingRun, record: Record, place: Place) -> Content | None:
    """Return the content of an array that is a part of another value; None for what is no array."""
    shape = shape_of(record) if isinstance(record, Call) else None
    if shape is None or shape.name not in _PARTS:
        return None
    array = (_reconstructed if shape.name in _RECONSTRUCT else _buffered)(run, shape, place)
    return _content(run, shape, place, array)


class _Array:
    """What a pickle says of an array."""

    def __init__(
        self, kind: str | None, lengths: Record, dtype: Record, fortran: bool, content: Record
    ) -> None:
        self.kind = kind
        self.lengths = lengths
        self.dtype = dtype
        self.fortran = fortran
        self.content = content
        self.readonly = False
        self.native = False
        """Whether numpy turns numbers in the other byte order into the usual one while it reads them."""


def _content(run: LandingRun, shape: Shape, place: Place, array: _Array) -> Content:
    lengths = sequence(array.lengths)
    form = Dtypes(run, place).read(array.dtype)
    if lengths is None:
        wrong(run, shape, place, "a shape")
    raw = None if form == OBJECT else raw_of(array.content)
    items = sequence(array.content) if form == OBJECT else None
    if raw is None and items is None:
        wrong(run, shape, place, "content that is not of its dtype")
    if raw is not None and array.native and type(form) is str and form[0] == ">":
        form, raw = f"<{form[1:]}", _swapped(form, raw)
    dimensions = list(lengths)
    try:
        check_content(form, dimensions, len(items or ()) if raw is None else len(raw))
    except ValueError as error:
        run.bad(str(error), place)
    if raw is not None:
        run.spend(len(raw) * 4 // 3, place)
    return Content(form, dimensions, array.fortran and _has_order(dimensions), raw, items or ())


def _array(run: LandingRun, shape: Shape, place: Place, array: _Array) -> Wire:
    form, dimensions, fortran, raw, items = _content(run, shape, place, array)
    body: dict[str, Wire] = {"$ndarray": None, "dtype": form, "shape": dimensions}
    if fortran:
        body["order"] = "F"
    if array.readonly:
        body["readonly"] = True
    if array.kind is not None:
        body["class"] = array.kind
    run.numbered(shape.origin, body)
    if raw is None:
        body["$ndarray"] = run.array(items, place)
    else:
        body["$ndarray"] = run.base64(array.content, raw)
    return body


def _swapped(code: str, raw: bytes) -> bytes:
    """Return numbers or text in the other byte order; half of a complex number is a number."""
    width = 4 if code[1] == "U" else int(code[2]) if code[1] != "c" else int(code[2:]) // 2
    if len(raw) % width:
        return raw  # refused by its length
    out = bytearray(len(raw))
    for place in range(width):
        out[place::width] = raw[width - 1 - place :: width]
    return bytes(out)


def _has_order(lengths: list[Wire]) -> bool:
    """Whether C's and Fortran's order differ: two axes that are longer than one, and elements at all."""
    return 0 not in lengths and sum(length > 1 for length in lengths) > 1


def _frombuffer(run: LandingRun, shape: Shape, place: Place) -> Wire:
    """``_frombuffer(buffer, dtype, shape, order)``, in protocol 5."""
    return _array(run, shape, place, _buffered(run, shape, place))


def _buffered(run: LandingRun, shape: Shape, place: Place) -> _Array:
    if len(shape.args) != 4 or text_of(shape.args[3]) not in ("C", "F"):
        wrong(run, shape, place)
    content, dtype, lengths, order = shape.args
    readonly = isinstance(content, bytes)
    if isinstance(content, Buffer):
        readonly = content.readonly
        content, locked = run.buffer(content, place)
        readonly = readonly or locked
    array = _Array(None, lengths, dtype, text_of(order) == "F", content)
    array.readonly = readonly
    return array


def _joblib(run: LandingRun, shape: Shape, place: Place) -> Wire:
    """Joblib's wrapper, whose bytes or objects the reader has put into ``items``."""
    state = shape.state
    fields = {text_of(key): value for key, value in state.pairs} if isinstance(state, Dict) else {}
    if len(shape.items) != 1 or shape.args:
        wrong(run, shape, place, "a state")
    content = shape.items[0]
    if not isinstance(content, bytes):  # the pickle of an array of objects, which has a form of its own
        made = shape_of(content) if isinstance(content, Call) else None
        if made is None or made.name not in _RECONSTRUCT:
            wrong(run, shape, place, "content that is no array")
        return _reconstruct(run, made, place)
    name = name_of(fields.get("subclass"))
    order = text_of(fields.get("order"))
    if name not in _CLASSES or order not in ("C", "F"):
        wrong(run, shape, place, "a state")
    array = _Array(_CLASSES[name], fields.get("shape"), fields.get("dtype"), order == "F", content)
    array.native = True
    return _array(run, shape, place, array)


def _scalar(run: LandingRun, shape: Shape, place: Place) -> Wire:
    """``scalar(dtype, bytes)``."""
    if len(shape.args) != 2:
        wrong(run, shape, place)
    form = Dtypes(run, place).read(shape.args[0])
    raw = raw_of(shape.args[1])
    if raw is None or form == OBJECT:
        wrong(run, shape, place)
    try:
        check_content(form, [], len(raw))
    except ValueError as error:
        run.bad(str(error), place)
    run.spend(len(raw) * 4 // 3, place)
    code = form[1:2] if type(form) is str else ""
    if code == "S":
        return {"$npscalar": run.base64(shape.args[1], raw.rstrip(b"\0")), "dtype": "bytes"}
    if code == "U":
        return _text(run, shape, place, raw, "utf-32-be" if form[0] == ">" else "utf-32-le")
    body: dict[str, Wire] = {"$npscalar": run.base64(shape.args[1], raw), "dtype": form}
    return run.numbered(shape.origin, body) if code in ("", "V") else body


def _text(run: LandingRun, shape: Shape, place: Place, raw: bytes, encoding: str) -> Wire:
    try:
        text = raw.decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        wrong(run, shape, place, "text")
    body: dict[str, Wire] = {"$npscalar": None, "dtype": "str"}
    run.put(body, "$npscalar", text.rstrip("\0"), place, "")
    return body


_CORES: Final = ("numpy.core", "numpy._core")
_RECONSTRUCT: Final = frozenset(
    (module, "_reconstruct")
    for module in (*(f"{core}.multiarray" for core in _CORES), "numpy.core._internal")
)
"""The last is where numpy 1.0 had it."""

_FROMBUFFER: Final = frozenset((f"{core}.numeric", "_frombuffer") for core in _CORES)
_PARTS: Final = _RECONSTRUCT | _FROMBUFFER

ARRAYS: Final = {
    ("numpy", "dtype"): Rule(_dtype, frozenset(("state",))),
    **{name: Rule(_reconstruct, frozenset(("state",))) for name in _RECONSTRUCT},
    **{(f"{core}.multiarray", "scalar"): Rule(_scalar) for core in _CORES},
    **dict.fromkeys(_FROMBUFFER, Rule(_frombuffer)),
    (JOBLIB, "NumpyArrayWrapper"): Rule(_joblib, frozenset(("state", "items"))),
}
