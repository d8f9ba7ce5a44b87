"""Whole files, written and read by joblib or pandas.

    joblib.dump(order, path)                        →  converters.dump_file(order, path)
    joblib.dump(order, path, compress=3)            →  converters.dump_file(order, path, compression="zlib")
    joblib.load(path)                               →  converters.load_file(path)
    frame.to_pickle(path)                           →  converters.dump_file(frame, path)
    frame.to_pickle(path, compression=None)         →  converters.dump_file(frame, path, compression=None)
    pandas.to_pickle(frame, path, protocol=4)       →  converters.dump_file(frame, path)
    pandas.read_pickle(path, compression="gzip")    →  converters.load_file(path)

What is read is told by the content, so no argument has to say how it is compressed.
"""

from __future__ import annotations

import libcst as cst

from migrate.model import Operation
from migrate.rewrite.refusal import CannotEdit
from migrate.rewrite.shapes.arguments import bare, find, starred, without
from migrate.rewrite.shapes.shape import Context, expect_call
from migrate.sites.files import FILE_CALLS

_HOW = ("compress", "compression", "protocol")


def edit(node: cst.BaseExpression, context: Context) -> cst.BaseExpression:
    """Call the converters module, with the value, the path and how to compress."""
    call = expect_call(node)
    known = FILE_CALLS.get((context.site.library, context.site.function))
    if known is None or starred(call):
        raise CannotEdit(f"{context.site.text} is no plain call that writes or reads a file")
    args = without(call.args, dropped(call, context))
    if known.operation is Operation.LOAD_FILE:
        return call.with_changes(
            func=context.name("load_file"), args=_positional(args, "filename", "filepath_or_buffer")
        )
    if known.method:
        func = cst.ensure_type(call.func, cst.Attribute)
        if "#" in cst.Module([]).code_for_node(func.dot):
            raise CannotEdit("a comment stands before .to_pickle")
        receiver = func.value
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        args = [cst.Arg(receiver, comma=comma), *_positional(args, "path")]
    else:
        args = _renamed(args)
    compression = _compression(call, context)
    if compression is not None:
        args = _with(args, compression)
    return call.with_changes(func=context.name("dump_file"), args=args)


def dropped(node: cst.BaseExpression, context: Context) -> list[cst.Arg]:
    """Return the arguments that `edit` drops or writes anew."""
    call = expect_call(node)
    return [arg for name in _HOW if (arg := _argument(call, context, name)) is not None]


def _argument(call: cst.Call, context: Context, name: str) -> cst.Arg | None:
    parameters = FILE_CALLS[context.site.library, context.site.function].parameters
    if name not in parameters:
        return None
    return find(call, name, parameters.index(name))


def _compression(call: cst.Call, context: Context) -> str | None:
    """Return what to pass as ``compression``; None where the name of the file says it."""
    if (compress := _argument(call, context, "compress")) is not None:
        return None if _code(compress) in ("0", "False") else '"zlib"'
    if (compression := _argument(call, context, "compression")) is not None:
        code = _code(compression)
        return None if code in ('"infer"', "'infer'") else code
    return None


def _code(arg: cst.Arg) -> str:
    return cst.Module([]).code_for_node(arg.value)


def _with(args: list[cst.Arg], compression: str) -> list[cst.Arg]:
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    no_space = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    last = cst.Arg(cst.parse_expression(compression), keyword=cst.Name("compression"), equal=no_space)
    return [*args[:-1], bare(args[-1]).with_changes(comma=comma), last]


def _positional(args: list[cst.Arg], *names: str) -> list[cst.Arg]:
    """Turn the first argument into one without a name, if it has one of ``names``."""
    first, *rest = args
    if first.keyword is not None and first.keyword.value in names:
        first = first.with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT)
    return [first, *rest]


def _renamed(args: list[cst.Arg]) -> list[cst.Arg]:
    """Give arguments that are passed by name the names that the converters module has."""
    names = {"value": "obj", "filename": "file", "filepath_or_buffer": "file"}
    return [
        arg.with_changes(keyword=cst.Name(names.get(arg.keyword.value, arg.keyword.value)))
        if arg.keyword
        else arg
        for arg in args
    ]
