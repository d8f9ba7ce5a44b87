"""From what the user names to a store: paths, a URL of ours, or one that a plug-in or fsspec knows."""

from __future__ import annotations

import os
import re
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from attrs import field, frozen

from migrate.reencode.containers import could_hold
from migrate.reencode.errors import StoreError
from migrate.reencode.localtree import LocalTree
from migrate.reencode.stores import Keyed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.metadata import EntryPoint

    from migrate.reencode.stores import Ranged

ENTRY_POINTS = "pickle_migrate.stores"
"""Group of entry points; the name is a URL scheme, the object a function of a URL and options to a store."""
SQL_SCHEMES = ("sqlite", "postgresql", "postgres")
SQL_OPTIONS = ("table", "key", "column", "into", "base64")
REDIS_SCHEMES = ("redis", "rediss", "unix")
REDIS_OPTIONS = ("match",)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRET = re.compile(r"([?&](?:password|secret|token)=)[^&#]*")
_USER = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)@")


@frozen
class Source:
    """What the user named: local paths, or the URL of one store with options."""

    paths: list[str] = field(factory=list)
    url: str = ""
    options: Mapping[str, str] = field(factory=dict)
    backup: bool = False
    """Keep the old bytes beside local files."""

    @property
    def is_local(self) -> bool:
        """Whether it is local files."""
        return not self.url


def source_of(places: list[str], options: Mapping[str, str], *, backup: bool = False) -> Source:
    """Return what ``places`` name; ``${NAME}`` in a URL stands for a variable of the environment.

    Raises :class:`~migrate.reencode.errors.StoreError` for a mixture, or a variable that is not set.
    """
    places = [filled(place) if is_url(place) else place for place in places]
    urls = [place for place in places if "://" in place]
    if not urls:
        if options:
            raise StoreError(f"--{next(iter(options))} belongs to the URL of a store, not to files")
        return Source(paths=places, backup=backup)
    if len(places) > 1:
        raise StoreError("one store at a time: give its URL alone")
    url, given = _split(urls[0])
    return Source(url=url, options={**given, **options})


def open_source(source: Source) -> Ranged:
    """Open what ``source`` names.

    Raises :class:`~migrate.reencode.errors.StoreError` when it cannot be used, and
    :class:`~migrate.reencode.errors.Unavailable` when it cannot be reached.
    """
    if source.is_local:
        tree = LocalTree(map(Path, source.paths), interesting=could_hold, backup=source.backup, archives=True)
        return Keyed(tree)
    scheme = urlsplit(source.url).scheme
    opener = _plug_in(scheme) or _SCHEMES.get(scheme.partition("+")[0], _objects)
    return opener(source.url, source.options)


def is_url(place: str) -> bool:
    """Whether what the user named is a URL, or begins with a variable that may hold one."""
    return "://" in place or place.startswith("${")


def filled(url: str) -> str:
    """Put the variables of the environment in. A user and a password may hold any character.

    Raises :class:`~migrate.reencode.errors.StoreError` for one that is not set.
    """
    user = _USER.match(url)

    def value(found: re.Match[str]) -> str:
        if found[1] not in os.environ:
            raise StoreError(f"the environment has no {found[1]}, which {shown(url)} names")
        inside = user is not None and user.start(1) <= found.start() < user.end(1)
        return quote(os.environ[found[1]], safe="") if inside else os.environ[found[1]]

    return _VARIABLE.sub(value, url)


def _split(url: str) -> tuple[str, dict[str, str]]:
    """Take our own options off the query of a URL: ``sqlite:///a.db?table=t&column=c``."""
    parts = urlsplit(url)
    kind = parts.scheme.partition("+")[0]
    known = SQL_OPTIONS if kind in SQL_SCHEMES else REDIS_OPTIONS if kind in REDIS_SCHEMES else ()
    query = parse_qsl(parts.query, keep_blank_values=True)
    ours = {name: value for name, value in query if name in known}
    if not ours:
        return url, {}
    rest = urlencode([(name, value) for name, value in query if name not in known])
    # urlunsplit drops the slashes of an empty host, as in sqlite:///file.
    head = url.partition("?")[0].partition("#")[0]
    return head + (f"?{rest}" if rest else ""), ours


def _plug_in(scheme: str) -> Callable[[str, Mapping[str, str]], Ranged] | None:
    found = entry_points(group=ENTRY_POINTS, name=scheme)
    return partial(_open_plug_in, next(iter(found))) if found else None


def _open_plug_in(entry: EntryPoint, url: str, options: Mapping[str, str]) -> Ranged:
    store = entry.load()(url, options)
    return store if hasattr(store, "read_range") else Keyed(store)


def _sql(url: str, options: Mapping[str, str]) -> Ranged:
    from migrate.reencode.sql import SqlColumn

    missing = [f"--{name}" for name in ("table", "column") if not options.get(name)]
    if missing:
        raise StoreError(f"say which column holds the data: {' and '.join(missing)} missing")
    _check_options("a database", options, SQL_OPTIONS)
    key = [name.strip() for name in options.get("key", "").split(",") if name.strip()]
    return SqlColumn(
        driver_url(url),
        table=options["table"],
        column=options["column"],
        key=key,
        into=options.get("into") or None,
        base64=options.get("base64", ""),
    )


def _redis(url: str, options: Mapping[str, str]) -> Ranged:
    from migrate.reencode.redisstore import RedisValues

    _check_options("Redis", options, REDIS_OPTIONS)
    return RedisValues(url, shown(url), match=options.get("match", ""))


def _objects(url: str, options: Mapping[str, str]) -> Ranged:
    from migrate.reencode.objectstore import open_objects

    _check_options(f"{urlsplit(url).scheme}://", options, ())
    return Keyed(open_objects(url, shown(url)))


_SCHEMES: dict[str, Callable[[str, Mapping[str, str]], Ranged]] = {
    **dict.fromkeys(SQL_SCHEMES, _sql),
    **dict.fromkeys(REDIS_SCHEMES, _redis),
}
"""The first part of a scheme → what opens it; everything else is for fsspec."""


def _check_options(what: str, options: Mapping[str, str], known: Sequence[str]) -> None:
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise StoreError(f"{what} has no option --{unknown[0]}")


def driver_url(url: str) -> str:
    """Return ``url`` with the drivers' own name for the scheme of PostgreSQL."""
    return "postgresql" + url.removeprefix("postgres") if url.startswith(("postgres:", "postgres+")) else url


def shown(url: str) -> str:
    """Return ``url`` without its password."""
    url = _SECRET.sub(r"\1***", url)
    parts = urlsplit(url)
    if parts.password is None:
        return url
    _, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{host}"))
