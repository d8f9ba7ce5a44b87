"""The patch series: complete, divided as asked, and applied by git alone, in order and in any order."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from migrate.cli import cli
from migrate.review.owners import Owners
from tests.review.support import ASKING, SAFE, make_tree

GIT = shutil.which("git")
GOLDEN = Path(__file__).resolve().parents[2] / "golden"
pytestmark = pytest.mark.skipif(GIT is None, reason="git is not installed")

FILES = {
    "shop/__init__.py": b"",
    "shop/orders.py": SAFE,
    "shop/cache.py": ASKING,
    "bank/__init__.py": b"",
    "bank/orders.py": SAFE,
    "zoo/__init__.py": b"",
    "zoo/dos.py": SAFE.replace(b"\n", b"\r\n"),
    "zoo/no_end.py": SAFE.rstrip(b"\n"),
    "zoo/latin.py": "# coding: latin-1\n# ü\n".encode("latin-1") + SAFE,
}


def git(root, *arguments, check=True):
    command = [GIT, "-c", "user.name=Ann", "-c", "user.email=ann@example.org", *map(str, arguments)]
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    assert done.returncode == 0 or not check, done.stderr.decode()
    return done.stdout.decode()


@pytest.fixture
def repository(tmp_path):
    return commit(make_tree(tmp_path / "repository", FILES))


def commit(root):
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "core.autocrlf", "false")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "as found")
    return root


def patches(tree, folder, *arguments):
    command = ["review", str(tree), "--patches", str(folder), *map(str, arguments)]
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 0, done.output
    return sorted(folder.glob("*.patch"))


def reset(repository):
    git(repository, "reset", "-q", "--hard", "main")
    git(repository, "clean", "-q", "-f", "-d")


def content(root):
    return {
        p.relative_to(root).as_posix(): p.read_bytes()
        for p in root.rglob("*.py")
        if ".git" not in p.relative_to(root).parts
    }


def test_each_applies_alone_and_all_in_order_and_backwards(repository, tmp_path):
    series = patches(repository, tmp_path / "series", "--include", "review")
    assert [p.name for p in series] == [
        "0001-Take-bank-off-pickle.patch",
        "0002-Take-shop-off-pickle.patch",
        "0003-Take-zoo-off-pickle.patch",
    ]
    git(repository, "checkout", "-q", "-b", "trial")
    for patch in series:
        git(repository, "apply", "--check", patch)
        git(repository, "am", "-q", "--keep-cr", patch)
        reset(repository)
    git(repository, "am", "-q", "--keep-cr", *reversed(series))
    reset(repository)
    git(repository, "am", "-q", "--keep-cr", *series)
    applied = content(repository)
    reset(repository)
    assert (
        CliRunner().invoke(cli, ["rewrite", str(repository), "--write", "--include", "review"]).exit_code == 0
    )
    assert content(repository) == applied


def test_a_patch_holds_the_converters_of_its_sites_and_the_tree_works_after_it_alone(repository, tmp_path):
    patch = patches(repository, tmp_path / "series")[0]
    git(repository, "am", "-q", patch)
    changed = git(repository, "show", "--stat=200", "--format=", "--name-only").split()
    assert sorted(changed) == ["bank/converters.py", "bank/orders.py"]
    assert b"from bank import converters" in (repository / "bank/orders.py").read_bytes()


@pytest.mark.parametrize("name", ["shop", "own_migrate_module"])
def test_git_takes_the_patches_of_a_golden_tree_each_alone_and_all_in_order(name, tmp_path):
    ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    shutil.copytree(GOLDEN / name / "before", tmp_path / name, ignore=ignored)
    root = commit(tmp_path / name)
    series = patches(root, tmp_path / "series", "--include", "review")
    git(root, "checkout", "-q", "-b", "trial")
    for patch in series:
        git(root, "am", "-q", "--keep-cr", patch)
        reset(root)
    git(root, "am", "-q", "--keep-cr", *series)
    expected = {
        path: data for path, data in content(GOLDEN / name / "after").items() if "__pycache__" not in path
    }
    applied = {path: data for path, data in content(root).items() if "_pickle_migrate" not in path}
    assert applied == expected


def test_the_message_says_what_was_asked_and_what_is_left(repository, tmp_path):
    patch = patches(repository, tmp_path / "series", "--include", "review")[1]
    git(repository, "am", "-q", patch)
    message = git(repository, "log", "-1", "--format=%an <%ae>%n%s%n%b")
    assert "Ann" not in message
    assert "Take shop off pickle\n4 call sites in 2 files go through generated converters" in message
    assert "* shop/cache.py:5: Are all classes that can be in `data`" in message


def test_an_author_can_be_named_beyond_ascii(repository, tmp_path):
    patch = patches(repository, tmp_path / "series", "--author", "Jörg Müller <j@example.org>")[0]
    git(repository, "am", "-q", patch)
    assert git(repository, "log", "-1", "--format=%an <%ae>").strip() == "Jörg Müller <j@example.org>"


def test_only_what_is_safe_or_accepted_is_in_it(repository, tmp_path):
    text = b"".join(p.read_bytes() for p in patches(repository, tmp_path / "series"))
    assert b"shop/orders.py" in text
    assert b"diff --git a/shop/cache.py" not in text


def test_paths_are_those_of_the_repository_when_the_tree_is_a_part_of_it(tmp_path):
    root = commit(
        make_tree(tmp_path / "mono", {f"services/web/{path}": data for path, data in FILES.items()})
    )
    (patch,) = patches(root / "services/web", tmp_path / "series", "--split-by", "size", "--size", "99")
    assert b"diff --git a/services/web/shop/orders.py" in patch.read_bytes()
    git(root, "am", "-q", "--keep-cr", patch)


def test_packages_of_the_same_name_are_patches_of_their_own(tmp_path):
    twice = {
        f"{root}/shop/{name}.py": data for root in "ab" for name, data in (("__init__", b""), ("m", SAFE))
    }
    root = commit(make_tree(tmp_path / "twice", twice))
    text = b"".join(p.read_bytes() for p in patches(root, tmp_path / "series"))
    assert all(text.count(b"diff --git a/%b/shop/m.py" % name) == 1 for name in (b"a", b"b"))


def test_by_owner_packages_of_the_same_owners_are_one_patch(repository, tmp_path):
    (repository / "CODEOWNERS").write_text("* @everyone\n/bank/ @money\n/shop/ @money\n")
    series = patches(repository, tmp_path / "series", "--split-by", "owner")
    assert [p.read_bytes().count(b"diff --git") for p in series] == [4, 4]
    assert b"Cc: @everyone\n" in series[0].read_bytes()
    assert b"Cc: @money\n" in series[1].read_bytes()
    for patch in series:
        git(repository, "apply", "--check", patch)


def test_by_size_small_packages_are_one_patch(repository, tmp_path):
    assert len(patches(repository, tmp_path / "two", "--split-by", "size", "--size", "4")) == 2
    assert len(patches(repository, tmp_path / "three", "--split-by", "size", "--size", "1")) == 3


def test_with_a_vendored_runtime_there_is_one_patch(repository, tmp_path):
    (patch,) = patches(repository, tmp_path / "series", "--vendor")
    git(repository, "am", "-q", "--keep-cr", patch)


def test_a_folder_with_other_patches_is_refused(repository, tmp_path):
    (tmp_path / "series").mkdir()
    (tmp_path / "series" / "0001-Another.patch").write_bytes(b"")
    done = CliRunner().invoke(cli, ["review", str(repository), "--patches", str(tmp_path / "series")])
    assert done.exit_code == 1
    assert "holds patches already" in " ".join(done.stderr.split())
    assert [p.name for p in (tmp_path / "series").iterdir()] == ["0001-Another.patch"]


def test_a_series_of_which_a_part_is_there_is_completed(repository, tmp_path):
    whole = {p.name: p.read_bytes() for p in patches(repository, tmp_path / "series")}
    (tmp_path / "series" / max(whole)).unlink()
    assert {p.name: p.read_bytes() for p in patches(repository, tmp_path / "series")} == whole


def test_nothing_to_do_writes_nothing(tmp_path):
    tree = make_tree(tmp_path / "tree", {"cache.py": ASKING})
    assert patches(tree, tmp_path / "series") == []


# --- CODEOWNERS ---------------------------------------------------------------------------------------------

RULES = Owners.parse(
    """
# comment
*                @all   # and more
*.py             @python
/docs/           @writers
docs/*           @near @by
apps/            @apps
apps/github
/a\\ b/          @blank
[Section] @someone
**/logs          @logs
""".splitlines()
)


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README", ("@all",)),
        ("x/y.py", ("@python",)),
        ("docs/index.md", ("@near", "@by")),
        ("docs/deep/index.md", ("@writers",)),
        ("src/apps/x.py", ("@apps",)),
        ("apps/github/x.py", ()),
        ("a b/x.txt", ("@blank",)),
        ("deep/er/logs/x.py", ("@logs",)),
    ],
)
def test_the_last_rule_that_matches_wins(path, owners):
    assert RULES.owners_of(path) == owners
