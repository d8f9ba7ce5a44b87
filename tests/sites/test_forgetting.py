"""What a search leaves behind: evidence is gathered in the memory that syntax trees took."""

import ast
import gc

from migrate.sites import find_sites

PLAIN = b"""\
from codec import other
x = x.strip()

class A:
    kept = other

    def read(self, data):
        return self.kept.loads(data)
"""
CIRCLE = {
    "store.py": b"from codec import codec\nimport pickle\n\ndef save(x, f):\n    pickle.dump(x, f)\n",
    "codec.py": b"from store import *\nimport pickle as codec\nfrom loads import codec as other\n",
    "loads.py": b"from codec import codec\nfrom store import pickle\n\ncodec.load(open('x', 'rb'))\n",
    "plain.py": PLAIN,
}


def trees() -> int:
    return sum(isinstance(each, ast.Module) for each in gc.get_objects())


def test_no_syntax_tree_waits_for_the_collector_of_cycles():
    gc.collect()
    gc.disable()
    try:
        before = trees()
        assert len(find_sites(CIRCLE)) == 4
        assert trees() == before
    finally:
        gc.enable()
