"""Take one public package off pickle and measure what happened.

    python tests/realworld/suite.py [NAME ...]

For each package: download the pinned source distribution, run its own tests, let its original code write
pickles, rewrite it, run its tests again, and read the pickles with the rewritten code. Everything is below
``.work/realworld``; ``results/NAME.json`` has the figures, which ``table.py`` turns into docs/realworld.md.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any, Protocol

import tomllib
from attrs import asdict, field, frozen

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
WORK = CHECKOUT / ".work" / "realworld"
REWRITE = ("rewrite", ".", "--stage", "json", "--include", "review")


class Pinned(Protocol):
    """A source distribution of the package index."""

    name: str
    version: str
    sha256: str


@frozen
class Package:
    """A package of packages.toml."""

    name: str
    version: str
    sha256: str
    """Of the source distribution."""
    stores: str
    """What it keeps in pickles, in our words."""
    typed: str
    tests: list[str]
    """Arguments of pytest."""
    tests_in: str = "."
    """Folder, below the root of the distribution, in which pytest runs."""
    pins: list[str] = field(factory=list)
    """What has to be installed beside it."""
    install: bool = True
    """False for a package whose tests find it by themselves."""
    differs: dict[str, str] = field(factory=dict)
    """Tests that end differently after the rewrite, and what a person has to do: known limits."""
    by_hand: str = ""
    """Lines for the end of the converters module: what a person answers to the tool's questions."""
    deselect: dict[str, str] = field(factory=dict)
    """Tests that cannot run offline or on this Python, with the reason."""

    @property
    def recipe(self) -> Path:
        """The script that writes and shows samples with the package's own interface."""
        return HERE / "recipes" / f"{self.name.lower().replace('.', '')}_sample.py"


@frozen
class Result:
    """What happened to a package."""

    name: str
    version: str
    stores: str
    typed: str
    sites: int
    rewritten: int
    left: dict[str, int]
    """Reason code to number of sites."""
    before: dict[str, str]
    """Test to outcome, in the original."""
    after: dict[str, str]
    samples_before: str
    """What the recipe saw in its samples with the original code."""
    samples_after: str
    by_hand: str
    second_diff: str
    seconds: float

    @property
    def changed(self) -> dict[str, tuple[str | None, str | None]]:
        """Tests whose outcome differs."""
        keys = self.before.keys() | self.after.keys()
        return {
            k: (self.before.get(k), self.after.get(k))
            for k in sorted(keys)
            if self.before.get(k) != self.after.get(k)
        }


def packages() -> list[Package]:
    """Return the packages of packages.toml."""
    return [Package(**p) for p in tomllib.loads((HERE / "packages.toml").read_text())["package"]]


def take_off_pickle(package: Package) -> Result:
    """Do all the steps for one package; its figures are also left in ``.work/realworld/results``.

    Raises :class:`subprocess.CalledProcessError` when a step fails that the package's tests cannot fail for:
    installing it, writing the samples with the original code, or the rewrite itself.
    """
    begin = time.monotonic()
    _fresh(_home(package))
    tree = unpacked(package)
    python = _environment(package, tree)
    samples = _fresh(WORK / "samples" / package.name)
    shutil.rmtree(_pristine(samples), ignore_errors=True)
    before = _run_tests(package, tree, python)
    recipe = (python, "-W", "ignore", package.recipe)
    _run(*recipe, "write", samples, cwd=tree, home=_home(package))
    samples_before = _run(*recipe, "show", _copy_of(samples), cwd=tree, home=_home(package))
    tree = unpacked(package)  # without what its tests left behind
    outcome = json.loads(_migrate(*REWRITE, "--write", "--json", cwd=tree))
    if package.by_hand:
        (converters,) = tree.rglob("converters.py")
        converters.write_text(converters.read_text() + "\n" + package.by_hand)
    second_diff = _migrate(*REWRITE, cwd=tree)
    after = _run_tests(package, tree, python)
    samples_after = _run(*recipe, "show", _copy_of(samples), cwd=tree, home=_home(package), check=False)
    left = Counter(site["reason"] or "no reason" for site in outcome["left"])
    result = Result(
        name=package.name,
        version=package.version,
        stores=package.stores,
        typed=package.typed,
        sites=len(outcome["rewritten"]) + len(outcome["left"]),
        rewritten=len(outcome["rewritten"]),
        left=dict(left.most_common()),
        before=before,
        after=after,
        samples_before=samples_before,
        samples_after=samples_after,
        by_hand=package.by_hand,
        second_diff=second_diff,
        seconds=round(time.monotonic() - begin, 1),
    )
    _folder(WORK / "results").joinpath(f"{package.name}.json").write_text(
        json.dumps(asdict(result), indent=1)
    )
    return result


