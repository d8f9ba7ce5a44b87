"""What is decided at a site, given what flows there."""

from __future__ import annotations

import textwrap

import pytest

from migrate.model import Safety
from tests.plan.support import BOTH, at, plan_of

CLOSED = """
    import pickle
    from dataclasses import dataclass

    @dataclass
    class Order:
        number: int
        tags: list[str]

    def save(order: Order, path):
        with open(path, "wb") as f:
            pickle.dump(order, f, protocol=2)

    def load(path) -> Order:
        with open(path, "rb") as f:
            return pickle.load(f)
"""
OPEN = """
    import pickle

    def save(data, path):
        with open(path, "wb") as f:
            pickle.dump(data, f)

    def load(path):
        try:
            with open(path, "rb") as f:
                return pickle.load(f)
        except pickle.UnpicklingError:
            return None
"""


def test_a_closed_set_of_classes_is_safe():
    plan = plan_of({"shop.py": CLOSED})
    assert {d.safety for d in plan.decisions} == {Safety.SAFE}
    assert all(d.apply for d in plan.decisions)


def test_builtins_alone_are_safe():
    plan = plan_of({"a.py": 'import pickle\nblob = pickle.dumps({"a": [1, 2.5, None]})\n'})
    assert at(plan, "pickle.dumps").safety is Safety.SAFE


ARRAYS = """
    import pickle
    from dataclasses import dataclass
    import numpy as np

    @dataclass
    class Model:
        weights: np.ndarray

    class Counts:
        def __init__(self, n: int):
            self.all = np.zeros(n)

    def save(model: Model, path, n: int):
        with open(path, "wb") as f:
            pickle.dump((model, Counts(n)), f)
"""


def test_arrays_are_values_and_not_unknown_classes():
    assert at(plan_of({"a.py": ARRAYS}), "pickle.dump(").safety is Safety.SAFE


@pytest.mark.parametrize(
    "unknown", ["np.array(things)", "np.full(n, things)", "np.ma.zeros(n)", "np.random.rand(n)"]
)
def test_what_an_array_is_made_of_may_be_unknown(unknown):
    source = ARRAYS.replace("np.zeros(n)", unknown).replace("(self, n: int)", "(self, n: int, things=None)")
    assert at(plan_of({"a.py": source}), "pickle.dump(").safety is Safety.REVIEW


def test_an_open_set_asks_a_question_and_is_not_applied():
    decision = at(plan_of({"a.py": OPEN}), "pickle.dump(")
    assert decision.safety is Safety.REVIEW
    assert not decision.apply
    assert decision.reason == "unknown-classes"
    assert decision.question is not None
    assert "data" in decision.question
    assert "save" in decision.question


def test_a_question_is_applied_when_it_was_answered():
    assert all(d.apply for d in plan_of({"a.py": OPEN}, include=BOTH).decisions)


def test_a_handler_waits_for_the_calls_beside_it():
    decision = at(plan_of({"a.py": OPEN}), "pickle.UnpicklingError")
    assert not decision.apply
    assert decision.safety is Safety.REVIEW


def test_a_handler_in_a_file_without_calls_asks_who_raises():
    """What it catches may come from a pickler of others, or from a file whose calls stay."""
    source = {"a.py": "import pickle\ntry:\n    f()\nexcept pickle.PickleError:\n    pass\n"}
    decision = at(plan_of(source), "pickle.PickleError")
    assert (decision.safety, decision.apply) == (Safety.REVIEW, False)
    assert decision.question is not None
    assert "What pickle itself raises" in decision.question
    assert at(plan_of(source, include=BOTH), "pickle.PickleError").apply


@pytest.mark.parametrize("method", ["__reduce__", "__reduce_ex__", "__getstate__", "__setstate__"])
def test_an_error_by_which_a_class_answers_pickle_itself_stays(method):
    source = {
        "a.py": "import pickle\nclass Bot:\n"
        f"    def {method}(self, *args): raise pickle.PicklingError('a bot cannot be pickled')\n"
    }
    decision = at(plan_of(source, include=BOTH), "pickle.PicklingError")
    assert (decision.safety, decision.apply) == (Safety.MANUAL, False)
    assert decision.reason == "channel-not-rewritten"
    assert decision.why == f"pickle itself calls {method}(); its exceptions still match"


