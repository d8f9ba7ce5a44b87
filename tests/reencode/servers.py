"""Real servers on loopback, started by the tests. One that is not installed is an error, never a skip."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest


def program(name: str, *patterns: str) -> str:
    found = shutil.which(name) or next(
        iter(sorted(str(p) for q in patterns for p in Path("/").glob(q.lstrip("/")))), None
    )
    if found is None:
        pytest.fail(f"{name} is not installed; see the step for stores in .ci/run")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    pytest.fail(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")


class Server:
    """A process that can be stopped and started again over the same data."""

    def __init__(self, command, port, home, user=None):
        self._command, self.port, self._home, self._user = command, port, home, user

    def start(self):
        log = self._home / "log"
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                self._command, stdout=out, stderr=out, cwd=self._home, user=self._user
            )
        wait_for(self.port, self._process, log)
        return self

    def stop(self):
        self._process.send_signal(2)  # both end at once and write down what they hold
        self._process.wait(timeout=60)


@contextlib.contextmanager
def postgresql():
    """A PostgreSQL server; gives the server and a SQLAlchemy URL."""
    where = "/usr/lib/postgresql/*/bin/"
    home = Path(tempfile.mkdtemp(prefix="postgresql-"))
    user = None
    if os.geteuid() == 0:  # it refuses to run as root
        user = "postgres" if _has_user("postgres") else "nobody"
        shutil.chown(home, user)
    try:
        subprocess.run(
            [program("initdb", where + "initdb"), "-D", home / "data", "-A", "trust", "-U", "tester", "-N"],
            check=True,
            capture_output=True,
            cwd=home,
            user=user,
        )
        port = free_port()
        command = [program("postgres", where + "postgres"), "-D", home / "data", "-p", str(port)]
        command += ["-k", home, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        server = Server(command, port, home, user).start()
        url = f"postgresql+psycopg://tester:secret@127.0.0.1:{port}/postgres"
        _wait_until_ready(url)
        try:
            yield server, url
        finally:
            server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _has_user(name):
    import pwd

    with contextlib.suppress(KeyError):
        return bool(pwd.getpwnam(name))
    return False


def _wait_until_ready(url):
    import psycopg

    for _ in range(600):
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(url.replace("+psycopg", "")).close()
            return
        time.sleep(0.05)
    pytest.fail("PostgreSQL does not take connections")


class Forwarder:
    """A way to a server that can be cut; ``url`` leads through it."""

    def __init__(self, url):
        self._target = urlsplit(url)
        self._listening = None
        self._open = []
        self.port = free_port()
        self.url = url.replace(f":{self._target.port}", f":{self.port}")

    def __enter__(self):
        self.mend()
        return self

    def __exit__(self, *_):
        self.cut()

    def mend(self):
        self._listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def cut(self):
        listening, self._listening = self._listening, None
        open_now, self._open = self._open, []
        for one in (*([listening] if listening else ()), *open_now):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self, listening):
        with contextlib.suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = socket.create_connection((self._target.hostname, self._target.port))
                self._open += [near, far]
                for a, b in ((near, far), (far, near)):
                    threading.Thread(target=_copy, args=(a, b), daemon=True).start()


def _copy(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


class Dask:
    """A Dask cluster: a scheduler and worker processes, which can be killed one by one."""

    def __init__(self, home, environment=()):
        self._home = home
        # One process that dies at a range is bad luck, two are the range's fault.
        settings = {
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
            "DASK_TEMPORARY_DIRECTORY": str(home),
        }
        self._environment = {**os.environ, **dict(environment), **settings}
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.scheduler, self.workers = None, []

    def start(self, workers=2):
        self.scheduler = self._run("scheduler", "--port", str(self.port), "--host", "127.0.0.1")
        wait_for(self.port, self.scheduler, self._home / "log")
        for _ in range(workers):
            self.add()
        return self

    def add(self, preload="", threads=1):
        """Start another worker; ``preload`` is Python that it runs first."""
        options = ["--no-nanny", "--nthreads", str(threads), "--local-directory", str(self._home)]
        if preload:
            file = self._home / f"preload{len(self.workers)}.py"
            file.write_text(preload)
            options += ["--preload", str(file)]
        self.workers.append(self._run("worker", self.address, *options))
        return self.workers[-1]

    def kill_a_worker(self):
        process = self.workers.pop(0)
        process.kill()
        process.wait()

    def stop(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
        self.workers = []

    @property
    def log(self):
        return (self._home / "log").read_text(errors="replace")

    def _run(self, what, *arguments):
        command = [
            sys.executable,
            "-m",
            f"distributed.cli.dask_{what}",
            "--dashboard-address",
            "127.0.0.1:0",
            *arguments,
        ]
        with (self._home / "log").open("ab") as out:
            return subprocess.Popen(command, stdout=out, stderr=out, cwd=self._home, env=self._environment)


@contextlib.contextmanager
def dask(environment=(), workers=2):
    home = Path(tempfile.mkdtemp(prefix="dask-"))
    cluster = Dask(home, environment).start(workers)
    try:
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def redis():
    """A Redis server that writes nothing down; gives the server and a URL."""
    home = Path(tempfile.mkdtemp(prefix="redis-"))
    try:
        port = free_port()
        command = [program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(home)]
        command += ["--appendonly", "yes", "--appendfsync", "no", "--save", ""]
        server = Server(command, port, home).start()
        try:
            yield server, f"redis://127.0.0.1:{port}/0"
        finally:
            server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def s3():
    """A work-alike of S3; gives the environment in which clients find it."""
    home = Path(tempfile.mkdtemp(prefix="s3-"))
    try:
        port = free_port()
        code = f"from moto.server import main; main(['-H', '127.0.0.1', '-p', '{port}'])"
        server = Server([sys.executable, "-c", code], port, home).start()
        try:
            yield {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                "AWS_DEFAULT_REGION": "us-east-1",
            }
        finally:
            server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)
