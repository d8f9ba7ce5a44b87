"""Signed and encrypted records, and which records without a signature are let in.

An envelope is a header line, then as many bytes as it says. Nothing inside is looked at before its key has
vouched for it. A signed or an encrypted one holds a record of the wire format, never a pickle; a sealed one
holds a pickle, and is the business of :mod:`.seals`.
"""

from __future__ import annotations

import io
import os
import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import DecodeError, TruncatedRecord
from .formats import read_exactly
from .keys import Keys, NotAuthentic

if TYPE_CHECKING:
    from .streams import Readable

START = b"~"
"""No JSON, no pickle and no other format begins with it."""

UNSIGNED = ("refuse", "legacy", "accept")
"""What a codec with keys may be told of data without a signature: none is read; pickles are; all are."""

_HEADER = re.compile(
    rb"~(signed|encrypted|sealed) v1 ([A-Za-z0-9._-]{1,64}) (?:([0-9a-f]{64}) )?([0-9]{1,15})\n"
)
_LONGEST = 200
_NONCE = 12
_RECORD, _SECRET = "record v1", "encryption v1"


class Envelope(NamedTuple):
    """One signed or encrypted record, or one sealed pickle, not verified yet."""

    kind: str
    key: str
    mac: str
    header: bytes
    body: bytes


class Guard:
    """What a codec with keys does to each record that is written, and to each that is read."""

    def __init__(self, name: str, signing: Keys | None, encryption: Keys | None, unsigned: str) -> None:
        if unsigned not in UNSIGNED:
            raise ValueError(f"unsigned={unsigned!r} is none of {', '.join(UNSIGNED)}")
        for keys in (signing, encryption):
            if keys is not None and not isinstance(keys, Keys):
                raise TypeError(f"keys are given as Keys(…), not as {type(keys).__name__}")
        self._name = name
        self._signing = signing
        self._encryption = encryption
        self._unsigned = unsigned
        if encryption is not None:
            _aead(b"\0" * 32)  # say now that the library is missing

    def close(self, record: bytes) -> bytes:
        """Return ``record`` encrypted if there are keys for that, else signed; as it is without any key."""
        if self._encryption is not None:
            return _encrypt(self._encryption, record)
        return record if self._signing is None else _sign(self._signing, record)

    def open(self, envelope: Envelope) -> bytes:
        """Return the record inside; raises :class:`~.keys.NotAuthentic` unless a key vouches for it."""
        keys = self._signing if envelope.kind == "signed" else self._encryption
        if keys is None:
            raise NotAuthentic(
                f"the record is {envelope.kind}, and codec {self._name!r} has no keys for that"
            )
        if envelope.kind == "encrypted":
            return _decrypt(keys, envelope)
        keys.verify(_RECORD, envelope.key, envelope.mac, envelope.body)
        return envelope.body

    def admit(self, what: str) -> None:
        """Raise :class:`~.keys.NotAuthentic` unless a ``"pickle"`` or ``"record"`` may come unsigned."""
        if self._unsigned == "accept" or (self._signing is None and self._encryption is None):
            return
        if what != "pickle" or self._unsigned == "refuse":
            raise NotAuthentic(
                f"this {what} is not signed, and codec {self._name!r} reads no such thing "
                f"(unsigned={self._unsigned!r})"
            )


def take(file: Readable, head: bytes) -> Envelope:
    """Read the envelope that begins with ``head`` off ``file``.

    Raises DecodeError when it is none, TruncatedRecord when the file ends too early.
    """
    header = head + _line(file)
    match = _HEADER.fullmatch(header)
    if match is None or (match[1] != b"encrypted") != (match[3] is not None):
        if not header.endswith(b"\n") and len(header) < _LONGEST:
            raise TruncatedRecord("the record ends within its header")
        raise DecodeError("this begins like a signed record, but is none")
    body = read_exactly(file, int(match[4]))
    return Envelope(match[1].decode(), match[2].decode(), (match[3] or b"").decode(), header, body)


def take_first(data: bytes) -> Envelope:
    """As :func:`take`, of bytes."""
    file = io.BytesIO(data)
    return take(file, file.read(1))


def _line(file: Readable) -> bytes:
    line = file.readline()
    if len(line) > _LONGEST:
        raise DecodeError("this begins like a signed record, but is none")
    return line


def _sign(keys: Keys, record: bytes) -> bytes:
    name, mac = keys.sign(_RECORD, record)
    return f"~signed v1 {name} {mac} {len(record)}\n".encode() + record


def _encrypt(keys: Keys, record: bytes) -> bytes:
    name = keys.current
    nonce = os.urandom(_NONCE)
    sealed = _aead(keys.secret_for(_SECRET, name)).encrypt(nonce, record, name.encode())
    body = b64encode(nonce + sealed) + b"\n"
    return f"~encrypted v1 {name} {len(body)}\n".encode() + body


def _decrypt(keys: Keys, envelope: Envelope) -> bytes:
    from cryptography.exceptions import InvalidTag

    secret = keys.secret_for(_SECRET, envelope.key)
    try:
        body = b64decode(envelope.body[:-1], validate=True)
        if b64encode(body) + b"\n" != envelope.body:
            raise ValueError("not the canonical base64")
        record: bytes = _aead(secret).decrypt(body[:_NONCE], body[_NONCE:], envelope.key.encode())
    except (InvalidTag, ValueError) as error:
        raise NotAuthentic(
            f"it does not decrypt under key {envelope.key!r}: the data were changed"
        ) from error
    return record


def _aead(secret: bytes) -> Any:
    """AES-256-GCM (NIST SP 800-38D) with random nonces: good for 2**32 records under one key."""
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError as error:
        raise ImportError("encryption needs cryptography: pip install 'pickle-migrate[crypto]'") from error
    return AESGCM(secret)
