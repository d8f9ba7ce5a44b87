"""What is read from the bytes of a file before it is parsed, if it ever is."""

from __future__ import annotations

import pytest

from migrate.sites import find_sites
from migrate.sites.prefilter import imported_words, may_import


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (b"import a.b as c, d\n", {b"a", b"b", b"as", b"c", b"d"}),
        (b"try:\n    from a import b\nexcept ImportError: from c import d\n", {b"b", b"d"}),
        (b"from a import (  # (a note)\n    b,\n    c,\n)\n", {b"a", b"note", b"b", b"c"}),
        (b"from a import b, \\\n    c\n", {b"b", b"c"}),
        (b"from a \\\n    import b\n", {b"b"}),
        (b"x = 1; from a import *\n", {b"*"}),
        (b'"""\n>>> from a import b\nSee import c.\n"""\n', set()),
    ],
)
def test_the_words_that_imports_may_bind(source: bytes, words: set[bytes]) -> None:
    assert imported_words(source) >= words - {b"a", b"note"}
    assert imported_words(source) <= words


def test_a_package_is_named_by_all_but_its_own_files() -> None:
    assert may_import(b"from . import codec\n", b"shop", b"codec", package=True)
    assert may_import(b"from shop import codec\n", b"shop", b"codec", package=True)
    assert not may_import(b"from . import codec\n", b"store", b"codec", package=False)
    assert not may_import(b"import json\ncodec = json\n", b"shop", b"codec", package=True)


def test_a_bracket_in_a_comment_ends_no_import() -> None:
    found = find_sites(
        {
            "compat.py": b"import pickle as codec\n",
            "api.py": b"from compat import (  # (for old users)\n    codec,\n)\n",
            "use.py": b"from api import codec\ndef save(x):\n    return codec.dumps(x)\n",
        }
    )
    assert [site.operation.value for site in found["use.py"].sites] == ["dumps"]
