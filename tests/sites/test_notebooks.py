"""Notebooks as one module, each line where it stands in the file."""

from __future__ import annotations

import json

import pytest

from migrate.model import CellPlace
from migrate.sites import find_sites
from migrate.sites.notebooks import NotANotebookError, Notebook, in_cells
from migrate.sites.tree import read_tree


def notebook(*cells: str, kind: str = "code", indent: int | None = 1, **metadata: object) -> bytes:
    """Return a notebook as nbformat lays it out, or on one line."""
    made = [
        {"cell_type": kind, "metadata": {}, "outputs": [], "source": cell.splitlines(keepends=True)}
        for cell in cells
    ]
    document = {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(document, indent=indent, ensure_ascii=False) + "\n").encode()


def sites(data: bytes) -> list[tuple[str, CellPlace | None, str | None]]:
    read = Notebook("a.ipynb", data)
    found = in_cells(find_sites({"a.ipynb": read.code}), {"a.ipynb": read})
    return [(s.text, s.cell, s.reason) for file in found.values() for s in file.sites]


def test_every_line_of_code_stands_where_it_stands_in_the_file():
    data = notebook("import pickle\nx = 'é \"quoted\"'", "pickle.dumps(x)")
    in_file = [line.decode() for line in data.splitlines()]
    for number, line in enumerate(Notebook("a.ipynb", data).code.decode().splitlines()):
        if line.strip() and not line.startswith("# "):
            assert line in json.loads(in_file[number].strip().removesuffix(","))


def test_the_cells_share_one_namespace():
    assert sites(notebook("import pickle as p", "text = 1", "p.dumps(x)")) == [
        ("p.dumps(x)", CellPlace(3, 1), None)
    ]


def test_text_and_outputs_are_no_code():
    assert sites(notebook("import pickle\npickle.dumps(x)", kind="markdown")) == []


def test_the_cells_are_found_behind_an_output_that_looks_like_one():
    document = json.loads(notebook("import pickle", "pickle.dumps(x)"))
    document["cells"][0]["outputs"] = [{"data": {"source": ["import pickle"]}, "more": {"source": ["x\n"]}}]
    data = json.dumps(document, indent=1, sort_keys=True).encode() + b"\n"
    assert sites(data) == [("pickle.dumps(x)", CellPlace(2, 1), None)]


@pytest.mark.parametrize(
    "magic",
    [
        *("%matplotlib inline", "!ls *.pkl", "!ls \\\n  -l", "pickle?", "??pickle.dump", "files = !ls"),
        *("a, b = %who_ls", "if True:\n    !echo hi", "/pickle.dump x", "%%time", "%%capture out"),
    ],
)
def test_magics_do_not_break_the_cell(magic: str):
    assert [text for text, _, _ in sites(notebook("import pickle", f"{magic}\npickle.dumps(x)"))] == [
        "pickle.dumps(x)"
    ]


def test_a_line_that_only_looks_like_a_magic_stays_code():
    data = notebook("import pickle\nx = (5\n% pickle.loads(y))\n")
    assert [text for text, _, _ in sites(data)] == ["pickle.loads(y)"]


@pytest.mark.parametrize("magic", ["%time", "%timeit -n 5 -r 2", "%prun"])
def test_what_a_magic_runs_is_found_and_stays(magic: str):
    assert sites(notebook("import pickle", f"{magic} pickle.dumps(x)")) == [
        ("pickle.dumps(x)", CellPlace(2, 1), "notebook")
    ]


@pytest.mark.parametrize("magic", ["%%bash", "%%writefile other.py", "%%javascript"])
def test_a_cell_of_another_language_is_not_read(magic: str):
    assert sites(notebook("import pickle", f"{magic}\npickle.dumps(x)")) == []


def test_a_notebook_of_another_language_has_no_code():
    assert Notebook("a.ipynb", notebook("import pickle", kernelspec={"language": "R"})).code == b""


def test_nbformat_3_is_read():
    cell = {"cell_type": "code", "input": ["import pickle\n", "pickle.dumps(x)"], "outputs": []}
    data = json.dumps({"nbformat": 3, "worksheets": [{"cells": [cell]}]}, indent=1).encode() + b"\n"
    assert sites(data) == [("pickle.dumps(x)", CellPlace(1, 2), None)]


def test_another_layout_is_found_and_stays():
    data = notebook("import pickle", "x = 1\npickle.dumps(x)", indent=None)
    assert sites(data) == [("pickle.dumps(x)", CellPlace(2, 2), "notebook")]


def test_a_cell_that_is_one_string_has_the_line_of_that_string():
    document = json.loads(notebook("import pickle", "x = 1\npickle.dumps(x)"))
    document["cells"][1]["source"] = "x = 1\npickle.dumps(x)"
    data = json.dumps(document, indent=1).encode()
    read = Notebook("a.ipynb", data)
    (site,) = in_cells(find_sites({"a.ipynb": read.code}), {"a.ipynb": read})["a.ipynb"].sites
    assert b"pickle.dumps(x)" in data.splitlines()[site.span.line - 1]


@pytest.mark.parametrize("data", [b"", b"[1]", b'{"cells": 1}', b'{"cells": [1]}', b"\xff", b"[" * 100_000])
def test_what_is_no_notebook_is_refused(data: bytes):
    with pytest.raises(NotANotebookError, match="is no notebook"):
        Notebook("a.ipynb", data)


def test_a_cell_that_is_not_python_is_named_and_the_others_are_read(tmp_path):
    (tmp_path / "a.ipynb").write_bytes(notebook("import pickle", "pickle.dumps(", "pickle.dumps(x)"))
    tree = read_tree(tmp_path, notebooks=True)
    (problem,) = tree.problems
    assert problem.reason == "does-not-parse"
    assert problem.message.startswith("cell 2, line 1 is not Python 3")
    assert b"pickle.dumps(x)" in tree.sources["a.ipynb"]


def test_a_broken_notebook_is_a_problem_if_it_could_use_pickle(tmp_path):
    (tmp_path / "a.ipynb").write_bytes(b"<<<<<<< pickle")
    (tmp_path / "b.ipynb").write_bytes(b"<<<<<<<")
    assert [p.path for p in read_tree(tmp_path, notebooks=True).problems] == ["a.ipynb"]


def test_notebooks_are_read_when_asked_for(tmp_path):
    (tmp_path / "a.ipynb").write_bytes(notebook("import pickle"))
    assert read_tree(tmp_path).sources == {}
    tree = read_tree(tmp_path, notebooks=True)
    assert tree.stored == {"a.ipynb": notebook("import pickle")}
    assert tree.texts == {}
