"""``observe``: programs run as ever, and what passes through their pickle calls is written down."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest
from attrs import frozen
from click.testing import CliRunner

from migrate.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

OUT = "pickle-migrate.observed.json"
MODELS = """
class Line:
    __slots__ = ("sku", "amount")
    def __init__(self, sku, amount):
        self.sku = sku
        self.amount = amount

class Order:
    def __init__(self, number, lines):
        self.number = number
        self.lines = lines

class Guarded:
    calls = 0
    def __init__(self):
        self.secret_lock = open
    def __getstate__(self):
        Guarded.calls += 1
        return {"kept": 1}
    def __iter__(self):
        raise SystemExit("nobody asked for this")
"""
STORE = """
import pickle

def save(order, path):
    with open(path, "wb") as f:
        pickle.dump(order, f)

def load(path):
    with open(path, "rb") as f:
        return pickle.load(f)

class Box:
    encode = pickle.dumps
    def pack(self, value):
        return self.encode(value)

def many(rows):
    return list(map(pickle.loads, rows))
"""
TEST = """
import multiprocessing, sys
from shop import models, store

def child(path):
    store.save({"from": "the child"}, path)

def test_store(tmp_path):
    store.save(models.Order(7, [models.Line("hidden-value", 2)]), tmp_path / "o")
    assert store.load(tmp_path / "o").number == 7
    store.many([store.Box().pack(("hidden-value", 1.5))])

def test_hooks(tmp_path):
    before = models.Guarded.calls
    store.save(models.Guarded(), tmp_path / "g")
    assert models.Guarded.calls == before + 1

def test_processes(tmp_path):
    for method in ("fork", "spawn"):
        process = multiprocessing.get_context(method).Process(target=child, args=(tmp_path / method,))
        process.start()
        process.join()
        assert store.load(tmp_path / method) == {"from": "the child"}
"""
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider")


def command(cwd: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "migrate", *map(str, arguments)]
    return subprocess.run(line, cwd=cwd, capture_output=True, text=True, check=False)


@frozen
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def observe(tmp_path, monkeypatch, capfd):
    """Return what runs a command under `observe` in a folder; the folder with the hook must be gone then."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()

    def run(folder: Path, *line: object) -> Done:
        monkeypatch.chdir(folder)
        done = CliRunner().invoke(cli, ["observe", "--", *map(str, line)])
        assert not list((tmp_path / "temporary").iterdir()), "the hook was left behind"
        out, err = capfd.readouterr()
        return Done(done.exit_code, out, " ".join((done.output + err).split()))

    return run


@pytest.fixture
def program(tmp_path, observe):
    """Return what runs the text of a program, as ``tree/program.py``, under `observe`."""

    def run(text: str, python: str = sys.executable) -> Done:
        tree = tmp_path / "tree"
        tree.mkdir()
        (tree / "program.py").write_text(text)
        return observe(tree, python, "program.py")

    return run


def places(folder: Path) -> dict[str, dict]:
    document = json.loads((folder / OUT).read_text())
    return {f"{p['path']}:{p['line']}": p for p in document["places"]}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A program whose own tests were run with pytest under `observe`."""
    root = tmp_path_factory.mktemp("observed") / "tree"
    for name, text in {
        "shop/__init__.py": "",
        "shop/models.py": MODELS,
        "shop/store.py": STORE,
        "tests/test_store.py": TEST,
        "conftest.py": "",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    done = command(root, "observe", "--", sys.executable, *PYTEST, "tests")
    assert done.returncode == 0, done.stdout + done.stderr
    return root, done


# --- what is seen -------------------------------------------------------------------------------------------


def test_the_tests_of_a_program_show_what_passes_through_its_sites(shop):
    root, done = shop
    assert "3 passed" in done.stdout
    found = places(root)
    assert found["shop/store.py:6"]["types"] == ["dict[str, str]", "shop.models:Guarded", "shop.models:Order"]
    assert found["shop/store.py:6"]["classes"] == [
        "shop.models:Guarded",
        "shop.models:Line",
        "shop.models:Order",
    ]
    assert found["shop/store.py:10"]["function"] == "load"
    assert found["shop/store.py:15"]["types"] == ["tuple[str, float]"]
    assert found["shop/store.py:18"]["types"] == ["tuple[str, float]"]


def test_forked_and_spawned_processes_count(shop):
    root, done = shop
    assert places(root)["shop/store.py:6"]["calls"] == 4
    processes = re.search(r"in (\d+) Python processes", " ".join(done.stderr.split()))
    assert processes and int(processes[1]) >= 3


def test_attributes_are_named_with_their_types_and_values_never_are(shop):
    root, _ = shop
    classes = {c["name"]: c for c in json.loads((root / OUT).read_text())["classes"]}
    assert classes["shop.models:Order"]["fields"] == {"lines": ["list[shop.models:Line]"], "number": ["int"]}
    assert classes["shop.models:Line"]["fields"] == {"amount": ["int"], "sku": ["str"]}
    assert "hidden-value" not in (root / OUT).read_text()


def test_a_class_that_decides_what_is_stored_is_seen_by_name_only(shop):
    root, _ = shop
    classes = {c["name"]: c for c in json.loads((root / OUT).read_text())["classes"]}
    assert "fields" not in classes["shop.models:Guarded"]


def test_scan_and_rewrite_take_it_as_evidence(shop):
    root, _ = shop
    scanned = CliRunner().invoke(cli, ["scan", str(root), "--observed", str(root / OUT), "--json"])
    sites = {f"{site['path']}:{site['line']}": site for site in json.loads(scanned.stdout)["sites"]}
    seen = {"type": "shop.models:Order", "source": "observed", "where": "among 4 calls"}
    assert seen in sites["shop/store.py:6"]["types"]
    options = ("--observed", str(root / OUT), "--include", "review")
    diff = CliRunner().invoke(cli, ["rewrite", str(root), *options]).stdout
    assert "# Observed at shop/store.py:6, shop/store.py:10." in diff
    assert "+    lines: list[Line]" in diff


# --- the program runs as ever -------------------------------------------------------------------------------


PASSED_THROUGH = """
import _pickle, copy, inspect, io, pickle
class Sub(pickle.Pickler):
    def persistent_id(self, obj):
        return "one" if obj is Sub else None
