"""Where the converters module lives, and how each file imports it."""

from __future__ import annotations

import pytest

from migrate.plan.placement import MARKER, Placement
from migrate.sites import is_test
from migrate.sites.importers import import_graph
from migrate.sites.modules import Modules
from tests.plan.support import plan_of

PACKAGE = {
    "shop/__init__.py": b"",
    "shop/store.py": b"import pickle\n",
    "shop/web/__init__.py": b"",
    "shop/web/basket.py": b"from ..store import save\nfrom . import x\n",
    "tests/test_store.py": b"import pickle\nfrom shop import store\n",
    "tools/backfill.py": b"import shop.store\n",
    "tools/alone.py": b"import pickle\n",
}
SCRIPTS = {
    "train.py": b"import pickle\nfrom model import Net\n",
    "predict.py": b"import pickle\nfrom model import Net\n",
    "model.py": b"class Net: ...\n",
}


def place(sources: dict[str, bytes], path: str, users: tuple[str, ...] | None = None, package: str = ""):
    modules = Modules(sources, package=package)
    graph = import_graph(sources, modules)
    return Placement(sources, modules, graph, sources if users is None else users).of(path)


@pytest.mark.parametrize("path", ["shop/store.py", "shop/web/basket.py", "shop/__init__.py"])
def test_a_package_has_one_converters_module_at_its_top(path):
    assert place(PACKAGE, path).path == "shop/converters.py"
    assert place(PACKAGE, path).module == "shop.converters"
    assert place(PACKAGE, path).name == "shop"


@pytest.mark.parametrize("path", ["tests/test_store.py", "tools/backfill.py"])
def test_tests_and_scripts_use_that_of_the_package_they_import(path):
    assert place(PACKAGE, path).module == "shop.converters"


def test_a_script_that_imports_nothing_of_the_tree_has_its_own_in_its_folder():
    assert place(PACKAGE, "tools/alone.py").path == "tools/converters.py"
    assert place(PACKAGE, "tools/alone.py").module == "converters"


@pytest.mark.parametrize("path", sorted(SCRIPTS))
def test_loose_modules_of_one_folder_share_one(path):
    assert place(SCRIPTS, path).path == "converters.py"


def test_a_package_inside_a_source_folder_is_named_as_it_is_imported():
    sources = {f"src/{path}": text for path, text in PACKAGE.items() if path.startswith("shop")}
    assert place(sources, "src/shop/store.py").path == "src/shop/converters.py"
    assert place(sources, "src/shop/store.py").module == "shop.converters"


def test_the_root_of_the_tree_may_itself_be_a_package():
    sources = {path.removeprefix("shop/"): text for path, text in PACKAGE.items() if path.startswith("shop")}
    assert place(sources, "web/basket.py", package="shop").path == "converters.py"
    assert place(sources, "web/basket.py", package="shop").module == "shop.converters"


def test_a_test_package_does_not_get_converters_of_its_own():
    sources = {**PACKAGE, "tests/__init__.py": b""}
    assert place(sources, "tests/test_store.py").module == "shop.converters"


def test_a_module_of_the_users_own_called_converters_is_not_touched():
    sources = {**PACKAGE, "shop/converters.py": b"def metres(feet): ...\n"}
    assert place(sources, "shop/store.py").path == "shop/pickle_converters.py"


def test_a_folder_called_converters_is_not_touched_either():
    sources = {**PACKAGE, "shop/converters/__init__.py": b""}
    assert place(sources, "shop/store.py").path == "shop/pickle_converters.py"


def test_a_converters_module_that_was_generated_before_is_used_again():
    sources = {**PACKAGE, "shop/converters.py": MARKER + b"\n"}
    assert place(sources, "shop/store.py").path == "shop/converters.py"


@pytest.mark.parametrize(
    ("path", "text", "level"),
    [
        ("shop/store.py", b"import pickle\n", None),
        ("shop/store.py", b"from . import web\n", 1),
        ("shop/web/basket.py", b"from .. import store\n", 2),
        ("shop/web/__init__.py", b"from . import basket\n", 2),
        ("shop/__init__.py", b"from . import store\n", 1),
        ("tests/test_store.py", b"from . import conftest\nimport shop.store\n", None),
    ],
)
def test_a_file_in_the_relative_style_imports_relatively(path, text, level):
    sources = {**PACKAGE, path: text}
    modules = Modules(sources)
    placement = Placement(sources, modules, import_graph(sources, modules), sources)
    assert placement.relative_level(path, placement.of("shop/store.py")) == level


@pytest.mark.parametrize("path", ["tests/x.py", "test_x.py", "pkg/x_test.py", "conftest.py", "a/test/b.py"])
def test_is_a_test(path):
    assert is_test(path)


@pytest.mark.parametrize("path", ["testament.py", "contest.py", "pkg/latest/x.py", "attest_x.py"])
def test_is_no_test(path):
    assert not is_test(path)


