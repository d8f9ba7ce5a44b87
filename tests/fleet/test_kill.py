"""kill -9 in the middle of a command leaves the code and the data consistent, and a rerun completes.

The kills of `reencode` are in tests/reencode, those of the writing of edits in tests/rewrite. `schema`,
`scan`, `inspect`, `explain` and `stage show` write no file.
"""

from __future__ import annotations

import ast
import json
import os
import pickle
import random
import subprocess
import sys
import time
from base64 import b64encode

import pytest

from migrate.runtime import Codec, Keys, Seals
from tests.cli.test_stage import telemetry

pytestmark = pytest.mark.fleet

KILLS = int(os.environ.get("FLEET_KILLS", "12"))
ENVIRONMENT = {**os.environ, "SEAL_KEYS": "k:" + b64encode(b"k" * 32).decode()}
SOURCE = 'from migrate.runtime import Codec\n\ncodec = Codec("shop", stage="{}")\n'


def command(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "migrate", *map(str, arguments)],
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def finish(*arguments):
    process = command(*arguments)
    assert process.wait(timeout=120) == 0, arguments
    return process


def duration(make, arguments):
    """How long the command takes by itself."""
    make()
    begin = time.monotonic()
    finish(*arguments)
    return time.monotonic() - begin


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".pickle-migrate" not in path.parts and not path.name.endswith(".tmp")
    }


