"""The fast engine: the C unpickler, over a pickle that was rewritten so that it makes records.

It gives what the reference engine gives, or nothing: what is wrong with a pickle is not for it to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._fast_machine import Machine
from ._fast_stream import Stream
from .records import Node
from .reference import Decoded

if TYPE_CHECKING:
    from .limits import Limits


def read(data: bytes, start: int, limits: Limits) -> tuple[Decoded, int] | None:
    """Return the pickle that begins at ``start`` and how many opcodes it has at most; None when unsure."""
    try:
        stream = Stream(data, start, limits)
        machine = Machine(stream, limits.max_globals)
        stack = machine.read()
    except Exception:  # noqa: BLE001 - whatever it is, the reference engine reads the pickle as well, and says it
        return None
    leftovers = (record for record in stack[:-1] if isinstance(record, Node))
    return Decoded(stack[-1], stream.position, stream.protocol, (*machine.dropped, *leftovers)), stream.ops
