"""The operands of a call to pickle: what is dumped, where to, and by which protocol.

Signatures are those of CPython 3.14; older names of ``loads``' parameter (``bytes_object`` until 3.7, ``str``
in Python 2's pure version) are known too.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from attrs import field, frozen

_PARAMETERS: dict[str, tuple[str, ...]] = {
    "dump": ("obj", "file", "protocol"),
    "dumps": ("obj", "protocol"),
    "load": ("file",),
    "loads": ("data",),
    "Pickler": ("file", "protocol"),
    "Unpickler": ("file",),
    "shelve.open": ("file", "flag", "protocol", "writeback"),
    "shelve.DbfilenameShelf": ("file", "flag", "protocol", "writeback"),
    "shelve.Shelf": ("file", "protocol", "writeback", "keyencoding"),
}
_SYNONYMS = {
    "bytes_object": "data",
    "str": "data",
    "string": "data",
    "value": "obj",
    "filename": "file",
    "dict": "file",
}
_OPTIONAL = frozenset({"protocol", "flag", "writeback", "keyencoding"})

_PICKLES = frozenset(
    {
        *(
            "obj",
            "file",
            "protocol",
            "data",
            "fix_imports",
            "encoding",
            "errors",
            "buffers",
            "buffer_callback",
        ),
        *_SYNONYMS,
    }
)
"""Parameters that pickle's functions have under these names."""

ProtocolOf = Callable[[ast.expr], int | None]


@frozen
class Operands:
    """The operands of one call, as expressions."""

    value: ast.expr | None = None
    handle: ast.expr | None = None
    protocol: int | None = None
    hidden: bool = field(default=False)
    """An operand that must be there arrives by ``*args`` or ``**kwargs``."""
    out_of_band: bool = field(default=False)
    """Buffers travel beside the pickle (protocol 5, PEP 574)."""


NO_OPERANDS = Operands()


def read_operands(function: str, call: ast.Call, protocol_of: ProtocolOf) -> Operands:
    """Match the arguments of ``call`` to the parameters of pickle's ``function``."""
    parameters = _PARAMETERS.get(function, ())
    plain = [argument for argument in call.args if not isinstance(argument, ast.Starred)]
    starred = len(plain) < len(call.args)
    if starred:
        first = next(i for i, argument in enumerate(call.args) if isinstance(argument, ast.Starred))
        plain = call.args[:first]
    given = dict(zip(parameters, plain, strict=False))
    keywords = {_SYNONYMS.get(k.arg, k.arg): k.value for k in call.keywords if k.arg is not None}
    given |= {name: value for name, value in keywords.items() if name in parameters}
    spread = starred or any(k.arg is None for k in call.keywords)
    missing = [name for name in parameters if name not in given and name not in _OPTIONAL]
    protocol = given.get("protocol")
    return Operands(
        value=given.get("obj"),
        handle=given.get("file", given.get("data")),
        protocol=protocol_of(protocol) if protocol is not None else None,
        hidden=spread and bool(missing),
        out_of_band=any(_is_given(keywords.get(name)) for name in ("buffer_callback", "buffers")),
    )


def says_more(function: str, call: ast.Call) -> bool:
    """Whether ``call`` passes a parameter that pickle does not have, as dill's ``byref`` and ``ignore``."""
    return len(call.args) > len(_PARAMETERS[function]) or any(
        keyword.arg is not None and keyword.arg not in _PICKLES for keyword in call.keywords
    )


def literal_protocol(node: ast.expr) -> int | None:
    """Return the protocol that a literal asks for: ``2``, ``-1``, ``True`` (1, as in Python 2's ``bin``)."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = literal_protocol(node.operand)
        return -1 if inner is not None else None
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return int(node.value)
    return None


def _is_given(node: ast.expr | None) -> bool:
    nothing = isinstance(node, ast.Constant) and node.value is None
    return node is not None and not nothing and not (isinstance(node, ast.Tuple) and not node.elts)
