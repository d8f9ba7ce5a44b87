"""Looking through converted data without changing any: whether all is JSON, and all of it reads back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from migrate.legacy import DEFAULT_LIMITS, MigrateError, decompress
from migrate.reencode.containers import could_hold, peek
from migrate.reencode.convert import NOTHING_OF_OURS, Conversion
from migrate.reencode.errors import Foreign, Refused
from migrate.reencode.segments import Pickle, split

if TYPE_CHECKING:
    from migrate.runtime import Codec


@frozen
class Verification:
    """Stands where a conversion does. Raises for what is not converted or cannot be read."""

    codec: Codec
    """In a stage that reads JSON."""
    use_classes: bool = True

    def __call__(self, data: bytes) -> Conversion:
        """Read every record of ``data``; return what they are.

        Raises :class:`~migrate.reencode.errors.Refused` for a pickle (``not-converted``) or a record that
        the codec refuses.
        """
        if not could_hold(peek(data, DEFAULT_LIMITS.max_layers)):
            return NOTHING_OF_OURS
        layers, raw = decompress(data, limits=DEFAULT_LIMITS)
        try:
            parts = list(split(raw, DEFAULT_LIMITS))
        except Foreign:
            return NOTHING_OF_OURS
        kinds, unchecked = set(), ""
        for part in parts:
            if isinstance(part, Pickle):
                raise Refused(f"still a pickle (protocol {part.protocol})", reason="not-converted")
            kinds.add(part.kind)
            unchecked = self._read(part.text) or unchecked
        around = tuple(layer.value for layer in layers)
        return Conversion(tuple(sorted(kinds)), around, unchecked=unchecked)

    def _read(self, text: bytes) -> str:
        """Read one record; returns why it was not read as objects, if it was not."""
        self.codec.to_wire(text)
        if not self.use_classes:
            return "read as data, because the classes were not to be imported"
        try:
            self.codec.loads(text)
        except MigrateError as error:
            if not isinstance(error.__cause__, (ImportError, AttributeError)):
                raise
            return f"read as data: {error.message}"
        except (Exception, SystemExit) as error:
            what = f"{type(error).__name__}: {error}"
            raise Refused(
                f"a class of the program does not take its data: {what}", reason="not-restorable"
            ) from error
        return ""
