"""Does `scan` find every use of pickle in public packages? A comparison with tools that look for the same.

    python tests/realworld/recall.py [NAME ...]          # all packages of recall.toml, or those named
    python tests/realworld/recall.py --table [NAME ...]  # as rows of the table in docs/recall.md

For each package: download the pinned source distribution, run `scan --json`, and the others that are
installed: ruff (S301, S302, S403, S614 in preview), bandit (B301, B302, B403, B614), semgrep with rules in
recall_rules.yml, and a plain text search. What the others report and `scan` does not is the *remainder*; each
of its lines is explained by what stands there (`remainder.py`), or was judged by a person
(recall_judged.toml). The same for sites of `scan` that nobody else reports. Nothing of the packages is run.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomllib
from attrs import Factory, define, frozen
from remainder import Explainer
from suite import WORK, download, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

HERE = Path(__file__).resolve().parent

Place = tuple[str, int]
"""Path in the package, and line."""

_WORDS = re.compile(
    r"(?i:pickle|copy_?reg\b)|\b(?:dill|shelve|joblib|marshal)\b|\btorch\.(?:save|load)\b|\b(?:Unp|P)ickler\b"
)
_RUFF = "S301,S302,S403,S614"
_BANDIT = "B301,B302,B403,B614"


@frozen
class Package:
    """A package of recall.toml."""

    name: str
    version: str
    sha256: str
    """Of the source distribution."""
    kind: str
    """What sort of program it is."""
    quick: bool = False
    """Whether the suite of tests looks at it too."""


@define
class Result:
    """What was found in one package."""

    package: Package
    sites: list[dict[str, Any]]
    others: dict[str, set[Place]]
    """Tool to the places that it reports."""
    found: dict[Place, list[dict[str, Any]]]
    """Every line of a site → the sites there."""
    explained: dict[Place, str] = Factory(dict)
    """Lines of the remainder, with the explanation."""
    judged: dict[Place, str] = Factory(dict)
    open: list[Place] = Factory(list)
    """Lines of the remainder that nothing explains."""
    alone: dict[Place, str] = Factory(dict)
    """Places of sites that nobody else reports, with what explains or judges them; empty if nothing does."""
    texts: dict[Place, str] = Factory(dict)


def packages(names: Iterable[str] = ()) -> list[Package]:
    """Return the packages of recall.toml, or those named."""
    every = [Package(**p) for p in tomllib.loads((HERE / "recall.toml").read_text())["package"]]
    chosen = set(names)
    return [p for p in every if p.name in chosen or not chosen]


def judgements(name: str) -> dict[Place, str]:
    """Return what a person said of lines of the package ``name``: path and line → judgement."""
    said = tomllib.loads((HERE / "recall_judged.toml").read_text()).get(name, {})
    return {
        (path, int(line)): verdict
        for verdict, places in said.items()
        for place in places
        for path, _, line in [place.rpartition(":")]
    }


def tree_of(package: Package) -> Path:
    """Return the source of a package as it was published."""
    return unpack(download(package), WORK / "recall" / package.name)


def study(package: Package) -> Result:
    """Compare the tools on one package."""
    tree = tree_of(package)
    sites = _scan(tree)
    others = {name: found for name in TOOLS if (found := _reported(name, package, tree)) is not None}
    result = Result(package, sites, others, _lines_of(sites))
    said = judgements(package.name)
    explainer = Explainer(tree, sites)
    for place in sorted(set().union(*others.values()) - result.found.keys()):
        why = explainer.why(*place)
        if why:
            result.explained[place] = why
        elif place in said:
            result.judged[place] = said[place]
        else:
            result.open.append(place)
            result.texts[place] = explainer.line(*place)
    reported = set().union(*others.values())
    for site in sites:
        if not reported & set(_span(site)):
            place = site["path"], site["line"]
            result.alone[place] = explainer.why_alone(site) or said.get(place, "")
            result.texts[place] = explainer.line(*place)
    return result


def _scan(tree: Path) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "migrate", "scan", str(tree), "--json", "--no-cache", "--no-gitignore"]
    done = subprocess.run(command, cwd=HERE.parent.parent, capture_output=True, text=True, check=True)
    sites: list[dict[str, Any]] = json.loads(done.stdout)["sites"]
    return sites


def _span(site: dict[str, Any]) -> Iterable[Place]:
    for offset in range(site["text"].count("\n") + 1):
        yield site["path"], site["line"] + offset


def _lines_of(sites: Iterable[dict[str, Any]]) -> dict[Place, list[dict[str, Any]]]:
    found: defaultdict[Place, list[dict[str, Any]]] = defaultdict(list)
    for site in sites:
        for place in _span(site):
            found[place].append(site)
    return found


def _reported(tool: str, package: Package, tree: Path) -> set[Place] | None:
    """Return what a tool reports; what it said of the same package before is kept below ``.work``."""
    kept = WORK / "recall" / f"{package.name}-{package.version}.{tool}.json"
    if kept.exists():
        return {(path, line) for path, line in json.loads(kept.read_text())}
    found = TOOLS[tool](tree)
    if found is not None:
        kept.write_text(json.dumps(sorted(found)))
    return found


# --- the others ----------------------------------------------------------------------------------------


def _program(name: str) -> str | None:
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


def _run(*command: str, cwd: Path) -> str:
    """Run a tool; they exit with 1 when they find something, and with more when they fail."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        raise RuntimeError(f"{' '.join(command[:3])} failed in {cwd}:\n{done.stderr[-2000:]}")
    return done.stdout


