"""The tables of a grammar."""

from pathlib import Path

import fissix.pgen2.driver
from common import main, picture
from fissix import pytree
from fissix.pgen2.grammar import Grammar

SOURCE = Path(fissix.__file__).parent / "Grammar.txt"


def write(folder: Path) -> None:
    fissix.pgen2.driver.load_grammar(gt=str(SOURCE), gp=str(folder / "grammar.pickle"), save=True, force=True)


def show(folder: Path) -> object:
    grammar = Grammar()
    grammar.load(str(folder / "grammar.pickle"))
    tree = fissix.pgen2.driver.Driver(grammar, convert=pytree.convert).parse_string("print 'x', 1\n")
    return str(tree), repr(tree), picture(vars(grammar))


main(write, show)
