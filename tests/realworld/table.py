"""Turn the results of the suite into the table of docs/realworld.md: ``python tests/realworld/table.py``.

Everything below the line ``<!-- results -->`` of the page is replaced; what stands above is written by hand.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from suite import CHECKOUT, WORK, Package, packages

PAGE = CHECKOUT / "docs" / "realworld.md"
MARK = "<!-- results -->\n"
HEADER = (
    "| package | stores | sites | rewritten | left, with reason | by hand | tests before | tests after "
    "| old pickles |",
    "|---|---|---|---|---|---|---|---|---|",
)


def main() -> None:
    """Write the table, and below it what a person has to know or do."""
    above = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    measured = [package for package in packages() if _path(package).exists()]
    rows = [_row(package, json.loads(_path(package).read_text())) for package in measured]
    page = [above + MARK, *HEADER, *rows, "", *_by_hand(measured), *_limits(measured)]
    PAGE.write_text("\n".join(page), encoding="utf-8")


def _by_hand(measured: list[Package]) -> list[str]:
    """Show the lines that answer the tool's questions."""
    lines = ["## Lines by hand", ""]
    for package in measured:
        if package.by_hand:
            lines += [f"In the converters module of {package.name}:", "", "```python"]
            lines += [package.by_hand.strip(), "```", ""]
    return lines


def _limits(measured: list[Package]) -> list[str]:
    """Say which tests end differently, and why."""
    found = [
        f"* {package.name}: {_named(package, why)} {why}."
        for package in measured
        for why in dict.fromkeys(package.differs.values())
    ]
    return ["## Tests that end differently", "", *(found or ["None."]), ""]


def _named(package: Package, why: str) -> str:
    """Name the tests of a package that end differently for one reason; of many, how many and where."""
    tests = [test for test, reason in package.differs.items() if reason == why]
    if len(tests) == 1:
        return f"`{tests[0]}`"
    modules = sorted({test.partition("::")[0].rpartition(".")[0] for test in tests})
    return f"{len(tests)} of {', '.join(f'`{module}`' for module in modules)}:"


def _path(package: Package) -> Any:
    return WORK / "results" / f"{package.name}.json"


def _row(package: Package, result: dict[str, Any]) -> str:
    left = ", ".join(f"{n} `{reason}`" for reason, n in result["left"].items()) or "none"
    samples = "load, equal" if result["samples_after"] == result["samples_before"] else "**differ**"
    cells = (
        f"{package.name} {package.version}, {package.typed}",
        package.stores,
        result["sites"],
        result["rewritten"],
        left,
        _by_hand_count(result["by_hand"]),
        _count(result["before"]),
        "the same" if result["before"] == result["after"] else _difference(result["before"], result["after"]),
        samples,
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def _by_hand_count(text: str) -> str:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return f"{len(lines)} line{'s' if len(lines) > 1 else ''}" if lines else "nothing"


def _count(outcomes: dict[str, str]) -> str:
    counts = Counter(outcome.split()[0] for outcome in outcomes.values())
    return ", ".join(f"{n} {word}" for word, n in counts.most_common())


def _difference(before: dict[str, str], after: dict[str, str]) -> str:
    changed = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    return f"**{len(changed)} differ**: {_count(after)}"


if __name__ == "__main__":
    main()
