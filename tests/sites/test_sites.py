"""What is said of a site: operands, binding, scope, position, name."""

from __future__ import annotations

import pytest

from migrate.model import FileSites, Operation, Site
from migrate.sites import find_sites


def file(source: str | bytes, path: str = "app.py") -> FileSites:
    data = source.encode() if isinstance(source, str) else source
    return find_sites({path: data})[path]


def first(call: str) -> Site:
    return file(f"import pickle\n{call}\n").sites[0]


@pytest.mark.parametrize(
    ("call", "value", "handle", "protocol"),
    [
        ("pickle.dump(order, f)", "order", "f", None),
        ("pickle.dump(order, f, 2)", "order", "f", 2),
        ("pickle.dump(order, f, -1)", "order", "f", -1),
        ("pickle.dump(order, f, True)", "order", "f", 1),
        ("pickle.dump(order, f, protocol=pickle.HIGHEST_PROTOCOL)", "order", "f", -1),
        ("pickle.dump(order, f, PROTOCOL)", "order", "f", None),
        ("pickle.dump(order, f, pickle.DEFAULT_PROTOCOL)", "order", "f", None),
        ("pickle.dump(file=f, obj=order)", "order", "f", None),
        ("pickle.dump(order, protocol=4, file=open('x', 'wb'))", "order", "open('x', 'wb')", 4),
        ("pickle.dumps({'a': 1}, 3)", "{'a': 1}", None, 3),
        ("pickle.dumps(obj=order)", "order", None, None),
        ("pickle.load(open('x', 'rb'))", None, "open('x', 'rb')", None),
        ("pickle.load(file=f, encoding='latin1')", None, "f", None),
        ("pickle.loads(row[0])", None, "row[0]", None),
        ("pickle.loads(bytes_object=data)", None, "data", None),
        ("pickle.Pickler(f, 2).dump(order)", "order", "f", 2),
        ("pickle.Pickler(file=f, protocol=2).dump(obj=order)", "order", "f", 2),
        ("pickle.Unpickler(f).load()", None, "f", None),
        ("p = pickle.Pickler(f, protocol=4)", None, "f", 4),
        ("pickle.dump(*args)", None, None, None),
    ],
)
def test_operands(call, value, handle, protocol):
    site = first(call)
    assert (site.value, site.handle, site.protocol) == (value, handle, protocol)


@pytest.mark.parametrize(
    ("source", "binding"),
    [
        ("import pickle\npickle.dumps(x)", "pickle"),
        ("import pickle as p\np.dumps(x)", "p"),
        ("from pickle import dumps as d\nd(x)", "d"),
        ("import six.moves.cPickle\nsix.moves.cPickle.dumps(x)", "six.moves.cPickle"),
        ("import pickle\nuse(pickle)", "pickle"),
        ("import pickle\nuse(pickle.dumps)", "pickle"),
    ],
)
def test_binding(source, binding):
    assert file(source).sites[0].binding == binding


class TestObjects:
    source = "import pickle\ndef f(a):\n    p = pickle.Pickler(a)\n    p.dump(x)\n"

    def test_the_method_knows_the_object(self):
        pickler, dump = file(self.source).sites
        assert (dump.operation, dump.binding, dump.value) == (Operation.DUMP, "p", "x")
        assert dump.origin == pickler.id
        assert pickler.origin == ""

    def test_an_alias_knows_where_it_comes_from(self):
        files = find_sites(
            {"a.py": b"import pickle\nfreeze = pickle.dumps\n", "b.py": b"from a import freeze\nfreeze(3)\n"}
        )
        assert files["b.py"].sites[0].origin == files["a.py"].sites[0].id


class TestScope:
    def test_classes_and_functions(self):
        source = "import pickle\nclass A:\n    def f(self):\n        return [pickle.dumps(x) for x in self]\n"
        assert file(source).sites[0].scope == "A.f"

    def test_a_default_belongs_outside(self):
        source = "import pickle\nclass A:\n    def f(self, d=pickle.dumps): ...\n"
        assert file(source).sites[0].scope == "A"

    def test_module_level(self):
        assert first("pickle.dumps(x)").scope == ""


class TestPosition:
    def test_columns_count_utf8_bytes(self):
        site = file("import pickle\nx = 'é', pickle.dumps('ü')\n").sites[0]
        assert site.text == "pickle.dumps('ü')"
        assert (site.span.column, site.span.end_column) == (10, 28)

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1", "utf-8"])
    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    def test_encodings_and_line_ends(self, encoding, newline):
        cookie = "# coding: latin-1" if encoding == "latin-1" else "# é"
        lines = [cookie, "import pickle", "é = 'ü\x0c'; x = pickle.dumps(", "  é)", ""]
        site = file(newline.join(lines).encode(encoding)).sites[0]
        assert site.text == newline.join(["pickle.dumps(", "  é)"])
        assert (site.span.line, site.span.end_line) == (3, 4)

    def test_in_an_f_string(self):
        site = file('import pickle\nx = f"""é\n  {pickle.dumps(x)!r}"""\n').sites[0]
        assert (site.span.line, site.text) == (3, "pickle.dumps(x)")


class TestId:
    source = "import pickle\ndef f():\n    pickle.dumps(x)\n    pickle.dumps(x)\n    pickle.dumps(y)\n"

    def test_unique(self):
        assert len({site.id for site in file(self.source).sites}) == 3

    def test_unchanged_when_lines_move(self):
        moved = self.source.replace("def f", "\n\n# more\nimport os\ndef f").replace("(y)", "(\n        y )")
        before, after = file(self.source).sites, file(moved).sites
        assert [s.id for s in before[:2]] == [s.id for s in after[:2]]

    def test_another_file_or_scope_has_others(self):
        ids = {site.id for site in file(self.source).sites}
        assert not ids & {site.id for site in file(self.source, "other.py").sites}
        assert not ids & {site.id for site in file(self.source.replace("def f", "def g")).sites}


@pytest.mark.parametrize(
    "path",
    ["tests/a.py", "test/a.py", "x/tests/y/a.py", "test_a.py", "a_test.py", "x/conftest.py", "tests.py"],
)
def test_in_test(path):
    assert file("import pickle\npickle.dumps(x)\n", path).sites[0].in_test


@pytest.mark.parametrize("path", ["contest.py", "latest/a.py", "testament.py", "attest_a.py", "a/testbed.py"])
def test_not_in_test(path):
    assert not file("import pickle\npickle.dumps(x)\n", path).sites[0].in_test


def test_kept():
    site = first("pickle.dumps(x)  # pickle-migrate: keep[ipc]")
    assert site.keep
    assert site.reason == "kept"


def test_all_names_of_a_file():
    source = "import pickle, os as o\nclass A:\n def m(self, *a, k=z): b = [c for c in d]\nv = pickle.dumps\n"
    assert file(source).names == {"pickle", "o", "A", "m", "self", "a", "k", "z", "b", "c", "d", "v"}


def test_files_without_pickle_have_no_entry():
    assert find_sites({"a.py": b"import os\n", "b.py": b"'pickle'\n"}) == {}
    assert find_sites({}) == {}


def test_invalid_escapes_in_the_users_strings_are_not_ours():
    assert file(b"import pickle\nx = '\\d'; pickle.dumps(x)\n").sites[0].operation is Operation.DUMPS
