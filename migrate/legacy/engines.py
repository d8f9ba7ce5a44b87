"""The two engines that read pickles, and which of them does.

The fast engine answers, or it does not; then the reference engine answers, or says what is wrong. So there is
one source of errors, and nothing is ever given to ``pickle``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from . import fast, reference
from .graph import check_depth
from .limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .reference import Decoded


_MAKES_HOLDERS = b")]}tld\x85\x86\x87\x8f\x91R\x81\x92oiPQ"


def examine(
    data: bytes,
    *,
    start: int = 0,
    limits: Limits = DEFAULT_LIMITS,
    buffers: Sequence[Any] | None = None,
    engine: Literal["fast", "reference"] = "fast",
) -> Decoded:
    """Read the pickle that begins at ``start``, and say where it ends and what it dropped.

    ``buffers`` are the out-of-band buffers that ``pickle.loads`` would be given; the records refer to
    them by index. Both engines give the same; ``engine="reference"`` is for comparing them.

    Raises :class:`~.errors.LegacyError` (with ``reason`` and ``offset``) for everything that is not a
    whole pickle within ``limits``.
    """
    found = fast.read(data, start, limits) if engine == "fast" else None
    if found is None:
        found = reference.read(data, start, limits, len(buffers) if buffers is not None else None)
    decoded, ops = found
    if ops > limits.max_depth and _holders(data, start, decoded.end, limits) > limits.max_depth:
        roots = (decoded.root, *decoded.dropped)
        check_depth(roots, limits.max_depth, ops=ops, offset=decoded.end)
    return decoded


def _holders(data: bytes, start: int, end: int, limits: Limits) -> int:
    """Return how many records the pickle can have made that hold others, at most.

    Every byte counts that may be such an opcode. Long pickles have too many of them for this to be of use.
    """
    size = end - start
    if size > 16 * limits.max_depth:
        return size
    return size - len(data[start:end].translate(None, _MAKES_HOLDERS))
