"""Sealing a stock that its owner vouches for, and taking the seals off again. Pure, as `convert` is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.legacy import DEFAULT_LIMITS, decompress, looks_like_pickle, sniff
from migrate.legacy.verdict import verdict
from migrate.reencode.containers import check_whole, could_hold, peek, wrap
from migrate.reencode.convert import NOTHING_OF_OURS, Conversion
from migrate.reencode.errors import Foreign, Refused
from migrate.reencode.segments import OURS, PROTO, JsonLine, Pickle, split
from migrate.runtime import envelope, seals

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrate.legacy import Format, Limits
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
    parts, layers = _parts(data, limits)
    if not parts:
        return NOTHING_OF_OURS
    kinds = tuple(sorted({p.kind if isinstance(p, JsonLine) else f"pickle {p.protocol}" for p in parts}))
    around = tuple(layer.value for layer in layers)
    texts = [change(part) for part in parts]
    changed = sum(part.text != text for part, text in zip(parts, texts, strict=True))
    if not changed:
        return Conversion(kinds, around)
    text = b"".join(texts)
    new = wrap(layers, data, text)
    if decompress(new, limits=limits) != (layers, text):
        raise Refused("the compressed form does not unpack to what was packed", reason="verify-failed")
    return Conversion(kinds, around, new, pickles=changed, classes=called)


def _parts(data: bytes, limits: Limits) -> tuple[list[Pickle | JsonLine], tuple[Format, ...]]:
    """Return the records of ``data`` and the compression around them; no records if it is not ours."""
    if not could_hold(peek(data, limits.max_layers)):
        return [], ()
    layers, raw = decompress(data, limits=limits)
    check_whole(layers, data)
    if not raw.startswith(PROTO) and sniff(raw[:16]) not in OURS and not looks_like_pickle(raw):
        return [], ()
    parts: list[Pickle | JsonLine] = []
    try:
        for part in split(raw, limits):
            parts.append(part)  # noqa: PERF402 - what was read before an error matters below
    except Foreign:
        if any(isinstance(part, Pickle) or part.kind == seals.KIND for part in parts):
            raise
        return [], ()
    return parts, layers
