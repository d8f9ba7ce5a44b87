"""Sites of different files that exchange the same data."""

from __future__ import annotations

import pytest

from migrate.model import Safety
from tests.plan.support import BOTH, at, plan_of

MODELS = """
    from dataclasses import dataclass

    @dataclass
    class Model:
        weight: float
"""
TRAIN = """
    import pickle
    from models import Model

    def store(model: Model, path):
        try:
            with open(path, "wb") as f:
                pickle.dump(model, f)
        except pickle.PicklingError:
            raise
"""
PREDICT = """
    import pickle, sys
    import models

    with open(sys.argv[1], "rb") as f:
        model = pickle.load(f)
    print(model.anything)
"""
TYPED = """
    import pickle
    from models import Model

    def read(path) -> Model:
        with open(path, "rb") as f:
            return pickle.load(f)
"""
STAYS = """
    import pickle
    import models

    def read(*where):
        return pickle.load(*where)
"""


def scripts(**others: str) -> dict[str, str]:
    return {"models.py": MODELS, "train.py": TRAIN, **{f"{k}.py": text for k, text in others.items()}}


@pytest.mark.parametrize(("reader", "word"), [(PREDICT, "asks"), (STAYS, "stays")])
def test_a_writer_asks_about_a_reader_elsewhere_that_may_stay(reader, word):
    decision = at(plan_of(scripts(predict=reader)), "pickle.dump")
    assert (decision.safety, decision.apply) == (Safety.REVIEW, False)
    assert decision.reason == "channel-not-rewritten"
    assert decision.question is not None
    assert decision.question.startswith("Does predict.py:")
    assert word in decision.question


def test_the_handler_of_such_a_writer_waits_with_it():
    assert not at(plan_of(scripts(predict=PREDICT)), "pickle.PicklingError").apply


def test_both_move_when_the_questions_are_answered():
    plan = plan_of(scripts(predict=PREDICT), include=BOTH)
    assert all(d.apply for d in plan.decisions)


def test_a_writer_is_safe_when_the_reader_elsewhere_is():
    assert at(plan_of(scripts(predict=TYPED)), "pickle.dump").safety is Safety.SAFE


def test_a_writer_is_safe_when_nothing_near_reads():
    assert at(plan_of(scripts()), "pickle.dump").safety is Safety.SAFE


def test_a_script_beside_it_that_imports_nothing_is_asked_about_when_nobody_near_reads():
    alone = PREDICT.replace("import models", "")
    assert at(plan_of(scripts(predict=alone)), "pickle.dump").safety is Safety.REVIEW
    assert at(plan_of(scripts(predict=alone, typed=TYPED)), "pickle.dump").safety is Safety.SAFE


def test_a_reader_in_another_folder_that_no_import_connects_is_not_asked_about():
    sources = {**scripts(), "tools/predict.py": PREDICT.replace("import models", "")}
    assert at(plan_of(sources), "pickle.dump").safety is Safety.SAFE


def test_a_writer_with_a_reader_of_its_own_asks_about_no_other():
    both = scripts(predict=PREDICT) | {"train.py": TRAIN + TYPED.replace("import pickle", "")}
    assert at(plan_of(both), "pickle.dump").safety is Safety.SAFE


def test_a_copy_elsewhere_is_no_reader():
    copies = "import pickle, models\ndef copy(x):\n    return pickle.loads(pickle.dumps(x))\n"
    assert at(plan_of(scripts(copies=copies)), "pickle.dump(").safety is Safety.SAFE
