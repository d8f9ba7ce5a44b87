"""Wire tree ⇄ YAML 1.2 text. The only module that knows the YAML library.

Only the library's events are used: nothing is constructed from a tag, and aliases, by which a short document
can stand for a huge one, are refused. Scalars mean what they mean in YAML's core schema, and texts that
could be taken for something else by any reader are quoted.
"""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING, Any

from .errors import DecodeError, EncodeError, TruncatedRecord
from .formats import YAML, library

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .encode import Wire

_PLAIN_TEXT = re.compile(r"[$A-Za-z_][\w./$-]*(?: [\w./$-]+)*", re.ASCII)
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""What YAML 1.1 or 1.2 read as something else than text, in any case."""
_INT = re.compile(r"[-+]?[0-9]{1,20}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASED = re.compile(r"0o[0-7]{1,22}|0x[0-9a-fA-F]{1,16}")
_CONSTANTS: dict[str, Any] = {"": None, "~": None}
for _word, _value in (("null", None), ("true", True), ("false", False)):
    _CONSTANTS.update({_word: _value, _word.title(): _value, _word.upper(): _value})
_MAX_DEPTH = 900
"""Below what libyaml reads."""
_WIDTH = 2**31 - 1


def write(wire: Wire) -> bytes:
    """Return the document of ``wire`` from ``---`` to ``...``, without the directive before it.

    Raises EncodeError ``too-deep``.
    """
    yaml = library(YAML)
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.emit(_document(yaml, wire), Dumper=dumper, width=_WIDTH, allow_unicode=True)
    return text.encode()


def _document(yaml: Any, wire: Wire) -> Iterator[Any]:
    yield yaml.StreamStartEvent()
    yield yaml.DocumentStartEvent(explicit=True)
    open_nodes: list[Iterator[Any]] = [iter([wire])]
    ends: list[Any] = []
    while open_nodes:
        try:
            node = next(open_nodes[-1])
        except StopIteration:
            open_nodes.pop()
            if ends:
                yield ends.pop()
            continue
        kind = type(node)
        if kind is dict:
            yield yaml.MappingStartEvent(None, None, implicit=True, flow_style=not node)
            ends.append(yaml.MappingEndEvent())
            open_nodes.append(part for pair in node.items() for part in pair)
        elif kind is list:
            yield yaml.SequenceStartEvent(None, None, implicit=True, flow_style=not node)
            ends.append(yaml.SequenceEndEvent())
            open_nodes.append(iter(node))
        else:
            yield _scalar(yaml, node)
        if len(ends) > _MAX_DEPTH:
            raise EncodeError(f"nested deeper than {_MAX_DEPTH} levels, which YAML allows", reason="too-deep")
    yield yaml.DocumentEndEvent(explicit=True)
    yield yaml.StreamEndEvent()


def _scalar(yaml: Any, value: Wire) -> Any:
    if type(value) is str:
        plain = _PLAIN_TEXT.fullmatch(value) is not None and value.lower() not in _WORDS
        return yaml.ScalarEvent(None, None, (plain, True), value, style=None if plain else '"')
    if type(value) is float:
        text = repr(value)
        if "." not in text:  # YAML 1.1 wants the point
            text = text.replace("e", ".0e")
    else:
        text = {None: "null", True: "true", False: "false"}[value] if type(value) is not int else str(value)
    return yaml.ScalarEvent(None, None, (True, False), text)


def read(record: bytes) -> Wire:
    """Return the wire tree of one record; raises DecodeError."""
    yaml = library(YAML)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    directive, _, document = record.partition(b"\n")
    if directive.rstrip() not in (b"%YAML 1.2", b"%YAML 1.1"):
        raise DecodeError("a record begins with '%YAML 1.2'")
    try:
        return _Builder(yaml).build(yaml.parse(document.decode(), Loader=loader))
    except UnicodeDecodeError as error:
        raise DecodeError(f"not UTF-8: {error}") from error
    except yaml.YAMLError as error:
        kind = TruncatedRecord if "stream end" in str(error) else DecodeError
        raise kind(f"not YAML: {' '.join(str(error).split())}") from error


class _Builder:
    """Puts a tree together from events, without recursion."""

    def __init__(self, yaml: Any) -> None:
        self._yaml = yaml

    def build(self, events: Iterator[Any]) -> Wire:
        """Return the tree of a stream with one document."""
        yaml = self._yaml
        root: list[Any] = []
        nodes: list[Any] = [root]  # the open lists, and dicts with their pending key
        keys: list[Any] = [_NO_KEY]
        for event in events:
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._check(event)
                value = event.value if event.style not in (None, "") else _resolve(event)
                if type(nodes[-1]) is dict and keys[-1] is _NO_KEY:
                    keys[-1] = _key(event, value, nodes[-1])
                else:
                    _put(nodes[-1], keys, value)
            elif kind in (yaml.SequenceStartEvent, yaml.MappingStartEvent):
                self._check(event)
                if type(nodes[-1]) is dict and keys[-1] is _NO_KEY:
                    raise _refused("a key that is not text", event)
                made: Any = [] if kind is yaml.SequenceStartEvent else {}
                _put(nodes[-1], keys, made)
                nodes.append(made)
                keys.append(_NO_KEY)
            elif kind in (yaml.SequenceEndEvent, yaml.MappingEndEvent):
                nodes.pop()
                keys.pop()
            elif kind is yaml.AliasEvent:
                raise _refused("an alias", event)
            elif kind is yaml.DocumentStartEvent and (root or event.tags):
                raise _refused("a second document, or a directive", event)
        if len(root) != 1:
            raise TruncatedRecord("the record has no value")
        return root[0]

    def _check(self, event: Any) -> None:
        if event.anchor is not None or event.tag is not None:
            raise _refused("an anchor or a tag", event)


class _NoKey:
    """Stands where a key is expected; None is one that YAML can have."""


_NO_KEY = _NoKey()


def _put(node: Any, keys: list[Any], value: Wire) -> None:
    if type(node) is list:
        node.append(value)
    else:
        node[keys[-1]] = value
        keys[-1] = _NO_KEY


def _key(event: Any, value: Wire, node: dict[str, Wire]) -> str:
    if type(value) is not str:
        raise _refused("a key that is not text; quote it", event)
    if value in node:
        raise _refused(f"the key {value[:60]!r} a second time", event)
    return value


def _resolve(event: Any) -> Wire:
    """Return what an unquoted scalar means in the core schema (YAML 1.2.2, section 10.3.2)."""
    text: str = event.value
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text[2:], 8 if text[1] == "o" else 16)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if not isfinite(number) or text.strip("+-").isdigit():
            raise _refused("a number out of range", event)
        return number
    if text.lower().lstrip("+-") in (".inf", ".nan"):
        raise _refused(f'{text}; write {{"$float": "nan"}}, "inf" or "-inf"', event)
    return text


def _refused(what: str, event: Any) -> DecodeError:
    mark = event.start_mark
    return DecodeError(f"not YAML of the wire format: {what} (in line {mark.line + 2})")
