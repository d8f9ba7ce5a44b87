"""Every example of docs/wire-format.md is what the codec writes, and reads back exactly."""

from __future__ import annotations

import array
import collections
import datetime  # noqa: ICN001 - the page's examples call it so
import decimal
import fractions
import io
import ipaddress
import json
import pathlib
import re
import sys
import time
import types
import uuid
import zoneinfo

import pytest

from migrate.runtime import Codec, differences
from migrate.runtime.containers import CONTAINER_TAGS
from migrate.runtime.decode import BUILTIN_TAGS
from migrate.runtime.standard import STANDARD_TAGS

PAGE = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "wire-format.md").read_text(encoding="utf-8")
SECTION = PAGE.split("\n## Examples\n")[1].split("\n## ")[0]
SOURCE = re.findall(r"```python\n(.*?)```", SECTION, flags=re.DOTALL)[0]
EXAMPLES = [
    tuple(line.split(" → "))
    for block in re.findall(r"```text\n(.*?)```", SECTION, flags=re.DOTALL)
    for line in block.splitlines()
    if line
]
NAMES = {
    module.__name__: module
    for module in (
        *(
            array,
            collections,
            datetime,
            decimal,
            fractions,
            io,
            ipaddress,
            pathlib,
            re,
            time,
            types,
            uuid,
            zoneinfo,
        ),
    )
}


@pytest.fixture(scope="module")
def program():
    """Return the module in which the page's classes are defined, and a codec that knows them."""
    module = types.ModuleType("wire_format_page")
    module.__dict__.update(NAMES)
    sys.modules[module.__name__] = module
    exec(SOURCE, module.__dict__)
    codec = Codec("page")
    for name in re.findall(r"^(?:class|def) (\w+)", SOURCE, flags=re.MULTILINE):
        codec.register(getattr(module, name))
    yield module, codec
    del sys.modules[module.__name__]


@pytest.mark.parametrize(("expression", "record"), EXAMPLES, ids=[e[0] for e in EXAMPLES])
def test_an_example(program, expression, record):
    module, codec = program
    value = eval(expression, module.__dict__)
    assert codec.dumps(value).decode() == record + "\n"
    assert differences(value, codec.loads(record.encode() + b"\n")) == []


CORE = {*BUILTIN_TAGS, *STANDARD_TAGS, *CONTAINER_TAGS, "$class", "$generic", "$defaultdict", "$enum"}
READ_ONLY = {"$untyped"}
"""Written beside hooks, and for pickles that are converted without their classes."""


def test_every_tag_has_an_example():
    shown = {key for _, record in EXAMPLES for key in keys(json.loads(record))}
    assert sorted(CORE - READ_ONLY - shown) == []


def keys(wire):
    if isinstance(wire, dict):
        for key, value in wire.items():
            yield key
            yield from keys(value)
    elif isinstance(wire, list):
        for item in wire:
            yield from keys(item)


def test_streams_are_as_shown(program):

    shown = re.search(r'^    \{"\$stream":"list"\}\n(?:    .*\n)+', PAGE, flags=re.MULTILINE)[0]
    text = "".join(line[4:] + "\n" for line in shown.splitlines())
    file = io.BytesIO()
    Codec("t").dump_items([{"sku": "a"}, {"sku": "b"}], file)
    assert file.getvalue().decode() == text