def test_a_constant_in_a_file_without_calls_asks_what_it_is_for():
    source = {"a.py": "import pickle\nfrom b import save\nsave(3, protocol=pickle.HIGHEST_PROTOCOL)\n"}
    decision = at(plan_of(source), "pickle.HIGHEST_PROTOCOL")
    assert (decision.safety, decision.apply) == (Safety.REVIEW, False)
    assert at(plan_of(source, include=BOTH), "pickle.HIGHEST_PROTOCOL").apply


def test_a_writer_waits_when_a_reader_beside_it_stays():
    source = """
        import pickle
        def save(path):
            with open(path, "wb") as f:
                pickle.dump([1], f)
        def load(*where):
            return pickle.load(*where)
    """
    plan = plan_of({"a.py": source}, include=BOTH)
    assert at(plan, "pickle.load").reason == "dynamic-arguments"
    assert at(plan, "pickle.dump(").reason == "channel-not-rewritten"
    assert not at(plan, "pickle.dump(").apply


def test_a_suppressed_site_says_why_whatever_else_would_leave_it():
    source = "import hashlib, pickle\nhashlib.md5(pickle.dumps(x))  # pickle-migrate: keep[old keys]\n"
    plan = plan_of({"a.py": source + "blob = pickle.dumps([1])\n"}, include=BOTH)
    kept = at(plan, "pickle.dumps(x)")
    assert (kept.safety, kept.reason, kept.why) == (Safety.MANUAL, "kept", "old keys")
    assert at(plan, "pickle.dumps([1])").apply


def test_what_is_wrong_with_suppressions_is_noted():
    plan = plan_of({"a.py": "import pickle\nx = 1  # pickle-migrate: keep[a]\nblob = pickle.dumps([1])\n"})
    assert any("a.py, line 2" in note and "unused-suppression" in note for note in plan.notes)


def test_comments_that_silence_linters_on_edited_lines_are_noted():
    source = (
        "import pickle\nblob = pickle.dumps([1])  # noqa: S301\nother = pickle.dumps([2])  # noqa: S301\n"
    )
    notes = plan_of({"a.py": source}).notes
    assert [note for note in notes if note.startswith("a.py:2,3: `# noqa: S301`")]


def test_such_comments_on_lines_that_stay_are_not():
    source = "import pickle\ndef f(x):\n    return pickle.dumps(x)  # noqa: S301\n"
    assert not [note for note in plan_of({"a.py": source}).notes if "S301" in note]


def test_a_suppressed_reader_keeps_its_writer():
    source = """
        import pickle
        def save(f):
            pickle.dump([1], f)
        def load(f):
            return pickle.load(f)  # pickle-migrate: keep[other release reads it]
    """
    plan = plan_of({"a.py": source}, include=BOTH)
    assert at(plan, "pickle.load").reason == "kept"
    assert at(plan, "pickle.dump").reason == "channel-not-rewritten"
    assert not plan.converters


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("x = pickle.loads(pickle.dumps(x))", "deepcopy-idiom"),
        ("key = hashlib.md5(pickle.dumps(x)).hexdigest()", "hash-of-bytes"),
    ],
)
def test_what_stores_nothing_is_left_and_holds_nobody_up(line, reason):
    plan = plan_of({"a.py": f"import hashlib, pickle\nx = 1\n{line}\nblob = pickle.dumps([1])\n"})
    left = [d for d in plan.decisions if d.reason == reason]
    assert left
    assert all(d.safety is Safety.MANUAL for d in left)
    assert at(plan, "pickle.dumps([1])").apply


def test_one_question_is_asked_for_the_whole_file():
    source = "import pickle\ndef f(x, p):\n    pickle.dump(x, p)\n    pickle.dump([1], p)\n"
    plan = plan_of({"a.py": source})
    assert at(plan, "pickle.dump([1]").safety is Safety.REVIEW


def test_every_decision_that_is_not_applied_has_a_reason():
    for sources in ({"a.py": OPEN}, {"a.py": CLOSED}, {"a.py": "import shelve\nshelve.open('x')\n"}):
        assert all(d.apply or d.reason for d in plan_of(sources).decisions)


