"""``--isolated``: a worker within bounds, whose end is a line and not the end of the caller."""

import os
import pickle
import sys

import pytest
from click.testing import CliRunner

from migrate.cli.inspect import command
from migrate.cli.isolated import Bounds, run_confined
from migrate.legacy import MigrateError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs setrlimit")


def died(code, **bounds):
    with pytest.raises(MigrateError) as caught:
        run_confined([], code=code, bounds=Bounds(**bounds))
    assert caught.value.reason == "worker-died"
    return str(caught.value)


def test_it_prints_what_the_command_prints(tmp_path):
    file = tmp_path / "stored"
    file.write_bytes(pickle.dumps({"name": ["pen", 2]}))
    for options in ([], ["--json"], ["--ops"], ["--find", "Order"]):
        plain = CliRunner().invoke(command, [str(file), *options])
        confined = CliRunner().invoke(command, [str(file), *options, "--isolated"])
        assert (confined.exit_code, confined.stdout) == (plain.exit_code, plain.stdout)


def test_it_passes_on_what_is_wrong(tmp_path):
    file = tmp_path / "stored"
    file.write_bytes(b"hello")
    done = CliRunner().invoke(command, [str(file), "--isolated"])
    assert done.exit_code == 1
    assert "not-a-pickle" in done.output


def test_a_crash_of_the_interpreter():
    assert "SIGSEGV" in died("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")


def test_too_much_memory():
    assert "wanted more than 200 MiB" in died("bytearray(1 << 30)", memory=200 << 20)


def test_too_much_time():
    assert "SIGKILL" in died("while True: pass", seconds=1, patience=90)  # others use the processors as well


def test_the_bound_of_processor_time_is_the_kernels():
    code = "import resource; print(resource.getrlimit(resource.RLIMIT_CPU))"
    assert run_confined([], code=code, bounds=Bounds(seconds=7)).stdout == b"(7, 7)\n"


def test_waiting_for_ever():
    assert "did not end" in died("import time; time.sleep(60)", seconds=1)


def test_the_worker_cannot_write_files(tmp_path):
    target = tmp_path / "written"
    code = f"import os; os.write(os.open({str(target)!r}, os.O_CREAT | os.O_WRONLY), b'x')"
    assert run_confined([], code=code).status == 3
    assert not target.exists() or not target.read_text()


def test_the_current_directory_is_no_place_to_import_from(tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text(f"open({str(tmp_path / 'marker')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [part for part in sys.path if part])
    assert run_confined([], code="import json; print(json.__file__)").status == 0
    assert not (tmp_path / "marker").exists()
