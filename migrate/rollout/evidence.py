"""The evidence of a step, as a document that a machine reads and a reviewer keeps."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from migrate.rollout.counts import Counts
    from migrate.rollout.gates import Gate, Policy
    from migrate.rollout.stock import Look, Stock

VERSION = 1


def document(step: Gate, counts: Counts, stock: Stock | None, policy: Policy, now: float) -> dict[str, Any]:
    """Return what was known when ``step`` was asked for, at ``now`` seconds since the epoch.

    It holds names, counts and places, never a payload: the counters hold none.
    """
    processes = counts.of(step.store)
    return {
        "version": VERSION,
        "store": step.store,
        "from": step.before.value,
        "to": step.after.value,
        "at": _time(now),
        "holds": step.holds,
        "window_seconds": policy.window,
        "fresh_seconds": policy.fresh,
        "conditions": [{"name": c.name, "holds": c.holds, "says": c.says} for c in step.conditions],
        "processes": [
            {
                "host": p.host,
                "pid": p.pid,
                "release": p.release,
                "stage": p.stages[step.store],
                "started": round(p.started, 3),
                "written": round(p.written, 3),
            }
            for p in processes
        ],
        "counts": [
            {**{name: part for name, part in key._asdict().items() if part}, "count": n, "last": last}
            for p in processes
            for key, (n, last) in sorted(p.counts.items())
            if key.codec == step.store
        ],
        "stock": None if stock is None else [_look(look) for look in stock.looks],
    }


def _look(look: Look) -> dict[str, Any]:
    kinds = {name: getattr(look.found, name) for name in ("pickles", "sealed", "unreadable")}
    return {
        "source": look.source,
        "at": _time(look.at),
        "unit": look.unit,
        "looked_at": look.found.total,
        "formats": dict(sorted(look.found.formats.items())),
        **{name: some.count for name, some in kinds.items()},
        "examples": {name: some.examples for name, some in kinds.items() if some.examples},
        "problem": look.problem,
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds")
