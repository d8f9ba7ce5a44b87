"""The edits as a series of patches for `git am`, each of which can be applied and committed by itself.

Files that import the same converters module belong together with it, and so do those that exchange data: a
test and its subject, a writer and the reader nearby. That is a unit, and no unit is divided. Units share no
file, so every patch applies alone and in any order. They are joined by package (one each), by the owners of
their files, or up to a size.

Format: `git help format-patch` and `git help am`; a mail with 8-bit text, the message, ``---``, the diff.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from email.header import Header
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from migrate.model import Safety
from migrate.model.wording import counted
from migrate.review.diff import unified_diff
from migrate.sites.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from migrate.model import Decision, FileEdit, Plan

DEFAULT_SIZE = 40
"""Sites in a patch, with ``--split-by size``, unless a unit alone has more."""
_LISTED = 40


@frozen
class Unit:
    """What can only be committed together: a converters module and the files that use it."""

    name: str
    """The package or folder that it serves."""
    edits: tuple[FileEdit, ...]

    @property
    def size(self) -> int:
        """How many sites it edits."""
        return sum(len(edit.sites) for edit in self.edits)


@frozen
class Patch:
    """One file of the series."""

    name: str
    subject: str
    data: bytes


def units_of(plan: Plan, edits: Iterable[FileEdit]) -> list[Unit]:
    """Return the units of a plan, in the order of their names. A vendored runtime makes one of all.

    Together are the files that share a converters module, that import one which is new or extended, and that
    exchange data with each other.
    """
    by_path = {edit.path: edit for edit in edits}
    modules = {c.path: c.module for c in plan.converters} | {f.path: f.converters for f in plan.files}
    names = {
        c.module: c.module.rpartition(".")[0] or c.path.rpartition("/")[0] or c.name for c in plan.converters
    }
    groups = _Groups(by_path)
    first: dict[str | None, str] = {}
    for path in by_path:
        module = "" if plan.vendor else modules.get(path, "")
        groups.join(path, first.setdefault(module, path))
    for path, other in (*plan.exchanging, *_imported_converters(plan, by_path)):
        groups.join(path, other)
    units = []
    for paths in groups.all():
        served = dict.fromkeys(names[modules[path]] for path in sorted(paths) if modules.get(path) in names)
        members = tuple(by_path[path] for path in paths)
        units.append(Unit(", ".join(served) if served and not plan.vendor else _folder(members), members))
    return sorted(units, key=lambda unit: (unit.name, unit.edits[0].path))


class _Groups:
    """Paths, put together step by step."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._group = {path: [path] for path in paths}
        self._order = {path: number for number, path in enumerate(self._group)}

    def join(self, one: str, other: str) -> None:
        """Put two paths into one group; a path that is not among those given is passed over."""
        if one in self._group and other in self._group and self._group[one] is not self._group[other]:
            whole = sorted(self._group[one] + self._group[other], key=self._order.__getitem__)
            self._group |= dict.fromkeys(whole, whole)

    def all(self) -> list[list[str]]:
        """Return the groups, in the order of their first paths."""
        return list({id(group): group for group in self._group.values()}.values())


def _imported_converters(plan: Plan, edits: Mapping[str, FileEdit]) -> Iterator[tuple[str, str]]:
    """Yield pairs of a file and a converters module that it imports when it is edited."""
    by_module = {c.module: c.path for c in plan.converters if c.path in edits}
    for path, edit in edits.items():
        if not path.endswith((".py", ".pyw")):
            continue
        for node in ast.walk(SourceFile.parse(path, edit.after).tree):
            for module in _modules_named(node, path):
                found = by_module.get(module)
                # By its path where the name of the module depends on where the program starts.
                found = found or next((p for p in by_module.values() if p == f"{module}.py"), None)
                if found and found != path:
                    yield path, found


