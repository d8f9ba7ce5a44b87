"""`find_sites`: from the sources of a tree to everything in it that touches pickle."""

from __future__ import annotations

import ast
import hashlib
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from attrs import Factory, define, evolve, field

from migrate.model import FileSites, Import, Operation, Site, Span
from migrate.model.collector import paused_collection
from migrate.sites.imports import find_imports
from migrate.sites.libraries import Thing, relative_reason
from migrate.sites.modules import Modules
from migrate.sites.overrides import overridden
from migrate.sites.prefilter import (
    import_text,
    imported_words,
    imports_pickle,
    may_use_pickle,
    only_mentions_pickle,
    says_pickle,
)
from migrate.sites.resolve import Grounds, Resolver
from migrate.sites.scopes import Outline, outline, surface
from migrate.sites.shapes import classify
from migrate.sites.source import ParseFailure, SourceFile, span_of
from migrate.sites.suppress import Suppressions, silenced
from migrate.sites.traces import Export, Traces, may_follow
from migrate.sites.uses import Use, find_uses
from migrate.sites.values import Named, OwnClass, Place, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

_TEST_FILE = re.compile(r"(?:^|/)tests?/|(?:^|/)(?:test_[^/]*|[^/]*_tests?|tests?|conftest)\.py$")
_ROUNDS = 5
"""How often to look again because of imports in a circle; real trees need two."""
_Outlines = dict[str, Outline | ParseFailure]
_INHERITED = frozenset({"persistent-id", "unsupported-name"})


def find_sites(sources: Mapping[str, bytes], *, modules: Modules | None = None) -> dict[str, FileSites]:
    """Find every use of pickle and its relatives.

    ``sources`` maps paths relative to the root of the tree, with forward slashes, to file contents;
    ``modules`` names them (by default `Modules(sources)`). The result has an entry for each file that touches
    pickle, sorted by path; a file that cannot be parsed has one site that says why. It does not depend on the
    order of ``sources``. Raises nothing.
    """
    return search(sources, modules or Modules(sources))[0]


def search(sources: Mapping[str, bytes], modules: Modules) -> tuple[dict[str, FileSites], Traces]:
    """Do what `find_sites` does; also return on what the result rests."""
    with paused_collection():
        searching = _Search(sources, modules)
        try:
            return searching.run(), searching.traces()
        finally:
            searching.forget()


def is_test(path: str) -> bool:
    """Whether a file is a test, by the naming conventions of pytest and unittest."""
    return _TEST_FILE.search(path) is not None


