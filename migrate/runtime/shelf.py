"""A shelf: a dbm file whose values are records, where :mod:`shelve` keeps pickles.

    with converters.open_shelf("carts") as carts:      # was: shelve.open("carts")
        carts["anna"] = cart
        cart = carts["anna"]

The file and its keys are those of :mod:`shelve`, so a shelf that holds pickles is opened as it is: they are
read as data. Each value that is stored is a record from then on, or a pickle while the stage writes those.

This is no subclass of :class:`shelve.Shelf`, whose methods unpickle; it has the same ones.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from .errors import MigrateError, within

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from typing_extensions import Self

    from .records import Records


class Shelf(MutableMapping[str, Any]):
    """A dict with text keys and any values, kept in the mapping ``dict``, from bytes to bytes.

    With ``writeback`` every value that was read is kept, and stored again by :meth:`sync` and :meth:`close`,
    so that it may be changed in place. ``protocol`` matters only while the stage writes pickle.
    """

    def __init__(
        self,
        codec: Records,
        dict: Any,  # noqa: A002 - shelve's name
        protocol: int | None = None,
        writeback: bool = False,
        keyencoding: str = "utf-8",
    ) -> None:
        self.dict = dict
        self.writeback = writeback
        self.cache: Any = {}
        self.keyencoding = keyencoding
        self._codec = codec
        self._protocol = protocol

    def __iter__(self) -> Iterator[str]:
        for key in self.dict.keys():  # noqa: SIM118 - what dbm returns need not be iterable
            yield key.decode(self.keyencoding)

    def __len__(self) -> int:
        return len(self.dict)

    def __contains__(self, key: object) -> bool:
        return self._encoded(key) in self.dict

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of ``key``, or ``default`` if there is none."""
        return self[key] if key in self else default  # noqa: SIM401 - this is what the rule asks for

    def __getitem__(self, key: str) -> Any:
        """Return the value of ``key``; raises KeyError, and as :meth:`.codec.Codec.loads`."""
        if key in self.cache:
            return self.cache[key]
        try:
            value = self._codec.loads(self.dict[self._encoded(key)])
        except MigrateError as error:
            raise within(error, f"[{key!r}]")  # noqa: B904 - the same error, with its place
        if self.writeback:
            self.cache[key] = value
        return value

    def __setitem__(self, key: str, value: object) -> None:
        """Store ``value``; raises EncodeError as :meth:`.codec.Codec.dumps`, and then changes nothing."""
        self.dict[self._encoded(key)] = self._record(key, value)
        if self.writeback:
            self.cache[key] = value

    def __delitem__(self, key: str) -> None:
        del self.dict[self._encoded(key)]
        self.cache.pop(key, None)

    def clear(self) -> None:
        """Remove everything, without reading it."""
        for key in list(self):
            del self[key]

    def sync(self) -> None:
        """Store what was changed in place, and have the file written.

        Raises EncodeError when one of the values cannot be stored; none is then.
        """
        if self.writeback and self.cache:
            records = [(self._encoded(key), self._record(key, value)) for key, value in self.cache.items()]
            for key, record in records:
                self.dict[key] = record
            self.cache = {}
        if hasattr(self.dict, "sync"):
            self.dict.sync()

    def close(self) -> None:
        """Store what was changed in place and close the file; later uses raise ValueError."""
        if isinstance(self.dict, _Closed):
            return
        try:
            self.sync()
        finally:
            opened, self.dict, self.cache = self.dict, _Closed(), _Closed()
            if hasattr(opened, "close"):
                opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_protocol"):  # else the constructor failed
            self.close()

    def _encoded(self, key: object) -> bytes:
        encoded: bytes = key.encode(self.keyencoding)  # type: ignore[attr-defined]  # as shelve: text only
        return encoded

    def _record(self, key: str, value: object) -> bytes:
        try:
            return self._codec.dumps(value, self._protocol)
        except MigrateError as error:
            raise within(error, f"[{key!r}]")  # noqa: B904 - the same error, with its place


class _Closed(MutableMapping[Any, Any]):
    """What stands in the place of the file of a closed shelf."""

    def _refuse(self, *_: object) -> Any:
        raise ValueError("invalid operation on closed shelf")

    __getitem__ = __setitem__ = __delitem__ = __iter__ = __len__ = __contains__ = keys = _refuse


def open_shelf(
    codec: Records,
    filename: str | os.PathLike[str],
    flag: str = "c",
    protocol: int | None = None,
    writeback: bool = False,
) -> Shelf:
    """Open, or make, the shelf in the dbm file ``filename``; the arguments are those of ``shelve.open``.

    Raises ``dbm.error`` and OSError as dbm does.
    """
    import dbm
    from os import fspath

    return Shelf(codec, dbm.open(fspath(filename), flag), protocol, writeback)  # type: ignore[arg-type]
