"""Who can read what whom wrote: every reader and writer of a rollout, by doing it.

The page ``docs/reference/rollout-matrix.md`` is made of this, and tests hold it against what is promised.
"""

from __future__ import annotations

import os
import pickle
from fractions import Fraction
from typing import Any

from migrate.runtime import Codec, DecodeError, Keys, Seals

OLD = "before the rewrite"
STAGES = ("observe", "dual-read", "json", "json-only")
PROGRAMS = (OLD, *STAGES)
FORMATS = ("json", "yaml", "msgpack", "cbor")
VALUE = {"id": 7, "total": Fraction(1, 3), "tags": ("a", {1, 2})}


def write(program: str, form: str = "json") -> bytes:
    """Return what ``program``, the code before the rewrite or a stage, writes."""
    if program == OLD:
        return pickle.dumps(VALUE)
    return Codec("matrix", stage=program, format=form, shadow=0).dumps(VALUE)


def read(program: str, data: bytes, form: str = "json") -> str:
    """Return ``"reads"``, or why ``program`` does not: the reason code, or the exception of pickle."""
    try:
        value: Any
        if program == OLD:
            value = pickle.loads(data)
        else:
            value = Codec("matrix", stage=program, format=form, shadow=0).loads(data)
    except DecodeError as error:
        return error.reason
    except (pickle.UnpicklingError, ValueError, KeyError, IndexError, EOFError, UnicodeDecodeError):
        return "pickle fails"
    return "reads" if value == VALUE else "reads something else"


def matrix(form: str = "json") -> dict[tuple[str, str], str]:
    """Return (writer, reader) → what :func:`read` says."""
    return {
        (writer, reader): read(reader, write(writer, form), form)
        for writer in PROGRAMS
        for reader in PROGRAMS
    }


def rollback_is_safe(before: str, after: str, form: str = "json") -> bool:
    """Whether a fleet may go from ``before`` back to ``after``: it reads all that was written until then.

    Everything that stands before ``before`` in the order of the rollout may have written as well, unless it
    was converted: ``json-only`` begins when no pickle is left.
    """
    found = matrix(form)
    until = PROGRAMS[: PROGRAMS.index(before) + 1]
    writers = [w for w in until if before != "json-only" or w in ("json", "json-only")]
    return all(found[writer, after] == "reads" for writer in writers)


def sealed() -> dict[str, str]:
    """Return stage → what it makes of a sealed pickle, with the keys and, for comparison, without."""
    keys = Keys({"k": os.urandom(32)})
    kept = Codec("matrix", seals=Seals(keys, keep=True)).dumps([len])
    return {
        stage: "reads" if Codec("matrix", stage=stage, seals=Seals(keys)).loads(kept) == [len] else "no"
        for stage in STAGES
    }


def page() -> str:
    """Return the page as Markdown."""
    found = matrix()
    head = " | ".join(f"`{p}`" if p != OLD else p for p in PROGRAMS)
    lines = [
        "# Who reads what",
        "",
        "Made by the programs themselves: each row is what a program writes, each column what another makes",
        "of it. A cell that is not *reads* holds the reason code, or says that pickle fails.",
        "",
        f"| written by ↓ read by → | {head} |",
        "|---|" + "---|" * len(PROGRAMS),
    ]
    for writer in PROGRAMS:
        cells = " | ".join(_cell(found[writer, reader]) for reader in PROGRAMS)
        lines.append(f"| {_name(writer)} | {cells} |")
    lines += [
        "",
        "It is the same for YAML, MessagePack and CBOR. Sealed pickles are read in every stage, with their",
        "keys.",
        "",
        "## Rollbacks",
        "",
        "Safe means: the program that you go back to reads all that was written until then. `json-only`",
        "is taken to begin when no pickle is left, which is what its gate asks for.",
        "",
        f"| from ↓ back to → | {head} |",
        "|---|" + "---|" * len(PROGRAMS),
    ]
    for before in PROGRAMS:
        cells = []
        for after in PROGRAMS:
            back = PROGRAMS.index(after) < PROGRAMS.index(before)
            cells.append(("safe" if rollback_is_safe(before, after) else "**no**") if back else "")
        lines.append(f"| {_name(before)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _name(program: str) -> str:
    return program if program == OLD else f"`{program}`"


def _cell(text: str) -> str:
    return text if text in ("reads", "pickle fails") else f"[`{text}`](../reasons/{text}.md)"
