"""What is counted, and what is never told."""

import json
import os
import pickle
import subprocess
import sys
import textwrap
import threading
from collections import Counter
from contextlib import suppress

import attrs
import pytest

from migrate.runtime import TELEMETRY, Codec, DecodeError, EncodeError
from migrate.runtime.telemetry import MOST_KEYS, Key, plain_path
from tests.runtime.conftest import make_codec
from tests.runtime.models import Line


@pytest.fixture(autouse=True)
def _clean():
    TELEMETRY.reset()
    yield
    TELEMETRY.reset()


@pytest.fixture
def listening():
    heard = []
    TELEMETRY.subscribe(heard.append)
    return heard


def events():
    total = Counter()
    for key, count in TELEMETRY.snapshot().items():
        total[key.event] += count.number
    return dict(total)


def only(event):
    (found,) = [key for key in TELEMETRY.snapshot() if key.event == event]
    return found


class Secret:
    def __init__(self, token):
        self.token = token


class Changing:
    """Comes back with another value."""

    def __init__(self, x):
        self.x = x

    def __setstate__(self, state):
        self.x = state["x"] + 1


@attrs.define
class Holder:
    by_name: dict


def test_fallback_reads_with_class_and_site(listening):
    codec = make_codec()
    codec.loads(pickle.dumps(Line("a")))
    key = only("fallback-read")
    assert (key.codec, key.format, key.cls) == (codec.name, "pickle", "tests.runtime.models:Line")
    assert key.site.rpartition(":")[0] == __file__
    assert listening == [Key(codec.name, "start"), key]


def test_a_refused_pickle():
    codec = Codec("shop", stage="json-only")
    with pytest.raises(DecodeError):
        codec.loads(pickle.dumps(1))
    assert only("refused-read").reason == "pickle-refused"


def test_a_pickle_that_cannot_be_read():
    codec = Codec("shop")
    with pytest.raises(DecodeError):
        codec.loads(pickle.dumps({"k": [Secret("x")]}))
    key = only("failed-read")
    assert (key.reason, key.path) == ("unknown-global", "[][]")
    assert "fallback-read" not in events()


def test_a_refused_write_has_reason_and_path():
    codec = Codec("shop")
    codec.register(Holder)
    with pytest.raises(EncodeError):
        codec.dumps([Holder({"bob@example.com": lambda: 0})])
    key = only("refused-write")
    assert (key.cls, key.reason) == ("builtins:list", "function-or-lambda")
    assert key.path == "[].by_name[]"


def test_records_are_counted_when_somebody_listens():
    codec = Codec("shop")
    codec.loads(codec.dumps(1))
    assert events() == {}
    stop = TELEMETRY.subscribe(lambda key: None)
    codec.loads(codec.dumps(1))
    assert events() == {"read": 1, "write": 1}
    stop()
    codec.loads(codec.dumps(1))
    assert events() == {"read": 1, "write": 1}


class TestShadow:
    """While pickle is written, what JSON would do is found out."""

    def test_a_value_that_would_be_refused(self):
        codec = Codec("shop", stage="dual-read", shadow=100)
        data = codec.dumps([Secret("hunter2")])
        assert pickle.loads(data)[0].token == "hunter2"
        key = only("would-refuse")
        assert (key.reason, key.path, key.cls) == ("unregistered-class", "[]", "builtins:list")

    def test_a_value_that_would_change(self):
        codec = Codec("shop", stage="dual-read", shadow=100)
        codec.register(Changing)
        codec.dumps(Changing(2))
        assert events() == {"shadow-check": 1, "would-refuse": 1}
        assert only("would-refuse").reason == "not-restorable"

    def test_a_value_that_does_change(self, monkeypatch):
        codec = make_codec(stage="dual-read", shadow=100)
        monkeypatch.setattr(type(codec._engine), "loads", lambda engine, data: [Line("a"), Line("c")])
        codec.dumps([Line("a"), Line("b")])
        assert events() == {"shadow-check": 1, "shadow-mismatch": 1}
        key = only("shadow-mismatch")
        assert (key.reason, key.path) == ("changed", "[].sku")

    def test_a_value_that_comes_back(self):
        codec = make_codec(stage="dual-read", shadow=100)
        codec.dumps(Line("a"))
        assert events() == {"shadow-check": 1}

    @pytest.mark.parametrize(("share", "checked"), [(0, 0), (1, 10), (25, 250), (100, 1000)])
    def test_the_sample(self, share, checked):
        codec = Codec("shop", stage="dual-read", shadow=share)
        for _ in range(1000):
            codec.dumps(1)
        assert abs(events().get("shadow-check", 0) - checked) <= 2

    def test_the_first_value_of_a_process_is_always_checked(self):
        Codec("shop", stage="dual-read", shadow=0.001).dumps(1)
        assert events() == {"shadow-check": 1}

    def test_large_values_are_skipped_and_counted(self):
        Codec("shop", stage="dual-read", shadow=100).dumps(bytes(2 << 20))
        assert events() == {"shadow-skipped": 1}

    def test_code_of_the_class_that_raises_harms_nobody(self):
        class Angry:
            def __reduce__(self):
                import inspect

                if any(frame.function == "_check" for frame in inspect.stack()):
                    raise ZeroDivisionError
                return int, ()

        codec = Codec("shop", stage="dual-read", shadow=100)
        codec.register(Angry)
        assert pickle.loads(codec.dumps(Angry())) == 0
        assert events()["would-refuse"] == 1

    def test_observe_reads_a_sample_as_data_too(self, tmp_path):
        codec = Codec("shop", stage="observe", shadow=100)
        data = pickle.dumps([Secret("x")])
        assert codec.loads(data)[0].token == "x"
        assert only("would-refuse").format == "pickle"
        path = tmp_path / "two"
        path.write_bytes(data + pickle.dumps(5))
        with path.open("rb") as file:
            assert codec.load(file)[0].token == "x"
            assert codec.load(file) == 5
        assert events() == {"shadow-check": 3, "would-refuse": 2}

    def test_observe_does_not_keep_what_is_large(self, tmp_path):
        path = tmp_path / "large"
        path.write_bytes(pickle.dumps([bytes(2 << 20), "end"]))
        with path.open("rb") as file:
            assert Codec("shop", stage="observe", shadow=100).load(file)[1] == "end"
        assert events() == {"shadow-skipped": 1}