def test_the_import_graph_reads_all_forms():
    sources = {
        "p/__init__.py": b"",
        "p/a.py": b"",
        "p/b.py": b"",
        "p/c.py": b"import p.a, os\nfrom p import (\n    b,\n)\n",
        "p/d.py": b"def f():\n    from . import a\n    from .b import thing\n",
        "p/e.py": b"x = 1; import p.b\n",
    }
    graph = import_graph(sources, Modules(sources))
    assert graph.imports["p/c.py"] == {"p/a.py", "p/b.py", "p/__init__.py"}
    assert graph.imports["p/d.py"] == {"p/a.py", "p/b.py", "p/__init__.py"}
    assert graph.imports["p/e.py"] >= {"p/b.py"}
    assert graph.importers["p/b.py"] == {"p/c.py", "p/d.py", "p/e.py"}
    assert graph.relative == {"p/d.py"}


def test_neighbourhood_goes_both_ways_and_no_further():
    sources = {"a.py": b"import b\n", "b.py": b"import c\n", "c.py": b"", "far.py": b""}
    graph = import_graph(sources, Modules(sources))
    assert graph.neighbourhood("b.py", steps=1) == {"a.py", "b.py", "c.py"}
    assert graph.neighbourhood("a.py", steps=1) == {"a.py", "b.py"}
    assert graph.neighbourhood("far.py", steps=9) == {"far.py"}
    assert [len(wave) for wave in graph.widening("a.py", (0, 1, 8))] == [1, 2, 3]
    assert graph.connected("c.py") == {"a.py", "b.py", "c.py"}
    assert graph.connected("far.py") == {"far.py"}


def test_a_file_knows_which_of_its_imports_are_the_users_own():
    sources = {
        "shop/__init__.py": "",
        "shop/models.py": "",
        "helpers.py": "",
        "script.py": "import json, pickle, helpers\nfrom shop import models\npickle.dumps([1])\n",
    }
    (file,) = plan_of(sources).files
    assert file.own == {"helpers", "shop"}


def test_loose_modules_are_called_after_the_first_one_that_is_rewritten():
    sources = {"archive.py": b"import pickle\n", "store.py": b"import pickle\n", "zoo.py": b"import pickle\n"}
    assert place(sources, "archive.py", users=("store.py", "zoo.py")).name == "store"
    assert place(sources, "zoo.py", users=("store.py", "zoo.py")).name == "store"


def test_scripts_of_one_folder_share_one_though_one_of_them_imports_a_package():
    """A benchmark imports the package that it measures; the script beside it reads what it found."""
    sources = {
        "mesa/__init__.py": b"",
        "mesa/model.py": b"",
        "benchmarks/measure.py": b"import pickle\nfrom mesa import model\n",
        "benchmarks/compare.py": b"import pickle\n",
    }
    users = ("benchmarks/measure.py", "benchmarks/compare.py")
    for path in users:
        assert place(sources, path, users=users).path == "benchmarks/converters.py"
    assert place(sources, users[0], users=(*users, "mesa/model.py")).path == "mesa/converters.py"
    assert place(sources, users[0], users=users[:1]).path == "mesa/converters.py"


def test_folders_of_tests_never_share_a_name():
    """pytest puts each folder on the path of one process, where a name is imported once."""
    sources = {
        "conftest.py": b"import pickle\n",
        "tests/unit/test_a.py": b"import pickle\n",
        "tests/other/test_b.py": b"import pickle\n",
        "more/unit/test_c.py": b"import pickle\n",
    }
    found = {path: place(sources, path).module for path in sources}
    assert found == {
        "conftest.py": "converters",
        "more/unit/test_c.py": "unit_converters",
        "tests/other/test_b.py": "other_converters",
        "tests/unit/test_a.py": "tests_unit_converters",
    }


def test_the_name_of_a_test_folder_s_module_stays_when_others_come():
    sources = {"tests/unit/test_a.py": b"", "tests/unit/converters.py": MARKER, "tests/a/test_b.py": b""}
    users = ("tests/unit/test_a.py", "tests/a/test_b.py")
    assert place(sources, "tests/unit/test_a.py", users=users).module == "converters"
    assert place(sources, "tests/a/test_b.py", users=users).module == "a_converters"


def test_a_name_that_a_module_of_another_folder_has_is_not_taken():
    sources = {"converters.py": b"def metres(): ...\n", "tools/job.py": b"import pickle\n"}
    assert place(sources, "tools/job.py").module == "pickle_converters"


MAIN = (
    "import pickle\ndef main(f):\n    pickle.dump([1], f)\n"
    "if __name__ == '__main__':\n    main(open('x', 'wb'))\n"
)


@pytest.mark.parametrize("text", [MAIN, f"try:\n    import shop.web\nexcept ImportError:\n    pass\n{MAIN}"])
def test_a_script_inside_a_package_that_may_be_run_by_its_path_is_named(text):
    (note,) = plan_of({"shop/__init__.py": "", "shop/job.py": text}).notes
    assert "shop/job.py" in note
    assert "python -m shop.job" in note


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/job.py", f"import shop.store\n{MAIN}"),
        ("shop/job.py", f"from . import store\n{MAIN}"),
        ("shop/job.py", MAIN.partition("if __name__")[0]),
        ("tools/job.py", MAIN),
    ],
    ids=["imports its package", "imports beside it", "is no script", "is in no package"],
)
def test_a_script_that_finds_its_converters_is_not(path, text):
    assert not plan_of({"shop/__init__.py": "", "shop/store.py": "", path: text}).notes
