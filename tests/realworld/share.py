"""What share of the uses of pickle in some trees is rewritten, by idiom, as a Markdown table.

    python tests/realworld/share.py CHECKOUT ...

Nothing is written and nothing of the trees is run. *Rewritten* means by ``rewrite --include review``; *safe*
is the part of it that needs no answer.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from migrate.cli.pipeline import survey
from migrate.model import Operation, Safety, Site
from migrate.plan import Options
from migrate.rewrite import rewrite

_IDIOMS = {
    Operation.DUMP: "`dump` to a handle",
    Operation.DUMPS: "`dumps` to bytes",
    Operation.LOAD: "`load` from a handle",
    Operation.LOADS: "`loads` from bytes",
    Operation.PICKLER: "`Pickler`, `Unpickler` as objects",
    Operation.UNPICKLER: "`Pickler`, `Unpickler` as objects",
    Operation.SHELF: "shelves",
    Operation.VALUE: "a function or the module as a value",
    Operation.MODULE: "a function or the module as a value",
    Operation.ERROR: "exceptions",
    Operation.CONSTANT: "constants",
    Operation.SUBCLASS: "subclasses of `Pickler`, `Unpickler`",
    Operation.RELATIVE: "other libraries",
}


def idiom(site: Site) -> str:
    """Return the row in which a site counts."""
    return _IDIOMS.get(site.operation, "imports, and files that do not parse")


def main() -> None:
    """Print the table for the trees named."""
    total: Counter[str] = Counter()
    done: Counter[str] = Counter()
    safe: Counter[str] = Counter()
    left: dict[str, Counter[str]] = {}
    for folder in sys.argv[1:]:
        found = survey(Path(folder), Options(include=frozenset({Safety.SAFE, Safety.REVIEW})))
        edits, problems = rewrite(found.plan, found.tree.sources)
        edited = {site for edit in edits for site in edit.sites}
        for problem in problems:
            print(f"{folder}: {problem.path}: {problem.message}", file=sys.stderr)
        for decision in found.plan.decisions:
            if decision.site.in_test:
                continue
            row = idiom(decision.site)
            total[row] += 1
            if decision.site.id in edited:
                done[row] += 1
                safe[row] += decision.safety is Safety.SAFE
            else:
                left.setdefault(row, Counter())[decision.reason or ""] += 1
        print(f"{folder}: {sum(not d.site.in_test for d in found.plan.decisions)} sites", file=sys.stderr)
    print("| idiom | sites | rewritten | of them safe | left, with reason |\n|---|---|---|---|---|")
    for row in dict.fromkeys([*_IDIOMS.values(), *total]):
        if total[row]:
            reasons = ", ".join(f"{n} `{code}`" for code, n in left.get(row, Counter()).most_common())
            share = f"{done[row]} ({100 * done[row] // total[row]}%)"
            print(f"| {row} | {total[row]} | {share} | {safe[row]} | {reasons or 'none'} |")


if __name__ == "__main__":
    main()
