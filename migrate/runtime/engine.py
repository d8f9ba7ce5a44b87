"""Values ⇄ JSON records for one registry: runs, their errors, and the check of what may not be exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..legacy.errors import MigrateError
from . import jsontext
from .active import Active
from .columns import Irregular
from .columns_read import read_any, read_elements
from .columns_write import check_unchanged, write_any
from .compare import differences
from .conversion import Conversion
from .encode import as_it_is, short_record, to_base64
from .errors import DecodeError, EncodeError
from .items import is_mark, mark_of
from .typed import decode_any, encode_any

if TYPE_CHECKING:
    from collections.abc import Callable

    from cattrs.preconf.json import JsonConverter

    from .decode import DecodeRun
    from .encode import EncodeRun, Value, Wire
    from .formats import Form
    from .registry import Registry

_LARGE = 1 << 16
"""Arrays of more bytes are read part by part: what was just parsed is still in the processor's cache."""
_ON_ITS_OWN = (b"u0024", b'"$ref"', b'"$stream"', b'"$end"')
"""What refers to another place in its record, or stands for the end of a stream; the first in disguise."""
_FEW = 64
"""``$`` in a record, up to which each is looked at by itself."""
_TOO_DEEP = "nested deeper than the interpreter's recursion limit (see sys.setrecursionlimit)"


