"""Program text in strings: a script that is generated, or run with ``python -c``, and reads pickles itself.

    out.write("DATA = pickle.loads(%r)" % pickle.dumps(data))

Nobody rewrites the text, so what is written for it has to stay a pickle.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrate.sites.scopes import Outline

_READS = re.compile(r"\bc?[Pp]ickle\s*\.\s*(?:loads?|Unpickler)\s*\(")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class ProgramTexts:
    """The strings of one file in which pickles are read."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._texts = [text for text in outline.strings if self._is_program(text)]

    def beside(self, node: ast.AST) -> bool:
        """Whether the outermost function around ``node`` (or else the module) has or names such a string."""
        place = self._function(node)
        return any(self._function(text) is place or self._is_named_in(place, text) for text in self._texts)

    def _is_program(self, text: ast.Constant) -> bool:
        documents = isinstance(self._outline.parents[text], ast.Expr)
        return not documents and bool(_READS.search(str(text.value)))

    def _function(self, node: ast.AST) -> ast.AST | None:
        around = [a for a in (node, *self._outline.ancestors(node)) if isinstance(a, _FUNCTIONS)]
        return around[-1] if around else None

    def _is_named_in(self, place: ast.AST | None, text: ast.Constant) -> bool:
        """Whether ``text`` is a constant of the module that the function ``place`` reads."""
        statement = self._outline.statement(text)
        if not isinstance(statement, ast.Assign) or self._function(text) is not None:
            return False
        names = {target.id for target in statement.targets if isinstance(target, ast.Name)}
        return any(name.id in names and self._function(name) is place for name in self._outline.scope_of)
