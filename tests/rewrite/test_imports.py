"""Which imports stay, which go, and what the new one is called."""

from __future__ import annotations

import pytest
from attrs import evolve

from migrate.rewrite import rewrite

from .support import plan_for, rewrite_bytes, rewrite_text


def test_relative() -> None:
    assert rewrite_text("import pickle\npickle.dump(x, f)\n", relative=1) == (
        "from . import converters\nconverters.dump(x, f)\n"
    )


def test_relative_from_a_subpackage() -> None:
    text = rewrite_text("import pickle\npickle.dump(x, f)\n", path="shop/db/blobs.py", relative=2)
    assert text.startswith("from .. import converters\n")


def test_module_at_the_root() -> None:
    source = b"import pickle\npickle.dump(x, f)\n"
    plan = plan_for({"report.py": source}, module="converters")
    edits, problems = rewrite(plan, {"report.py": source})
    assert problems == []
    assert [e.path for e in edits] == ["converters.py", "report.py"]
    assert edits[1].after == b"import converters\nconverters.dump(x, f)\n"


def test_module_at_the_root_whose_name_is_taken() -> None:
    source = b"import pickle\ndef f(converters):\n    return pickle.dumps(converters)\n"
    edits, _ = rewrite(plan_for({"report.py": source}, module="converters"), {"report.py": source})
    assert edits[1].after == (
        b"import converters as pickle_converters\n"
        b"def f(converters):\n    return pickle_converters.dumps(converters)\n"
    )


def test_a_second_free_name_is_found() -> None:
    text = rewrite_text("import pickle\nconverters = pickle_converters = 1\npickle.dump(x, f)\n")
    assert "from shop import converters as json_converters\n" in text
    assert "json_converters.dump(x, f)\n" in text


@pytest.mark.parametrize(
    "taken",
    [
        "def converters(): pass\n",
        "class converters: pass\n",
        "for converters in x: pass\n",
        "if x: from other import converters\n",
        "if x: import converters\n",
    ],
)
def test_a_name_that_anything_binds_is_taken(taken: str) -> None:
    text = rewrite_text(f"import pickle\n{taken}pickle.dump(x, f)\n")
    assert text == f"from shop import converters as pickle_converters\n{taken}pickle_converters.dump(x, f)\n"


@pytest.mark.parametrize("taken", ["from other import converters\n", "import converters\n"])
def test_a_name_that_another_import_binds_is_taken(taken: str) -> None:
    text = rewrite_text(f"import pickle\n{taken}pickle.dump(x, f)\n")
    assert text == (
        f"{taken}\nfrom shop import converters as pickle_converters\npickle_converters.dump(x, f)\n"
    )


def test_the_own_import_inside_a_function_takes_no_name() -> None:
    source = (
        "import pickle\ndef f(x):\n    from shop import converters\n"
        "    return converters.dumps(x)\npickle.dump(x, f)\n"
    )
    assert rewrite_text(source).startswith("from shop import converters\n")


def test_an_existing_import_is_used_by_its_name() -> None:
    source = "from shop import converters as conv\nimport pickle\nconv.dump(x, f)\npickle.load(f)\n"
    assert rewrite_text(source) == "from shop import converters as conv\nconv.dump(x, f)\nconv.load(f)\n"


def test_a_reexported_name_stays() -> None:
    source = "from pickle import dumps, loads\nx = loads(b)\ny = dumps(x)\n"
    assert rewrite_text(source, reexported=("dumps",)) == (
        "from pickle import dumps\nfrom shop import converters\n"
        "x = converters.loads(b)\ny = converters.dumps(x)\n"
    )


def test_an_unused_name_with_noqa_stays() -> None:
    source = "import pickle\nfrom pickle import PickleError  # noqa: F401\npickle.dump(x, f)\n"
    assert "from pickle import PickleError  # noqa: F401\n" in rewrite_text(source)


def test_an_unused_name_in_a_package_stays() -> None:
    source = "import pickle\nfrom pickle import PickleError\npickle.dump(x, f)\n"
    assert "from pickle import PickleError\n" in rewrite_text(source, path="shop/__init__.py")


def test_an_unused_name_elsewhere_goes_with_the_rest() -> None:
    assert rewrite_text("from pickle import dump, load\ndump(x, f)\n") == (
        "from shop import converters\nconverters.dump(x, f)\n"
    )


