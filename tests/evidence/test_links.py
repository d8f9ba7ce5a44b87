"""Which loads are closed by the dumps beside them: those that name the same place."""

from __future__ import annotations

import pytest

from .support import flows, tree

LINKED = {
    "an attribute with the path": (
        "class S:\n"
        "    def __init__(self):\n"
        "        self.path = 'a.pkl'\n"
        "    def save(self):\n"
        "        with open(self.path, 'wb') as f:\n"
        "            pickle.dump([1], f)\n"
        "    def load(self):\n"
        "        with open(self.path, 'rb') as f:\n"
        "            return pickle.load(f)\n"
    ),
    "a parameter with the path": (
        "def save(path):\n"
        "    with open(path, 'wb') as f:\n"
        "        pickle.dump([1], f)\n"
        "def load(path):\n"
        "    return pickle.load(open(path, 'rb'))\n"
    ),
    "a path in the text": (
        "def save():\n"
        "    with open('data.pkl', 'wb') as f:\n"
        "        pickle.dump([1], f)\n"
        "def load():\n"
        "    with open('data.pkl', 'rb') as f:\n"
        "        return pickle.load(f)\n"
    ),
    "bytes at once": ("y = pickle.loads(pickle.dumps([1]))\n"),
    "a variable with the bytes": ("def g():\n    data = pickle.dumps([1])\n    return pickle.loads(data)\n"),
    "bytes that are given out and taken in": (
        "class S:\n"
        "    def enc(self):\n"
        "        return pickle.dumps([1])\n"
        "    def dec(self, b):\n"
        "        return pickle.loads(b)\n"
    ),
    "a key of a store": (
        "def put(r, key):\n"
        "    r.set(key, pickle.dumps([1]))\n"
        "def get(r, key):\n"
        "    return pickle.loads(r.get(key))\n"
    ),
    "a function that finds the path": (
        "def where():\n"
        "    return 'x'\n"
        "def save():\n"
        "    with open(where(), 'wb') as f:\n"
        "        pickle.dump([1], f)\n"
        "def load():\n"
        "    with open(where(), 'rb') as f:\n"
        "        return pickle.load(f)\n"
    ),
    "a file that is put in place": (
        "import os\n"
        "class S:\n"
        "    def a(self):\n"
        "        with open(self.temporary, 'wb') as f:\n"
        "            pickle.dump([1], f)\n"
        "        os.replace(self.temporary, self.final)\n"
        "    def b(self):\n"
        "        with open(self.final, 'rb') as f:\n"
        "            return pickle.load(f)\n"
    ),
    "a path that is opened by itself": (
        "def a(path):\n"
        "    with path.open('wb') as f:\n"
        "        pickle.dump([1], f)\n"
        "def b(path):\n"
        "    with path.open() as f:\n"
        "        return pickle.load(f)\n"
    ),
    "a buffer in memory": (
        "import io\n"
        "def g():\n"
        "    buf = io.BytesIO()\n"
        "    pickle.dump([1], buf)\n"
        "    buf.seek(0)\n"
        "    return pickle.load(buf)\n"
    ),
    "an attribute with the bytes": (
        "def put(job):\n    job.data = pickle.dumps([1])\ndef get(job):\n    return pickle.loads(job.data)\n"
    ),
    "a parameter with the file": (
        "def put(f):\n    pickle.dump([1], f)\ndef get(f):\n    return pickle.load(f)\n"
    ),
}
APART = {
    "another attribute of something else": (
        "def test_a():\n"
        "    blob = pickle.dumps([1])\n"
        "def test_b(q):\n"
        "    return pickle.loads(q.description)\n"
    ),
    "two paths in the text": (
        "def a():\n"
        "    with open('one.pkl', 'wb') as f:\n"
        "        pickle.dump([1], f)\n"
        "def b():\n"
        "    with open('other.pkl', 'rb') as f:\n"
        "        return pickle.load(f)\n"
    ),
    "two attributes with bytes": (
        "class S:\n"
        "    def a(self):\n"
        "        self.one = pickle.dumps([1])\n"
        "    def b(self, job):\n"
        "        return pickle.loads(job.two)\n"
    ),
    "two attributes with paths": (
        "class S:\n"
        "    def a(self):\n"
        "        with open(self.one, 'wb') as f:\n"
        "            pickle.dump([1], f)\n"
        "    def b(self):\n"
        "        with open(self.two, 'rb') as f:\n"
        "            return pickle.load(f)\n"
    ),
    "bytes from elsewhere": (
        "def g(b):\n"
        "    data = pickle.dumps([1])\n"
        "    b.put(data)\n"
        "    return pickle.loads(fetch().two)\n"
        "def fetch(): return u\n"
    ),
}


def _load(text):
    sources = tree(app__="", app__m="import pickle\n" + text)
    (flow,) = flows(sources, operation="load") + flows(sources, operation="loads")
    return flow


@pytest.mark.parametrize("case", LINKED)
def test_a_load_that_names_the_same_place_reads_what_is_written_there(case):
    flow = _load(LINKED[case])
    assert flow.closed
    assert flow.why.startswith("what is written at line")


@pytest.mark.parametrize("case", APART)
def test_a_load_that_has_nothing_in_common_with_the_dump_beside_it_is_open(case):
    flow = _load(APART[case])
    assert not flow.closed
    assert flow.why.endswith("and nothing says that it does")
    assert flow.types


def test_what_such_a_load_gives_stays_open_when_it_is_written_again():
    text = """\
        import pickle
        def a():
            with open('one.pkl', 'wb') as f:
                pickle.dump([1], f)
        def b(out):
            with open('other.pkl', 'rb') as f:
                pickle.dump(pickle.load(f), out)
    """
    first, again = flows(tree(app__="", app__m=text), operation="dump")
    assert first.closed
    assert not again.closed
