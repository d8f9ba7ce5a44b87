"""What a codec does with data that a key must vouch for: envelopes, and seals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..legacy import Format, sniff
from .errors import DecodeError, EncodeError
from .fallback import as_pickle
from .formats import form_at
from .seals import KIND as SEALED
from .seals import execute_sealed, seal

if TYPE_CHECKING:
    from .encode import Value
    from .engine import Engine
    from .envelope import Envelope, Guard
    from .rollout import Rollout
    from .seals import Seals
    from .streams import Readable

HEAD = 16
"""Bytes that are enough to tell all formats."""


class Vouched:
    """The part of :class:`~.codec.Codec` that asks whether a key vouches for what is read."""

    name: str
    protocol: int | None
    _engine: Engine
    _rollout: Rollout
    _guard: Guard | None
    _seals: Seals | None

    def _closed(self, record: bytes) -> bytes:
        return record if self._guard is None else self._guard.close(record)

    def _opened(self, raw: bytes) -> bytes:
        """Return the first record in ``raw``, verified if it is in an envelope, admitted if it is not.

        A sealed pickle is returned as it is.
        """
        if raw[:1] == b"~":
            from . import envelope

            found = envelope.take_first(raw)
            return raw if found.kind == SEALED else self._open(found)
        if self._guard is not None and raw:
            self._admit_unsigned("record" if _is_record(raw) else "pickle")
        return raw

    def _open(self, envelope: Envelope) -> bytes:
        guard = self._guard
        if guard is None:
            from .envelope import Guard

            guard = Guard(self.name, None, None, "refuse")
        record = guard.open(envelope)
        if not _is_record(record):
            raise DecodeError(f"what is {envelope.kind} here is no record")
        return record

    def _admit_unsigned(self, what: str) -> None:
        if self._guard is not None:
            self._guard.admit(what)

    def _load_other(self, file: Readable, head: bytes, options: dict[str, Any]) -> Value:
        """Read a record in another format, or in an envelope, of which ``head`` was taken off ``file``."""
        if head == b"~":
            from . import envelope

            found = envelope.take(file, head)
            if found.kind == SEALED:
                return self._from_sealed(found, options)
            record = self._open(found)
            form = form_at(record)
            if form is None:
                return self._engine.loads(record)
            return self._engine.from_wire(form.read(record))
        self._admit_unsigned("record")
        form = form_at(head)
        if form is None:
            raise DecodeError("the data are in no known format")
        return self._engine.from_wire(form.read(form.take(file, head)))

    def _from_sealed(self, found: Envelope, options: dict[str, Any]) -> Value:
        if self._seals is None:
            from .keys import NotAuthentic

            raise NotAuthentic(f"the pickle is sealed, and codec {self.name!r} has no seals=Seals(…)")
        value = execute_sealed(self._seals.keys, found, options)
        self._rollout.read_sealed(value)
        return value

    def _keep_sealed(self, obj: object, refusal: EncodeError, seals: Seals, protocol: int | None) -> bytes:
        """Return the sealed pickle of a value that has no JSON form.

        Raises ``refusal``, which says why it has none, when pickle has none either.
        """
        try:
            pickled = as_pickle(obj, self.protocol if protocol is None else protocol)
        except Exception as error:
            self._rollout.refused(obj, refusal)
            raise refusal from error
        self._rollout.wrote_sealed(obj, refusal)
        return seal(seals.keys, pickled)


def _is_record(raw: bytes) -> bool:
    """Whether ``raw`` begin as a record does, in any format."""
    return form_at(raw) is not None or sniff(raw[:HEAD]) is Format.JSON
