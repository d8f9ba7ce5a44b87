"""`converters.load(f, Order)`: only where the declaration and the name are certain."""

from __future__ import annotations

import pytest
from attrs import evolve

from migrate.model import ClassSchema, Evidence, Kind, Source, TypeRef

from .support import rewrite_text

ORDER = ClassSchema("shop.models:Order", Kind.DATACLASS, "shop/models.py", 3)
LOCAL = ClassSchema("shop.store:Order", Kind.DATACLASS, "shop/store.py", 3)
DECLARED = Evidence(TypeRef("shop.models:Order"), Source.DECLARED, "shop/store.py:4")
LOAD = "def get(f):\n    return pickle.load(f)\n"


def after(source: str, evidence: Evidence = DECLARED, schema: ClassSchema = ORDER, *more: Evidence) -> str:
    return rewrite_text(source, evidence=(evidence, *more), classes=(schema,))


@pytest.mark.parametrize(
    ("imports", "name"),
    [
        ("from shop.models import Order\n", "Order"),
        ("from shop.models import Order as O\n", "O"),
        ("from .models import Order\n", "Order"),
        ("from ..shop.models import Line, Order\n", "Order"),
    ],
)
def test_is_given(imports: str, name: str) -> None:
    assert f"return converters.load(f, {name})\n" in after(f"import pickle\n{imports}{LOAD}")


def test_is_given_for_a_class_of_the_file() -> None:
    source = f"import pickle\nclass Order:\n    pass\n{LOAD}"
    here = evolve(DECLARED, type=TypeRef("shop.store:Order"))
    assert "converters.load(f, Order)" in after(source, here, LOCAL)


def test_stands_before_keywords() -> None:
    source = 'import pickle\nfrom shop.models import Order\nx = pickle.load(f, encoding="latin1")\n'
    assert 'converters.load(f, Order, encoding="latin1")' in after(source)


IMPORT = "from shop.models import Order\n"

LEFT_OUT = {
    "no import": f"import pickle\n{LOAD}",
    "another class of that name": f"import pickle\nfrom other.models import Order\n{LOAD}",
    "a conditional import": f"import pickle\nif TYPE_CHECKING:\n    {IMPORT}{LOAD}",
    "an import in another function": f"import pickle\ndef g():\n    {IMPORT}{LOAD}",
    "a name that is bound twice": f"import pickle\n{IMPORT}Order = None\n{LOAD}",
    "a parameter of that name": f"import pickle\n{IMPORT}def get(f, Order):\n    return pickle.load(f)\n",
    "the module only": f"import pickle\nfrom shop import models\n{LOAD}",
    "bound below": f"import pickle\nx = pickle.load(f)\n{IMPORT}",
    "arguments that cannot be seen": f"import pickle\n{IMPORT}x = pickle.load(*a)\n",
    "a keyword for the file": f"import pickle\n{IMPORT}x = pickle.load(file=f)\n",
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_is_left_out(name: str) -> None:
    text = after(LEFT_OUT[name])
    assert "converters.load(" in text
    assert "load(f, Order)" not in text


@pytest.mark.parametrize(
    "evidence",
    [
        evolve(DECLARED, source=Source.INFERRED),
        evolve(DECLARED, source=Source.DATA),
        evolve(DECLARED, source=Source.GUESSED),
        evolve(DECLARED, type=TypeRef("Optional", (DECLARED.type,))),
        evolve(DECLARED, type=TypeRef("list", (DECLARED.type,))),
        evolve(DECLARED, type=TypeRef("dict")),
        evolve(DECLARED, type=TypeRef("other:Order")),
    ],
    ids=str,
)
def test_is_left_out_for_lesser_evidence(evidence: Evidence) -> None:
    assert "converters.load(f)" in after(f"import pickle\n{IMPORT}{LOAD}", evidence)


def test_is_left_out_for_two_types() -> None:
    other = evolve(DECLARED, type=TypeRef("shop.models:Line"))
    assert "converters.load(f)" in after(f"import pickle\n{IMPORT}{LOAD}", DECLARED, ORDER, other)


def test_is_never_given_to_a_writer() -> None:
    assert "converters.dump(x, f)" in after(f"import pickle\n{IMPORT}pickle.dump(x, f)\n")
