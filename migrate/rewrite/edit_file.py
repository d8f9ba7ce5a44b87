"""Edits one file: the sites that were decided, the imports that follow, and the checks afterwards."""

from __future__ import annotations

import ast
from functools import cached_property, partial
from typing import TYPE_CHECKING

import libcst as cst
from attrs import Factory, define, field, frozen

from migrate.model import Operation
from migrate.rewrite import layout
from migrate.rewrite.bindings import Bindings
from migrate.rewrite.checks import check
from migrate.rewrite.copying import CopyImport, copy_import, place_of_copy
from migrate.rewrite.editor import Editor, Edits
from migrate.rewrite.locate import ParsedSlice
from migrate.rewrite.naming import ConvertersImport, converters_import
from migrate.rewrite.pieces import pieces_of
from migrate.rewrite.placing import place_of
from migrate.rewrite.refusal import CannotEdit
from migrate.rewrite.shapes import DEEP_COPY, SHAPES, Context
from migrate.rewrite.source import Slice, SourceFile
from migrate.rewrite.tidy import decides_branch, has_effects
from migrate.rewrite.type_argument import type_argument

if TYPE_CHECKING:
    from migrate.model import Decision, FilePlan, Import, Site, Span
    from migrate.model.classes import ClassSchema


@frozen
class EditedFile:
    """A file after the edit."""

    data: bytes
    sites: tuple[str, ...]
    """Ids of the sites that were edited, those that vanished within others included."""
    uses: frozenset[str]
    """Names of the converters module that the file now uses."""


def edit_file(plan: FilePlan, data: bytes, classes: dict[str, ClassSchema]) -> EditedFile:
    """Edit one file as ``plan`` says; ``classes`` are those its converters module registers, by key.

    Raises `CannotEdit`, or `migrate.rewrite.source.SourceError`, when any part of the edit cannot be done
    or does not pass its checks; there is no partial result.
    """
    return _FileEditor(plan, SourceFile(data), classes).run()


