"""``tests``: a test module in the user's tree, which is theirs, passes, and can fail."""

from __future__ import annotations

import gzip
import itertools
import os
import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from migrate.cli import cli
from tests.reencode.support import CONVERTERS, write_program

CHECKOUT = Path(__file__).resolve().parents[2]
_NUMBERS = itertools.count()


@pytest.fixture
def name():
    """A name of a package that no other test imports."""
    return f"shop_under_test_{next(_NUMBERS)}"


@pytest.fixture
def program(tmp_path, name, monkeypatch):
    """A program with a converters module, which is imported into this process and forgotten again."""
    root = tmp_path / "program"
    root.mkdir()
    write_program(root, name=name)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield root
    for module in [module for module in sys.modules if module.partition(".")[0] == name]:
        del sys.modules[module]


def run(*arguments):
    return CliRunner().invoke(cli, ["tests", *map(str, arguments)], env={"COLUMNS": "300"})


def scan(command, folder):
    return CliRunner().invoke(cli, [command, str(folder)], env={"COLUMNS": "300"})


def tree(folder):
    skipped = {".pickle-migrate", "__pycache__", ".hypothesis"}
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not skipped & set(path.parts)
    }


def own_tests(folder, **variables):
    """Run the program's tests as its owner would; return the last line."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PICKLE_MIGRATE"))}
    env |= {"PYTHONPATH": os.pathsep.join([str(folder), str(CHECKOUT)]), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=.", "--tb=short"]
    done = subprocess.run(
        [*command, "tests/test_converters.py"],
        cwd=folder,
        env=env | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return re.sub(r" in .*", "", done.stdout.splitlines()[-1]), done.stdout


def stored(folder, name, number=4):
    """Write pickles of the program, and a JSON record; without importing the program here."""
    folder.mkdir()
    code = (
        f"import pickle, sys\nfrom {name}.models import Line, Order\n"
        f"for n in range({number}):\n"
        "    value = Order(n, [Line('pen' * n, n)], note=(1, b'x', frozenset({'a', 'b', 'c'})))\n"
        "    open(f'{sys.argv[1]}/{n}.order', 'wb').write(pickle.dumps(value, protocol=n % 6))\n"
    )
    root = folder.parent / "program"
    subprocess.run(
        [sys.executable, "-c", code, str(folder)], env=os.environ | {"PYTHONPATH": str(root)}, check=True
    )
    (folder / "plain.json").write_bytes(b'{"a":1}\n')
    return folder


# --- what is written -----------------------------------------------------------------------------


def test_without_write_it_prints_the_diff_and_changes_nothing(program, name):
    before = tree(program)
    result = run(program)
    assert result.exit_code == 0, result.output
    assert "+++ b/tests/test_converters.py\n" in result.stdout
    assert f'+    "{name}.models:Order",\n' in result.stdout
    assert "Apply with --write" in result.stderr
    assert tree(program) == before
    assert not (program / ".pickle-migrate").exists()


def test_there_and_back(program, tmp_path, name):
    data = stored(tmp_path / "data", name)
    before = tree(program)
    result = run(program, "--data", data, "--write")
    assert result.exit_code == 0, result.output
    assert "tests/test_converters.py" in tree(program)
    assert f"tests/records/{name}.converters/1.json" in tree(program)
    assert CliRunner().invoke(cli, ["undo", str(program)]).exit_code == 0
    assert tree(program) == before


def test_a_second_run_has_nothing_to_do(program, tmp_path, name):
    data = stored(tmp_path / "data", name)
    run(program, "--data", data, "--write")
    before = tree(program)
    for arguments in ([], ["--data", data]):
        again = run(program, *arguments, "--write")
        assert (again.exit_code, again.stdout) == (0, ""), again.output
        assert "There is nothing to change" in again.stderr
    assert tree(program) == before


def test_a_new_class_is_added_by_the_next_run(program, name):
    run(program, "--write")
    (program / name / "more.py").write_text("class Gift:\n    note: str\n")
    with (program / name / "converters.py").open("a") as file:
        file.write(f'codec.register("{name}.more:Gift")\n')
    for module in [module for module in sys.modules if module.startswith(f"{name}.")]:
        del sys.modules[module]
    result = run(program, "--write")
    assert result.exit_code == 0, result.output
    assert f'+    "{name}.more:Gift",\n' in result.stdout


def test_an_edited_module_is_replaced_with_force_only(program):
    run(program, "--write")
    file = program / "tests" / "test_converters.py"
    generated = file.read_bytes()
    edited = generated.replace(b"max_examples=20", b"max_examples=21")
    file.write_bytes(edited)
    result = run(program, "--write")
    assert result.exit_code == 1
    assert "tests/test_converters.py: was edited since it was generated; it stays as it is (--force" in (
        result.stderr
    )
    assert file.read_bytes() == edited
    assert run(program, "--write", "--force").exit_code == 0
    assert file.read_bytes() == generated
    CliRunner().invoke(cli, ["undo", str(program)])
    assert file.read_bytes() == edited


def test_a_module_of_the_users_own_is_not_replaced(program):
    (program / "tests").mkdir()
    file = program / "tests" / "test_converters.py"
    file.write_bytes(b"def test_ours(): pass\n")
    assert run(program, "--write").exit_code == 1
    assert file.read_bytes() == b"def test_ours(): pass\n"


def test_another_place(program, name):
    result = run(program, "--output", f"{name}/checks/test_data.py", "--write")
    assert result.exit_code == 0, result.output
    assert f"{name}/checks/test_data.py" in tree(program)
    assert "Run them: pytest" in result.stderr


@pytest.mark.parametrize("output", ["/tmp/test_it.py", "../test_it.py", "tests/it.txt"])
def test_a_place_that_is_none(program, output):
    result = run(program, "--output", output, "--write")
    assert result.exit_code == 2
    assert "is no .py file below PATH" in result.stderr


def test_each_of_several_converters_modules_has_its_tests(program, name):
    other = program / name / "archive.py"
    other.write_text(CONVERTERS.replace("shop", name))
    result = run(program, "--write")
    assert result.exit_code == 0, result.output
    assert {f"tests/test_{name}_converters.py", f"tests/test_{name}_archive.py"} <= set(tree(program))
    result = run(program, "--output", "tests/test_all.py")
    assert result.exit_code == 2
    assert "--output names one file" in result.stderr
    assert run(other, "--output", "tests/test_one.py").exit_code == 0


def test_no_converters(tmp_path):
    (tmp_path / "app.py").write_text("import pickle\n")
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "no store below" in result.stderr


def test_converters_that_do_not_import_are_left_out(program, name):
    (program / name / "converters.py").write_text(
        CONVERTERS.replace("shop", name) + "\nraise RuntimeError('no')\n"
    )
    result = run(program)
    assert result.exit_code == 1
    assert f"{name}/converters.py: " in result.stderr
    assert "RuntimeError: no" in result.stderr
    assert "Traceback" not in result.output


def test_a_class_that_is_gone_is_skipped_with_its_reason(program, name):
    with (program / name / "converters.py").open("a") as file:
        file.write(f'codec.register("{name}.models:Gone")\n')
    result = run(program)
    assert result.exit_code == 0, result.output
    assert f'+        "{name}.models:Gone",\n' in result.stdout
    assert "is registered but cannot be imported" in result.stdout


# --- stored data ---------------------------------------------------------------------------------


def records(program, name):
    folder = program / "tests" / "records" / f"{name}.converters"
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_small_records_are_kept_each_with_the_pickle_that_it_was(program, tmp_path, name):
    data = stored(tmp_path / "data", name, 5)
    run(program, "--data", data, "--samples", "2", "--write")
    kept = records(program, name)
    assert sorted(kept) == ["1.json", "2.json", "2.pickle", "3.json", "3.pickle"]
    assert kept["1.json"] == b'{"a":1}\n'
    assert {kept["2.pickle"], kept["3.pickle"]} == {(data / f"{n}.order").read_bytes() for n in (0, 1)}
    assert b'"number":0' in kept["2.json"] or b'"number":1' in kept["2.json"]


def test_records_are_added_and_none_is_replaced(program, tmp_path, name):
    data = stored(tmp_path / "data", name)
    run(program, "--data", data, "--samples", "1", "--write")
    before = records(program, name)
    run(program, "--data", data, "--samples", "3", "--write")
    after = records(program, name)
    assert len(after) > len(before)
    assert before.items() <= after.items()


def test_what_is_compressed_is_read(program, tmp_path, name):
    packed = tmp_path / "a.gz"
    packed.write_bytes(gzip.compress(pickle.dumps({"a": (1, 2)})))
    run(program, "--data", packed, "--write")
    assert records(program, name)["1.json"] == b'{"a":{"$tuple":[1,2]}}\n'


class Evil:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.system, (f"touch {self.marker}",)


def test_what_cannot_be_read_is_named_and_nothing_of_it_runs(program, tmp_path, name):
    data = stored(tmp_path / "data", name, 1)
    (data / "evil.pickle").write_bytes(pickle.dumps(Evil(tmp_path / "marker")))
    (data / "cut.pickle").write_bytes(pickle.dumps(list(range(1000)))[:-5])
    result = run(program, "--data", data, "--write")
    assert result.exit_code == 1
    assert re.search(r"evil\.pickle: .*system", result.stderr)
    assert re.search(r"cut\.pickle: .*\(truncated\)", result.stderr)
    assert not (tmp_path / "marker").exists()
    assert "0.order" not in result.stderr
    assert len(records(program, name)) == 3


def test_of_several_converters_modules_each_keeps_what_it_reads(program, tmp_path, name):
    other = program / name / "archive.py"
    other.write_text(CONVERTERS.replace("shop", name).replace(f'codec.register("{name}.models:Order")\n', ""))
    data = stored(tmp_path / "data", name, 2)
    result = run(program, "--data", data, "--write")
    assert result.exit_code == 0, result.output
    folder = program / "tests" / "records"
    assert [path.name for path in sorted((folder / f"{name}.archive").iterdir())] == ["1.json"]
    assert len(records(program, name)) == 5


def test_a_class_of_large_records_only_is_named(program, tmp_path):
    large = tmp_path / "large.json"
    large.write_bytes(b'["' + b"a" * 300_000 + b'"]\n')
    result = run(program, "--data", large, "--write")
    assert result.exit_code == 1
    assert "of list there are large records only; none is kept" in result.stderr
    assert not (program / "tests" / "records").exists()


def test_records_that_cannot_be_read_any_more_are_named_and_stay(program, tmp_path, name):
    data = stored(tmp_path / "data", name, 1)
    run(program, "--data", data, "--write")
    before = tree(program)
    with (program / "tests" / "records" / f"{name}.converters" / "9.json").open("wb") as file:
        file.write(b'{"$type":"Nobody"}\n')
    result = run(program, "--write")
    assert result.exit_code == 1
    assert re.search(r"9\.json: .*Nobody", result.stderr)
    assert before.items() <= tree(program).items()


def test_records_under_a_key_are_not_kept(program, tmp_path, name):
    converters = program / name / "converters.py"
    converters.write_text(
        converters.read_text()
        .replace("import Codec", "import Codec, Keys")
        .replace('stage="json"', 'signing=Keys({"k": b"k" * 32}), unsigned="legacy"')
    )
    result = run(program, "--data", stored(tmp_path / "data", name), "--write")
    assert result.exit_code == 1
    assert "its records are signed or encrypted; none is kept, for want of a key" in result.stderr
    assert not (program / "tests" / "records").exists()
    assert "tests/test_converters.py" in tree(program)


def test_a_program_that_takes_no_bare_pickles_gets_no_test_of_them(program, name):
    converters = program / name / "converters.py"
    converters.write_text(
        converters.read_text()
        .replace("import Codec", "import Codec, Keys")
        .replace('stage="json"', 'signing=Keys({"k": b"k" * 32})')
    )
    result = run(program)
    assert result.exit_code == 0, result.output
    assert "pickle.loads" not in result.stdout


# --- what the generated tests do -----------------------------------------------------------------


def test_they_are_no_new_use_of_pickle(program):
    run(program, "--write")
    assert scan("guard", program).exit_code == 0, scan("guard", program).output
    assert "no word of pickle-migrate" not in scan("scan", program).output


@pytest.mark.fuzz
def test_they_pass_and_fail_when_a_hook_loses_something(program, tmp_path, name):
    data = stored(tmp_path / "data", name)
    assert run(program, "--data", data, "--write").exit_code == 0
    verdict, output = own_tests(program)
    assert verdict == "11 passed", output
    broken = (
        "\ncodec.converter.register_structure_hook(\n"
        f"    __import__('{name}.models').models.Line, lambda v, t: t(v['sku'].strip('p'), v['count'])\n)\n"
    )
    with (program / name / "converters.py").open("a") as file:
        file.write(broken)
    verdict, output = own_tests(program)
    assert "failed" in verdict, output
    for test in ("test_round_trip", "test_releases_read_each_other", "test_stored_record"):
        assert f"FAILED tests/test_converters.py::{test}" in output


@pytest.mark.fuzz
@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_shop_through_all_stages_until_the_tool_is_gone(tmp_path, hash_seed):
    shop = Path(shutil.copytree(CHECKOUT / "golden" / "shop" / "after", tmp_path / "shop"))
    (tmp_path / "data").mkdir()
    env = os.environ | {"PYTHONPATH": str(CHECKOUT), "PYTHONDONTWRITEBYTECODE": "1"}

    def tool(*arguments):
        command = [sys.executable, "-m", "migrate", *arguments]
        done = subprocess.run(command, cwd=shop, env=env, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    code, _, errors = tool("tests", ".", "--data", "data", "--write")
    assert code == 1  # one file is of Python 2, and not ASCII
    assert [line for line in errors.splitlines() if ".pkl" in line] == [
        "data/customers-2009.pkl: [0].name: an 8-bit string of Python 2 is not ASCII: "
    ]
    for stage in ("dual-read", "json"):
        verdict, output = own_tests(shop, PICKLE_MIGRATE_STAGE=stage, PYTHONHASHSEED=hash_seed)
        assert verdict == "82 passed, 8 skipped", output
    converters = shop / "shop" / "converters.py"
    converters.write_text(converters.read_text().replace('stage="json"', 'stage="json-only"'))
    verdict, output = own_tests(shop, PYTHONHASHSEED=hash_seed)
    assert verdict == "69 passed, 21 skipped", output
    assert tool("retire", ".", "--stock", str(tmp_path / "data"), "--unwatched", "--write")[0] == 0
    assert "migrate" not in (shop / "tests" / "test_converters.py").read_text()
    verdict, output = own_tests(shop, PYTHONHASHSEED=hash_seed)
    assert verdict == "41 passed, 4 skipped", output
