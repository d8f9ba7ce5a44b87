"""What is left out of a run, and what then has to stay with it."""

from __future__ import annotations

import pytest

from migrate.model import Safety
from migrate.plan import lasting
from tests.plan.support import BOTH, at, plan_of

PAIR = """
    import pickle

    def save(numbers: list[int], f):
        pickle.dump(numbers, f)

    def load(f) -> list[int]:
        return pickle.load(f)
"""
OPEN_PAIR = """
    import pickle

    def save(data, f):
        pickle.dump(data, f)

    def load(f):
        return pickle.load(f)
"""
HANDLER = """
    def check(f):
        try:
            load(f)
        except pickle.PickleError:
            pass
"""
OWN_PICKLER = """
    import pickle

    def save(numbers: list[int], f):
        pickler = pickle.Pickler(f)
        pickler.dump(numbers)
"""


def held(source: str, *texts: str, reason: str = "rejected", **options):
    ids = [at(plan_of({"a.py": source}), text).site.id for text in texts]
    return plan_of({"a.py": source}, held=dict.fromkeys(ids, reason), **options)


def applied(plan) -> list[str]:
    return [d.site.text for d in plan.decisions if d.apply]


def test_a_rejected_site_stays_with_its_reason():
    decision = at(held(PAIR, "pickle.dump"), "pickle.dump")
    assert (decision.apply, decision.safety, decision.reason) == (False, Safety.MANUAL, "rejected")


def test_a_reader_moves_although_the_writer_stays_because_it_reads_both():
    assert applied(held(PAIR, "pickle.dump")) == ["pickle.load(f)"]


def test_a_writer_stays_with_a_rejected_reader():
    plan = held(PAIR, "pickle.load")
    assert applied(plan) == []
    assert at(plan, "pickle.dump").reason == "channel-not-rewritten"
    assert "(rejected)" in at(plan, "pickle.dump").why


def test_including_everything_does_not_move_what_is_rejected():
    assert applied(held(OPEN_PAIR, "pickle.load", include=BOTH)) == []


def test_a_writer_in_another_file_asks_about_the_rejected_reader():
    write = "import pickle\ndef save(n: int, f):\n    pickle.dump(n, f)\n"
    read = "import pickle\ndef load(f) -> int:\n    return pickle.load(f)\n"
    tree = {"write.py": write, "read.py": read}
    rejected = at(plan_of(tree), "pickle.load").site.id
    assert at(plan_of(tree), "pickle.dump").apply
    assert not at(plan_of(tree, held={rejected: "rejected"}), "pickle.dump").apply


def test_a_pickler_and_what_is_done_with_it_stay_together():
    assert applied(plan_of({"a.py": OWN_PICKLER}, include=BOTH)) == [
        "pickle.Pickler(f)",
        "pickler.dump(numbers)",
    ]
    assert applied(held(OWN_PICKLER, "pickler.dump", include=BOTH)) == []
    assert applied(held(OWN_PICKLER, "pickle.Pickler", include=BOTH)) == []


def test_a_rejected_constant_keeps_the_call_in_which_it_stands():
    source = "import pickle\ndef save(n: int, f):\n    pickle.dump(n, f, pickle.HIGHEST_PROTOCOL)\n"
    assert len(applied(plan_of({"a.py": source}))) == 2
    assert applied(held(source, "pickle.HIGHEST_PROTOCOL")) == []


def test_a_handler_stays_with_a_rejected_call():
    source = PAIR + HANDLER
    assert "pickle.PickleError" in applied(plan_of({"a.py": source}))
    assert "pickle.PickleError" not in applied(held(source, "pickle.dump"))


def test_accepting_answers_the_question_of_one_site():
    plan = plan_of({"a.py": OPEN_PAIR}, include=BOTH)
    reader = at(plan, "pickle.load")
    accepted = {reader.site.id: lasting(reader.question)}
    assert applied(plan_of({"a.py": OPEN_PAIR}, accepted=accepted)) == ["pickle.load(f)"]


def test_an_accepted_writer_waits_for_the_reader_whose_question_is_open():
    writer = at(plan_of({"a.py": OPEN_PAIR}), "pickle.dump")
    plan = plan_of({"a.py": OPEN_PAIR}, accepted={writer.site.id: lasting(writer.question)})
    assert applied(plan) == []
    assert at(plan, "pickle.dump").why == "line 8 reads the same data and its question is open"


def test_an_answer_to_another_question_does_not_count():
    reader = at(plan_of({"a.py": OPEN_PAIR}), "pickle.load")
    assert applied(plan_of({"a.py": OPEN_PAIR}, accepted={reader.site.id: "Is it Tuesday?"})) == []


def test_a_manual_site_cannot_be_accepted():
    source = "import pickle\ncopy = pickle.loads(pickle.dumps(thing))\n"
    manual = at(plan_of({"a.py": source}), "pickle.loads")
    assert manual.safety is Safety.MANUAL
    assert applied(plan_of({"a.py": source}, accepted={manual.site.id: ""})) == []


def test_a_test_waits_for_its_subject_while_the_question_is_open():
    tree = {
        "store.py": OPEN_PAIR,
        "test_store.py": "import pickle\nimport store\ndef test_it(f):\n    pickle.dump(1, f)\n",
    }
    assert not [d for d in plan_of(tree).decisions if d.apply]
    assert len([d for d in plan_of(tree, include=BOTH).decisions if d.apply]) == 3


PASSED_ON = {
    "a default": "import pickle\ndef read(data, load=None):\n    return (load or pickle.loads)(data)\n",
    "an attribute": "import pickle\nclass Codec:\n    read = staticmethod(pickle.loads)\n",
    "the module": "import pickle\nfrom lib import Queue\nqueue = Queue(serializer=pickle)\n",
}


@pytest.mark.parametrize("how", PASSED_ON)
def test_a_test_waits_for_a_subject_that_passes_a_function_on(how):
    test = "import pickle\nimport store\ndef test_it():\n    store.use(pickle.dumps({'a': 1}))\n"
    plan = plan_of({"store.py": PASSED_ON[how], "test_store.py": test})
    assert not [d for d in plan.decisions if d.apply]


def test_a_question_is_the_same_when_lines_move():
    assert lasting("Moves together with line 12: is a/b.py:7 read?") == lasting(
        "Moves together with line 99: is a/b.py:123 read?"
    )
    assert lasting("Is it 12?") != lasting("Is it 13?")