def test_the_order_of_files_makes_no_difference():
    sources = {"a.py": OPEN, "b.py": CLOSED, "c/__init__.py": "", "c/d.py": OPEN}
    assert plan_of(sources) == plan_of(dict(reversed(sources.items())))


class TestShelves:
    """``shelve.open`` moves when what is stored is known, and asks otherwise."""

    KNOWN = "import shelve\nwith shelve.open('x') as db:\n    db['a'] = [1]\n"

    def test_safe_when_all_that_is_stored_is_seen(self):
        found = at(plan_of({"a.py": self.KNOWN}), "shelve.open")
        assert (found.safety, found.apply) == (Safety.SAFE, True)

    def test_asks_when_it_is_not(self):
        found = at(plan_of({"a.py": "import shelve\ndef f(): return shelve.open('x')\n"}), "shelve.open")
        assert (found.safety, found.reason, found.apply) == (Safety.REVIEW, "unknown-classes", False)
        assert "can be in the shelf `'x'`, opened by f," in found.question

    def test_the_pickles_of_the_file_are_other_data(self):
        pickles = "import pickle\ndef g(x): pickle.Unpickler(x).persistent_load = 1\n"
        found = at(plan_of({"a.py": self.KNOWN + pickles}), "shelve.open")
        assert found.safety is Safety.SAFE

    def test_stays_beside_a_shelf_of_the_programs_own_class(self):
        own = "class Own(shelve.DbfilenameShelf): pass\n"
        found = at(plan_of({"a.py": self.KNOWN + own}, include=BOTH), "shelve.open")
        assert (found.safety, found.reason) == (Safety.MANUAL, "channel-not-rewritten")

    @pytest.mark.parametrize(
        "other", ["class Own(shelve.DbfilenameShelf): pass\n", "def f(): return shelve.open('x')\n"]
    )
    def test_asks_about_a_shelf_of_another_file_that_may_stay(self, other):
        plan = plan_of({"a.py": self.KNOWN, "b.py": f"import shelve\n{other}"})
        found = next(d for d in plan.decisions if d.site.path == "a.py")
        assert (found.safety, found.reason) == (Safety.REVIEW, "channel-not-rewritten")
        assert found.question.startswith("Does b.py:2 open the same shelf?")

    def test_an_annotation_holds_nobody_up(self):
        note = "def f(db: shelve.Shelf): pass\n"
        assert at(plan_of({"a.py": self.KNOWN + note}), "shelve.open").safety is Safety.SAFE

    def test_the_converters_module_offers_what_is_used(self):
        plan = plan_of({"a.py": self.KNOWN})
        assert plan.converters[0].exports == {"open_shelf"}


