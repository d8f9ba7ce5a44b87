"""The refusal to edit, in a module of its own: who only asks whether there is an edit needs no LibCST."""


class CannotEdit(Exception):  # noqa: N818 - a refusal, not a fault
    """The site does not look as its operation promises; the message says what was found."""
