"""The test module of a converters module, which the user owns: its text, and whether it was edited since.

The first line holds a hash of the rest, so that a module that nobody edited can be brought up to date.
"""

from __future__ import annotations

import hashlib
import json
import textwrap
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MARKER = "# pickle-migrate: tests "
"""How the first line of such a module begins; the hash follows."""
_WIDTH = 88
"""Black's."""


@frozen
class Subject:
    """What there is to test."""

    module: str
    """The converters module, as the program imports it."""
    runtime: str
    """The package of the runtime, installed or vendored: ``migrate.runtime``."""
    classes: Mapping[str, str]
    """Registered class → why there is no strategy for it; ``""`` where there is one."""
    suffix: str = ".json"
    """Of the files with records."""
    records: bool = False
    """Whether records are kept beside the module."""
    writes_pickles: bool = True
    """Whether it writes and reads bare pickles in the stage dual-read, neither sealed nor under a key."""
    pickles: bool = False
    """Whether pickles are kept there, each beside its record."""


def module_text(subject: Subject) -> bytes:
    """Return the test module: formatted as Black does, with its hash."""
    parts = [
        (_KEEP if subject.writes_pickles else "") + _HEAD.format(module=subject.module),
        "\n".join(_imports(subject)),
        _settings(subject),
        _listed(subject.classes),
        _ROUND_TRIP,
        _RELEASES,
    ]
    if subject.writes_pickles:
        parts.append(_BEFORE)
    if subject.records:
        parts.append(_RECORDS.format(suffix=subject.suffix))
    if subject.pickles:
        parts.append(_PICKLES.format(suffix=subject.suffix))
    text = "".join(parts)
    return f"{MARKER}{_hash(text.encode())}\n{text}".encode()


def was_edited(existing: bytes) -> bool:
    """Whether a file is anything but what :func:`module_text` returned; other line ends are no edit."""
    first, _, rest = existing.replace(b"\r\n", b"\n").partition(b"\n")
    return first.decode("utf-8", "replace") != MARKER + _hash(rest)


def records_folder(module: str) -> str:
    """Return the folder of a converters module's records, beside its test module."""
    return f"records/{module}"


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:16]


def _imports(subject: Subject) -> Iterable[str]:
    if subject.writes_pickles:
        yield "import pickle"
    yield "from functools import cache"
    if subject.records:
        yield "from pathlib import Path"
    own = subject.module.partition(".")[0]
    ours = [
        _from_import(subject.runtime, "differences"),
        _from_import(f"{subject.runtime}.strategies", "for_class"),
    ]
    others = [
        "from hypothesis import HealthCheck, given, settings",
        "from hypothesis import strategies as st",
    ]
    users = [_from_import(subject.module, "codec")]
    vendored = subject.runtime.partition(".")[0] == own
    yield from ("", "import pytest", *sorted([*others, *([] if vendored else ours)]))
    yield from ("", *sorted([*users, *(ours if vendored else [])]))


def _from_import(module: str, name: str) -> str:
    line = f"from {module} import {name}"
    return line if len(line) <= _WIDTH else f"from {module} import (\n    {name},\n)"


def _settings(subject: Subject) -> str:
    folder = _FOLDER.format(module=_literal(subject.module)) if subject.records else ""
    return f"\n{folder}{_SETTINGS}"


def _listed(classes: Mapping[str, str]) -> str:
    lines = [line for target, why in classes.items() for line in _entry(target, why)]
    return "\n".join(["CLASSES = [", *lines, "]", ""]) if lines else "CLASSES = []\n"


def _entry(target: str, why: str) -> list[str]:
    name = _literal(target)
    if not why:
        return [f"    {name},"]
    short = f"    skipped({name}, {_literal(why)}),"
    if len(short) <= _WIDTH:
        return [short]
    *pieces, last = _string(why, _WIDTH - 9)
    return ["    skipped(", *(f"        {part}" for part in (f"{name},", *pieces, f"{last},")), "    ),"]


