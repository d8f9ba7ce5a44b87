"""Takes the tool out of a program: the converters keep the records, and lose stages and pickles.

What is needed of the codec is written into the program, beside the converters: the modules that know records,
as they are, and none that read pickles. Pure: it reads no file of the user's.
"""

from __future__ import annotations

import ast
import re
from posixpath import dirname, join
from typing import TYPE_CHECKING

import libcst as cst
from attrs import frozen
from libcst.metadata import MetadataWrapper, PositionProvider

from migrate.model import FileEdit
from migrate.rewrite.tests_module import MARKER as TESTS
from migrate.rollout.importing import own_packages, with_sorted_imports, with_sorted_names
from migrate.rollout.records import package_of_records
from migrate.rollout.stores import is_runtime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from migrate.rollout.stores import Store

KEPT = frozenset(
    {
        "ConverterError",
        "DEFAULT_PROTOCOL",
        "DecodeError",
        "Difference",
        "EncodeError",
        "HIGHEST_PROTOCOL",
        "Keys",
        "MigrateError",
        "NotAuthentic",
        "Pickler",
        "Records",
        "Registration",
        "TruncatedRecord",
        "UnknownClass",
        "Unpickler",
        "differences",
        "same",
    }
)
"""Names of the runtime that a program still has when it has left pickle."""
_MAKING = frozenset({"NoStrategyError", "for_class"})
"""Names of the module with the strategies that its copy has as well."""
_STAGED = frozenset({"stage", "shadow", "canary", "protocol", "limits", "seals", "python2"})
"""Options of a codec that mean nothing without pickles."""
_GONE = frozenset({"at_stage", "for_key", "counts"})
"""Attributes of a codec that records do not have."""
_ROOTS = ("records", "compare")
_STRATEGIES = "strategies"
"""The module of the runtime that generated tests use; it goes along if they are there."""
_Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement


class RetireError(Exception):
    """The tool cannot be taken out of this program by an edit."""


@frozen
class Retired:
    """What to write."""

    edits: tuple[FileEdit, ...]
    """Of files that the program has."""
    new: tuple[FileEdit, ...]
    """Of the package with the records."""
    folder: str = ""
    """Where that package is."""


def retire(stores: Sequence[Store], sources: Mapping[str, bytes], package: str) -> Retired:
    """Return the edits that take the runtime out of the modules which declare ``stores``.

    ``package`` is the name of the folder for the records, made beside the first of these modules. Raises
    RetireError, with file and line, for uses that have no place in a program without pickles.
    """
    modules = list(dict.fromkeys(store.path for store in stores))
    users = [path for path, source in sources.items() if path in modules or _imports_runtime(source)]
    folder = join(dirname(modules[0]), package)
    tested = any(_makes_values(sources[path]) for path in users)
    roots = (*_ROOTS, _STRATEGIES) if tested else _ROOTS
    wanted = {f"{folder}/{name}": text.encode() for name, text in package_of_records(roots)}
    taken = [path for path in sources if path == f"{folder}.py" or path.startswith(f"{folder}/")]
    others = [path for path in taken if sources[path] != wanted.get(path)]
    if others:  # and not what a run that was killed has written
        raise RetireError(f"{others[0]} is there already; choose another name with --package")
    edits = []
    own = own_packages([*sources, *wanted])
    for path in sorted(users):
        lines = frozenset(store.line for store in stores if store.path == path)
        imported = _import_of(folder, path, sources)
        after = _without_runtime(path, sources[path], lines, imported, own)
        edits.append(FileEdit(path, sources[path], after))
    new = (FileEdit(path, None, text) for path, text in wanted.items() if path not in taken)
    return Retired(tuple(edits), tuple(new), folder)


def _imports_runtime(source: bytes) -> bool:
    if b"runtime" not in source:
        return False
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return any(is_runtime(node.module or "") for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))


