"""Payloads of a store, one value each: unwrapped before anything looks at them, and repaired when read."""

from __future__ import annotations

from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..legacy import Format, sniff
from .compare import same
from .errors import EncodeError
from .telemetry import TELEMETRY, Key, class_name
from .vouched import HEAD

if TYPE_CHECKING:
    from collections.abc import Callable

    from .codec import Codec

P = TypeVar("P")


class Payloads(Generic[P]):
    """Reads and writes the payloads of one store with ``codec``.

    ``unwrap`` takes off what somebody else put around the bytes, a signature for example, and verifies it;
    ``wrap`` puts it on. What ``unwrap`` raises comes out as it is, and nothing was parsed then. Without them
    a payload is the bytes of a record.

    ``repairs`` is how many payloads per second are written back as records when they are read as pickles and
    the codec writes JSON; None for none. See :meth:`loads`.
    """

    def __init__(
        self,
        codec: Codec,
        *,
        unwrap: Callable[[P], bytes] = bytes,  # type: ignore[assignment]
        wrap: Callable[[bytes], P] = bytes,  # type: ignore[assignment]
        repairs: float | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.codec = codec
        self._unwrap = unwrap
        self._wrap = wrap
        self._budget = None if repairs is None else _Budget(repairs, clock)

    def dumps(self, value: object, *, key: str | bytes | None = None) -> P:
        """Return the payload of ``value``, which is kept under ``key``. Raises EncodeError as the codec."""
        return self._wrap(self._codec_of(key).dumps(value))

    def loads(
        self,
        payload: P,
        type: Any = None,  # noqa: A002 - as the codec's own
        *,
        key: str | bytes | None = None,
        replace: Callable[[P, P], object] | None = None,
    ) -> Any:
        """Return the value of ``payload``, which was read from ``key``.

        With ``replace`` a pickle is written back as a record, within the budget: ``replace(old, new)`` must
        put ``new`` in the place of ``old`` if ``old`` is still there, as one step, and say whether it did.
        The record is read back and compared before that. Whatever goes wrong with a repair is counted
        (``repair-…``), and the value is returned all the same.
        """
        codec = self._codec_of(key)
        data = self._unwrap(payload)
        value = codec.loads(data, type)
        budget = self._budget
        if replace is not None and budget is not None and self._is_due(codec, data) and budget.take():
            self._repair(codec, payload, value, replace)
        return value

    def _codec_of(self, key: str | bytes | None) -> Codec:
        return self.codec if key is None else self.codec.for_key(key)

    @staticmethod
    def _is_due(codec: Codec, data: bytes) -> bool:
        return sniff(data[:HEAD]) is Format.PICKLE and codec.writes_json

    def _repair(self, codec: Codec, payload: P, value: object, replace: Callable[[P, P], object]) -> None:
        try:
            record = codec.record(value)
            if not same(value, codec.loads(record)):
                event, reason = "repair-refused", "changed"
            else:
                event, reason = ("repaired" if replace(payload, self._wrap(record)) else "repair-lost"), ""
        except EncodeError as error:
            event, reason = "repair-refused", error.reason
        except Exception as error:  # noqa: BLE001 - the program asked to read, not to write
            event, reason = "repair-failed", f"raised {error.__class__.__name__}"
        TELEMETRY.add(Key(codec.name, event, "json", class_name(value), reason))


class _Budget:
    """A number of repairs per second, and no more than one second's worth saved up."""

    def __init__(self, rate: Any, clock: Callable[[], float]) -> None:
        if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not rate > 0:
            raise ValueError(f"repairs={rate!r} is no number of repairs per second")
        self._rate = float(rate)
        self._clock = clock
        self._lock = Lock()
        self._most = max(self._rate, 1.0)
        self._left = self._most
        self._at = clock()

    def take(self) -> bool:
        with self._lock:
            now = self._clock()
            self._left = min(self._most, self._left + max(now - self._at, 0.0) * self._rate)
            self._at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True
