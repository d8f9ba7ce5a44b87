"""What ``reencode`` says at its end, for people."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from migrate.cli.show import console, table
from migrate.legacy.inspect import printable
from migrate.model import REASONS
from migrate.model.wording import counted

if TYPE_CHECKING:
    from migrate.reencode import Outcome, Report

_LISTED = 20
"""Converted files that are listed one by one; beyond it the figures say more."""


def print_report(report: Report, *, verify_only: bool, unit: str) -> None:
    """Print what became of everything. ``unit``: what is counted, ``files`` or ``values``."""
    out = console()
    for outcome in report.left:
        out.print(f"{shown(outcome.key)}: {outcome.message}")
    for outcome in report.done[:_LISTED]:
        out.print(_done_line(outcome))
    if report.converted > _LISTED:
        out.print(f"... and {report.converted - len(report.done[:_LISTED])} more (--json lists files)")
    if report.converted:
        _print_figures(report, unit)
    if report.failed:
        print_failures(report)
    for note in report.notes:
        out.print(f"Note: {shown(note)}")
    if report.dry_run and report.estimate:
        out.print(_estimate_line(report, unit))
    if verify_only:
        right = counted(report.nothing, "is JSON and reads back", "are JSON and read back")
        out.print(f"{right}, {counted(report.failed, 'does', 'do')} not.")
        return
    done = "would be converted" if report.dry_run else "converted"
    out.print(f"{report.converted:,} {done}, {left_alone(report.failed)}, {report.nothing:,} JSON already.")


def shown(text: str) -> str:
    """Make what comes from outside safe to print; files below the working directory are shown from there."""
    return printable(text.removeprefix(f"{Path.cwd()}{os.sep}"), 2000)


def print_failures(report: Report) -> None:
    """Print what was left as it is, and why."""
    out = console()
    out.print("\nLeft as they are:")
    for outcome in report.failures:
        out.print(_failure_line(outcome))
    if report.failed > len(report.failures):
        out.print(f"... and {report.failed - len(report.failures)} more, all in the ledger")
    advice = ((f"{code} ({n})", _advice(code)) for code, n in report.reasons.most_common())
    out.print(table(("reason", "what it means and what to do"), advice, title="\nReasons"))
    if "python2-bytes" in report.reasons:
        out.print("Here: run again on those files with --encoding, e.g. --encoding utf-8, or with --python2.")


def left_alone(number: int) -> str:
    """Say how many places stay as they are."""
    return counted(number, "left as it is", "left as they are")


def _print_figures(report: Report, unit: str) -> None:
    out = console()
    rows = [(f"{kind} -> JSON", str(n)) for kind, n in sorted(report.formats.items())]
    rows += [
        ("pickles", f"{report.pickles:,}"),
        ("bytes", f"{report.size_before:,} -> {report.size_after:,}"),
    ]
    out.print(table((unit, ""), rows, title="\nConverted" if not report.dry_run else "\nTo be converted"))
    if report.classes:
        found = ((name, f"{n:,}") for name, n in report.classes.most_common())
        out.print(table(("class", "instances"), found, title="\nClasses"))


def _estimate_line(report: Report, unit: str) -> str:
    guess = report.estimate
    return (
        f"Estimate for all {counted(guess['places'], unit[:-1])}: {guess['seconds']:,} s "
        f"with this many workers, writing not counted; {counted(guess['failures'], 'failure')}; "
        f"{guess['bytes_before']:,} -> {guess['bytes_after']:,} bytes."
    )


def _done_line(outcome: Outcome) -> str:
    label = outcome.conversion.label if outcome.conversion else ""
    sizes = f"{outcome.size_before:,} -> {outcome.size_after or 0:,} bytes"
    return f"{shown(outcome.key)}: {label} -> JSON, {sizes}"


def _failure_line(outcome: Outcome) -> str:
    where = f", at {shown(outcome.path)}" if outcome.path else ""
    return f"{shown(outcome.key)}{where}: {shown(outcome.message)} ({outcome.reason})"


def _advice(code: str) -> str:
    reason = REASONS.get(code)
    return f"{reason.summary} {reason.advice}" if reason else ""
