"""Keys that vouch for bytes: HMAC-SHA256 under named keys, of which the first writes and all verify.

Everything is bound to a *purpose*, so that what was signed as one thing is never accepted as another.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from .errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MIN_BYTES = 32
"""A key as long as the hash (RFC 2104, section 3)."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class NotAuthentic(DecodeError):  # noqa: N818 - named for what the data are
    """The data carry no valid signature of a known key, and may come from anybody."""

    reason = "not-authentic"


class Keys:
    """Named secrets. The first is used to write, every one of them to verify and to decrypt.

    To rotate: add the new key behind the old one everywhere, then put it first, then remove the old one
    when nothing is under it any more (:meth:`.Codec.key_of`).

    Raises ValueError for no key, a key shorter than 32 bytes, and a name that is no word.
    """

    __slots__ = ("_keys",)

    def __init__(self, keys: Mapping[str, bytes] | Iterable[tuple[str, bytes]]) -> None:
        pairs = [*keys.items()] if hasattr(keys, "items") else [*keys]
        self._keys: dict[str, bytes] = {}
        for name, secret in pairs:
            if not _ID.fullmatch(name):
                raise ValueError(f"{name!r} cannot name a key; use letters, digits, '.', '_' and '-'")
            if name in self._keys:
                raise ValueError(f"there are two keys called {name!r}")
            if not isinstance(secret, bytes) or len(secret) < MIN_BYTES:
                raise ValueError(f"the key {name!r} must be at least {MIN_BYTES} bytes")
            self._keys[name] = secret
        if not self._keys:
            raise ValueError("there must be at least one key")

    @classmethod
    def from_environment(cls, variable: str) -> Keys:
        """Return the keys in an environment variable: ``name:base64,name:base64``, the first writes.

        Raises ValueError when it is not set or holds anything else; no secret is part of the message.
        """
        text = os.environ.get(variable, "").strip()
        if not text:
            raise ValueError(f"environment variable {variable} is not set; it must hold 'name:base64,…'")
        pairs = []
        for number, part in enumerate(text.split(","), 1):
            name, colon, secret = part.strip().partition(":")
            try:
                pairs.append((name, b64decode(secret, validate=True)))
            except ValueError:
                colon = ""
            if not colon:
                raise ValueError(f"environment variable {variable}: key {number} is not 'name:base64'")
        try:
            return cls(pairs)
        except ValueError as error:
            raise ValueError(f"environment variable {variable}: {error}") from None

    @staticmethod
    def generate(name: str) -> str:
        """Return a new random key in the form of :meth:`from_environment`."""
        secret = os.urandom(MIN_BYTES)
        Keys({name: secret})
        return f"{name}:{b64encode(secret).decode('ascii')}"

    @property
    def current(self) -> str:
        """Name of the key that writes."""
        return next(iter(self._keys))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all keys, the one that writes first."""
        return tuple(self._keys)

    def __repr__(self) -> str:
        return f"<Keys {', '.join(self._keys)}>"

    def sign(self, purpose: str, *parts: bytes) -> tuple[str, str]:
        """Return the name of the current key, and the HMAC of ``parts`` in hexadecimal."""
        name = self.current
        return name, self._mac(name, purpose, parts)

    def verify(self, purpose: str, name: str, mac: str, *parts: bytes) -> None:
        """Raise :class:`NotAuthentic` unless ``mac`` is that of ``parts`` under the key ``name``."""
        if name not in self._keys:
            raise _unknown(name)
        import hmac

        if not hmac.compare_digest(self._mac(name, purpose, parts).encode(), mac.encode()):
            raise NotAuthentic(f"the signature is not that of key {name!r}: the data were changed")

    def secret_for(self, purpose: str, name: str) -> bytes:
        """Return 32 bytes derived from the key ``name`` for one purpose only (as HKDF-Expand, RFC 5869).

        Raises :class:`NotAuthentic` for a key that is not known.
        """
        if name not in self._keys:
            raise _unknown(name)
        import hmac

        return hmac.digest(self._keys[name], f"pickle-migrate {purpose}".encode() + b"\x01", "sha256")

    def _mac(self, name: str, purpose: str, parts: Iterable[bytes]) -> str:
        import hmac

        code = hmac.new(self._keys[name], digestmod="sha256")
        # Lengths, so that no two sequences of parts are the same bytes.
        for part in (f"pickle-migrate {purpose}".encode(), name.encode(), *parts):
            code.update(len(part).to_bytes(8, "big"))
            code.update(part)
        return code.hexdigest()


def _unknown(name: str) -> NotAuthentic:
    return NotAuthentic(f"the data are under the key {name!r}, which this program does not have")
