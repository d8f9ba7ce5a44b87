"""Classes derived from Pickler and Unpickler: which ones their users can do without, and what they rename."""

from __future__ import annotations

import textwrap

import pytest

from migrate.model import Operation, Site
from migrate.sites import find_sites

MODELS = {"shop/__init__.py": b"", "shop/models.py": b"class Order: ...\nclass Line: ...\n"}
PASSES = {
    "nothing is overridden": "pass",
    "a docstring and a constant of its own": '"""Ours."""\nVERSION = 2\n__slots__ = ()',
    "everything is refused": "def find_class(self, module, name): raise ValueError(name)",
    "what is refused is logged": """
        def find_class(self, module, name):
            log.warning("refused %s", name)
            raise ValueError(name)
        """,
    "a list of modules": """
        ALLOWED = ("shop.models", "datetime")
        def find_class(self, module, name):
            if module not in self.ALLOWED:
                raise ValueError(name)
            return super().find_class(module, name)
        """,
    "prefixes in a loop": """
        def find_class(self, module, name):
            for prefix in ("shop.", "numpy."):
                if module.startswith(prefix):
                    return pickle.Unpickler.find_class(self, module, name)
            raise ValueError(name)
        """,
    "a helper asks": """
        def find_class(self, module, name):
            full = f"{module}.{name}"
            if not self.allows(full):
                raise ValueError(full)
            return super(U, self).find_class(module, name)
        def allows(self, full): ...
        """,
    "imported by hand": """
        def find_class(self, module, name):
            __import__(module)
            found = getattr(sys.modules[module], name)
            if module.startswith("shop"):
                return found
            raise ValueError(name)
        """,
    "imported with importlib": """
        def find_class(self, module, name):
            return getattr(importlib.import_module(module), name)
        """,
    "errors of another kind": """
        def find_class(self, module, name):
            try:
                return super().find_class(module, name)
            except ImportError as error:
                raise ValueError(name) from error
        """,
    "the class by its own name": """
        def find_class(self, module, name):
            if module == "shop.models" and name == "Order":
                return Order
            raise ValueError(name)
        """,
}
STAYS = {
    "other bytes": "dispatch_table = {}",
    "other reducers": "def reducer_override(self, obj): return NotImplemented",
    "another constructor": "def __init__(self, file, names): super().__init__(file)",
    "another load": "def load(self): return Checked(super().load())",
    "an opcode": "def load_build(self): ...",
    "something decided in the body": "if SAFE:\n    def find_class(self, module, name): ...",
    "find_class is made elsewhere": "find_class = staticmethod(resolve)",
    "a class made up": """
        def find_class(self, module, name):
            try:
                return super().find_class(module, name)
            except ImportError:
                return type(name, (), {})
        """,
    "None for what is not known": """
        def find_class(self, module, name):
            if module == "shop.models":
                return super().find_class(module, name)
        """,
    "names are collected": """
        def find_class(self, module, name):
            self.seen.append(name)
            return super().find_class(module, name)
        """,
    "names are kept": """
        def find_class(self, module, name):
            self.last = name
            return super().find_class(module, name)
        """,
    "a name that is computed": """
        def find_class(self, module, name):
            return super().find_class(module.replace("old", "new"), name)
        """,
    "one module for all": """
        def find_class(self, module, name):
            return super().find_class("shop.models", name)
        """,
    "another object is asked": """
        def find_class(self, module, name):
            return self.other.find_class(module, name)
        """,
    "a table that is filled elsewhere": """
        def find_class(self, module, name):
            module = FILLED.get(module, module)
            return super().find_class(module, name)
        """,
    "a table that is stored to": """
        def find_class(self, module, name):
            if module in STORED:
                module = STORED[module]
            return super().find_class(module, name)
        """,
    "a class for every name": """
        def find_class(self, module, name):
            if module == "oldshop":
                return Order
            raise ValueError(name)
        """,
    "the names in the wrong order": """
        def find_class(self, module, name):
            return super().find_class(name, module)
        """,
    "a new place outside of the tree": """
        def find_class(self, module, name):
            if module == "oldlib":
                module = "newlib"
            return super().find_class(module, name)
        """,
}
RENAMES = {
    "a module": (
        """
        if module == "oldshop":
            module = "shop.models"
        return super().find_class(module, name)
        """,
        (("oldshop", "shop.models"),),
    ),
    "modules, by a variable of their own": (
        """
        renamed = module
        if module in ("oldshop", "store"):
            renamed = "shop.models"
        return super().find_class(renamed, name)
        """,
        (("oldshop", "shop.models"), ("store", "shop.models")),
    ),
    "modules, by a table of the module": (
        "return super().find_class(MOVED.get(module, module), name)",
        None,
    ),
    "modules, by a table in a variable": (
        """
        module = MOVED.get(module, module)
        return super().find_class(module, name)
        """,
        (("oldshop", "shop.models"),),
    ),
    "modules, only those in a table": (
        """
        if module in MOVED:
            module = MOVED[module]
        return super().find_class(module, name)
        """,
        (("oldshop", "shop.models"),),
    ),
    "a class, returned": (
        """
        if (module, name) == ("oldshop", "Purchase"):
            return Order
        raise ValueError(name)
        """,
        (("oldshop:Purchase", "shop.models:Order"),),
    ),
    "a class, renamed where it is": (
        """
        if module == "shop.models" and name == "Purchase":
            name = "Order"
        return super().find_class(module, name)
        """,
        (("shop.models:Purchase", "shop.models:Order"),),
    ),
    "classes, by a table of pairs": (
        """
        module, name = PAIRS.get((module, name), (module, name))
        return super().find_class(module, name)
        """,
        (("oldshop:Purchase", "shop.models:Order"),),
    ),
    "a name from a module of the tree": (
        """
        if module == "oldshop":
            return getattr(shop.models, name)
        return super().find_class(module, name)
        """,
        (("oldshop", "shop.models"),),
    ),
}