class TestFiles:
    """``joblib.dump`` and ``to_pickle`` move when what is stored is known."""

    KNOWN = "import joblib\ndef f(x: list[int]):\n    joblib.dump(x, 'x')\n"

    def test_safe_when_all_that_is_stored_is_known(self):
        plan = plan_of({"a.py": self.KNOWN + "def g(): return joblib.load('x')\n"})
        assert [d.safety for d in plan.decisions] == [Safety.SAFE, Safety.SAFE]
        assert plan.converters[0].exports == {"dump_file", "load_file"}

    def test_asks_when_it_is_not(self):
        found = at(plan_of({"a.py": "import joblib\ndef f(x):\n    joblib.dump(x, 'x')\n"}), "joblib.dump")
        assert (found.safety, found.reason) == (Safety.REVIEW, "model-file")
        assert "And is it plain data, and no model, and every program that reads" in found.question

    def test_an_object_of_another_library_stays(self):
        model = (
            "import joblib\nfrom sklearn.svm import SVC\ndef f():\n    m = SVC()\n    joblib.dump(m, 'x')\n"
        )
        found = at(plan_of({"a.py": model}, include=BOTH), "joblib.dump")
        assert (found.safety, found.reason) == (Safety.MANUAL, "model-file")
        assert found.why.startswith("`m` is a sklearn.svm.SVC, an object of another library; skops.io")

    def test_a_frame_asks_because_its_columns_can_hold_anything(self):
        frame = "import pandas as pd\ndf = pd.DataFrame({})\ndf.to_pickle('x')\n"
        found = at(plan_of({"a.py": frame}), "df.to_pickle")
        assert (found.safety, found.reason) == (Safety.REVIEW, "frame-file")
        assert "df may be a frame of pandas, whose columns of objects can hold anything" in found.question

    def test_a_class_with_a_to_pickle_of_its_own_stays(self):
        own = "import pandas\nclass Report:\n    def to_pickle(self, path): ...\nReport().to_pickle('x')\n"
        found = at(plan_of({"a.py": own}, include=BOTH), "Report().to_pickle")
        assert (found.safety, found.reason) == (Safety.MANUAL, "frame-file")
        assert "has a to_pickle of its own" in found.why

    def test_waits_for_a_reader_that_stays(self):
        mapped = "def g(): return joblib.load('x', mmap_mode='r')\n"
        found = at(plan_of({"a.py": self.KNOWN + mapped}, include=BOTH), "joblib.dump")
        assert (found.safety, found.reason) == (Safety.MANUAL, "channel-not-rewritten")

    def test_asks_about_a_reader_of_another_file(self):
        plan = plan_of({"a.py": self.KNOWN, "b.py": "import joblib\ndef g(p): return joblib.load(p)\n"})
        found = at(plan, "joblib.dump")
        assert (found.safety, found.reason) == (Safety.REVIEW, "channel-not-rewritten")
        assert found.question.startswith("Does b.py:2 use the same file?")

    def test_the_pickles_of_the_file_are_other_data(self):
        mapped = "import joblib\ndef g(): return joblib.load('x', mmap_mode='r')\n"
        assert at(plan_of({"a.py": mapped + textwrap.dedent(CLOSED)}), "pickle.dump").safety is Safety.SAFE


class TestArrays:
    """``allow_pickle=True`` becomes False when a person says that there are no objects."""

    LOAD = "import numpy as np\ndef f(p): return np.load(p, allow_pickle=True)\n"

    def test_asks(self):
        found = at(plan_of({"a.py": self.LOAD}), "np.load")
        assert (found.safety, found.reason, found.apply) == (Safety.REVIEW, "object-array", False)
        assert found.question.startswith("Are there no arrays of objects in `p`?")

    def test_needs_no_converters_module(self):
        plan = plan_of({"a.py": self.LOAD}, include=BOTH)
        assert at(plan, "np.load").apply
        assert plan.converters == ()

    def test_holds_nobody_up(self):
        plan = plan_of({"a.py": self.LOAD + textwrap.dedent(CLOSED)})
        assert at(plan, "pickle.dump").safety is Safety.SAFE


class TestDeepCopies:
    """``loads(dumps(x))`` becomes ``copy.deepcopy(x)`` when that is asked for, and only then."""

    COPY = "import pickle\ndef twin(x):\n    return pickle.loads(pickle.dumps(x))\n"

    def test_not_unless_asked_for(self):
        found = at(plan_of({"a.py": self.COPY}, include=BOTH), "pickle.loads")
        assert (found.safety, found.reason, found.apply) == (Safety.MANUAL, "deepcopy-idiom", False)

    def test_asked_for(self):
        plan = plan_of({"a.py": self.COPY}, deepcopy=True)
        found = at(plan, "pickle.loads")
        assert (found.safety, found.apply, found.deepcopy) == (Safety.SAFE, True, True)
        assert not at(plan, "pickle.dumps").apply
        assert plan.converters == ()

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("a.py", "import pickle\ndef f(x):\n    b = pickle.dumps(x)\n    return pickle.loads(b)\n"),
            ("a.py", "import pickle\ndef f(*x):\n    return pickle.loads(pickle.dumps(*x))\n"),
            (
                "a.py",
                "import pickle\ndef f(x): return pickle.loads(pickle.dumps(x))  # pickle-migrate: keep\n",
            ),
            ("test_a.py", "import pickle\ndef f(x):\n    return pickle.loads(pickle.dumps(x))\n"),
        ],
        ids=["by a variable", "unseen arguments", "kept", "a test of pickling"],
    )
    def test_never(self, path, text):
        assert not any(d.deepcopy for d in plan_of({path: text}, deepcopy=True, include=BOTH).decisions)


