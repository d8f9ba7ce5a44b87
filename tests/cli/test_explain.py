"""``explain``: every reason code says what it means, within 80 columns."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from migrate.cli import cli
from migrate.model import REASONS


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_code_is_explained_within_80_columns_without_colour(code: str) -> None:
    result = CliRunner().invoke(cli, ["explain", code])
    assert result.exit_code == 0
    assert result.output.startswith(f"{code}\n")
    words = " ".join(result.output.split())
    assert " ".join(REASONS[code].summary.split()) in words
    assert " ".join(REASONS[code].advice.split()) in words
    assert max(map(len, result.output.splitlines())) <= 80
    assert "\x1b" not in result.output


def test_json_holds_the_same() -> None:
    result = CliRunner().invoke(cli, ["explain", "ipc", "--json"])
    reason = REASONS["ipc"]
    assert json.loads(result.output) == {
        "code": "ipc",
        "summary": reason.summary,
        "advice": reason.advice,
    }


def test_a_misspelt_code_is_refused_with_the_nearest() -> None:
    result = CliRunner().invoke(cli, ["explain", "hash-of-byte"])
    assert result.exit_code == 2
    assert "hash-of-bytes" in result.output


def test_what_resembles_no_code_is_refused_with_where_codes_are_found() -> None:
    result = CliRunner().invoke(cli, ["explain", "0000"])
    assert result.exit_code == 2
    assert "scan" in result.output
    assert "Traceback" not in result.output