@define(slots=False)
class _FileEditor:
    plan: FilePlan
    source: SourceFile
    classes: dict[str, ClassSchema]
    done: dict[str, Site] = Factory(dict)
    """By id; a site that goes with a dropped argument of another one is done too."""
    uses: set[str] = Factory(set)
    parsed: dict[Slice, ParsedSlice] = Factory(dict)
    edits: dict[Slice, Edits] = Factory(dict)
    before: dict[Slice, str] = Factory(dict)
    """Lines to be put in front of a slice."""
    copies: set[str] = Factory(set)
    """Ids of the sites that are copies now, and of what went with them."""
    converters: ConvertersImport = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.converters = converters_import(self.plan, self.source)

    def run(self) -> EditedFile:
        applied = [d for d in self.plan.decisions if d.apply]
        for decision in applied:
            if decision.site.id not in self.done:  # else it goes with an argument that is dropped
                self.edit_site(decision)
        self.edit_imports()
        data = self.source.with_lines(layout.close_gaps(self.source, self.replacements()))
        bindings_gone = {
            name for edits in self.edits.values() for names in edits.names.values() for name in names
        }
        check(self.source, data, set(self.edits) | set(self.before), bindings_gone)
        return EditedFile(data, tuple(sorted(self.done)), frozenset(self.uses))

    # --- sites ----------------------------------------------------------------------------------------------

    @cached_property
    def copy(self) -> CopyImport:
        return copy_import(self.plan, self.source)

    def edit_site(self, decision: Decision) -> None:
        site = decision.site
        shape = DEEP_COPY if decision.deepcopy else SHAPES.get(site.operation)
        if shape is None:
            raise CannotEdit(f"line {site.span.line}: {site.operation.value} sites have no edit")
        piece, parsed = self.slice_at(site.span)
        node = parsed.find(site.span, (cst.Call, cst.Attribute, cst.Name))
        context = Context(
            site,
            self.converters.name,
            method=self.is_method(site, node) or self.is_through_attribute(site, node),
            type_argument=type_argument(decision, self.source, self.plan.path, self.classes),
            copy=self.copy.function if decision.deepcopy else "",
            uses=self.uses,
        )
        edits = self.edits.setdefault(piece, Edits())
        edits.expressions[node] = partial(shape.edit, context=context)
        if site.operation is Operation.ERROR:
            edits.exceptions.add(node)
        self.done[site.id] = site
        for part in shape.dropped(node, context):
            inside = (d.site for d in self.plan.decisions if d.site.id != site.id)
            gone = {other.id: other for other in inside if parsed.inside(part, other.span)}
            self.done |= gone
            self.copies |= gone.keys() if decision.deepcopy else set()
        if decision.deepcopy:
            self.copies.add(site.id)

    def is_method(self, site: Site, node: cst.BaseExpression) -> bool:
        """Whether the site is ``pickler.dump(x)``, a method of an object that another site makes."""
        if site.operation not in (Operation.DUMP, Operation.LOAD) or not isinstance(node, cst.Call):
            return False
        imported = any(site.binding in i.names for i in self.plan.imports)
        if imported or not isinstance(node.func, cst.Attribute):
            return False
        made = Operation.PICKLER if site.operation is Operation.DUMP else Operation.UNPICKLER
        receiver = cst.Module([]).code_for_node(node.func.value)
        return receiver == site.binding and any(d.site.operation is made for d in self.plan.decisions)

    def is_through_attribute(self, site: Site, node: cst.BaseExpression) -> bool:
        """Whether the site is ``self.store.dumps(x)``, and another one of the file says what ``store`` is.

        The edit of that one is enough. The call stays, so that a subclass can still choose another module.
        """
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
            return False
        receiver = node.func.value
        given = any(
            d.site.id == site.origin and d.site.operation is Operation.MODULE and d.apply
            for d in self.plan.decisions
        )
        return given and isinstance(receiver, cst.Attribute)

    # --- imports --------------------------------------------------------------------------------------------

    def edit_imports(self) -> None:
        bindings = Bindings(self.plan, self.source)
        if self.copies and not self.copy.present:
            place = place_of_copy(self.copy.text, self.plan, self.source)
            self.before[place] = self.copy.text
        served = [
            site
            for site in self.done.values()
            if site.id not in self.copies and site.operation is not Operation.ARRAY
        ]
        direct = [site for site in served if not self.needs_no_import(site)]
        removable = bindings.removable(self.done.values())
        for statement, names in removable.items():
            if names:
                self.remove(statement, names)
        serving = {i for site in direct for i in bindings.serving(site)}
        local = [i for i in serving if i.scope]
        for statement in layout.first_of_blocks(self.source.tree, local):
            self.insert_at(statement)
        uncovered = [site for site in direct if not any(bindings.sees(i, site) for i in local)]
        if uncovered and not self.converters.present:
            line = min(site.span.line for site in uncovered)
            gone = {i.span.line for i, names in removable.items() if i.whole and names == frozenset(i.names)}
            self.insert_global([i for site in uncovered for i in bindings.serving(site)], line, gone)

    def needs_no_import(self, site: Site) -> bool:
        _, parsed = self.slice_at(site.span)
        node = parsed.find(site.span, (cst.Call, cst.Attribute, cst.Name))
        return self.is_method(site, node) or self.is_through_attribute(site, node)

    def remove(self, statement: Import, names: frozenset[str]) -> None:
        piece, parsed = self.slice_at(statement.span)
        edits = self.edits.setdefault(piece, Edits())
        node = parsed.statement(statement.span)
        roots = frozenset(name.partition(".")[0] for name in names)
        if isinstance(node, (cst.Import, cst.ImportFrom)):
            edits.names[node] = edits.names.get(node, frozenset()) | roots
            return
        if statement.whole and names == frozenset(statement.names) and not has_effects(node):
            edits.remove.add(node)
            edits.names[node] = roots
            return
        if not statement.whole and isinstance(node, cst.Try) and decides_branch(node, roots):
            return
        for inner in parsed.imports(node):
            edits.names[inner] = roots

    def insert_at(self, statement: Import) -> None:
        piece, parsed = self.slice_at(statement.span)
        node = parsed.statement(statement.span)
        self.edits.setdefault(piece, Edits()).insert[node] = self.converters.statement()

    def insert_global(self, statements: list[Import], before: int, gone: set[int]) -> None:
        """Import the converters module beside the file's own modules, or else where pickle was imported."""
        place = place_of(self.converters.text, self.plan, self.source, before=before, gone=gone)
        if place is not None:
            self.put_before(place.piece, place.text)
            return
        first = min(statements, key=lambda i: i.span, default=None)
        if first is None or self.is_deferred(first):
            self.put_before(layout.after_imports(self.source), self.converters.text)
            return
        piece, parsed = self.slice_at(first.span)
        if parsed.is_outermost(parsed.statement(first.span)):
            self.insert_at(first)
        else:
            self.put_before(piece, self.converters.text)

    def put_before(self, piece: Slice, text: str) -> None:
        """Put a line before a slice, below those that stand there already."""
        above = self.before.get(piece)
        self.before[piece] = text if above is None else above + self.source.newline + text

    def is_deferred(self, statement: Import) -> bool:
        """Whether an import of the module's runs in a function that declares the name ``global``."""
        line = statement.span.line
        outer = (s for s in self.source.tree.body if s.lineno <= line <= (s.end_lineno or s.lineno))
        return isinstance(next(outer, None), (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))

    # --- slices ---------------------------------------------------------------------------------------------

    def slice_at(self, span: Span) -> tuple[Slice, ParsedSlice]:
        for piece in self.pieces:
            if span.line in piece:
                if piece not in self.parsed:
                    self.parsed[piece] = ParsedSlice.parse(self.source, piece)
                return piece, self.parsed[piece]
        raise CannotEdit(f"line {span.line}: there is no statement")

    @cached_property
    def pieces(self) -> tuple[Slice, ...]:
        """What may be taken apart: where sites and imports of pickle stand."""
        sites = (decision.site.span.line for decision in self.plan.decisions)
        return pieces_of(self.source, [*sites, *(statement.span.line for statement in self.plan.imports)])

    def replacements(self) -> dict[Slice, str]:
        """Return the new text of every slice that changes."""
        texts: dict[Slice, str] = {}
        for piece in {*self.edits, *self.before}:
            text = self.source.text(piece) if piece.first <= piece.last else ""
            if self.edits.get(piece):
                text = self.parsed[piece].edited(Editor(self.edits[piece]))
            if piece in self.before:
                text = self.before[piece] + self.source.newline + text
            texts[piece] = text
        return texts