def _string(text: str, width: int) -> list[str]:
    """Return a string literal, in several pieces if it does not fit in one line."""
    whole = _literal(text)
    if len(whole) <= width:
        return [whole]
    spare = len(whole) - len(text) + 1 if "\\" in whole else 3  # escapes are longer than what they stand for
    lines = textwrap.wrap(text, max(width - spare, 20), break_long_words=False, break_on_hyphens=False)
    return [_literal(line) for line in (*(f"{line} " for line in lines[:-1]), lines[-1])]


def _literal(text: str) -> str:
    """Return a string literal, in the quotes that need fewer escapes."""
    double = json.dumps(text, ensure_ascii=False)
    if text.count('"') <= text.count("'"):
        return double
    inner = double[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{inner}'"


_KEEP = "# pickle-migrate: keep-file[plays the releases that still use pickle]\n"

_HEAD = '''\
"""Tests of {module}. Generated by pickle-migrate; yours to edit.

Values of every registered class are made from the declared types, the same in every
run, written, and read back. `pickle-migrate tests` brings this file up to date as long
as nobody has edited it.
"""

from __future__ import annotations

'''

_FOLDER = '''
MODULE = {module}
RECORDS = Path(__file__).parent / "records" / MODULE
"""Stored data of this program, which have to stay readable. Add files of your own."""
'''

_SETTINGS = '''
OWN = {}
"""Strategies of your own: for classes that are skipped below, and for those that keep
rules which their annotations do not tell. {"shop.models:Order": st.builds(Order, ...)}
"""

few = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def skipped(target, reason):
    """A class of which nobody can tell what its values look like."""
    return pytest.param(target, marks=pytest.mark.skip(reason=reason))


@cache
def values_of(target):
    """The strategy for a class."""
    return for_class(codec, target, own=OWN)


'''

_ROUND_TRIP = '''

@pytest.mark.parametrize("target", CLASSES)
@few
@given(data=st.data())
def test_round_trip(target, data):
    """What is written comes back exactly."""
    value = data.draw(values_of(target))
    assert differences(value, codec.loads(codec.record(value))) == []
'''

_RELEASES = '''

@pytest.mark.parametrize("target", CLASSES)
@few
@given(data=st.data())
def test_releases_read_each_other(target, data):
    """What the release of one stage writes, those of the other stages read."""
    value = data.draw(values_of(target))
    record = codec.at_stage("json").dumps(value)
    for stage in ("dual-read", "json", "json-only"):
        assert differences(value, codec.at_stage(stage).loads(record)) == [], stage
'''

_BEFORE = """\
    # And with the release from before the rewrite, which knows nothing but pickle.
    written = codec.at_stage("dual-read").dumps(value)
    # Loading them is safe here and nowhere else: the bytes were made in the line above,
    # of a value of this process. What pickle itself does not keep is lost to all.
    old = pickle.loads(written)
    for stage in ("dual-read", "json"):
        assert differences(old, codec.at_stage(stage).loads(written)) == [], stage
"""

_RECORDS = '''

@pytest.mark.parametrize("name", sorted(p.name for p in RECORDS.glob("*{suffix}")))
def test_stored_record(name):
    """A record that was stored is read, and written again as it was."""
    record = (RECORDS / name).read_bytes()
    value = codec.loads(record)
    again = codec.record(value)
    assert differences(value, codec.loads(again)) == []
    # The elements of a set may stand in another order in every process.
    assert again == record or sorted(again) == sorted(record)
'''

_PICKLES = '''

@pytest.mark.parametrize("name", sorted(p.name for p in RECORDS.glob("*.pickle")))
def test_stored_pickle(name):
    """A stored pickle is read as data, nothing in it runs, and equals its record."""
    if codec.stage.value == "json-only":
        pytest.skip("this program is in json-only and refuses pickles")
    value = codec.at_stage("json").loads((RECORDS / name).read_bytes())
    record = (RECORDS / name).with_suffix("{suffix}").read_bytes()
    assert differences(codec.loads(record), value) == []
'''
