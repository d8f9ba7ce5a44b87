"""Compare the attributes that the evidence detects in source with those in pickles of real instances.

    python tests/realworld/fields.py

seen_fields.toml has what pickles held; instances.py made them. Recall is the share of those attributes that
are among the fields of the class, whatever its type is said to be.
"""

from __future__ import annotations

import sys
import sysconfig
from collections import defaultdict
from pathlib import Path

import instances
import tomllib
import truth
from attrs import frozen

from migrate.evidence import class_graph
from migrate.sites.tree import read_tree


@frozen
class Seen:
    """What pickles held of one class."""

    package: str
    version: str
    key: str
    fields: list[str]
    made: str


@frozen
class Recall:
    """What was found of one class."""

    seen: Seen
    missed: list[str]
    dynamic: bool
    """The tool says that it gets attributes under computed names besides."""


def seen() -> dict[str, list[Seen]]:
    """Return what pickles held, by package."""
    found: defaultdict[str, list[Seen]] = defaultdict(list)
    for each in tomllib.loads(instances.SEEN.read_text(encoding="utf-8"))["class"]:
        found[each["package"]].append(Seen(**each))
    return dict(found)


def recall(package: str, classes: list[Seen]) -> list[Recall]:
    """Return what the tool finds of classes of a package, from its source alone."""
    graph = class_graph(sources(package, classes))
    found = []
    for each in classes:
        schema = graph.get(each.key)
        known = {field.name for field in schema.fields} if schema else set()
        found.append(Recall(each, sorted(set(each.fields) - known), schema is not None and schema.dynamic))
    return found


def version_of(package: str) -> str:
    """Return the version of a package that is pinned, or of this Python."""
    if package == instances.PYTHON:
        return f"{sys.version_info[0]}.{sys.version_info[1]}"
    return next(each.version for each in truth.pinned() if each.name == package)


def sources(package: str, classes: list[Seen]) -> dict[str, bytes]:
    """Return the source of a package; of the standard library, the modules concerned and what is beside."""
    if package != instances.PYTHON:
        pinned = next(each for each in truth.pinned() if each.name == package)
        return dict(read_tree(truth.unpacked(pinned)).sources)
    root = Path(sysconfig.get_path("stdlib"))
    heads = {each.key.partition(":")[0].partition(".")[0] for each in classes} | {"_markupbase"}
    paths = [path for head in heads for path in (*root.glob(f"{head}.py"), *root.glob(f"{head}/**/*.py"))]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(paths)}


def main() -> None:
    """Print what is missed, and the recall."""
    total = missed = number = 0
    for package, classes in seen().items():
        for found in recall(package, classes):
            number += 1
            total += len(found.seen.fields)
            missed += len(found.missed)
            if found.missed:
                print(f"{package} {found.seen.key}: {', '.join(found.missed)}{' (dynamic)' * found.dynamic}")
    print(f"{number} classes, {total} attributes, {missed} missed: {100 * (total - missed) / total:.2f}%")


if __name__ == "__main__":
    sys.exit(main())
