"""Pickles among the records: read without executing them, or as before in the observe stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..legacy.errors import LegacyError, MigrateError, TruncatedPickle
from .errors import DecodeError, EncodeError, TruncatedRecord, UnknownClass

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..legacy.records import Record
    from .encode import Value, Wire
    from .streams import Readable


def land(
    record: Record,
    lookup: Callable[[str, str], str | None],
    opaque_state: Callable[[str], bool],
    *,
    encoding: str,
    errors: str,
    buffers: Sequence[Any] = (),
) -> Wire:
    """Return the wire tree of a record. It knows no declared types, and says so (``$untyped``)."""
    from .landing import to_wire

    wire = to_wire(
        record, lookup, encoding=encoding, errors=errors, opaque_state=opaque_state, buffers=buffers
    )
    return {"$untyped": wire}


def as_decode_error(error: MigrateError) -> DecodeError:
    """Return the error of the legacy reader or of landing as one that handlers written for pickle catch."""
    kind: type[DecodeError] = DecodeError
    if isinstance(error, TruncatedPickle):
        kind = TruncatedRecord
    elif error.reason in ("unknown-global", "unsafe-global"):
        kind = UnknownClass
    out = kind(error.message, reason=error.reason, path=error.path)
    if isinstance(error, LegacyError):
        out.message = f"{error.message} (at byte {error.offset})"
        out.offset = error.offset
    return out


def as_pickle(obj: object, protocol: int | None, **options: Any) -> bytes:
    """Return the pickle of ``obj``, in the stages that still write pickle.

    Pickle's own exceptions are raised as ours, which the program's handlers name by now; others stay.
    """
    import pickle

    try:
        return pickle.dumps(obj, protocol, **options)
    except pickle.PickleError as error:
        raise EncodeError(str(error), reason="unsupported-type") from error


def execute(data: bytes, options: dict[str, Any]) -> Value:
    """Read a pickle with pickle itself: in the observe stage, which leaves a program's use as it was.

    Exceptions as in :func:`as_pickle`.
    """
    import pickle

    try:
        return pickle.loads(data, **options)
    except pickle.PickleError as error:
        raise DecodeError(str(error)) from error


def execute_from(file: Readable, head: bytes, options: dict[str, Any]) -> Value:
    """As :func:`execute`, off a handle from which ``head`` was taken."""
    import pickle

    try:
        return pickle.load(Prefixed(head, file), **options)
    except pickle.PickleError as error:
        raise DecodeError(str(error)) from error


class Prefixed:
    """A handle with the bytes put back that were taken from it."""

    def __init__(self, head: bytes, file: Readable) -> None:
        self._head = head
        self._file = file

    def read(self, size: int, /) -> bytes:
        """As the handle's own, after the head."""
        head, self._head = self._head[:size], self._head[size:]
        return head + self._file.read(size - len(head)) if size > len(head) else head

    def readline(self) -> bytes:
        """As the handle's own, after the head."""
        head, self._head = self._head, b""
        return head + self._file.readline()
