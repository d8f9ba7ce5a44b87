"""Evidence from stored pickles: which classes they hold, with which attributes of which types.

Nothing in them is executed: `migrate.legacy` reads them into inert records.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from migrate.evidence.recordtypes import RecordTypes, attributes, instance_class
from migrate.evidence.samples import Shape, Tally
from migrate.evidence.types import join
from migrate.legacy import (
    Format,
    LegacyError,
    decode_all,
    decompress,
    looks_like_pickle,
    sniff,
    unwrap,
    walk,
)
from migrate.legacy.graph import children
from migrate.legacy.joblib_arrays import MODULE as JOBLIB
from migrate.legacy.limits import DEFAULT_LIMITS
from migrate.legacy.opcodes import PROTO
from migrate.legacy.records import Call, Dict, Global, Set
from migrate.model import Evidence, Field, Source, TypeRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from migrate.legacy.limits import Limits
    from migrate.legacy.records import Record

_HEAD = 6
_HOLDING = frozenset(
    {Format.PICKLE, Format.GZIP, Format.BZ2, Format.XZ, Format.LZMA, Format.ZLIB, Format.ZSTD}
)
"""What begins like this is a pickle, or may have one in it."""


@frozen
class DataClass:
    """What stored objects of one class look like."""

    name: str
    """``module:qualname`` as the data name it, in Python 3's terms."""
    count: int
    """Objects seen."""
    files: tuple[str, ...]
    fields: tuple[Field, ...] = ()
    shared: bool = False
    """Some object of the class is held in several places."""
    shapes: dict[str, tuple[Shape, ...]] = field(factory=dict)
    """Attribute → the shapes of its stored values; ``#0`` is the first argument of ``__new__``."""


@frozen
class FileData:
    """What one file holds."""

    types: tuple[TypeRef, ...]
    """Types of its values, one for each pickle in the file."""
    shared: bool
    """Some list, dict, set or object in it is held in several places."""


@frozen
class DataEvidence:
    """What a set of files holds."""

    classes: dict[str, DataClass] = field(factory=dict)
    files: dict[str, FileData] = field(factory=dict)
    values: dict[str, int] = field(factory=dict)
    """``module:qualname`` of classes and functions stored as values, and how often."""
    problems: dict[str, str] = field(factory=dict)
    """Files that could not be read to their end, and why."""
    formats: dict[str, int] = field(factory=dict)
    """``gzip of pickle, protocol 4`` and the like, by content, and how many files are that."""


def read_data(
    paths: Iterable[Path], *, root: Path | None = None, limits: Limits = DEFAULT_LIMITS
) -> DataEvidence:
    """Read legacy pickles and return what they hold; damaged files are listed, not raised.

    Files are named relative to ``root``, or by their last two parts.
    """
    reader = _Reader()
    for path in sorted(set(paths)):
        label = _label(path, root)
        layers: tuple[Format, ...] = ()
        data = b""
        try:
            layers, data = unwrap(path.read_bytes(), limits=limits)
            reader.read(label, decode_all(data, limits=limits))
        except (LegacyError, OSError) as error:
            reader.problems[label] = str(error)
        reader.formats[_format(layers, data, joblib=label in reader.joblib)] += 1
    return reader.evidence()


def _format(layers: Iterable[Format], data: bytes, *, joblib: bool) -> str:
    """Return what a file is: the layers around it, and its (first) pickle."""
    kind = "joblib, pickle" if joblib else "pickle"
    if not data:
        inner = "pickle, not readable"
    elif data[0] == PROTO and len(data) > 1:
        inner = f"{kind}, protocol {data[1]}"
    else:
        inner = f"{kind}, protocol 0 or 1"  # which have no mark
    return " of ".join([*(layer.value for layer in layers), inner])


def legacy_files(candidates: Iterable[Path], *, limits: Limits = DEFAULT_LIMITS) -> list[Path]:
    """Return those of ``candidates`` that hold pickles, by content; what cannot be read is passed over."""
    return [path for path in candidates if _is_legacy(path, limits)]