@define(eq=False)
class _Search:
    sources: Mapping[str, bytes]
    modules: Modules
    readable: set[str] = Factory(set)
    """Files that use pickle, or may."""
    mentioning: set[str] = Factory(set)
    """Files whose words for pickle are prose."""
    imported: dict[str, frozenset[bytes]] = Factory(dict)
    clauses: dict[str, bytes] = Factory(dict)
    outlines: _Outlines = Factory(dict)
    surfaces: _Outlines = Factory(dict)
    """Those of files that were looked into for a name: without the bodies of functions."""
    exported: dict[str, frozenset[Export]] = Factory(dict)
    uses: dict[str, list[Use]] = Factory(dict)
    grounds: dict[str, Grounds] = Factory(dict)
    """Path → on what the uses found in it rest, as far as that may change."""
    suppressions: dict[str, Suppressions] = Factory(dict)
    leading: set[Export] = Factory(set)
    """What leads to pickle under a name that does not tell."""
    asked: defaultdict[str, set[str]] = Factory(lambda: defaultdict(set))
    """Files that were not looked into, and for which names they were asked."""
    resolver: Resolver = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.resolver = Resolver(self.modules, self.outline_for, self.outline_of)

    def run(self) -> dict[str, FileSites]:
        candidates = self.candidates()
        again: Collection[str] = candidates
        for _ in range(_ROUNDS):
            for path in again:
                self.search(path)
            changed = self.resolver.assume(self.resolver.broken_circles())
            if not changed:
                break
            again = [path for path in candidates if not changed.isdisjoint(self.grounds.get(path, ()))]
        self.settle_reasons()
        imports = {path: self.imports_of(path) for path in self.uses}
        sites = {path: self.sites_of(path, imports.get(path, ())) for path in candidates}
        settled = _with_origins(sites)
        found = ((path, self.file_sites(path, settled[path], imports.get(path, ()))) for path in candidates)
        return {path: file for path, file in found if file.sites or file.imports or file.suppressions}

    def traces(self) -> Traces:
        """Return what was looked at."""
        opened = self.readable | self.mentioning | self.outlines.keys() | self.surfaces.keys()
        asked = {path: frozenset(names) for path, names in self.asked.items() if path not in opened}
        return Traces(frozenset(opened), frozenset(self.leading), asked)

    def forget(self) -> None:
        """Let go of the syntax trees now: what refers to itself would wait for the collector of cycles."""
        self.resolver.forget()
        self.outlines.clear()
        self.surfaces.clear()
        self.uses.clear()
        self.grounds.clear()

    # --- files ----------------------------------------------------------------------------------------------

    def candidates(self) -> list[str]:
        """Return the files that may use pickle: by their own words, or by what they import from such files.

        What depends on a file that was not on the list is asked anew whenever that is put there, for the
        answer must not depend on which file came first.
        """
        named = [path for path, source in self.sources.items() if may_use_pickle(source)]
        self.mentioning = {path for path in named if only_mentions_pickle(self.sources[path])}
        wave = [path for path in named if path not in self.mentioning]
        asked: set[Export] = set()
        while wave:
            self.readable.update(wave)
            for path in wave:
                self.surfaces.pop(path, None)
            gone = self.resolver.drop(frozenset(wave))
            for path in [path for path in self.exported if not gone.isdisjoint(self.grounds[path])]:
                del self.exported[path]
            for path in self.readable - self.exported.keys():
                with self.resolver.grounds() as grounds:
                    self.exported[path] = frozenset(self.exports(path))
                self.grounds[path] = grounds
            exports = {export for path in self.readable for export in self.exported[path]}
            wave = self.followers(exports - asked)
            asked |= exports
        return sorted(self.readable)

    def followers(self, exports: Collection[Export]) -> list[str]:
        """Return further files that may take pickle from those known, under a name that does not tell."""
        if not exports:
            return []
        names = {export.name for export in exports}
        leading = [export for export in exports if export.pickles]
        self.leading.update(leading)
        found = []
        for path in self.sources:
            if path in self.mentioning:
                if path not in self.readable and not names.isdisjoint(self.words_of(path)):
                    found.append(path)
            elif path not in self.readable and any(self.may_follow(path, export) for export in leading):
                found.append(path)
        return found

    def may_follow(self, path: str, export: Export) -> bool:
        if path not in self.clauses:
            self.clauses[path] = import_text(self.sources[path])
        return may_follow(self.sources[path], export, self.clauses[path], lambda: self.words_of(path))

    def words_of(self, path: str) -> frozenset[bytes]:
        if path not in self.imported:
            self.imported[path] = imported_words(self.sources[path])
        return self.imported[path]

    def exports(self, path: str) -> Iterator[Export]:
        """Yield what others could import without saying pickle, and what else is of interest."""
        found = self.outline_of(path)
        if found is None:
            return
        package = self.modules.is_package(path)
        module = self.modules.name_of(path).rpartition(".")[2]
        if module == "__init__":
            module = ""
        for name in found.module.bindings:
            if not says_pickle(name):
                value = self.resolver.bound(found, found.module, name)
                pickles = self.leads_to_pickle(value)
                if pickles or (isinstance(value, Named) and value.thing is not None):
                    yield Export(module.encode(), name.encode(), package, pickles)

    def leads_to_pickle(self, value: Value | None) -> bool:
        """Whether it is pickle, or a class that keeps it in an attribute."""
        if isinstance(value, OwnClass):
            return self.resolver.attributes.keeps_pickle(value)
        return isinstance(value, Named) and value.pickles

    def outline_for(self, path: str, name: str) -> Outline | None:
        """Return the outline of a file that may bind ``name`` to something imported; else None.

        It is whole for the files that may use pickle. What is in the functions of another cannot be pickle:
        it would have to import that, and so be among them.
        """
        if path in self.readable:
            return self.outline_of(path)
        words = self.words_of(path)
        if path in self.mentioning or name.encode() in words or b"*" in words:
            return self.surface_of(path)
        self.asked[path].add(name)
        return None

    def outline_of(self, path: str) -> Outline | None:
        """Parse a file, once; None for one that cannot be parsed."""
        return self.parsed(path, self.outlines, outline)

    def surface_of(self, path: str) -> Outline | None:
        """Return the outline of a file, without the bodies of functions if nobody has asked for them."""
        if path in self.outlines and path not in self.surfaces:
            return self.outline_of(path)
        return self.parsed(path, self.surfaces, surface)

    def parsed(self, path: str, known: _Outlines, find: Callable[[SourceFile], Outline]) -> Outline | None:
        if path not in known:
            try:
                known[path] = find(SourceFile.parse(path, self.sources[path]))
            except ParseFailure as failure:
                known[path] = failure
        found = known[path]
        return found if isinstance(found, Outline) else None

    def search(self, path: str) -> None:
        found = self.outline_of(path)
        if found is not None:
            with self.resolver.grounds() as grounds:
                self.uses[path] = find_uses(found, self.resolver)
                classify(found, self.resolver, self.uses[path], in_test=is_test(path))
            self.grounds[path] = grounds

    # --- reasons across sites -------------------------------------------------------------------------------

    def settle_reasons(self) -> None:
        """Give an object and its methods one reason: a ``persistent_id`` changes what ``dump`` writes."""
        places: dict[Place, Use] = {
            (path, span_of(use.node)): use for path, uses in self.uses.items() for use in uses
        }
        for use in (use for uses in self.uses.values() for use in uses):
            maker = places.get(use.origin) if use.origin else None
            if maker is not None and use.reason in _INHERITED and maker.operation is not Operation.SUBCLASS:
                maker.reason = use.reason
        outlines = [found for path in self.uses if (found := self.outline_of(path)) is not None]
        changing = overridden(outlines, self.resolver)
        for use in (use for uses in self.uses.values() for use in uses):
            if use.origin in changing and use.reason is None:
                use.reason = "dynamic-module"
        for use in (use for uses in self.uses.values() for use in uses):
            maker = places.get(use.origin) if use.origin else None
            if maker is not None and use.reason is None and not maker.spare:
                use.reason = maker.reason
        # An unpickler is made of the class, and a load is made by the unpickler.
        for use in [use for uses in self.uses.values() for use in uses] * 2:
            maker = places.get(use.origin) if use.origin else None
            use.restricts = use.restricts or (maker is not None and maker.restricts)

    # --- results --------------------------------------------------------------------------------------------

    def imports_of(self, path: str) -> tuple[Import, ...]:
        found = self.outline_of(path)
        return tuple(find_imports(found, self.resolver)) if found else ()

    def sites_of(self, path: str, imports: tuple[Import, ...]) -> list[tuple[Site, Place | None]]:
        """Return the sites of a file in source order, each with the place of its origin."""
        found = self.outlines[path]
        if isinstance(found, ParseFailure):
            return self.unparsed(path, found)
        suppressions = self.suppressions[path] = Suppressions.of(path, found.file.lines)
        gone = [item.span for item in imports if item.whole]
        uses = [
            use for use in self.uses[path] if not any(_within(span_of(use.reference), span) for span in gone)
        ]
        uses += _import_uses(found, self.resolver, imports)
        if not uses:
            uses += _spare_imports(found, imports)
        uses.sort(key=lambda use: (span_of(use.node), span_of(use.reference)))
        seen: Counter[tuple[str, str]] = Counter()
        sites = []
        for use in uses:
            site = _site(found, use, suppressions)
            key = (site.scope, " ".join(site.text.split()))
            sites.append((evolve(site, id=_id(path, *key, seen[key])), use.origin))
            seen[key] += 1
        return sites

    def unparsed(self, path: str, failure: ParseFailure) -> list[tuple[Site, Place | None]]:
        """Return the one site of a file that cannot be parsed, if it imports pickle."""
        source = self.sources[path]
        if not imports_pickle(source):
            return []
        suppressions = Suppressions.of(path, source.splitlines(), parsed=False)
        self.suppressions[path] = suppressions
        site = _unparsed(path, source, failure)
        kept = suppressions.settle(())
        return [(evolve(site, keep=kept is not None, keep_reason=kept or ""), None)]

    def file_sites(self, path: str, sites: Iterable[Site], imports: tuple[Import, ...]) -> FileSites:
        found = self.outlines[path]
        names = frozenset(found.names) if isinstance(found, Outline) else frozenset()
        suppressions = self.suppressions[path].outcome() if path in self.suppressions else ()
        return FileSites(path, tuple(sites), imports, names, suppressions)


