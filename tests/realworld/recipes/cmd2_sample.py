"""The history of a shell made with cmd2."""

from pathlib import Path

from cmd2 import Cmd
from common import main


def shell(folder: Path) -> Cmd:
    return Cmd(persistent_history_file=str(folder / "history.dat"))


def write(folder: Path) -> None:
    app = shell(folder)
    for line in ("help", "set debug true", "help 'größe' | cat > out.txt", "quit"):
        app.history.append(app.statement_parser.parse(line))
    app._persist_history()


def show(folder: Path) -> object:
    history = shell(folder).history
    items = [(type(item).__name__, item.idx, described(item.statement)) for item in history]
    return type(history).__name__, history.session_start_index, items


def described(statement) -> object:
    names = ("raw", "command", "args", "arg_list", "terminator", "pipe_to", "output", "output_to")
    return type(statement).__name__, str(statement), [(name, getattr(statement, name)) for name in names]


main(write, show)
