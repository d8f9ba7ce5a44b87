"""What ``.gitignore`` files leave out, where git itself cannot be asked: no work tree, or no git.

The rules are those of gitignore(5): the last pattern that matches decides, a file deeper down goes before one
higher up, and nothing below an ignored directory comes back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import Factory, define

if TYPE_CHECKING:
    from pathlib import Path

    from pathspec import GitIgnoreSpec

NAME = ".gitignore"


def _spec(lines: list[str]) -> GitIgnoreSpec:
    """Return the patterns that can be understood: git passes over others, such as a ``!`` by itself."""
    from pathspec import GitIgnoreSpec  # here, for most directories have no such file

    def is_pattern(line: str) -> bool:
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            return False
        return True

    return GitIgnoreSpec.from_lines(line for line in lines if is_pattern(line))


@define
class Ignored:
    """The ``.gitignore`` files of one tree, read as the walk comes to their directories."""

    root: Path
    specs: dict[str, GitIgnoreSpec] = Factory(dict)
    """Directory, relative to the root → the patterns of its file."""

    def enter(self, directory: str) -> None:
        """Read the file of a directory, if it has one that can be read; the root is the empty string."""
        try:
            lines = (self.root / directory / NAME).read_text("utf-8", "replace").splitlines()
        except OSError:
            # There is none, or nobody may read it: then it hides nothing.
            return
        self.specs[directory] = _spec(lines)

    def hides(self, path: str, *, directory: bool = False) -> bool:
        """Whether a file or directory is ignored, whose parents are not."""
        if not self.specs:
            return False
        parent = path.rpartition("/")[0]
        while True:
            spec = self.specs.get(parent)
            if spec is not None:
                below = path[len(parent) + 1 :] if parent else path
                verdict = spec.check_file(f"{below}/" if directory else below).include
                if verdict is not None:
                    return verdict
            if not parent:
                return False
            parent = parent.rpartition("/")[0]
