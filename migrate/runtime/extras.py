"""Values of numpy, which is an extra: imported when a value or a record of it is met, and not before."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from .errors import DecodeError

if TYPE_CHECKING:
    from types import ModuleType

    from .compare import Comparison
    from .decode import DecodeRun, TagDecoder
    from .encode import Encoder, Value, Wire

_LIBRARIES = frozenset({"numpy"})


@cache
def _arrays() -> ModuleType:
    try:
        from . import arrays
    except ImportError as error:
        raise DecodeError(
            "the record holds values of numpy, which is not installed: pip install 'pickle-migrate[numpy]'",
            reason="missing-extra",
        ) from error
    return arrays


def is_extra(cls: type) -> bool:
    """Whether ``cls`` is of a library that may have values in the wire format."""
    return cls.__module__.partition(".")[0] in _LIBRARIES


def encoder_of(cls: type) -> Encoder | None:
    """Return the encoder of values that are exactly of ``cls``, a class of such a library."""
    encoder: Encoder | None = _arrays().encoder_of(cls)
    return encoder


def is_frozen(value: Value) -> bool:
    """Whether nobody can see that ``value``, of such a library, is shared."""
    return bool(_arrays().is_frozen(value))


def is_same_class(a: Value, b: Value) -> bool:
    """Whether two values of different classes count as of the same; see :func:`.arrays.is_same_class`."""
    return is_extra(type(a)) and is_extra(type(b)) and bool(_arrays().is_same_class(a, b))


def compare(comparison: Comparison, path: str, a: Value, b: Value) -> bool:
    """Note how ``a`` and ``b``, of one class of such a library, differ; False if it knows nothing of them."""
    return bool(_arrays().compare(comparison, path, a, b))


def _decoder(name: str) -> TagDecoder:
    def decode(wire: dict[str, Wire], run: DecodeRun) -> Any:
        return getattr(_arrays(), name)(wire, run)

    return decode


EXTRA_TAGS: dict[str, TagDecoder] = {
    "$ndarray": _decoder("decode_array"),
    "$npscalar": _decoder("decode_scalar"),
    "$dtype": _decoder("decode_dtype"),
}
