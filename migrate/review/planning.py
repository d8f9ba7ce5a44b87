"""From what is found to the plan file, and back: a person's word wins, and contradictions are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from migrate.evidence.confidence import covered
from migrate.evidence.types import finish
from migrate.evidence.typetext import parse_type
from migrate.model import Evidence, Source, TypeRef
from migrate.review.decisions import Entry, Verdict, content_hash
from migrate.review.planfile import ClassPlan, FieldPlan, PlanFile, SitePlan
from migrate.rewrite.annotations import is_known
from migrate.rewrite.declarations import is_declared_here

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

    from migrate.model import ClassSchema, Decision, Field, Plan

_SOURCES = 4


def draft(plan: Plan, graph: Mapping[str, ClassSchema], owners: Callable[[str], tuple[str, ...]]) -> PlanFile:
    """Return the plan file of a tree, as it is before a person has edited anything.

    ``plan`` includes everything; ``graph`` is what was found of the classes, and ``owners`` tells whose a
    file is.
    """
    sites = sorted(plan.decisions, key=lambda d: (d.site.path, d.site.span.line, d.site.id))
    keys = {schema.key for made in plan.converters for schema in made.classes}
    classes = sorted((graph[key] for key in keys), key=lambda c: (c.path, c.line, c.key))
    return PlanFile({d.site.id: _site(d, owners) for d in sites}, {c.key: _class(c, owners) for c in classes})


def _site(decision: Decision, owners: Callable[[str], tuple[str, ...]]) -> SitePlan:
    site = decision.site
    return SitePlan(
        where=site.place,
        text=" ".join(site.text.split())[:200],
        safety=decision.safety.value,
        reason=decision.reason or "",
        question=decision.question or "",
        owners=list(owners(site.path)),
        hash=content_hash(decision),
    )


def _class(schema: ClassSchema, owners: Callable[[str], tuple[str, ...]]) -> ClassPlan:
    shown = schema.fields if is_declared_here(schema) else ()
    return ClassPlan(
        kind=schema.kind.value,
        defined=f"{schema.path}:{schema.line}",
        owners=list(owners(schema.path)),
        aliases=list(schema.aliases),
        found_aliases=list(schema.aliases),
        fields={f.name: FieldPlan(str(f.type), str(f.type), _sources(f)) for f in shown},
    )


def _sources(known: Field) -> list[str]:
    lines = dict.fromkeys(f"{finish(e.type)}: {e.source.value}, {e.where}" for e in known.evidence)
    more = len(lines) - _SOURCES
    return [*list(lines)[:_SOURCES], *([f"and {more} more"] if more > 0 else [])]


# --- a rerun ------------------------------------------------------------------------------------------------


def updated(before: PlanFile, now: PlanFile, read: Container[str]) -> tuple[PlanFile, list[str]]:
    """Return ``now`` with the edits of ``before``, and what has changed, a line each.

    ``read`` are the paths that were read: a decision about a file that was not is kept as it is. One that
    accepted an edit which has been made since is dropped.
    """
    changes: list[str] = []
    sites = {key: _kept_site(before.sites.get(key), site, changes) for key, site in now.sites.items()}
    for key, site in before.sites.items():
        if key not in now.sites:
            unread = site.where.partition(":")[0] not in read
            decided = Verdict.UNDECIDED if site.decision is Verdict.ACCEPT and not unread else site.decision
            kept = decided is not Verdict.UNDECIDED or bool(site.comment)
            if not site.gone:
                left = "; its decision and comment are kept" if kept else ""
                how = "its file is gone, or was not read" if unread else "rewritten, removed or moved"
                changes.append(f"{site.where}: the site is gone ({how}){left}.")
            if kept:
                site.gone = True
                sites[key] = site
    classes = {key: _kept_class(key, before.classes.get(key), c, changes) for key, c in now.classes.items()}
    for key, each in before.classes.items():
        if key not in now.classes:
            kept = _is_edited(each)
            if not each.gone:
                left = "; its edits are kept" if kept else ""
                changes.append(f"{key}: the class is gone, or flows nowhere any more{left}.")
            if kept:
                each.gone = True
                classes[key] = each
    return PlanFile(sites, classes), changes


def _kept_site(before: SitePlan | None, now: SitePlan, changes: list[str]) -> SitePlan:
    if before is None:
        changes.append(f"{now.where}: new, {now.safety}.")
        return now
    now.comment, now.decision = before.comment, before.decision
    if before.safety != now.safety:
        changes.append(f"{now.where}: was {before.safety}, is {now.safety}.")
    if before.hash != now.hash and before.decision is Verdict.ACCEPT:
        now.decision = Verdict.UNDECIDED
        changes.append(f"{now.where}: what was accepted has changed; undecided again.")
    elif before.hash != now.hash and before.decision is Verdict.REJECT:
        changes.append(f"{now.where}: what was rejected has changed; it stays rejected, look again.")
    return now


def _kept_class(key: str, before: ClassPlan | None, now: ClassPlan, changes: list[str]) -> ClassPlan:
    if before is None:
        changes.append(f"{key}: a new class.")
        return now
    now.comment, now.renames = before.comment, before.renames
    if sorted(before.aliases) != sorted(before.found_aliases):
        now.aliases = before.aliases
    for name, known in now.fields.items():
        old = before.fields.get(name)
        if old is None:
            changes.append(f"{key}.{name}: a new field, {known.found}.")
            continue
        if old.found != known.found:
            changes.append(f"{key}.{name}: {old.found} was found, now {known.found}.")
        if old.type != old.found:
            known.type = old.type
    for name, old in before.fields.items():
        if name not in now.fields:
            edited = f"; the plan said {old.type}" if old.type != old.found else ""
            changes.append(f"{key}.{name}: the field is gone{edited}.")
    return now


def _is_edited(each: ClassPlan) -> bool:
    types = any(known.type != known.found for known in each.fields.values())
    aliases = sorted(each.aliases) != sorted(each.found_aliases)
    return bool(types or aliases or each.renames or each.comment)


# --- obeying ------------------------------------------------------------------------------------------------


@frozen
class Obeyed:
    """What a plan file makes of the classes of a tree."""

    graph: dict[str, ClassSchema]
    renames: dict[str, tuple[tuple[str, str], ...]] = field(factory=dict)
    """Class key → old and new names of fields."""
    named: frozenset[str] = frozenset()
    """Classes that the types of the file name: they are registered, too."""
    lines: tuple[str, ...] = ()
    """What does not fit, or is contradicted by evidence, a line each."""


def entries(plan: PlanFile) -> list[Entry]:
    """Return the decisions of a plan file, as those of a decisions file."""
    return [
        Entry(
            site=key,
            hash=site.hash,
            verdict=site.decision,
            comment=site.comment,
            path=site.where.partition(":")[0],
            line=_line(site.where),
            text=site.text,
        )
        for key, site in plan.sites.items()
        if not site.gone and (site.comment or site.decision is not Verdict.UNDECIDED)
    ]


def _line(where: str) -> int:
    digits = where.partition(":")[2].partition(" ")[0]
    return int(digits) if digits.isdecimal() else 0


def obey(plan: PlanFile, graph: Mapping[str, ClassSchema], name: str) -> Obeyed:
    """Return the classes with the types and names that the file ``name`` says."""
    if not graph:  # nothing is stored in this tree any more, and nothing was asked about its classes
        return Obeyed({})
    made = dict(graph)
    renames: dict[str, tuple[tuple[str, str], ...]] = {}
    named: set[str] = set()
    lines: list[str] = []
    for key, each in plan.classes.items():
        if key not in graph:
            if not each.gone:
                lines.append(f"{name}: there is no class {key} any more; run `pickle-migrate plan` again.")
            continue
        schema = graph[key]
        fields = {f.name: f for f in schema.fields}
        for field_name, wanted in each.fields.items():
            if wanted.type == wanted.found:
                continue
            new = _typed(key, fields.get(field_name), wanted, schema, graph, name, lines)
            if new is not None:
                fields[field_name] = new
                named.update(n for n in _names(new.type) if n in graph)
        aliases = each.aliases if sorted(each.aliases) != sorted(each.found_aliases) else schema.aliases
        if each.renames:
            renames[key] = tuple(sorted(each.renames.items()))
        made[key] = evolve(schema, fields=tuple(fields.values()), aliases=tuple(aliases))
    return Obeyed(made, renames, frozenset(named), tuple(lines))


def _typed(
    key: str,
    known: Field | None,
    wanted: FieldPlan,
    schema: ClassSchema,
    graph: Mapping[str, ClassSchema],
    file: str,
    lines: list[str],
) -> Field | None:
    """Return the field with the type that a person gave it; None, and a line, if it cannot have it."""
    if known is None:
        lines.append(f"{file}: {key} has no such field any more; run `pickle-migrate plan` again.")
        return None
    place = f"{key}.{known.name}"
    if not is_declared_here(schema):
        lines.append(f"{file}: {place} is declared at {schema.path}:{schema.line}; change it there.")
        return None
    ref, missing = _resolved(parse_type(wanted.type), graph)
    if missing:
        what = ", ".join(missing)
        lines.append(
            f"{file}: {place}: there is no type {what} to declare; what was found stays, {known.type}."
        )
        return None
    against = [e for e in known.evidence if not covered(e.type, [ref], graph)]
    if against:
        said = "; ".join(f"{e.type} ({e.source.value}, {e.where})" for e in against[:3])
        lines.append(f"{place}: the plan says {ref}, evidence says {said}. The plan counts.")
    return evolve(known, type=ref, evidence=(Evidence(ref, Source.DECLARED, file), *known.evidence))


def _resolved(ref: TypeRef, graph: Mapping[str, ClassSchema]) -> tuple[TypeRef, list[str]]:
    """Return a type with short names of classes made whole, and the names that mean nothing, or too much."""
    missing: list[str] = []
    parts = [_resolved(arg, graph) for arg in ref.args]
    missing += [each for _, lacking in parts for each in lacking]
    name = ref.name
    if name not in graph and not is_known(name):
        meant = [key for key, schema in graph.items() if name in (schema.name, key.replace(":", "."))]
        if len(meant) == 1:
            name = meant[0]
        else:
            missing.append(f"{name} ({', '.join(meant[:3])}: which?)" if meant else name)
    return TypeRef(name, tuple(part for part, _ in parts)), missing


def _names(ref: TypeRef) -> Iterator[str]:
    yield ref.name
    for arg in ref.args:
        yield from _names(arg)


def overridden(first: Iterable[Entry], second: Iterable[Entry]) -> list[Entry]:
    """Return the decisions of both; where both decide, those of ``second`` count."""
    found = {entry.site: entry for entry in first}
    found.update((entry.site, entry) for entry in second)
    return list(found.values())