PATHS = {
    "orders[3].by_name['bob'].x": "orders[].by_name[].x",
    "['a]b']": "[]",
    '["it\'s [1]"][2]': "[][]",
    "['it\\'s'].y": "[].y",
    "": "",
}


@pytest.mark.parametrize("path", PATHS)
def test_keys_and_indices_are_data_and_are_not_told(path):
    assert plain_path(path) == PATHS[path]


def test_never_a_payload(listening):
    secret = "correct horse battery staple"
    codec = Codec("shop", stage="dual-read", shadow=100)
    codec.register(Holder)
    for value in (
        {secret: secret},
        Holder({secret: lambda: 0}),
        [Secret(secret)],
        {(secret,): {1: [Secret]}},
    ):
        with suppress(EncodeError, DecodeError, AttributeError):
            codec.loads(codec.dumps(value))
    assert listening
    assert secret not in repr(listening)
    assert "battery" not in repr(TELEMETRY.snapshot())


def test_a_tools_codec_does_not_say_where_the_store_stands(listening):
    codec = Codec("shop", stage="dual-read")
    codec.at_stage("json").loads(b"1\n")
    assert TELEMETRY.positions == {"shop": "dual-read"}
    assert [key.event for key in listening] == ["start", "read"]


def test_a_hook_that_fails_harms_nobody(listening):
    def broken(key):
        raise OSError("the monitor is down")

    TELEMETRY.subscribe(broken)
    late = []
    TELEMETRY.subscribe(late.append)
    assert Codec("shop").loads(b"1\n") == 1
    assert [key.event for key in late] == ["start", "read"]
    assert only("hook-error").reason == "OSError"


def test_memory_is_bounded():
    for number in range(MOST_KEYS + 500):
        TELEMETRY.add(Key("shop", "read", path=str(number)))
    counts = TELEMETRY.snapshot()
    assert len(counts) == MOST_KEYS + 1
    assert counts[Key("shop", "read", cls="(others)")].number == 500


def test_threads_lose_no_count():
    codec = Codec("shop")
    data = pickle.dumps(1)

    def work():
        for _ in range(500):
            codec.loads(data)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert events() == {"fallback-read": 2000}
    assert codec.counts["fallback-read"] == 2000


def read_sink(directory):
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(directory.glob("*.counts.json"))]


def test_the_sink(tmp_path):
    sink = TELEMETRY.write_to(tmp_path / "deep" / "counts", interval=0)
    Codec("shop").loads(pickle.dumps(1))
    (document,) = read_sink(tmp_path / "deep" / "counts")
    assert document["version"] == 1
    assert document["stages"] == {"shop": "json"}
    start, count = document["counts"]
    assert {"codec": "shop", "event": "start", "count": 1}.items() <= start.items()
    assert {"codec": "shop", "event": "fallback-read", "count": 1}.items() <= count.items()
    assert document["pid"] == os.getpid()
    assert sink.error is None


def test_a_sink_that_cannot_write_harms_nobody(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    sink = TELEMETRY.write_to(tmp_path / "file", interval=0)
    assert Codec("shop").loads(pickle.dumps(1)) == 1
    assert isinstance(sink.error, OSError)


PROCESSES = textwrap.dedent(
    """
    import os, pickle, sys
    from migrate.runtime import Codec

    codec, data = Codec("shop"), pickle.dumps(1)
    codec.loads(data)
    for _ in range(3):
        if os.fork() == 0:
            for _ in range(10):
                codec.loads(data)
            sys.exit()
    for _ in range(3):
        os.wait()
    codec.loads(data)
    """
)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_each_process_has_its_file_and_nothing_is_counted_twice(tmp_path):
    environment = {**os.environ, "PICKLE_MIGRATE_TELEMETRY": str(tmp_path), "PICKLE_MIGRATE_RELEASE": "v7"}
    subprocess.run([sys.executable, "-c", PROCESSES], env=environment, check=True, timeout=120)
    documents = read_sink(tmp_path)
    totals = sorted(sum(count["count"] for count in document["counts"]) for document in documents)
    assert totals == [3, 10, 10, 10]
    assert {document["release"] for document in documents} == {"v7"}
