"""Edited code back into the file of a notebook: what did not change keeps its bytes."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from migrate.cli import cli
from migrate.rewrite.notebook import put_back
from migrate.rewrite.refusal import CannotEdit
from migrate.sites.notebooks import Notebook
from tests.sites.test_notebooks import notebook


def edited(data: bytes, old: str, new: str) -> bytes:
    read = Notebook("a.ipynb", data)
    assert old.encode() in read.code
    return put_back(read, read.code.replace(old.encode(), new.encode()))


def source(data: bytes, cell: int = 0) -> str:
    return "".join(json.loads(data)["cells"][cell]["source"])


def changed_lines(before: bytes, after: bytes) -> list[tuple[bytes, bytes]]:
    pairs = zip(before.splitlines(), after.splitlines(), strict=True)
    return [(old, new) for old, new in pairs if old != new]


def test_only_the_edited_line_changes():
    data = notebook("a = 1\nb = 'é'\nc = 3", "d = 4")
    after = edited(data, "b = 'é'", "b = 'ü'")
    assert changed_lines(data, after) == [
        ("    \"b = 'é'\\n\",".encode(), "    \"b = 'ü'\\n\",".encode()),
    ]


def test_nothing_changes_when_nothing_was_edited():
    data = notebook("%time x\na = 1", "")
    assert edited(data, "a = 1", "a = 1") == data


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a = 1\n", "", "b = 2"),
        ("\nb = 2", "", "a = 1"),
        ("b = 2", "b = 2\nc = 3", "a = 1\nb = 2\nc = 3"),
        ("a = 1", "z = 0\na = 1", "z = 0\na = 1\nb = 2"),
    ],
)
def test_the_last_line_of_a_cell_has_no_end(old: str, new: str, expected: str):
    assert source(edited(notebook("a = 1\nb = 2"), old, new)) == expected


def test_a_last_line_that_had_an_end_keeps_it():
    assert source(edited(notebook("a = 1\nb = 2\n"), "b = 2", "b = 3")) == "a = 1\nb = 3\n"


def test_a_cell_that_becomes_empty_stays_a_cell():
    after = edited(notebook("a = 1", "b = 2"), "a = 1\n", "")
    assert b'"source": []' in after
    assert source(after, 1) == "b = 2"


def test_escapes_and_line_ends_of_the_file_stay():
    data = json.dumps(json.loads(notebook("a = 'é'\nb = 2")), indent=1).encode().replace(b"\n", b"\r\n")
    after = edited(data + b"\r\n", "b = 2", "b = 'ü'")
    assert b"\\u00e9" in after
    assert b"\\u00fc" in after
    assert after.count(b"\n") == after.count(b"\r\n") == data.count(b"\n") + 1


def test_magics_stay_as_they_are():
    data = notebook("!ls\nfiles = !ls\nif a:\n    %time b\nc = 1\n!ls")
    assert source(edited(data, "c = 1", "c = 2")) == source(data).replace("c = 1", "c = 2")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# pickle-migrate-cell 1\n", ""),
        ("# end of pickle-migrate-cell 1\n", ""),
        ("# pickle-migrate-cell 1\n", "import os\n# pickle-migrate-cell 1\n"),
        ("# end of pickle-migrate-cell 2\n", "# end of pickle-migrate-cell 2\nimport os\n"),
        ("__magic__", "magic"),
    ],
)
def test_an_edit_outside_the_code_of_a_cell_is_refused(old: str, new: str):
    with pytest.raises(CannotEdit):
        edited(notebook("a = 1", "files = !ls"), old, new)


def test_the_rewrite_can_be_undone_byte_for_byte(tmp_path):
    file = tmp_path / "a.ipynb"
    file.write_bytes(notebook("import pickle", "with open('x', 'wb') as f:\n    pickle.dump([1], f)"))
    before = file.read_bytes()
    run = CliRunner().invoke
    assert run(cli, ["rewrite", str(tmp_path), "--write"]).exit_code == 0
    assert file.read_bytes() == before, "it asks a question"
    assert run(cli, ["rewrite", str(tmp_path), "--write", "--include", "review"]).exit_code == 0
    assert source(file.read_bytes(), 1) == "with open('x', 'wb') as f:\n    converters.dump([1], f)"
    assert run(cli, ["undo", str(tmp_path)]).exit_code == 0
    assert file.read_bytes() == before


def test_a_class_of_a_notebook_that_flows_elsewhere_is_asked_about(tmp_path):
    (tmp_path / "store.py").write_text("import pickle\ndef save(x, f):\n    pickle.dump(x, f)\n")
    (tmp_path / "a.ipynb").write_bytes(
        notebook("from store import save\nclass Point:\n    x: int = 1", "save(Point(), open('p', 'wb'))")
    )
    done = CliRunner().invoke(cli, ["rewrite", str(tmp_path), "--include", "review", "--json"])
    files = [file["path"] for file in json.loads(done.stdout)["files"]]
    assert files == ["converters.py", "store.py"]
    looked = json.loads(CliRunner().invoke(cli, ["scan", str(tmp_path), "--json"]).stdout)
    (site,) = looked["sites"]
    assert "Point is a class of the notebook a.ipynb, which nothing can import" in site["question"]
    assert (
        "a-notebook" not in CliRunner().invoke(cli, ["rewrite", str(tmp_path), "--include", "review"]).stdout
    )