def _modules_named(node: ast.AST, path: str) -> list[str]:
    """Return what an import may take for a module: dotted names; paths without suffix if it is relative."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    if not node.level:
        return [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    folder = path.split("/")[: -node.level]
    inner = [*folder, *(node.module.split(".") if node.module else ())]
    return ["/".join(inner), *("/".join([*inner, alias.name]) for alias in node.names)]


def _folder(edits: Sequence[FileEdit]) -> str:
    """Return what to call edits that are not those of one converters module: the folders they are in."""
    folders = sorted({edit.path.partition("/")[0] for edit in edits if "/" in edit.path})
    return ", ".join(folders[:3]) or edits[0].path


def joined(
    units: Sequence[Unit], by: str, owners: Callable[[str], tuple[str, ...]], size: int
) -> list[list[Unit]]:
    """Return the units of each patch: ``by`` is ``package``, ``owner`` or ``size``."""
    if by == "size":
        return _packed(units, size)
    if by == "owner":
        groups: defaultdict[tuple[str, ...], list[Unit]] = defaultdict(list)
        for unit in units:
            groups[_owners(unit.edits, owners)].append(unit)
        return [groups[key] for key in sorted(groups)]
    return [[unit] for unit in units]


def series(
    groups: Sequence[Sequence[Unit]],
    decisions: Iterable[Decision],
    *,
    author: str,
    prefix: str = "",
    owners: Callable[[str], tuple[str, ...]] = lambda _: (),
    version: str = "",
) -> list[Patch]:
    """Return a patch for each group. ``prefix`` leads from the repository to the tree (``src/``)."""
    by_path: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        by_path[decision.site.path].append(decision)
    patches = []
    for number, group in enumerate(groups, start=1):
        edits = [edit for unit in group for edit in unit.edits]
        title = _title(group, _owners(edits, owners))
        subject = f"[PATCH {number}/{len(groups)}] {title}"
        moved = [evolve(edit, path=prefix + edit.path) for edit in edits]
        head = [
            f"From {'0' * 40} Mon Sep 17 00:00:00 2001",
            f"From: {_header(author)}",
            f"Subject: {_header(subject)}",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=UTF-8",
            "Content-Transfer-Encoding: 8bit",
            "",
            *_message(edits, by_path, _owners(edits, owners)),
            "---",
            "",
        ]
        text = "\n".join(head).encode("utf-8", "backslashreplace") + b"\n"
        data = text + unified_diff(moved) + f"-- \npickle-migrate {version}\n\n".encode()
        patches.append(Patch(f"{number:04}-{_slug(title)}.patch", title, data))
    return patches


def _packed(units: Sequence[Unit], size: int) -> list[list[Unit]]:
    groups: list[list[Unit]] = []
    for unit in units:
        if groups and sum(u.size for u in groups[-1]) + unit.size <= size:
            groups[-1].append(unit)
        else:
            groups.append([unit])
    return groups


def _owners(edits: Iterable[FileEdit], owners: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({owner for edit in edits if edit.before is not None for owner in owners(edit.path)}))


def _title(group: Sequence[Unit], owners: tuple[str, ...]) -> str:
    names = [unit.name for unit in group]
    what = ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:2])} and {len(names) - 2} more"
    title = f"Take {what} off pickle"
    return f"{title} ({', '.join(owners)})" if owners and len(title) + len(owners) < 60 else title


def _message(
    edits: Sequence[FileEdit], by_path: dict[str, list[Decision]], owners: tuple[str, ...]
) -> list[str]:
    """Return the lines of the message. None begins with what would end it (``---``, ``diff``, ``From``)."""
    done = {site for edit in edits for site in edit.sites}
    decisions = [d for edit in edits for d in by_path.get(edit.path, ())]
    edited = [d for d in decisions if d.site.id in done]
    left = Counter(d.reason for d in decisions if d.site.id not in done and d.reason)
    asked = [d for d in edited if d.safety is Safety.REVIEW]
    files = sum(bool(edit.sites) for edit in edits)
    lines = [
        f"{counted(len(done), 'call site')} in {counted(files, 'file')} {'goes' if len(done) == 1 else 'go'} "
        "through generated converters instead of pickle.",
        "Old pickles stay readable: they are read as data, and nothing in them is executed.",
        "",
        *_bullets("New or extended", [e.path for e in edits if not e.sites]),
        *_bullets("Answered with yes in review", [f"{_place(d)}: {_line(d.question or '')}" for d in asked]),
        *_bullets("Left as they are", [f"{number} {reason}" for reason, number in sorted(left.items())]),
        *(f"Cc: {owner}" for owner in owners),
    ]
    return [line.rstrip() for line in lines]


def _bullets(title: str, items: Sequence[str]) -> list[str]:
    if not items:
        return []
    shown = [f"* {_line(item)}" for item in items[:_LISTED]]
    more = [f"* and {len(items) - _LISTED} more"] if len(items) > _LISTED else []
    return [f"{title}:", *shown, *more, ""]


def _place(decision: Decision) -> str:
    return f"{decision.site.path}:{decision.site.span.line}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _header(text: str) -> str:
    """Return the value of a header on one line; encoded as RFC 2047 says if it is not ASCII."""
    line = _line(text)
    if line.isascii():
        return line
    address = re.fullmatch(r"(.*?)\s*(<[^<>]*>)", line)
    if address:
        return f"{Header(address[1], 'utf-8', maxlinelen=998).encode()} {address[2]}"
    return Header(line.encode("utf-8", "replace").decode(), "utf-8", maxlinelen=998).encode()


def _slug(title: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", title).strip("-")[:60].rstrip("-") or "patch"
