"""Finding the converters module by its marker, and loading it as the program would."""

import sys
from pathlib import Path

import pytest

from migrate.reencode import ConvertersError, find_converters, load_converters
from migrate.reencode.converters import import_name

from .support import CONVERTERS, write_program


@pytest.fixture(autouse=True)
def clean_imports(monkeypatch, tmp_path):
    """Loading changes sys.path and sys.modules, as it should in a command; here both are put back."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in [name for name in sys.modules if name.partition(".")[0] in ("shop", "store", "broken")]:
        monkeypatch.delitem(sys.modules, name)  # another test of this process has loaded programs of its own
    before = set(sys.modules)
    (tmp_path / "pyproject.toml").write_text("")
    yield
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in sys.modules[name].__file__:
            del sys.modules[name]


# --- must find ----------------------------------------


def test_found_below(tmp_path):
    converters = write_program(tmp_path)
    assert find_converters([tmp_path]) == [converters]


def test_found_from_a_data_directory_beside(tmp_path):
    converters = write_program(tmp_path)
    (tmp_path / "data" / "old").mkdir(parents=True)
    assert find_converters([tmp_path / "data" / "old"]) == [converters]


def test_found_once_from_several_places(tmp_path):
    converters = write_program(tmp_path)
    assert find_converters([tmp_path, converters.parent, converters]) == [converters]


def test_two_are_both_told(tmp_path):
    found = {write_program(tmp_path, name="shop"), write_program(tmp_path, name="back")}
    assert set(find_converters([tmp_path])) == found


# --- must not find ------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "import pickle\n", 's = "# pickle-migrate: converters"\n', "# pickle-migrate: converters of old\n"],
)
def test_without_the_marker_line(tmp_path, text):
    (tmp_path / "module.py").write_text(text)
    assert find_converters([tmp_path]) == []


@pytest.mark.parametrize("name", [".git/c.py", "site-packages/c.py", "env/c.py", "notes.txt"])
def test_elsewhere(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(CONVERTERS)
    if name == "env/c.py":
        (tmp_path / "env" / "pyvenv.cfg").write_text("")
    assert find_converters([tmp_path]) == []


def test_not_above_the_project(tmp_path):
    write_program(tmp_path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "pyproject.toml").write_text("")
    assert find_converters([tmp_path / "other"]) == []


# --- must load ----------------------------------------


def test_loaded_by_path_under_its_import_name(tmp_path):
    loaded = load_converters(str(write_program(tmp_path)))
    assert loaded.name == "shop.converters"
    assert loaded.codec is sys.modules["shop.converters"].codec
    assert "shop.models" not in sys.modules  # classes are imported at first use


def test_loaded_by_import_name(monkeypatch, tmp_path):
    write_program(tmp_path, name="store")
    monkeypatch.chdir(tmp_path)
    assert load_converters("store.converters").name == "store.converters"


def test_loaded_alone_when_its_package_does_not_import(tmp_path):
    converters = write_program(tmp_path, name="broken")
    (converters.parent / "__init__.py").write_text("import a_library_that_is_not_installed\n")
    loaded = load_converters(str(converters))
    assert loaded.codec.lookup("broken.models", "Order") == "Order"
    assert "a_library_that_is_not_installed" in loaded.note


@pytest.mark.parametrize(
    ("path", "name"),
    [("shop/converters.py", "shop.converters"), ("src/shop/__init__.py", "src.shop"), ("one.py", "one")],
)
def test_import_name_follows_the_packages(tmp_path, path, name):
    file = tmp_path / path
    for folder in reversed(Path(path).parents[:-1]):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text("")
    file.write_text("")
    assert import_name(file) == (tmp_path, name)


# --- must not load ------------------------------------


def test_module_that_is_not_there():
    with pytest.raises(ConvertersError, match="cannot be imported"):
        load_converters("no_such_module_anywhere")


def test_file_that_is_not_there(tmp_path):
    with pytest.raises(ConvertersError, match="not a file"):
        load_converters(str(tmp_path / "converters.py"))


@pytest.mark.parametrize("text", ["raise SystemExit(3)\n", "1 / 0\n", "this is no Python\n"])
def test_module_that_fails(tmp_path, text):
    path = tmp_path / "failing.py"
    path.write_text(text)
    with pytest.raises(ConvertersError, match="cannot be imported"):
        load_converters(str(path))


@pytest.mark.parametrize("text", ["", "codec = None\n", "codec = 'utf-8'\n"])
def test_module_without_a_codec(tmp_path, text):
    path = tmp_path / "empty.py"
    path.write_text(text)
    with pytest.raises(ConvertersError, match="no `codec`"):
        load_converters(str(path))
