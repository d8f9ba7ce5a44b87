"""A module that parso parsed and cached."""

from pathlib import Path

import parso
from common import main, picture
from parso.cache import load_module
from parso.file_io import FileIO

SOURCE = """\
import os


def f(a, *b: int) -> str:
    'Größe'
    return f'{a!r}' + os.sep  # end

class C(object): x = (1,
 2)
"""


def write(folder: Path) -> None:
    (folder / "sample.py").write_text(SOURCE, encoding="utf-8")
    parso.load_grammar().parse(path=folder / "sample.py", cache=True, cache_path=folder / "cache")


def show(folder: Path) -> object:
    grammar = parso.load_grammar()
    module = load_module(grammar._hashed, FileIO(folder / "sample.py"), cache_path=folder / "cache")
    assert module.get_code() == SOURCE
    return {
        "tree": module.dump(),
        "parents": all(child.parent is module for child in module.children),
        "names": sorted(module.get_used_names()),
        "positions": [(leaf.value, leaf.start_pos, leaf.prefix) for leaf in leaves(module)],
        "functions": [picture(f.name.value) for f in module.iter_funcdefs()],
    }


def leaves(module):
    leaf = module.get_first_leaf()
    while leaf is not None:
        yield leaf
        leaf = leaf.get_next_leaf()


main(write, show)
