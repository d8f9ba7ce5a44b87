"""Objects at an fsspec URL as a store: S3 with conditional writes, others with a comparison right before."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from migrate.reencode.errors import Conflict, Gone, Refused, StoreError, Unavailable
from migrate.reencode.stores import Blob, Item

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEMP_PREFIX, _TEMP_SUFFIX = ".pickle-migrate-", ".tmp"
_KEPT = (
    *("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "Expires"),
    *("Metadata", "StorageClass", "ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled"),
    "WebsiteRedirectLocation",
)
"""What S3 tells with an object, and takes with a new one."""
_CONFLICTS = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409", "404")
_DRIVERS = ("botocore", "aiobotocore")
"""Packages whose errors come through fsspec as they are."""
_DENIED = ("AccessDenied", "403", "AllAccessDisabled")


def open_objects(url: str, address: str) -> Objects:
    """Open what is at or below ``url``. Raises :class:`~migrate.reencode.errors.StoreError`."""
    try:
        import fsspec
    except ImportError:
        raise StoreError("URLs need the extra: pip install 'pickle-migrate[fsspec]' (for S3: [s3])") from None
    try:
        # What a listing said a moment ago is not what is there.
        options: dict[str, Any] = {"use_listings_cache": False, "skip_instance_cache": True}
        system, path = fsspec.core.url_to_fs(url, **options)
    except ImportError as error:
        raise StoreError(f"{error}; for S3: pip install 'pickle-migrate[s3]'") from None
    except ValueError as error:
        raise StoreError(f"no store is known for {url.partition(':')[0]}://: {error}") from None
    kind = S3Objects if url.startswith(("s3://", "s3a://")) else Objects
    return kind(system, path, address)


class Objects:
    """The objects at or below ``path``, on any file system of fsspec.

    The new object is written beside the old one and read back; the old one is compared once more, and then
    the new one is moved over it. What another program writes in the instant between the two is lost: stop
    writers before.
    """

    def __init__(self, system: Any, path: str, address: str) -> None:
        self._system = system
        self._path = path
        self.address = address
        with self._reporting():
            if not system.exists(path):
                raise StoreError(f"there is nothing at {address}")

    @property
    def note(self) -> str:
        """What the user should know of writing here."""
        return (
            f"{self.address.partition(':')[0]}:// has no conditional writes: what another program writes in "
            "the instant between comparing and replacing is lost"
        )

    def items(self) -> Iterator[Item]:
        """List objects directory by directory; see :class:`~migrate.reencode.stores.Store`.

        Raises :class:`~migrate.reencode.errors.StoreError` in the end, when a directory could not be listed.
        """
        with self._reporting():
            if self._system.isfile(self._path):
                yield self._item(self._system.info(self._path), named=True)
                return
            # Not by `walk` of fsspec, which passes by what it cannot list and says nothing.
            pending, unlisted = [self._path], []
            while pending:
                folder = pending.pop()
                try:
                    found = sorted(self._system.ls(folder, detail=True), key=lambda info: str(info["name"]))
                except FileNotFoundError:  # removed meanwhile
                    continue
                except OSError as error:
                    unlisted.append(error)
                    continue
                inner = [info["name"].rstrip("/") for info in found if info["type"] == "directory"]
                pending += [name for name in reversed(inner) if name != folder]
                yield from (self._item(info) for info in found if _is_object(info))
        if unlisted:
            raise StoreError(f"not all of {self.address} could be listed: {unlisted[0]}") from unlisted[0]

    def read(self, key: str) -> Blob:
        """Read an object as a whole; see :class:`~migrate.reencode.stores.Store`."""
        with self._reporting():
            before = self._version(self._system.info(key))
            data = self._system.cat_file(key)
            if self._version(self._system.info(key)) != before:
                raise Conflict("the object was written while it was read")
        return Blob(data, before)

    def check(self, key: str) -> None:
        """Nothing can be said before an object is written."""

    def replace(self, key: str, expected: Blob, data: bytes) -> str:
        """Move a new object over the old one; see :class:`~migrate.reencode.stores.Store`."""
        parent, _, _ = key.rpartition("/")
        temp = f"{parent}/{_TEMP_PREFIX}{secrets.token_hex(8)}{_TEMP_SUFFIX}"
        with self._reporting():
            try:
                self._system.pipe_file(temp, data)
                if self._system.cat_file(temp) != data:
                    raise Refused("what was written did not read back", reason="verify-failed")
                if self._system.cat_file(key) != expected.data:
                    raise Conflict("another program wrote the object since it was read; run again")
                self._system.mv(temp, key)
                return self._version(self._system.info(key))
            finally:
                if self._system.exists(temp):
                    self._system.rm_file(temp)

    def _item(self, info: dict[str, Any], *, named: bool = False) -> Item:
        return Item(str(info["name"]), int(info.get("size") or 0), self._version(info), named)

    def _version(self, info: dict[str, Any]) -> str:
        for name in ("ETag", "etag", "md5", "md5Hash", "generation"):
            if info.get(name):
                return str(info[name])
        when = info.get("mtime") or info.get("LastModified") or info.get("created") or ""
        return f"{info.get('size')}-{when}" if when else ""

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise Gone("the object is gone") from error
        except PermissionError as error:
            raise Refused(str(error), reason="read-only") from error
        except (ConnectionError, TimeoutError) as error:
            raise Unavailable(str(error)) from error
        except OSError as error:
            raise Refused(str(error), reason="write-failed") from error
        except Exception as error:
            if type(error).__module__.partition(".")[0] not in _DRIVERS:
                raise
            kind = Unavailable if _is_connection(error) else StoreError
            raise kind(f"{type(error).__name__}: {error}") from error


class S3Objects(Objects):
    """Objects of S3: an object is put only if it still has the ETag that was read (``If-Match``)."""

    note = ""

    def read(self, key: str) -> Blob:
        """Read an object together with its ETag."""
        found = self._call("get_object", key, "unreadable")
        with self._reporting():
            data = self._body(found["Body"])
        return Blob(data, str(found["ETag"]))

    def replace(self, key: str, expected: Blob, data: bytes) -> str:
        """Put the new object in one request, with what S3 knows about the old one."""
        known = self._call("head_object", key, "unreadable")
        kept = {name: known[name] for name in _KEPT if known.get(name)}
        tags = self._tags(key) if known.get("TagCount", 0) or "TagCount" not in known else ""
        if tags:
            kept["Tagging"] = tags
        made = self._call("put_object", key, "write-failed", Body=data, IfMatch=expected.version, **kept)
        return str(made["ETag"])

    def _tags(self, key: str) -> str:
        from urllib.parse import urlencode

        found = self._call("get_object_tagging", key, "unreadable")
        return urlencode([(tag["Key"], tag["Value"]) for tag in found.get("TagSet", ())])

    def _body(self, body: Any) -> bytes:
        from fsspec.asyn import sync

        return bytes(sync(self._system.loop, body.read))

    def _call(self, method: str, key: str, reason: str, **arguments: Any) -> dict[str, Any]:
        bucket, _, name = key.partition("/")
        try:
            return dict(self._system.call_s3(method, Bucket=bucket, Key=name, **arguments))
        except Exception as error:
            code = _code(error)
            if code in _DENIED:
                raise Refused(f"S3 denies {method}", reason="read-only") from error
            if code in _CONFLICTS and method == "put_object":
                raise Conflict("another program wrote the object since it was read; run again") from error
            if code in _CONFLICTS:
                raise Gone("the object is gone") from error
            if isinstance(error, (ConnectionError, TimeoutError)) or _is_connection(error):
                raise Unavailable(str(error)) from error
            if code or isinstance(error, OSError):
                raise Refused(str(error), reason=reason) from error
            raise


def _is_object(info: dict[str, Any]) -> bool:
    name = str(info["name"]).rpartition("/")[2]
    ours = name.startswith(_TEMP_PREFIX) and name.endswith(_TEMP_SUFFIX)
    return info["type"] != "directory" and not ours


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _code(error: BaseException) -> str:
    """Return the code of S3 in an error or what caused it."""
    for one in _chain(error):
        response = getattr(one, "response", None)
        if isinstance(response, dict):
            return str(response.get("Error", {}).get("Code", ""))
    return ""


def _is_connection(error: BaseException) -> bool:
    names = {"EndpointConnectionError", "ConnectionClosedError", "ConnectTimeoutError", "ReadTimeoutError"}
    return any(type(one).__name__ in names for one in _chain(error))
