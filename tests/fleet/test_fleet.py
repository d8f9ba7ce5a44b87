"""A fleet goes through all stages, with kills and rollbacks, and no value is unreadable or lost at any time.

Real processes share a store. Two adjacent releases run side by side in each deployment. Every reader checks
what it reads; every acknowledged write must be there in the end. ``FLEET_ROUNDS`` makes it longer,
``FLEET_SEED`` repeats the order of events (not their times).
"""

from __future__ import annotations

import contextlib
import os
import pickle
import random
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from migrate.legacy import Format, sniff
from tests.fleet.shop import RELEASES, make, make_codec
from tests.fleet.stores import open_store
from tests.patience import PATIENCE

pytestmark = pytest.mark.fleet

SLOTS = 4
KEYS = [f"key-{number:03}" for number in range(240)]
ROUNDS = int(os.environ.get("FLEET_ROUNDS", "1"))
SEED = int(os.environ.get("FLEET_SEED", time.time_ns() % 1_000_000))


class Fleet:
    def __init__(self, kind, place, folder, random_):
        self.kind, self.place, self.folder, self.random = kind, place, folder, random_
        self.processes = [None] * SLOTS
        self.kills = 0

    def deploy(self, slot, release):
        """End the process in ``slot``, mostly without warning, and start the release there."""
        self.stop(slot)
        self.processes[slot] = self.start(
            "tests.fleet.worker", str(self.folder), str(slot), str(SLOTS), release=RELEASES[release]
        )
        self.pause()

    def start(self, module, *arguments, release="json"):
        environment = {**os.environ, "FLEET_RELEASE": release}
        return subprocess.Popen(
            [sys.executable, "-m", module, self.kind, self.place, *arguments], env=environment
        )

    def stop(self, slot):
        process = self.processes[slot]
        if process is not None:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=60)
            self.kills += 1

    def roll(self, release):
        """Replace the processes one after the other, in any order, with rollbacks on the way."""
        slots = self.random.sample(range(SLOTS), SLOTS)
        for number, slot in enumerate(slots):
            self.deploy(slot, release)
            if number == SLOTS // 2:
                for back in slots[: number + 1]:  # an alarm: everything back, and forward again
                    self.deploy(back, release - 1)
                for again in slots[: number + 1]:
                    self.deploy(again, release)

    def work(self, writes=300):
        """Wait until the fleet as it stands has written some values."""
        begin = self.written()
        for _ in range(100 * PATIENCE):
            if self.written() >= begin + writes:
                return
            self.pause()
        raise AssertionError("the fleet does not write")

    def written(self):
        return sum(path.read_bytes().count(b"\n") for path in self.folder.glob("acknowledged-*"))

    def pause(self):
        time.sleep(self.random.uniform(0.05, 0.3))
        complaints = [path.read_text() for path in self.folder.glob("complaint-*")]
        assert not complaints, complaints[0]

    def convert_stock(self, converting, pickles):
        """Run the conversion, kill it, run it again, until it ends with nothing left."""
        for attempt in range(100):
            process = converting()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=self.random.uniform(0.3, 1.2) if attempt < 3 else 120)
            process.kill()
            process.wait(timeout=60)
            self.pause()
            if attempt >= 3 and not pickles():
                return
        raise AssertionError(f"{len(pickles())} pickles are left")

    def end(self):
        for slot in range(SLOTS):
            self.stop(slot)


def acknowledged(folder):
    newest = {}
    for path in folder.glob("acknowledged-*"):
        for line in path.read_bytes().splitlines():
            key, version = line.split()
            newest[key.decode()] = max(newest.get(key.decode(), 0), int(version))
    return newest


@contextlib.contextmanager
def redis_server(folder):
    program = shutil.which("redis-server")
    if program is None:
        pytest.fail("install redis-server (Debian's package), or deselect this: -k 'not redis'")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(10 * PATIENCE):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield f"redis://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait(timeout=60)


@contextlib.contextmanager
def place_of(kind, tmp_path):
    if kind == "redis":
        with redis_server(tmp_path) as url:
            yield url
    else:
        yield str(tmp_path / "store")


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("kind", ["files", "sqlite", "redis"])
def test_through_all_stages(kind, tmp_path, record_property):
    print(f"FLEET_SEED={SEED}")
    with place_of(kind, tmp_path) as place:
        store, folder = open_store(kind, place), tmp_path / "folder"
        folder.mkdir()
        for key in KEYS:
            store.put(key, pickle.dumps(make(key, 1)))
        fleet = Fleet(kind, place, folder, random.Random(SEED))
        try:
            go_through_all_stages(fleet, store)
        finally:
            fleet.end()
        newest = acknowledged(folder)
        reader = make_codec("json-only")
        for key in KEYS:
            cart = reader.loads(store.get(key))
            assert cart.is_whole(key)
            # A process that was killed may have written one more than it could acknowledge.
            assert cart.version >= newest.get(key, 1)
    written = fleet.written()
    record_property("writes", written)
    record_property("kills", fleet.kills)
    print(f"{kind}: {written:,} writes, {fleet.kills} kills")
    assert written >= 1_500


def go_through_all_stages(fleet, store):
    def pickles():
        return [key for key in KEYS if sniff(store.get(key)[:16]) is Format.PICKLE]

    def reencode():
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "migrate", "reencode", fleet.place),
                *("--converters", "tests.fleet.shop", "--json"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def repair():
        return fleet.start("tests.fleet.repairer")

    for slot in range(SLOTS):
        fleet.deploy(slot, 0)
    for release in (1, 2):
        fleet.work()
        for _ in range(ROUNDS):
            fleet.roll(release)
    fleet.convert_stock(reencode if fleet.kind == "files" else repair, pickles)
    fleet.work()
    for _ in range(ROUNDS):
        fleet.roll(3)
    fleet.work()
    for slot in range(SLOTS):  # and back: what json-only wrote, json reads
        fleet.deploy(slot, 2)
    fleet.work()
