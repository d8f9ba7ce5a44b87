"""A store does not go back by accident."""

import json

import pytest
from click.testing import CliRunner

from migrate.cli import cli
from migrate.rollout.ratchet import gone_back, reached_now
from migrate.rollout.stores import Store
from migrate.runtime import Stage


def store(stage, name="shop"):
    return Store(name, "app/converters.py", 3, stage, None)


@pytest.mark.parametrize(
    ("now", "reached", "back"),
    [
        (Stage.JSON, {"shop": "json"}, False),
        (Stage.JSON_ONLY, {"shop": "json"}, False),
        (Stage.DUAL_READ, {"shop": "json"}, True),
        (Stage.OBSERVE, {"shop": "dual-read"}, True),
        (Stage.OBSERVE, {"other": "json"}, False),
        (Stage.OBSERVE, {}, False),
        (None, {"shop": "json"}, False),
        (Stage.OBSERVE, {"shop": "a word of a later version"}, False),
    ],
)
def test_what_went_back(now, reached, back):
    found = gone_back([store(now)], reached)
    assert bool(found) is back
    assert all(problem.reason == "stage-went-back" for problem in found)


def test_what_is_held_from_now_on():
    reached = {"shop": "json", "gone": "json", "computed": "json"}
    stores = [store(Stage.DUAL_READ), store(Stage.JSON_ONLY, "carts"), store(None, "computed")]
    assert reached_now(stores, reached) == {"shop": "json", "carts": "json-only", "computed": "json"}
    assert reached_now(stores, reached, may_go_back=True)["shop"] == "dual-read"


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    write(tmp_path, "json")
    return tmp_path


def write(project, stage):
    (project / "converters.py").write_text(
        f'from migrate.runtime import Codec\n\ncodec = Codec("shop", stage="{stage}")\n'
    )


def guard(project, *arguments):
    return CliRunner().invoke(cli, ["guard", str(project), "--root", str(project), *arguments])


def update(project, *arguments):
    return CliRunner().invoke(cli, ["guard", "--root", str(project), "--update", *arguments])


def test_guard_fails_on_a_store_that_went_back_until_it_is_said_to_be_meant(project):
    assert update(project).exit_code == 0
    assert guard(project).exit_code == 0
    write(project, "dual-read")
    result = guard(project)
    assert result.exit_code == 1
    assert "converters.py: stage-went-back line 3: 'shop' begins in dual-read" in result.stdout
    assert update(project).exit_code == 1
    assert guard(project).exit_code == 1
    assert update(project, "--allow-growth", "an incident").exit_code == 0
    assert guard(project).exit_code == 0


def test_a_step_forward_is_held_after_an_update(project):
    update(project)
    write(project, "json-only")
    assert guard(project).exit_code == 0
    update(project)
    baseline = json.loads((project / ".pickle-migrate-baseline.json").read_text())
    assert baseline["stages"] == {"shop": "json-only"}
    write(project, "json")
    assert guard(project).exit_code == 1


def test_a_baseline_from_before_there_were_stages_is_read(project):
    (project / ".pickle-migrate-baseline.json").write_text('{"version": 1, "sites": []}')
    assert guard(project).exit_code == 0


@pytest.mark.parametrize("stages", ["[]", '{"shop": 1}', "null"])
def test_stages_that_are_none_are_a_clear_error(project, stages):
    (project / ".pickle-migrate-baseline.json").write_text(
        f'{{"version": 1, "stages": {stages}, "sites": []}}'
    )
    result = guard(project)
    assert result.exit_code == 2
    assert "`stages` holds a stage for the name of each store" in result.stderr