def _ruff(tree: Path) -> set[Place] | None:
    if (ruff := _program("ruff")) is None:
        return None
    options = ("--isolated", "--preview", "--ignore-noqa", "--no-cache", "--no-respect-gitignore")
    out = _run(ruff, "check", *options, "--select", _RUFF, "--output-format", "json", ".", cwd=tree)
    return {
        (Path(item["filename"]).relative_to(tree).as_posix(), item["location"]["row"])
        for item in json.loads(out)
        if item["code"] in _RUFF.split(",") and item["filename"].endswith(".py")
    }


def _bandit(tree: Path) -> set[Place] | None:
    if (bandit := _program("bandit")) is None:
        return None
    options = ("-q", "-t", _BANDIT, "--ignore-nosec", "-x", "", "-f", "json")
    out = _run(bandit, *options, *files, cwd=tree) if (files := _worth_parsing(tree)) else '{"results": []}'
    return {(item["filename"].removeprefix("./"), item["line_number"]) for item in json.loads(out)["results"]}


def _semgrep(tree: Path) -> set[Place] | None:
    if (semgrep := _program("semgrep")) is None:
        return None
    options = ("--metrics", "off", "--disable-version-check", "--no-git-ignore", "--json", "--quiet")
    further = ("--disable-nosem", "--max-target-bytes", "0", "--jobs", "1", "--scan-unknown-extensions")
    files = _worth_parsing(tree)
    config = ("--config", str(HERE / "recall_rules.yml"))
    out = _run(semgrep, "scan", *options, *further, *config, *files, cwd=tree) if files else '{"results": []}'
    return {(item["path"].removeprefix("./"), item["start"]["line"]) for item in json.loads(out)["results"]}


def _worth_parsing(tree: Path) -> list[str]:
    """Return the files with a word of the text search: each rule of bandit and semgrep needs one."""
    return sorted({path for path, _ in _words(tree)})


def _words(tree: Path) -> set[Place]:
    return {
        (path.relative_to(tree).as_posix(), number)
        for path in sorted(tree.rglob("*.py"))
        if path.is_file() and not path.is_symlink()
        for number, line in enumerate(re.split(r"\r\n|\r|\n", path.read_bytes().decode("latin-1")), 1)
        if _WORDS.search(line)
    }


TOOLS: dict[str, Callable[[Path], set[Place] | None]] = {
    "ruff": _ruff,
    "bandit": _bandit,
    "semgrep": _semgrep,
    "text": _words,
}


def missed(result: Result) -> int:
    """Return how many lines of the remainder are uses of pickle, as a person judged."""
    return sum(verdict.startswith("MISSED") for verdict in result.judged.values())


def row(result: Result) -> str:
    """Return what was found in a package as a row of a Markdown table."""
    package, reported = result.package, (len(result.others.get(tool, ())) for tool in TOOLS)
    explained = f"{len(result.explained)} | {len(result.judged) - missed(result)} | {missed(result)}"
    alone = f"{len(result.alone)} | {sum(why.startswith('FALSE') for why in result.alone.values())}"
    tools = " | ".join(map(str, reported))
    name = f"{package.name} {package.version}"
    return f"| {name} | {package.kind} | {len(result.sites)} | {tools} | {explained} | {alone} |"


def _print(result: Result) -> None:
    """Print a line for the package, and one for each place that nothing explains."""
    package = result.package
    counts = ", ".join(f"{tool} {len(found)}" for tool, found in result.others.items())
    print(
        f"{package.name} {package.version}: {len(result.sites)} sites; {counts}; remainder explained "
        f"{len(result.explained)}, judged {len(result.judged)}, open {len(result.open)}; "
        f"alone {len(result.alone)}",
        flush=True,
    )
    for path, line in result.open:
        tools = ",".join(t for t, found in result.others.items() if (path, line) in found)
        print(f"  OPEN {path}:{line} [{tools}] {result.texts[path, line].strip()[:140]}")
    for (path, line), verdict in result.alone.items():
        if not verdict:
            print(f"  ALONE {path}:{line} {result.texts[path, line].strip()[:140]}")


def main() -> int:
    """Print what was found in each package; exits with 1 if a place is neither explained nor judged."""
    names = [a for a in sys.argv[1:] if not a.startswith("-")]
    failed = False
    why: Counter[str] = Counter()
    for package in packages(names):
        result = study(package)
        why.update(result.explained.values())
        print(row(result), flush=True) if "--table" in sys.argv else _print(result)
        failed |= bool(result.open) or not all(result.alone.values())
    for words, count in why.most_common():
        print(f"| {words} | {count} |")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
