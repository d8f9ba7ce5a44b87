"""From a plan and its edits to everything that a reviewer is shown. Pure."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter, defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import define

from migrate.model import REASONS
from migrate.review import document as doc
from migrate.review.decisions import Matched, Verdict, content_hash
from migrate.review.patterns import pattern_of
from migrate.review.sidebyside import Comparison, Row, decoded
from migrate.rewrite.extend import registered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import PurePath

    from migrate.evidence import Flow
    from migrate.model import ClassSchema, Converters, Decision, Evidence, FileEdit, Plan, Problem


@define
class Proposal:
    """All that is proposed for one tree, with the evidence behind it."""

    name: str
    """What to call the tree."""
    plan: Plan
    edits: Sequence[FileEdit]
    sources: Mapping[str, bytes]
    flows: Mapping[str, Flow]
    graph: Mapping[str, ClassSchema]
    decided: Matched
    problems: Sequence[Problem] = ()
    stored: Sequence[PurePath] = ()
    shown: frozenset[str] | None = None
    """Ids of the sites to be shown; None for all."""

    @cached_property
    def decisions(self) -> list[Decision]:
        """The decisions about the sites that are shown."""
        return [d for d in self.plan.decisions if self.shown is None or d.site.id in self.shown]

    @cached_property
    def edited(self) -> frozenset[str]:
        """Ids of the sites that the proposal changes."""
        return frozenset(site for edit in self.edits for site in edit.sites)

    @cached_property
    def comparisons(self) -> dict[str, Comparison]:
        """Every file with sites that are shown, before and after."""
        after = {edit.path: edit.after for edit in self.edits}
        paths = dict.fromkeys(d.site.path for d in self.decisions)
        sources = {path: self.sources.get(path, b"") for path in paths}
        return {path: Comparison.of(data, after.get(path, data)) for path, data in sources.items()}


def build_review(proposal: Proposal) -> doc.ReviewDocument:
    """Return the review of ``proposal``: sites in the order of path and line, groups by size."""
    sites = [_site(d, proposal) for d in proposal.decisions]
    groups = _groups(sites)
    counts = Counter(site.safety for site in sites)
    verdicts = Counter(site.verdict for site in sites)
    return doc.ReviewDocument(
        version=doc.VERSION,
        name=proposal.name,
        summary=doc.Summary(
            sites=len(sites),
            files=len({site.path for site in sites}),
            safe=counts["safe"],
            review=counts["review"],
            manual=counts["manual"],
            accepted=verdicts["accept"],
            rejected=verdicts["reject"],
            stored=dict(sorted(Counter(path.suffix or path.name for path in proposal.stored).items())),
        ),
        sites=sites,
        groups=groups,
        classes=_classes(sites, proposal),
        reasons=_reasons(sites),
        files=[_file(edit, proposal) for edit in proposal.edits if _concerns(edit, proposal)],
        problems=[doc.Trouble(path=p.path, reason=p.reason, message=p.message) for p in proposal.problems],
        stale=[
            doc.StalePlace(
                site=s.entry.site,
                path=s.entry.path,
                line=s.entry.line,
                verdict=s.entry.verdict.value,
                gone=s.gone,
            )
            for s in proposal.decided.stale
        ],
        notes=list(proposal.plan.notes),
    )


def _site(decision: Decision, proposal: Proposal) -> doc.SiteReview:
    site = decision.site
    rows = proposal.comparisons[site.path].around(site.span)
    pattern = pattern_of(decision, rows, "converters")
    stale = {s.entry.site: s.entry for s in proposal.decided.stale if not s.gone}
    entry = proposal.decided.entries.get(site.id) or stale.get(site.id)
    verdict = entry.verdict if entry else Verdict.UNDECIDED
    if site.id in stale and verdict is Verdict.ACCEPT:
        verdict = Verdict.UNDECIDED
    flow = proposal.flows.get(site.id)
    return doc.SiteReview(
        id=site.id,
        hash=content_hash(decision),
        path=site.path,
        line=site.span.line,
        end_line=site.span.end_line,
        column=site.span.column,
        scope=site.scope,
        operation=site.operation.value,
        library=site.library,
        text=site.text,
        safety=decision.safety.value,
        reason=decision.reason,
        question=decision.question,
        why=decision.why,
        channel=decision.channel,
        edited=site.id in proposal.edited,
        group=pattern,
        types=_seen(decision.evidence),
        classes=sorted(flow.classes) if flow else [],
        verdict=verdict.value,
        comment=entry.comment if entry else "",
        stale=site.id in stale,
        diff=_lines(rows),
    )


def _groups(sites: list[doc.SiteReview]) -> list[doc.Group]:
    """Group the sites by pattern, safety and reason; the pattern in each site gives way to the group's id."""
    members: defaultdict[tuple[str, str, str | None], list[doc.SiteReview]] = defaultdict(list)
    for site in sites:
        members[site.group, site.safety, site.reason].append(site)
    groups = []
    for (pattern, safety, reason), group in members.items():
        name = hashlib.sha256(
            "\0".join((pattern, safety, reason or "")).encode("utf-8", "replace")
        ).hexdigest()
        for site in group:
            site.group = name[:12]
        groups.append(
            doc.Group(
                id=name[:12], pattern=pattern, safety=safety, reason=reason, sites=[s.id for s in group]
            )
        )
    return sorted(groups, key=lambda g: (-len(g.sites), g.pattern))