class Un(pickle.Unpickler):
    def persistent_load(self, pid):
        return Sub
class Holder:
    pack = pickle.dumps
class Text(str): ...
file = io.BytesIO()
Sub(file, 2).dump([Sub, Text("x")])
file.seek(0)
assert Un(file).load() == [Sub, "x"]
assert pickle.loads(Holder().pack(1)) == 1
assert pickle.dumps is _pickle.dumps
for each in (pickle.dumps, pickle.Pickler, pickle.Unpickler):
    assert pickle.loads(pickle.dumps(each)) is each and copy.deepcopy(each) is each
assert b"_pickle" in pickle.dumps(pickle.dumps, 4)
assert "protocol" in inspect.signature(pickle.dumps).parameters
pickle.dump(obj=1, file=io.BytesIO())
try:
    pickle.dumps(lambda: 1)
except (pickle.PicklingError, AttributeError):
    print("refused as ever")
"""


def test_pickle_does_what_it_did(tmp_path, program):
    done = program(PASSED_THROUGH)
    assert (done.returncode, done.stdout) == (0, "refused as ever\n"), done.stderr


def test_the_exit_code_is_that_of_the_program(program):
    assert program("raise SystemExit(7)").returncode == 7


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_program_that_is_killed_leaves_what_it_passed(tmp_path, program):
    text = "import os, pickle, signal\npickle.dumps([1])\nos.kill(os.getpid(), signal.SIGKILL)\n"
    done = program(text)
    assert done.returncode == 128 + signal.SIGKILL
    assert places(tmp_path / "tree")["program.py:2"]["types"] == ["list[int]"]


def test_a_sitecustomize_of_the_program_still_comes_through(tmp_path, program, monkeypatch):
    own = tmp_path / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text("import builtins\nbuiltins.here = __file__\n")
    path = os.pathsep.join([str(own), *filter(None, [os.environ.get("PYTHONPATH")])])
    text = "import sitecustomize, sys\nassert here == sitecustomize.__file__\nprint(here)\n"
    monkeypatch.setenv("PYTHONPATH", path)
    done = program(text)
    assert done.stdout.strip() == str(own / "sitecustomize.py"), done.stderr


def test_a_program_may_close_all_files_and_change_its_folder(tmp_path, program):
    text = (
        "import os, pickle\nos.chdir('/')\nos.closerange(3, 256)\nmine = os.open(os.devnull, os.O_RDONLY)\n"
        "for value in (1, 'a', None, [1]):\n    pickle.dumps(value)\n"
    )
    done = program(text)
    assert done.returncode == 0, done.stderr
    assert places(tmp_path / "tree")["program.py:6"]["types"] == ["None", "int", "list[int]", "str"]


# --- it is bounded ------------------------------------------------------------------------------------------


def test_values_without_end_are_looked_at_in_part(tmp_path, program):
    text = """
import pickle, sys
class Node: ...
first = node = Node()
for _ in range(5000):
    node.next = Node()
    node = node.next
