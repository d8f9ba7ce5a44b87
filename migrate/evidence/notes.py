"""What the processes of a watched run noted, joined into the file of `observe`."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec
from attrs import frozen

from migrate.evidence.observed import VERSION, ObservedClass, ObservedFile, ObservedPlace, plain, site_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from migrate.model import FileSites


@frozen
class Gaps:
    """What the watch could not do, for the report."""

    processes: int
    unplaced: tuple[tuple[str, int, str], ...]
    """Calls in the tree that are at no site: path, line, function."""
    elsewhere: Mapping[str, int]
    """Files outside of the tree, and how often they called."""
    troubles: tuple[str, ...]


def joined(lines: Iterable[bytes], files: Mapping[str, FileSites]) -> tuple[ObservedFile, Gaps]:
    """Join what the processes of a run noted, and find the sites. The order of lines makes no difference.

    A line that is cut off, by the death of its process, is passed over.
    """
    notes = _Joining()
    for line in lines:
        notes.read(line)
    return notes.file(files), notes.gaps(files)


_Key = tuple[str, int, "tuple[int, int] | None", str]


class _Joining:
    def __init__(self) -> None:
        self.calls: defaultdict[_Key, int] = defaultdict(int)
        self.facts: defaultdict[_Key, dict[str, set[str]]] = defaultdict(
            lambda: {"type": set(), "class": set()}
        )
        self.fields: defaultdict[str, dict[str, set[str]]] = defaultdict(dict)
        self.hooked: set[str] = set()
        self.elsewhere: defaultdict[str, int] = defaultdict(int)
        self.troubles: set[str] = set()
        self.processes = 0

    def read(self, line: bytes) -> None:
        """Take one line as it was written."""
        try:
            parts = msgspec.json.decode(line, type=list[object])
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.troubles.add("a process was killed while it wrote; its last line is lost")
        else:
            self.add(parts)

    def add(self, parts: list[object]) -> None:
        """Take one line of `migrate.evidence.watch`."""
        kind, *rest = parts
        if kind in ("calls", "type", "class"):
            path, line, end, function, what = rest
            key: _Key = (
                str(path),
                int(str(line)),
                tuple(end) if isinstance(end, list) else None,
                str(function),
            )
            if kind == "calls":
                self.calls[key] += int(str(what))
            else:
                self.facts[key][str(kind)].add(str(what))
        elif kind == "field":
            name, attribute, text = map(str, rest)
            self.fields[name].setdefault(attribute, set()).add(text)
        elif kind == "hooks":
            self.hooked.add(str(rest[0]))
        elif kind == "elsewhere":
            self.elsewhere[str(rest[0])] += int(str(rest[1]))
        elif kind == "process":
            self.processes += 1
        elif kind == "full":
            self.troubles.add("a process had more to say than is kept; later types of it are missing")
        else:
            self.troubles.add(f"some values could not be looked at ({rest[0]})")

    def file(self, files: Mapping[str, FileSites]) -> ObservedFile:
        """Return all of it as the file."""
        places: dict[tuple[str, int, str, str], ObservedPlace] = {}
        at: defaultdict[str, set[str]] = defaultdict(set)
        for key in sorted(self.facts, key=_order):
            path, line, end, function = key
            site = site_at(path, line, list(end) if end else None, function, files)
            place = places.setdefault(
                (path, line, function, site.id if site else ""),
                ObservedPlace(
                    path=path,
                    line=site.span.line if site else line,
                    function=function,
                    calls=0,
                    types=[],
                    site=site.id if site else "",
                    text=plain(site.text) if site else "",
                ),
            )
            place.calls += self.calls[key]
            place.types = sorted({*place.types, *self.facts[key]["type"]})
            place.classes = sorted({*place.classes, *self.facts[key]["class"]})
            for name in place.classes:
                at[name].add(f"{path}:{place.line}")
        classes = [
            ObservedClass(name=name, places=_in_order(at[name]), fields=self._fields_of(name))
            for name in sorted(at)
        ]
        return ObservedFile(version=VERSION, places=list(places.values()), classes=classes)

    def _fields_of(self, name: str) -> dict[str, list[str]]:
        if name in self.hooked:
            return {}
        return {attribute: sorted(self.fields[name][attribute]) for attribute in sorted(self.fields[name])}

    def gaps(self, files: Mapping[str, FileSites]) -> Gaps:
        """Return what is missing."""
        return Gaps(
            self.processes,
            tuple(self._unplaced(files)),
            dict(sorted(self.elsewhere.items())),
            tuple(sorted(self.troubles)),
        )

    def _unplaced(self, files: Mapping[str, FileSites]) -> Iterator[tuple[str, int, str]]:
        for path, line, end, function in sorted(self.calls, key=_order):
            if site_at(path, line, list(end) if end else None, function, files) is None:
                yield path, line, function


def _in_order(places: Iterable[str]) -> list[str]:
    return sorted(places, key=lambda place: (place.rpartition(":")[0], int(place.rpartition(":")[2])))


def _order(key: _Key) -> tuple[str, int, tuple[int, int], str]:
    return key[0], key[1], key[2] or (0, 0), key[3]
