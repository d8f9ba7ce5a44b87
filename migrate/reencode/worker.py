"""A worker process: reads a recipe and then ranges from standard input, answers on standard output.

    python -m migrate.reencode.worker

One line of JSON each way. Ends when its input does, after the range it is at.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import IO, Any

from migrate.reencode.messages import TOLD, of_error
from migrate.reencode.recipe import Recipe, Worker, read_range


def main() -> None:
    """Answer until there are no more questions."""
    # What the program's own modules print must not come between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker: Worker | None = None
    try:
        for line in sys.stdin.buffer:
            message = json.loads(line)
            try:
                if worker is None:
                    worker = Worker(Recipe.from_plain(message))
                    result: Any = "ready"
                else:
                    result = worker.do(read_range(message)).to_plain()
                _answer(answers, {"result": result})
            except TOLD as error:
                _answer(answers, of_error(error))
    except BrokenPipeError:
        return  # the parent is gone, and with it whoever wanted to know
    finally:
        if worker is not None:
            worker.close()


def _answer(answers: IO[bytes], message: dict[str, Any]) -> None:
    answers.write(json.dumps(message).encode("ascii") + b"\n")
    answers.flush()


if __name__ == "__main__":
    main()
