"""Writing and taking back: whole files only, at any point of time."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from migrate.model import FileEdit
from migrate.rewrite import apply, undo
from migrate.rewrite.journal import FOLDER

if TYPE_CHECKING:
    from pathlib import Path

SITES = ("site",)


def tree(root: Path) -> dict[str, bytes]:
    """Return all files below ``root`` but the journal."""
    paths = (p for p in sorted(root.rglob("*")) if p.is_file() and FOLDER not in p.parts)
    return {str(p.relative_to(root)): p.read_bytes() for p in paths}


@pytest.fixture
def edits(tmp_path: Path) -> list[FileEdit]:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/store.py").write_bytes(b"import pickle\r\n")
    (tmp_path / "report.py").write_bytes(b"old")
    return [
        FileEdit("shop/_runtime/__init__.py", None, b""),
        FileEdit("shop/converters.py", None, b"codec\n"),
        FileEdit("shop/store.py", b"import pickle\r\n", b"from shop import converters\r\n", SITES),
        FileEdit("report.py", b"old", b"new", SITES),
    ]


def test_everything_is_written(tmp_path: Path, edits: list[FileEdit]) -> None:
    applied = apply(tmp_path, edits)
    assert applied.problems == ()
    assert set(applied.written) == {e.path for e in edits}
    assert tree(tmp_path) == {e.path: e.after for e in edits}


def test_undo_restores_every_byte(tmp_path: Path, edits: list[FileEdit]) -> None:
    before = tree(tmp_path)
    run = apply(tmp_path, edits).run_id
    outcome = undo(tmp_path, run)
    assert outcome.problems == ()
    assert set(outcome.written) == {e.path for e in edits}
    assert tree(tmp_path) == before
    assert not (tmp_path / "shop/_runtime").exists()


def test_undo_without_a_name_takes_back_the_last_run_and_then_the_one_before(
    tmp_path: Path, edits: list[FileEdit]
) -> None:
    first = tree(tmp_path)
    apply(tmp_path, edits)
    second = tree(tmp_path)
    apply(tmp_path, [FileEdit("report.py", b"new", b"newer", SITES)])
    undo(tmp_path)
    assert tree(tmp_path) == second
    undo(tmp_path)
    assert tree(tmp_path) == first


def test_nothing_to_undo(tmp_path: Path) -> None:
    assert [p.reason for p in undo(tmp_path).problems] == ["nothing-to-undo"]
    assert [p.reason for p in undo(tmp_path, "no-such-run").problems] == ["nothing-to-undo"]


def test_undo_twice_is_once(tmp_path: Path, edits: list[FileEdit]) -> None:
    run = apply(tmp_path, edits).run_id
    undo(tmp_path, run)
    assert undo(tmp_path, run).written == ()


def test_undo_leaves_a_file_that_was_changed_since(tmp_path: Path, edits: list[FileEdit]) -> None:
    run = apply(tmp_path, edits).run_id
    (tmp_path / "report.py").write_bytes(b"by hand")
    outcome = undo(tmp_path, run)
    assert [(p.path, p.reason) for p in outcome.problems] == [("report.py", "changed-since")]
    assert tree(tmp_path) == {"report.py": b"by hand", "shop/store.py": b"import pickle\r\n"}
    forced = undo(tmp_path, run, force=True)
    assert forced.problems == ()
    assert (tmp_path / "report.py").read_bytes() == b"old"


def test_undo_removes_a_new_file_that_was_changed_since_only_by_force(
    tmp_path: Path, edits: list[FileEdit]
) -> None:
    run = apply(tmp_path, edits).run_id
    (tmp_path / "shop/converters.py").write_bytes(b"codec # mine\n")
    assert [p.path for p in undo(tmp_path, run).problems] == ["shop/converters.py"]
    assert (tmp_path / "shop/converters.py").exists()
    undo(tmp_path, run, force=True)
    assert not (tmp_path / "shop/converters.py").exists()


def test_undo_of_a_file_that_was_deleted_since(tmp_path: Path, edits: list[FileEdit]) -> None:
    run = apply(tmp_path, edits).run_id
    (tmp_path / "report.py").unlink()
    assert [p.path for p in undo(tmp_path, run).problems] == ["report.py"]
    undo(tmp_path, run, force=True)
    assert (tmp_path / "report.py").read_bytes() == b"old"


def test_a_file_that_changed_while_planning_is_left_alone(tmp_path: Path, edits: list[FileEdit]) -> None:
    (tmp_path / "report.py").write_bytes(b"changed")
    applied = apply(tmp_path, edits)
    assert [(p.path, p.reason) for p in applied.problems] == [("report.py", "changed-since")]
    assert (tmp_path / "report.py").read_bytes() == b"changed"
    assert (tmp_path / "shop/store.py").read_bytes() == b"from shop import converters\r\n"


def test_a_new_file_that_exists_by_now_stops_everything(tmp_path: Path, edits: list[FileEdit]) -> None:
    (tmp_path / "shop/converters.py").write_bytes(b"theirs")
    before = tree(tmp_path)
    applied = apply(tmp_path, edits)
    assert applied.run_id is None
    assert [p.path for p in applied.problems] == ["shop/converters.py"]
    assert tree(tmp_path) == before


def test_a_read_only_file_is_a_problem_and_the_rest_goes_on(tmp_path: Path, edits: list[FileEdit]) -> None:
    (tmp_path / "report.py").chmod(0o444)
    applied = apply(tmp_path, edits)
    assert [(p.path, p.reason) for p in applied.problems] == [("report.py", "read-only")]
    assert (tmp_path / "report.py").read_bytes() == b"old"
    assert stat.S_IMODE((tmp_path / "report.py").stat().st_mode) == 0o444
    assert "shop/store.py" in applied.written


def test_a_read_only_folder_of_the_converters_stops_everything(tmp_path: Path, edits: list[FileEdit]) -> None:
    (tmp_path / "shop").chmod(0o555)
    before = tree(tmp_path)
    applied = apply(tmp_path, edits)
    (tmp_path / "shop").chmod(0o755)
    assert {p.reason for p in applied.problems} == {"read-only"}
    assert tree(tmp_path) == before


def test_when_the_converters_module_fails_on_the_way_nothing_stays_written(
    tmp_path: Path, edits: list[FileEdit], monkeypatch: pytest.MonkeyPatch
) -> None:
    from migrate.rewrite import apply as module_function
    from migrate.rewrite import atomic

    write = atomic.replace_content

    def failing(path: Path, data: bytes) -> None:
        if path.name == "converters.py":
            raise OSError(28, "No space left on device")
        write(path, data)

    monkeypatch.setitem(module_function.__globals__, "replace_content", failing)
    before = tree(tmp_path)
    applied = apply(tmp_path, edits)
    assert [(p.path, p.reason) for p in applied.problems] == [("shop/converters.py", "write-failed")]
    assert applied.run_id is None
    assert tree(tmp_path) == before


def test_permissions_stay(tmp_path: Path, edits: list[FileEdit]) -> None:
    (tmp_path / "report.py").chmod(0o751)
    run = apply(tmp_path, edits).run_id
    assert stat.S_IMODE((tmp_path / "report.py").stat().st_mode) == 0o751
    undo(tmp_path, run)
    assert stat.S_IMODE((tmp_path / "report.py").stat().st_mode) == 0o751


def test_a_new_file_has_the_usual_permissions(tmp_path: Path, edits: list[FileEdit]) -> None:
    old = os.umask(0o027)
    try:
        apply(tmp_path, edits)
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "shop/converters.py").stat().st_mode) == 0o640


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.py").write_bytes(b"old")
    (tmp_path / "link.py").symlink_to("real.py")
    apply(tmp_path, [FileEdit("link.py", b"old", b"new", SITES)])
    assert (tmp_path / "link.py").is_symlink()
    assert (tmp_path / "real.py").read_bytes() == b"new"


def test_nothing_to_write_leaves_nothing_behind(tmp_path: Path) -> None:
    assert apply(tmp_path, []).run_id is None
    assert list(tmp_path.iterdir()) == []


def test_the_journal_ignores_itself_and_tells_what_was(tmp_path: Path, edits: list[FileEdit]) -> None:
    run = apply(tmp_path, edits).run_id
    assert run is not None
    assert (tmp_path / FOLDER / ".gitignore").read_text() == "*\n"
    manifest = json.loads((tmp_path / FOLDER / "undo" / run / "manifest.json").read_text())
    assert [(f["path"], f["before"] is None) for f in manifest["files"]] == [
        (e.path, e.before is None) for e in edits
    ]


def test_no_temporary_file_stays(tmp_path: Path, edits: list[FileEdit]) -> None:
    apply(tmp_path, edits)
    assert not [path for path in tree(tmp_path) if path.endswith(".tmp")]


KILLED = """
import sys
from pathlib import Path
from migrate.model import FileEdit
from migrate.rewrite import apply
root = Path(sys.argv[1])
edits = [FileEdit("converters.py", None, b"codec" * 1000)]
edits += [FileEdit(f"f{n}.py", b"old" * 1000, b"new!" * 1000, ("s",)) for n in range(40)]
apply(root, edits)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_kill_leaves_every_file_old_or_new_and_undo_works(tmp_path: Path) -> None:
    rng = random.Random(7)
    interrupted = 0
    for attempt in range(4):
        root = tmp_path / str(attempt)
        root.mkdir()
        for n in range(40):
            (root / f"f{n}.py").write_bytes(b"old" * 1000)
        before = tree(root)
        with subprocess.Popen([sys.executable, "-c", KILLED, str(root)]) as process:
            # The first attempt is killed while the journal is written, the others while the files are.
            begun = root / ("converters.py" if attempt else FOLDER)
            while not begun.exists():
                assert process.poll() is None
                time.sleep(0.001)
            time.sleep(rng.uniform(0, 0.05))
            process.send_signal(signal.SIGKILL)
        found = {path: data for path, data in tree(root).items() if not path.endswith(".tmp")}
        assert set(found.values()) <= {b"old" * 1000, b"new!" * 1000, b"codec" * 1000}
        assert found.keys() >= before.keys()
        interrupted += b"old" * 1000 in found.values() and found != before
        undo(root)
        assert tree(root) == before
    assert interrupted
