"""Which statements bind pickle, what they bind, and whether they may go as a whole."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from migrate.model import Operation
from migrate.sites import find_sites

if TYPE_CHECKING:
    from migrate.model import Import


def imports(source: str, path: str = "app.py") -> list[Import]:
    files = find_sites({path: dedent(source).lstrip("\n").encode()})
    return list(files[path].imports) if path in files else []


@pytest.mark.parametrize(
    ("source", "library", "names", "whole"),
    [
        ("import pickle", "pickle", ("pickle",), True),
        ("import cPickle as p", "cPickle", ("p",), True),
        ("import joblib", "joblib", ("joblib",), True),
        ("import os, pickle", "pickle", ("pickle",), False),
        ("import pickle, cPickle", "pickle", ("pickle", "cPickle"), True),
        ("from pickle import dumps, loads as l", "pickle", ("dumps", "l"), True),
        ("from six.moves import cPickle, range", "cPickle", ("cPickle",), False),
        ("import six.moves.cPickle", "cPickle", ("six",), True),
        ("import six.moves.cPickle as pickle", "cPickle", ("pickle",), True),
    ],
)
def test_one_statement(source, library, names, whole):
    (found,) = imports(source)
    assert (found.library, found.names, found.whole) == (library, names, whole)
    assert (found.span.line, found.span.column, found.span.end_column) == (1, 0, len(source))


@pytest.mark.parametrize(
    "source", ["import os", "import json as pickle", "import marshal", "from pickle import *", "import torch"]
)
def test_no_import_of_pickle(source):
    assert imports(source + "\n'pickle'") == []


DANCES = {
    "cPickle, then pickle": """
        try:
            import cPickle as pickle
        except ImportError:
            import pickle
        """,
    "names": """
        try:
            from cPickle import dumps, loads
        except ImportError:
            from pickle import dumps, loads
        """,
    "any exception": """
        try:
            import cPickle as pickle
        except:
            import pickle
        """,
    "three steps": """
        try:
            import cPickle as pickle
        except ImportError:
            try:
                import pickle5 as pickle
            except ImportError:
                import pickle
        """,
    "a place-holder": """
        try:
            import pickle
        except ImportError:
            pickle = None
        """,
    "by version": """
        if sys.version_info[0] >= 3:
            import pickle
        else:
            import cPickle as pickle
        """,
}


@pytest.mark.parametrize("source", DANCES.values(), ids=DANCES)
def test_a_dance_is_one_import(source):
    (found,) = imports("\n" + dedent(source))
    assert found.whole
    assert found.library == "pickle"
    assert found.span.line == 1
    assert found.span.end_line == len(dedent(source).strip().splitlines())


def test_names_read_inside_a_dance_are_no_sites():
    files = find_sites(
        {"a.py": b"try:\n    import cPickle\n    pickle = cPickle\nexcept ImportError:\n    import pickle\n"}
    )
    assert {site.operation for site in files["a.py"].sites} == {Operation.IMPORT}


def test_a_try_that_learns_something_else_from_the_failure_must_stay():
    (found,) = imports("""
        try:
            import cPickle as pickle
            FAST = True
        except ImportError:
            import pickle
            FAST = False
        """)
    assert not found.whole
    assert (found.span.line, found.span.end_line) == (1, 6)


def test_an_import_that_cannot_fail_is_not_a_question():
    (found,) = imports("""
        try:
            import pickle
            data = pickle.load(f)
        except Exception:
            data = None
        """)
    assert found.whole
    assert (found.span.line, found.span.end_line) == (2, 2)


def test_branches_that_do_more_hold_an_import_each():
    found = imports("""
        if PY3:
            import pickle
            text = str
        else:
            import cPickle as pickle
            text = unicode
        """)
    assert [(i.span.line, i.whole) for i in found] == [(2, True), (5, True)]


def test_the_scope_of_an_import():
    (found,) = imports(
        "class A:\n    def f(self):\n        import pickle\n        return pickle.dumps(self)\n"
    )
    assert found.scope == "A.f"


class TestReexports:
    def test_taken_by_another_file(self):
        files = find_sites(
            {"compat.py": b"import pickle, cPickle\n", "app.py": b"from compat import cPickle\n"}
        )
        assert files["compat.py"].imports[0].reexported == ("cPickle",)
        assert files["app.py"].imports[0].names == ("cPickle",)
        assert files["app.py"].imports[0].reexported == ()

    def test_declared(self):
        assert imports("from pickle import loads, dumps\n__all__ = ['loads']\n")[0].reexported == ("loads",)
        assert imports("import pickle as pickle\n")[0].reexported == ("pickle",)

    def test_an_alias_that_2to3_left_is_no_declaration(self):
        assert imports("import pickle as pickle\npickle.dumps(3)\n")[0].reexported == ()
        assert imports("import pickle as pickle\n__all__ = ['pickle']\npickle.dumps(3)\n")[0].reexported
        hidden = "import pickle as pickle\ndef f(pickle):\n    return pickle.dumps(3)\n"
        assert imports(hidden)[0].reexported == ("pickle",)

    def test_not_for_its_own_use(self):
        assert imports("import pickle\npickle.dumps(3)\n")[0].reexported == ()

    def test_not_for_another_file_that_imports_pickle_itself(self):
        files = find_sites({"a.py": b"import pickle\n", "b.py": b"import a, pickle\npickle.dumps(a)\n"})
        assert files["a.py"].imports[0].reexported == ()

    def test_an_own_alias_is_no_reexport(self):
        files = find_sites(
            {"a.py": b"import pickle\nfreeze = pickle.dumps\n", "b.py": b"from a import freeze\nfreeze(3)\n"}
        )
        assert [(item.names, item.own) for item in files["b.py"].imports] == [(("freeze",), True)]
        assert files["a.py"].imports[0].reexported == ()
        assert not any(site.reason == "re-export" for file in files.values() for site in file.sites)


class TestImportsThatNothingTakes:
    """What is left of a re-export when those who took it are rewritten."""

    DANCE = "try:\n    import cPickle as pickle\nexcept ImportError:\n    import pickle\n"

    def spare(self, source: str, path: str = "compat.py") -> list[str]:
        found = find_sites({path: source.encode()})
        return [site.binding for file in found.values() for site in file.sites if site.spare]

    def test_the_dance_is_listed(self):
        assert self.spare(self.DANCE) == ["pickle"]

    def test_an_import_with_a_word_to_linters_or_in_a_package_is_listed(self):
        assert self.spare("import pickle  # noqa: F401\n") == ["pickle"]
        assert self.spare("from pickle import loads, dumps\n", "shop/__init__.py") == ["loads", "dumps"]

    def test_not_one_that_the_file_uses_and_not_one_that_somebody_forgot(self):
        assert self.spare(self.DANCE + "pickle.dumps(3)\n") == []
        assert self.spare("import pickle\n") == []

    def test_not_one_that_another_file_takes(self):
        found = find_sites(
            {"compat.py": self.DANCE.encode(), "app.py": b"from compat import pickle\npickle.dumps(3)\n"}
        )
        assert not any(site.spare for file in found.values() for site in file.sites)
