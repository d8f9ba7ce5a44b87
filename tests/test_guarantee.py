"""Nothing executes: no module of the package can reach what runs or imports by a name from data.

Two checks. The first reads our own source and holds every suspicious use against a list with reasons. The
second decodes, describes and lands every hostile and benign pickle of the tests in a process whose audit
hook would see any import, call or file access that the data caused.
"""

import ast
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from migrate.runtime import DecodeError, Stage
from migrate.runtime.fallback import execute
from migrate.runtime.stage import start

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "migrate"

EXECUTING_MODULES = frozenset(
    {"pickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "copyreg"}
)
LOADERS = frozenset({"load", "loads", "Unpickler", "_Unpickler", "_loads", "_load"})
CALLS = frozenset(
    {"eval", "exec", "compile", "__import__", "import_module", "run_path", "run_module", "find_class"}
)

ALLOWED = {
    # The observe stage leaves the program's own use of pickle as it was (docs/design.md). The one named door.
    ("migrate/runtime/fallback.py", "execute", "pickle.loads"),
    ("migrate/runtime/fallback.py", "execute", "pickle.load"),
    # The seal's door: after a key has vouched for every byte (docs/tasks/seals.md). The other named door.
    ("migrate/runtime/seals.py", "execute_sealed", "pickle.loads"),
    # The C unpickler below our own find_class and persistent_load, over a rewritten stream.
    ("migrate/legacy/_fast_machine.py", "<module>", "_pickle.Unpickler"),
    # The same, over a stream of which every opcode was held against a grammar; see test_sketches.py.
    ("migrate/legacy/sketches.py", "<module>", "_pickle.Unpickler"),
    # Imports of names that the user's converters module declares, never of names in data.
    ("migrate/runtime/resolve.py", "resolve", "import_module"),
    ("migrate/runtime/resolve.py", "_dotted", "import_module"),
    ("migrate/runtime/annotations.py", "_elsewhere", "__import__"),
    # Imports of what the user names on the command line, and of our own commands.
    ("migrate/reencode/converters.py", "*", "import_module"),
    ("migrate/cli/__init__.py", "get_command", "import_module"),
    # SQLAlchemy's: a statement to the text of its SQL.
    ("migrate/reencode/sql.py", "_update", "compile"),
    # In the user's process, not in ours: passes on the calls that the program makes anyway (`observe`).
    ("migrate/evidence/watch.py", "install", "getattr(pickle)"),
    ("migrate/evidence/watch.py", "_begin", "import_module"),
    # A module of the runtime, ours or its vendored copy, whichever the user's converters import.
    ("migrate/cli/tests.py", "_strategies_of", "import_module"),
}


class _Uses(ast.NodeVisitor):
    """Every place where a module loads pickles or executes by name, as (function, what)."""

    def __init__(self) -> None:
        self.function = ["<module>"]
        self.modules: dict[str, str] = {}
        self.found: list[tuple[str, str]] = []

    def visit_FunctionDef(self, node):
        self.function.append(node.name)
        self.generic_visit(node)
        self.function.pop()

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Import(self, node):
        for alias in node.names:
            if alias.name.split(".")[0] in EXECUTING_MODULES:
                self.modules[alias.asname or alias.name] = alias.name

    def visit_ImportFrom(self, node):
        for alias in node.names:
            if node.module in EXECUTING_MODULES and (alias.name in LOADERS or alias.name == "*"):
                self.found.append((self.function[-1], f"{node.module}.{alias.name}"))

    def visit_Attribute(self, node):
        if isinstance(node.value, ast.Name) and node.value.id in self.modules and node.attr in LOADERS:
            self.found.append((self.function[-1], f"{self.modules[node.value.id]}.{node.attr}"))
        self.generic_visit(node)

    def visit_Call(self, node):
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        owner = getattr(function.value, "id", "") if isinstance(function, ast.Attribute) else ""
        if name == "getattr" and node.args and getattr(node.args[0], "id", "") in self.modules:
            self.found.append((self.function[-1], f"getattr({node.args[0].id})"))
        if name in CALLS and not (name == "compile" and owner == "re"):
            self.found.append((self.function[-1], name))
        self.generic_visit(node)


def uses(source: str) -> list[tuple[str, str]]:
    found = _Uses()
    found.visit(ast.parse(source))
    return found.found


def test_no_module_reaches_what_executes():
    wrong, met = [], set()
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        for function, what in uses(path.read_text(encoding="utf-8")):
            exact, anywhere = (name, function, what), (name, "*", what)
            met |= {exact, anywhere} & ALLOWED
            if not {exact, anywhere} & ALLOWED:
                wrong.append(f"{name}, {function}: {what}")
    assert wrong == []
    assert ALLOWED - met == set(), "these exceptions are not needed any more"


@pytest.mark.parametrize(
    "source",
    [
        "import pickle\npickle.loads(x)",
        "import pickle as p\ndef f(x):\n return p.load(x)",
        "from pickle import loads",
        "from _pickle import *",
        "import marshal\nmarshal.loads(x)",
        "import pickle\ngetattr(pickle, name)(x)",
        "eval(x)",
        "import importlib\nimportlib.import_module(x)",
        "super().find_class(a, b)",
        "import pickle\ndef f(x):\n load = pickle.loads",
    ],
)
def test_the_check_sees(source):
    assert uses(source)


def test_the_door_stands_open_in_the_observe_stage_only():
    """What executes a pickle asks for the position itself, whoever calls it."""
    path = PACKAGE / "runtime" / "fallback.py"
    doors = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and uses(ast.unparse(node))
    ]
    assert [door.name for door in doors] == ["execute"]
    inside = [branch for branch in doors[0].body if isinstance(branch, ast.If)]
    assert [ast.unparse(branch.test) for branch in inside] == ["position.reads is Reads.PICKLE"]
    outside = [statement for statement in doors[0].body if statement not in inside]
    assert not uses("\n".join(map(ast.unparse, outside)))
    for stage in ("dual-read", "json", "json-only"):
        with pytest.raises(DecodeError, match="observe"):
            execute(start(Stage(stage)), {}, b"cos\ngetpid\n)R.")


