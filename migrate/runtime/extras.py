"""Values of numpy and pandas, which are extras: imported when a value or a record of them is met."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from .errors import DecodeError

if TYPE_CHECKING:
    from types import ModuleType

    from .compare import Comparison
    from .decode import DecodeRun, TagDecoder
    from .encode import Encoder, Value, Wire

_LIBRARIES = frozenset({"numpy", "pandas"})


@cache
def _module(extra: str) -> ModuleType:
    """Return our module for values of a library; raises DecodeError when that is not installed."""
    try:
        if extra == "numpy":
            from . import arrays

            return arrays
        from . import frames
    except ImportError as error:
        raise DecodeError(
            f"the record holds values of {extra}, which is not installed:"
            f" pip install 'pickle-migrate[{extra}]'",
            reason="missing-extra",
        ) from error
    return frames


def _module_of(cls: type) -> ModuleType:
    return _module(cls.__module__.partition(".")[0])


def is_extra(cls: type) -> bool:
    """Whether ``cls`` is of a library that may have values in the wire format."""
    return cls.__module__.partition(".")[0] in _LIBRARIES


def encoder_of(cls: type) -> Encoder | None:
    """Return the encoder of values that are exactly of ``cls``, a class of such a library."""
    encoder: Encoder | None = _module_of(cls).encoder_of(cls)
    return encoder


def is_frozen(value: Value) -> bool:
    """Whether nobody can see that ``value``, of such a library, is shared."""
    return bool(_module_of(type(value)).is_frozen(value))


def is_same_class(a: Value, b: Value) -> bool:
    """Whether two values of different classes count as of the same; see :func:`.arrays.is_same_class`."""
    return is_extra(type(a)) and is_extra(type(b)) and bool(_module_of(type(a)).is_same_class(a, b))


def compare(comparison: Comparison, path: str, a: Value, b: Value) -> bool:
    """Note how ``a`` and ``b``, of one class of such a library, differ; False if it knows nothing of them."""
    return bool(_module_of(type(a)).compare(comparison, path, a, b))


def _decoder(extra: str, name: str) -> TagDecoder:
    def decode(wire: dict[str, Wire], run: DecodeRun) -> Any:
        return getattr(_module(extra), name)(wire, run)

    return decode


EXTRA_TAGS: dict[str, TagDecoder] = {
    "$ndarray": _decoder("numpy", "decode_array"),
    "$npscalar": _decoder("numpy", "decode_scalar"),
    "$dtype": _decoder("numpy", "decode_dtype"),
    "$frame": _decoder("pandas", "decode_frame"),
    "$series": _decoder("pandas", "decode_series"),
    "$index": _decoder("pandas", "decode_index"),
    "$rangeindex": _decoder("pandas", "decode_range"),
    "$multiindex": _decoder("pandas", "decode_multi"),
    "$pdarray": _decoder("pandas", "decode_column"),
    "$timestamp": _decoder("pandas", "decode_timestamp"),
    "$pdtimedelta": _decoder("pandas", "decode_timedelta"),
    "$period": _decoder("pandas", "decode_period"),
    "$interval": _decoder("pandas", "decode_interval"),
    "$offset": _decoder("pandas", "decode_offset"),
    "$pandas": _decoder("pandas", "decode_missing"),
    "$pytz": _decoder("pandas", "decode_pytz"),
}
