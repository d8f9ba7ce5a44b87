"""Calls, stores and fills that find their target by the type of a value, as ``order.add(line)`` does.

The type of each receiver is followed once. What it turns out to reach is published under a topic, and the
equations of the places concerned are added then.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from migrate.evidence.bynames import takes
from migrate.evidence.solver import Equation
from migrate.evidence.types import BOTTOM
from migrate.model import UNKNOWN, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from migrate.evidence.calls import CallIndex
    from migrate.evidence.inference import Inference
    from migrate.evidence.source import Fill, FunctionNode, Scope, Store
    from migrate.evidence.types import Types

    Subscriber = Callable[[Any], None]


class Routes:
    """Topics with what was published under them, and who wants to know."""

    def __init__(self, inference: Inference, calls: CallIndex) -> None:
        self._inference = inference
        self._calls = calls
        self._items: defaultdict[Hashable, dict[Hashable, None]] = defaultdict(dict)
        self._subscribers: defaultdict[Hashable, list[Subscriber]] = defaultdict(list)
        self._followed: set[tuple[str, str]] = set()

    def calls_of(self, method: FunctionNode, subscriber: Callable[[tuple[ast.Call, Scope]], None]) -> None:
        """Hand ``subscriber`` every call that reaches a method through a value, now or when it is found."""
        if self._first("call", method.name):
            for call, scope in self._calls.possible(method.name):
                self._follow_call(call, scope)
        self._subscribe(("call", method), subscriber)

    def guessed_calls_of(
        self, method: FunctionNode, subscriber: Callable[[tuple[ast.Call, Scope]], None]
    ) -> None:
        """Hand ``subscriber`` every call on a value of an unknown type that only such a method fits."""
        self._subscribe(("guessed call", method), subscriber)

    def stores_to(self, key: str, attribute: str, subscriber: Callable[[Store], None]) -> None:
        """Hand ``subscriber`` every store to an attribute of a class's instances not through ``self``."""
        if self._first("store", attribute):
            for store in self._inference.foreign_stores.get(attribute, ()):
                self._follow_store(store)
        self._subscribe(("store", key, attribute), subscriber)

    def class_stores_to(self, key: str, attribute: str, subscriber: Callable[[Store], None]) -> None:
        """Hand ``subscriber`` every store to an attribute of a class itself, or of one below it."""
        if self._first("class store", attribute):
            for store in self._inference.foreign_stores.get(attribute, ()):
                self._follow_class_store(store)
        self._subscribe(("class store", key, attribute), subscriber)

    def fills_of(self, key: str, attribute: str, subscriber: Callable[[Fill], None]) -> None:
        """Hand ``subscriber`` every fill of a container in an attribute of a class or its instances."""
        if self._first("fill", attribute):
            for fill in self._inference.program.fills.get(attribute, ()):
                if isinstance(fill.target, ast.Attribute):
                    self._follow_fill(fill, fill.target.value)
        self._subscribe(("fill", key, attribute), subscriber)

    def contents_of(self, key: str, subscriber: Callable[[Fill], None]) -> None:
        """Hand ``subscriber`` what is put into instances of a class that derives from a container."""
        self._subscribe(("content", key), subscriber)
        if self._first("content", key):
            for fill in self._inference.contents.seen_by(key):
                self._follow_content(fill)

    # --- following receivers ---------------------------------------------------------------------------

    def _follow_call(self, call: ast.Call, scope: Scope) -> None:
        function = call.func
        if isinstance(function, ast.Attribute):
            self._follow(
                function.value,
                scope,
                lambda key: self._reached_call(key, function.attr, (call, scope)),
                lambda: self._reached_unknown(function.attr, (call, scope)),
            )

    def _reached_call(self, key: str, name: str, item: tuple[ast.Call, Scope]) -> None:
        # The value may be of a subclass that overrides the method.
        for method in self._inference.overrides(key, name):
            self._publish(("call", method), item)

    def _reached_unknown(self, name: str, item: tuple[ast.Call, Scope]) -> None:
        """Publish a call on a value of an unknown type, where the name of the method tells who is meant."""
        for method in self._inference.families.methods(name):
            if takes(method, item[0]):
                self._publish(("guessed call", method), item)

    def _follow_store(self, store: Store) -> None:
        def reached(key: str) -> None:
            self._publish(("store", key, store.attribute), store)

        self._follow(store.receiver, store.scope, reached, classes=False)

    def _follow_class_store(self, store: Store) -> None:
        def reached(key: str) -> None:
            for owner in self._inference.lineage(key):
                self._publish(("class store", owner, store.attribute), store)

        self._follow(store.receiver, store.scope, reached, instances=False)

    def _follow_content(self, fill: Fill) -> None:
        def reached(key: str) -> None:
            method = "__setitem__" if fill.method == "[]" else fill.method
            if self._inference.function(key, method) is None:
                for owner in self._inference.lineage(key):
                    self._publish(("content", owner), fill)

        self._follow(fill.target, fill.target_scope, reached, classes=False)

    def _follow_fill(self, fill: Fill, receiver: ast.expr) -> None:
        def reached(key: str) -> None:
            # The container may be one that a class below put there, or another base of such a class.
            for owner in self._inference.family(key):
                self._publish(("fill", owner, fill.name), fill)

        self._follow(receiver, fill.target_scope, reached)

    def _follow(
        self,
        receiver: ast.expr,
        scope: Scope,
        reached: Callable[[str], None],
        unknown: Callable[[], None] = lambda: None,
        *,
        instances: bool = True,
        classes: bool = True,
    ) -> None:
        """Call ``reached`` with the key of every class of the tree that ``receiver`` may be an instance of.

        With ``classes``, the receiver may also be the class itself, and without ``instances`` nothing else.
        ``unknown`` is called if it may be anything.
        """
        seen: set[str] = set()

        def compute() -> Types:
            for ref in sorted(self._inference.expressions.of(receiver, scope)):
                if ref == UNKNOWN and UNKNOWN.name not in seen:
                    seen.add(UNKNOWN.name)
                    unknown()
                itself = classes and ref.name == "type" and bool(ref.args)
                key = ref.args[0].name if itself else ref.name
                if ":" in key and key not in seen and (itself or instances):
                    seen.add(key)
                    reached(key)
            return BOTTOM

        slot = ("receiver", receiver, "")
        self._inference.solver.add(Equation(slot, compute, Source.INFERRED, scope.module, receiver.lineno))

    # --- topics ----------------------------------------------------------------------------------------

    def _first(self, kind: str, name: str) -> bool:
        new = (kind, name) not in self._followed
        self._followed.add((kind, name))
        return new

    def _publish(self, topic: Hashable, item: Hashable) -> None:
        if item not in self._items[topic]:
            self._items[topic][item] = None
            for subscriber in self._subscribers[topic]:
                subscriber(item)

    def _subscribe(self, topic: Hashable, subscriber: Subscriber) -> None:
        self._subscribers[topic].append(subscriber)
        for item in tuple(self._items[topic]):
            subscriber(item)
