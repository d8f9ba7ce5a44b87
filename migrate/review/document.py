"""What a review says, as the JSON document of `review --json`; its schema is published from these classes."""

from __future__ import annotations

from typing import Literal

import msgspec

VERSION = 1


class TypeSeen(msgspec.Struct, kw_only=True):
    """A type that flows at a site or in a field, and where that is known from."""

    type: str
    source: str
    """declared, data, observed, inferred, checker or guessed."""
    where: str
    confidence: Literal["high", "medium", "low"]
    """What that amounts to, beside the other facts about the same place."""


class Line(msgspec.Struct, kw_only=True):
    """A line of the diff, before and after."""

    old: int | None
    new: int | None
    before: str
    after: str


class SiteReview(msgspec.Struct, kw_only=True):
    """One site: what is proposed there and why."""

    id: str
    hash: str
    """What a decision about it is keyed by."""
    path: str
    line: int
    end_line: int
    column: int
    scope: str
    operation: str
    library: str
    text: str
    safety: Literal["safe", "review", "manual"]
    reason: str | None
    question: str | None
    why: str
    channel: str
    edited: bool
    """The proposed diff changes it."""
    group: str
    types: list[TypeSeen]
    classes: list[str]
    """Keys of the classes that flow here."""
    verdict: Literal["accept", "reject", "undecided"]
    comment: str
    stale: bool
    """There is a decision about an earlier state of it."""
    diff: list[Line]


class Group(msgspec.Struct, kw_only=True):
    """Sites whose edits have the same shape, safety and reason."""

    id: str
    pattern: str
    safety: str
    reason: str | None
    sites: list[str]


class ShapeSeen(msgspec.Struct, kw_only=True):
    """Stored values of one type in one place: how many and how long, never what they are."""

    type: str
    count: int
    unit: str
    """What is counted: characters, bytes, items, digits; empty for types without a size."""
    least: int
    most: int
    text: str
    """The same in words."""


class FieldReview(msgspec.Struct, kw_only=True):
    """A field of a class."""

    name: str
    type: str
    confidence: Literal["high", "medium", "low"]
    """How far ``type`` is to be believed."""
    evidence: list[TypeSeen]
    stored: list[ShapeSeen]
    """The shapes of its values in stored pickles, the most frequent first."""


class ClassReview(msgspec.Struct, kw_only=True):
    """A class that flows, and the converter that is generated for it."""

    key: str
    kind: str
    path: str
    line: int
    fields: list[FieldReview]
    objects: int
    """How many stored pickles hold of it."""
    files: list[str]
    """The files that they are in."""
    aliases: list[str]
    module: str
    """The converters module that registers it; empty if none does."""
    converter: str
    """The block of that module which registers it."""


class ReasonText(msgspec.Struct, kw_only=True):
    """A reason code that occurs."""

    code: str
    summary: str
    advice: str
    sites: int


class FileReview(msgspec.Struct, kw_only=True):
    """A file that changes: what changes in it besides its sites."""

    path: str
    new: bool
    others: list[Line]
    """Changed lines that belong to no site: imports, or the whole of a new file."""


class Trouble(msgspec.Struct, kw_only=True):
    """A file that could not be taken along."""

    path: str
    reason: str
    message: str


class StalePlace(msgspec.Struct, kw_only=True):
    """A decision that no longer fits."""

    site: str
    path: str
    line: int
    verdict: str
    gone: bool


class Summary(msgspec.Struct, kw_only=True):
    """The figures."""

    sites: int
    files: int
    safe: int
    review: int
    manual: int
    accepted: int
    rejected: int
    stored: dict[str, int]
    """What the stored data are, by their content: ``pickle, protocol 4``, and how many files are that."""


class ReviewDocument(msgspec.Struct, kw_only=True):
    """A whole review."""

    version: int
    name: str
    summary: Summary
    sites: list[SiteReview]
    groups: list[Group]
    classes: list[ClassReview]
    reasons: list[ReasonText]
    files: list[FileReview]
    problems: list[Trouble]
    stale: list[StalePlace]
    notes: list[str]


def schema() -> dict[str, object]:
    """Return the JSON Schema of the document."""
    made: dict[str, object] = msgspec.json.schema(ReviewDocument)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Review", **made}


def to_json(review: ReviewDocument) -> bytes:
    """Return the document as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(review), indent=2) + b"\n"
