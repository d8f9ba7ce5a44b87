"""What is read from the bytes of a file before it is parsed, if it ever is."""

from __future__ import annotations

import pytest

from migrate.sites import find_sites, importers, prefilter
from migrate.sites.prefilter import imported_words, may_import, only_mentions_pickle


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (b"import a.b as c, d\n", {b"a", b"b", b"as", b"c", b"d"}),
        (b"try:\n    from a import b\nexcept ImportError: from c import d\n", {b"b", b"d"}),
        (b"from a import (  # (a note)\n    b,\n    c,\n)\n", {b"a", b"note", b"b", b"c"}),
        (b"from a import b, \\\n    c\n", {b"b", b"c"}),
        (b"from a \\\n    import b\n", {b"b"}),
        (b"x = 1; from a import *\n", {b"*"}),
        (b"\xef\xbb\xbfimport a\n", {b"a"}),
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


@pytest.mark.parametrize(
    "source",
    [
        b'"""Return the pickle from a file, and import it."""\n',
        b"# pickle. Pickled objects are not torch tensors.\n",
        b"def unpickle_all(self, path):\n    return [path]\n",
        b"class Pickled:\n    def __reduce__(self):  # for pickle\n        return Pickled, ()\n",
        b"GENES = ['armadillo', 'pescadillo', 'prickle']\nmarshalling = {'tickle': torches}\n",
    ],
)
def test_words_in_prose_and_in_names_of_its_own_make_no_use(source: bytes) -> None:
    assert only_mentions_pickle(source)
    assert find_sites({"a.py": source}) == {}


@pytest.mark.parametrize(
    "source",
    [
        b"import pickle\n",
        b"from cPickle import (\n    dumps,\n)\n",
        b"from a \\\n    import pickle as p\n",
        b"from \\\n    pickle import dumps\n",
        b"import json\rimport pickle\r",
        b"import pandas as pd\npd.read_pickle(path)\n",
        b"import six\ncodec = six.moves.  \\\n    cPickle\n",
        b"from tree import *\n# this\npickle.dumps(x)\n",
        b"import numpy as np\n# no pickle\nx = np.load(path, None, True)\n",
        b"load(path, allow_pickle=True)\n",
        b'task_serializer = "pickle"\n',
        b"mock.patch('shop.store.pickle.dump')\n",
        b"__import__('\\x70ickle')\n",
        b"x = 1  # pickle-migrate: keep[reason]\n",
    ],
)
def test_words_that_may_be_code(source: bytes) -> None:
    assert not only_mentions_pickle(source)


@pytest.mark.parametrize("order", [1, -1])
def test_a_file_with_prose_about_it_takes_from_others_what_does_not_say_so(order: int) -> None:
    sources = {
        "compat.py": b"import pickle as codec\nfrom multiprocessing import Pool\n",
        "package/__init__.py": b"from compat import *\n",
        "use.py": b'"""It pickles."""\nfrom package import codec, Pool\ncodec.dumps(1)\nPool(4)\n',
    }
    found = find_sites(dict(list(sources.items())[::order]))
    assert [site.library for site in found["use.py"].sites] == ["pickle", "multiprocessing"]


@pytest.mark.parametrize(
    "source",
    [
        b"import a\nimport b; import c\nx: int; from d import (e,  # import f\n    g)\nfrom h import i",
        b"if x: import a; from b import c\nelse:import d\nimport = 1; reimport(x)\n",
        b"\xef\xbb\xbfimport a\r\nfrom . import b\r\n  from .. c import d\n",
        b"x = {1: important, 2: 'import a'}; import b; y[1:2]; import c; # ; import d\n",
        b"from a import b; from c import (d\nfrom e import f\n",
    ],
)
def test_import_statements_are_those_that_a_plain_search_finds(source: bytes) -> None:
    for pattern in (prefilter._CLAUSE, importers._STATEMENT):
        found = [match.span() for match in prefilter.import_statements(source, pattern)]
        assert found == [match.span() for match in pattern.finditer(source)]
        assert found
