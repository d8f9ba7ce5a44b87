"""What the fleet keeps: values that know what they must hold."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import pickle
import zlib
from decimal import Decimal
from typing import Any, Protocol

from migrate.runtime import Codec

RELEASES = ("pickle", "dual-read", "json", "json-only")
"""Release 0 is the code before the rewrite: it knows pickle only."""


@dataclasses.dataclass
class Line:
    name: str
    price: Decimal
    tags: tuple[str, ...]


@dataclasses.dataclass
class Cart:
    key: str
    version: int
    at: dt.datetime
    lines: list[Line]
    seen: Any
    check: int = 0

    def checksum(self) -> int:
        return zlib.crc32(f"{self.key} {self.version} {self.lines} {self.seen}".encode())

    def is_whole(self, key: str) -> bool:
        return (
            self.key == key
            and self.check == self.checksum()
            and len(self.lines) == self.version % 7
            and self.seen[0] is self.seen[1]
        )


def make(key: str, version: int) -> Cart:
    lines = [Line(f"line {n}", Decimal(n) / 4, ("a", key)) for n in range(version % 7)]
    shared = [version, float(version), {version: "x"}]
    cart = Cart(
        key, version, dt.datetime(2026, 11, 25, tzinfo=dt.timezone.utc), lines, (shared, shared, {1, 2})
    )
    cart.check = cart.checksum()
    return cart


class Serializer(Protocol):
    def dumps(self, obj: object) -> bytes: ...
    def loads(self, data: bytes) -> Any: ...


def serializer() -> Serializer:
    """Return what the release in the environment uses."""
    release = os.environ["FLEET_RELEASE"]
    return pickle if release == "pickle" else make_codec(release)  # type: ignore[return-value]


def make_codec(stage: str = "json") -> Codec:
    codec = Codec("fleet", stage=stage)
    for cls in (Line, Cart):
        codec.register(f"tests.fleet.shop:{cls.__name__}")
    return codec


codec = make_codec()
"""For `pickle-migrate reencode --converters`."""
