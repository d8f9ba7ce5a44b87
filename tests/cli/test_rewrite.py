"""``scan``, ``rewrite`` and ``undo`` as a user calls them, and what the rewritten programs then do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.support import run_here as migrate

STORE = b"""import pickle
from dataclasses import dataclass


@dataclass
class Order:
    number: int
    tags: list[str]


def save(order: Order, path):
    with open(path, "wb") as f:
        pickle.dump(order, f, protocol=2)


def load(path) -> Order:
    with open(path, "rb") as f:
        return pickle.load(f)


def save_any(data, f):
    pickle.dump([str(data)], f)
"""
ASKING = b"import pickle\ndef keep(data, f):\n    pickle.dump(data, f)\n"
PYTHON2 = b"import cPickle\nprint cPickle.loads('N.')\n"


def snapshot(root: Path) -> dict[str, bytes]:
    return {
        p.relative_to(root).as_posix(): p.read_bytes()
        for p in sorted(root.rglob("*"))
        if p.is_file() and ".pickle-migrate" not in p.parts and "__pycache__" not in p.parts
    }


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "tree"
    (root / "shop").mkdir(parents=True)
    (root / "shop" / "__init__.py").write_bytes(b"")
    (root / "shop" / "store.py").write_bytes(STORE)
    return root


def test_help_names_every_command(tmp_path):
    out = migrate("--help", cwd=tmp_path).stdout.decode()
    assert all(name in out for name in ("scan", "rewrite", "inspect", "reencode", "undo"))


def test_help_is_quick_because_it_loads_no_room():
    code = "import sys; from migrate.cli import cli\ntry: cli(['--help'])\nexcept SystemExit: pass\n"
    code += "print([m for m in ('libcst', 'cattrs', 'msgspec', 'rich', 'migrate.sites') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1] == "[]"


def test_an_unknown_command_is_a_usage_error(tmp_path):
    done = migrate("rewrit", cwd=tmp_path)
    assert done.returncode == 2
    assert b"No such command" in done.stderr


def test_scan_lists_sites_classes_and_data(tree):
    (tree / "old.bin").write_bytes(b"\x80\x04K\x05.")
    done = migrate("scan", ".", "--json", cwd=tree)
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert [s["operation"] for s in found["sites"]] == ["dump", "load", "dump"]
    assert [c["class"] for c in found["classes"]] == ["shop.store:Order"]
    assert found["classes"][0]["fields"] == {"number": "int", "tags": "list[str]"}
    assert found["data"] == ["old.bin"]


def test_scan_prints_80_columns_without_colour_when_piped(tree):
    out = migrate("scan", ".", cwd=tree).stdout.decode()
    assert "shop/store.py:13" in out
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80


def test_scan_of_a_folder_without_python_says_so(tmp_path):
    done = migrate("scan", ".", cwd=tmp_path)
    assert done.returncode == 1
    assert b"no Python source" in done.stderr


def test_rewrite_prints_a_patch_that_applies_and_changes_nothing(tree):
    before = snapshot(tree)
    done = migrate("rewrite", ".", cwd=tree)
    assert done.returncode == 0
    assert snapshot(tree) == before
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    subprocess.run(["git", "apply", "--check"], cwd=tree, input=done.stdout, check=True)
    subprocess.run(["git", "apply"], cwd=tree, input=done.stdout, check=True)
    patched = snapshot(tree)
    assert migrate("undo", ".", cwd=tree).returncode == 1
    for path, text in before.items():
        (tree / path).write_bytes(text)
    (tree / "shop" / "converters.py").unlink()
    migrate("rewrite", ".", "--write", cwd=tree)
    assert {k: v for k, v in snapshot(tree).items() if not k.startswith(".git/")} == {
        k: v for k, v in patched.items() if not k.startswith(".git/")
    }


def test_the_diff_is_printed_byte_for_byte(tree):
    (tree / "shop" / "odd.py").write_bytes(
        b"import pickle\r\nx = pickle.dumps([1])  # [bold]caf\xc3\xa9[/]\r\n"
    )
    out = migrate("rewrite", ".", cwd=tree).stdout
    assert b"+x = converters.dumps([1])  # [bold]caf\xc3\xa9[/]\r\n" in out


def test_the_rewritten_program_reads_what_the_old_one_wrote(tree):
    program = "from shop import store; import sys; "
    write = program + "store.save(store.Order(7, ['a']), 'o.bin')"
    read = program + "print(store.load('o.bin'))"
    subprocess.run([sys.executable, "-c", write], cwd=tree, check=True)
    old = (tree / "o.bin").read_bytes()
    assert migrate("rewrite", ".", "--write", cwd=tree).returncode == 0
    out = subprocess.run(
        [sys.executable, "-c", read], cwd=tree, check=True, capture_output=True, text=True
    ).stdout
    assert out == "Order(number=7, tags=['a'])\n"
    subprocess.run([sys.executable, "-c", write], cwd=tree, check=True)
    assert (tree / "o.bin").read_bytes() != old
    assert json.loads((tree / "o.bin").read_bytes()) == {"$type": "Order", "number": 7, "tags": ["a"]}
    out = subprocess.run(
        [sys.executable, "-c", read], cwd=tree, check=True, capture_output=True, text=True
    ).stdout
    assert out == "Order(number=7, tags=['a'])\n"


def test_a_second_run_changes_nothing(tree):
    migrate("rewrite", ".", "--write", cwd=tree)
    once = snapshot(tree)
    done = migrate("rewrite", ".", "--write", cwd=tree)
    assert done.returncode == 0
    assert snapshot(tree) == once


def test_the_printed_command_takes_it_all_back(tree):
    before = snapshot(tree)
    done = migrate("rewrite", ".", "--write", cwd=tree)
    assert b"pickle-migrate undo ." in done.stderr
    assert snapshot(tree) != before
    assert migrate("undo", ".", cwd=tree).returncode == 0
    assert snapshot(tree) == before


def test_undo_leaves_a_file_alone_that_was_changed_since(tree):
    migrate("rewrite", ".", "--write", cwd=tree)
    mine = (tree / "shop" / "store.py").read_bytes() + b"# mine\n"
    (tree / "shop" / "store.py").write_bytes(mine)
    done = migrate("undo", ".", cwd=tree)
    assert done.returncode == 1
    assert b"changed since" in done.stdout
    assert (tree / "shop" / "store.py").read_bytes() == mine


def test_what_asks_a_question_waits_for_the_answer(tree):
    (tree / "shop" / "asking.py").write_bytes(ASKING)
    migrate("rewrite", ".", "--write", cwd=tree)
    assert (tree / "shop" / "asking.py").read_bytes() == ASKING
    migrate("rewrite", ".", "--write", "--include", "review", cwd=tree)
    assert b"converters.dump(data, f)" in (tree / "shop" / "asking.py").read_bytes()


def test_every_site_that_is_left_has_a_reason(tree):
    (tree / "shop" / "asking.py").write_bytes(ASKING)
    (tree / "shop" / "copy.py").write_bytes(b"import pickle\ny = pickle.loads(pickle.dumps([1]))\n")
    outcome = json.loads(migrate("rewrite", ".", "--json", cwd=tree).stdout)
    assert {site["reason"] for site in outcome["left"]} == {"unknown-classes", "deepcopy-idiom"}
    assert all(site["reason"] for site in outcome["left"])


def test_the_stage_is_written_as_asked(tree):
    migrate("rewrite", ".", "--write", "--stage", "dual-read", cwd=tree)
    assert b'stage="dual-read"' in (tree / "shop" / "converters.py").read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("old.py", PYTHON2, "python2-source"),
        ("bad.py", b"import pickle\ndef (:\n", "does-not-parse"),
        ("latin.py", b"import pickle\n# caf\xe9\n", "not-utf8"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_the_rest_goes_on(tree, name, content, reason):
    (tree / "shop" / name).write_bytes(content)
    done = migrate("rewrite", ".", "--write", cwd=tree)
    assert f"shop/{name}".encode() in done.stderr
    assert reason.encode() in done.stderr
    assert b"Traceback" not in done.stderr
    assert done.returncode == 1
    assert (tree / "shop" / name).read_bytes() == content
    assert b"converters" in (tree / "shop" / "store.py").read_bytes()


@pytest.mark.skipif(
    os.geteuid() == 0 and not Path("/usr/bin/chattr").exists(), reason="root may write anything here"
)
def test_a_read_only_file_is_named_and_the_rest_goes_on(tree):
    (tree / "shop" / "more.py").write_bytes(b"import pickle\nx = pickle.dumps([1])\n")
    (tree / "shop" / "more.py").chmod(0o444)
    done = migrate("rewrite", ".", "--write", cwd=tree)
    assert done.returncode == 1
    assert b"shop/more.py" in done.stderr
    assert b"read-only" in done.stderr
    assert b"pickle.dumps" in (tree / "shop" / "more.py").read_bytes()
    assert b"converters" in (tree / "shop" / "store.py").read_bytes()


def test_a_tree_with_a_migrate_of_its_own_still_runs(tree):
    (tree / "migrate.py").write_bytes(b"raise SystemExit('the wrong migrate')\n")
    done = migrate("rewrite", tree, "--write", cwd=tree.parent)
    assert done.returncode == 0, done.stderr
    program = "from shop import store; store.save(store.Order(7, ['a']), 'o'); print(store.load('o'))"
    out = subprocess.run(
        [sys.executable, "-c", program], cwd=tree, capture_output=True, text=True, check=False
    )
    assert out.stdout == "Order(number=7, tags=['a'])\n", out.stderr


def test_one_file_can_be_rewritten_by_itself(tmp_path):
    script = tmp_path / "script.py"
    script.write_bytes(b"import pickle\nprint(pickle.loads(pickle.dumps([1]) or b''))\n")
    done = migrate("rewrite", script, "--write", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    out = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True).stdout
    assert out == "[1]\n"


def test_a_fault_of_the_program_is_not_taken_for_something_left_out(tree):
    code = "import migrate.cli, migrate.cli.rewrite as r, sys\nr.survey = None\n"
    code += "sys.argv[1:] = ['rewrite', '.']\nmigrate.cli.main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=tree, capture_output=True, check=False)
    assert done.returncode == 3
    assert b"a fault of the program" in done.stderr


def test_a_second_run_over_a_vendored_runtime_changes_nothing(tree):
    migrate("rewrite", ".", "--write", "--vendor", cwd=tree)
    once = snapshot(tree)
    assert "shop/_pickle_migrate/runtime/codec.py" in once
    done = migrate("rewrite", ".", "--write", "--vendor", cwd=tree)
    assert done.returncode == 0
    assert snapshot(tree) == once


def test_a_new_site_after_vendoring_needs_no_new_runtime(tree):
    migrate("rewrite", ".", "--write", "--vendor", cwd=tree)
    (tree / "shop" / "more.py").write_bytes(b"import pickle\nx = pickle.dumps([1])\n")
    done = migrate("rewrite", ".", "--write", "--vendor", cwd=tree)
    assert done.returncode == 0, done.stderr
    assert b"converters.dumps" in (tree / "shop" / "more.py").read_bytes()


def test_a_test_waits_when_the_module_that_it_tests_stays_with_pickle(tree):
    (tree / "shop" / "ids.py").write_bytes(
        b"import pickle\nclass P(pickle.Pickler):\n    def persistent_id(self, x): return None\n"
        b"def load(f):\n    return pickle.Unpickler(f, *[]).load()  # pickle-migrate: keep\n"
    )
    (tree / "tests").mkdir()
    test = b"import pickle\nfrom shop import ids\ndef test(f):\n    pickle.dump([1], f)\n    ids.load(f)\n"
    (tree / "tests" / "test_ids.py").write_bytes(test)
    outcome = json.loads(migrate("rewrite", ".", "--include", "review", "--json", cwd=tree).stdout)
    assert [s["reason"] for s in outcome["left"] if s["path"] == "tests/test_ids.py"] == [
        "channel-not-rewritten"
    ]


def test_rewrite_to_another_format(tree):
    done = migrate("rewrite", tree, "--write", "--format", "msgpack", cwd=tree)
    assert done.returncode == 0, done.stderr
    written = (tree / "shop" / "converters.py").read_text()
    assert 'codec = Codec("shop", stage="json", format="msgpack", ' in written
    code = "from shop.store import *; save(Order(1, ['a']), 'x'); print(load('x'), open('x', 'rb').read(4))"
    out = subprocess.run([sys.executable, "-c", code], cwd=tree, capture_output=True, text=True, check=True)
    assert out.stdout == "Order(number=1, tags=['a']) b'\\xc1mp1'\n"


def test_rewrite_to_a_format_that_does_not_exist(tree):
    done = migrate("rewrite", tree, "--format", "xml", cwd=tree)
    assert done.returncode == 2
    assert b"msgpack" in done.stderr


KEPT = b"""import pickle
a = pickle.dumps([1])  # pickle-migrate: keep[release 3 reads it]
b = pickle.dumps([2])  # noqa: S301
c = 1  # pickle-migrate: keep[moved away]
d = pickle.dumps([3])  # pickle-migrate: keep
"""


def test_kept_sites_stay_byte_for_byte_and_are_reported_with_their_reasons(tmp_path):
    (tmp_path / "app.py").write_bytes(KEPT)
    done = migrate("rewrite", ".", "--write", cwd=tmp_path)
    assert done.returncode == 0
    after = (tmp_path / "app.py").read_bytes()
    assert after == KEPT.replace(b"pickle.dumps([2])", b"converters.dumps([2])").replace(
        b"import pickle\n", b"import pickle\nimport converters\n"
    )
    report = " ".join(done.stderr.decode().split())
    assert "kept release 3 reads it" in report
    assert "app.py:3: `# noqa: S301` is kept" in report
    assert "app.py, line 4: `keep` suppresses nothing" in report
    assert "app.py, line 5: `keep` gives no reason" in report


def test_scan_lists_suppressions(tmp_path):
    (tmp_path / "app.py").write_bytes(KEPT)
    found = json.loads(migrate("scan", ".", "--json", cwd=tmp_path).stdout)
    assert [site.get("kept") for site in found["sites"]] == ["release 3 reads it", None, ""]
    assert [site.get("silenced") for site in found["sites"]] == [None, "# noqa: S301", None]
    assert [(s["line"], s["reason"], s["used"]) for s in found["suppressions"]] == [
        (2, "release 3 reads it", True),
        (4, "moved away", False),
        (5, "", True),
    ]
    text = " ".join(migrate("scan", ".", cwd=tmp_path).stdout.decode().split())
    assert "(unused-suppression)" in text
    assert "(suppression-without-reason)" in text