def _makes_values(source: bytes) -> bool:
    return any(
        isinstance(node, ast.ImportFrom) and _is_strategies(node.module or "")
        for node in ast.walk(ast.parse(source))
    )


def _is_strategies(module: str) -> bool:
    return is_runtime(module) and module.endswith(f".{_STRATEGIES}")


def _import_of(folder: str, path: str, sources: Mapping[str, bytes]) -> str:
    """Return the name by which the module at ``path`` imports the package in ``folder``."""
    here, there = _parts(dirname(path)), _parts(folder)
    common = 0
    while common < min(len(here), len(there) - 1) and here[common] == there[common]:
        common += 1
    if common and f"{'/'.join(here)}/__init__.py" in sources:
        return "." * (len(here) - common + 1) + ".".join(there[common:])
    for begin in range(len(there) - 1):
        name = ".".join(there[begin:-1])
        pattern = rf"^[ \t]*(from|import)[ \t]+{re.escape(name)}\b".encode()
        if any(re.search(pattern, source, re.MULTILINE) for source in sources.values()):
            return f"{name}.{there[-1]}"
    return there[-1]  # beside a script, whose folder is on the path


def _parts(path: str) -> list[str]:
    return path.split("/") if path else []


def _without_runtime(
    path: str, source: bytes, lines: frozenset[int], imported: str, own: frozenset[str]
) -> bytes:
    wrapper = MetadataWrapper(cst.parse_module(source))
    transformer = _RetireTests if source.startswith(TESTS.encode()) else _Retire
    return wrapper.visit(transformer(path, lines, imported, own)).bytes


