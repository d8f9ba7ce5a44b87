"""What a codec does with pickles that a key must vouch for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..legacy import Format, sniff
from .fallback import as_pickle
from .formats import form_at
from .records import Records
from .seals import HEAD as SEALED_HEAD
from .seals import KIND as SEALED
from .seals import execute_sealed, seal

if TYPE_CHECKING:
    from .encode import Value
    from .envelope import Envelope
    from .errors import EncodeError
    from .rollout import Rollout
    from .seals import Seals

HEAD = 16
"""Bytes that are enough to tell all formats."""


class Vouched(Records):
    """The part of :class:`~.codec.Codec` that asks whether a key vouches for a pickle."""

    protocol: int | None
    _rollout: Rollout
    _seals: Seals | None

    def _opened(self, raw: bytes) -> bytes:
        """Return the first record in ``raw`` as the base class does; a sealed pickle as it is."""
        return raw if raw.startswith(SEALED_HEAD) else super()._opened(raw)

    def _opened_value(self, envelope: Envelope, options: dict[str, Any]) -> Value:
        if envelope.kind == SEALED:
            return self._from_sealed(envelope, options)
        return super()._opened_value(envelope, options)

    @staticmethod
    def _is_record(raw: bytes) -> bool:
        """Whether ``raw`` begin as a record does, and not as a pickle."""
        return form_at(raw) is not None or sniff(raw[:HEAD]) is Format.JSON

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