def subclass(body: str, base: str = "pickle.Unpickler") -> Site:
    """Return the site of a class with that body."""
    source = (
        "import importlib, pickle, shop.models, sys\n"
        "from shop.models import Order\n"
        'MOVED = {"oldshop": "shop.models"}\n'
        'PAIRS = {("oldshop", "Purchase"): ("shop.models", "Order")}\n'
        'FILLED = {"oldshop": "shop.models"}\nFILLED.update(more)\n'
        'STORED = {}\nSTORED["oldshop"] = "shop.models"\n'
        f"class U({base}):\n" + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ") + "\n"
    )
    found = find_sites({"app.py": source.encode(), **MODELS})
    return next(site for site in found["app.py"].sites if site.operation is Operation.SUBCLASS)


def find_class(body: str) -> str:
    return "def find_class(self, module, name):\n" + textwrap.indent(textwrap.dedent(body), "    ")


@pytest.mark.parametrize("name", PASSES)
def test_users_can_do_without_a_class_that_only_restricts(name: str):
    site = subclass(PASSES[name])
    assert (site.spare, site.renames) == (True, ())
    assert site.reason == "subclass-of-pickler"


@pytest.mark.parametrize("name", STAYS)
def test_users_cannot_do_without_a_class_that_changes_something(name: str):
    site = subclass(STAYS[name])
    assert (site.spare, site.renames) == (False, ())


@pytest.mark.parametrize("name", RENAMES)
def test_names_that_a_class_translates_are_read(name: str):
    body, renames = RENAMES[name]
    site = subclass(find_class(body))
    assert site.spare == (renames is not None)
    assert site.renames == (renames or ())


@pytest.mark.parametrize("base", ["Mixin, pickle.Unpickler", "pickle.Unpickler, metaclass=Meta"])
def test_other_bases_may_change_something(base: str):
    assert not subclass("pass", base).spare


def test_persistent_ids_have_a_reason_of_their_own():
    site = subclass("def persistent_load(self, key): ...")
    assert (site.reason, site.spare) == ("persistent-id", False)


def test_a_method_with_thousands_of_branches_is_not_followed():
    branches = "".join(f"if module == 'm{n}':\n    name = 'x{n}'\n" for n in range(300))
    assert not subclass(find_class(branches + "return super().find_class(module, name)")).spare


def test_a_rename_in_a_class_below_one_of_the_program_s_own_keeps_its_users():
    source = (
        "import pickle\nclass U(pickle.Unpickler): ...\nclass V(U):\n"
        + textwrap.indent(find_class("if module == 'old':\n    module = 'shop.models'\n"), "    ")
        + "        return super().find_class(module, name)\nV(f).load()\n"
    )
    found = find_sites({"app.py": source.encode(), **MODELS})["app.py"].sites
    assert [site.reason for site in found if site.operation is Operation.LOAD] == ["subclass-of-pickler"]
