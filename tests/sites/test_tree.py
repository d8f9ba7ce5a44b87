"""Reading a tree: which files are source, which are left out, what cannot be read."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from migrate.sites import contents
from migrate.sites.tree import data_files, read_tree

if TYPE_CHECKING:
    from pathlib import Path


def make(root: Path, *paths: str, content: str = "import pickle\n") -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    return root


def paths(root: Path, **options) -> list[str]:
    return list(read_tree(root, **options).sources)


def test_sources_and_their_bytes(tmp_path):
    make(tmp_path, "b.py", "a/c.pyw", "a/d.txt", "e.pyc", "f.pyi")
    assert read_tree(tmp_path).sources == {"a/c.pyw": b"import pickle\n", "b.py": b"import pickle\n"}


def test_one_file(tmp_path):
    make(tmp_path, "a/b.py", "a/c.py")
    assert paths(tmp_path / "a/b.py") == ["b.py"]


def test_scripts_without_extension(tmp_path):
    make(tmp_path, "run", content="#!/usr/bin/env python3\nimport pickle\n")
    make(tmp_path, "build.sh", "other", content="#!/bin/sh\npython x\n")
    make(tmp_path, "README", content="python\n")
    assert paths(tmp_path) == ["run"]


@pytest.mark.parametrize(
    "directory",
    [
        ".git",
        ".hg",
        ".tox",
        "__pycache__",
        "node_modules",
        "x.egg-info",
        "lib/site-packages",
        ".pickle-migrate",
        "build",
        "dist",
    ],
)
def test_left_out(tmp_path, directory):
    make(tmp_path, f"{directory}/a.py", "b.py")
    assert paths(tmp_path) == ["b.py"]


@pytest.mark.parametrize("directory", ["builder", "src/distance", "git", ".github", "environment"])
def test_not_left_out(tmp_path, directory):
    make(tmp_path, f"{directory}/a.py")
    assert paths(tmp_path) == [f"{directory}/a.py"]


def test_a_package_called_build_is_source(tmp_path):
    make(tmp_path, "build/__init__.py", "build/a.py")
    assert paths(tmp_path) == ["build/__init__.py", "build/a.py"]


def test_virtual_environments_and_copies_of_the_standard_library_are_named(tmp_path):
    make(tmp_path, "env/pyvenv.cfg", "env/lib/a.py", "frozen/lib/os.py", "frozen/lib/site.py", "a.py")
    tree = read_tree(tmp_path)
    assert list(tree.sources) == ["a.py"]
    assert tree.skipped == ("env", "frozen/lib")


def test_links_are_not_followed(tmp_path):
    make(tmp_path, "outside/a.py", "tree/b.py")
    (tmp_path / "tree/link").symlink_to(tmp_path / "outside")
    (tmp_path / "tree/c.py").symlink_to(tmp_path / "outside/a.py")
    (tmp_path / "tree/loop").symlink_to(tmp_path / "tree")
    assert paths(tmp_path / "tree") == ["b.py"]


def test_a_tree_reached_by_a_link(tmp_path):
    make(tmp_path, "tree/b.py")
    (tmp_path / "link").symlink_to(tmp_path / "tree")
    assert paths(tmp_path / "link") == ["b.py"]


def test_unreadable_files_are_problems_and_the_rest_goes_on(tmp_path, monkeypatch):
    make(tmp_path, "a.py", "b.py")
    read = contents.read_stamped

    def read_stamped(path: str) -> tuple[bytes, contents.Stamp | None]:
        if path.endswith("/a.py"):
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(contents, "read_stamped", read_stamped)
    tree = read_tree(tmp_path)
    assert list(tree.sources) == ["b.py"]
    assert [(p.path, p.reason, p.message) for p in tree.problems] == [
        ("a.py", "unreadable", "a.py: could not be read (Permission denied)")
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"include": ["src"]}, ["src/a.py", "src/x/b.py"]),
        ({"include": ["src/*.py"]}, ["src/a.py", "src/x/b.py"]),
        ({"include": ["b.py"]}, ["src/x/b.py"]),
        ({"exclude": ["src/"]}, ["c.py", "tests/test_d.py"]),
        ({"exclude": ["test_*.py"]}, ["c.py", "src/a.py", "src/x/b.py"]),
        ({"include": ["src"], "exclude": ["*/x/*"]}, ["src/a.py"]),
    ],
)
def test_include_and_exclude(tmp_path, options, expected):
    make(tmp_path, "src/a.py", "src/x/b.py", "c.py", "tests/test_d.py")
    assert paths(tmp_path, **options) == expected


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
class TestGit:
    @pytest.fixture
    def repository(self, tmp_path):
        make(tmp_path, "a.py", "new.py", "generated/g.py", "build/b.py")
        (tmp_path / ".gitignore").write_text("generated/\n")
        self.git(tmp_path, "init", "-q")
        self.git(tmp_path, "add", "a.py", "build/b.py")
        return tmp_path

    def git(self, root, *arguments):
        subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)

    def test_ignored_files_are_left_out_and_tracked_ones_are_not(self, repository):
        assert paths(repository) == ["a.py", "build/b.py", "new.py"]

    def test_a_directory_of_it(self, repository):
        make(repository, "sub/x.py", "sub/generated/y.py")
        assert paths(repository / "sub") == ["x.py"]

    def test_an_ignored_directory_that_is_asked_for(self, repository):
        assert paths(repository / "generated") == ["g.py"]

    def test_a_deleted_file(self, repository):
        (repository / "a.py").unlink()
        tree = read_tree(repository)
        assert list(tree.sources) == ["build/b.py", "new.py"]
        assert tree.problems == ()

    def test_programs_named_in_the_settings_of_the_tree_do_not_run(self, repository):
        marker = repository / "marker"
        hook = repository / "hook.sh"
        hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
        hook.chmod(0o755)
        self.git(repository, "config", "core.fsmonitor", str(hook))
        assert "a.py" in paths(repository)
        assert not marker.exists()

    def test_a_committed_environment(self, repository):
        make(repository, "venv/pyvenv.cfg", "venv/a.py")
        self.git(repository, "add", "-f", "venv")
        tree = read_tree(repository)
        assert "venv/a.py" not in tree.sources
        assert tree.skipped == ("venv",)


class TestGitignoreWithoutGit:
    """Outside of a work tree the files are read: the result is what git would say."""

    @pytest.fixture
    def folder(self, tmp_path):
        make(
            tmp_path,
            "a.py",
            "gen/b.py",
            "src/gen/c.py",
            "src/keep_1.py",
            "src/x_1.py",
            "src/sub/d.py",
            "t/e.py",
        )
        (tmp_path / ".gitignore").write_text("gen/\n*_1.py\n!keep_1.py\n/t\n# comment\n")
        (tmp_path / "src/sub/.gitignore").write_text("d.py\n")
        return tmp_path

    def test_patterns_nested_files_and_exceptions(self, folder):
        assert paths(folder) == ["a.py", "src/keep_1.py"]

    @pytest.mark.skipif(not shutil.which("git"), reason="needs git")
    def test_git_says_the_same(self, folder):
        without = paths(folder)
        subprocess.run(["git", "-C", str(folder), "init", "-q"], check=True)
        assert paths(folder) == without

    def test_a_deeper_file_goes_before_one_higher_up(self, folder):
        (folder / "src/.gitignore").write_text("!x_1.py\n")
        assert "src/x_1.py" in paths(folder)

    def test_nothing_below_an_ignored_directory_comes_back(self, folder):
        (folder / "gen/.gitignore").write_text("!b.py\n")
        assert "gen/b.py" not in paths(folder)

    def test_without_gitignore_everything_is_read(self, folder):
        assert len(paths(folder, gitignore=False)) == 7

    def test_in_a_work_tree_too(self, folder):
        subprocess.run(["git", "-C", str(folder), "init", "-q"], check=True)
        assert len(paths(folder, gitignore=False)) == 7


class TestDataFiles:
    def test_everything_but_source(self, tmp_path):
        make(tmp_path, "a.py", "b.pkl", "data/c", "d.pyc", ".git/e.pkl", "venv/pyvenv.cfg", "venv/f.pkl")
        make(tmp_path, "empty.pkl", content="")
        assert [p.relative_to(tmp_path).as_posix() for p in data_files(tmp_path)] == ["b.pkl", "data/c"]

    def test_ignored_by_git_is_no_reason(self, tmp_path):
        make(tmp_path, ".gitignore", content="*.pkl\n")
        make(tmp_path, "b.pkl")
        assert tmp_path / "b.pkl" in list(data_files(tmp_path))


@pytest.mark.parametrize("line", ["!", "/", "a[", "\\", "!/", "[!]", "a/**b"])
def test_a_line_of_a_gitignore_that_means_nothing_stops_nobody(tmp_path: Path, line: str) -> None:
    (tmp_path / ".gitignore").write_text(f"{line}\nhidden.py\n")
    (tmp_path / "hidden.py").write_text("import pickle\n")
    (tmp_path / "seen.py").write_text("import pickle\n")
    assert set(read_tree(tmp_path).sources) == {"seen.py"}
