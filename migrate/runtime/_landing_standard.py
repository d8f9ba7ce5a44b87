"""Values of the standard library as pickles store them, in the wire format: one closed table.

The arguments come from data, so they are checked here: types, ranges, lengths. Where a constructor of
the standard library does the check better, it is called with arguments that have been checked for type
and size; none of those constructors reads a file, imports, or runs code of the program.

How each type pickles itself is fixed by CPython (``Modules/_datetimemodule.c``, ``Lib/collections``,
``Modules/arraymodule.c`` …) and has changed over the years; the handlers take every form since Python
2.7. Those of numpy's values are with them: they need no numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ._landing_arrays import ARRAYS
from ._landing_builtins import BUILTINS
from ._landing_collections import COLLECTIONS
from ._landing_frames import FRAMES
from ._landing_names import NAMES
from ._landing_time import TIMES

if TYPE_CHECKING:
    from ._landing_rules import Rule

STANDARD: Final[dict[tuple[str, str], Rule]] = {
    **BUILTINS,
    **COLLECTIONS,
    **TIMES,
    **NAMES,
    **ARRAYS,
    **FRAMES,
}
"""Module and name, as Python 3 has them → how its calls are landed."""
