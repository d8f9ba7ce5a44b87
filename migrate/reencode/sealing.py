"""Sealing a stock that its owner vouches for, and taking the seals off again. Pure, as `convert` is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.legacy import DEFAULT_LIMITS
from migrate.legacy.verdict import verdict
from migrate.reencode.convert import NOTHING_OF_OURS, Conversion, kinds_of, put_together, take_apart
from migrate.reencode.segments import JsonLine, Pickle
from migrate.runtime import envelope, seals

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrate.legacy import Limits
    from migrate.runtime import Keys


def seal_all(data: bytes, keys: Keys, *, limits: Limits = DEFAULT_LIMITS) -> Conversion:
    """Put each pickle in ``data`` under the current key; records, other seals and compression are kept.

    ``classes`` of the result counts what unpickling would call that is no harmless constructor, by name: what
    its owner vouches for. Raises :class:`~migrate.legacy.MigrateError` for a damaged pickle.
    """
    called: dict[str, int] = {}

    def sealed(part: Pickle | JsonLine) -> bytes:
        if isinstance(part, JsonLine):
            return part.text
        for name in verdict(part.record, part.dropped).executes:
            called[name] = called.get(name, 0) + 1
        return seals.seal(keys, part.text)

    return _changed(data, sealed, limits, called)


def unseal_all(data: bytes, keys: Keys, *, limits: Limits = DEFAULT_LIMITS) -> Conversion:
    """Take the seals off the pickles in ``data``, each of which must be valid.

    Raises :class:`~migrate.runtime.NotAuthentic` for one that is not.
    """

    def plain(part: Pickle | JsonLine) -> bytes:
        if isinstance(part, Pickle) or part.kind != seals.KIND:
            return part.text
        return seals.verified(keys, envelope.take_first(part.text))

    return _changed(data, plain, limits, {})


def _changed(
    data: bytes, change: Callable[[Pickle | JsonLine], bytes], limits: Limits, called: dict[str, int]
) -> Conversion:
    layers, parts = take_apart(data, limits)
    if not parts:
        return NOTHING_OF_OURS
    around = tuple(layer.value for layer in layers)
    texts = [change(part) for part in parts]
    changed = sum(part.text != text for part, text in zip(parts, texts, strict=True))
    if not changed:
        return Conversion(kinds_of(parts), around)
    new = put_together(layers, data, b"".join(texts), limits)
    return Conversion(kinds_of(parts), around, new, pickles=changed, classes=called)
