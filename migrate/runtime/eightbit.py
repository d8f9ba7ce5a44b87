"""What the 8-bit strings of Python 2 are, place by place: text, bytes, or neither until somebody has looked.

``pickle.load`` has one ``encoding`` for a whole pickle. Here fields of classes, and paths in data without
classes, may have one of their own::

    Codec("shop", python2={"shop.models:Photo.raw": "bytes", "[*]['title']": "latin-1"})

A :class:`Reading` goes along with the place in the value while a pickle is landed.
"""

from __future__ import annotations

import codecs
import re
from ast import literal_eval
from copy import copy
from typing import TYPE_CHECKING, Any, Final, NamedTuple, get_args

from .annotations import declared_types
from .errors import ConverterError, UnknownClass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .registry import Registration, Registry

BYTES: Final = "bytes"
REPORT: Final = "report"
DECLARED: Final = "declared"
TEXT: Final = "text"
"""As the load says, but no bytes: of fields that are declared ``str``. Not for declarations."""
ALL: Final = "*"

_FIELD = re.compile(r"([\w.]+:[\w.<>]+)\.(\w+|\*)")
_STEP = re.compile(r"""\.?[^\W\d]\w*|\.\*|\[(?:\*|-?\d+|b?'(?:[^'\\]|\\.)*'|b?"(?:[^"\\]|\\.)*")\]""")


class Reading(NamedTuple):
    """How the 8-bit strings at one place, and below it, are read."""

    policy: str | None = None
    """``bytes``, ``report``, ``text`` or an encoding; None: as the load says."""
    ahead: tuple[tuple[tuple[str, ...], str], ...] = ()
    """The paths that lead on from here, with their policies."""
    fields: Mapping[str, str | None] | None = None
    """Of an instance: the policies of its fields."""
    names: tuple[str, ...] = ()
    """Of a named tuple: which field is where."""
    by_place: str | None = None
    """The policy of what an instance is made with, where no name says which field that is."""
    is_state: bool = False
    """The place is the state of an instance: its fields are the keys of a dict, or of two."""

    def at(self, step: str | int) -> Reading:
        """Return the reading of what is one step further; the step is as in :class:`~._landing_run.Place`."""
        if step == "":
            return self
        if self.fields is not None and self.is_state and type(step) is int:
            return self
        policy = self.policy if self.fields is None else self._of_field(step)
        ahead: list[tuple[tuple[str, ...], str]] = []
        for steps, declared in self.ahead:
            if _fits(steps[0], step):
                if len(steps) == 1:
                    policy = declared
                else:
                    ahead.append((steps[1:], declared))
        return Reading(policy, tuple(ahead))

    def _of_field(self, step: str | int) -> str | None:
        fields = self.fields or {}
        if isinstance(step, int):
            if step < len(self.names):
                return fields.get(self.names[step], self.policy)
            return self.by_place
        if step[0] == ".":
            return fields.get(step[1:], self.policy)
        return fields.get(_plain(step)[2:-2], self.policy) if self.is_state else self.policy


