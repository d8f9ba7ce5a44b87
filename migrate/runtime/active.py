"""What is under way in the current thread: hooks of the user call back into it."""

from __future__ import annotations

from threading import local
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .decode import DecodeRun
    from .encode import EncodeRun


class Active(local):
    """The innermost encode and decode of one codec in this thread."""

    encode: EncodeRun | None = None
    decode: DecodeRun | None = None