def fresh(folder, files):
    """Make ``folder`` hold ``files`` and nothing else."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def kills(make, arguments):
    """Kill the command at random moments of its second half, in which it writes, and yield after each."""
    whole = duration(make, arguments)
    random_ = random.Random(5)
    for _ in range(KILLS):
        make()
        process = command(*arguments)
        time.sleep(random_.uniform(0.4 * whole, 1.02 * whole))
        process.kill()
        process.wait(timeout=60)
        yield


CODE = {
    "shop/__init__.py": b"",
    "shop/converters.py": SOURCE.format("json-only").encode(),
    "pyproject.toml": b'[project]\ndependencies = ["pickle-migrate"]\n',
    "stock/a.json": b"{}\n",
}


def test_retire(tmp_path):
    arguments = ("retire", tmp_path, "--unwatched", "--stock", tmp_path / "stock", "--write")
    finish_state = None
    for _ in kills(lambda: fresh(tmp_path, CODE), arguments):
        found = tree(tmp_path)
        for name, content in found.items():
            if name.endswith(".py"):
                ast.parse(content)
        if b".records" in found["shop/converters.py"]:
            assert "shop/records/records.py" in found, "the converters import what is not there"
            assert "shop/records/__init__.py" in found
        else:
            finish(*arguments)
        done = tree(tmp_path)
        assert b".records" in done["shop/converters.py"]
        assert finish_state in (None, done)
        finish_state = done
        while (
            subprocess.run([sys.executable, "-m", "migrate", "undo", tmp_path], env=ENVIRONMENT).returncode
            == 0
        ):
            if tree(tmp_path) == CODE:
                break
        assert tree(tmp_path) == CODE


def test_stage_back(tmp_path):
    before = {"converters.py": SOURCE.format("json").encode()}
    after = {"converters.py": SOURCE.format("dual-read").encode()}
    for _ in kills(lambda: fresh(tmp_path, before), ("stage", "back", tmp_path, "--write")):
        found = tree(tmp_path)
        assert found in (before, after)
        evidence = tmp_path / ".pickle-migrate" / "evidence" / "shop-json-to-dual-read.json"
        if found == after:
            assert json.loads(evidence.read_text())["to"] == "dual-read"
        else:
            finish("stage", "back", tmp_path, "--write")
            assert tree(tmp_path) == after


def test_stage_next(tmp_path):
    counts = telemetry(tmp_path / "counts", stage="json")
    (tmp_path / "app").mkdir()
    (tmp_path / "stock").mkdir()
    before = {"converters.py": SOURCE.format("json").encode()}
    after = {"converters.py": SOURCE.format("json-only").encode()}
    app = tmp_path / "app"
    arguments = ("stage", "next", app, "--telemetry", counts, "--stock", tmp_path / "stock", "--write")
    for _ in kills(lambda: fresh(app, before), arguments):
        found = tree(app)
        assert found in (before, after)
        evidence = app / ".pickle-migrate" / "evidence" / "shop-json-to-json-only.json"
        if evidence.exists() or found == after:
            assert json.loads(evidence.read_text())["to"] == "json-only"
        if found == before:
            finish(*arguments)
        assert tree(app) == after
        finish("undo", app)
        assert tree(app) == before


PICKLING = b"import pickle\n\n\ndef save(f):\n    pickle.dump([1], f)\n"


def test_undo(tmp_path):
    before = {f"app/m{n}.py": PICKLING for n in range(20)} | {"app/__init__.py": b""}
    fresh(tmp_path, before)
    finish("rewrite", tmp_path, "--write")
    after = tree(tmp_path)
    assert after != before
    rewritten = {p.relative_to(tmp_path).as_posix(): p.read_bytes() for p in files(tmp_path)}
    halfway = 0
    for _ in kills(lambda: fresh(tmp_path, rewritten), ("undo", tmp_path)):
        found = tree(tmp_path)
        assert all(data in (before.get(name), after.get(name)) for name, data in found.items())
        assert before.keys() <= found.keys()
        halfway += found not in (before, after)
        if found != before:
            finish("undo", tmp_path)
        assert tree(tmp_path) == before
    print(f"{halfway} of {KILLS} kills fell between two files")


def test_guard_update(tmp_path):
    sources = {f"m{n}.py": PICKLING for n in range(20)} | {"pyproject.toml": b""}
    baseline = tmp_path / ".pickle-migrate-baseline.json"
    arguments = ("guard", "--root", tmp_path, "--update", "--allow-growth", "they are old")
    fresh(tmp_path, sources)
    finish(*arguments)
    whole = baseline.read_bytes()
    old = json.dumps({**json.loads(whole), "sites": []}).encode()
    for _ in kills(lambda: fresh(tmp_path, {**sources, baseline.name: old}), arguments):
        assert baseline.read_bytes() in (old, whole)
        finish(*arguments)
        assert baseline.read_bytes() == whole


def test_restore(tmp_path):
    stock = {f"stock/{n}.pkl": pickle.dumps([n, {"a": "x" * n}]) for n in range(40)}
    fresh(tmp_path, stock | {"ours/converters.py": SOURCE.format("json").encode()})
    folder = tmp_path / "stock"
    options = ("--ledger", tmp_path / "ledger.sqlite", "--converters", tmp_path / "ours" / "converters.py")
    finish("reencode", folder, "--backup", *options)
    converted = {p.relative_to(tmp_path).as_posix(): p.read_bytes() for p in files(tmp_path)}
    new = {name: converted[name] for name in stock}
    halfway = 0
    arguments = ("restore", folder, *options)
    for _ in kills(lambda: fresh(tmp_path, converted), arguments):
        found = {name: data for name, data in tree(tmp_path).items() if name in stock}
        assert found.keys() == stock.keys()
        assert all(data in (stock[name], new[name]) for name, data in found.items())
        halfway += found not in (stock, new)
        finish(*arguments)
        left = {name: data for name, data in tree(tmp_path).items() if name.startswith("stock/")}
        assert left == stock
    print(f"{halfway} of {KILLS} kills fell between two files")


OUTPUTS = {
    "review.html": ("--html", "review.html"),
    "review.md": ("--markdown", "review.md"),
    "review.json": ("--json", "review.json"),
}


def test_review(tmp_path):
    sources = {f"p{n}/m.py": PICKLING for n in range(6)} | {f"p{n}/__init__.py": b"" for n in range(6)}
    fresh(tmp_path, sources)
    options = [tmp_path / part if "." in part else part for pair in OUTPUTS.values() for part in pair]
    arguments = ("review", tmp_path, *options, "--patches", tmp_path / "series", "--author", "A <a@b>")
    finish(*arguments)
    whole = made(tmp_path)
    assert len(whole) > len(OUTPUTS) + 1
    for _ in kills(lambda: fresh(tmp_path, sources), arguments):
        assert all(data == whole[name] for name, data in made(tmp_path).items())
        finish(*arguments)
        assert made(tmp_path) == whole


def made(folder):
    """What `review` wrote."""
    return {name: data for name, data in tree(folder).items() if not name.endswith(".py")}


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_seal(tmp_path):
    stock = {f"{n}.pkl": pickle.dumps([n, {"a": "x" * n}]) for n in range(40)}
    codec = Codec("shop", seals=Seals(Keys({"k": b"k" * 32})))
    arguments = ("seal", tmp_path, "--keys", "SEAL_KEYS", "--write")
    halfway = 0
    for _ in kills(lambda: fresh(tmp_path, stock), arguments):
        found = tree(tmp_path)
        assert {name: codec.loads(data) for name, data in found.items()} == {
            name: pickle.loads(data) for name, data in stock.items()
        }
        sealed = sum(data.startswith(b"~sealed ") for data in found.values())
        halfway += 0 < sealed < len(stock)
        finish(*arguments)
        assert all(data.startswith(b"~sealed ") for data in tree(tmp_path).values())
    finish(*arguments, "--remove")
    assert tree(tmp_path) == stock
    print(f"{halfway} of {KILLS} kills fell between two files")
