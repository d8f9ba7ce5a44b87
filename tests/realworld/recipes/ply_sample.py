"""The tables of a small grammar of ply."""

import sys
from pathlib import Path

sys.path.insert(0, ".")

from common import main, picture
from ply import lex, yacc

tokens = ("NUMBER", "PLUS")
t_PLUS = r"\+"
t_ignore = " "


def t_NUMBER(t):
    r"\d+"
    t.value = int(t.value)
    return t


def t_error(t):
    raise SyntaxError(t.value)


def p_sum(p):
    """sum : sum PLUS NUMBER
    | NUMBER"""
    p[0] = p[1] if len(p) == 2 else p[1] + p[3]


def p_error(p):
    raise SyntaxError(p)


def write(folder: Path) -> None:
    yacc.yacc(picklefile=str(folder / "tables.pickle"), debug=False, errorlog=yacc.NullLogger())


def show(folder: Path) -> object:
    table = yacc.LRTable()
    signature = table.read_pickle(str(folder / "tables.pickle"))
    parser = yacc.yacc(picklefile=str(folder / "tables.pickle"), debug=False, errorlog=yacc.NullLogger())
    return {
        "signature": signature,
        "sum": parser.parse("1 + 20 + 300", lexer=lex.lex()),
        "tables": picture((table.lr_action, table.lr_goto, table.lr_method)),
        "productions": [picture(p) for p in table.lr_productions],
    }


main(write, show)
