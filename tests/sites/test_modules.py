"""Names of modules, as the programs of a tree import them."""

from __future__ import annotations

import random

import pytest

from migrate.sites.modules import Modules, import_roots, module_name


def modules(*paths: str, **contents: str) -> Modules:
    return Modules(tree(*paths, **contents))


def tree(*paths: str, **contents: str) -> dict[str, bytes]:
    """Empty files at ``paths``; keyword ``a__b`` puts its text at ``a/b.py``."""
    sources = dict.fromkeys(paths, b"")
    return sources | {key.replace("__", "/") + ".py": text.encode() for key, text in contents.items()}


@pytest.mark.parametrize(
    ("paths", "path", "name", "root"),
    [
        pytest.param(["a.py"], "a.py", "a", "", id="module at the root"),
        pytest.param(["p/__init__.py", "p/m.py"], "p/m.py", "p.m", "", id="package"),
        pytest.param(["p/__init__.py"], "p/__init__.py", "p", "", id="the package itself"),
        pytest.param(
            ["p/__init__.py", "p/q/__init__.py", "p/q/m.py"], "p/q/m.py", "p.q.m", "", id="sub-package"
        ),
        pytest.param(["src/p/__init__.py", "src/p/m.py"], "src/p/m.py", "p.m", "src", id="src layout"),
        pytest.param(
            ["libs/x/src/p/__init__.py"], "libs/x/src/p/__init__.py", "p", "libs/x/src", id="monorepo"
        ),
        pytest.param(["scripts/run.py"], "scripts/run.py", "run", "scripts", id="loose script"),
        pytest.param(["bin/run-all"], "bin/run-all", "run-all", "bin", id="script without extension"),
        pytest.param(
            ["p/__init__.py", "p/__main__.py"], "p/__main__.py", "p.__main__", "", id="main of a package"
        ),
        pytest.param(
            ["my-app/__init__.py", "my-app/m.py"], "my-app/m.py", "m", "my-app", id="not an identifier"
        ),
        pytest.param(["gui.pyw"], "gui.pyw", "gui", "", id="windowed script"),
        pytest.param(
            ["p/__init__.py", "p/tools/run.py"], "p/tools/run.py", "run", "p/tools", id="scripts in a package"
        ),
    ],
)
def test_name_and_root(paths, path, name, root):
    found = modules(*paths)
    assert found.name_of(path) == name
    assert found.root_of(path) == root


def test_name_leads_back_to_the_path():
    found = modules("src/p/__init__.py", "src/p/m.py", "run.py")
    assert found.path_of("p") == "src/p/__init__.py"
    assert found.path_of("p.m") == "src/p/m.py"
    assert found.path_of("run") == "run.py"


@pytest.mark.parametrize("dotted", ["p.q", "m", "src.p.m", "os", ""])
def test_a_name_outside_the_tree_has_no_path(dotted):
    assert modules("src/p/__init__.py", "src/p/m.py").path_of(dotted) is None


def test_a_script_without_extension_cannot_be_imported():
    assert modules("tool").path_of("tool") is None


def test_a_package_hides_the_module_beside_it():
    assert modules("p.py", "p/__init__.py").path_of("p") == "p/__init__.py"


class TestNamespacePackages:
    def test_one_that_is_imported_as_such(self):
        found = modules("src/acme/core/__init__.py", "src/acme/core/m.py", app="from acme.core import m\n")
        assert found.name_of("src/acme/core/m.py") == "acme.core.m"
        assert found.root_of("src/acme/core/m.py") == "src"

    def test_from_the_namespace_itself(self):
        found = modules("acme/core.py", app="from acme import (\n    core,\n)\n")
        assert found.name_of("acme/core.py") == "acme.core"

    def test_a_directory_without_init_inside_a_package(self):
        found = modules("p/__init__.py", "p/data/rows.py", p__m="import p.data.rows\n")
        assert found.name_of("p/data/rows.py") == "p.data.rows"

    def test_an_import_of_another_thing_of_that_name_does_not_make_one(self):
        found = modules("email/send.py", app="from email import message\n")
        assert found.name_of("email/send.py") == "send"


class TestAmbiguity:
    paths = ("a/util.py", "a/main.py", "b/util.py", "b/main.py", "c/main.py")

    def test_no_answer_without_an_importer(self):
        assert modules(*self.paths).path_of("util") is None

    def test_the_importers_own_root_goes_first(self):
        assert modules(*self.paths).path_of("util", importer="b/main.py") == "b/util.py"

    def test_no_answer_for_an_importer_that_is_near_to_neither(self):
        assert modules(*self.paths).path_of("util", importer="c/main.py") is None

    def test_the_nearest_root_in_a_monorepo(self):
        found = modules("x/src/p/__init__.py", "y/src/p/__init__.py", "y/tests/test_p.py")
        assert found.path_of("p", importer="y/tests/test_p.py") == "y/src/p/__init__.py"


