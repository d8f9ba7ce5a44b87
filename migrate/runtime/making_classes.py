"""What makes instances of registered classes, each as the codec would restore it."""

from __future__ import annotations

import inspect
import re
import typing
from typing import TYPE_CHECKING, Any

from .annotations import declared_annotations, declared_names, evaluate
from .assigning import only_assigns
from .errors import UnknownClass
from .layout import HASH_CACHE, Layout, is_enum, layout_of
from .making import (
    Maker,
    Makers,
    NoStrategyError,
    Run,
    can_be_hashed,
    check_depth,
    instance_maker,
)
from .making_instances import empty, exceptions_of, give, members_of, type_arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .content import Content
    from .encode import Value
    from .registry import Registration, Registry

_ANYTHING = re.compile(r"(\w+\.)?(Any|object)")


class ClassMakers:
    """Makers of registered classes, each made once; ``own`` are those that the user brings, by target."""

    def __init__(self, registry: Registry, own: Mapping[str, Maker]) -> None:
        self._registry = registry
        self._own = own
        self._makers = Makers(self._of_class)
        self._known: dict[type, Maker] = {}
        self._holds: dict[type, frozenset[type]] = {}
        """Class → classes of which each instance holds another one, however small it is."""
        self._mutable: set[type] = set()
        """Classes whose instances can refer back to themselves."""

    def obstacle(self, registration: Registration) -> str | None:
        """Return why nothing can make instances, ``""`` if something can, None for a function."""
        try:
            if not isinstance(_found(registration), type):
                return None
            self.of_target(registration.target)
        except NoStrategyError as error:
            return str(error)
        return ""

    def of_target(self, target: str) -> Maker:
        """Return what makes instances of the class registered as ``target``.

        Raises LookupError when it is not registered, :class:`NoStrategyError` when there is no telling.
        """
        registration = next((r for r in self._registry if r.target == target), None)
        if registration is None:
            raise LookupError(f"{target} is not registered")
        cls = _found(registration)
        maker = self._of_registered(registration, cls)
        self._check_end(cls, ())
        return maker

    def _of_class(self, cls: type) -> Maker | None:
        registration = self._registry.by_object(cls)
        if registration is None:
            return None
        try:
            return self._of_registered(registration, cls)
        except NoStrategyError as error:
            raise NoStrategyError(f"in {cls.__qualname__}, {error}") from None

    def _of_registered(self, registration: Registration, cls: Any) -> Maker:
        if registration.target in self._own:
            return self._own[registration.target]
        if cls not in self._known:
            if not isinstance(cls, type):
                raise NoStrategyError(f"{registration.target} is a function")
            self._known[cls] = self._make(cls)
        return self._known[cls]

    def _check_end(self, cls: type, path: tuple[type, ...]) -> None:
        """Raise where each instance of a class holds another one before it is there itself."""
        if cls in path:
            circle = path[path.index(cls) :]
            if self._mutable.isdisjoint(circle):
                raise NoStrategyError(f"each {cls.__qualname__} holds another one, without end")
            return
        for inner in sorted(self._holds.get(cls, ()), key=lambda c: c.__qualname__):
            self._check_end(inner, (*path, cls))

    # --- by kind ---------------------------------------------------------------------------------

    def _make(self, cls: type) -> Maker:
        if is_enum(cls):
            return members_of(cls)
        if typing.is_typeddict(cls):
            return self._makers.of(cls)
        if inspect.isabstract(cls):
            return self._derived(cls)
        layout = layout_of(cls)
        if layout.is_exception:
            return exceptions_of(cls)
        if layout.is_namedtuple:
            return self._named(cls)
        if layout.reducer or layout.newargs:
            return self._called(cls, "what its __reduce__ or __getnewargs__ says")
        if layout.new and not layout.is_model:
            raise NoStrategyError("its instances are made by its own __new__; write a strategy for it")
        if layout.opaque:
            raise NoStrategyError("it keeps its state where nobody can read it")
        if not self._field_names(cls) and layout.content is None and not only_assigns_nothing(cls):
            return self._called(cls, "its __init__, and nothing declares its fields")
        return self._filled(cls, layout)

    def _derived(self, cls: type) -> Maker:
        """Return what makes instances of the registered subclasses of an abstract class."""
        found = [_found_or_none(registration) for registration in self._registry]
        derived = [
            c for c in found if isinstance(c, type) and issubclass(c, cls) and not inspect.isabstract(c)
        ]
        if not derived:
            raise NoStrategyError(f"{cls.__qualname__} is abstract, and none of its subclasses is registered")
        arms = [arm for c in derived if (arm := self._of_class(c)) is not None]
        return self._makers.union(arms)

    def _named(self, cls: Any) -> Maker:
        # No code of the program sees the elements, so those without a type may be anything.
        kinds = {**dict.fromkeys(cls._fields, (Any, cls)), **self._kinds(cls)}
        parts: list[Maker] = []

        def whole(run: Run, depth: int) -> Value:
            return tuple.__new__(cls, [part.make(run, depth) for part in parts])

        return self._later(
            cls, whole, lambda: parts.extend(self._field(kinds, name) for name in cls._fields), parts
        )

    def _called(self, cls: type, how: str) -> Maker:
        """Return what calls the class, which it only does where nothing but assignments follow."""
        if layout_of(cls).new:
            raise NoStrategyError("its instances are made by its own __new__; write a strategy for it")
        kinds = self._parameters(cls)
        if not only_assigns(cls) or (layout_of(cls).reducer and not kinds):
            raise NoStrategyError(f"its instances are made by {how}; write a strategy for it")
        named: dict[str, Maker] = {}
        parts: list[Maker] = []

        def whole(run: Run, depth: int) -> Value:
            return cls(**{name: part.make(run, depth) for name, part in named.items()})

        def fill() -> None:
            named.update((name, self._field(kinds, name, "argument")) for name in kinds)
            parts.extend(named.values())

        return self._later(cls, whole, fill, parts)

    def _later(
        self, cls: type, whole: Callable[[Run, int], Any], fill: Callable[[], None], parts: list[Maker]
    ) -> Maker:
        """Return what makes instances of ``parts``, which ``fill`` finds: they may be of this class again."""
        maker = self._known[cls] = instance_maker(cls, whole)
        fill()
        self._holds[cls] = frozenset[type]().union(*(part.needs for part in parts))
        return maker

    def _filled(self, cls: type, layout: Layout) -> Maker:
        """Return what makes an empty instance and gives it content and attributes, as the codec does."""
        fields: dict[str, Maker] = {}
        content: list[Callable[[Run, int], Any]] = []

        def make(run: Run, depth: int) -> Value:
            check_depth(cls, depth)
            around = run.enclosing(cls)
            if around is not None and (depth <= 0 or run.number(1)):
                return around
            out = content[0](run, depth - 1) if content else empty(cls, layout)
            run.open.append(out)
            try:
                values = {name: part.make(run, depth - 1) for name, part in fields.items()}
            finally:
                run.open.pop()
            give(out, layout, values)
            return out

        maker = self._known[cls] = Maker(make, frozenset({cls}), deep=True, hashable=can_be_hashed(cls))
        self._mutable.add(cls)
        kinds = self._kinds(cls)
        fields.update((name, self._field(kinds, name)) for name in self._field_names(cls))
        if layout.content is not None:
            content.append(self._content(cls, layout.content))
        self._holds[cls] = frozenset[type]().union(*(part.needs for part in fields.values()))
        return maker

    def _content(self, cls: type, content: Content) -> Callable[[Run, int], Any]:
        """Return what makes an instance of a subclass of a builtin, with its content and no attributes."""
        args = type_arguments(cls, content.base)
        kind = content.base[args] if args and hasattr(content.base, "__class_getitem__") else content.base
        if content.base.__name__ == "OrderedDict" and not args:
            kind = dict
        plain = self._makers.of(kind)

        def make(run: Run, depth: int) -> Value:
            held = run.apart(plain.make, depth)
            if content.insert is None:
                return content.make(cls, held)
            out = content.new(cls)
            for item in held.items() if content.part == "$pairs" else held:
                content.insert(out, *(item if content.part == "$pairs" else (item,)))
            return out

        return make

    # --- fields ----------------------------------------------------------------------------------

    def _field_names(self, cls: type) -> list[str]:
        """Return the names of the attributes that instances have, in an order that is always the same."""
        if layout_of(cls).is_model:
            return list(cls.__pydantic_fields__)  # type: ignore[attr-defined]
        declared = declared_annotations(cls, self._registry)
        pseudo = {
            name
            for name, field in getattr(cls, "__dataclass_fields__", {}).items()
            if field._field_type.name != "_FIELD"  # noqa: SLF001 - InitVar and ClassVar are no attributes
        }
        names = [*declared, *sorted(declared_names(cls, self._registry) - declared.keys())]
        return [
            name
            for name in names
            if name not in pseudo
            and name != HASH_CACHE
            and not (name in declared and "ClassVar" in str(declared[name][0]))
        ]

    def _kinds(self, cls: type) -> dict[str, tuple[Any, type]]:
        return declared_annotations(cls, self._registry)

    def _parameters(self, cls: type) -> dict[str, tuple[Any, type]]:
        """Return the arguments that a call of ``cls`` takes, each with its annotation."""
        try:
            parameters = inspect.signature(cls).parameters.values()
        except (TypeError, ValueError) as error:
            raise NoStrategyError(
                "nobody can tell what arguments it takes; write a strategy for it"
            ) from error
        found: dict[str, tuple[Any, type]] = {}
        for parameter in parameters:
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            if parameter.kind is parameter.POSITIONAL_ONLY:
                raise NoStrategyError(
                    f"argument {parameter.name} has no name in a call; write a strategy for it"
                )
            if parameter.annotation is parameter.empty:
                raise NoStrategyError(f"argument {parameter.name}: no type is declared")
            found[parameter.name] = (parameter.annotation, cls)
        return found

    def _field(self, kinds: Mapping[str, tuple[Any, type]], name: str, what: str = "field") -> Maker:
        try:
            if name not in kinds:
                raise NoStrategyError("no type is declared")
            return self._makers.of(self._evaluated(*kinds[name]))
        except NoStrategyError as error:
            raise NoStrategyError(f"{what} {name}: {error}") from None

    def _evaluated(self, annotation: Value, owner: type) -> Value:
        kind = evaluate(annotation, owner, self._registry)
        if kind is Any and annotation is not Any and not _ANYTHING.fullmatch(str(annotation).strip()):
            raise NoStrategyError(f"the type {annotation} cannot be evaluated")
        return kind


def only_assigns_nothing(cls: type) -> bool:
    """Whether a class has no ``__init__`` of its own, so that instances without declared fields have none."""
    return cls.__init__ is object.__init__  # type: ignore[misc]


def _found(registration: Registration) -> Any:
    try:
        return registration.find()
    except UnknownClass as error:
        raise NoStrategyError(error.message) from error
    except Exception as error:  # the program's own code may raise anything when it is imported
        message = f"{registration.target} cannot be imported: {type(error).__name__}: {error}"
        raise NoStrategyError(message) from error


def _found_or_none(registration: Registration) -> Any:
    try:
        return _found(registration)
    except NoStrategyError:
        return None