def _site(found: Outline, use: Use, suppressions: Suppressions) -> Site:
    span = span_of(use.node)
    operands = use.operands
    lines = _lines(found, use.node)
    kept = suppressions.settle(lines)
    scope = next(
        (
            found.scope_of[n]
            for n in ast.walk(use.reference)
            if isinstance(n, ast.Name) and n in found.scope_of
        ),
        None,
    )
    return Site(
        id="",
        path=found.path,
        span=span,
        operation=use.operation,
        library=use.thing.library,
        function=use.thing.name,
        scope=scope.qualified_name if scope else _scope_around(found, use.node),
        text=found.file.text(span),
        binding=use.binding,
        value=found.file.text(span_of(operands.value)) if operands.value else None,
        handle=found.file.text(span_of(operands.handle)) if operands.handle else None,
        protocol=operands.protocol,
        in_test=is_test(found.path),
        reason="kept" if kept is not None and use.reason is None else use.reason,
        keep=kept is not None,
        keep_reason=kept or "",
        silenced=silenced(map(found.file.line, sorted(lines))),
        spare=use.spare,
        restricts=use.restricts,
        renames=use.renames,
        unseen=use.unseen,
    )


def _with_origins(sites: dict[str, list[tuple[Site, Place | None]]]) -> dict[str, list[Site]]:
    ids = {(path, site.span): site.id for path, found in sites.items() for site, _ in found}
    return {
        path: [evolve(site, origin=ids.get(place, "")) if place else site for site, place in found]
        for path, found in sites.items()
    }