class TestCodePicklers:
    """dill and cloudpickle have pickle's interface, and store what it refuses."""

    @pytest.mark.parametrize("library", ["dill", "cloudpickle"])
    def test_plain_data_move_like_those_of_pickle(self, library):
        plan = plan_of({"a.py": CLOSED.replace("pickle", library)})
        assert at(plan, f"{library}.dump").safety is Safety.SAFE
        assert at(plan, f"{library}.load").safety is Safety.SAFE

    def test_what_is_not_known_asks_for_functions_too(self):
        found = at(plan_of({"a.py": OPEN.replace("pickle", "dill")}), "dill.dump")
        assert (found.safety, found.reason, found.apply) == (Safety.REVIEW, "code-pickler", False)
        assert found.question.split(" And ")[1].startswith("are there none of the functions")

    def test_a_function_is_never_safe(self):
        text = "import dill\ndef f(h):\n    dill.dump({'a': lambda: 0}, h)\n"
        assert at(plan_of({"a.py": text}), "dill.dump").safety is Safety.REVIEW

    def test_what_only_dill_does_stays_and_holds_nobody_up(self):
        text = CLOSED.replace("pickle", "dill") + "    dill.dump_session(path)\n"
        plan = plan_of({"a.py": text})
        assert at(plan, "dill.dump_session").reason == "code-pickler"
        assert at(plan, "dill.dump(order").safety is Safety.SAFE


SAFE = """
    import builtins
    import pickle

    class RestrictedUnpickler(pickle.Unpickler):
        def find_class(self, module, name):
            if module == "builtins":
                return getattr(builtins, name)
            raise pickle.UnpicklingError(name)

    def load(f) -> dict[str, int]:
        return RestrictedUnpickler(f).load()
"""


class TestClassesDerivedFromUnpickler:
    def test_the_users_of_a_restricting_one_move_and_the_class_says_why_it_stays(self):
        plan = plan_of({"safe.py": SAFE}, include=BOTH)
        assert at(plan, "RestrictedUnpickler(f)").apply
        listed = at(plan, "pickle.Unpickler")
        assert (listed.safety, listed.reason) == (Safety.MANUAL, "subclass-of-pickler")
        assert "delete it when nothing uses it any more" in listed.why
        assert at(plan, "pickle.UnpicklingError").safety is Safety.MANUAL, "the class stays with its errors"

    def test_so_do_those_in_another_file(self):
        user = (
            "from safe import RestrictedUnpickler\n\ndef read(f) -> list[int]:\n"
            "    r = RestrictedUnpickler(f)\n    return r.load()\n"
        )
        plan = plan_of({"safe.py": SAFE, "app.py": user}, include=BOTH)
        moved = {d.site.text for d in plan.decisions if d.apply and d.site.path == "app.py"}
        assert moved == {"RestrictedUnpickler(f)", "r.load()"}

    def test_a_writer_beside_it_does_not_wait_for_the_class(self):
        writer = "\n    def save(data: dict[str, int], f):\n        pickle.dump(data, f)\n"
        assert at(plan_of({"safe.py": SAFE + writer}, include=BOTH), "pickle.dump").apply

    def test_a_load_that_was_restricted_asks_even_where_all_is_known(self):
        """The registry may hold more classes than the unpickler let pass."""
        found = at(plan_of({"safe.py": SAFE}), "RestrictedUnpickler(f)")
        assert (found.safety, found.reason) == (Safety.REVIEW, "subclass-of-pickler")
        assert found.question == (
            "May `RestrictedUnpickler(f).load()` read instances of every class that the converters module"
            " registers? Its find_class may let fewer pass."
        )

    def test_one_that_changes_nothing_does_not_ask(self):
        own = "import pickle\nclass Own(pickle.Unpickler): pass\n"
        source = own + "def load(f) -> int: return Own(f).load()\n"
        assert at(plan_of({"a.py": source}), "Own(f)").safety is Safety.SAFE

    def test_the_class_is_no_guess_of_what_flows(self):
        source = SAFE.replace(" -> dict[str, int]", "")
        plan = plan_of({"safe.py": source}, include=BOTH)
        assert plan.converters[0].classes == ()

    def test_a_rejected_class_keeps_nobody(self):
        plan = plan_of({"safe.py": SAFE})
        rejected = {at(plan, "pickle.Unpickler").site.id: "rejected"}
        held = plan_of({"safe.py": SAFE}, include=BOTH, held=rejected)
        assert at(held, "RestrictedUnpickler(f)").apply

    def test_names_that_it_changes_are_aliases(self):
        source = """
            import pickle
            from dataclasses import dataclass

            @dataclass
            class Order:
                number: int

            class Moved(pickle.Unpickler):
                def find_class(self, module, name):
                    if module == "oldshop":
                        module = "shop"
                    return super().find_class(module, name)

            def load(f) -> Order:
                return Moved(f).load()
        """
        plan = plan_of({"shop.py": source, "main.py": "import shop\n"})
        assert at(plan, "Moved(f).load()").apply
        assert "oldshop:Order" in plan.converters[0].classes[0].aliases

    def test_the_users_of_one_that_does_more_stay(self):
        source = SAFE.replace("raise pickle.UnpicklingError(name)", "return object")
        plan = plan_of({"safe.py": source}, include=BOTH)
        assert at(plan, "RestrictedUnpickler(f)").reason == "subclass-of-pickler"
        assert not any(d.apply for d in plan.decisions)


