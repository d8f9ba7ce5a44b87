"""Records by themselves: what a program needs of a codec once no pickle is left.

:class:`.codec.Codec` adds pickles and stages to it. ``pickle-migrate retire`` writes it into a program, with
the modules that it needs and none that know pickles.
"""

from __future__ import annotations

import sys
from copy import copy
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeVar

from . import jsontext
from .declarations import Declarations
from .engine import Engine
from .errors import DecodeError
from .evolution import check_policy
from .formats import JSON, first_record, form_at, form_of, texts
from .items import Closing, Opening, collect, items_of, read_items, write_items
from .registry import Registry
from .streams import END, JSON_STARTS, Line, Pickler, Unpickler, first_line, next_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from os import PathLike

    from _typeshed import ReadableBuffer

    from .encode import Value, Wire
    from .envelope import Envelope, Guard
    from .keys import Keys
    from .shelf import Shelf
    from .streams import Readable, Writable

R = TypeVar("R", bound="Records")

HIGHEST_PROTOCOL = 5
"""As ``pickle.HIGHEST_PROTOCOL`` in the Pythons that this package supports."""
DEFAULT_PROTOCOL = 5 if sys.version_info >= (3, 14) else 4
"""As ``pickle.DEFAULT_PROTOCOL``."""

MARKS = frozenset({Opening, Closing})
"""What the ends of a stream are read as."""


