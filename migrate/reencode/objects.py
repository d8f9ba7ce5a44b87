"""From a record to a verified line: through the program's own objects where its classes can be imported.

With the classes at hand the line is written by the Codec, typed and compact, and must read back to an object
without a difference. Without them it is self-describing and compared as data: any program that has the
classes reads it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from migrate.legacy import MigrateError, Record
from migrate.reencode.alike import surely_same
from migrate.reencode.convert import Line, too_long
from migrate.reencode.direct import Direct, NotPlain
from migrate.reencode.errors import ConvertersError, Refused
from migrate.reencode.jsonlines import same_tree
from migrate.runtime import Codec, differences
from migrate.runtime.landing import MAX_OUTPUT, TooLong, to_wire

if TYPE_CHECKING:
    from collections.abc import Iterator


def writing_json(codec: Codec) -> Codec:
    """Return ``codec`` as it is in the ``json`` stage, whatever the program writes at present.

    Raises :class:`~migrate.reencode.errors.ConvertersError` in the ``observe`` stage, which reads no JSON.
    """
    if codec.stage.value == "observe":
        name = f"the codec {codec.name!r}"
        raise ConvertersError(
            f"{name} is in the stage observe, which does not read JSON; go to dual-read first"
        )
    return codec.at_stage("json")


@frozen
class ThroughCodec:
    """A :class:`~migrate.reencode.convert.RecordConverter` on the registry of ``codec``.

    ``encoding`` is how 8-bit strings of Python 2 are read, as in ``pickle.load``. Without ``use_classes`` the
    program's classes are not imported even if they could be.
    """

    codec: Codec = field(converter=writing_json)
    encoding: str = "ASCII"
    use_classes: bool = True
    _direct: Direct | None = field(init=False)

    def __attrs_post_init__(self) -> None:
        # A codec of a vendored runtime has classes of its own.
        direct = Direct(self.codec) if self.use_classes and isinstance(self.codec, Codec) else None
        object.__setattr__(self, "_direct", direct)

    def __call__(self, record: Record, room: int = MAX_OUTPUT) -> Line:
        """Convert ``record``; see :class:`~migrate.reencode.convert.RecordConverter`."""
        try:
            return self._convert(record, room)
        except MigrateError:
            raise
        except RecursionError as error:
            raise Refused("nested too deeply", reason="too-deep") from error
        except (Exception, SystemExit) as error:
            what = f"{type(error).__name__}: {error}"
            raise Refused(
                f"a class of the program does not take its data: {what}", reason="not-restorable"
            ) from error

    def _convert(self, record: Record, room: int) -> Line:
        try:
            built = self._direct.build(record) if self._direct is not None else None
        except NotPlain:
            built = None
        if built is None:
            return self._by_wire(record, room)
        return Line(self._typed(built.value, room, shared=built.shared), built.classes)

    def _by_wire(self, record: Record, room: int) -> Line:
        strings = getattr(self.codec, "strings", None)  # an older vendored runtime has none
        if strings is not None and not self.use_classes:
            strings = strings.without_classes()
        try:
            wire = to_wire(
                record,
                self.codec.lookup,
                encoding=self.encoding,
                opaque_state=_always,
                max_output=room,
                strings=strings,
            )
        except TooLong as error:
            raise too_long(room, error.path) from error
        classes = Counter(_classes(wire))
        if classes:
            # The record knows nothing of declared types, so its places must not be read by them.
            wire = {"$untyped": wire}
        if classes and not self.use_classes:
            return self._as_data(
                wire, classes, "compared as data, because the classes were not to be imported"
            )
        try:
            value = self.codec.from_wire(wire)
        except MigrateError as error:
            if not isinstance(error.__cause__, (ImportError, AttributeError)):
                raise
            return self._as_data(wire, classes, f"compared as data: {error.message}")
        return Line(self._typed(value, room), classes)

    def _as_data(self, wire: Any, classes: Counter[str], why: str) -> Line:
        text = self.codec.write_wire(wire)
        if not same_tree(self.codec.to_wire(text), wire):
            raise Refused("the record did not read back as it was written", reason="verify-failed")
        return Line(text, classes, why)

    def _typed(self, value: object, room: int, *, shared: bool = True) -> bytes:
        """Write ``value``, and read it back. ``shared``: it may be of any kind, and refer to things twice."""
        text = self.codec.dumps(value)
        if len(text) > room:
            raise too_long(room)
        back = self.codec.loads(text)
        if not shared and surely_same(value, back):
            return text
        found = differences(value, back, limit=1)
        if found:
            raise Refused(found[0].what, reason="verify-failed", path=found[0].path)
        return text


def _always(_tag: str) -> bool:
    """Keep every state as the pickle has it: whether its class wants it so is known when it is restored."""
    return True


def _classes(wire: object) -> Iterator[str]:
    """Yield the registry's name of every instance and enum member in a wire tree."""
    pending: list[Any] = [wire]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if "$type" in node:
                yield str(node["$type"])
            elif "$enum" in node:
                yield str(node["$enum"][0])
            pending += node.values()
        elif isinstance(node, list):
            pending += node