def _is_legacy(path: Path, limits: Limits) -> bool:
    try:
        with path.open("rb", buffering=0) as file:
            head = file.read(_HEAD)
            if sniff(head) not in _HOLDING:  # most files of a tree need not be read
                return False
            data = head + file.readall()
        return looks_like_pickle(decompress(data, limits=limits)[1], limits=limits)
    except (LegacyError, OSError):
        return False


def _label(path: Path, root: Path | None) -> str:
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return "/".join(path.parts[-2:])


@define
class _Seen:
    """The objects of one class, while files are read."""

    count: int = 0
    files: dict[str, None] = field(factory=dict)
    shared: bool = False
    types: dict[str, dict[TypeRef, str]] = field(factory=dict)
    """Attribute → type → the first file with it."""
    shapes: dict[str, Tally] = field(factory=dict)
    """Attribute → what its values look like."""


class _Reader:
    def __init__(self) -> None:
        self.classes: dict[str, _Seen] = {}
        self.files: dict[str, FileData] = {}
        self.values: Counter[str] = Counter()
        self.problems: dict[str, str] = {}
        self.formats: Counter[str] = Counter()
        self.joblib: set[str] = set()
        """Files with arrays that only joblib's own reader can read."""

    def read(self, label: str, records: Iterator[Record]) -> None:
        types: list[TypeRef] = []
        shared = False
        try:
            for root in records:
                record_types = RecordTypes()
                types.append(record_types.of(root))
                shared |= self._visit(label, root, record_types)
        finally:
            if types:
                self.files[label] = FileData(tuple(types), shared)

    def _visit(self, label: str, root: Record, types: RecordTypes) -> bool:
        """Count the objects below ``root``; return whether anything mutable is held twice."""
        held: Counter[int] = Counter()
        calls: list[Call] = []
        for record in walk(root):
            if isinstance(record, Call):
                calls.append(record)
                if isinstance(record.function, Global) and record.function.module == JOBLIB:
                    self.joblib.add(label)
            for child in children(record):
                if isinstance(child, (list, Dict, Set, Call)):
                    held[id(child)] += 1
                elif isinstance(child, Global) and not (
                    isinstance(record, Call) and child is record.function
                ):
                    self.values[types.name(child)] += 1
        for call in calls:
            self._object(label, call, types, shared=held[id(call)] > 1)
        return any(count > 1 for count in held.values())

    def _object(self, label: str, call: Call, types: RecordTypes, *, shared: bool) -> None:
        name = instance_class(call)
        if name is None:
            return
        seen = self.classes.setdefault(name, _Seen())
        seen.count += 1
        seen.files[label] = None
        seen.shared |= shared
        for attribute, value in attributes(call):
            found = types.of(value)
            seen.types.setdefault(attribute, {}).setdefault(found, label)
            seen.shapes.setdefault(attribute, Tally()).add(found, value)
        for number, value in enumerate(call.args if call.new else ()):
            seen.shapes.setdefault(f"#{number}", Tally()).add(types.of(value), value)

    def evidence(self) -> DataEvidence:
        """Return what was read."""
        return DataEvidence(
            classes={name: _data_class(name, self.classes[name]) for name in sorted(self.classes)},
            files=self.files,
            values=dict(sorted(self.values.items())),
            problems=self.problems,
            formats=dict(self.formats),
        )


def _data_class(name: str, seen: _Seen) -> DataClass:
    fields = tuple(
        Field(
            attribute,
            join(found),
            tuple(Evidence(ref, Source.DATA, where) for ref, where in sorted(found.items())),
        )
        for attribute, found in seen.types.items()
    )
    shapes = {attribute: tally.shapes() for attribute, tally in seen.shapes.items()}
    return DataClass(name, seen.count, tuple(seen.files), fields, seen.shared, shapes)
