"""The codemod: edits call sites, imports and handlers, and writes the converters module.

`rewrite` is pure, bytes in and bytes out; `apply` and `undo` touch the disk.
"""

from migrate.model import Problem
from migrate.rewrite.apply import Applied, apply, undo
from migrate.rewrite.codemod import rewrite
from migrate.rewrite.module import render_converters

__all__ = ["Applied", "Problem", "apply", "render_converters", "rewrite", "undo"]
