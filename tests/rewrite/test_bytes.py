"""What an edit does not concern survives byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from .support import rewrite_bytes

BODY = "import os\n\nimport pickle\n\n\ndef save(o, f):\n\tpickle.dump(o, f, 2)\n"

SURVIVES: dict[str, tuple[bytes, bytes]] = {
    "CRLF": (
        b"import pickle\r\n\r\ndef f():\r\n    pickle.dump(o, f, 2)\r\n",
        b"from shop import converters\r\n\r\ndef f():\r\n    converters.dump(o, f)\r\n",
    ),
    "CRLF where a line is added": (
        b"import os, pickle\r\npickle.dump(o, f, 2)\r\n",
        b"import os\r\nfrom shop import converters\r\nconverters.dump(o, f)\r\n",
    ),
    "mixed line ends": (
        b"import pickle\r\nx = 1\npickle.dump(o, f)\r\ny = 2\n",
        b"from shop import converters\r\nx = 1\nconverters.dump(o, f)\r\ny = 2\n",
    ),
    "a line feed inside a CRLF statement": (
        b"import pickle\r\ndef f():\r\n    pickle.dump(o, f)\n    return 1\r\n",
        b"from shop import converters\r\ndef f():\r\n    converters.dump(o, f)\n    return 1\r\n",
    ),
    "tabs": (
        b"import pickle\nif a:\n\tif b:\n\t\tpickle.dump(o, f)\n",
        b"from shop import converters\nif a:\n\tif b:\n\t\tconverters.dump(o, f)\n",
    ),
    "form feeds": (
        b"import pickle\n\x0c\ndef f():\n    pickle.dump(o, f)\n\x0c\nx = 1\n",
        b"from shop import converters\n\x0c\ndef f():\n    converters.dump(o, f)\n\x0c\nx = 1\n",
    ),
    "a form feed before a statement": (
        b"import pickle\n\x0cpickle.dump(o, f)\n",
        b"from shop import converters\n\x0cconverters.dump(o, f)\n",
    ),
    "a byte order mark": (
        b"\xef\xbb\xbfimport pickle\npickle.dump(o, f)\n",
        b"\xef\xbb\xbffrom shop import converters\nconverters.dump(o, f)\n",
    ),
    "latin-1": (
        b"# -*- coding: latin-1 -*-\nimport pickle\npickle.dump('\xe9', open('\xfc'), 2)  # \xe4\n",
        b"# -*- coding: latin-1 -*-\nfrom shop import converters\n"
        b"converters.dump('\xe9', open('\xfc'))  # \xe4\n",
    ),
    "shift-jis, whose bytes may look like backslashes": (
        "# coding: shift_jis\nimport pickle\npickle.dump('ソ表', f, 2)\n".encode("shift_jis"),
        "# coding: shift_jis\nfrom shop import converters\nconverters.dump('ソ表', f)\n".encode("shift_jis"),
    ),
    "wide characters before the site on its line": (
        "import pickle\nx = '€😀', pickle.loads(b)\n".encode(),
        "from shop import converters\nx = '€😀', converters.loads(b)\n".encode(),
    ),
    "no final newline": (
        b"import pickle\npickle.dump(o, f)",
        b"from shop import converters\nconverters.dump(o, f)",
    ),
    "no final newline after an import that goes": (
        b"import pickle\npickle.dump(o, f)\nfrom pickle import loads",
        b"from shop import converters\nconverters.dump(o, f)\n",
    ),
    "blanks at the ends of lines": (
        b"import pickle  \npickle.dump(o, f)   \n\t\n",
        b"from shop import converters  \nconverters.dump(o, f)   \n\t\n",
    ),
    "a backslash that joins lines": (
        b"import pickle\nx = 1; \\\npickle.dump(o, \\\n    f, 2)\n",
        b"from shop import converters\nx = 1; \\\nconverters.dump(o, \\\n    f)\n",
    ),
    "an f-string": (
        b'import pickle\nx = f"{pickle.dumps(o)!r}"\n',
        b'from shop import converters\nx = f"{converters.dumps(o)!r}"\n',
    ),
    "odd spacing elsewhere": (
        b"import pickle\nx=[1,2 ,3 ]  ;y = {  }\npickle.dump( x,f )\nz=( 1, )\n",
        b"from shop import converters\nx=[1,2 ,3 ]  ;y = {  }\nconverters.dump( x,f )\nz=( 1, )\n",
    ),
}


@pytest.mark.parametrize("name", SURVIVES)
def test_survives(name: str) -> None:
    before, after = SURVIVES[name]
    edited, problems = rewrite_bytes(before)
    assert problems == []
    assert edited == after


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
@pytest.mark.parametrize("final", [True, False])
def test_line_ends_and_encodings(newline: str, encoding: str, final: bool) -> None:
    cookie = "" if encoding.startswith("utf") else f"# coding: {encoding}\n"
    text = cookie + BODY + "NAME = 'é'  # ü\n"
    text = text if final else text[:-1]
    expected = text.replace("import pickle", "from shop import converters").replace(
        "pickle.dump(o, f, 2)", "converters.dump(o, f)"
    )
    edited, problems = rewrite_bytes(text.replace("\n", newline).encode(encoding))
    assert problems == []
    assert edited == expected.replace("\n", newline).encode(encoding)


MUST_FAIL: dict[str, bytes] = {
    "a lone carriage return, which LibCST would not keep": b"import pickle\rpickle.dump(o, f)\r",
    "a statement nested too deep": b"import pickle\nx = pickle.loads(" + b"+".join([b"a"] * 500) + b")\n",
}


@pytest.mark.parametrize("name", MUST_FAIL)
def test_is_a_problem_and_the_file_is_left_alone(name: str) -> None:
    before = MUST_FAIL[name]
    edited, problems = rewrite_bytes(before)
    assert edited == before
    assert [p.reason for p in problems] == ["edit-failed"]
    assert problems[0].path == "shop/store.py"
    assert "\n" not in problems[0].message


def test_own_sources_come_back_unchanged_through_slices() -> None:
    from migrate.rewrite.source import SourceFile

    for path in sorted(Path(__file__).parent.glob("*.py")):
        source = SourceFile(path.read_bytes())
        assert source.with_lines({piece: source.text(piece) for piece in source.slices}) == source.data
