"""String values of Redis as a store: listed with SCAN, compared and set by a script that keeps the expiry."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from migrate.reencode.errors import Conflict, Refused, StoreError, Unavailable
from migrate.reencode.stores import Blob, Change, Found, Item, Range
from migrate.reencode.work import again

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_RANGE_BYTES = 8 << 20
_REPLACE = """
if redis.call('TYPE', KEYS[1]).ok ~= 'string' then return -1 end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1
"""
"""Runs as a whole or not at all; nothing comes in between (https://redis.io/docs/latest/develop/programmability)."""
_OLDEST = 6
"""The first version of Redis that has KEEPTTL."""


class RedisStrings:
    """The string values in the database at ``url`` whose keys match the pattern ``match``.

    Raises :class:`~migrate.reencode.errors.StoreError` when it is too old or refuses the password, and
    :class:`~migrate.reencode.errors.Unavailable` when it cannot be reached.
    """

    ordered = False

    def __init__(self, url: str, address: str, *, match: str = "") -> None:
        try:
            import redis
        except ImportError:
            raise StoreError("Redis needs the extra: pip install 'pickle-migrate[redis]'") from None
        self.address = address + (f" match {match}" if match else "")
        self._errors = redis.exceptions
        self._match = match or None
        try:
            self._client: Any = redis.Redis.from_url(url)
            with self._reporting():
                version = str(self._client.info("server")["redis_version"])
        except redis.exceptions.AuthenticationError as error:
            raise StoreError(f"Redis refuses the user or the password: {error}") from None
        except ValueError as error:
            raise StoreError(f"no URL of Redis: {error}") from None
        if int(version.partition(".")[0]) < _OLDEST:
            raise StoreError(f"Redis {version} cannot keep the expiry of a key; {_OLDEST}.0 or later can")
        self._script = self._client.register_script(_REPLACE)

    def estimate(self) -> int:
        """Count all keys; with a pattern there is no quick answer."""
        with self._reporting():
            return 0 if self._match else int(self._client.dbsize())

    def ranges(self, size: int, after: str | None = None) -> Iterator[Range]:  # noqa: ARG002 (no order)
        """Scan the keys. SCAN may give a key twice, which does no harm, and misses none that stays."""
        number = 0
        chunk: list[Item] = []
        total = 0
        for items in self._pages(size):
            for item in items:
                chunk.append(item)
                total += item.size
                if len(chunk) >= size or total >= _RANGE_BYTES:
                    yield Range(number, len(chunk), items=tuple(chunk))
                    number, chunk, total = number + 1, [], 0
        if chunk:
            yield Range(number, len(chunk), items=tuple(chunk))

    def _pages(self, size: int) -> Iterator[list[Item]]:
        """Scan from the beginning; again if another process of the server answers: cursors are its own."""
        cursor, server = 0, again(self, self._server)
        while True:
            cursor, items = again(self, partial(self._page, cursor, size))
            now = again(self, self._server)
            yield items
            if now != server:
                cursor, server = 0, now
            elif not cursor:
                return

    def _server(self) -> str:
        with self._reporting():
            return str(self._client.info("server")["run_id"])

    def _page(self, cursor: int, size: int) -> tuple[int, list[Item]]:
        with self._reporting():
            cursor, keys = self._client.scan(cursor, match=self._match, count=size, _type="string")
            keys = list(dict.fromkeys(keys))
            pipe = self._client.pipeline(transaction=False)
            for key in keys:
                pipe.strlen(key)
            sizes = pipe.execute(raise_on_error=False)
        lengths = (length if isinstance(length, int) else 0 for length in sizes)
        return cursor, [Item(_text(key), length) for key, length in zip(keys, lengths, strict=True)]

    def read_range(self, part: Range) -> Iterator[Found]:
        """Read all in one go. A key that has expired since is left out."""
        with self._reporting():
            pipe = self._client.pipeline(transaction=False)
            for item in part.items:
                pipe.get(_bytes(item.key))
            values = pipe.execute(raise_on_error=False)
        for item, value in zip(part.items, values, strict=True):
            if isinstance(value, bytes):
                yield Found(item, Blob(value, ""))
            elif value is not None:
                yield Found(item, Refused(str(value), reason="unreadable"))

    def read(self, key: str) -> Blob:
        """Read one key; see :class:`~migrate.reencode.stores.Store`."""
        with self._reporting():
            value = self._client.get(_bytes(key))
        if value is None:
            raise Refused("the key is gone", reason="unreadable")
        return Blob(value, "")

    def check(self, key: str) -> None:
        """Nothing can be said before a key is written."""

    def replace_many(self, changes: Sequence[Change]) -> list[str | Refused]:
        """Send all in one go; each is compared and set for itself, and keeps its expiry."""
        with self._reporting():
            pipe = self._client.pipeline(transaction=False)
            for change in changes:
                self._script([_bytes(change.item.key)], [change.expected.raw, change.new], client=pipe)
            answers = pipe.execute(raise_on_error=False)
        return [self._answer(answer) for answer in answers]

    def reset(self) -> None:
        """Drop all connections."""
        self._client.connection_pool.disconnect()

    def close(self) -> None:
        """Drop all connections."""
        self._client.close()

    def _answer(self, answer: object) -> str | Refused:
        if answer == 1:
            return ""
        if isinstance(answer, self._errors.ConnectionError):
            raise Unavailable(str(answer))
        if isinstance(answer, Exception):
            said = str(answer)
            refused = isinstance(answer, self._errors.ReadOnlyError) or "NOPERM" in said
            return Refused(said, reason="read-only" if refused else "write-failed")
        return Conflict("another program wrote the key, or it expired, since it was read")

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except self._errors.AuthenticationError:
            raise
        except (self._errors.ConnectionError, self._errors.TimeoutError) as error:
            raise Unavailable(str(error)) from error
        except self._errors.ResponseError as error:
            raise StoreError(f"Redis says: {error}") from error


def _text(key: bytes) -> str:
    return key.decode("utf-8", "surrogateescape")


def _bytes(key: str) -> bytes:
    return key.encode("utf-8", "surrogateescape")
