"""Reading pickles without executing them.

The room turns pickle bytes into *records*: inert pictures of what was stored. No name in the data is
imported or called.

* :func:`decode`, :func:`decode_from`, :func:`decode_all`: one pickle, one off a handle, several in a row
* :func:`examine`: one pickle with where it ends and what it dropped
* :func:`walk`: every record of a graph once
* :func:`sniff`, :func:`looks_like_pickle`, :func:`decompress`, :func:`unwrap`: what bytes are, and what is
  inside
* :mod:`.inspect`: a pickle as text and as JSON, and what ``pickle.load`` would have executed
"""

from __future__ import annotations

from .engines import examine
from .errors import (
    LegacyError,
    LimitExceeded,
    MalformedPickle,
    MigrateError,
    TruncatedPickle,
    UnsupportedOpcode,
)
from .graph import walk
from .limits import DEFAULT_LIMITS, Limits
from .reading import decode, decode_all, decode_from
from .records import (
    NO_STATE,
    Buffer,
    ByteString,
    Call,
    Dict,
    FrozenSet,
    Global,
    Node,
    Persistent,
    Record,
    Set,
)
from .reference import Decoded
from .sniff import Format, looks_like_pickle, sniff
from .unpack import decompress
from .wrappings import unwrap

__all__ = [
    "DEFAULT_LIMITS",
    "NO_STATE",
    "Buffer",
    "ByteString",
    "Call",
    "Decoded",
    "Dict",
    "Format",
    "FrozenSet",
    "Global",
    "LegacyError",
    "LimitExceeded",
    "Limits",
    "MalformedPickle",
    "MigrateError",
    "Node",
    "Persistent",
    "Record",
    "Set",
    "TruncatedPickle",
    "UnsupportedOpcode",
    "decode",
    "decode_all",
    "decode_from",
    "decompress",
    "examine",
    "looks_like_pickle",
    "sniff",
    "unwrap",
    "walk",
]
