"""The standard library as a sample of real code: no crash, and every mention is a site or explained."""

from __future__ import annotations

import io
import re
import sysconfig
import tokenize
from pathlib import Path

import pytest

from migrate.model import FileSites, Operation
from migrate.sites import find_sites

STDLIB = Path(sysconfig.get_paths()["stdlib"])
_CALL = re.compile(r"\b(?:c?[pP]ickle|_pickle)\s*\.\s*(?:dumps?|loads?|Pickler|Unpickler)\b")


@pytest.fixture(scope="module")
def sources() -> dict[str, bytes]:
    folders = [
        STDLIB,
        *(STDLIB / name for name in ("multiprocessing", "concurrent", "logging", "unittest", "xmlrpc")),
    ]
    paths = (path for folder in folders for path in folder.glob("*.py"))
    return {path.relative_to(STDLIB).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def found(sources) -> dict[str, FileSites]:
    return find_sites(sources)


def code_only(source: bytes) -> str:
    """The tokens of a file without strings and comments."""
    tokens = tokenize.tokenize(io.BytesIO(source).readline)
    skipped = (tokenize.STRING, tokenize.COMMENT, tokenize.ENCODING)
    return " ".join(token.string for token in tokens if token.type not in skipped)


def test_every_mention_in_code_is_a_site(sources, found):
    unexplained = {
        path
        for path, source in sources.items()
        if path not in ("pickle.py", "_compat_pickle.py")
        and path not in found
        and b"ickle" in source  # to look at the tokens of all takes long
        and _CALL.search(code_only(source))
    }
    assert unexplained == set()


def test_as_many_sites_as_mentions(sources, found):
    for path in ("shelve.py", "logging/handlers.py", "multiprocessing/connection.py"):
        mentions = len(_CALL.findall(code_only(sources[path])))
        sites = (
            [s for s in found[path].sites if s.library == "pickle" and s.text.startswith("pickle.")]
            if path in found
            else []
        )
        assert len(sites) >= mentions - 1, path


def test_everything_parses(found):
    assert [s for f in found.values() for s in f.sites if s.operation is Operation.UNPARSED] == []


def test_spans_hold_their_text(sources, found):
    for path, file in found.items():
        lines = sources[path].split(b"\n")
        for site in file.sites:
            if site.span.line == site.span.end_line:
                line = lines[site.span.line - 1]
                assert line[site.span.column : site.span.end_column].decode() == site.text


def test_ids_are_unique(found):
    ids = [site.id for file in found.values() for site in file.sites]
    assert len(ids) == len(set(ids))