class Engine:
    """The two directions, without stages and files."""

    def __init__(self, registry: Registry) -> None:
        self._conversion = Conversion(registry)
        self._active = Active()
        self._converter: JsonConverter | None = None
        self._has_hooks = False

    def reset(self) -> None:
        """Take note that the registry has changed."""
        self._conversion.reset()

    @property
    def converter(self) -> JsonConverter:
        """The cattrs Converter, made when it is first asked for."""
        if self._converter is None:
            from .converter import Bridge

            conversion = self._conversion
            bridge = Bridge(
                conversion.coders.own, self.to_plain, self.from_plain, self._hooks_changed, self._active
            )
            conversion.hooks_of = bridge.hooks_of
            conversion.reset()
            self._converter = bridge.converter
        return self._converter

    def json_schema(self, name: str, *, strict: bool) -> dict[str, Any]:
        """Return the JSON Schema of the records; see :mod:`.schema`."""
        from .schema import json_schema

        return json_schema(self._conversion, name, strict=strict)

    @property
    def conversion(self) -> Conversion:
        """What is known of types."""
        return self._conversion

    @property
    def takes_bytes(self) -> bool:
        """Whether :meth:`from_wire` may be given trees with bytes in them: hooks of the user's may not."""
        return not self._has_hooks

    def _hooks_changed(self) -> None:
        """Take note that the user has registered a hook: hooks see single values, and the wire tree."""
        self._has_hooks = True
        self._conversion.reset()

    def has_own_setstate(self, tag: str) -> bool:
        """Whether the class called ``tag`` takes its state as it is."""
        return self._conversion.has_own_setstate(tag)

    # --- writing ---------------------------------------------------------------------------------

    def dumps(self, value: object) -> bytes:
        """One JSON record; raises EncodeError."""
        if not self._has_hooks and (short := short_record(value)) is not None:
            try:
                return jsontext.write_lines(short)
            except UnicodeEncodeError:
                pass  # a text that needs its tag
        run = self._conversion.encode_run(columns=not self._has_hooks)
        run.carry = self._carry(as_it_is)
        try:
            data = jsontext.write(self._encode(run, value, encode_any))
        except Exception:
            if not run.uses_columns:
                raise
            data = b""
        if not data:  # whatever it was, the general way does it, or says where it is
            run = self._conversion.encode_run()
            run.carry = self._carry(as_it_is)
            data = jsontext.write(self._encode(run, value, encode_any))
        if run.verify:
            self._verify(value, lambda: self.loads(data))
        return data

    def dumps_each(self, values: list[Any]) -> list[bytes]:
        """One JSON record for each of ``values``, as :meth:`dumps` writes it.

        Raises an error of any kind, which says nothing, where that is not possible for all of them at once.
        """
        run = self._conversion.encode_run(columns=True)
        run.uses_columns = True
        run.carry = as_it_is
        records = jsontext.write_lines(self._encode(run, values, write_any)).splitlines(keepends=True)
        if self._has_hooks or run.verify or len(records) != len(values):
            raise Irregular
        check_unchanged(run)
        return records

    def dumps_as(self, value: object, form: Form) -> bytes:
        """One record in another format; raises EncodeError."""
        run = self._conversion.encode_run()
        run.carry = self._carry(form.carry)
        data = form.write(self._encode(run, value, encode_any))
        if run.verify:
            self._verify(value, lambda: self.from_wire(form.read(data)))
        return data

    def _carry(self, carry: Callable[[Any], Wire]) -> Callable[[Any], Wire]:
        """Return ``carry``, unless hooks of the user's see the tree, which is then as JSON has it."""
        return to_base64 if self._has_hooks else carry

    def to_plain(self, value: Value, encoder: Callable[[Any, EncodeRun], Wire]) -> Wire:
        """Return the wire tree that ``encoder`` makes of a whole value; raises EncodeError."""
        return self._encode(self._conversion.encode_run(), value, encoder)

    def _encode(self, run: EncodeRun, value: Value, encoder: Callable[[Any, EncodeRun], Wire]) -> Wire:
        outer, self._active.encode = self._active.encode, run
        try:
            return run.encode(value, encoder)
        except MigrateError as error:
            error.path = error.path.removeprefix(".")
            raise
        except RecursionError as error:
            raise EncodeError(_TOO_DEEP, reason="too-deep") from error
        except RuntimeError as error:
            if not str(error).endswith("during iteration"):
                raise
            raise EncodeError(str(error), reason="changed-while-encoding") from error
        finally:
            self._active.encode = outer

    def _verify(self, value: object, back: Callable[[], Value]) -> None:
        """Read back what depends on code that is not ours, before anybody relies on it."""
        try:
            found = differences(value, back(), limit=1)
        except RecursionError as error:
            raise EncodeError(_TOO_DEEP, reason="too-deep") from error
        except Exception as error:
            raise EncodeError(
                f"it could not be read back: {type(error).__name__}: {getattr(error, 'message', error)}",
                reason="not-restorable",
                path=getattr(error, "path", "") if isinstance(error, MigrateError) else "",
            ) from error
        if found:
            raise EncodeError(
                f"it would not come back equal: {found[0].what}", reason="not-restorable", path=found[0].path
            )

    # --- reading ---------------------------------------------------------------------------------

    def loads(self, data: bytes) -> Value:
        """Return the value of one JSON record; raises DecodeError."""
        # Without a key that begins with "$", however written, the JSON stands for itself. Single bytes are
        # found much faster than two.
        escaped = b"\\" in data and b"u0024" in data
        if not escaped and not (b"$" in data and b'"$' in data):
            return jsontext.read(data)
        if self._has_hooks or escaped or _may_refer(data):
            return self.from_wire(jsontext.read(data))
        run = self._conversion.decode_run(columns=True)
        try:
            if len(data) > _LARGE and data[:1] == b"[":
                run.uses_columns = True
                return self._decode(run, jsontext.elements(data), read_elements)
            wire = jsontext.read(data)
            run.signs = data.count(b"$")
            return mark_of(wire) if is_mark(wire) else self._decode(run, wire, decode_any)
        except Exception:
            if not run.uses_columns:
                raise
        return self.from_wire(jsontext.read(data))  # whatever it was, the general way says where it is

    def loads_each(self, records: list[bytes]) -> list[Any]:
        """Return the value of each of ``records``, as :meth:`loads` reads it.

        Raises an error of any kind, which says nothing, where that is not possible for all of them at once.
        """
        data = b"".join(records)
        if self._has_hooks or any(sign in data for sign in _ON_ITS_OWN):
            raise Irregular
        wires = [*map(jsontext.read, records)]
        run = self._conversion.decode_run(columns=True)
        values: list[Any] = self._decode(run, wires, read_any)
        return values

    def from_wire(self, wire: Wire) -> Value:
        """Return the value of a self-describing wire tree; raises DecodeError.

        The records around a stream of items give an :class:`~.items.Opening` or a :class:`~.items.Closing`.
        """
        if is_mark(wire):
            return mark_of(wire)
        return self.from_plain(wire, decode_any)

    def from_plain(self, wire: Wire, decoder: Callable[[Any, DecodeRun], Any]) -> Value:
        """Return the value that ``decoder`` makes of a whole wire tree; raises DecodeError."""
        return self._decode(self._conversion.decode_run(), wire, decoder)

    def _decode(self, run: DecodeRun, wire: Wire, decoder: Callable[[Any, DecodeRun], Any]) -> Value:
        outer, self._active.decode = self._active.decode, run
        try:
            return decoder(wire, run)
        except MigrateError as error:
            error.path = error.path.removeprefix(".")
            raise
        except RecursionError as error:
            raise DecodeError(_TOO_DEEP, reason="too-deep") from error
        finally:
            self._active.decode = outer


def _may_refer(data: bytes) -> bool:
    """Whether a reference may be in a record. Single bytes are found many times faster than several."""
    if data.count(b"$") > _FEW:
        return b'"$ref"' in data
    position = data.find(b"$")
    while position >= 0 and not data.startswith(b'"$ref"', position - 1):
        position = data.find(b"$", position + 1)
    return position >= 0
