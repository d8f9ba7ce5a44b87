"""The Codec: what stands in a program where :mod:`pickle` stood."""

from __future__ import annotations

from copy import copy
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ..legacy import Format, Limits, decompress, sniff
from . import jsontext
from .errors import ConverterError, DecodeError, EncodeError, MigrateError
from .fallback import PickledBytes, PickledHandle, Prefixed, as_decode_error, as_pickle, land
from .formats import JSON, first_record, form_at, texts
from .records import MARKS, as_bytes
from .rollout import Rollout
from .settings import Fixed, switch_of
from .stage import Stage, parse_stage, start
from .streams import END, Line, first_line, next_record
from .telemetry import TELEMETRY
from .vouched import HEAD, Vouched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from _typeshed import ReadableBuffer

    from .eightbit import Strings
    from .encode import Value, Wire
    from .engine import Engine
    from .fallback import Pickled
    from .keys import Keys
    from .plainly import PlainClass, PlainEnum
    from .seals import Seals
    from .streams import Readable, Writable

T = TypeVar("T")

COMPRESSED = frozenset(
    {Format.GZIP, Format.BZ2, Format.XZ, Format.LZMA, Format.ZLIB, Format.ZSTD, Format.ZIP}
)
_OTHER_STARTS = frozenset({b"%", b"\xc1", b"\xd9", b"~"})
"""First bytes of what :meth:`Codec.load` reads besides JSON and pickle; no opcodes (tests/runtime)."""


