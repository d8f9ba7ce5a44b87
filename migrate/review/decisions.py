"""The decisions file: what a person said to each edit, kept by the content that was looked at.

A decision names its site by an id that survives moved lines, and holds a hash of what the person saw: the
source of the site, the question, the evidence. When any of that changes, the decision is stale: an acceptance
no longer counts, a rejection goes on holding the site, and both are reported.
"""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import TYPE_CHECKING

import msgspec
from attrs import field, frozen

from migrate.model import Safety
from migrate.plan import lasting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.model import Decision

VERSION = 1
_HINT = "`pickle-migrate review` writes such a file; docs/tasks/review.md describes it"


class Verdict(Enum):
    """What a person says to an edit."""

    ACCEPT = "accept"
    REJECT = "reject"
    UNDECIDED = "undecided"
    """Only commented on."""


class Entry(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One decision."""

    site: str
    """Id of the site, as in `scan --json`."""
    hash: str
    """Hash of what the decision is about."""
    verdict: Verdict
    comment: str = ""
    path: str = ""
    """For people; not read."""
    line: int = 0
    """For people; not read."""
    text: str = ""
    """For people; not read."""


class DecisionsFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A decisions file."""

    version: int
    decisions: list[Entry]


class DecisionsError(ValueError):
    """The file is not a decisions file; the message says where and why, in one line."""


@frozen
class Stale:
    """A decision about something that has changed since, or is gone."""

    entry: Entry
    gone: bool
    """No site has this id any more: it was rewritten, removed, or moved to another function or file."""


@frozen
class Matched:
    """Decisions laid on the sites of a tree."""

    entries: Mapping[str, Entry] = field(factory=dict)
    """Site id → the decision that holds for it."""
    stale: tuple[Stale, ...] = ()

    @property
    def rejected(self) -> frozenset[str]:
        """Ids of the sites that stay; stale rejections still hold them."""
        changed = {s.entry.site for s in self.stale if not s.gone and s.entry.verdict is Verdict.REJECT}
        return self._with(Verdict.REJECT) | changed

    @property
    def accepted(self) -> frozenset[str]:
        """Ids of the sites whose questions are answered with yes."""
        return self._with(Verdict.ACCEPT)

    def _with(self, verdict: Verdict) -> frozenset[str]:
        return frozenset(site for site, entry in self.entries.items() if entry.verdict is verdict)


def content_hash(decision: Decision) -> str:
    """Return the hash of what a person decides about: source, safety, question, types; no line numbers."""
    site = decision.site
    parts = [
        site.id,
        " ".join(site.text.split()),
        site.function,
        decision.safety.value,
        decision.reason or "",
        lasting(decision.question or ""),
        *sorted({str(e.type) for e in decision.evidence}),
    ]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def entry_for(decision: Decision, verdict: Verdict, comment: str = "") -> Entry:
    """Return the entry of the decisions file for one site."""
    site = decision.site
    return Entry(
        site=site.id,
        hash=content_hash(decision),
        verdict=verdict,
        comment=comment,
        path=site.path,
        line=site.span.line,
        text=" ".join(site.text.split())[:200],
    )


def parse_decisions(data: bytes) -> list[Entry]:
    """Read a decisions file. Raises `DecisionsError` for anything else, or for two decisions on one site."""
    try:
        read = msgspec.json.decode(data, type=DecisionsFile)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecisionsError(f"is not a decisions file: {error}; {_HINT}") from error
    if read.version != VERSION:
        raise DecisionsError(f"has version {read.version}; this program reads version {VERSION}")
    seen: set[str] = set()
    for number, entry in enumerate(read.decisions):
        if entry.site in seen:
            raise DecisionsError(f"decides twice about site {entry.site} ($.decisions[{number}])")
        seen.add(entry.site)
    return read.decisions


def dump_decisions(entries: Iterable[Entry]) -> bytes:
    """Return the file with ``entries``, in the order of path and line, one field a line."""
    ordered = sorted(entries, key=lambda e: (e.path, e.line, e.site))
    encoded = msgspec.json.encode(DecisionsFile(version=VERSION, decisions=ordered))
    return msgspec.json.format(encoded, indent=2) + b"\n"


def match_decisions(entries: Iterable[Entry], proposed: Iterable[Decision]) -> Matched:
    """Lay ``entries`` on the decisions of a plan in which everything that can be edited is proposed."""
    known = {d.site.id: d for d in proposed}
    holding: dict[str, Entry] = {}
    stale: list[Stale] = []
    for entry in entries:
        decision = known.get(entry.site)
        if decision is not None and entry.hash == content_hash(decision):
            holding[entry.site] = entry
        else:
            stale.append(Stale(entry, gone=decision is None))
    return Matched(holding, tuple(stale))


def schema() -> dict[str, object]:
    """Return the JSON Schema of a decisions file."""
    made: dict[str, object] = msgspec.json.schema(DecisionsFile)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Decisions file", **made}


EVERYTHING = frozenset({Safety.SAFE, Safety.REVIEW})
"""What a plan includes in which everything that can be edited is proposed."""
