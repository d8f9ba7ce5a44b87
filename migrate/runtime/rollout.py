"""Where a codec stands in the rollout: what it admits, what it writes, and what it finds out on the way.

While pickle is still written, a sample of the values is encoded, decoded and compared in shadow: what would
be refused or changed in stage ``json`` is counted before anybody depends on it. The program sees nothing of
it but the time.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, NoReturn

from ..legacy import Format
from .compare import differences
from .errors import DecodeError, MigrateError
from .fallback import LARGEST, PickledBytes
from .settings import Fixed
from .stage import Reads, Writes
from .telemetry import TELEMETRY, Key, class_name, configure, plain_path, site

if TYPE_CHECKING:
    from collections.abc import Callable

    from .engine import Engine
    from .fallback import Pickled
    from .settings import Switch
    from .stage import Position

_WEYL = 0x9E3779B97F4A7C15
"""2**64 divided by the golden ratio: its multiples are spread evenly (Knuth, TAOCP 3, 6.4)."""
_MASK = (1 << 64) - 1


class Rollout:
    """The position of one codec, its counts, and its shadow checks."""

    def __init__(self, name: str, switch: Switch | Fixed) -> None:
        configure()
        self.name = name
        self._switch = switch
        self._is_stores = not isinstance(switch, Fixed)
        """Whether it says where the store stands: a tool's codec, in a stage of its own, does not."""
        self._lock = Lock()
        self._counts = {"fallback-read": 0, "refused-read": 0}
        self._draw = 0
        self._turn = 0
        self.position()
        if TELEMETRY.active and self._is_stores:  # so that a process that does nothing yet is seen
            TELEMETRY.add(Key(name, "start"))

    def position(self) -> Position:
        """Return where the codec stands now."""
        now = self._switch.now()
        if self._is_stores:
            TELEMETRY.positions[self.name] = now.stage.value
        return now

    def writes_pickle(self, key: str | bytes | None) -> bool:
        """Whether dump writes pickle now, to the place that ``key`` names."""
        position = self.position()
        if position.writes is Writes.PICKLE:
            return True
        return position.canary < 100 and not self._is_canary(position.canary, key)

    def _is_canary(self, share: float, key: str | bytes | None) -> bool:
        """Whether ``key`` is of the first ``share`` per cent, which stay the same in every process.

        Without a key, ``share`` per cent of the calls are.
        """
        if key is None:
            with self._lock:
                self._turn = (self._turn + _WEYL) & _MASK
                place = self._turn
        else:
            from hashlib import blake2b

            salted = f"{self.name}\0".encode() + (key if isinstance(key, bytes) else key.encode())
            place = int.from_bytes(blake2b(salted, digest_size=8).digest(), "big")
        return place * 100 < share * (_MASK + 1)

    @property
    def executes_pickle(self) -> bool:
        """Whether load leaves pickles to pickle itself: in the observe stage only."""
        return self.position().reads is Reads.PICKLE

    @property
    def default(self) -> Position:
        """Where the codec stands by its code alone."""
        return self._switch.default

    @property
    def counts(self) -> dict[str, int]:
        """How many pickles were read and refused."""
        return dict(self._counts)

    def admit_pickle(self, *, sealed_only: bool) -> None:
        """Raise DecodeError, and count it, where no pickle is read, or none without a seal."""
        if self.position().reads is Reads.JSON:
            self._refuse(
                f"this is no JSON record, and codec {self.name!r} reads nothing else in stage json-only",
                "pickle-refused",
            )
        if sealed_only:
            self._refuse(f"the pickle is not sealed, and codec {self.name!r} reads no other", "not-sealed")

    def _refuse(self, message: str, reason: str) -> NoReturn:
        self._count("refused-read")
        TELEMETRY.add(Key(self.name, "refused-read", "pickle", reason=reason, site=site()))
        raise DecodeError(message, reason=reason)

    def reading(self, found: Format) -> None:
        """Count the reading of a record, when somebody listens."""
        if found is not Format.PICKLE:
            TELEMETRY.add(Key(self.name, "read", found.value))

    def read_pickle(self, value: object) -> None:
        """Count a pickle that was read as data."""
        self._count("fallback-read")
        TELEMETRY.add(Key(self.name, "fallback-read", "pickle", class_name(value), site=site()))

    def read_sealed(self, value: object) -> None:
        """Count a sealed pickle that was read."""
        TELEMETRY.add(Key(self.name, "sealed-read", "pickle", class_name(value), site=site()))

    def wrote_sealed(self, value: object, refusal: MigrateError) -> None:
        """Count a value that was kept as a sealed pickle, with why it has no other form."""
        self._add("sealed-write", "pickle", class_name(value), refusal.reason, refusal.path)

    def failed(self, error: MigrateError) -> None:
        """Count a pickle that could not be read as data."""
        self._add("failed-read", "pickle", "", error.reason, error.path)

    def observe(
        self,
        source: Pickled,
        options: dict[str, Any],
        as_data: Callable[[Pickled, dict[str, Any]], object],
    ) -> Any:
        """Return what pickle itself makes of a pickle; read a sample as data too, in shadow."""
        position = self.position()
        sampled = self._in_sample(position.shadow)
        if sampled:
            source = source.recorded()
        value = source.execute(position, options)
        self._count("fallback-read")
        if TELEMETRY.active:
            TELEMETRY.add(Key(self.name, "read", "pickle", class_name(value), site=site()))
        if sampled:
            data = source.again()
            if data is None or len(data) > LARGEST:
                self._add("shadow-skipped", "pickle", class_name(value), "too-large")
            else:
                self._check(value, "pickle", lambda: as_data(PickledBytes(data), options))
        return value

    def wrote_pickle(self, value: object, size: int, engine: Engine) -> None:
        """Count a pickle of ``size`` bytes, and check ``value`` in shadow if it is of the sample."""
        if TELEMETRY.active:
            TELEMETRY.add(Key(self.name, "write", "pickle", class_name(value), site=site()))
        if self._in_sample(self.position().shadow):
            if size > LARGEST:
                self._add("shadow-skipped", "json", class_name(value), "too-large")
            else:
                self._check(value, "json", lambda: engine.loads(engine.dumps(value)))

    def wrote_record(self, format: str) -> None:  # noqa: A002 - as the codec's own
        """Count a record, when somebody listens."""
        TELEMETRY.add(Key(self.name, "write", format))

    def refused(self, value: object, error: MigrateError) -> None:
        """Count a value that was refused instead of written."""
        self._add("refused-write", "json", class_name(value), error.reason, error.path)

    def _count(self, event: str) -> None:
        with self._lock:
            self._counts[event] += 1

    def _in_sample(self, share: float) -> bool:
        """Whether the next one is of the sample: the first, then ``share`` per cent, evenly spread."""
        with self._lock:
            first, self._draw = self._draw == 0, (self._draw + _WEYL) & _MASK
        return share > 0 and (first or self._draw * 100 < share * _MASK)

    def _check(self, value: object, format: str, copy: Callable[[], object]) -> None:  # noqa: A002
        """Compare ``value`` with its copy through ``format``, and count what would become of it."""
        cls = class_name(value)
        self._add("shadow-check", format, cls)
        try:
            found = next(iter(differences(value, copy())), None)
        except MigrateError as error:
            self._add("would-refuse", format, cls, error.reason, error.path)
        except Exception as error:  # noqa: BLE001 - code of the user's classes, which the program did not call
            self._add("would-refuse", format, cls, f"raised {type(error).__name__}")
        else:
            if found is not None:
                self._add("shadow-mismatch", format, cls, "changed", found.path)

    def _add(self, event: str, format: str, cls: str, reason: str = "", path: str = "") -> None:  # noqa: A002
        where = site() if reason else ""
        TELEMETRY.add(Key(self.name, event, format, cls, reason, plain_path(path), where))
