"""Strings and fields of hashes in Redis as a store: listed with SCAN and HSCAN, compared and set by a script.

The scripts keep the expiry of the key, and that of the field where the server has such a thing.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from migrate.reencode.errors import Conflict, Gone, Refused, StoreError, Unavailable
from migrate.reencode.stores import Blob, Change, Found, Item, Range
from migrate.reencode.work import again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

T = TypeVar("T")

_FIRST = 100
"""Fields of a hash that are listed together with its key; most hashes have fewer."""
_RANGE_BYTES = 8 << 20
_REPLACE = """
if redis.call('TYPE', KEYS[1]).ok ~= 'string' then return -1 end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1
"""
_REPLACE_FIELD = """
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then return -1 end
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
local ends = redis.pcall('HPEXPIRETIME', KEYS[1], 'FIELDS', 1, ARGV[1])
if ends.err and not string.find(ends.err, 'nknown') then return ends end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
if ends[1] and ends[1] > 0 then redis.call('HPEXPIREAT', KEYS[1], ends[1], 'FIELDS', 1, ARGV[1]) end
return 1
"""
"""HSET ends the expiry of a field. Before Redis 7.4 fields have none, and the question is an error."""
# Each runs as a whole or not at all; nothing comes in between
# (https://redis.io/docs/latest/develop/programmability).
_OLDEST = 6
"""The first version of Redis that has KEEPTTL."""


class RedisValues:
    """The strings and the fields of hashes in the database at ``url`` whose keys match the pattern ``match``.

    A field is called by its key and its name as a JSON array: ``["order:7", "cart"]``.

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
        self._field_script = self._client.register_script(_REPLACE_FIELD)

    def estimate(self) -> int:
        """Count all keys; with a pattern, or where there are hashes, there is no quick answer."""
        with self._reporting():
            hashes = self._client.scan(0, match=self._match, count=_FIRST, _type="hash")[1]
            return 0 if self._match or hashes else int(self._client.dbsize())

    def ranges(self, size: int, after: str | None = None) -> Iterator[Range]:  # noqa: ARG002 (no order)
        """Scan the keys. SCAN may give a key twice, which does no harm, and misses none that stays."""
        number = 0
        chunk: list[Item] = []
        total = 0
        for item in self._items(size):
            chunk.append(item)
            total += item.size
            if len(chunk) >= size or total >= _RANGE_BYTES:
                yield Range(number, len(chunk), items=tuple(chunk))
                number, chunk, total = number + 1, [], 0
        if chunk:
            yield Range(number, len(chunk), items=tuple(chunk))

    def _items(self, size: int) -> Iterator[Item]:
        for strings in self._pages(partial(self._strings, size)):
            yield from strings
        for hashes in self._pages(partial(self._hashes, size)):
            for key, items, is_whole in hashes:
                if is_whole:
                    yield from items
                    continue
                for fields in self._pages(partial(self._fields, key, size)):
                    yield from fields

    def _pages(self, page: Callable[[int], tuple[int, list[T]]]) -> Iterator[list[T]]:
        """Scan from the beginning; again if another process of the server answers: cursors are its own."""
        cursor, server = 0, again(self, self._server)
        while True:
            cursor, found = again(self, partial(page, cursor))
            now = again(self, self._server)
            yield found
            if now != server:
                cursor, server = 0, now
            elif not cursor:
                return

    def _server(self) -> str:
        with self._reporting():
            return str(self._client.info("server")["run_id"])

    def _strings(self, size: int, cursor: int) -> tuple[int, list[Item]]:
        with self._reporting():
            cursor, keys = self._client.scan(cursor, match=self._match, count=size, _type="string")
            keys = list(dict.fromkeys(keys))
            pipe = self._client.pipeline(transaction=False)
            for key in keys:
                pipe.strlen(key)
            sizes = pipe.execute(raise_on_error=False)
        lengths = (length if isinstance(length, int) else 0 for length in sizes)
        return cursor, [Item(_name(key), length) for key, length in zip(keys, lengths, strict=True)]

    def _hashes(self, size: int, cursor: int) -> tuple[int, list[tuple[bytes, list[Item], bool]]]:
        """Return keys of hashes with their first fields, and whether those are all of them."""
        with self._reporting():
            cursor, keys = self._client.scan(cursor, match=self._match, count=size, _type="hash")
            keys = list(dict.fromkeys(keys))
            pipe = self._client.pipeline(transaction=False)
            for key in keys:
                pipe.hscan(key, 0, count=_FIRST)
            pages = pipe.execute(raise_on_error=False)
            found = []
            for key, page in zip(keys, pages, strict=True):
                if isinstance(page, tuple):
                    more, fields = page
                    found.append((key, _items_of(key, fields), not more))
                elif "WRONGTYPE" not in str(page):  # it is a hash no longer
                    raise page
        return cursor, found

    def _fields(self, key: bytes, size: int, cursor: int) -> tuple[int, list[Item]]:
        with self._reporting():
            try:
                cursor, fields = self._client.hscan(key, cursor, count=size)
            except self._errors.ResponseError as error:
                if "WRONGTYPE" not in str(error):
                    raise
                return 0, []
        return cursor, _items_of(key, fields)

    def read_range(self, part: Range) -> Iterator[Found]:
        """Read all in one go. A key that has expired since is left out."""
        with self._reporting():
            pipe = self._client.pipeline(transaction=False)
            for item in part.items:
                _get(pipe, item.key)
            values = pipe.execute(raise_on_error=False)
        for item, value in zip(part.items, values, strict=True):
            if isinstance(value, bytes):
                yield Found(item, Blob(value, ""))
            elif isinstance(value, (self._errors.ConnectionError, self._errors.TimeoutError)):
                raise Unavailable(str(value))
            elif value is not None:
                yield Found(item, Refused(str(value), reason="unreadable"))

    def read(self, key: str) -> Blob:
        """Read one value; see :class:`~migrate.reencode.stores.Store`."""
        with self._reporting():
            try:
                value = _get(self._client, key)
            except self._errors.ResponseError as error:
                if "WRONGTYPE" not in str(error):
                    raise
                raise Gone("the key holds a value of another kind now") from error
        if value is None:
            raise Gone("the key or the field is gone")
        return Blob(value, "")

    def check(self, key: str) -> None:
        """Nothing can be said before a key is written."""

    def replace_many(self, changes: Sequence[Change]) -> list[str | Refused]:
        """Send all in one go; each is compared and set for itself, and keeps its expiry."""
        with self._reporting():
            pipe = self._client.pipeline(transaction=False)
            for change in changes:
                key, *field = _parts(change.item.key)
                script = self._field_script if field else self._script
                script([key], [*field, change.expected.raw, change.new], client=pipe)
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


def _items_of(key: bytes, fields: Mapping[bytes, bytes]) -> list[Item]:
    return [Item(_name(key, field), len(value)) for field, value in fields.items()]


def _get(client: Any, name: str) -> Any:
    """Ask for the value called ``name``."""
    key, *field = _parts(name)
    return client.hget(key, *field) if field else client.get(key)


def _name(*parts: bytes) -> str:
    """Return a key as it is; with a field, or when it looks like one of those, as a JSON array."""
    texts = [part.decode("utf-8", "surrogateescape") for part in parts]
    if len(texts) == 1 and not texts[0].startswith("["):
        return texts[0]
    return json.dumps(texts, ensure_ascii=False)


def _parts(name: str) -> list[bytes]:
    """Return what :func:`_name` was given."""
    texts = json.loads(name) if name.startswith("[") else [name]
    return [text.encode("utf-8", "surrogateescape") for text in texts]