WATCHED = textwrap.dedent(
    """
    import sys
    from tests.legacy.attacks import EXECUTE, EXHAUST, SURVIVE
    from tests.legacy.corpus import SEEDS
    from migrate.legacy import Limits, MigrateError, examine
    from migrate.legacy.inspect import describe, to_json, verdict
    from migrate.runtime import Codec
    import migrate.runtime.landing

    codec = Codec("guarantee")

    def everything(data):
        for engine in ("fast", "reference"):
            try:
                found = examine(data, engine=engine)
            except MigrateError:
                continue
            describe(found.root), to_json(found.root), verdict(found.root, found.dropped)
        for read in (codec.to_wire, codec.loads):
            try:
                read(data)
            except (MigrateError, EOFError):
                pass

    events = []
    armed = False
    def hook(event, args):
        if armed and event != "builtins.id":  # our own visiting calls it, and it tells a number
            events.append((event, repr(args)[:200]))

    pickles = [*SEEDS, *EXECUTE.values(), *EXHAUST.values(), *SURVIVE.values()]
    for data in pickles:  # what is imported lazily, is imported now: by our own code, not by the data
        everything(data)
    sys.addaudithook(hook)
    armed = True
    for data in pickles:
        everything(data)
    armed = False
    for event in events[:20]:
        print(*event)
    print("pickles", len(pickles), "events", len(events))
    """
)


def test_no_event_is_audited_while_pickles_are_read():
    done = subprocess.run(
        [sys.executable, "-c", WATCHED], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["pickles", done.stdout.split()[1], "events", "0"], done.stdout
    assert int(done.stdout.split()[1]) > 150


def test_the_hook_sees_what_pickle_does():
    """The same hook, with pickle itself in our place: the test above can fail."""
    loads = "import pickle; pickle.loads(b'cgc\\nisenabled\\n.')"
    program = WATCHED.replace("def everything(data):", f"def everything(data):\n    {loads}; return")
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert "pickle.find_class" in done.stdout
