"""``stage``: where the stores stand, a step forward with its gate, and the step back."""

from __future__ import annotations

import json
import time

import pytest
from click.testing import CliRunner

from migrate.cli import cli

SOURCE = b'''"""Ours."""\r
\r
from migrate.runtime import Codec\r
\r
codec = Codec("shop", stage="dual-read", protocol=4)  # moved by the on-call\r
'''
DAY = 86_400.0


def run(*arguments, **options):
    return CliRunner().invoke(cli, ["stage", *map(str, arguments)], **options)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "converters.py").write_bytes(SOURCE)
    return tmp_path / "app"


def telemetry(folder, *, store="shop", stage="dual-read", days=10.0, age=60.0, counts=()):
    folder.mkdir(exist_ok=True)
    now = time.time()
    document = {
        "version": 1,
        "host": "web-1",
        "pid": 7,
        "release": "2.0",
        "started": now - days * DAY,
        "written": now - age,
        "stages": {store: stage},
        "counts": [{"codec": store, "last": now - age, **count} for count in counts],
    }
    (folder / f"web-1-{stage}-{len(list(folder.iterdir()))}.counts.json").write_text(json.dumps(document))
    return folder


CHECKED = {"event": "shadow-check", "format": "json", "count": 12}
MISMATCH = {"event": "shadow-mismatch", "format": "json", "cls": "app:Cart", "path": "lines[]", "count": 1}


@pytest.fixture
def watched(tmp_path):
    return telemetry(tmp_path / "counts", counts=[CHECKED])


def test_the_step_is_printed_and_nothing_is_changed(project, watched):
    result = run("next", project, "--telemetry", watched)
    assert result.exit_code == 0, result.output
    printed = result.stdout_bytes
    assert b'-codec = Codec("shop", stage="dual-read", protocol=4)  # moved by the on-call\r\n' in printed
    assert b'+codec = Codec("shop", stage="json", protocol=4)  # moved by the on-call\r\n' in printed
    assert "Apply with --write" in result.stderr
    assert (project / "converters.py").read_bytes() == SOURCE
    assert not (project / ".pickle-migrate").exists()


def test_the_step_and_the_step_back_leave_the_tree_byte_for_byte(project, watched):
    there = run("next", project, "--telemetry", watched, "--write")
    assert there.exit_code == 0, there.output
    assert (project / "converters.py").read_bytes() == SOURCE.replace(b"dual-read", b"json")
    back = run("back", project, "--write")
    assert back.exit_code == 0, back.output
    assert (project / "converters.py").read_bytes() == SOURCE


def test_undo_takes_a_step_back_as_well(project, watched):
    run("next", project, "--telemetry", watched, "--write")
    result = CliRunner().invoke(cli, ["undo", str(project)])
    assert result.exit_code == 0
    assert (project / "converters.py").read_bytes() == SOURCE


def test_the_evidence_is_kept_beside_the_step(project, watched):
    run("next", project, "--telemetry", watched, "--write")
    evidence = project / ".pickle-migrate" / "evidence" / "shop-dual-read-to-json.json"
    found = json.loads(evidence.read_text())
    assert (found["store"], found["from"], found["to"], found["holds"]) == ("shop", "dual-read", "json", True)
    assert found["processes"][0]["release"] == "2.0"
    assert {"event": "shadow-check", "format": "json", "codec": "shop", "count": 12} in [
        {name: part for name, part in count.items() if name != "last"} for count in found["counts"]
    ]


def test_an_evidence_file_where_the_user_wants_it_also_without_a_step(project, tmp_path):
    result = run("next", project, "--evidence", tmp_path / "out" / "e.json")
    assert result.exit_code == 1
    found = json.loads((tmp_path / "out" / "e.json").read_text())
    assert found["holds"] is False
    assert found["conditions"][0]["name"] == "telemetry"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"counts": [CHECKED, MISMATCH]}, "would come back changed: app:Cart at lines[]"),
        ({"counts": [CHECKED], "days": 1.0}, "watched for 1 days"),
        ({"counts": [CHECKED], "age": 3 * DAY}, "3 days"),
        ({"counts": []}, "0 values that were written were checked"),
    ],
)
def test_a_gate_that_does_not_hold_says_why_and_changes_nothing(project, tmp_path, options, says):
    folder = telemetry(tmp_path / "counts", **options)
    result = run("next", project, "--telemetry", folder, "--write", env={"COLUMNS": "300"})
    assert result.exit_code == 1
    assert says in result.stderr
    assert "stays in dual-read" in result.stderr
    assert result.stdout == ""
    assert (project / "converters.py").read_bytes() == SOURCE
    assert not (project / ".pickle-migrate").exists()


def test_without_telemetry_no_store_takes_a_step(project):
    result = run("next", project, "--write", env={"PICKLE_MIGRATE_TELEMETRY": ""})
    assert result.exit_code == 1
    assert "no process counted anything" in " ".join(result.stderr.split())


