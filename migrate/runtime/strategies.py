"""Strategies of hypothesis for registered classes, from what the codec knows of them.

    from hypothesis import given
    from migrate.runtime.strategies import for_class

    @given(for_class(codec, "shop.models:Order"))
    def test_round_trip(order): ...

Values are small. They conform to the declared types, and may refer back to the instance that they are part
of. ``pickle-migrate tests`` generates a test module with them. Only tests need hypothesis; nothing else of
the runtime imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .making import Maker, NoStrategyError, Run, drawn
from .making_classes import ClassMakers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .declarations import Declarations
    from .encode import Value

__all__ = ["NoStrategyError", "for_class", "obstacles"]

DEPTH = 2
"""Levels of instances inside of instances."""


def for_class(
    codec: Declarations, target: str, *, own: Mapping[str, Value] | None = None, depth: int = DEPTH
) -> Value:
    """Return a strategy for the instances of the class that ``codec`` registers as ``target``.

    ``own`` are strategies of yours by target, used wherever such an instance is made. ``depth`` is how many
    levels of instances are inside of one another; below that, values are as small as their types allow.

    Raises ImportError when hypothesis is not installed, LookupError for a target that is not registered,
    :class:`NoStrategyError` when nobody can tell what its instances look like.
    """
    try:
        from hypothesis import strategies as st
    except ImportError as error:
        raise ImportError("for_class makes values with hypothesis: pip install hypothesis") from error
    if own and target in own:
        return own[target]
    maker = _makers(codec, own or {}).of_target(target)

    @st.composite
    def instances(draw: Any) -> Any:
        return maker.make(Run(draw), depth)

    return instances()


def obstacles(codec: Declarations) -> dict[str, str]:
    """Return every registered class, and why there is no strategy for it: ``""`` where there is one.

    Registered functions are left out: they have no instances. Imports the classes; needs no hypothesis.
    """
    found: dict[str, str] = {}
    for registration in codec._registry:  # noqa: SLF001 - a part of the same runtime
        obstacle = _makers(codec, {}).obstacle(registration)
        if obstacle is not None:
            found[registration.target] = obstacle
    return found


def _makers(codec: Declarations, own: Mapping[str, Value]) -> ClassMakers:
    makers = {target: _drawn_from(strategy) for target, strategy in own.items()}
    return ClassMakers(codec._registry, makers)  # noqa: SLF001


def _drawn_from(strategy: Value) -> Maker:
    return drawn(lambda _strategies: strategy)
