"""What a converters module is to contain."""

from __future__ import annotations

import pytest

from migrate.model import Safety
from tests.plan.support import BOTH, at, plan_of
from tests.plan.test_decide import CLOSED, OPEN

PACKAGE = {
    "shop/__init__.py": "",
    "shop/models.py": """
        class Cart:
            def __init__(self):
                self.lines = []

        class Unrelated: ...
    """,
    "shop/store.py": """
        import pickle
        from shop.models import Cart
        def save(cart: Cart, f):
            pickle.dump(cart, f, 2)
        def load(f) -> Cart:
            try:
                return pickle.load(f)
            except pickle.UnpicklingError:
                return Cart()
    """,
    "other/__init__.py": "",
    "other/far.py": "class Far: ...\n",
    "tests/test_store.py": """
        import pickle
        from shop.store import save
        class TestStore: ...
        def test(f):
            pickle.dump([1], f, protocol=0)
    """,
}


def only(plan):
    (converters,) = plan.converters
    return converters


def test_known_classes_come_with_where_they_flow():
    converters = only(plan_of({"shop.py": CLOSED}))
    assert [c.key for c in converters.classes] == ["shop:Order"]
    assert converters.provenance["shop:Order"] == ("written at shop.py:12", "read at shop.py:16")
    assert not converters.guessed


def test_an_unknown_value_may_be_any_class_nearby_as_a_guess():
    converters = only(plan_of({"a.py": OPEN + "\n    class Thing:\n        pass\n"}, include=BOTH))
    assert converters.guessed == {"a:Thing"}
    assert converters.guessed_at


def test_a_guess_does_not_reach_across_unconnected_packages_or_into_tests():
    converters = only(plan_of(PACKAGE, include=BOTH))
    keys = {c.key for c in converters.classes}
    assert "shop.models:Cart" in keys
    assert "other.far:Far" not in keys
    assert not any(key.startswith("tests") or ":Test" in key for key in keys)


def test_a_guess_reaches_examples_and_documentation_only_from_there():
    shown = "import a\nclass Shown: ...\n"
    library = {"a.py": OPEN + "\n    class Thing:\n        pass\n"}
    examples = {"docs/tutorial/views.py": shown, "examples/b.py": shown}
    assert only(plan_of({**library, **examples}, include=BOTH)).guessed == {"a:Thing"}
    beside = plan_of({"examples/a.py": OPEN, "examples/b.py": shown}, include=BOTH)
    assert only(beside).guessed == {"b:Shown"}


def chain_of_modules(last: str, length: int = 12) -> dict[str, str]:
    """A writer of anything, and ``last`` at the end of a chain of modules that import each other."""
    links = {f"m{n}.py": f"import m{n + 1}\n" for n in range(1, length)}
    return {"a.py": f"    import m1\n{OPEN}", **links, f"m{length}.py": last}


def test_a_class_with_methods_for_pickle_is_a_guess_however_far_away_it_is():
    far = """
        class Meant:
            def __getstate__(self):
                return {}
        class Other: ...
    """
    plan = plan_of(chain_of_modules(far), include=BOTH)
    assert only(plan).guessed == {"m12:Meant"}


def test_methods_for_pickle_make_no_guess_of_what_no_import_leads_to():
    unconnected = "class Meant:\n    def __reduce__(self):\n        return Meant, ()\n"
    plan = plan_of({"a.py": OPEN, "other.py": unconnected}, include=BOTH)
    assert not only(plan).guessed


def test_known_classes_stand_before_guesses():
    converters = only(plan_of(PACKAGE, include=BOTH))
    flags = [c.key in converters.guessed for c in converters.classes]
    assert flags == sorted(flags)


def test_one_module_serves_the_package_and_its_tests():
    plan = plan_of(PACKAGE, include=BOTH)
    assert only(plan).path == "shop/converters.py"
    assert {f.converters for f in plan.files} == {"shop.converters"}


def test_the_lowest_protocol_of_the_program_counts_and_not_that_of_its_tests():
    assert only(plan_of(PACKAGE, include=BOTH)).protocol == 2


def test_errors_that_are_handled_are_exported():
    assert only(plan_of(PACKAGE, include=BOTH)).exports == {"DecodeError"}


def test_a_module_passed_as_a_value_exports_all_that_pickle_has():
    converters = only(plan_of({"a.py": "import pickle\nuse(serializer=pickle)\n"}, include=BOTH))
    assert {"Pickler", "Unpickler", "HIGHEST_PROTOCOL", "ConverterError"} <= converters.exports


def test_no_converters_module_when_nothing_is_applied():
    assert plan_of({"a.py": OPEN}).converters == ()


def test_a_tree_with_a_migrate_of_its_own_gets_the_runtime_written_into_its_package():
    plan = plan_of({**PACKAGE, "migrate.py": "print('ours')\n"}, include=BOTH)
    assert plan.vendor == "shop._pickle_migrate"
    assert "migrate.py" in plan.notes[0]


def test_a_migrate_module_inside_a_package_is_no_conflict():
    plan = plan_of({**PACKAGE, "shop/migrate.py": ""}, include=BOTH)
    assert plan.vendor is None