def download(package: Pinned) -> Path:
    """Return the source distribution, from the cache or the package index, with its digest checked."""
    # The studies pin versions of their own: Beaker is there in two.
    release = f"{package.name}-{package.version}"
    folder = _folder(WORK / "sdists" / release)
    with (WORK / f"{release}.sdist.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several tests use one distribution
        if not any(folder.iterdir()):
            pip = ("-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps")
            wanted = f"{package.name}=={package.version}"
            _run(sys.executable, *pip, "--no-binary", package.name, "--dest", folder, wanted, cwd=folder)
    (archive,) = folder.iterdir()
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != package.sha256:
        raise ValueError(f"{archive} has the digest {digest}, not the pinned {package.sha256}")
    return archive


def unpacked(package: Package) -> Path:
    """Return the source of a package as it was published, in a fresh folder."""
    return unpack(download(package), WORK / "trees" / package.name)


def unpack(archive: Path, folder: Path) -> Path:
    """Return the one folder that an archive holds, unpacked in ``folder``, which is emptied before."""
    _fresh(folder)
    (folder.parent / "pytest.ini").touch()  # or pytest would find this project's own settings further up
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as z:
            z.extractall(folder)
    else:
        with tarfile.open(archive) as t:
            t.extractall(folder, filter="data")
    (tree,) = folder.iterdir()
    return tree


def _environment(package: Package, tree: Path) -> Path:
    """Return the Python of an environment with the package (editable), its pins, pytest and this project."""
    folder = WORK / "venvs" / package.name
    python = folder / "bin" / "python"
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    if not (folder / "complete").exists():
        _run(sys.executable, "-m", "venv", "--clear", folder, cwd=WORK)
        _run(
            *pip,
            "pytest==8.3.4",
            "pytest-timeout==2.3.1",
            "setuptools<81",
            *package.pins,
            "-e",
            CHECKOUT,
            cwd=WORK,
        )
        (folder / "complete").touch()
    if package.install:
        _run(*pip, "--no-deps", "--editable", tree, cwd=WORK)
    return python


def _run_tests(package: Package, tree: Path, python: Path) -> dict[str, str]:
    """Run the package's own tests; return the outcome of each."""
    report = _folder(WORK / "reports") / f"{package.name}.xml"
    report.unlink(missing_ok=True)
    deselect = [f"--deselect={test}" for test in package.deselect]
    options = ("-q", "-p", "no:cacheprovider", "--timeout=60", f"--junitxml={report}")
    command = (
        python,
        HERE / "run_tests.py",
        *options,
        "-o",
        "junit_family=xunit1",
        *package.tests,
        *deselect,
    )
    output = _run(*command, cwd=tree / package.tests_in, home=_home(package), check=False)
    if not report.exists():
        raise RuntimeError(f"the tests of {package.name} did not run:\n{output}")
    return dict(_outcome(case) for case in ET.parse(report).iter("testcase"))


def _outcome(case: ET.Element) -> tuple[str, str]:
    """Return name and outcome of a test: passed, skipped, failure or error (with the exception)."""
    for child in case:
        if child.tag in {"failure", "error", "skipped"}:
            kind = (child.get("message") or "").partition(":")[0]
            return _name(case), child.tag if child.tag == "skipped" else f"{child.tag} {kind}"
    return _name(case), "passed"


def _name(case: ET.Element) -> str:
    return f"{case.get('classname')}::{case.get('name')}"


def _migrate(*arguments: str, cwd: Path) -> str:
    """Run pickle-migrate; exit code 1 means that some file was left with a reason."""
    done = subprocess.run(
        [sys.executable, "-m", "migrate", *arguments],
        cwd=cwd,
        env=_env(_folder(WORK / "home")),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode > 1 or "Traceback" in done.stderr:
        raise subprocess.CalledProcessError(done.returncode, done.args, done.stdout, done.stderr)
    return done.stdout


def _run(*command: str | Path, cwd: Path, home: Path | None = None, check: bool = True) -> str:
    done = subprocess.run(
        [str(c) for c in command],
        cwd=cwd,
        env=_env(home or _folder(WORK / "home")),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout}")
    return done.stdout


def _home(package: Package) -> Path:
    """Return the home of the package's programs: caches survive the rewrite."""
    return WORK / "homes" / package.name


def _env(home: Path) -> dict[str, str]:
    """Return an environment in which nothing leaves the working folder and sets keep their order."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV_", "COVERAGE", "PYTHON"))}
    return {**kept, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}  # fmt: skip


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def _fresh(path: Path) -> Path:
    shutil.rmtree(path, ignore_errors=True)
    return _folder(path)


def _copy_of(samples: Path) -> Path:
    """Put the samples where they were written, unharmed by whoever showed them before."""
    pristine = _pristine(samples)
    if not pristine.exists():
        shutil.copytree(samples, pristine)
    shutil.rmtree(samples)
    shutil.copytree(pristine, samples)
    return samples


def _pristine(samples: Path) -> Path:
    return samples.with_name(samples.name + ".pristine")


def summary(result: Result) -> dict[str, Any]:
    """Return the figures of a result in short."""
    return {
        "package": f"{result.name} {result.version}",
        "sites": result.sites,
        "rewritten": result.rewritten,
        "left": result.left,
        "tests before": dict(Counter(o.split()[0] for o in result.before.values())),
        "tests after": dict(Counter(o.split()[0] for o in result.after.values())),
        "changed": dict(list(result.changed.items())[:10]),
        "samples": "equal" if result.samples_before == result.samples_after else result.samples_after[-2000:],
        "second run": "no-op" if not result.second_diff else result.second_diff[:300],
        "seconds": result.seconds,
    }


if __name__ == "__main__":
    for chosen in packages():
        if chosen.name in sys.argv[1:] or not sys.argv[1:]:
            print(json.dumps(summary(take_off_pickle(chosen)), indent=2), flush=True)