class Strings:
    """What a codec declares of 8-bit strings.

    ``declared`` maps ``"module:Class.field"`` (``*``: all that the class has no word on) and paths as errors
    print them (``[*]``: every item or key, ``.*``: every attribute) to ``"bytes"``, ``"report"``, an
    encoding, or for fields ``"declared"``.

    Raises ValueError for a key or a policy that is none of these.
    """

    def __init__(self, declared: Mapping[str, str], registry: Registry) -> None:
        self.declared = dict(declared)
        self._registry = registry
        self._may_import = True
        self._classes: dict[str, dict[str, str]] = {}
        self._known: dict[str, Reading | None] = {}
        paths: list[tuple[tuple[str, ...], str]] = []
        for key, policy in declared.items():
            found = _FIELD.fullmatch(key)
            if found:
                self._classes.setdefault(found[1], {})[found[2]] = _checked(key, policy, DECLARED)
            else:
                paths.append((_steps(key), _checked(key, policy)))
        self.root = Reading(None, tuple(paths))

    def without_classes(self) -> Strings:
        """Return the same, which imports no class: what only the class can tell is then reported."""
        made = copy(self)
        made.__dict__.update(_may_import=False, _known={})
        return made

    def check_classes(self) -> None:
        """Raise ConverterError when a class is named that is not registered, or named twice."""
        self.without_classes()._by_tag()  # noqa: SLF001 - its own

    def of(self, tag: str, ahead: tuple[tuple[tuple[str, ...], str], ...]) -> Reading:
        """Return the reading inside an instance of the class called ``tag``.

        Raises ConverterError when a class of the declarations is not registered.
        """
        if not self._known:
            self._known = self._by_tag()
        found = self._known.get(tag)
        return Reading(None, ahead) if found is None else found._replace(ahead=ahead)

    def _by_tag(self) -> dict[str, Reading | None]:
        found: dict[str, Reading | None] = {"": None}
        for target, fields in self._classes.items():
            registration = self._registry.by_name(*target.split(":"))
            if registration is None:
                raise ConverterError(
                    f"python2 names {target}, which is not registered", reason="unregistered-class"
                )
            known = found.get(registration.tag)
            reading = self._reading(registration, fields)
            if known is not None:
                raise ConverterError(f"python2 names {registration.target} twice, also as {target}")
            found[registration.tag] = reading
        return found

    def _reading(self, registration: Registration, fields: Mapping[str, str]) -> Reading:
        cls = self._class(registration)
        policies: dict[str, str | None] = {
            name: _of_type(cls, name, self._registry) if policy == DECLARED else policy
            for name, policy in fields.items()
        }
        rest = policies.pop(ALL, None)
        if fields.get(ALL) == DECLARED:
            rest = None if cls is not None else REPORT
            for name in declared_types(cls, self._registry) if cls is not None else ():
                policies.setdefault(name, _of_type(cls, name, self._registry))
        names = getattr(cls, "_fields", None)
        return Reading(
            rest,
            fields=policies,
            names=names if isinstance(names, tuple) else (),
            by_place=REPORT if cls is None and policies else rest,
        )

    def _class(self, registration: Registration) -> type | None:
        if not self._may_import:
            return None
        try:
            found = registration.find()
        except UnknownClass:
            return None
        return found if isinstance(found, type) else None


def _of_type(cls: type | None, name: str, registry: Registry) -> str | None:
    """Return what a declared type says: ``bytes`` where it has bytes and no text, ``text`` the other way."""
    if cls is None:
        return REPORT
    leaves = _leaves(declared_types(cls, registry).get(name, Any))
    said = leaves & {str, bytes, object, Any}
    return BYTES if said == {bytes} else TEXT if said == {str} else None


def _leaves(kind: Any) -> set[Any]:
    """Return the types in a type that contain no other: those of ``dict[int, bytes]`` are int and bytes."""
    found: set[Any] = set()
    pending = [kind]
    while pending:
        one = pending.pop()
        inside = get_args(one)
        pending += inside
        if not inside:
            found.add(one)
    return found


def _checked(key: str, policy: str, *more: str) -> str:
    if policy in (BYTES, REPORT, *more):
        return policy
    try:
        codecs.lookup(policy)
    except (LookupError, TypeError):
        words = ", ".join((BYTES, REPORT, *more))
        raise ValueError(f"{key!r}: {policy!r} is no encoding, and none of {words}") from None
    return policy


def _steps(path: str) -> tuple[str, ...]:
    """Return the steps of a path as errors print it."""
    steps: list[str] = []
    position = 0
    while position < len(path):
        found = _STEP.match(path, position)
        if found is None:
            break
        step = found[0]
        if step[0] not in ".[":
            step = f".{step}"
        if step[1:2] in ("'", '"') or step[1:3] in ("b'", 'b"'):
            step = f"[{literal_eval(step[1:-1])!a}]"
        steps.append(_plain(step))
        position = found.end()
    if position < len(path) or not steps:
        raise ValueError(
            f"{path!r} is neither a field (module:Class.field) nor a path ([0]['name'], [*].name)"
        )
    return tuple(steps)


def _fits(wanted: str, step: str | int) -> bool:
    text = f"[{step}]" if isinstance(step, int) else _plain(step)
    if wanted == "[*]":
        return text[0] == "[" and text[-1] == "]"
    if wanted == ".*":
        return text[0] == "."
    return wanted == text


def _plain(step: str) -> str:
    """Return a step without the ``b`` of keys that are 8-bit strings themselves."""
    return f"[{step[2:]}" if step[:3] in ("[b'", '[b"') else step
