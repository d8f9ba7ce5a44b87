"""Evidence from stored pickles: which classes they hold, with which attributes of which types.

Nothing in them is executed: `migrate.legacy` reads them into inert records.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from migrate.evidence.recordtypes import RecordTypes, attributes, instance_class
from migrate.evidence.samples import Shape, Tally, joined
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


@frozen
class ContentClass:
    """The objects of one class in one file."""

    count: int
    shared: bool
    types: dict[str, tuple[TypeRef, ...]]
    """Attribute → the types of its values, in the order in which they are met."""
    shapes: dict[str, tuple[Shape, ...]]


@frozen
class Content:
    """What one file holds, whatever it is called: it follows from the bytes alone."""

    classes: dict[str, ContentClass]
    types: tuple[TypeRef, ...]
    shared: bool
    values: dict[str, int]
    problem: str
    """Why it could not be read to its end; empty if it was."""
    format: str


def read_data(
    paths: Iterable[Path], *, root: Path | None = None, limits: Limits = DEFAULT_LIMITS
) -> DataEvidence:
    """Read legacy pickles and return what they hold; damaged files are listed, not raised.

    Files are named relative to ``root``, or by their last two parts.
    """
    return data_evidence((label(path, root), _content_of(path, limits)) for path in sorted(set(paths)))


def _content_of(path: Path, limits: Limits) -> Content:
    try:
        data = path.read_bytes()
    except OSError as error:
        return unreadable(error)
    return read_content(data, limits=limits)


def unreadable(error: OSError) -> Content:
    """Return what is said of a file that cannot be opened."""
    return Content({}, (), shared=False, values={}, problem=str(error), format=_format((), b"", joblib=False))


def read_content(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Content:
    """Return what the bytes of a legacy pickle hold. Raises nothing."""
    reader = _Reader()
    layers: tuple[Format, ...] = ()
    problem = ""
    inner = b""
    try:
        layers, inner = unwrap(data, limits=limits)
        reader.read(decode_all(inner, limits=limits))
    except LegacyError as error:
        problem = str(error)
    return reader.content(problem, _format(layers, inner, joblib=reader.joblib))


def data_evidence(contents: Iterable[tuple[str, Content]]) -> DataEvidence:
    """Return what files hold together: names of files, in their order, and what is in each."""
    seen: dict[str, _Seen] = {}
    files: dict[str, FileData] = {}
    values: Counter[str] = Counter()
    problems: dict[str, str] = {}
    formats: Counter[str] = Counter()
    for file, content in contents:
        for name, found in content.classes.items():
            seen.setdefault(name, _Seen()).add(file, found)
        if content.types:
            files[file] = FileData(content.types, content.shared)
        values.update(content.values)
        if content.problem:
            problems[file] = content.problem
        formats[content.format] += 1
    return DataEvidence(
        classes={name: seen[name].data_class(name) for name in sorted(seen)},
        files=files,
        values=dict(sorted(values.items())),
        problems=problems,
        formats=dict(formats),
    )


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
        return legacy_bytes(path, limits=limits) is not None
    except OSError:
        return False


def legacy_bytes(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> bytes | None:
    """Return the bytes of a file if it holds pickles, by content; else None.

    Raises :class:`OSError` if it cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        head = file.read(_HEAD)
        if sniff(head) not in _HOLDING:  # most files of a tree need not be read
            return None
        data = head + file.readall()
    try:
        found = looks_like_pickle(decompress(data, limits=limits)[1], limits=limits)
    except LegacyError:
        return None
    return data if found else None


def label(path: Path, root: Path | None) -> str:
    """Return how evidence names a file: relative to ``root``, or by its last two parts."""
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return "/".join(path.parts[-2:])


@define
class _Seen:
    """The objects of one class in several files."""

    count: int = 0
    files: list[str] = field(factory=list)
    shared: bool = False
    types: dict[str, dict[TypeRef, str]] = field(factory=dict)
    """Attribute → type → the first file with it."""
    shapes: dict[str, list[Shape]] = field(factory=dict)
    """Attribute → what its values look like in each file."""

    def add(self, file: str, found: ContentClass) -> None:
        self.count += found.count
        self.files.append(file)
        self.shared |= found.shared
        for attribute, types in found.types.items():
            known = self.types.setdefault(attribute, {})
            for ref in types:
                known.setdefault(ref, file)
        for attribute, shapes in found.shapes.items():
            self.shapes.setdefault(attribute, []).extend(shapes)

    def data_class(self, name: str) -> DataClass:
        fields = tuple(
            Field(
                attribute,
                join(found),
                tuple(Evidence(ref, Source.DATA, where) for ref, where in sorted(found.items())),
            )
            for attribute, found in self.types.items()
        )
        shapes = {attribute: joined(found) for attribute, found in self.shapes.items()}
        return DataClass(name, self.count, tuple(self.files), fields, self.shared, shapes)


@define
class _Objects:
    """The objects of one class, while a file is read."""

    count: int = 0
    shared: bool = False
    types: dict[str, dict[TypeRef, None]] = field(factory=dict)
    shapes: dict[str, Tally] = field(factory=dict)

    def content(self) -> ContentClass:
        types = {attribute: tuple(found) for attribute, found in self.types.items()}
        shapes = {attribute: tally.shapes() for attribute, tally in self.shapes.items()}
        return ContentClass(self.count, self.shared, types, shapes)


class _Reader:
    """Reads one file."""

    def __init__(self) -> None:
        self.classes: dict[str, _Objects] = {}
        self.types: list[TypeRef] = []
        self.shared = False
        self.values: Counter[str] = Counter()
        self.joblib = False
        """It has arrays that only joblib's own reader can read."""

    def read(self, records: Iterator[Record]) -> None:
        for root in records:
            record_types = RecordTypes()
            self.types.append(record_types.of(root))
            self.shared |= self._visit(root, record_types)

    def _visit(self, root: Record, types: RecordTypes) -> bool:
        """Count the objects below ``root``; return whether anything mutable is held twice."""
        held: Counter[int] = Counter()
        calls: list[Call] = []
        for record in walk(root):
            if isinstance(record, Call):
                calls.append(record)
                if isinstance(record.function, Global) and record.function.module == JOBLIB:
                    self.joblib = True
            for child in children(record):
                if isinstance(child, (list, Dict, Set, Call)):
                    held[id(child)] += 1
                elif isinstance(child, Global) and not (
                    isinstance(record, Call) and child is record.function
                ):
                    self.values[types.name(child)] += 1
        for call in calls:
            self._object(call, types, shared=held[id(call)] > 1)
        return any(count > 1 for count in held.values())

    def _object(self, call: Call, types: RecordTypes, *, shared: bool) -> None:
        name = instance_class(call)
        if name is None:
            return
        seen = self.classes.setdefault(name, _Objects())
        seen.count += 1
        seen.shared |= shared
        for attribute, value in attributes(call):
            found = types.of(value)
            seen.types.setdefault(attribute, {}).setdefault(found)
            seen.shapes.setdefault(attribute, Tally()).add(found, value)
        for number, value in enumerate(call.args if call.new else ()):
            seen.shapes.setdefault(f"#{number}", Tally()).add(types.of(value), value)

    def content(self, problem: str, form: str) -> Content:
        """Return what was read."""
        classes = {name: found.content() for name, found in self.classes.items()}
        return Content(classes, tuple(self.types), self.shared, dict(self.values), problem, form)
