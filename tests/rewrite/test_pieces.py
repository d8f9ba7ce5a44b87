"""Only what the edits lie in is taken apart by LibCST: a statement, or of a class the methods."""

from __future__ import annotations

import textwrap

import pytest

from migrate.rewrite import edit_file
from migrate.rewrite.pieces import pieces_of
from migrate.rewrite.source import Slice, SourceFile

from .support import rewrite_bytes

FILE = textwrap.dedent(
    """\
    import pickle                           # 1

    class Store(Base[pickle.loads]):        # 3
        loads = pickle.loads                # 4

        @traced                             # 6
        # of old
        @cached(                            # 8
            pickle.dumps,
        )
        def save(self, key):                # 11
            return pickle.dumps(key)        # 12

        class Inner:                        # 14
            async def load(self):           # 15
                return pickle.loads(b"")    # 16

            x = 1; y = 2                    # 18
            \\
    def odd(self):                          # 20
                pickle.dumps(self)          # 21

        if FAST:                            # 23
            def quick(self):                # 24
                pickle.dumps(self)          # 25


    def outer():                            # 28
        class Local:                        # 29
            def dump(self):                 # 30
                pickle.dumps(self)          # 31
    """
)
IMPORT, STORE, OUTER = Slice(1, 1), Slice(3, 25), Slice(28, 31)
SAVE, LOAD = Slice(6, 12), Slice(15, 16)


@pytest.mark.parametrize(
    ("lines", "pieces"),
    [
        pytest.param([12], [SAVE], id="a method, with its decorators and the comments between"),
        pytest.param([9, 12], [SAVE], id="a decorator belongs to its method"),
        pytest.param([16, 12, 1], [IMPORT, SAVE, LOAD], id="several, one of a class in the class"),
        pytest.param([4, 12], [STORE], id="beside what is in no method, the class is one piece"),
        pytest.param([3, 12], [STORE], id="so with its bases"),
        pytest.param([25], [STORE], id="a function under a condition is no method"),
        pytest.param([21], [STORE], id="nor is one that a backslash joins to the line before taken out"),
        pytest.param([31, 28], [OUTER], id="a function is one piece with the classes in it"),
        pytest.param([2, 5000], [], id="lines of no statement are in no piece"),
    ],
)
def test_pieces(lines: list[int], pieces: list[Slice]) -> None:
    """What `pieces_of` gives for lines."""
    assert pieces_of(SourceFile(FILE.encode()), lines) == tuple(pieces)


HEAD = b"import pickle\nclass A:\n"
METHODS: dict[str, bytes] = {
    "tabs": HEAD + b"\tx = 1\n\tdef f(self):\n\t\tpickle.dump(o, f, 2)\n\n\ty = 2\n",
    "blanks": HEAD + b"  def f(self):\n        pickle.dump(o, f, 2)  # why\n",
    "CRLF": b"import pickle\r\nclass A:\r\n    def f(self):\r\n        pickle.dump(o, f)\r\n",
    "no final newline": HEAD + b"    def f(self): pickle.dump(o, f)",
    "texts to the left": HEAD + b'    def f(self):\n        """\nx\n"""\n        pickle.dump(o, f)\n',
    "a class in a class": HEAD + b" class B:\n  def f(self):\n   pickle.dump(o, f)\n  x = 1\n",
    "an import in the method": b"class A:\n  def f(self):\n    import pickle\n\n    pickle.dump(o, f)\n",
    "an import in both": HEAD + b"  def f(self):\n    import pickle\n    pickle.dump(o, f)\n",
    "two methods": HEAD + b"  def f(s): pickle.dump(o, f)\n  # between\n  def g(s): return pickle.load(f)\n",
    "wide characters": HEAD + "    def f(self):\n        x = '€😀', pickle.loads(b)\n".encode(),
    "latin-1": b"# coding: latin-1\n" + HEAD + b"  x = '\xe9'\n  def f(self): pickle.dump('\xfc', f)\n",
    "decorators": HEAD + b"  @one\n  @two(pickle.loads)\n  async def f(self): pickle.dump(o, f)\n",
    "a class body": HEAD + b"    load = pickle.load\n    def f(self): pickle.dump(o, f)\n",
    "a form feed": HEAD + b"    x = 1\n\x0c\n    def f(self): pickle.dump(o, f)\n",
    "a comment at its end": HEAD + b"  def f(self):\n    pickle.dump(o, f)\n    # end\n  # class\n",
}


@pytest.mark.parametrize("name", METHODS)
def test_the_size_of_the_piece_does_not_show(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A method by itself becomes what it becomes within its class, and all around it stays."""
    narrow, problems = rewrite_bytes(METHODS[name])
    assert problems == []
    assert b"converters." in narrow
    monkeypatch.setattr(edit_file, "pieces_of", lambda source, lines: source.slices)
    assert rewrite_bytes(METHODS[name]) == (narrow, [])
