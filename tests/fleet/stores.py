"""The stores that the fleet shares."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Protocol


class Store(Protocol):
    def names(self) -> list[str]: ...
    def get(self, key: str) -> bytes: ...
    def put(self, key: str, data: bytes) -> None: ...
    def replace(self, key: str, old: bytes, new: bytes) -> bool: ...


class Files:
    """One file per value, written as programs do: beside, then renamed."""

    def __init__(self, place: str) -> None:
        self.folder = Path(place)
        self.folder.mkdir(exist_ok=True)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("key-*"))

    def get(self, key: str) -> bytes:
        return (self.folder / key).read_bytes()

    def put(self, key: str, data: bytes) -> None:
        draft = self.folder / f".{key}.{os.getpid()}"
        draft.write_bytes(data)
        draft.replace(self.folder / key)

    def replace(self, key: str, old: bytes, new: bytes) -> bool:
        raise NotImplementedError("files are converted by `reencode`")


class Sqlite:
    """One row per value."""

    def __init__(self, place: str) -> None:
        self.connection = sqlite3.connect(place, timeout=60, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=OFF")  # processes are killed here, not machines
        self.connection.execute("CREATE TABLE IF NOT EXISTS carts (key TEXT PRIMARY KEY, data BLOB NOT NULL)")

    def names(self) -> list[str]:
        return [key for (key,) in self.connection.execute("SELECT key FROM carts ORDER BY key")]

    def get(self, key: str) -> bytes:
        (data,) = self.connection.execute("SELECT data FROM carts WHERE key = ?", (key,)).fetchone()
        return bytes(data)

    def put(self, key: str, data: bytes) -> None:
        self.connection.execute("INSERT OR REPLACE INTO carts VALUES (?, ?)", (key, data))

    def replace(self, key: str, old: bytes, new: bytes) -> bool:
        done = self.connection.execute(
            "UPDATE carts SET data = ? WHERE key = ? AND data = ?", (new, key, old)
        )
        return done.rowcount == 1


class Redis:
    """One string per value."""

    SWAP = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
        return 1
    """

    def __init__(self, place: str) -> None:
        import redis

        self.client = redis.Redis.from_url(place)

    def names(self) -> list[str]:
        return sorted(key.decode() for key in self.client.scan_iter("key-*", count=500))

    def get(self, key: str) -> bytes:
        data = self.client.get(key)
        assert data is not None, key
        return data

    def put(self, key: str, data: bytes) -> None:
        self.client.set(key, data)

    def replace(self, key: str, old: bytes, new: bytes) -> bool:
        return self.client.eval(self.SWAP, 1, key, old, new) == 1


KINDS = {"files": Files, "sqlite": Sqlite, "redis": Redis}


def open_store(kind: str, place: str) -> Store:
    return KINDS[kind](place)
