"""Which dumps a load reads: of several in one file the one at its own position, of two forms its own."""

from __future__ import annotations

import pytest

from .support import flows, said, tree

HEAD = "import io, pickle\nclass A: pass\nclass B: pass\n"
WRITER = """
def write(path):
    with open(path, "wb") as f:
        pickle.dump(A(), f)
        pickle.dump(B(), f, protocol=2)
"""
READER = """
def read(path):
    f = open(path, "rb")
    try:
        a = pickle.load(f)
        b = pickle.load(f)
    finally:
        f.close()
"""


def loads(writer: str = WRITER, reader: str = READER, operation: str = "load") -> list[set[str]]:
    """Return the types of each load of one module."""
    found = flows(tree(m=HEAD + writer + reader), operation=operation)
    return [{ref for ref, _ in said(flow)} for flow in found]


def test_values_of_one_file_are_read_in_the_order_in_which_they_were_written():
    assert loads() == [{"m:A"}, {"m:B"}]


WRITERS = {
    "a Pickler": "def write(f):\n    p = pickle.Pickler(f)\n    p.dump(A())\n    p.dump(B())\n",
    "flushed between": WRITER.replace("        pickle.dump(B", "        f.flush()\n        pickle.dump(B"),
    "in a class": WRITER.replace("def write(path)", "class W:\n  def write(self, path)"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_written_one_after_the_other(name):
    assert loads(WRITERS[name]) == [{"m:A"}, {"m:B"}]


READERS = {
    "an Unpickler": "def read(f):\n    u = pickle.Unpickler(f)\n    a = u.load()\n    b = u.load()\n",
    "checked between": READER.replace("        b =", "        if not a: raise ValueError\n        b ="),
    "in one expression": "def read(p):\n    f = open(p)\n    return pickle.load(f), pickle.load(f)\n",
}


@pytest.mark.parametrize("name", READERS)
def test_read_one_after_the_other(name):
    assert loads(reader=READERS[name]) == [{"m:A"}, {"m:B"}]


BOTH = [{"m:A", "m:B"}]
UNORDERED_WRITERS = {
    "one under a condition": WRITER.replace("        pickle.dump(A", "        if path: pickle.dump(A"),
    "one in a loop": WRITER.replace("        pickle.dump(A", "        for _ in path: pickle.dump(A"),
    "one where the other fails": (
        "def write(p):\n    f = open(p)\n    try: pickle.dump(A(), f)\n"
        "    except OSError: pickle.dump(B(), f)\n"
    ),
    "handle passed on": WRITER.replace("        pickle.dump(B", "        more(f)\n        pickle.dump(B"),
    "handle moved": WRITER.replace("        pickle.dump(B", "        f.seek(0)\n        pickle.dump(B"),
    "handle of a caller": "def write(f):\n    pickle.dump(A(), f)\n    pickle.dump(B(), f)\n",
    "two files under one name": (
        "def write(p):\n    f = open(p)\n    pickle.dump(A(), f)\n    f = open(p)\n    pickle.dump(B(), f)\n"
    ),
    "two functions": (
        "def one(p):\n    f = open(p)\n    pickle.dump(A(), f)\n"
        "def two(p):\n    f = open(p)\n    pickle.dump(B(), f)\n"
    ),
    "one more elsewhere": WRITER + "def other(p): pickle.dump(B(), open(p))\n",
}


@pytest.mark.parametrize("name", UNORDERED_WRITERS)
def test_where_the_order_of_writing_is_not_plain_each_load_may_read_any(name):
    assert loads(UNORDERED_WRITERS[name]) == BOTH * 2


UNORDERED_READERS = {
    "fewer": "def read(p):\n    f = open(p)\n    return pickle.load(f)\n",
    "in a loop": "def read(p):\n    f = open(p)\n    for _ in p: pickle.load(f)\n",
    "skipped": READER.replace("        a =", "        if path: a ="),
    "in a comprehension": "def read(p):\n    f = open(p)\n    return [pickle.load(f) for _ in p]\n",
}


@pytest.mark.parametrize("name", UNORDERED_READERS)
def test_where_the_order_of_reading_is_not_plain_each_load_may_read_any(name):
    found = loads(reader=UNORDERED_READERS[name])
    assert found == BOTH * len(found)


STORE = """
class Store:
    def put(self, key): self.all[key] = pickle.dumps(A())
    def save(self, path):
        with open(path, "wb") as f: pickle.dump(B(), f)
    def restore(self, path):
        with open(path, "rb") as f: return pickle.load(f)
"""


def test_what_is_kept_as_bytes_and_what_is_kept_in_files_are_read_apart():
    text = STORE + "    def get(self, key): return pickle.loads(self.all[key])\n"
    assert loads(text, "") == [{"m:B"}]
    assert loads(text, "", "loads") == [{"m:A"}]


def test_bytes_that_only_a_load_from_a_file_can_read_are_among_what_it_reads():
    assert loads(STORE, "") == BOTH


COPIED = "def copied(x: A):\n    return pickle.loads(pickle.dumps(A()))\n"
HASHED = "import hashlib\ndef key():\n    return hashlib.md5(pickle.dumps(A())).hexdigest()\n"
SENT = "def ask(connection):\n    connection.sendall(pickle.dumps(A()))\n"


@pytest.mark.parametrize("apart", [COPIED, HASHED, SENT], ids=["copied", "hashed", "sent"])
def test_no_load_reads_bytes_that_end_where_they_are_made(apart: str):
    source = f"{HEAD}{apart}def read(data):\n    return pickle.loads(data)\n"
    found = flows(tree(m=source), operation="loads")[-1]
    assert not said(found)
    assert not found.closed


def test_a_copy_reads_its_own_bytes():
    found = flows(tree(m=HEAD + COPIED), operation="loads")[0]
    assert {ref for ref, _ in said(found)} == {"m:A"}
