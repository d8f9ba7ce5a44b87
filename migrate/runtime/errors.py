"""What dump and load raise.

Each error also derives from what pickle raises in the same situation, so that a handler written for pickle
(``except (pickle.UnpicklingError, EOFError)``) still catches it: :class:`ConverterError` derives from
``PickleError``, :class:`EncodeError` from ``PicklingError``, :class:`DecodeError` from ``UnpicklingError``.
:mod:`_pickle` holds these and costs nothing to import; :mod:`pickle` defines its own only where that module
is missing.
"""

from __future__ import annotations

try:
    from _pickle import PickleError, PicklingError, UnpicklingError
except ImportError:  # interpreters without the C accelerator
    from pickle import PickleError, PicklingError, UnpicklingError

from ..legacy.errors import MigrateError

__all__ = [
    "ConverterError",
    "DecodeError",
    "EncodeError",
    "MigrateError",
    "TruncatedRecord",
    "UnknownClass",
    "within",
]


class ConverterError(MigrateError, PickleError):
    """Root of what a Codec raises.

    ``reason`` is a code of docs/reasons, ``path`` the place in the value (``orders[3].items[0].price``).
    """

    reason = "unsupported-type"


class EncodeError(ConverterError, PicklingError, TypeError):
    """The value cannot be written exactly. Raised before anything is written.

    Also caught by ``except TypeError``, which pickle raises for locks and files.
    """


class DecodeError(ConverterError, UnpicklingError, ValueError):
    """The data are not a record of this codec.

    ``offset`` is the byte at which reading stopped, or None where the place is better told by ``path``.
    """

    reason = "malformed"
    offset: int | None = None


class TruncatedRecord(DecodeError, EOFError):  # noqa: N818 - named for what the data are
    """The data end in the middle of a record; also caught by ``except EOFError``, as with pickle."""

    reason = "truncated"


class UnknownClass(DecodeError, AttributeError):  # noqa: N818
    """The data name a class that is not registered, or no longer exists.

    Also caught by ``except AttributeError``, which pickle raises for a class that is gone.
    """

    reason = "unknown-global"


def within(error: MigrateError, step: str) -> MigrateError:
    """Put ``step`` (``".price"`` or ``"[3]"``) in front of the error's path, on its way up."""
    error.path = step + error.path
    return error