def test_telemetry_from_the_environment(project, watched):
    assert run("next", project, env={"PICKLE_MIGRATE_TELEMETRY": str(watched)}).exit_code == 0


def test_damaged_telemetry_is_named(project, watched):
    (watched / "x.counts.json").write_text("{")
    result = run("next", project, "--telemetry", watched, env={"COLUMNS": "300"})
    assert result.exit_code == 1
    assert "x.counts.json" in result.stderr


def test_the_last_step_looks_at_the_stock(project, tmp_path):
    (project / "converters.py").write_bytes(SOURCE.replace(b"dual-read", b"json"))
    folder = telemetry(tmp_path / "counts", stage="json")
    stock = tmp_path / "stock"
    stock.mkdir()
    (stock / "a.json").write_text("{}")
    (stock / "b.bin").write_bytes(b"\x80\x04]q\x00(K\x01K\x02e.")
    refused = run("next", project, "--telemetry", folder, "--stock", stock, env={"COLUMNS": "300"})
    assert refused.exit_code == 1
    assert "1 of 2 files holds pickles" in refused.stderr
    (stock / "b.bin").unlink()
    assert run("next", project, "--telemetry", folder, "--stock", stock).exit_code == 0


def test_a_store_that_follows_another_keeps_it_back(project, watched):
    with (project / "converters.py").open("ab") as file:
        file.write(b'carts = codec.store("carts")\r\n')
    result = run("next", project, "--store", "shop", "--telemetry", watched, env={"COLUMNS": "300"})
    assert result.exit_code == 1
    assert "carts: telemetry" in result.stderr
    telemetry(watched, store="carts", counts=[CHECKED])
    assert run("next", project, "--store", "shop", "--telemetry", watched).exit_code == 0


def test_which_store_must_be_said_where_there_are_several(project):
    with (project / "converters.py").open("ab") as file:
        file.write(b'carts = codec.store("carts", stage="json")\r\n')
    result = run("back", project)
    assert result.exit_code == 2
    assert "which store? --store carts or --store shop" in result.stderr
    moved = run("back", project, "--store", "carts")
    assert '+carts = codec.store("carts", stage="dual-read")' in moved.stdout
    unknown = run("back", project, "--store", "cart")
    assert unknown.exit_code == 2
    assert "there are carts, shop" in unknown.stderr


@pytest.mark.parametrize(
    ("before", "arguments", "says"),
    [
        (b'"observe"', ["back"], "the first stage"),
        (b'"json-only"', ["next"], "the last stage"),
        (b"choose()", ["next"], "is computed"),
    ],
)
def test_there_is_no_such_step(project, before, arguments, says):
    (project / "converters.py").write_bytes(SOURCE.replace(b'"dual-read"', before))
    result = run(*arguments, project)
    assert result.exit_code == 1
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_a_tree_without_a_store_says_how_to_get_one(tmp_path):
    (tmp_path / "a.py").write_text("import pickle\n")
    result = run("show", tmp_path)
    assert result.exit_code == 1
    assert "rewrite --write" in result.stderr


@pytest.mark.parametrize("time", ["7", "x", "1w", "-1d"])
def test_a_time_that_is_none(project, time):
    result = run("next", project, f"--window={time}")
    assert result.exit_code == 2
    assert "7d, 12h, 30m or 45s" in result.stderr


def test_show_fits_80_columns_and_says_what_is_open(project, tmp_path):
    folder = telemetry(tmp_path / "counts", counts=[CHECKED, MISMATCH])
    result = run("show", project, "--telemetry", folder, env={"COLUMNS": "80", "NO_COLOR": "1"})
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "shop" in result.stdout
    assert "dual-read (1)" in result.stdout
    assert "1 open" in result.stdout
    assert "\x1b" not in result.stdout


def test_show_as_json(project, watched):
    result = run("show", project, "--telemetry", watched, "--json")
    (store,) = json.loads(result.stdout)["stores"]
    assert (store["store"], store["stage"], store["path"], store["line"]) == (
        "shop",
        "dual-read",
        "converters.py",
        5,
    )
    assert store["running"] == [{"stage": "dual-read", "release": "2.0", "processes": 1}]
    assert store["next"]["holds"] is True


def test_alone_it_shows_the_current_folder(project, monkeypatch):
    monkeypatch.chdir(project)
    result = run()
    assert result.exit_code == 0
    assert "shop" in result.stdout


def test_a_step_as_json_says_whether_it_was_written(project, watched):
    dry = json.loads(run("next", project, "--telemetry", watched, "--json").stdout)
    assert (dry["holds"], dry["written"]) == (True, False)
    wet = json.loads(run("next", project, "--telemetry", watched, "--json", "--write").stdout)
    assert (wet["holds"], wet["written"]) == (True, True)
