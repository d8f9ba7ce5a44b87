"""What a program needs once it has left pickle: a :class:`Codec` that stands where pickle stood.

    from migrate.runtime import Codec

    codec = Codec("shop", stage="json")
    codec.register("shop.models:Order")
    codec.dump(order, file)
    order = codec.load(file)

Importing this package is light: cattrs and msgspec are loaded when they are first needed. The format is
described in docs/wire-format.md.
"""

from ..legacy import Limits
from .codec import Codec
from .compare import Difference, differences, same
from .errors import (
    ConverterError,
    DecodeError,
    EncodeError,
    MigrateError,
    TruncatedRecord,
    UnknownClass,
)
from .keys import Keys, NotAuthentic
from .payloads import Payloads
from .records import DEFAULT_PROTOCOL, HIGHEST_PROTOCOL, Records
from .registry import Registration
from .seals import Seals
from .stage import Stage
from .streams import Pickler, Unpickler
from .telemetry import TELEMETRY

__all__ = [
    "DEFAULT_PROTOCOL",
    "HIGHEST_PROTOCOL",
    "TELEMETRY",
    "Codec",
    "ConverterError",
    "DecodeError",
    "Difference",
    "EncodeError",
    "Keys",
    "Limits",
    "MigrateError",
    "NotAuthentic",
    "Payloads",
    "Pickler",
    "Records",
    "Registration",
    "Seals",
    "Stage",
    "TruncatedRecord",
    "UnknownClass",
    "Unpickler",
    "differences",
    "same",
]
