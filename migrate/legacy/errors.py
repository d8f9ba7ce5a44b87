"""The root of every error of pickle-migrate, and the errors of reading pickles.

An error says *what* is wrong, *where* (a path in the value, a byte offset in the data), and carries a
``reason``: one of the codes documented in ``docs/reasons/``. Codes are plain strings here, because this
room is vendored into programs that do not have the codemod.
"""

from __future__ import annotations


class MigrateError(Exception):
    """What is wrong with a value, a file or a request.

    ``reason`` is the reason code; ``path`` is where in the value it happened
    (``orders[3].items[0].price``), empty at the top.
    """

    reason: str = ""

    def __init__(self, message: str = "", *more: object, reason: str | None = None, path: str = "") -> None:
        # A program may raise these itself, with whatever it gave to pickle's exceptions.
        super().__init__(message, *more)
        self.message = message
        self.path = path
        if reason is not None:
            self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class LegacyError(MigrateError):
    """A pickle could not be read as data; ``offset`` is the byte at which reading stopped."""

    reason = "malformed"

    def __init__(self, message: str, *, offset: int = 0, reason: str | None = None, path: str = "") -> None:
        super().__init__(message, reason=reason, path=path)
        self.offset = offset

    def __str__(self) -> str:
        return f"{super().__str__()} (at byte {self.offset})"


class MalformedPickle(LegacyError):  # noqa: N818 - named for what the data are
    """The bytes are not a pickle, or not one that any pickler writes."""


class TruncatedPickle(LegacyError):  # noqa: N818 - named for what the data are
    """The data end before the pickle does."""

    reason = "truncated"


class UnsupportedOpcode(LegacyError):  # noqa: N818 - named for what the data are
    """An opcode that needs state outside the data: the extension registry, or buffers not given."""

    reason = "unsupported-opcode"


class LimitExceeded(LegacyError):  # noqa: N818 - named for what the data are
    """The input goes past ``limit``, the name of a field of :class:`~.limits.Limits`."""

    reason = "limit"

    def __init__(
        self, message: str, *, limit: str = "", offset: int = 0, reason: str | None = None, path: str = ""
    ) -> None:
        super().__init__(message, offset=offset, reason=reason, path=path)
        self.limit = limit