class Codec(Vouched):
    """Writes values as JSON records and reads them back exactly; reads pickles without executing them.

    ``name`` names its environment variable (``shop`` → ``PICKLE_MIGRATE_STAGE_SHOP``), which overrides
    ``stage``, and its entry in the settings file, which overrides both; see :class:`~.stage.Stage`. While
    the stage still writes pickle, ``protocol`` is written unless a call says otherwise, and ``shadow`` per
    cent of the values are checked for what JSON would refuse. Where it writes JSON, ``canary`` per cent of
    the keys (:meth:`for_key`) get it, the rest pickle. ``limits`` bounds the reading of pickles.

    ``format`` is what records are written as: ``"json"``, ``"yaml"``, ``"msgpack"`` or ``"cbor"``. All are
    read, whichever is chosen. With ``signing`` each record is signed, with ``encryption`` it is encrypted,
    and what no key vouches for is refused before it is parsed: all of it (``unsigned="refuse"``), all but
    pickles (``"legacy"``), or none (``"accept"``). Pickles that a stage writes are neither signed nor
    encrypted, because their readers know nothing of it. With ``seals`` values may stay pickles that a key
    vouches for: see :class:`~.seals.Seals`.

    ``unknown_fields`` says what becomes of fields that a class does not declare: ``"keep"``, or ``"refuse"``
    (``unknown-field``), when writing as when reading.

    ``python2`` says what the 8-bit strings of Python 2 are in pickles, field by field and path by path:
    ``{"shop.models:Photo.raw": "bytes", "[*]['title']": "latin-1"}``; see :mod:`.eightbit`.

    ``dump``, ``dumps``, ``load`` and ``loads`` take pickle's arguments, so that a codec can stand where the
    module was passed. Codecs may be used by several threads at a time.

    Raises ValueError for a stage, a format, a policy or a place that does not exist, ImportError when the
    format or the encryption needs an extra that is not installed.
    """

    def __init__(  # noqa: PLR0913 - all but one are options
        self,
        name: str,
        *,
        stage: Stage | str = Stage.JSON,
        shadow: float = 1.0,
        canary: float = 100.0,
        protocol: int | None = None,
        limits: Limits | None = None,
        format: str = JSON,  # noqa: A002 - reads as what it is
        signing: Keys | None = None,
        encryption: Keys | None = None,
        unsigned: str = "refuse",
        seals: Seals | None = None,
        unknown_fields: str = "keep",
        python2: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            name,
            format=format,
            signing=signing,
            encryption=encryption,
            unsigned=unsigned,
            unknown_fields=unknown_fields,
        )
        self._rollout = Rollout(name, switch_of(name, stage, shadow, canary))
        self._key: str | bytes | None = None
        self.protocol = protocol
        self.limits = limits or Limits()
        if seals is not None and seals.keep and encryption is not None:
            raise ValueError(
                f"codec {name!r}: a sealed pickle is readable, so keep=True would undo encryption"
            )
        self._seals = seals
        self.strings: Strings | None = None
        """What 8-bit strings of Python 2 are, place by place."""
        if python2:
            try:
                self.strings = self._strings(python2)
            except ValueError as error:
                raise ValueError(f"codec {name!r}: python2: {error}") from None

    def __repr__(self) -> str:
        return f"<Codec {self.name!r}, stage {self.stage.value}>"

    @property
    def stage(self) -> Stage:
        """The stage of this codec now: a settings file may move it while the program runs."""
        return self._rollout.position().stage

    def store(self, name: str, *, stage: Stage | str | None = None, shadow: float | None = None) -> Codec:
        """Return a codec for one store of several: the same registry, and a stage of its own.

        It begins in the stage of this codec, or in ``stage``; ``name`` names its environment variables and
        its entry in the settings file. Raises ValueError as the constructor.
        """
        here = self._rollout.default
        sample = here.shadow if shadow is None else shadow
        return self._with(Rollout(name, switch_of(name, stage or here.stage, sample, here.canary)))

    def for_key(self, key: str | bytes) -> Codec:
        """Return this codec for the value that is kept under ``key``, which decides whether it is a canary.

        The same key gets the same answer in every process that has the same percentage, and a larger
        percentage keeps the keys of a smaller one.
        """
        made = copy(self)
        made.__dict__["_key"] = key
        return made

    def at_stage(self, stage: Stage | str) -> Codec:
        """Return this codec, with the same registry, in a stage that no setting moves: for tools."""
        return self._with(Rollout(self.name, Fixed(start(parse_stage(stage, f"codec {self.name!r}")))))

    def with_python2(self, declared: Mapping[str, str]) -> Codec:
        """Return this codec with more ``python2`` declared, or other: for tools. Raises ValueError."""
        made = copy(self)
        known = {} if self.strings is None else self.strings.declared
        made.__dict__["strings"] = self._strings({**known, **declared})
        return made

    def _strings(self, declared: Mapping[str, str]) -> Strings:
        from .eightbit import Strings

        return Strings(declared, self._registry)

    def _with(self, rollout: Rollout) -> Codec:
        made = copy(self)
        made.__dict__.update(name=rollout.name, _rollout=rollout)
        return made

    @property
    def counts(self) -> dict[str, int]:
        """How many pickles were read (``fallback-read``) and refused (``refused-read``) so far."""
        return self._rollout.counts

    # --- records without objects -----------------------------------------------------------------

    def to_wire(self, data: ReadableBuffer, *, encoding: str = "ASCII", errors: str = "strict") -> Wire:
        """Return the wire tree of the first record in ``data``, in any stage; no object is made of it.

        For tools that convert data whose classes cannot be imported. Raises as :meth:`loads`.
        """
        raw = self._opened(as_bytes(data))
        found = sniff(raw[:HEAD])
        if found is Format.ENVELOPE:
            raise DecodeError("a sealed pickle is no data, and stays what it is", reason="sealed-pickle")
        if found is Format.JSON:
            return jsontext.read(first_line(raw))
        form = form_at(raw)
        if form is not None:
            return texts(form.read(first_record(form, raw)))
        return self._land(PickledBytes(raw), encoding, errors)

    def plainly(self, module: str, qualname: str) -> PlainClass | PlainEnum | None:
        """Return the class that pickle calls ``module`` ``qualname``, if it is plain; see :mod:`.plainly`.

        None for all others. For tools that make many objects.
        """
        from .plainly import plainly

        # Hooks on the cattrs converter may concern any class.
        return plainly(self._engine.conversion, module, qualname) if self._engine.takes_bytes else None

    @property
    def each(self) -> Engine | None:
        """What writes and reads many records at once as this codec does; None where each is to be seen.

        That is where records are no JSON, a key vouches for them, or somebody counts them. For tools.
        """
        plain = self._form is None and self._guard is None and self._seals is None and self.writes_json
        return self._engine if plain and not TELEMETRY.active else None

    # --- writing ---------------------------------------------------------------------------------

    def dumps(
        self,
        obj: object,
        protocol: int | None = None,
        *,
        fix_imports: bool = True,
        buffer_callback: Callable[[Any], Any] | None = None,
    ) -> bytes:
        """One record as bytes, in the format of the codec, or a pickle while the stage still writes those.

        Pickle's other arguments matter to a pickle only.

        Raises EncodeError with the path and the reason when the value would not come back exactly equal.
        """
        if self._rollout.writes_pickle(self._key):
            options = {"fix_imports": fix_imports, "buffer_callback": buffer_callback}
            data = as_pickle(obj, self.protocol if protocol is None else protocol, **options)
            self._rollout.wrote_pickle(obj, len(data), self._engine)
            return data if self._seals is None else self._seals.close(data)
        form = self._form
        try:
            record = self._engine.dumps(obj) if form is None else self._engine.dumps_as(obj, form)
        except EncodeError as error:
            seals = self._seals
            if seals is None or not seals.keep:
                self._rollout.refused(obj, error)
                raise
            return self._keep_sealed(obj, error, seals, protocol)
        if TELEMETRY.active:
            self._rollout.wrote_record(self.format)
        return self._closed(record)

    @property
    def writes_json(self) -> bool:
        """Whether dump writes records now (to the key of :meth:`for_key`), and not pickles."""
        return not self._rollout.writes_pickle(self._key)

    # --- reading ---------------------------------------------------------------------------------

    @overload
    def loads(
        self,
        data: ReadableBuffer,
        type: type[T],
        *,
        fix_imports: bool = True,
        encoding: str = "ASCII",
        errors: str = "strict",
        buffers: Iterable[Any] | None = (),
    ) -> T: ...

    @overload
    def loads(
        self,
        data: ReadableBuffer,
        type: Value = None,
        *,
        fix_imports: bool = True,
        encoding: str = "ASCII",
        errors: str = "strict",
        buffers: Iterable[Any] | None = (),
    ) -> Value: ...

    def loads(
        self,
        data: ReadableBuffer,
        type: Any = None,  # noqa: A002 - reads as what it is: load(file, type=Order)
        *,
        fix_imports: bool = True,
        encoding: str = "ASCII",
        errors: str = "strict",
        buffers: Iterable[Any] | None = (),
    ) -> Any:
        """Return the value of the first record in ``data``, JSON or pickle; what follows it is ignored.

        ``type`` is checked against the value (``type-mismatch``), and tells a type checker what comes back.
        ``encoding`` and ``errors`` are for 8-bit strings in pickles of Python 2, ``buffers`` for pickles with
        out-of-band data.

        Raises DecodeError or one of its subclasses; EOFError when ``data`` is empty.
        """
        whole = as_bytes(data)
        raw = self._opened(whole)
        found = sniff(raw[:HEAD])
        if TELEMETRY.active and found is not Format.EMPTY:
            self._rollout.reading(found)
        if found is Format.JSON:
            value = self._engine.loads(first_line(raw))
            if value.__class__ in MARKS:
                return self.load(BytesIO(whole), type)
            return self._typed(value, type)
        if found is Format.EMPTY:
            raise EOFError(END)
        form = form_at(raw)
        options = {"fix_imports": fix_imports, "encoding": encoding, "errors": errors, "buffers": buffers}
        if found is Format.ENVELOPE:
            from . import envelope

            return self._typed(self._from_sealed(envelope.take_first(raw), options), type)
        if form is not None:
            value = self._engine.from_wire(form.read(first_record(form, raw)))
            if value.__class__ in MARKS:
                return self.load(BytesIO(whole), type)
            return self._typed(value, type)
        if found in COMPRESSED:
            raise DecodeError(f"the data are compressed ({found.value}); decompress them first")
        return self._typed(self._from_pickle(PickledBytes(raw), options), type)

    @overload
    def load(
        self,
        file: Readable,
        type: type[T],
        *,
        fix_imports: bool = True,
        encoding: str = "ASCII",
        errors: str = "strict",
        buffers: Iterable[Any] | None = (),
    ) -> T: ...

    @overload
    def load(
        self,
        file: Readable,
        type: Value = None,
        *,
        fix_imports: bool = True,
        encoding: str = "ASCII",
        errors: str = "strict",
        buffers: Iterable[Any] | None = (),
    ) -> Value: ...

    def load(
        self,
        file: Readable,
        type: Any = None,  # noqa: A002
        *,
        fix_imports: bool = True,
        encoding: str = "ASCII",
        errors: str = "strict",
        buffers: Iterable[Any] | None = (),
    ) -> Any:
        """Read exactly one record off ``file``, which needs ``read`` and ``readline`` only.

        As :meth:`loads`; raises EOFError at the end of the file, so that a loop over records ends as with
        pickle.
        """
        options = {"fix_imports": fix_imports, "encoding": encoding, "errors": errors, "buffers": buffers}
        start = next_record(file)
        if isinstance(start, Line):
            if TELEMETRY.active:
                self._rollout.reading(Format.JSON)
            self._admit_unsigned("record")
            return self._whole(self._engine.loads(start.data), file, type)
        if start.data in _OTHER_STARTS:
            return self._whole(self._load_other(file, start.data, options), file, type)
        self._admit_unsigned("pickle")
        return self._typed(self._from_pickle(PickledHandle(file, start.data), options), type)

    def unpacked(self, data: bytes) -> bytes:
        """Return what is inside compressed data; others as they are. As large as ``limits`` allow.

        Raises DecodeError for a bomb and for damaged data.
        """
        try:
            return decompress(data, limits=self.limits)[1]
        except MigrateError as error:
            raise as_decode_error(error) from error

    def dump_items(self, items: Iterable[Any], file: Writable) -> int:
        """Write a list, or a dict if ``items`` is a mapping, item by item, and return their number.

        Never more than one item is in memory. :meth:`load` reads it back as a whole, :meth:`iter_items` item
        by item. Each item is written as :meth:`dump` would: an object that two items share becomes two.

        Raises EncodeError for an item that would not come back exactly equal; what was written before it
        lacks its end then, and is refused as truncated. A stage that writes pickle writes one, and needs the
        memory for all items.
        """
        if self._rollout.writes_pickle(self._key):
            everything = dict(items.items()) if hasattr(items, "items") else list(items)
            file.write(self.dumps(everything))
            return len(everything)
        return super().dump_items(items, file)

    def _load_one(self, file: Readable) -> Value:
        """Read one record, which may be one end of a stream, or one pickle."""
        start = next_record(file)
        if isinstance(start, Line):
            self._admit_unsigned("record")
            return self._engine.loads(start.data)
        if start.data in _OTHER_STARTS:
            return self._load_other(file, start.data, {})
        return self.load(Prefixed(start.data, file))

    # --- pickles -------------------------------------------------------------------------------------

    def _from_pickle(self, source: Pickled, options: dict[str, Any]) -> Value:
        rollout = self._rollout
        rollout.admit_pickle(sealed_only=self._seals is not None and self._seals.require)
        options["buffers"] = list(options["buffers"] or ())
        if rollout.executes_pickle:
            return rollout.observe(source, options, self._as_data)
        try:
            value = self._as_data(source, options)
        except MigrateError as error:
            rollout.failed(error)
            raise
        rollout.read_pickle(value)
        return value

    def _as_data(self, source: Pickled, options: dict[str, Any]) -> Value:
        """Return the value of a pickle, of which nothing is executed."""
        return self._engine.from_wire(self._land(source, raw=self._engine.takes_bytes, **options))

    def _land(
        self,
        source: Pickled,
        encoding: str,
        errors: str,
        buffers: list[Any] | None = None,
        fix_imports: bool = True,  # noqa: ARG002 - the registry knows old names
        *,
        raw: bool = False,
    ) -> Wire:
        try:
            record = source.decode(self.limits, buffers or None)
            own = self._engine.has_own_setstate
            options: dict[str, Any] = {"encoding": encoding, "errors": errors, "buffers": buffers or ()}
            return land(record, self.lookup, own, raw=raw, strings=self.strings, **options)
        except ConverterError:
            raise
        except MigrateError as error:
            raise as_decode_error(error) from error
