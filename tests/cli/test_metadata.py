"""What a project says of the Pythons that it supports, and what the plan makes of it."""

from __future__ import annotations

import pytest

from migrate.cli.metadata import listed_modules, oldest_python
from tests.plan.support import plan_of

DECLARED = {
    "PEP 621": ("pyproject.toml", '[project]\nrequires-python = ">=3.8"\n', (3, 8)),
    "a range": ("pyproject.toml", "[project]\nrequires-python = '!=3.9.0, >=3.7,<4'\n", (3, 7)),
    "Poetry": ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.11"\n', (3, 11)),
    "setup.cfg": ("setup.cfg", "[options]\npython_requires = >=3.6.2\n", (3, 6)),
    "setup.py": ("setup.py", "setup(name='x', python_requires='>=2.7, !=3.0.*')\n", (2, 7)),
    "compatible release": ("setup.py", 'setup(\n    python_requires="~=3.10",\n)\n', (3, 10)),
    "nothing": ("setup.py", "setup(name='x', install_requires=['six>=1.9'])\n", None),
    "another table": ("pyproject.toml", '[tool.black]\ntarget-version = ["py38"]\n', None),
    "a tool's own setting": ("pyproject.toml", '[tool.mypy]\npython_version = "3.8"\n', None),
}


@pytest.mark.parametrize("name", DECLARED)
def test_the_oldest_python_of_a_project(name, tmp_path):
    file, text, expected = DECLARED[name]
    (tmp_path / file).write_text(text)
    assert oldest_python(tmp_path) == expected
    (tmp_path / "src").mkdir()
    assert oldest_python(tmp_path / "src") == expected


@pytest.mark.parametrize(
    ("oldest", "told"), [((3, 6), True), ((3, 9), True), ((3, 10), False), (None, False)]
)
def test_a_project_for_an_older_python_is_told_what_the_rewrite_needs(oldest, told):
    plan = plan_of({"a.py": "import pickle\npickle.dumps([1])\n"}, oldest_python=oldest)
    assert any("needs 3.10 or later" in note for note in plan.notes) is told


def test_nothing_is_said_when_nothing_is_rewritten():
    assert plan_of({"a.py": "x = 1\n"}, oldest_python=(3, 6)).notes == ()


LISTED = {
    "setup.py": ("setup.py", "setup(name='x', py_modules=['shop', 'till'],\n packages=[])\n"),
    "pyproject.toml": ("pyproject.toml", '[tool.setuptools]\npy-modules = ["shop",\n  "till"]\n'),
    "setup.cfg, on a line": ("setup.cfg", "[options]\npy_modules = shop, till\npackages = find:\n"),
    "setup.cfg": ("setup.cfg", "[options]\npy_modules =\n    shop\n    till\npackages = find:\n"),
}


@pytest.mark.parametrize("name", LISTED)
def test_modules_that_a_project_names_one_by_one(name, tmp_path):
    file, text = LISTED[name]
    assert listed_modules(tmp_path) == frozenset()
    (tmp_path / file).write_text(text)
    assert listed_modules(tmp_path) == {"shop", "till"}


@pytest.mark.parametrize(
    ("path", "listed", "told"),
    [
        ("shop.py", {"shop"}, True),
        ("src/shop.py", {"shop"}, True),
        ("shop.py", {"shop", "converters"}, False),
        ("shop.py", set(), False),
        ("shop/store.py", {"till"}, False),
    ],
)
def test_a_project_that_lists_its_modules_is_told_of_the_new_one(path, listed, told):
    sources = {path: "import pickle\npickle.dumps([1])\n"}
    if path.startswith("shop/"):
        sources["shop/__init__.py"] = ""
    notes = plan_of(sources, listed=frozenset(listed)).notes
    assert any("add `converters` to its py_modules" in note for note in notes) is told
