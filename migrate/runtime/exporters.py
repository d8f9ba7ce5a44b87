"""Sends the events of this process to what a service already has: a log, StatsD, Prometheus, OpenTelemetry.

Each function begins at once and returns what ends it. An exporter that raises harms nobody; the counter
``hook-error`` says so. None of these libraries is a dependency: you have the one that you use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from .telemetry import TELEMETRY, Key

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

LABELS = ("codec", "event", "format", "reason")
"""What a monitor gets of an event: few values each. Classes, paths and sites are in the file sink."""
PLAIN = frozenset({"read", "write", "start", "shadow-check", "fallback-read"})
"""Events that need nobody's attention, one by one."""
METRIC = "pickle_migrate_events"
_HELP = "What happened at the codecs of pickle-migrate"


class StatsD(Protocol):
    """A client as in the packages statsd and datadog."""

    def incr(self, stat: str, /) -> object:
        """Count one."""


def to_logging(logger: logging.Logger, *, level: int = 30, plain: bool = False) -> Callable[[], None]:
    """Log what needs attention (refusals, mismatches, failures) at ``level``, by default WARNING.

    With ``plain`` also reads and writes, at DEBUG.
    """

    def log(key: Key) -> None:
        if key.event not in PLAIN:
            logger.log(level, "%s", _sentence(key), extra={"pickle_migrate": key._asdict()})
        elif plain:
            logger.debug("%s", _sentence(key), extra={"pickle_migrate": key._asdict()})

    return TELEMETRY.subscribe(log)


def to_statsd(client: StatsD, *, prefix: str = METRIC) -> Callable[[], None]:
    """Count events as ``prefix.codec.event``, with the reason behind it if there is one."""

    def count(key: Key) -> None:
        parts = (prefix, key.codec, key.event, key.reason)
        client.incr(".".join(_word(part) for part in parts if part))

    return TELEMETRY.subscribe(count)


def to_prometheus(registry: Any = None) -> Callable[[], None]:
    """Count events in ``pickle_migrate_events_total`` of ``registry`` or the default one, by :data:`LABELS`.

    Raises ImportError without prometheus-client.
    """
    from prometheus_client import REGISTRY, Counter

    counter = Counter(METRIC, _HELP, LABELS, registry=REGISTRY if registry is None else registry)

    def count(key: Key) -> None:
        counter.labels(key.codec, key.event, key.format, key.reason).inc()

    return TELEMETRY.subscribe(count)


def to_opentelemetry(meter: Any) -> Callable[[], None]:
    """Count events in ``pickle_migrate.events`` of ``meter``, with :data:`LABELS` as attributes."""
    counter = meter.create_counter(METRIC.replace("_events", ".events"), unit="{event}", description=_HELP)

    def count(key: Key) -> None:
        counter.add(1, {label: getattr(key, label) for label in LABELS if getattr(key, label)})

    return TELEMETRY.subscribe(count)


def _sentence(key: Key) -> str:
    parts = (key.event, key.format, key.cls, key.path and f"at {key.path}", key.reason, key.site)
    return f"codec {key.codec!r}: " + " ".join(part for part in parts if part)


def _word(text: str) -> str:
    """Return ``text`` without what separates or ends a name in StatsD's protocol."""
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in text)
