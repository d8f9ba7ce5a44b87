"""Who decides where a codec stands: code, environment, and a settings file that is watched."""

import json
import logging
import pickle
from threading import Thread

import pytest

from migrate.runtime import TELEMETRY, Codec, DecodeError, Stage, settings
from migrate.runtime.stage import Reads, Writes, moved, start


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Write the settings file, which is looked at again at once."""
    path = tmp_path / "settings.json"
    monkeypatch.setenv("PICKLE_MIGRATE_SETTINGS", str(path))
    monkeypatch.setattr(settings, "INTERVAL", 0.0)
    TELEMETRY.reset()

    def write(content):
        draft = path.with_suffix(".new")
        draft.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        draft.replace(path)

    yield write
    TELEMETRY.reset()


def is_pickle(data):
    return data[:1] == b"\x80"


def test_the_file_moves_a_running_program(file):
    codec = Codec("shop")
    assert codec.stage is Stage.JSON
    file({"shop": "dual-read"})
    assert codec.stage is Stage.DUAL_READ
    assert is_pickle(codec.dumps(1))
    file({"shop": {"stage": "json-only"}})
    with pytest.raises(DecodeError, match="json-only"):
        codec.loads(pickle.dumps(1))
    file({})
    assert codec.stage is Stage.JSON


def test_the_file_may_go_and_come(file, tmp_path):
    codec = Codec("shop")
    file({"shop": "dual-read"})
    assert codec.stage is Stage.DUAL_READ
    (tmp_path / "settings.json").unlink()
    assert codec.stage is Stage.JSON


WHO_WINS = {
    "code": ("json", {}, {}, "json"),
    "the environment over code": ("json", {"STAGE": "dual-read"}, {}, "dual-read"),
    "the codec's own variable over the one for all": (
        "json",
        {"STAGE": "observe", "STAGE_SHOP": "json-only"},
        {},
        "json-only",
    ),
    "the file over the environment": ("json", {"STAGE_SHOP": "observe"}, {"shop": "json-only"}, "json-only"),
    "the file's entry for all over the environment": (
        "json",
        {"STAGE_SHOP": "observe"},
        {"*": "dual-read"},
        "dual-read",
    ),
    "the codec's own entry over the one for all": (
        "json",
        {},
        {"*": "dual-read", "shop": "json-only"},
        "json-only",
    ),
    "an entry of another codec says nothing": ("json", {}, {"blog": "dual-read"}, "json"),
}


@pytest.mark.parametrize(("code", "environment", "entries", "stage"), WHO_WINS.values(), ids=WHO_WINS)
def test_who_wins(file, monkeypatch, code, environment, entries, stage):
    for name, word in environment.items():
        monkeypatch.setenv(f"PICKLE_MIGRATE_{name}", word)
    file(entries)
    assert Codec("shop", stage=code).stage.value == stage


def test_reading_and_writing_are_separate_switches(file):
    codec = Codec("shop")
    file({"shop": {"write": "pickle"}})
    assert is_pickle(codec.dumps(1))
    assert codec.loads(b"1\n") == 1
    file({"shop": {"read": "json"}})
    assert codec.dumps(1) == b"1\n"
    with pytest.raises(DecodeError):
        codec.loads(pickle.dumps(1))


def test_switches_from_the_environment(monkeypatch):
    monkeypatch.setenv("PICKLE_MIGRATE_WRITE_SHOP", "pickle")
    assert is_pickle(Codec("shop").dumps(1))
    assert not is_pickle(Codec("blog").dumps(1))
    monkeypatch.setenv("PICKLE_MIGRATE_READ", "json")
    with pytest.raises(ValueError, match=r"READ.*refuse to read them|refuse to read them"):
        Codec("shop")


DAMAGED = {
    "no JSON": "{",
    "no object": "[]",
    "an entry that is a number": '{"shop": 1}',
    "an unknown stage": '{"shop": "jsn"}',
    "an unknown setting": '{"shop": {"stge": "json"}}',
    "an unknown position": '{"shop": {"write": "yaml"}}',
    "a percentage over 100": '{"shop": {"shadow": 101}}',
    "a percentage that is true": '{"shop": {"shadow": true}}',
    "a codec that refuses what it writes": '{"shop": {"read": "json", "write": "pickle"}}',
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_stops_the_start_and_names_itself(file, content):
    file(content)
    with pytest.raises(ValueError, match=r"settings\.json"):
        Codec("shop")


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_file_damaged_later_leaves_what_was(file, content, caplog):
    file({"shop": "dual-read"})
    codec = Codec("shop")
    file(content)
    with caplog.at_level(logging.WARNING, "migrate"):
        assert codec.stage is Stage.DUAL_READ
        assert codec.stage is Stage.DUAL_READ
    assert len(caplog.records) == 1
    assert "settings.json" in caplog.text
    assert [key.event for key in TELEMETRY.snapshot()] == ["settings-error"]
    file({"shop": "json-only"})
    assert codec.stage is Stage.JSON_ONLY


def test_a_file_that_contradicts_the_environment_leaves_what_was(file, monkeypatch, caplog):
    monkeypatch.setenv("PICKLE_MIGRATE_WRITE", "pickle")
    codec = Codec("shop", stage="dual-read")
    file({"shop": {"read": "json"}})
    assert codec.loads(codec.dumps(1)) == 1
    assert "refuse to read" in caplog.text


def test_the_file_is_looked_at_once_in_a_while(tmp_path):
    now = [0.0]
    path = tmp_path / "settings.json"
    watched = settings.SettingsFile(str(path), clock=lambda: now[0])
    watched.load()
    watched.watch()
    path.write_text('{"shop": "json"}', encoding="utf-8")
    watched.watch()
    assert watched.entry("shop") == {}
    now[0] += settings.INTERVAL
    watched.watch()
    assert watched.entry("shop") == {"stage": "json"}


def test_threads_see_one_position_or_the_other(file):
    codec, wrong = Codec("shop"), []

    def work():
        for _ in range(300):
            data = codec.dumps([1])
            if data not in (b"[1]\n", pickle.dumps([1])):
                wrong.append(data)
            if codec.loads(data) != [1]:
                wrong.append(data)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for turn in range(100):
        file({"shop": ("dual-read", "json")[turn % 2]})
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_store_has_a_stage_of_its_own(file):
    codec = Codec("shop", stage="dual-read")
    codec.register("tests.runtime.models:Line")
    carts = codec.store("carts", stage="json")
    sessions = codec.store("sessions")
    assert (carts.stage, sessions.stage) == (Stage.JSON, Stage.DUAL_READ)
    file({"carts": "dual-read"})
    assert (carts.stage, codec.stage) == (Stage.DUAL_READ, Stage.DUAL_READ)
    file({"shop": "json-only"})
    assert (carts.stage, codec.stage) == (Stage.JSON, Stage.JSON_ONLY)
    assert carts.lookup("tests.runtime.models", "Line") == "Line"


def test_a_tool_is_not_moved(file):
    codec = Codec("shop", stage="dual-read").at_stage("json")
    file({"*": "observe"})
    assert codec.stage is Stage.JSON
    assert codec.dumps(1) == b"1\n"


def test_a_stage_sets_both_switches_and_then_each_may_differ():
    position = moved(start(Stage.OBSERVE), {"write": "json", "stage": "dual-read"}, "here")
    assert (position.reads, position.writes) == (Reads.BOTH, Writes.JSON)
