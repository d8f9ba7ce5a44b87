"""`git apply` takes the patch, for every kind of content and name, and gives exactly the bytes after."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from migrate.model import FileEdit
from migrate.review.diff import unified_diff

if TYPE_CHECKING:
    from pathlib import Path

GIT = shutil.which("git")
MANY = b"".join(b"line %d\n" % n for n in range(100))

EDITS: dict[str, FileEdit] = {
    "a change": FileEdit("a.py", b"one\ntwo\nthree\n", b"one\n2\nthree\n"),
    "several hunks": FileEdit(
        "a.py", MANY, MANY.replace(b"line 3\n", b"").replace(b"line 80\n", b"new\nlines\n")
    ),
    "CRLF": FileEdit("a.py", b"one\r\ntwo\r\n", b"one\r\n2\r\n"),
    "CRLF becomes LF": FileEdit("a.py", b"one\r\ntwo\r\n", b"one\ntwo\n"),
    "mixed line ends and a lone carriage return": FileEdit("a.py", b"a\rb\r\nc\nd\n", b"a\rb\r\nc\nD\n"),
    "form feeds and other separators": FileEdit(
        "a.py", b"a\x0cb\x0b\x1c\xc2\x85\n\x0c\nx\n", b"a\x0cb\x0b\x1c\xc2\x85\n\x0c\ny\n"
    ),
    "latin-1": FileEdit("a.py", b"\xe9\n\xfc\nx\n", b"\xe9\n\xfc\xdf\nx\n"),
    "no final newline": FileEdit("a.py", b"one\ntwo", b"one\n2"),
    "a final newline goes": FileEdit("a.py", b"one\ntwo\n", b"one\ntwo"),
    "a final newline comes": FileEdit("a.py", b"one\ntwo", b"one\ntwo\n"),
    "no final newline far from the change": FileEdit("a.py", MANY + b"end", b"new\n" + MANY + b"end"),
    "no final newline in the context": FileEdit("a.py", b"one\ntwo\nend", b"1\ntwo\nend"),
    "a new file": FileEdit("a.py", None, b"one\n"),
    "a new file without a final newline": FileEdit("a.py", None, b"one"),
    "a new file in a new folder": FileEdit("x/y/a.py", None, b"one\ntwo\n"),
    "a new empty file": FileEdit("x/__init__.py", None, b""),
    "an empty file gets content": FileEdit("a.py", b"", b"one\n"),
    "a file becomes empty": FileEdit("a.py", b"one\n", b""),
    "a name with blanks": FileEdit("my dir/a b.py", b"one\n", b"two\n"),
    "a new file with blanks in its name": FileEdit("my dir/a b.py", None, b"two\n"),
    "a name beyond ASCII": FileEdit("bücher/日本.py", b"one\n", b"two\n"),
    "a new file with a name beyond ASCII": FileEdit("bücher/日 本.py", None, b"two\n"),
    "quotes and backslashes in a name": FileEdit('a"b\\c.py', b"one\n", b"two\n"),
    "tabs and control characters in a name": FileEdit("a\tb\x01.py", b"one\n", b"two\n"),
    "brackets that markup would eat": FileEdit("a.py", b"x: list[int]\n", b"x: list[str]\n"),
    "lines that look like a patch": FileEdit("a.py", b"-- a\n++ b\n@@ x\n", b"-- a\n++ c\n@@ x\n"),
}


def repository(root: Path, edit: FileEdit) -> Path:
    if GIT is None:
        pytest.skip("git is not installed")
    root.mkdir()
    git(root, "init", "-q")
    git(root, "config", "core.autocrlf", "false")
    if edit.before is not None:
        path = root / edit.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(edit.before)
    return root


def git(root: Path, *arguments: str, stdin: bytes = b"") -> None:
    assert GIT is not None
    command = [GIT, "-c", "core.whitespace=cr-at-eol", *arguments]
    done = subprocess.run(command, cwd=root, input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", EDITS)
def test_git_applies_it(name: str, tmp_path: Path) -> None:
    edit = EDITS[name]
    root = repository(tmp_path / "repo", edit)
    patch = unified_diff([edit])
    git(root, "apply", "--check", "-", stdin=patch)
    git(root, "apply", "-", stdin=patch)
    assert (root / edit.path).read_bytes() == edit.after


@pytest.mark.parametrize("name", EDITS)
def test_git_takes_it_back(name: str, tmp_path: Path) -> None:
    edit = EDITS[name]
    root = repository(tmp_path / "repo", edit)
    patch = unified_diff([edit])
    git(root, "apply", "-", stdin=patch)
    git(root, "apply", "--reverse", "-", stdin=patch)
    path = root / edit.path
    assert (path.read_bytes() if path.exists() else None) == edit.before


def test_one_patch_for_several_files(tmp_path: Path) -> None:
    edits = [
        FileEdit("a b.py", b"one\n", b"two"),
        FileEdit("new.py", None, b"x"),
        FileEdit("empty/__init__.py", None, b""),
        FileEdit("é.py", None, b"y\n"),
    ]
    root = repository(tmp_path / "repo", edits[0])
    git(root, "apply", "-", stdin=unified_diff(edits))
    assert {e.path: (root / e.path).read_bytes() for e in edits} == {e.path: e.after for e in edits}


def test_the_text() -> None:
    assert unified_diff(
        [FileEdit("shop/a.py", b"import pickle\nx = 1", b"from shop import converters\nx = 1")]
    ) == (
        b"diff --git a/shop/a.py b/shop/a.py\n"
        b"--- a/shop/a.py\n"
        b"+++ b/shop/a.py\n"
        b"@@ -1,2 +1,2 @@\n"
        b"-import pickle\n"
        b"+from shop import converters\n"
        b" x = 1\n"
        b"\\ No newline at end of file\n"
    )


def test_what_does_not_change_is_not_in_it() -> None:
    assert unified_diff([FileEdit("a.py", b"x\n", b"x\n")]) == b""
    assert unified_diff([]) == b""


def test_a_patch_for_other_bytes_is_not_taken(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", FileEdit("a.py", b"other\n", b""))
    with pytest.raises(AssertionError):
        git(root, "apply", "--check", "-", stdin=unified_diff([FileEdit("a.py", b"one\n", b"two\n")]))
