"""What checkers print, and the types that are meant by it."""

from __future__ import annotations

import pytest

from migrate.evidence.checker.answers import AnswerError, answer_in, names_in, parse_answer, qualified

KEYS = {"shop.models.Order": "shop.models:Order", "shop.models.Box": "shop.models:Box"}


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("int", "int"),
        ("Literal['a[b', \"it's\", b'x']", "Union[bytes, str]"),
        ("Literal[1, -2]", "int"),
        ("Literal[True]", "bool"),
        ("Literal[Color.RED]", "Color"),
        ("Order | None", "Optional[Order]"),
        ("list[int | str]", "list[Union[int, str]]"),
        ("tuple[()]", "tuple"),
        ("tuple[int, ...]", "tuple[int, ...]"),
        ("tuple[(int | str), bytes]", "tuple[Union[int, str], bytes]"),
        ("dict[str, Unknown]", "dict[str, Any]"),
        ("list[@_]", "list[Any]"),
        ("Self@Order", "Order"),
        ("Self@shop.models.Order", "shop.models.Order"),
        ("type[Self@Order]", "type[Order]"),
        ("Order (_.number: int, _.line: Line (_.x: str))", "Order"),
        ("T@first", "Any"),
        ("Never", "Any"),
        ("object", "Any"),
        ("int | Unknown", "Any"),
        ("Outer.Inner", "Outer.Inner"),
        ("Unknown & Order", "Order"),
        ("Unknown & Order & ~AlwaysFalsy", "Order"),
        ("(Unknown & bool) | (Unknown & Color)", "Union[Color, bool]"),
        ("list[Unknown & Order] | None", "Optional[list[Order]]"),
        ("int & int", "int"),
        ("~None", "Any"),
        ("list[~None]", "list[Any]"),
        ("Unknown & ~Order", "Any"),
        ("@Todo(a type of a later version) | int", "Any"),
    ],
)
def test_a_type_is_read_and_what_is_not_known_is_unknown(text, type_):
    assert str(parse_answer(text)) == type_


@pytest.mark.parametrize(
    "text",
    [
        "",
        "(a: int) -> str",
        "((...) -> Unknown) & Order",
        "A & B",
        "Unknown & A & B",
        "A & ~",
        "A ~ B",
        "~(a: int) -> str",
        "tuple[int, *tuple[str, ...]]",
        "bound method Order.me() -> Unknown",
        "<class 'app.<locals of function 'f'>.Order'>",
        "Unknown & <Protocol with members 'x'>",
        "int | ... omitted 3 union elements",
        "Overload[(a: int) -> str]",
        "BoundMethod[Order, (self: Order) -> int]",
        "Module[sys]",
        "list[int",
        "list[int]]",
        "list[]",
        "Literal[{}]",
        "int = 3",
        "Order (_.number",
        "super[object, Order]",
        "list[" * 200 + "int" + "]" * 200,
    ],
)
def test_what_is_not_understood_is_refused_and_never_guessed(text):
    with pytest.raises(AnswerError):
        parse_answer(text)


@pytest.mark.parametrize(
    ("message", "id_", "text"),
    [
        ("revealed type: tuple[Literal['ask3'], Order]", "ask3", "Order"),
        ("revealed type: tuple[Literal['ask3'], dict[str, int], type[n.Order]]", "ask3", "dict[str, int]"),
        ("revealed type: tuple[Literal['ask-canary'], list[Canary]]", "ask-canary", "list[Canary]"),
        ("revealed type: tuple[Literal['ask0'], Literal[', ]'], type[n.X]]", "ask0", "Literal[', ]']"),
        ('Revealed type: `tuple[Literal["ask1"], int]`', "ask1", "int"),
    ],
)
def test_an_answer_carries_its_question_and_leaves_out_the_names_beside_it(message, id_, text):
    found = answer_in(message)
    assert (found.id, found.text) == (id_, text)


@pytest.mark.parametrize("message", ["revealed type: int", "revealed type: tuple[Literal['x'], int]", ""])
def test_other_messages_are_passed_over(message):
    assert answer_in(message) is None


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("shop.models.Order", "shop.models:Order"),
        ("builtins.list[shop.models.Box[builtins.int]]", "list[shop.models:Box[int]]"),
        ("datetime.datetime", "datetime.datetime"),
        ("decimal.Decimal | None", "Optional[decimal.Decimal]"),
        ("re.Pattern[str]", "re.Pattern"),
        ("collections.OrderedDict[str, int]", "collections.OrderedDict[str, int]"),
        ("typing.Iterator[int]", "collections.abc.Iterator[int]"),
        ("typing.Mapping[str, int]", "collections.abc.Mapping[str, int]"),
        ("_collections_abc.dict_items[str, int]", "collections.abc.ItemsView[str, int]"),
        ("requests.models.Response", "requests.models.Response"),
        ("numpy.ndarray[tuple[int], numpy.dtype[numpy.float64]]", "numpy.ndarray"),
        ("builtins.KeyError", "KeyError"),
        ("LiteralString", "str"),
        ("type[shop.models.Order]", "type[shop.models:Order]"),
    ],
)
def test_qualified_names_become_those_of_this_program(text, type_):
    assert str(qualified(parse_answer(text), KEYS)) == type_


@pytest.mark.parametrize(
    "text", ["Order", "NumericalType", "numpy.ndarray", "numpy.ndarray[tuple[int], numpy.dtype[Any]]"]
)
def test_a_name_without_a_module_and_an_array_that_may_hold_objects_are_unknown(text):
    assert str(qualified(parse_answer(text), KEYS)) == "Any"


def test_names_that_need_a_module_are_found_once_shadowed_builtins_among_them():
    ref = parse_answer("dict[str, Outer.Inner] | list[Order] | KeyError | LiteralString | set[int]")
    assert sorted(names_in(ref)) == ["Inner", "Order"]
    assert "set" in set(names_in(ref, frozenset({"set"})))