def _classes(sites: Iterable[doc.SiteReview], proposal: Proposal) -> list[doc.ClassReview]:
    blocks = _blocks(proposal)
    keys = sorted({key for site in sites for key in site.classes if key in proposal.graph})
    found = []
    for key in keys:
        schema = proposal.graph[key]
        module, block = blocks.get(key, ("", ""))
        fields = [
            doc.FieldReview(name=f.name, type=str(f.type), evidence=_seen(f.evidence)) for f in schema.fields
        ]
        found.append(
            doc.ClassReview(
                key=key,
                kind=schema.kind.value,
                path=schema.path,
                line=schema.line,
                fields=fields,
                aliases=list(schema.aliases),
                module=module,
                converter=block,
            )
        )
    return found


def _blocks(proposal: Proposal) -> dict[str, tuple[str, str]]:
    """Return the block that registers each class, by the key of the class, with the path of its module."""
    after = {edit.path: edit.after for edit in proposal.edits}
    found: dict[str, tuple[str, str]] = {}
    for converters in proposal.plan.converters:
        data = after.get(converters.path, proposal.sources.get(converters.path))
        if data is not None:
            found |= _blocks_of(converters, decoded(data))
    return found


def _blocks_of(converters: Converters, text: str) -> dict[str, tuple[str, str]]:
    lines = text.split("\n")
    try:
        statements = ast.parse(text).body
    except SyntaxError:
        return {}
    found: dict[str, tuple[str, str]] = {}
    for statement in statements:
        keys = registered(ast.Module([statement], []))
        if not keys or isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        decorators = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(d.lineno for d in decorators)]) - 1
        while first and lines[first - 1].startswith("#"):
            first -= 1
        block = "\n".join(lines[first : statement.end_lineno])
        found |= dict.fromkeys(keys, (converters.path, block))
    return found


def _reasons(sites: Iterable[doc.SiteReview]) -> list[doc.ReasonText]:
    counts = Counter(site.reason for site in sites if site.reason)
    return [
        doc.ReasonText(code=code, summary=REASONS[code].summary, advice=REASONS[code].advice, sites=number)
        for code, number in counts.most_common()
    ]


def _concerns(edit: FileEdit, proposal: Proposal) -> bool:
    """Whether a file is shown: it has a site that is shown, or is a converters module."""
    return edit.path in proposal.comparisons or edit.path in {c.path for c in proposal.plan.converters}


def _file(edit: FileEdit, proposal: Proposal) -> doc.FileReview:
    if edit.before is None:
        rows = Comparison.of(None, edit.after).rows
        return doc.FileReview(path=edit.path, new=True, others=_lines(rows))
    comparison = proposal.comparisons.get(edit.path) or Comparison.of(edit.before, edit.after)
    lines = {
        row.old
        for d in proposal.decisions
        if d.site.path == edit.path and d.site.id in proposal.edited
        for row in comparison.around(d.site.span)
        if row.changed
    }
    others = [row for row in comparison.rows if row.changed and not (row.old and row.old in lines)]
    return doc.FileReview(path=edit.path, new=False, others=_lines(others))


def _seen(evidence: Iterable[Evidence]) -> list[doc.TypeSeen]:
    return [doc.TypeSeen(type=str(e.type), source=e.source.value, where=e.where) for e in evidence]


def _lines(rows: Iterable[Row]) -> list[doc.Line]:
    return [doc.Line(old=r.old, new=r.new, before=r.before, after=r.after) for r in rows]
