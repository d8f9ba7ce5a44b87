"""A grammar that lark saved."""

import io
from pathlib import Path

from common import main
from lark import Lark

GRAMMAR = r"""
start: pair ("," pair)*
pair: NAME "=" value -> assignment
?value: NUMBER | NAME | "(" start ")"
NAME.2: /[a-zé_]+/i
NUMBER: /\d+/
%ignore " "
"""
TEXT = "a=1, é=(b=c, D=22)"


def write(folder: Path) -> None:
    with (folder / "grammar.lark.pkl").open("wb") as f:
        Lark(GRAMMAR, parser="lalr", propagate_positions=True).save(f)


def show(folder: Path) -> object:
    parser = Lark.load(io.BytesIO((folder / "grammar.lark.pkl").read_bytes()))
    tree = parser.parse(TEXT)
    return {
        "tree": tree.pretty(),
        "ends": [(t.data, t.meta.end_column) for t in tree.iter_subtrees()],
        "rules": [(repr(r), repr(r.options)) for r in parser.rules],
        "terminals": [(repr(t), t.priority) for t in parser.terminals],
    }


main(write, show)
