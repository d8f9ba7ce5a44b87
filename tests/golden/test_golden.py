"""The shipped example: what stands in golden/ is exactly what the command line makes of it, and it works."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from attrs import frozen
from click.testing import CliRunner
from regenerate import without_runtime

from migrate.cli import cli

CHECKOUT = Path(__file__).resolve().parents[2]
GOLDEN = CHECKOUT / "golden"
TREES = sorted(path.parent.name for path in GOLDEN.glob("*/before"))
VENDORED = "_pickle_migrate"
LEFT_BEHIND = shutil.ignore_patterns("__pycache__", ".pytest_cache", ".pickle-migrate")


def run(
    *command: object, cwd: Path, allowed: tuple[int, ...] = (0,), **variables: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a Python command as a user would, in a clean environment; its exit code has to be ``allowed``."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PICKLE_MIGRATE", "SHOP_"))}
    env = kept | {"PYTHONPATH": str(CHECKOUT), "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"} | variables
    done = subprocess.run(
        [sys.executable, *map(str, command)], cwd=cwd, env=env, capture_output=True, check=False
    )
    assert done.returncode in allowed, f"{command}\n{done.stdout.decode()}\n{done.stderr.decode()}"
    return done


def migrate(*arguments: object) -> bytes:
    """Run pickle-migrate in this process; 1 says that a file was left out, as in the Python 2 tree."""
    done = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert done.exit_code in (0, 1) and not isinstance(done.exception, Exception), done.output
    return done.stdout_bytes


def own_tests(tree: Path, **variables: str) -> str:
    """Run the tests that the application itself has, and return their last line."""
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", cwd=tree, **variables)
    return done.stdout.decode().splitlines()[-1]


def contents(tree: Path) -> dict[str, bytes]:
    """Return every file of a tree, byte for byte, but for our own runtime and what running leaves behind."""
    skipped = {"__pycache__", ".pytest_cache", ".pickle-migrate", VENDORED}
    files = (path for path in tree.rglob("*") if path.is_file() and not skipped & set(path.parts))
    return {path.relative_to(tree).as_posix(): path.read_bytes() for path in files}


@frozen
class Journey:
    """What the command line made of one tree, step by step; walked once for each: every step takes long."""

    before: dict[str, bytes]
    report: bytes
    diff: bytes
    after_looking: dict[str, bytes]
    written: dict[str, bytes]
    second_run: bytes
    written_twice: dict[str, bytes]
    undone: dict[str, bytes]


@pytest.fixture(scope="module", params=TREES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def journey(name: str, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """Scan, look at the diff, write, write again, undo: all in one copy of ``before``."""
    tree = Path(
        shutil.copytree(GOLDEN / name / "before", tmp_path_factory.mktemp(name) / "tree", ignore=LEFT_BEHIND)
    )
    rewrite = ("rewrite", tree, "--include", "review")
    return Journey(
        before=contents(tree),
        report=migrate("scan", tree, "--json"),
        diff=without_runtime(migrate(*rewrite)),
        after_looking=contents(tree),
        written=(migrate(*rewrite, "--write"), contents(tree))[1],
        second_run=migrate(*rewrite, "--write", "--json"),
        written_twice=contents(tree),
        undone=(migrate("undo", tree), contents(tree))[1],
    )


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A copy of the shop after the rewrite."""
    return Path(shutil.copytree(GOLDEN / "shop" / "after", tmp_path / "shop", ignore=LEFT_BEHIND))