def test_a_name_that_is_still_used_where_no_site_tells_is_a_problem() -> None:
    sources = {"shop/store.py": b"import pickle\npickle.dump(x, f)\ndel pickle\n"}
    plan = plan_for(sources)
    blind = evolve(plan.files[0], decisions=plan.files[0].decisions[:1])
    edits, problems = rewrite(evolve(plan, files=(blind,)), sources)
    assert edits == []
    assert [p.reason for p in problems] == ["edit-failed"]
    assert "pickle would be used without an import, at line 3" in problems[0].message


@pytest.mark.parametrize("condition", ["", "if not ENABLED:\n    "])
def test_a_name_that_the_module_assigns_as_well_is_a_problem(condition: str) -> None:
    source = (
        f"import pickle\n{condition}pickle = None\nif pickle is not None:\n    pickle.dump(x, f)\n".encode()
    )
    after, problems = rewrite_bytes(source)
    assert after == source
    assert {p.reason for p in problems} <= {"edit-failed"}


def test_a_site_that_is_not_where_the_plan_says_is_a_problem() -> None:
    sources = {"shop/store.py": b"import pickle\npickle.dump(x, f)\n"}
    edits, problems = rewrite(plan_for(sources), {"shop/store.py": b"import pickle\n\npickle.dump(x, f)\n"})
    assert edits == []
    assert [p.path for p in problems] == ["shop/store.py"]


def test_a_site_without_a_counterpart_is_a_problem() -> None:
    sources = {"shop/store.py": b"import pickle\nx = pickle.PickleBuffer(b)\n"}
    plan = plan_for(sources)
    forced = evolve(plan.files[0], decisions=tuple(evolve(d, apply=True) for d in plan.files[0].decisions))
    edits, problems = rewrite(evolve(plan, files=(forced,)), sources)
    assert edits == []
    assert "PickleBuffer has no counterpart" in problems[0].message


def test_one_bad_file_does_not_stop_the_others() -> None:
    sources = {
        "shop/bad.py": b"import pickle\rpickle.dump(x, f)\r",
        "shop/good.py": b"import pickle\npickle.dump(x, f)\n",
    }
    edits, problems = rewrite(plan_for(sources), sources)
    assert [e.path for e in edits] == ["shop/converters.py", "shop/good.py"]
    assert [p.path for p in problems] == ["shop/bad.py"]


def test_a_converters_module_that_does_not_parse_stops_the_files_that_need_it() -> None:
    sources = {"shop/store.py": b"import pickle\npickle.dump(x, f)\n", "shop/converters.py": b"def (:\n"}
    plan = plan_for({"shop/store.py": sources["shop/store.py"]})
    edits, problems = rewrite(plan, sources)
    assert edits == []
    assert [p.path for p in problems] == ["shop/converters.py"]


def test_nothing_to_apply_generates_nothing() -> None:
    sources = {"shop/store.py": b"import pickle\npickle.dump(x, f)  # stay\n"}
    assert rewrite(plan_for(sources), sources) == ([], [])


class TestNamesOfTheProgramsOwn:
    """``from shop.safe import Reader``, where Reader is derived from Unpickler."""

    SAFE = b"import pickle\nclass Reader(pickle.Unpickler): ...\nfreeze = pickle.dumps\n"

    def after(self, source: str) -> str:
        sources = {"shop/__init__.py": b"", "shop/safe.py": self.SAFE, "shop/app.py": source.encode()}
        edits, problems = rewrite(plan_for(sources), sources)
        assert problems == []
        return {edit.path: edit.after.decode() for edit in edits}["shop/app.py"]

    def test_one_that_nothing_uses_any_more_goes(self) -> None:
        assert self.after("from shop.safe import Reader\nx = Reader(f).load()\n") == (
            "from shop import converters\nx = converters.load(f)\n"
        )

    def test_others_of_the_same_import_stay(self) -> None:
        source = "from shop.safe import Reader, freeze, other\nx = Reader(f).load()\ny = freeze(x)\n"
        assert self.after(source) == (
            "from shop import converters\nfrom shop.safe import other\n"
            "x = converters.load(f)\ny = converters.dumps(x)\n"
        )

    @pytest.mark.parametrize("other", ["read(f, Reader)", "Reader.names", "__all__ = ['Reader']"])
    def test_one_that_is_used_otherwise_stays(self, other: str) -> None:
        after = self.after(f"from shop.safe import Reader\nx = Reader(f).load()\n{other}\n")
        assert "from shop.safe import Reader\n" in after

    def test_one_that_was_never_used_is_not_ours_to_remove(self) -> None:
        source = "from shop.safe import Reader, freeze\nx = freeze(3)\n"
        assert "from shop.safe import Reader\n" in self.after(source)
