"""Why something is left as it is: errors that carry a reason code of the fixed set."""

from __future__ import annotations

from migrate.legacy.errors import MigrateError


class Refused(MigrateError):  # noqa: N818 (what happened, as in legacy.LimitExceeded)
    """A blob is not converted and stays as it is; ``reason`` and ``path`` say why and where in the value."""


class Conflict(Refused):
    """Another program changed the blob since it was read."""

    reason = "changed-meanwhile"


class Gone(Refused):
    """What was listed is no longer there."""

    reason = "unreadable"


class Foreign(Refused):
    """Bytes that no record of ours begins with. Not an error in a file that holds none anyway."""

    reason = "malformed"


class ConvertersError(MigrateError):
    """The converters module was not found, is not the only one, or does not load."""


class TooManyFailures(MigrateError):  # noqa: N818
    """The run was stopped because more blobs failed than it was allowed."""


class Unavailable(MigrateError):  # noqa: N818
    """The store as a whole cannot be reached at present; nothing is known to be wrong with any blob."""


class LedgerLost(Unavailable):
    """The ledger cannot be reached at present."""


class TakenOver(MigrateError):  # noqa: N818
    """Another process goes on with this run."""


class ClusterError(MigrateError):
    """The cluster cannot be used: no scheduler, other versions, files that its machines do not see."""


class StoreError(MigrateError):
    """The store cannot be used as it was named: no such table, no unique key, a missing extra."""
