"""Killed at any point, disk full, a writer in between: nothing is lost, and a rerun finishes the work."""

import json
import random
import resource
import signal
import subprocess
import threading
import time

import pytest

from .support import PYTHON, pickled

FILES = 20
KILLS = 40
RUN = """
import os, signal, sys, time
from functools import partial
from pathlib import Path
from migrate.reencode import Ledger, LocalTree, ThroughCodec, convert, could_hold, reencode
from migrate.runtime import Codec

root, backup, ledger = Path(sys.argv[1]), "--backup" in sys.argv, "--no-ledger" not in sys.argv
conversion = partial(convert, convert_record=ThroughCodec(Codec("kill")))

def run():
    store = LocalTree([root / "data"], interesting=could_hold, backup=backup)
    with Ledger(root / ".pickle-migrate" / "reencode.sqlite" if ledger else None) as book:
        for outcome in reencode(store, conversion, book):
            print(outcome.state.value, outcome.reason, Path(outcome.key).name, flush=True)
"""
RUN_ONCE = RUN + "print('ready', flush=True); run()"
RUN_AND_KILL = (
    RUN
    + """
conversion(b"N.")  # what is imported at first use is imported before the clock starts
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        run()
        os._exit(0)
    time.sleep(float(line))
    os.kill(child, signal.SIGKILL)
    print(os.waitpid(child, 0)[1], flush=True)
"""
)


def value_of(number):
    return [number, "x" * number, {"next": [number + 1]}]


def write_stock(data):
    data.mkdir(exist_ok=True)
    for number in range(FILES):
        (data / f"{number}.bin").write_bytes(pickled(value_of(number), number % 6))


def start(root, *options, **popen):
    process = subprocess.Popen(
        [PYTHON, "-c", RUN_ONCE, str(root), *options], stdout=subprocess.PIPE, text=True, **popen
    )
    assert process.stdout.readline() == "ready\n"
    return process


def finish(root, *options, **popen):
    """Run to the end; returns (state, reason) by file name."""
    output, _ = start(root, *options, **popen).communicate(timeout=60)
    return {
        name: (state, reason) for state, reason, name in (line.split(" ") for line in output.splitlines())
    }


def check_old_or_new(data):
    """Every file is there and is either as it was or converted; returns how many are converted."""
    converted = 0
    for number in range(FILES):
        found = (data / f"{number}.bin").read_bytes()
        if found != pickled(value_of(number), number % 6):
            assert json.loads(found) == value_of(number)
            converted += 1
    return converted


@pytest.mark.parametrize("options", [(), ("--backup",)])
def test_killed_at_random_points(tmp_path, options):
    data = tmp_path / "data"
    write_stock(data)
    process = start(tmp_path, *options)
    started = time.monotonic()
    process.communicate(timeout=60)
    longest = time.monotonic() - started

    choose, halfway = random.Random(7), 0
    command = [PYTHON, "-c", RUN_AND_KILL, str(tmp_path), *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as killer:
        for number in range(10 * KILLS):
            if number >= KILLS // 2 and halfway > KILLS // 10:
                break
            write_stock(data)
            delay = choose.uniform(0.0, longest)
            killer.stdin.write(f"{delay}\n")
            killer.stdin.flush()
            status = int(killer.stdout.readline())
            assert status in (signal.SIGKILL, 0)
            converted = check_old_or_new(data)
            halfway += 0 < converted < FILES
            if status == 0 or converted == FILES:  # too late: the first run was slower than these are
                longest = max(delay, longest / 2)
        killer.stdin.close()
    assert halfway > KILLS // 10, "the kills missed the work"

    write_stock(data)
    assert {state for state, _ in finish(tmp_path, *options).values()} == {"converted"}
    assert check_old_or_new(data) == FILES
    assert not list(data.glob(".*"))
    assert {state for state, _ in finish(tmp_path, *options).values()} == {"nothing"}


def test_disk_that_takes_only_small_files(tmp_path):
    data = tmp_path / "data"
    write_stock(data)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (40, 40))

    process = subprocess.run(
        [PYTHON, "-c", RUN_ONCE, str(tmp_path), "--no-ledger"],
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=True,
    )
    reasons = {line.split(" ")[1] for line in process.stdout.splitlines()[1:]}
    assert reasons == {"", "write-failed"}
    assert 0 < check_old_or_new(data) < FILES
    assert not list(data.glob(".*"))
    finish(tmp_path)
    assert check_old_or_new(data) == FILES


def test_writer_that_races(tmp_path):
    """Replacing whole files as careful programs do: whatever was written last is what is there."""
    data = tmp_path / "data"
    write_stock(data)
    stop = threading.Event()
    last = {}

    def keep_writing():
        choose = random.Random(3)
        while not stop.is_set():
            number = choose.randrange(FILES)
            last[number] = last.get(number, 0) + 1
            new = data.parent / "new"
            new.write_bytes(pickled([number, last[number]]))
            new.replace(data / f"{number}.bin")

    writer = threading.Thread(target=keep_writing)
    process = start(tmp_path)
    writer.start()
    process.communicate(timeout=60)
    stop.set()
    writer.join()
    finish(tmp_path)
    for number, count in last.items():
        assert json.loads((data / f"{number}.bin").read_bytes()) == [number, count]