class TestReexports:
    COMPAT = "try:\n    import cPickle as pickle\nexcept ImportError:\n    import pickle\n"
    USER = """
        from compat import pickle

        def save(words: dict[str, int], f):
            pickle.dump(words, f)
    """

    def why(self, **sources: str) -> str:
        plan = plan_of({f"{name}.py": text for name, text in sources.items()})
        return next(d.why for d in plan.decisions if d.reason == "re-export")

    def test_it_may_go_when_all_that_take_it_are_rewritten(self):
        assert self.why(compat=self.COMPAT, app=self.USER) == (
            "what takes `pickle` in the tree is rewritten; remove it when nothing outside the tree takes it"
        )

    def test_who_stays_is_named(self):
        staying = "from compat import pickle\n\ndef key(x):\n    return hash(pickle.dumps(x))\n"
        why = self.why(compat=self.COMPAT, app=self.USER, keys=staying)
        assert why == "keys.py:4 takes `pickle` from here and stays for now"

    def test_afterwards_it_is_still_listed_with_what_to_do(self):
        assert self.why(compat=self.COMPAT) == (
            "nothing in the tree takes `pickle` from here; remove it when nothing outside the tree takes it"
        )

    def test_one_that_is_only_declared_says_nothing_more(self):
        assert self.why(compat=self.COMPAT + '__all__ = ["pickle"]\n') == ""


def test_bytes_that_are_taken_apart_into_opcodes_stay_a_pickle():
    source = """
        import pickle
        import pickletools

        def size(x: int):
            data = pickle.dumps(x)
            return data, sum(1 for _ in pickletools.genops(data))

        def save(x: int, f):
            f.write(pickle.dumps([x]))
    """
    plan = plan_of({"a.py": source})
    measured = at(plan, "pickle.dumps(x)")
    assert (measured.safety, measured.reason) == (Safety.MANUAL, "opcode-tool")
    assert "line 7" in measured.why
    assert at(plan, "pickle.dumps([x])").safety is Safety.SAFE


def test_what_another_library_stores_names_the_format_that_library_has():
    plan = plan_of({"a.py": "import torch\ntorch.save(model.state_dict(), 'm.pt')\n"})
    assert "safetensors" in at(plan, "torch.save").why
    assert at(plan_of({"a.py": "import marshal\nmarshal.dumps(3)\n"}), "marshal.dumps").why == ""


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("# The file was automatically generated by Lark v1.1.9", True),
        ("# -*- coding: utf-8 -*-\n# Generated by the protocol buffer compiler.  DO NOT EDIT!", True),
        ("# @generated", True),
        ("# Keys are generated here.", False),
        ('"""Generated by hand."""', False),
    ],
)
def test_who_edits_a_generated_file_is_told(comment, told):
    notes = plan_of({"a.py": f"{comment}\nimport pickle\npickle.dumps([1])\n"}).notes
    assert any(note.startswith("a.py says that it is generated") for note in notes) is told


def test_of_a_generated_file_that_is_not_edited_nothing_is_said():
    assert not plan_of({"a.py": "# DO NOT EDIT\nimport pickle\npickle.dumps(x)\n"}).notes