class Records(Declarations):
    """Writes values as records and reads them back exactly.

    ``format`` is what records are written as: ``"json"``, ``"yaml"``, ``"msgpack"`` or ``"cbor"``. All are
    read, whichever is chosen. With ``signing`` each record is signed, with ``encryption`` it is encrypted,
    and what no key vouches for is refused before it is parsed, unless ``unsigned="accept"``.

    ``unknown_fields`` says what becomes of fields that a class does not declare: ``"keep"``, or ``"refuse"``
    (``unknown-field``), when writing as when reading.

    ``dump``, ``dumps``, ``load`` and ``loads`` take pickle's arguments; those that matter to pickles only
    mean nothing here. Records may be used by several threads at a time.

    Raises ValueError for a format or a policy that does not exist, ImportError when the format or the
    encryption needs an extra that is not installed.
    """

    def __init__(
        self,
        name: str,
        *,
        format: str = JSON,  # noqa: A002 - reads as what it is
        signing: Keys | None = None,
        encryption: Keys | None = None,
        unsigned: str = "refuse",
        unknown_fields: str = "keep",
    ) -> None:
        self.name: str = name
        self.format = format
        self._form = form_of(format)
        self._guard: Guard | None = None
        if signing is not None or encryption is not None or unsigned != "refuse":
            from .envelope import Guard

            self._guard = Guard(name, signing, encryption, unsigned)
        self._registry = Registry()
        self._registry.unknown_fields = check_policy(unknown_fields)
        self._engine = Engine(self._registry)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    def store(self: R, name: str) -> R:
        """Return the same, with the same registry, under another name."""
        made = copy(self)
        made.name = name
        return made

    # --- records without objects -----------------------------------------------------------------

    def to_wire(self, data: ReadableBuffer) -> Wire:
        """Return the wire tree of the first record in ``data``; no object is made of it.

        For tools that convert data whose classes cannot be imported. Raises as :meth:`loads`.
        """
        raw = self._opened(as_bytes(data))
        form = form_at(raw)
        if form is not None:
            return texts(form.read(first_record(form, raw)))
        self._check_record(raw)
        return jsontext.read(first_line(raw))

    def write_wire(self, wire: Wire) -> bytes:
        """Return one record of a wire tree, as :meth:`dumps` writes it in the stages that write JSON.

        Raises EncodeError when it is nested too deeply.
        """
        return self._closed(jsontext.write(wire) if self._form is None else self._form.write(wire))

    def from_wire(self, wire: Wire) -> Value:
        """Return the value of a wire tree. Raises DecodeError."""
        value = self._engine.from_wire(wire)
        if type(value) in MARKS:
            raise DecodeError("the tree is one end of a stream, not a value")
        return value

    # --- writing ---------------------------------------------------------------------------------

    def record(self, obj: object) -> bytes:
        """Return ``obj`` as a record, in any stage, uncounted. Raises EncodeError as :meth:`dumps`."""
        form = self._form
        return self._closed(self._engine.dumps(obj) if form is None else self._engine.dumps_as(obj, form))

    def dumps(
        self,
        obj: object,
        protocol: int | None = None,  # noqa: ARG002
        *,
        fix_imports: bool = True,  # noqa: ARG002
        buffer_callback: Callable[[Any], Any] | None = None,  # noqa: ARG002
    ) -> bytes:
        """Return ``obj`` as one record.

        Raises EncodeError with the path and the reason when the value would not come back exactly equal.
        """
        return self.record(obj)

    def dump(
        self,
        obj: object,
        file: Writable,
        protocol: int | None = None,
        *,
        fix_imports: bool = True,
        buffer_callback: Callable[[Any], Any] | None = None,
    ) -> None:
        """Write one record to ``file``, in one piece: nothing is written if the value is refused."""
        file.write(self.dumps(obj, protocol, fix_imports=fix_imports, buffer_callback=buffer_callback))

    def Pickler(  # noqa: N802 - pickle's name
        self,
        file: Writable,
        protocol: int | None = None,
        *,
        fix_imports: bool = True,
        buffer_callback: Callable[[Any], Any] | None = None,
    ) -> Pickler:
        """Return an object whose ``dump`` writes records to ``file``."""
        return Pickler(self, file, protocol, fix_imports=fix_imports, buffer_callback=buffer_callback)

    # --- reading ---------------------------------------------------------------------------------

    def loads(
        self,
        data: ReadableBuffer,
        type: Any = None,  # noqa: A002 - reads as what it is: load(file, type=Order)
        *,
        fix_imports: bool = True,  # noqa: ARG002
        encoding: str = "ASCII",  # noqa: ARG002
        errors: str = "strict",  # noqa: ARG002
        buffers: Iterable[Any] | None = (),  # noqa: ARG002
    ) -> Any:
        """Return the value of the first record in ``data``; what follows it is ignored.

        ``type`` is checked against the value (``type-mismatch``).

        Raises DecodeError or one of its subclasses; EOFError when ``data`` is empty.
        """
        whole = as_bytes(data)
        raw = self._opened(whole)
        if not raw:
            raise EOFError(END)
        form = form_at(raw)
        if form is None:
            self._check_record(raw)
            value = self._engine.loads(first_line(raw))
        else:
            value = self._engine.from_wire(form.read(first_record(form, raw)))
        if value.__class__ in MARKS:
            return self.load(BytesIO(whole), type)
        return self._typed(value, type)

    def load(
        self,
        file: Readable,
        type: Any = None,  # noqa: A002
        *,
        fix_imports: bool = True,  # noqa: ARG002
        encoding: str = "ASCII",  # noqa: ARG002
        errors: str = "strict",  # noqa: ARG002
        buffers: Iterable[Any] | None = (),  # noqa: ARG002
    ) -> Any:
        """Read exactly one record off ``file``, which needs ``read`` and ``readline`` only.

        As :meth:`loads`; raises EOFError at the end of the file.
        """
        return self._whole(self._load_one(file), file, type)

    def Unpickler(  # noqa: N802 - pickle's name
        self,
        file: Readable,
        *,
        fix_imports: bool = True,
        encoding: str = "ASCII",
        errors: str = "strict",
        buffers: Iterable[Any] | None = (),
    ) -> Unpickler:
        """Return an object whose ``load`` reads records off ``file``."""
        return Unpickler(
            self, file, fix_imports=fix_imports, encoding=encoding, errors=errors, buffers=buffers
        )

    def _whole(self, value: Value, file: Readable, kind: Value) -> Value:
        """Return ``value``, or all of the stream that it opens."""
        if type(value) in MARKS:
            items = self._stream(value, file)
            value = collect(value.kind, items)
        return self._typed(value, kind)

    # --- item by item ------------------------------------------------------------------------------

    def dump_items(self, items: Iterable[Any], file: Writable) -> int:
        """Write a list, or a dict if ``items`` is a mapping, item by item, and return their number.

        Never more than one item is in memory. :meth:`load` reads it back as a whole, :meth:`iter_items` item
        by item. Each item is written as :meth:`dump` would: an object that two items share becomes two.

        Raises EncodeError for an item that would not come back exactly equal; what was written before it
        lacks its end then, and is refused as truncated.
        """
        return write_items(items, file.write, self.dumps, self.write_wire)

    def iter_items(self, file: Readable) -> Iterator[Any]:
        """Yield the items of the list, or the pairs of the dict, that stands next in ``file``.

        One item is in memory at a time if it was written by :meth:`dump_items`; any other list or dict,
        also of a pickle, is read as a whole first. Raises as :meth:`load`.
        """
        value = self._load_one(file)
        yield from self._stream(value, file) if type(value) in MARKS else items_of(value)

    def _stream(self, mark: Opening | Closing, file: Readable) -> Iterator[Any]:
        if isinstance(mark, Closing):
            raise DecodeError("the end of a stream without its beginning")
        return read_items(mark.kind, lambda: self._load_one(file))

    def _load_one(self, file: Readable) -> Value:
        """Read one record, which may be one end of a stream."""
        start = next_record(file)
        if isinstance(start, Line):
            self._admit_unsigned("record")
            return self._engine.loads(start.data)
        return self._load_other(file, start.data, {})

    # --- shelves -----------------------------------------------------------------------------------

    def open_shelf(
        self,
        filename: str | PathLike[str],
        flag: str = "c",
        protocol: int | None = None,
        writeback: bool = False,
    ) -> Shelf:
        """Open, or make, a shelf as ``shelve.open`` does; see :mod:`.shelf`."""
        from .shelf import open_shelf

        return open_shelf(self, filename, flag, protocol, writeback)

    def shelf(
        self,
        dict: Any,  # noqa: A002
        protocol: int | None = None,
        writeback: bool = False,
        keyencoding: str = "utf-8",
    ) -> Shelf:
        """Return a shelf over a mapping from bytes to bytes, as ``shelve.Shelf`` does; see :mod:`.shelf`."""
        from .shelf import Shelf

        return Shelf(self, dict, protocol, writeback, keyencoding)

    # --- files -------------------------------------------------------------------------------------

    def dump_file(
        self, obj: object, file: str | PathLike[str] | Writable, *, compression: str | None = "infer"
    ) -> None:
        """Write one record to the file at a path, compressed as its name says; see :mod:`.files`.

        ``compression`` is ``None``, or one of gzip, bz2, xz, lzma, zlib, whatever the name. An open file gets
        the record as it is. Raises as :meth:`dumps`, before anything is opened, and OSError.
        """
        from .files import dump_file

        dump_file(self, obj, file, compression)

    def load_file(
        self,
        file: str | PathLike[str] | Readable,
        type: Any = None,  # noqa: A002
        **options: Any,
    ) -> Any:
        """Read the one record of the file at a path, compressed or not, or the next one of an open file.

        Raises as :meth:`loads`, and OSError.
        """
        from .files import load_file

        return load_file(self, file, type, **options)

    def unpacked(self, data: bytes) -> bytes:
        """Return what is inside compressed data; others as they are."""
        from .files import inflated

        return inflated(data)

    # --- keys --------------------------------------------------------------------------------------

    def key_of(self, data: ReadableBuffer) -> str | None:
        """Return the name of the key that the first record in ``data`` says it is under; None without one.

        It is not verified: this tells which records are still under an old key. Raises DecodeError for a
        damaged header.
        """
        from . import envelope

        raw = as_bytes(data)
        return envelope.take_first(raw).key if raw[:1] == envelope.START else None

    # --- envelopes, types --------------------------------------------------------------------------

    def _closed(self, record: bytes) -> bytes:
        return record if self._guard is None else self._guard.close(record)

    def _opened(self, raw: bytes) -> bytes:
        """Return the first record in ``raw``, verified if it is in an envelope, admitted if it is not."""
        if raw[:1] == b"~":
            from . import envelope

            return self._open(envelope.take_first(raw))
        if self._guard is not None and raw:
            self._admit_unsigned("record" if self._is_record(raw) else "pickle")
        return raw

    def _open(self, envelope: Envelope) -> bytes:
        guard = self._guard
        if guard is None:
            from .envelope import Guard

            guard = Guard(self.name, None, None, "refuse")
        record = guard.open(envelope)
        if not self._is_record(record):
            raise DecodeError(f"what is {envelope.kind} here is no record")
        return record

    def _admit_unsigned(self, what: str) -> None:
        if self._guard is not None:
            self._guard.admit(what)

    def _load_other(self, file: Readable, head: bytes, options: dict[str, Any]) -> Value:
        """Read a record in another format, or in an envelope, of which ``head`` was taken off ``file``."""
        if head == b"~":
            from . import envelope

            return self._opened_value(envelope.take(file, head), options)
        self._admit_unsigned("record")
        form = form_at(head)
        if form is None:
            raise DecodeError("the data are in no known format")
        return self._engine.from_wire(form.read(form.take(file, head)))

    def _opened_value(self, envelope: Envelope, options: dict[str, Any]) -> Value:  # noqa: ARG002
        record = self._open(envelope)
        form = form_at(record)
        return self._engine.loads(record) if form is None else self._engine.from_wire(form.read(record))

    @staticmethod
    def _is_record(raw: bytes) -> bool:
        """Whether ``raw`` begin as a record does, in any format."""
        return form_at(raw) is not None or raw[:1] in JSON_STARTS

    def _check_record(self, raw: bytes) -> None:
        if raw and not self._is_record(raw):
            raise DecodeError(f"this is no record, and {self.name!r} reads nothing else")

    def _typed(self, value: Value, kind: Value) -> Value:
        if kind is not None:
            from .check import check

            check(value, kind)
        return value


def as_bytes(data: ReadableBuffer) -> bytes:
    """Return ``data`` as bytes: anything that exports a buffer, as with pickle.

    Raises TypeError for text and for all else.
    """
    if isinstance(data, bytes):
        return bytes(data)
    try:
        return memoryview(data).tobytes()
    except TypeError:
        raise TypeError(f"a bytes-like object is required, not {type(data).__name__!r}") from None
