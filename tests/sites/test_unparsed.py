"""Files that mention pickle and cannot be parsed: one site, one reason, never a crash."""

from __future__ import annotations

import pytest

from migrate.model import Operation
from migrate.sites import find_sites


def reason(source: bytes | str) -> tuple[str | None, int]:
    data = source if isinstance(source, bytes) else source.encode()
    (site,) = find_sites({"a.py": data})["a.py"].sites
    assert site.operation is Operation.UNPARSED
    return site.reason, site.span.line


PYTHON2 = {
    "print statement": 'print "x"',
    "print of a name": "print x",
    "exec": "exec code in scope",
    "except with a comma": "try: pass\nexcept ValueError, e: pass",
    "except of several": "try: pass\nexcept (A, B), e: pass",
    "raise with a comma": 'raise ValueError, "x"',
    "octal": "mode = 0777",
    "long": "n = 10L",
    "backticks": "x = `y`",
    "unequal": "if a <> b: pass",
    "raw unicode": 'x = ur"y"',
    "tuple parameter": "def f(a, (b, c)): pass",
    "tabs and spaces": "if a:\n        b\n\tc",
}


@pytest.mark.parametrize("statement", PYTHON2.values(), ids=PYTHON2)
def test_python2(statement):
    assert reason(f"import cPickle as pickle\n{statement}\n")[0] == "python2-source"


BROKEN = {
    "an open bracket": "x = (1,",
    "a stray word": "x = = 3",
    "indentation": "  x = 3\n y = 4",
    "a conflict marker": "<<<<<<< HEAD",
    "a template": "{{ name }} = pickle.load(f) {% if x %}",
    "an unfinished string": 'x = "abc',
    "Python 2 words in a string": 'x = = "print x"',
}


@pytest.mark.parametrize("statement", BROKEN.values(), ids=BROKEN)
def test_broken(statement):
    assert reason(f"import pickle\n{statement}\n")[0] == "does-not-parse"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(b"import pickle\nx = '\xff'\n", id="latin-1 without a cookie"),
        pytest.param(b"# coding: ascii\nimport pickle\nx = '\xc3\xa9'\n", id="not ASCII as declared"),
        pytest.param(b"# coding: no-such-thing\nimport pickle\n", id="unknown encoding"),
        pytest.param("import pickle\n".encode("utf-8-sig") + b"x = '\xff'", id="not UTF-8 as marked"),
    ],
)
def test_encoding(source):
    assert reason(source)[0] == "not-utf8"


def test_nul_bytes():
    assert reason(b"import pickle\nx = '\0'\n")[0] == "does-not-parse"


def test_nesting_past_the_parser():
    assert reason("import pickle\nx = " + "(" * 5000 + ")" * 5000)[0] == "does-not-parse"


def test_long_sums_are_parsed_or_named():
    source = "import pickle\nx = " + " + ".join(["1"] * 20000) + "\npickle.dumps(x)\n"
    (site,) = find_sites({"a.py": source.encode()})["a.py"].sites
    assert site.operation in (Operation.DUMPS, Operation.UNPARSED)


def test_the_line_is_named():
    assert reason("import pickle\n\nprint 'x'\n") == ("python2-source", 3)


def test_the_other_files_go_on():
    files = find_sites({"a.py": b"import pickle\nprint 'x'\n", "b.py": b"import pickle\npickle.dumps(3)\n"})
    assert [s.operation for f in files.values() for s in f.sites] == [Operation.UNPARSED, Operation.DUMPS]


@pytest.mark.parametrize("source", [b"print 'x'", b"# import pickle\nprint 'x'", b"x = 'pickle'; print x"])
def test_files_that_do_not_import_pickle_are_not_mentioned(source):
    assert find_sites({"a.py": source}) == {}
