"""The blocks of a converters module: one class each, with what is known of it and where that comes from."""

from __future__ import annotations

import json
import re
import textwrap
from collections import Counter
from typing import TYPE_CHECKING

from migrate.model import Kind, Source
from migrate.model.wording import counted
from migrate.rewrite.annotations import RESERVED, Annotations, usable_as_field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.model import ClassSchema, Converters

WIDTH = 88
"""Columns; the narrowest of the common formatters' defaults, so that none of them changes a line."""

_SHOWN_PLACES = 5

_DECLARED_HERE = frozenset({Kind.PLAIN, Kind.SLOTS, Kind.BUILTIN_SUBCLASS, Kind.EXCEPTION})
"""Kinds that do not declare their attributes themselves."""

_SOURCES = {
    Source.DECLARED: "its annotations",
    Source.INFERRED: "its assignments",
    Source.CHECKER: "a type checker",
    Source.DATA: "stored data",
    Source.OBSERVED: "the running program",
    Source.GUESSED: "guesses",
}


def quoted(text: str) -> str:
    """Return a string literal in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def default_tag(key: str) -> str:
    """Return what a Codec calls a class unless told otherwise: ``Outer.Inner`` is ``OuterInner``.

    ``Page[list[Order]]``, of pydantic, is ``Page_list_Order``.
    """
    plain, _, arguments = key.partition(":")[2].partition("[")
    return "_".join([plain.replace(".<locals>", "").replace(".", ""), *re.findall(r"\w+", arguments)])


def choose_tags(
    classes: Iterable[ClassSchema], reserved: frozenset[str], existing: Mapping[str, str]
) -> dict[str, str]:
    """Return a distinct name for every class, by key.

    ``existing`` are the tags of a module that is extended: data may carry them, so they stay. Classes of the
    same name are told apart by their modules: ``shop.billing:Order`` is ``BillingOrder``.
    """
    tags = dict(existing)
    new = [schema for schema in classes if schema.key not in tags]
    names = Counter([*tags.values(), *(default_tag(schema.key) for schema in new)])
    for schema in new:
        tag = default_tag(schema.key)
        parts = schema.module.split(".")
        if names[tag] > 1 or tag in reserved or tag in RESERVED:
            tag = _camel(parts.pop()) + tag
        while tag in tags.values():
            tag = (_camel(parts.pop()) if parts else "Other") + tag
        tags[schema.key] = tag
    return tags


def tags_of(
    classes: Iterable[ClassSchema],
    converters: Converters,
    reserved: frozenset[str],
    existing: Mapping[str, str],
) -> dict[str, str]:
    """Return the names of ``classes``; one of a test takes none from a class of the program."""
    ordered = list(classes)
    own = [schema for schema in ordered if schema.key not in converters.of_tests]
    return choose_tags(ordered, reserved, choose_tags(own, reserved, existing))


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def is_declared_here(schema: ClassSchema) -> bool:
    """Whether the converters module declares the attributes of the class."""
    return schema.kind in _DECLARED_HERE and any(usable_as_field(f.name) for f in schema.fields)


def blocks(
    classes: Iterable[ClassSchema],
    converters: Converters,
    annotations: Annotations,
    aliases: Mapping[str, Iterable[str]],
) -> list[str]:
    """Return a block for each class that is known to flow, one for those of tests, one for guesses."""
    ordered = list(classes)
    together = together_registered(converters)
    made = [_block(c, converters, annotations, aliases[c.key]) for c in ordered if c.key not in together]
    for keys, comment in (
        (converters.of_tests, _TESTS_COMMENT),
        (converters.guessed, _guess_comment(converters)),
    ):
        group = [c for c in ordered if c.key in keys]
        if group:
            lines = [line for sentence in comment for line in _wrapped(sentence)]
            lines += [
                call("codec.register", _arguments(c, converters, annotations, aliases[c.key])) for c in group
            ]
            made.append("\n".join(lines))
    return made


def together_registered(converters: Converters) -> frozenset[str]:
    """Return the keys of the classes that are registered in a block with others, and never declared."""
    return converters.guessed | converters.of_tests


_TESTS_COMMENT = (
    "Classes of the tests, which store them through this module.",
    "Where tests are not shipped, let their conftest.py call register for these instead.",
)


def _guess_comment(converters: Converters) -> tuple[str, ...]:
    places = converters.guessed_at
    more = f" and {counted(len(places) - _SHOWN_PLACES, 'more place')}" if len(places) > _SHOWN_PLACES else ""
    return (
        f"Guesses: source does not tell all that flows at {', '.join(places[:_SHOWN_PLACES])}{more}.",
        "Instances of these classes could; take out those that are never stored.",
    )


def _block(
    schema: ClassSchema, converters: Converters, annotations: Annotations, aliases: Iterable[str]
) -> str:
    """Return the block that registers one class, without blank lines around it."""
    tag = annotations.tags[schema.key]
    arguments = _arguments(schema, converters, annotations, aliases)
    lines = [*_comment(schema, converters.provenance.get(schema.key, ()))]
    if not is_declared_here(schema):
        return "\n".join([*lines, call("codec.register", arguments)])
    fields = [f for f in schema.fields if usable_as_field(f.name)]
    own = frozenset(f.name for f in fields)
    lines += [call("@codec.register", arguments), f"class {tag}:"]
    for f in fields:
        limit = WIDTH - len(f"    {f.name}: ")
        lines.append(f"    {f.name}: {annotations.write(f.type, limit=limit, forbidden=own)}")
    return "\n".join(lines)


def _arguments(
    schema: ClassSchema, converters: Converters, annotations: Annotations, aliases: Iterable[str]
) -> list[str]:
    """Return the arguments of ``codec.register`` for a class."""
    tag = annotations.tags[schema.key]
    arguments = [quoted(schema.key)]
    if tag != default_tag(schema.key):
        arguments.append(f"tag={quoted(tag)}")
    names = [quoted(alias) for alias in aliases]
    if names:
        arguments.append(f"aliases=({', '.join(names)}{',' if len(names) == 1 else ''})")
    renames = [f"{quoted(old)}: {quoted(new)}" for old, new in converters.renames.get(schema.key, ())]
    if renames:
        arguments.append(f"renames={{{', '.join(renames)}}}")
    return arguments


def call(function: str, arguments: list[str]) -> str:
    """Return a call, in one line if it fits, else with one argument on each line."""
    line = f"{function}({', '.join(arguments)})"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{function}(", *(f"    {argument}," for argument in arguments), ")"])


def _comment(schema: ClassSchema, provenance: tuple[str, ...]) -> list[str]:
    dotted = schema.key.replace(":", ".")
    first = f"{dotted}: {schema.kind.value} ({schema.path}:{schema.line}){_fields_from(schema)}."
    shown = [_sentence(line) for line in provenance[:_SHOWN_PLACES]]
    if len(provenance) > _SHOWN_PLACES:
        shown.append(f"And in {counted(len(provenance) - _SHOWN_PLACES, 'more place')}.")
    return [line for sentence in (first, *shown) for line in _wrapped(sentence)]


def _fields_from(schema: ClassSchema) -> str:
    if not is_declared_here(schema):
        return ", as declared there" if schema.kind not in _DECLARED_HERE else ""
    sources = {fact.source for f in schema.fields for fact in f.evidence}
    told = [words for source, words in _SOURCES.items() if source in sources]
    return f", fields from {' and '.join(told)}" if told else ""


def _sentence(line: str) -> str:
    text = " ".join(line.split())
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(
        sentence,
        WIDTH,
        initial_indent="# ",
        subsequent_indent="#     ",
        break_long_words=False,
        break_on_hyphens=False,
    )