class TestRewrite:
    def test_before_becomes_exactly_after(self, name: str, journey: Journey) -> None:
        expected = contents(GOLDEN / name / "after")
        assert sorted(journey.written) == sorted(expected)
        for path, data in expected.items():
            assert journey.written[path] == data, path

    def test_the_diff_is_the_one_that_was_reviewed(self, name: str, journey: Journey) -> None:
        assert journey.diff == (GOLDEN / name / "diff.patch").read_bytes()

    def test_the_report_is_the_one_that_was_reviewed(self, name: str, journey: Journey) -> None:
        assert json.loads(journey.report) == json.loads((GOLDEN / name / "report.json").read_bytes())

    def test_looking_changes_nothing(self, journey: Journey) -> None:
        assert journey.after_looking == journey.before

    def test_git_applies_the_diff_with_the_same_result(self, name: str, tmp_path: Path) -> None:
        tree = Path(shutil.copytree(GOLDEN / name / "before", tmp_path / "tree", ignore=LEFT_BEHIND))
        for check in (["--check"], []):
            apply = ("git", "apply", "--whitespace=nowarn", *check, GOLDEN / name / "diff.patch")
            done = subprocess.run(apply, cwd=tree, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
        assert contents(tree) == contents(GOLDEN / name / "after")

    def test_a_second_run_changes_nothing(self, journey: Journey) -> None:
        assert json.loads(journey.second_run)["files"] == []
        assert journey.written_twice == journey.written

    def test_undo_gives_the_tree_back(self, journey: Journey) -> None:
        assert journey.undone == journey.before

    def test_only_what_is_safe_is_rewritten_unless_asked(self) -> None:
        tree = GOLDEN / "shop"
        sites = json.loads((tree / "report.json").read_bytes())["sites"]
        assert {"safe", "review"} <= {site["safety"] for site in sites}
        outcome = json.loads(migrate("rewrite", tree / "before", "--json"))
        assert outcome["rewritten"]
        assert set(outcome["rewritten"]) <= {site["id"] for site in sites if site["safety"] == "safe"}


class TestReport:
    def test_every_site_that_is_left_has_a_reason(self, name: str) -> None:
        sites = json.loads((GOLDEN / name / "report.json").read_bytes())["sites"]
        assert [
            s["text"] for s in sites if s["safety"] != "safe" and not (s["reason"] or s["question"])
        ] == []

    @pytest.mark.parametrize(
        ("path", "text", "reason"),
        [
            ("shop/pricing.py", "pickle.loads(pickle.dumps(order))", "deepcopy-idiom"),
            ("shop/pricing.py", "pickle.dumps(lines, protocol=4)", "hash-of-bytes"),
            ("tests/test_stock.py", "pickle.loads(pickle.dumps(shelf))", "pickling-test"),
        ],
    )
    def test_sites_of_the_shop_that_stay(self, path: str, text: str, reason: str) -> None:
        sites = json.loads((GOLDEN / "shop" / "report.json").read_bytes())["sites"]
        assert reason in {s["reason"] for s in sites if s["path"] == path and s["text"] == text}
        assert text.encode() in (GOLDEN / "shop" / "after" / path).read_bytes()

    def test_a_local_function_called_load_is_no_site(self) -> None:
        sites = json.loads((GOLDEN / "shop" / "report.json").read_bytes())["sites"]
        assert sorted(s["text"] for s in sites if s["path"] == "shop/feeds.py") == [
            "pickle.dump((stamp, prices), f)",
            "pickle.load(f)",
        ]

    def test_all_stored_pickles_are_found_by_content(self) -> None:
        report = json.loads((GOLDEN / "shop" / "report.json").read_bytes())
        shipped = sorted(f"data/{p.name}" for p in (GOLDEN / "shop" / "before" / "data").iterdir())
        assert sorted(report["data"]) == shipped


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> str:
    """How the shop's own tests end before the rewrite."""
    folder = tmp_path_factory.mktemp("before") / "shop"
    verdict = own_tests(Path(shutil.copytree(GOLDEN / "shop" / "before", folder, ignore=LEFT_BEHIND)))
    return verdict.partition(" in ")[0]


@pytest.fixture(scope="module")
def reencoded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shop after the rewrite, with all of its data converted."""
    folder = tmp_path_factory.mktemp("reencoded") / "shop"
    shop = Path(shutil.copytree(GOLDEN / "shop" / "after", folder, ignore=LEFT_BEHIND))
    reencode(shop)
    return shop


class TestShop:
    """The application's own tests are the judge."""

    def test_before_the_rewrite(self, before: str) -> None:
        assert before == "59 passed"

    def test_after_the_rewrite_with_its_old_data(self, shop: Path, before: str) -> None:
        assert own_tests(shop).partition(" in ")[0] == before

    def test_old_data_in_the_dual_read_stage(self, shop: Path, before: str) -> None:
        assert own_tests(shop, PICKLE_MIGRATE_STAGE_SHOP="dual-read").partition(" in ")[0] == before

    def test_after_reencode_pickles_can_be_refused(self, reencoded: Path, before: str) -> None:
        assert own_tests(reencoded, PICKLE_MIGRATE_STAGE_SHOP="json-only").partition(" in ")[0] == before

    def test_old_data_are_refused_when_pickles_are(self, shop: Path) -> None:
        script = "import pathlib, shop.catalog; shop.catalog.load(pathlib.Path('data/catalog.pkl'))"
        done = run("-c", script, cwd=shop, allowed=(1,), PICKLE_MIGRATE_STAGE_SHOP="json-only")
        assert b"reads nothing else in stage json-only" in done.stderr

    def test_nothing_is_left_to_reencode(self, reencoded: Path) -> None:
        again = json.loads(run("-m", "migrate", "reencode", "data", "--json", cwd=reencoded).stdout)
        assert again["converted"] == []

    def test_reencoded_files_hold_no_pickle(self, reencoded: Path) -> None:
        assert json.loads(migrate("scan", reencoded, "--json"))["data"] == []


def reencode(shop: Path) -> None:
    """Convert the shop's data as its owner would: the one file with 8-bit text first, with its encoding."""
    run("-m", "migrate", "reencode", "data/customers-2009.pkl", "--encoding", "utf-8", cwd=shop)
    run("-m", "migrate", "reencode", "data", cwd=shop)


class TestScripts:
    """Data of a script name ``__main__``, before the rewrite and when another script reads them."""

    def test_one_script_reads_what_another_stored(self, tmp_path: Path) -> None:
        after = GOLDEN / "scripts_main" / "after"
        run("train.py", tmp_path / "model", cwd=after)
        assert run("predict.py", tmp_path / "model", "1.2", cwd=after).stdout == b"YES 2\n"
        assert (tmp_path / "model").read_bytes().startswith(b"{")

    def test_the_script_itself_reads_what_its_older_self_stored(self, tmp_path: Path) -> None:
        run("train.py", tmp_path / "model", cwd=GOLDEN / "scripts_main" / "before")
        assert (tmp_path / "model").read_bytes().startswith(b"\x80")
        done = run("predict.py", tmp_path / "model", "0.2", cwd=GOLDEN / "scripts_main" / "after")
        assert done.stdout == b"NO 2\n"


class TestOwnMigrateModule:
    @pytest.fixture
    def trees(self, tmp_path: Path) -> dict[str, Path]:
        """The tree before and after the rewrite, the latter with the runtime that was written into it."""
        before = GOLDEN / "own_migrate_module" / "before"
        made = {
            n: Path(shutil.copytree(before, tmp_path / n, ignore=LEFT_BEHIND)) for n in ("before", "after")
        }
        migrate("rewrite", made["after"], "--write", "--include", "review")
        return made

    def test_its_script_still_runs_and_the_tool_is_not_needed(
        self, trees: dict[str, Path], tmp_path: Path
    ) -> None:
        for version in (b"version 2\n", b"version 3\n"):
            done = run("-S", "migrate.py", tmp_path / "state", cwd=trees["after"], PYTHONPATH=dependencies())
            assert done.stdout == version

    def test_it_reads_what_its_older_self_stored(self, trees: dict[str, Path], tmp_path: Path) -> None:
        run("migrate.py", tmp_path / "state", cwd=trees["before"], PYTHONPATH="")
        assert (
            run("migrate.py", tmp_path / "state", cwd=trees["after"], PYTHONPATH="").stdout == b"version 3\n"
        )


def dependencies() -> str:
    """Return where cattrs and its like are installed; with ``-S`` that hides an editable install."""
    return sysconfig.get_path("purelib")
