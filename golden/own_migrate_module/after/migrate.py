"""Moves the database of the application to its next version. Nothing to do with the tool of the same name."""

import sys

from app.state import State

if __name__ == "__main__":
    state = State.read(sys.argv[1])
    state.version += 1
    state.write(sys.argv[1])
    print("version", state.version)
