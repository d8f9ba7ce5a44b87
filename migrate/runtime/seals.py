"""Sealed pickles: values that cannot leave pickle yet, read only while a key vouches for every byte.

``~sealed v1 KEY MAC LENGTH`` and a line feed, then the pickle. The HMAC is over the pickle, for the purpose
of sealing and no other, so that a signed record is never taken for a sealed pickle (docs/wire-format.md). It
is verified before a byte of the pickle is parsed. What no key vouches for is never executed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .encode import Value
    from .envelope import Envelope
    from .keys import Keys

KIND = "sealed"
HEAD = b"~sealed "
_PURPOSE = "pickle v1"


class Seals(NamedTuple):
    """What a codec does with sealed pickles.

    Pickles sealed under one of ``keys`` are read. With ``keep``, a value that has no JSON form is written as
    a sealed pickle instead of being refused. With ``require``, no other pickle is read, in no stage, and the
    pickles that a stage writes are sealed as well.
    """

    keys: Keys
    keep: bool = False
    require: bool = False

    def close(self, pickled: bytes) -> bytes:
        """Return a pickle that a stage writes, sealed if no other is read."""
        return seal(self.keys, pickled) if self.require else pickled


def seal(keys: Keys, pickled: bytes) -> bytes:
    """Return ``pickled`` under the seal of the current key. It is not looked into."""
    name, mac = keys.sign(_PURPOSE, pickled)
    return f"~sealed v1 {name} {mac} {len(pickled)}\n".encode() + pickled


def verified(keys: Keys, envelope: Envelope) -> bytes:
    """Return the pickle in ``envelope``. Raises :class:`~.keys.NotAuthentic` unless a key vouches for it."""
    if envelope.kind != KIND:
        raise DecodeError(f"what is {envelope.kind} here is no sealed pickle")
    keys.verify(_PURPOSE, envelope.key, envelope.mac, envelope.body)
    return envelope.body


def execute_sealed(keys: Keys, envelope: Envelope, options: Mapping[str, Any]) -> Value:
    """Read a sealed pickle with pickle itself, after its key has vouched for it.

    Raises :class:`~.keys.NotAuthentic` when none does; pickle's own errors as ours, others as they are.
    """
    pickled = verified(keys, envelope)
    import pickle

    try:
        return pickle.loads(pickled, **options)
    except pickle.PickleError as error:
        raise DecodeError(str(error)) from error