class TestCopies:
    """A tree that holds a package twice, one copy installed under the name of the other."""

    FILES = tuple(
        f"{copy}/{name}.py" for copy in ("src", "shop") for name in ("__init__", "utils/__init__", "m")
    )

    @pytest.mark.parametrize("copy", ["src", "shop"])
    def test_each_copy_imports_from_itself(self, copy):
        found = modules(*self.FILES, setup="setup(package_dir={'shop': 'src'})")
        assert found.path_of("shop.utils", importer=f"{copy}/m.py") == f"{copy}/utils/__init__.py"

    def test_others_get_the_one_that_is_installed(self):
        found = modules(*self.FILES, "test/test_a.py", setup="setup(package_dir={'shop': 'src'})")
        assert found.path_of("shop.utils", importer="test/test_a.py") == "src/utils/__init__.py"


class TestRelativeImports:
    found = modules("p/__init__.py", "p/m.py", "p/q/__init__.py", "p/q/n.py", "run.py")

    @pytest.mark.parametrize(
        ("path", "module", "level", "absolute"),
        [
            ("p/m.py", "q", 1, "p.q"),
            ("p/m.py", None, 1, "p"),
            ("p/__init__.py", "m", 1, "p.m"),
            ("p/q/n.py", "m", 2, "p.m"),
            ("p/q/__init__.py", "m", 2, "p.m"),
            ("p/q/n.py", "os", 0, "os"),
        ],
    )
    def test_resolved(self, path, module, level, absolute):
        assert self.found.absolute(path, module, level) == absolute

    def test_past_the_top(self):
        assert self.found.absolute("p/m.py", None, 3) is None
        assert self.found.absolute("p/m.py", "x", 3) is None
        assert self.found.absolute("p/m.py", None, 2) is None


def test_the_root_of_the_tree_is_itself_a_package():
    found = Modules(tree("__init__.py", "m.py", "q/__init__.py"), package="acme.shop")
    assert found.name_of("__init__.py") == "acme.shop"
    assert found.name_of("q/__init__.py") == "acme.shop.q"
    assert found.path_of("acme.shop.m") == "m.py"
    assert found.absolute("m.py", "q", 1) == "acme.shop.q"


def test_roots():
    assert import_roots(tree("src/p/__init__.py", "scripts/run.py", "setup.py")) == ("", "scripts", "src")


def test_module_name():
    assert module_name("src/p/m.py", tree("src/p/__init__.py", "src/p/m.py")) == "p.m"


def test_the_order_of_files_does_not_matter():
    sources = tree("a/x/m.py", "b/x/m.py", "b/x/n.py", app="import x.m\nimport b.x.n\n")
    expected = {path: Modules(sources).name_of(path) for path in sources}
    for seed in range(10):
        shuffled = list(sources.items())
        random.Random(seed).shuffle(shuffled)
        assert {path: Modules(dict(shuffled)).name_of(path) for path in sources} == expected


class TestInstalledUnderAnotherName:
    """``package_dir`` of a setup.py says by which name a directory is imported; pickles hold that one."""

    FILES = ("src/__init__.py", "src/models.py", "src/net/__init__.py", "plugins/Topic/__init__.py")

    def test_the_name_is_the_installed_one(self):
        found = modules(*self.FILES, setup="setup(package_dir={'shop': 'src', 'shop.plugins': 'plugins'})")
        assert [found.name_of(path) for path in self.FILES] == [
            "shop",
            "shop.models",
            "shop.net",
            "shop.plugins.Topic",
        ]
        assert found.path_of("shop.models") == "src/models.py"
        assert found.absolute("src/net/__init__.py", "models", 2) == "shop.models"

    def test_a_program_in_the_tree_may_still_use_the_directory(self):
        found = modules(*self.FILES, setup="package_dir = {'shop': 'src'}\nsetup(package_dir=package_dir)")
        assert found.path_of("src.models") == found.path_of("shop.models") == "src/models.py"

    def test_beside_its_own_setup(self):
        found = modules("libs/x/code/m.py", libs__x__setup="setup(package_dir={'x': 'code'})")
        assert found.name_of("libs/x/code/m.py") == "x.m"

    @pytest.mark.parametrize(
        "setup",
        [
            pytest.param("setup(package_dir={'': 'src'})", id="a root, not a package"),
            pytest.param("setup(package_dir={name: 'src'})", id="computed"),
            pytest.param("setup(package_dir={'shop': '../src'})", id="outside"),
            pytest.param("setup(package_dir={'shop': '.'})", id="the root of the tree"),
            pytest.param("setup(package_dir={'shop': 'src'", id="not parsed"),
            pytest.param("setup(package_data={'shop': 'src'})", id="another argument"),
        ],
    )
    def test_nothing_else_changes_a_name(self, setup):
        assert modules(*self.FILES, setup=setup).name_of("src/models.py") == "src.models"

    def test_only_a_setup_script_says_so(self):
        assert (
            modules(*self.FILES, conf="package_dir = {'shop': 'src'}").name_of("src/models.py")
            == "src.models"
        )