def _import_uses(found: Outline, resolver: Resolver, imports: tuple[Import, ...]) -> list[Use]:
    """Return the imports that must stay: star imports, and names that other files take from here."""
    uses = []
    for star in found.stars:
        value = resolver.star_source(found, star)
        if isinstance(value, Named) and value.thing is not None:
            reason = "star-import" if value.pickles else relative_reason(value.thing.library)
            operation = Operation.IMPORT if value.pickles else Operation.RELATIVE
            uses.append(Use(star.node, star.node, operation, value.thing, "*", reason=reason))
    for item in imports:
        for name in item.reexported if not item.own else ():
            node = _statement_at(found, item.span)
            uses.append(Use(node, node, Operation.IMPORT, Thing(item.library), name, reason="re-export"))
    return uses


def _spare_imports(found: Outline, imports: tuple[Import, ...]) -> list[Use]:
    """Return the imports of a file that has no other use of pickle, where they are there for other files.

    So says the dance around Python 2's cPickle, an ``__init__.py``, and a comment for linters.
    """
    uses = []
    for item in imports:
        node = _statement_at(found, item.span)
        offered = isinstance(node, ast.Try | ast.If) or found.path.rpartition("/")[2] == "__init__.py"
        if item.scope or item.own or not (offered or b"noqa" in found.file.lines[item.span.end_line - 1]):
            continue
        for name in item.names:
            thing = Thing(item.library)
            uses.append(Use(node, node, Operation.IMPORT, thing, name, reason="re-export", spare=True))
    return uses


def _statement_at(found: Outline, span: Span) -> ast.stmt:
    statements = (node for node in ast.walk(found.file.tree) if isinstance(node, ast.stmt))
    return next(node for node in statements if span_of(node) == span)


def _unparsed(path: str, source: bytes, failure: ParseFailure) -> Site:
    lines = source.splitlines()
    line = min(max(failure.line, 1), max(len(lines), 1))
    text = lines[line - 1].decode("utf-8", "replace") if lines else ""
    return Site(
        id=_id(path, "", failure.reason, 0),
        path=path,
        span=Span(line, 0, line, len(text.encode())),
        operation=Operation.UNPARSED,
        library="pickle",
        function="",
        scope="",
        text=text,
        in_test=is_test(path),
        reason=failure.reason,
    )


def _id(path: str, scope: str, text: str, ordinal: int) -> str:
    return hashlib.sha256("\0".join((path, scope, text, str(ordinal))).encode()).hexdigest()[:12]


def _lines(found: Outline, node: ast.stmt | ast.expr) -> set[int]:
    """Return the lines on which a comment speaks of a site: its own, and those of its statement."""
    statement = found.statement(node)
    lines = set(range(node.lineno, (node.end_lineno or node.lineno) + 1)) | {statement.lineno}
    if not getattr(statement, "body", None):
        lines |= set(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
    return lines


def _scope_around(found: Outline, node: ast.AST) -> str:
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names = [ancestor.name for ancestor in found.ancestors(node) if isinstance(ancestor, scopes)]
    return ".".join(reversed(names))


def _within(inner: Span, outer: Span) -> bool:
    return (outer.line, outer.column) <= (inner.line, inner.column) and (
        inner.end_line,
        inner.end_column,
    ) <= (
        outer.end_line,
        outer.end_column,
    )
