"""The detection corpus: small sources in ``cases/*.txt``, marked with the sites that they hold.

    === the name of the case
    import pickle
    pickle.dump(order, f, pickle.HIGHEST_PROTOCOL)  #= dump, constant
    pickle.loads(pickle.dumps(x))  #= loads[deepcopy-idiom], dumps[deepcopy-idiom]

After ``#=`` stand the operations of the sites that start on the line, from left to right and from the outside
to the inside, with their reasons. A line without mark holds no site. ``--- path`` starts another file of the
same tree.
"""

from __future__ import annotations

import re
from pathlib import Path

from attrs import frozen

_MARK = re.compile(r"\s*#= (.*)$", re.MULTILINE)
_CASES = Path(__file__).parent / "cases"


@frozen
class Case:
    name: str
    sources: dict[str, bytes]
    expected: list[tuple[str, int, str]]
    """Path, line, and operation with reason, as marked."""


def cases() -> list[Case]:
    return [case for file in sorted(_CASES.glob("*.txt")) for case in _read(file)]


def _read(file: Path) -> list[Case]:
    blocks = re.split(r"^=== (.*)\n", file.read_text(), flags=re.MULTILINE)[1:]
    return [_case(f"{file.stem}: {name}", body) for name, body in zip(blocks[::2], blocks[1::2], strict=True)]


def _case(name: str, body: str) -> Case:
    parts = re.split(r"^--- (.*)\n", body, flags=re.MULTILINE)
    files = {"app.py": parts[0]} if parts[0].strip() else {}
    files |= dict(zip(parts[1::2], parts[2::2], strict=True))
    expected = [
        (path, line, mark.strip())
        for path, text in sorted(files.items())
        for line, content in enumerate(text.split("\n"), 1)
        if (found := _MARK.search(content))
        for mark in found[1].split(",")
    ]
    return Case(name, {path: _MARK.sub("", text).encode() for path, text in files.items()}, expected)
