"""From a plan and its edits to everything that a reviewer is shown. Pure."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter, defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from migrate.evidence.confidence import confidences, overall
from migrate.evidence.merge import renamed
from migrate.evidence.samples import joined
from migrate.model import REASONS, Kind
from migrate.review import document as doc
from migrate.review.decisions import Matched, Verdict, content_hash
from migrate.review.patterns import pattern_of
from migrate.review.sidebyside import Comparison, Row, decoded
from migrate.rewrite.extend import registered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from migrate.evidence import DataClass, Flow
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
    stored: Mapping[str, int] = field(factory=dict)
    """The stock by format: how many stored files are what."""
    in_data: Mapping[str, Sequence[DataClass]] = field(factory=dict)
    """Key of a class of the tree → what stored data hold of it, under each name that they know it by."""
    shown: frozenset[str] | None = None
    """Ids of the sites to be shown; None for all."""

    @cached_property
    def decisions(self) -> list[Decision]:
        """The decisions about the sites that are shown."""
        return [d for d in self.plan.decisions if self.shown is None or d.site.id in self.shown]

    @cached_property
    def meaning(self) -> dict[str, str]:
        """Names of classes in data → keys of the classes of the tree that they mean."""
        return {data.name: key for key, stored in self.in_data.items() for data in stored}

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
            stored=dict(sorted(proposal.stored.items())),
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
        scope=f"{site.cell}{site.scope and ': '}{site.scope}" if site.cell else site.scope,
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
        types=_seen(decision.evidence, proposal.graph),
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
    return [_class(key, *blocks.get(key, ("", "")), proposal) for key in keys]


def _class(key: str, module: str, block: str, proposal: Proposal) -> doc.ClassReview:
    schema = proposal.graph[key]
    stored = proposal.in_data.get(key, ())
    by_place = schema.kind is Kind.NAMEDTUPLE  # what it holds are the arguments of __new__
    return doc.ClassReview(
        key=key,
        kind=schema.kind.value,
        path=schema.path,
        line=schema.line,
        fields=[
            doc.FieldReview(
                name=f.name,
                type=str(f.type),
                confidence=overall(f.evidence, proposal.graph).value,
                evidence=_seen(f.evidence, proposal.graph),
                stored=_shapes(stored, f"#{number}" if by_place else f.name, proposal.meaning),
            )
            for number, f in enumerate(schema.fields)
        ],
        objects=sum(data.count for data in stored),
        files=list(dict.fromkeys(file for data in stored for file in data.files)),
        aliases=list(schema.aliases),
        module=module,
        converter=block,
    )


def _shapes(stored: Iterable[DataClass], place: str, meaning: Mapping[str, str]) -> list[doc.ShapeSeen]:
    shapes = [
        evolve(shape, type=renamed(shape.type, meaning))
        for data in stored
        for shape in data.shapes.get(place, ())
    ]
    return [
        doc.ShapeSeen(
            type=str(shape.type),
            count=shape.count,
            unit=shape.unit,
            least=shape.least,
            most=shape.most,
            text=f"{shape.count:,} {shape.type}" + (f" of {shape.size}" if shape.size else ""),
        )
        for shape in joined(shapes)
    ]


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


def _seen(evidence: Sequence[Evidence], graph: Mapping[str, ClassSchema]) -> list[doc.TypeSeen]:
    levels = confidences(evidence, graph)
    return [
        doc.TypeSeen(type=str(e.type), source=e.source.value, where=e.where, confidence=level.value)
        for e, level in zip(evidence, levels, strict=True)
    ]


def _lines(rows: Iterable[Row]) -> list[doc.Line]:
    return [doc.Line(old=r.old, new=r.new, before=r.before, after=r.after) for r in rows]
