"""``rewrite --deepcopy``: what becomes of a copy by way of pickle."""

from __future__ import annotations

import pytest
from attrs import evolve

from migrate.model import Operation
from migrate.rewrite import rewrite
from tests.plan.support import plan_of

CASES = {
    "the plain case": (
        "import os\nimport pickle\n\ntwin = pickle.loads(pickle.dumps(order, -1))\n",
        "import copy\nimport os\n\ntwin = copy.deepcopy(order)\n",
    ),
    "names imported one by one": (
        "from pickle import dumps, loads\ntwin = loads(dumps(obj=order)).lines\n",
        "import copy\ntwin = copy.deepcopy(order).lines\n",
    ),
    "imported already": (
        "import copy\nimport pickle\ntwin = pickle.loads(pickle.dumps(order))\nother = copy.copy(order)\n",
        "import copy\ntwin = copy.deepcopy(order)\nother = copy.copy(order)\n",
    ),
    "the function is there": (
        "from copy import deepcopy\nimport pickle\ntwin = pickle.loads(pickle.dumps(order))\n",
        "from copy import deepcopy\ntwin = deepcopy(order)\n",
    ),
    "a variable called copy": (
        "import pickle\ndef f(x):\n    copy = pickle.loads(pickle.dumps(x))\n    return copy\n",
        "from copy import deepcopy\ndef f(x):\n    copy = deepcopy(x)\n    return copy\n",
    ),
    "a variable called copy beside the import": (
        "import copy\nimport pickle\ndef f(x):\n    copy = pickle.loads(pickle.dumps(x))\n    return copy\n",
        "import copy\nfrom copy import deepcopy\ndef f(x):\n    copy = deepcopy(x)\n    return copy\n",
    ),
    "both names taken": (
        "import pickle\ndef f(copy, deepcopy):\n    return pickle.loads(pickle.dumps(copy))\n",
        "import copy as copy_module\ndef f(copy, deepcopy):\n    return copy_module.deepcopy(copy)\n",
    ),
    "imported in the function": (
        "import os\n\ndef f(x):\n    import pickle\n    return pickle.loads(pickle.dumps(x))\n",
        "import os\nimport copy\n\ndef f(x):\n    return copy.deepcopy(x)\n",
    ),
    "pickle is used for more": (
        "import pickle\ntwin = pickle.loads(pickle.dumps(order))\nx = pickle.load(f)  # stays\n",
        "import copy\nimport pickle\ntwin = copy.deepcopy(order)\nx = pickle.load(f)  # stays\n",
    ),
    "over several lines": (
        "import pickle\ntwin = pickle.loads(\n    pickle.dumps(\n        order, pickle.HIGHEST_PROTOCOL\n"
        "    )\n)\n",
        "import copy\ntwin = copy.deepcopy(order)\n",
    ),
}


def rewritten(source: str) -> tuple[str, list[str]]:
    tree = {"a.py": source.encode()}
    edits, problems = rewrite(plan_of({"a.py": source}, deepcopy=True), tree)
    assert [edit.path for edit in edits] in ([], ["a.py"])
    return (edits[0].after.decode() if edits else source), [problem.message for problem in problems]


@pytest.mark.parametrize("name", CASES)
def test_becomes(name):
    before, after = CASES[name]
    assert rewritten(before) == (after, [])


@pytest.mark.parametrize("name", CASES)
def test_a_second_run_changes_nothing(name):
    assert rewritten(CASES[name][1]) == (CASES[name][1], [])


def test_a_comment_is_not_lost():
    source = "import pickle\ntwin = pickle.loads(  # a copy\n    pickle.dumps(order)\n)\n"
    after, problems = rewritten(source)
    assert after == source
    assert "comment" in problems[0]


def test_beside_an_edit_that_needs_the_converters_module():
    source = "import pickle\ntwin = pickle.loads(pickle.dumps([1]))\npickle.dump([1], open('x', 'wb'))\n"
    plan = plan_of({"a.py": source}, deepcopy=True)
    edits, problems = rewrite(plan, {"a.py": source.encode()})
    assert problems == []
    assert {e.path: e.after.decode() for e in edits}["a.py"] == (
        "import copy\nimport converters\ntwin = copy.deepcopy([1])\nconverters.dump([1], open('x', 'wb'))\n"
    )


def test_no_name_is_free():
    source = (
        "import pickle\ndef f(copy, deepcopy, copy_module):\n    return pickle.loads(pickle.dumps(copy))\n"
    )
    assert rewritten(source)[0] == source


def test_the_shape_wants_an_argument():
    plan = plan_of({"a.py": "import pickle\nx = pickle.loads(b)\n"})
    file = plan.files[0]
    wrong = [
        evolve(d, apply=True, deepcopy=True) for d in file.decisions if d.site.operation is Operation.LOADS
    ]
    broken = evolve(plan, files=(evolve(file, decisions=tuple(wrong)),))
    _, problems = rewrite(broken, {"a.py": b"import pickle\nx = pickle.loads(b)\n"})
    assert "expected a call" in problems[0].message