class _Retire(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, path: str, lines: frozenset[int], imported: str, own: frozenset[str]) -> None:
        super().__init__()
        self.path = path
        self.lines = lines
        self.imported = imported
        self.own = own
        self.moved: list[cst.BaseSmallStatement] = []
        """Imports that now name the records."""
        self.renamed = False

    def leave_Module(  # noqa: N802 - LibCST names it
        self,
        original_node: cst.Module,  # noqa: ARG002
        updated_node: cst.Module,
    ) -> cst.Module:
        header = [
            line
            for line in updated_node.header
            if line.comment is None or not line.comment.value.startswith("# pickle-migrate:")
        ]
        return with_sorted_imports(updated_node.with_changes(header=header), self.moved, self.own)

    def leave_SimpleString(  # noqa: N802 - LibCST names it
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.SimpleString:
        """Shorten the docstring that was generated, which tells of pickles and stages."""
        if self._line(original_node) > 3 or "Generated by pickle-migrate" not in updated_node.value:
            return updated_node
        first = updated_node.value.partition("\n")[0].partition(". Generated by")[0].strip('"')
        return updated_node.with_changes(value=f'"""{first}."""')

    def leave_ImportFrom(  # noqa: N802 - LibCST names it
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom:
        module = "" if updated_node.module is None else cst.Module([]).code_for_node(updated_node.module)
        if not is_runtime(module):
            return updated_node
        if isinstance(updated_node.names, cst.ImportStar):
            raise self._error(original_node, "imports everything of the runtime; import names")
        imported = f"{self.imported}.{_STRATEGIES}" if _is_strategies(module) else self.imported
        names = []
        for alias in updated_node.names:
            name = str(alias.name.value)
            if name == "Codec":
                alias = alias.with_changes(name=cst.Name("Records"))  # noqa: PLW2901
                self.renamed = self.renamed or alias.asname is None
            elif name not in (_MAKING if imported != self.imported else KEPT):
                raise self._error(
                    original_node, f"uses {name}, which goes with the pickles; take it out first"
                )
            names.append(alias)
        dots, name = re.fullmatch(r"(\.*)(.*)", imported).groups()  # type: ignore[union-attr]
        changed = updated_node.with_changes(
            relative=[cst.Dot() for _ in dots],
            module=cst.parse_expression(name) if name else None,
            names=names,
        )
        self.moved.append(changed := with_sorted_names(changed, original_node))
        return changed

    def leave_Name(  # noqa: N802 - LibCST names it
        self,
        original_node: cst.Name,  # noqa: ARG002
        updated_node: cst.Name,
    ) -> cst.Name:
        return updated_node.with_changes(value="Records") if self._is_codec(updated_node) else updated_node

    def _is_codec(self, node: cst.Name) -> bool:
        return self.renamed and node.value == "Codec"

    def leave_Attribute(  # noqa: N802 - LibCST names it
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute:
        if (
            updated_node.attr.value in ("at_stage", "for_key")
            and "codec" in _text(updated_node.value).lower()
        ):
            raise self._error(original_node, f"uses {_text(updated_node)}; take it out first")
        return updated_node

    def leave_Call(  # noqa: N802 - LibCST names it
        self, original_node: cst.Call, updated_node: cst.Call
    ) -> cst.Call:
        if self._line(original_node) not in self.lines or not _makes_store(updated_node):
            return updated_node
        kept = [a for a in updated_node.args if a.keyword is None or a.keyword.value not in _STAGED]
        if len(kept) == len(updated_node.args):
            return updated_node
        last = kept[-1].with_changes(comma=_closing(kept[-1].comma, updated_node.args[-1].comma))
        return updated_node.with_changes(args=[*kept[:-1], last])

    def _line(self, node: cst.CSTNode) -> int:
        return int(self.get_metadata(PositionProvider, node).start.line)

    def _error(self, node: cst.CSTNode, message: str) -> RetireError:
        return RetireError(f"{self.path}:{self._line(node)}: {message}")


class _RetireTests(_Retire):
    """As its base, for a module that `tests` generated: what plays other releases goes."""

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:  # noqa: N802 - LibCST names it
        return not _plays_releases(node)

    def leave_FunctionDef(  # noqa: N802 - LibCST names it
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef | cst.RemovalSentinel:
        return cst.RemovalSentinel.REMOVE if _plays_releases(original_node) else updated_node

    def leave_Module(  # noqa: N802 - LibCST names it
        self, original_node: cst.Module, updated_node: cst.Module
    ) -> cst.Module:
        module = super().leave_Module(original_node, updated_node)
        return module.with_changes(body=_without_pickle(module.body))


def _without_pickle(body: Sequence[_Statement]) -> list[_Statement]:
    """Return ``body`` without the import of pickle; what stood above it stands above the next statement."""
    out: list[_Statement] = []
    above: Sequence[cst.EmptyLine] | None = None
    for statement in body:
        if _text(statement).strip() == "import pickle":
            above = statement.leading_lines
            continue
        out.append(statement if above is None else statement.with_changes(leading_lines=above))
        above = None
    return out


def _plays_releases(function: cst.FunctionDef) -> bool:
    return ".at_stage(" in _text(function)


def _closing(
    own: cst.Comma | cst.MaybeSentinel, last: cst.Comma | cst.MaybeSentinel
) -> cst.Comma | cst.MaybeSentinel:
    """Return the comma of an argument that became the last: with its comment, in the place of ``last``."""
    if not isinstance(own, cst.Comma) or not isinstance(last, cst.Comma):
        return cst.MaybeSentinel.DEFAULT
    space, end = own.whitespace_after, last.whitespace_after
    if isinstance(space, cst.ParenthesizedWhitespace) and isinstance(end, cst.ParenthesizedWhitespace):
        end = space.with_changes(indent=end.indent, last_line=end.last_line)
    return own.with_changes(whitespace_after=end)


def _makes_store(call: cst.Call) -> bool:
    name = _text(call.func).rpartition(".")[2]
    return name in ("Codec", "Records", "store") or bool(
        {a.keyword.value for a in call.args if a.keyword is not None} & _STAGED
    )


def _text(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)
