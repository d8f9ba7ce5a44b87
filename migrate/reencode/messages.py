"""How a worker in another process answers: with a result, or with an error by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrate.reencode.errors import ClusterError, ConvertersError, StoreError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrate.legacy import MigrateError

TOLD = (StoreError, Unavailable, ConvertersError, ClusterError)
"""Errors that say something of the whole run, and are raised again by who gave the range."""
_KINDS: dict[str, type[MigrateError]] = {error.__name__: error for error in TOLD}


def of_error(error: MigrateError, where: str = "") -> dict[str, Any]:
    """Return the answer that ``error``, one of :data:`TOLD`, happened; ``where``: on which machine."""
    kind = next(kind.__name__ for kind in TOLD if isinstance(error, kind))
    return {"error": kind, "message": f"{where}: {error.message}" if where else error.message}


def result_of(answer: Mapping[str, Any]) -> Any:
    """Return the result in ``answer``, or raise the error in it."""
    if "error" in answer:
        raise _KINDS[answer["error"]](answer["message"])
    return answer["result"]
