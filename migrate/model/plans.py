"""Nouns of the decision: what is to be done at each site, and the converters modules to generate."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from attrs import field, frozen

from migrate.model.classes import ClassSchema, Evidence  # noqa: TC001 - msgspec looks at the types of its classes
from migrate.model.sites import Import, Site  # noqa: TC001

if TYPE_CHECKING:
    from collections.abc import Mapping


class Safety(Enum):
    """How far an edit may be trusted; it belongs to the edit, not to a rule."""

    SAFE = "safe"
    """What flows there is a closed set; applied by default."""
    REVIEW = "review"
    """Right if the stated question is answered with yes; applied when asked for."""
    MANUAL = "manual"
    """Reported only."""


@frozen
class Decision:
    """What is to be done at one site, and why."""

    site: Site
    safety: Safety
    channel: str
    """Name of the group of sites that exchange the same data and therefore move together."""
    reason: str | None = None
    """Reason code: why the site is not rewritten, or why it needs a person."""
    question: str | None = None
    """For ``review``: what a person must know to say yes."""
    why: str = ""
    """For an edit: the evidence in one line."""
    evidence: tuple[Evidence, ...] = ()
    apply: bool = False
    """Selected by the options of this run."""
    deepcopy: bool = False
    """The edit is to ``copy.deepcopy``, which was asked for; no converters module is needed."""


@frozen
class Converters:
    """A converters module to be generated or extended in the user's tree."""

    path: str
    """Where it is written, relative to the root."""
    module: str
    """How the program imports it, e.g. ``shop.converters``."""
    name: str
    """Name of its Codec, which also names its environment variable."""
    classes: tuple[ClassSchema, ...] = ()
    """The registry: classes that may flow, in the order in which they are written."""
    provenance: dict[str, tuple[str, ...]] = field(factory=dict)
    """Class key → where the evidence came from, one line each."""
    guessed: frozenset[str] = field(factory=frozenset)
    """Keys of classes that are registered only because nothing says what flows at some site."""
    guessed_at: tuple[str, ...] = ()
    """The sites where that is so."""
    of_tests: frozenset[str] = field(factory=frozenset)
    """Keys of classes that are known to flow and that only tests define: they are kept apart."""
    protocol: int | None = None
    """The lowest protocol that a site asked for, at least 2: what the ``dual-read`` stage writes."""
    renames: Mapping[str, tuple[tuple[str, str], ...]] = field(factory=dict)
    """Class key → old and new names of its fields, as a person says."""
    exports: frozenset[str] = field(factory=frozenset)
    """Names beyond dump/dumps/load/loads that the edited sites need, e.g. ``DecodeError``."""


@frozen
class FilePlan:
    """What happens to one source file."""

    path: str
    decisions: tuple[Decision, ...]
    imports: tuple[Import, ...]
    names: frozenset[str]
    converters: str
    """``Converters.module`` that the file imports."""
    relative: int | None = None
    """Level of a relative import (1 for ``from . import converters``), or None for an absolute one."""
    own: frozenset[str] = field(factory=frozenset)
    """Top-level names of the user's modules that the file imports."""


@frozen
class Plan:
    """What is to be done in one tree: from sites and evidence, decisions."""

    files: tuple[FilePlan, ...]
    converters: tuple[Converters, ...]
    stage: str = "json"
    format: str = "json"
    vendor: str | None = None
    """Dotted package into which the runtime is written, instead of importing ``migrate.runtime``."""
    notes: tuple[str, ...] = ()
    exchanging: tuple[tuple[str, str], ...] = ()
    """Pairs of files that exchange data, so that only both together can be changed."""

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """All decisions, in the order of path and position."""
        return tuple(d for f in self.files for d in f.decisions)


@frozen
class FileEdit:
    """The outcome for one file: bytes before (None: it is new) and after."""

    path: str
    before: bytes | None
    after: bytes
    sites: tuple[str, ...] = ()
    """Ids of the sites edited in it."""


@frozen
class Problem:
    """Something that stops one file, while the rest of the run goes on."""

    path: str
    """Relative to the root of the tree, with forward slashes."""
    reason: str
    """Reason code."""
    message: str
    """What is wrong, where, and what to do; one line."""