node.next = first
deep = []
for _ in range(5000):
    deep = [deep]
sys.setrecursionlimit(100000)
many = [object_ for n in range(100) for object_ in (n, str(n))] * 1000
class Self(dict): ...
me = Self()
me["me"] = me.me = me
for value in (me, many):
    pickle.dumps(value)
try:
    pickle.dumps(deep)
    pickle.dumps(first)
except RecursionError:
    pass
"""
    done = program(text)
    assert done.returncode == 0, done.stderr
    found = places(tmp_path / "tree")
    assert found["program.py:18"]["types"] == ["__main__:Self", "list[Union[int, str]]"]
    assert "Note" not in done.stderr


def test_a_loop_is_looked_at_ever_more_seldom_and_counted_in_full(tmp_path, program):
    text = "import pickle\nfor n in range(3000):\n    pickle.dumps(n if n % 2 else str(n))\n"
    program(text)
    place = places(tmp_path / "tree")["program.py:3"]
    assert (place["calls"], place["types"]) == (3000, ["int", "str"])


# --- what goes wrong is said --------------------------------------------------------------------------------


def test_a_command_that_is_not_there(tmp_path, observe):
    (tmp_path / "a.py").write_text("")
    done = observe(tmp_path, "no-such-program")
    assert done.returncode == 2
    assert "no-such-program cannot be started" in done.stderr


def test_a_program_that_no_hook_reaches(tmp_path, observe):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.py").write_text("import pickle\npickle.dumps(1)\n")
    done = observe(tmp_path / "tree", sys.executable, "-I", "a.py")
    assert "No Python process came by the watch" in done.stderr


def test_calls_from_elsewhere_are_named_when_there_are_no_others(tmp_path, observe):
    (tmp_path / "other.py").write_text("import pickle\npickle.dumps(1)\n")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.py").write_text("")
    done = observe(tmp_path / "tree", sys.executable, tmp_path / "other.py")
    assert "other.py" in done.stderr
    assert done.returncode == 0


def test_a_call_where_no_site_stands_is_named(tmp_path, program):
    done = program("import pickle\nexec(compile('pickle.dumps(1)', __file__, 'exec'))\n")
    assert "program.py:1: dumps was called here" in done.stderr


def test_a_file_of_another_kind_is_not_overwritten(tmp_path, observe):
    (tmp_path / "a.py").write_text("open('ran', 'w')")
    (tmp_path / OUT).write_text("{}")
    done = observe(tmp_path, sys.executable, "a.py")
    assert done.returncode == 2
    assert (tmp_path / OUT).read_text() == "{}"
    assert not (tmp_path / "ran").exists()


def test_observed_sites_that_are_gone_are_named(tmp_path, program):
    program("import pickle\npickle.dumps(1)\n")
    tree = tmp_path / "tree"
    (tree / "program.py").write_text("import pickle\nprint(pickle.loads(b'N.'))\n")
    said = CliRunner().invoke(cli, ["scan", str(tree), "--observed", str(tree / OUT)]).output
    gone = "Observed at sites that are gone (rewritten, removed or moved): 1 (program.py:2)."
    assert gone in " ".join(said.split())


# --- slow ---------------------------------------------------------------------------------------------------


@pytest.mark.fleet
def test_the_workers_of_xdist_add_up(shop):
    root, _ = shop
    out = root.parent / "xdist.json"
    done = command(root, "observe", "--out", out, "--", sys.executable, *PYTEST, "-n", "2", "tests")
    assert done.returncode == 0, done.stdout
    alone, together = (json.loads(path.read_text()) for path in (root / OUT, out))
    assert together == alone


@pytest.mark.interpreters
@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10", "3.12", "3.13", "3.14"])
def test_programs_of_other_pythons(program, version):
    line = ["pyenv", "which", f"python{version}"]
    found = subprocess.run(line, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip(f"no Python {version} here")
    done = program(PASSED_THROUGH, found.stdout.strip())
    assert (done.returncode, done.stdout) == (0, "refused as ever\n"), done.stderr


@pytest.mark.benchmark
def test_a_large_value_costs_hardly_more(program):
    """The program measures itself: watched and not, in the same process."""
    text = """
import pickle, time
plain = getattr(pickle.dumps, "__wrapped__", pickle.dumps)
class P:
    def __init__(self, n):
        self.n, self.names = n, [str(n)] * 20
value = [P(n) for n in range(1000)]
def spent(function):
    before = time.process_time()
    for _ in range(200):
        function(value)
    return time.process_time() - before
spent(plain)
print(spent(pickle.dumps) / spent(plain))
"""
    done = program(text)
    assert float(done.stdout) < 2
