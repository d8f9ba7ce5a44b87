"""Pickles of public packages: files that hold one, and byte strings in their sources. None of it is run."""

import ast
import hashlib
import json
import tarfile
import urllib.request
import warnings
from pathlib import Path
from typing import NamedTuple

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10, on which this suite is not run
    tomllib = None

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent.parent / ".work" / "corpora"
LARGEST = 20_000_000


class Corpus(NamedTuple):
    name: str
    file: str
    kind: str
    sha256: str


def corpora():
    """Return what corpora.toml pins."""
    if tomllib is None:
        return []
    return [Corpus(**entry) for entry in tomllib.loads((HERE / "corpora.toml").read_text())["corpus"]]


def download(corpus):
    """Return the source distribution, from the cache or from PyPI, with its digest checked."""
    CACHE.mkdir(parents=True, exist_ok=True)
    target = CACHE / corpus.file
    if not target.exists():
        # The simple API of PyPI (PEP 691).
        request = urllib.request.Request(
            f"https://pypi.org/simple/{corpus.name}/",
            headers={"Accept": "application/vnd.pypi.simple.v1+json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            files = json.load(answer)["files"]
        (url,) = [file["url"] for file in files if file["filename"] == corpus.file]
        with urllib.request.urlopen(url, timeout=300) as answer:
            target.write_bytes(answer.read())
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    if digest != corpus.sha256:
        target.unlink()
        raise ValueError(f"{corpus.file} has the digest {digest}, not the pinned {corpus.sha256}")
    return target


def streams(archive):
    """Yield the name and the bytes of everything in ``archive`` that may be a pickle."""
    with tarfile.open(archive) as members:
        for member in members:
            if not member.isfile() or member.size > LARGEST:
                continue
            data = members.extractfile(member).read()
            if member.name.endswith(".py"):
                yield from literals(member.name, data)
            elif data:
                yield member.name, data


def literals(name, source):
    """Yield the byte strings in Python source that end as a pickle does, or have one's end somewhere."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError):  # sources of Python 2
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, bytes) and b"." in node.value[1:]:
            yield f"{name}:{node.lineno}", node.value
