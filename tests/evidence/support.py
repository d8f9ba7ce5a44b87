"""Small trees of source, and what the tests ask of them."""

from __future__ import annotations

from textwrap import dedent

from migrate.evidence import Flow, class_graph, gather
from migrate.model import ClassSchema, Source
from migrate.sites import find_sites


def tree(**files: str) -> dict[str, bytes]:
    """Make a tree; ``shop__models`` is ``shop/models.py``, and ``shop__`` is its ``__init__.py``."""
    made = {}
    for name, text in files.items():
        path = name.replace("__", "/")
        path = f"{path}__init__" if path.endswith("/") else path
        made[f"{path}.py"] = dedent(text).encode()
    return made


def one_class(text: str, key: str = "m:C") -> ClassSchema:
    """Return one class of the single module ``m``, which another module imports."""
    return class_graph({"m.py": dedent(text).encode(), "other.py": b"import m\n"})[key]


def fields(schema: ClassSchema) -> dict[str, str]:
    """Return the types of a class's fields as text."""
    return {field.name: str(field.type) for field in schema.fields}


def field_types(text: str, key: str = "m:C") -> dict[str, str]:
    return fields(one_class(text, key))


def flows(sources: dict[str, bytes], *, operation: str | None = None) -> list[Flow]:
    """Return the flows of a tree's sites in their order."""
    files = find_sites(sources)
    gathered = gather(sources, files)
    sites = [site for path in sorted(files) for site in files[path].sites]
    wanted = [site for site in sites if operation is None or site.operation.value == operation]
    return [gathered.flows[site.id] for site in wanted]


def one_flow(text: str, *, operation: str) -> Flow:
    """Return the flow of the only site of an operation in the single module ``app/m.py``."""
    found = flows(tree(app__="", app__m=text), operation=operation)
    assert len(found) == 1
    return found[0]


def said(flow: Flow) -> list[tuple[str, str]]:
    """Return types and sources of a flow's evidence."""
    return [(str(fact.type), fact.source.value) for fact in flow.types]


__all__ = ["Source", "field_types", "fields", "flows", "one_class", "one_flow", "said", "tree"]
