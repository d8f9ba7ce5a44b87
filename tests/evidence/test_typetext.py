"""Types as text, read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.evidence import types as t
from migrate.evidence.typetext import TypeTextError, parse_type
from migrate.model import TypeRef

NAMES = st.sampled_from(["int", "str", "None", "datetime.date", "shop.models:Order", "m:Outer.Inner"])
TYPES = st.recursive(
    NAMES.map(TypeRef),
    lambda inner: st.one_of(
        inner.map(lambda ref: TypeRef("list", (ref,))),
        st.tuples(inner, inner).map(lambda pair: TypeRef("dict", pair)),
        inner.map(lambda ref: TypeRef("tuple", (ref, t.ELLIPSIS))),
        st.lists(inner, min_size=2, max_size=3).map(t.join),
    ),
    max_leaves=6,
)


@given(TYPES)
def test_what_is_written_is_read_back(ref):
    assert t.join([parse_type(str(ref))]) == t.join([ref])


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("int | None", "Optional[int]"),
        ("None|str", "Optional[str]"),
        (" dict [ str , m:C|None ] ", "dict[str, Optional[m:C]]"),
        ("tuple[int, ...]", "tuple[int, ...]"),
        ("Union[int, str, None]", "Union[int, str, None]"),
    ],
)
def test_people_write_types_as_in_annotations(text, meant):
    assert str(parse_type(text)) == meant


@pytest.mark.parametrize(
    "text", ["", "list[", "list[]", "int]", "int |", "a, b", "[int]", "list[int] x", "["]
)
def test_what_is_no_type_is_named(text):
    with pytest.raises(TypeTextError, match="is no type"):
        parse_type(text)


def test_nesting_ends_somewhere():
    with pytest.raises(TypeTextError):
        parse_type("list[" * 5000 + "int" + "]" * 5000)
