"""``pickle-migrate reencode`` as a person meets it: real processes on real files."""

import json
import os
import pickle
import re
import subprocess

import pytest

from tests.reencode.support import PICKLE_ORDERS, PYTHON, Evil, pickled, write_program

REENCODE = (PYTHON, "-m", "migrate", "reencode")


@pytest.fixture
def program(tmp_path):
    """A project: a package, its converters, and six stored orders, one in each protocol."""
    (tmp_path / "pyproject.toml").write_text("")
    write_program(tmp_path)
    (tmp_path / "data").mkdir()
    python(tmp_path, PICKLE_ORDERS, "data", "6")
    return tmp_path


def python(root, code, *arguments):
    done = subprocess.run(
        [PYTHON, "-c", code, *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def reencode(root, *arguments, status=0, **environment):
    done = subprocess.run(
        [*REENCODE, *map(str, arguments)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def report(root, *arguments, status=0, **environment):
    return json.loads(reencode(root, "--json", *arguments, status=status, **environment).stdout)


def contents(root):
    return {path.name: path.read_bytes() for path in (root / "data").iterdir()}


# --- the main job -------------------------------------


def test_orders_are_converted_and_the_program_reads_them(program):
    found = report(program, "data")
    assert len(found["converted"]) == 6
    assert found["failed"] == []
    assert found["classes"] == {"Order": 6, "Line": 12}
    assert found["converters"] == "shop.converters"
    assert all(entry["checked_as_objects"] for entry in found["converted"])
    code = """
from shop.converters import codec
from shop.models import Line, Order
for n in range(6):
    with open(f"data/{n}.order", "rb") as file:
        assert codec.load(file, Order) == Order(n, [Line("pen", 2), Line("ink", n)], (1, b"x", {3: None}))
"""
    python(program, code)


def test_rerun_is_a_no_op(program):
    reencode(program, "data")
    before = contents(program)
    assert "0 converted, 0 left as they are, 6 JSON already." in reencode(program, "data").stdout
    assert contents(program) == before


def test_rerun_without_ledger_is_a_no_op(program):
    reencode(program, "data", "--ledger", "one.sqlite")
    before = contents(program)
    assert report(program, "data", "--ledger", "two.sqlite")["already_json"] == 6
    assert contents(program) == before


def test_data_directory_gets_no_entry_besides(program):
    reencode(program, "data")
    assert sorted(contents(program)) == [f"{n}.order" for n in range(6)]
    assert (program / ".pickle-migrate" / "reencode.sqlite").exists()


def test_dry_run(program):
    before = contents(program)
    done = reencode(program, "data", "--dry-run")
    assert "6 would be converted" in done.stdout
    assert contents(program) == before
    assert not (program / ".pickle-migrate").exists()


def test_backup(program):
    before = contents(program)
    reencode(program, "data", "--backup")
    after = contents(program)
    assert {n: after[f"{n}.pickle-backup"] for n in before} == before
    assert report(program, "data", "--backup")["converted"] == []


def test_python_2_strings_need_their_encoding(program):
    (program / "data" / "old").write_bytes(b"U\x03\xc3\xa9x.")
    assert report(program, "data/old", status=1)["failed"][0]["reason"] == "python2-bytes"
    reencode(program, "data/old", "--encoding", "utf-8")
    assert json.loads((program / "data" / "old").read_bytes()) == "éx"


def test_without_the_classes_the_data_are_converted_all_the_same(program):
    (program / "shop" / "models.py").unlink()
    found = report(program, "data")
    assert len(found["converted"]) == 6
    assert not any(entry["checked_as_objects"] for entry in found["converted"])
    assert "shop.models" in found["notes"][0]


def test_as_data_does_not_import_the_classes(program):
    (program / "shop" / "models.py").write_text("open('imported', 'w')\n")
    reencode(program, "data", "--as-data")
    assert not (program / "imported").exists()


def test_without_converters_plain_data_are_converted(tmp_path):
    (tmp_path / "plain").write_bytes(pickled({"a": [1, (2,)]}))
    done = reencode(tmp_path, "plain")
    assert "no converters module" in done.stdout
    assert json.loads((tmp_path / "plain").read_bytes()) == {"a": [1, {"$tuple": [2]}]}


# --- what is left as it is ----------------------------


def test_hostile_and_damaged_files_are_listed_and_nothing_runs(program):
    data, marker = program / "data", program / "marker"
    for protocol in range(6):
        (data / f"evil{protocol}").write_bytes(pickled(Evil(marker), protocol))
    (data / "cut").write_bytes(pickled(["x" * 99])[:-4])
    before = contents(program)
    found = report(program, "data", status=1)
    assert len(found["converted"]) == 6
    assert found["reasons"] == {"unsafe-global": 6, "truncated": 1}
    assert not marker.exists()
    after = contents(program)
    assert {n: b for n, b in after.items() if not n.endswith("order")} == {
        n: b for n, b in before.items() if not n.endswith("order")
    }


def test_class_that_is_not_registered_is_listed_with_advice(program):
    python(program, "import pickle, fractions; pickle.dump(pickle.Pickler, open('data/x', 'wb'))")
    done = reencode(program, "data", status=1)
    assert "unknown-global" in done.stdout
    assert "Register it" in " ".join(done.stdout.split())
    assert "6 converted, 1 left as it is" in done.stdout


def test_stops_at_max_failures(program):
    for name in "abcd":
        (program / "data" / name).write_bytes(pickled(["x" * 99])[:-4])
    found = report(program, "data", "--max-failures", "1", status=1)
    assert found["stopped"]
    assert len(found["failed"]) == 2


def test_file_without_pickles_is_no_failure(program):
    (program / "readme").write_text("text")
    done = reencode(program, "readme")
    assert "readme: holds neither pickles nor JSON" in done.stdout


# --- mistakes of the command --------------------------


def test_path_that_is_not_there(program):
    assert "does not exist" in reencode(program, "nowhere", status=2).stderr


def test_several_converters_modules(program):
    write_program(program, name="back")
    done = reencode(program, "data", status=2)
    assert "--converters back/converters.py" in done.stderr
    assert "--converters shop/converters.py" in done.stderr
    assert len(report(program, "data", "--converters", "shop.converters")["converted"]) == 6


def test_converters_that_do_not_load(program):
    assert "cannot be imported" in reencode(program, "data", "--converters", "nothing.here", status=2).stderr


def test_encoding_that_does_not_exist(program):
    assert "no encoding 'klingon'" in reencode(program, "data", "--encoding", "klingon", status=2).stderr


def test_stage_whose_readers_know_no_json(program):
    done = reencode(program, "data", status=2, PICKLE_MIGRATE_STAGE="observe")
    assert "observe" in done.stderr


def test_ledger_that_cannot_be_used(program):
    (program / "broken.sqlite").write_text("this is no database, whatever its name says" * 50)
    found = report(program, "data", "--ledger", "broken.sqlite")
    assert len(found["converted"]) == 6
    assert "no ledger" in found["notes"][0]


# --- output -------------------------------------------


def test_piped_output_has_no_colours_and_fits(program):
    done = reencode(program, "data", FORCE_COLOR="")
    assert "\x1b" not in done.stdout + done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert re.search(r"pickle 4 -> JSON +1", done.stdout)


def test_names_cannot_act_on_the_terminal(program):
    name = "x\x1b[31m[bold]y"
    (program / "data" / name).write_bytes(pickled([1]))
    assert "x\\x1b[31m[bold]y" in reencode(program, "data").stdout


def test_help_names_the_exit_status(program):
    assert "Exit status" in reencode(program, "--help").stdout


def test_a_file_that_would_grow_beyond_measure_is_left_and_named(tmp_path):
    data = pickle.dumps(["some text of a few words " * 400] * 2000, 4)
    (tmp_path / "often.pkl").write_bytes(data)
    run = [PYTHON, "-m", "migrate", "reencode", "often.pkl"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, (tmp_path / "often.pkl").read_bytes()) == (1, data)
    said = " ".join(done.stdout.split())
    assert "often.pkl: as JSON it would be longer than 16,777,216 bytes" in said
    assert "(limit)" in said
    subprocess.run([*run, "--max-growth", "2000"], cwd=tmp_path, check=True)
    assert (tmp_path / "often.pkl").stat().st_size > 2000 * 10_000