def test_vendoring_can_be_asked_for():
    assert plan_of(PACKAGE, include=BOTH, vendor=True).vendor == "shop._pickle_migrate"
    assert plan_of({"a.py": CLOSED}, vendor=True).vendor == "_pickle_migrate"


PAGES = {
    "shop/__init__.py": "",
    "shop/orders.py": """
        from pydantic import BaseModel
        class Order(BaseModel):
            id: int
    """,
    "shop/models.py": """
        from typing import Generic, TypeVar
        from pydantic import BaseModel
        T = TypeVar("T")
        class Item(BaseModel):
            sku: str
        class Page(BaseModel, Generic[T]):
            rows: list[T]
        class Tagged(BaseModel, Generic[T]):
            total: int
        class Answer(BaseModel):
            found: Page[Item] | None
    """,
}


def with_pages(code):
    source = (
        "import pickle\nfrom shop.models import Answer, Item, Page, Tagged\nfrom shop.orders import Order\n"
    )
    return plan_of({**PAGES, "shop/store.py": source + code}, include=BOTH)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("def save(x: Page[Item], f):\n    pickle.dump(x, f)\n", ["Page[Item]"]),
        ("def save(f):\n    page = Page[int](rows=[1])\n    pickle.dump(page, f)\n", ["Page[int]"]),
        ("def save(x: Answer, f):\n    pickle.dump(x, f)\n", ["Page[Item]"]),
        ("def load(f) -> list[Page[int | None]]:\n    return pickle.load(f)\n", ["Page[int | None]"]),
        (
            "def save(x: Page[dict[str, Page[Order]]], f):\n    pickle.dump(x, f)\n",
            ["Page[dict[str, Page[shop.orders.Order]]]", "Page[shop.orders.Order]"],
        ),
        ("def save(x: Page, f):\n    pickle.dump(x, f)\n", []),
        ("def save(x: Page[open('x')], f):\n    pickle.dump(x, f)\n", []),
    ],
)
def test_a_generic_model_is_registered_by_its_arguments_as_well(code, names):
    keys = [c.key.removeprefix("shop.models:") for c in only(with_pages(code)).classes if "[" in c.key]
    assert keys == names


def test_pickles_name_the_arguments_of_a_generic_model_without_their_modules():
    plan = with_pages("def save(x: Page[Order], f):\n    pickle.dump(x, f)\n")
    (found,) = (c for c in only(plan).classes if "[" in c.key)
    assert found.aliases == ("shop.models:Page[Order]",)


def test_a_generic_model_whose_arguments_are_not_known_asks():
    asking = at(with_pages("def save(x: Tagged, f):\n    pickle.dump(x, f)\n"), "pickle.dump")
    assert asking.safety is Safety.REVIEW
    assert "Tagged[…]" in asking.question
    known = with_pages("def save(x: Tagged[int], f):\n    pickle.dump(x, f)\n")
    assert at(known, "pickle.dump").safety is Safety.SAFE
    assert "shop.models:Tagged[int]" in {c.key for c in only(known).classes}


class TestClassesOfTests:
    """What only tests define and store through the functions of the program."""

    LIBRARY = {
        "lib/shop/__init__.py": "from shop.store import load, save\n",
        "lib/shop/store.py": """
            import pickle

            class Box:
                def __init__(self, size: int):
                    self.size = size

            def save(obj, f):
                pickle.dump(obj, f)

            def load(f):
                return pickle.load(f)

            def start(f):
                save(Box(3), f)
        """,
    }
    TEST = """
        from dataclasses import dataclass
        from shop import save

        @dataclass
        class Thing:
            size: int

        if __name__ == "__main__":
            save(Thing(3), open("x", "wb"))
    """

    @pytest.mark.parametrize("path", ["tests/test_store.py", "lib/shop/tests/test_store.py", "conftest.py"])
    def test_are_kept_apart_behind_the_classes_of_the_program(self, path: str):
        converters = only(plan_of({**self.LIBRARY, path: self.TEST}, include=BOTH))
        names = [c.key.partition(":")[2] for c in converters.classes]
        assert names == ["Box", "Thing"]
        assert {key.partition(":")[2] for key in converters.of_tests} == {"Thing"}
        assert converters.classes[1].aliases == (), "nothing that is stored calls it __main__:Thing"

    def test_nothing_is_a_class_of_tests_elsewhere(self):
        converters = only(plan_of({**self.LIBRARY, "lib/shop/tools.py": self.TEST}, include=BOTH))
        assert {c.key.partition(":")[2] for c in converters.classes} == {"Box", "Thing"}
        assert not converters.of_tests

    def test_nothing_is_kept_apart_in_a_module_of_the_tests(self):
        alone = {
            "tests/test_own.py": "import pickle\nclass Own: ...\ndef test(f):\n    pickle.dump(Own(), f)\n"
        }
        converters = only(plan_of(alone, include=BOTH))
        assert [c.key for c in converters.classes] == ["test_own:Own"]
        assert not converters.of_tests
