"""Laying out an overlay: the files with questions, what they import, and a canary."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.evidence.checker.engine import CANARY, Overlay
from migrate.evidence.checker.probes import MARK, NAMES, plain, probed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from migrate.evidence.checker.probes import Probe
    from migrate.evidence.program import Program
    from migrate.sites.modules import Modules

CANARY_TYPE = "list[Canary]"
_CANARY = f'from {NAMES} import Canary\nreveal_type(("{CANARY}", ([Canary() for _ in range(3)])))\n'


@frozen
class Asked:
    """An overlay, and the questions that are in it."""

    overlay: Overlay
    probes: Mapping[str, str]
    """Question → path of its file."""
    marks: Mapping[str, str]
    """Question that each file must answer → the file."""


def lay_out(
    folder: Path,
    sources: Mapping[str, bytes],
    program: Program,
    modules: Modules,
    probes: Iterable[Probe],
    libraries: tuple[Path, ...] = (),
) -> Asked:
    """Write the files with questions and all that they import to ``folder``, which is empty.

    Files whose module name another file of the tree has as well are left out: the checker would have to guess
    which of them an import means. So are notebooks.
    """
    known = _importable(program, modules)
    by_path: defaultdict[str, list[Probe]] = defaultdict(list)
    for probe in probes:
        by_path[probe.path].append(probe)
    top = modules.top.replace(".", "/")
    tree = folder / top if top else folder
    asked: dict[str, str] = {}
    marks: dict[str, str] = {}
    files = []
    for path in sorted(_closure(by_path.keys() & known, program, modules, known)):
        mark = f"{MARK}-file{len(marks)}"
        made = probed(sources[path], by_path[path], mark) if path in by_path else None
        if made is not None:
            asked |= dict.fromkeys(made[1], path)
            marks[mark] = path
            files.append(f"{top}/{path}" if top else path)
        content = made[0] if made is not None else plain(sources[path])
        if content is not None:
            target = tree / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    names = sorted({name for found in by_path.values() for probe in found for name in probe.names})
    (folder / f"{NAMES}.py").write_text(
        "".join(f"class {name}: ...\n" for name in ("Canary", *names)), encoding="utf-8"
    )
    (folder / f"{NAMES}_canary.py").write_text(_CANARY, encoding="utf-8")
    roots = [folder / top / root if root or not modules.top else folder for root in modules.roots]
    search = tuple(dict.fromkeys([folder, *(root for root in roots if root.is_dir())]))
    return Asked(Overlay(folder, search, (f"{NAMES}_canary.py", *files), libraries), asked, marks)


def _importable(program: Program, modules: Modules) -> frozenset[str]:
    """Return the files that the name of their module means, whoever imports it."""
    return frozenset(path for path, module in program.modules.items() if modules.path_of(module.name) == path)


def _closure(
    paths: Iterable[str], program: Program, modules: Modules, known: frozenset[str]
) -> frozenset[str]:
    """Return ``paths`` and all files of the tree that they import, packages on the way included."""
    found: set[str] = set()
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        module = program.modules[path]
        for dotted in (module.name, *module.imports, *module.stars):
            parts = dotted.split(".")
            for end in range(1, len(parts) + 1):
                target = modules.path_of(".".join(parts[:end]))
                if target is not None and target in known:
                    waiting.append(target)
    return frozenset(found)
