"""The stock by format: what stored data are, by their content, wherever they are stored."""

from __future__ import annotations

from pathlib import Path

from attrs import field, frozen

from migrate.legacy import MigrateError
from migrate.reencode.opening import is_url, open_source, shown, source_of
from migrate.reencode.stock import Tally, count, count_files


@frozen
class Look:
    """What was found at one place: a file, a folder, or the URL of a store."""

    source: str
    """Path or address, without a password."""
    at: float
    """When, in seconds since the epoch."""
    found: Tally = field(factory=Tally)
    unit: str = "files"
    problem: str = ""
    """Why it could not be looked at, or not to the end."""


@frozen
class Stock:
    """What was found at each of the places that hold the data of a store."""

    looks: tuple[Look, ...]


def look_at(place: str, now: float) -> Look:
    """Count what is stored at ``place``, a path or a URL as `reencode` takes it, without changing it.

    What keeps it from being looked at is in the answer: a server that is down, an extra that is missing.
    ``now`` is in seconds since the epoch.
    """
    name = shown(place)
    try:
        if not is_url(place):
            return Look(name, now, count_files(Path(place)))
        store = open_source(source_of([place], {}))
        name = store.address or name
        try:
            return Look(name, now, count(store), "values")
        finally:
            store.close()
    except MigrateError as error:
        return Look(name, now, problem=error.message)
    except OSError as error:
        return Look(name, now, problem=f"{error.filename or name}: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - drivers and plug-ins raise what they like: the gate stays shut
        return Look(name, now, problem=f"{type(error).__name__}: {error}")
