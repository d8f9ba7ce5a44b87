"""What share of the uses of pickle in some trees is rewritten, by idiom, as a Markdown table.

    python tests/realworld/share.py CHECKOUT ...
    python tests/realworld/share.py --packages [NAME ...]     # those of recall.toml

Nothing is written and nothing of the trees is run, and tests are not counted. *Rewritten* means by
``rewrite --include review``; *safe* is the part of it that needs no answer.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from attrs import Factory, define
from idioms import idiom, is_persistent

from migrate.cli.pipeline import survey
from migrate.model import Safety
from migrate.plan import Options
from migrate.rewrite import rewrite


@define
class Row:
    """How the sites of one idiom end."""

    sites: int = 0
    rewritten: int = 0
    safe: int = 0
    left: Counter[str] = Factory(Counter)
    """Reason → number of sites."""

    def written(self, name: str) -> str:
        """Return the row of the table."""
        reasons = ", ".join(f"{n} `{code}`" for code, n in self.left.most_common())
        share = f"{self.rewritten} ({100 * self.rewritten // self.sites}%)"
        return f"| {name} | {self.sites} | {share} | {self.safe} | {reasons or 'none'} |"


def count(folder: Path, rows: dict[str, Row], total: Row) -> list[str]:
    """Count the sites of a tree into ``rows``, those that store or read into ``total`` as well.

    Return a line for each of these that is left.
    """
    found = survey(folder, Options(include=frozenset({Safety.SAFE, Safety.REVIEW})))
    edits, problems = rewrite(found.plan, found.tree.sources)
    edited = {site for edit in edits for site in edit.sites}
    for problem in problems:
        print(f"{folder}: {problem.path}: {problem.message}", file=sys.stderr)
    left = []
    for decision in found.plan.decisions:
        site = decision.site
        if site.in_test:
            continue
        row = rows.setdefault(idiom(site, found.tree.sources.get(site.path, b"")), Row())
        for each in (row, total) if is_persistent(site) else (row,):
            each.sites += 1
            if site.id in edited:
                each.rewritten += 1
                each.safe += decision.safety is Safety.SAFE
            else:
                each.left[decision.reason or "no reason"] += 1
        if is_persistent(site) and site.id not in edited:
            text = " ".join(site.text.split())[:60]
            left.append(f"{folder.name}/{site.place}: {text} [{decision.reason}] {decision.why or ''}")
    return left


def main() -> None:
    """Print the table for the trees named, and on standard error what is left."""
    names = sys.argv[1:]
    if names[:1] == ["--packages"]:
        from recall import packages, tree_of

        folders = [tree_of(package) for package in packages(names[1:])]
    else:
        folders = [Path(name) for name in names]
    rows: dict[str, Row] = {}
    total = Row()
    for folder in folders:
        for line in count(folder, rows, total):
            print(line, file=sys.stderr)
    print("| idiom | sites | rewritten | of them safe | left, with reason |\n|---|---|---|---|---|")
    for name in sorted(rows, key=lambda name: (-rows[name].sites, name)):
        print(rows[name].written(name))
    print(total.written("**all that store or read**"))


if __name__ == "__main__":
    main()
