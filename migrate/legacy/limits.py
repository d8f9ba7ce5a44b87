"""How much a pickle may ask of its reader."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """Bounds of one reading; passing one raises :class:`~.errors.LimitExceeded` with the name of the field.

    The defaults let through what programs store and keep the reader's memory within a small multiple of
    the input. Raise one with ``Limits(max_depth=100_000)`` or ``limits._replace(...)`` when you know the
    data.
    """

    max_bytes: int = 1 << 30
    """Length of one pickle, in bytes."""
    max_ops: int = 100_000_000
    """Opcodes of one pickle."""
    max_depth: int = 10_000
    """Records inside one another."""
    max_memo: int = 20_000_000
    """Highest memo index, plus one."""
    max_globals: int = 10_000
    """Different classes and functions named by one pickle."""
    max_digits: int = 4_300
    """Decimal digits of an ``int`` that is stored as text (CPython's own default, see
    ``sys.set_int_max_str_digits``).
    """
    max_unpacked: int = 1 << 30
    """Length of one decompressed layer, in bytes."""
    max_ratio: int = 200
    """Decompressed bytes per compressed byte, once a layer is larger than 64 MiB."""
    max_layers: int = 4
    """Compressions around one another."""


DEFAULT_LIMITS = Limits()
