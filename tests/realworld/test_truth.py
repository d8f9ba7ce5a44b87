"""What the tool says of real dump sites and classes, against what people judged and what pickles hold."""

from __future__ import annotations

import fcntl
from collections import Counter

import fields
import instances
import pytest
import suite
import truth

pytestmark = [pytest.mark.realworld, pytest.mark.timeout(300)]
RECALL = 0.99
"""Share of the attributes in pickles that must be found in source."""


@pytest.fixture(autouse=True)
def alone(request):
    """The tests of a package use one unpacked tree, so only one of them may run."""
    package = request.node.callspec.params["package"] if hasattr(request.node, "callspec") else ""
    name = getattr(package, "name", package)
    suite._folder(suite.WORK / "truth")
    with (suite.WORK / f"{name}.truth.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.mark.parametrize("package", truth.pinned(), ids=lambda p: p.name)
def test_what_flows_through_real_sites(package: truth.Pinned) -> None:
    by_source, with_data = truth.judge(package)
    for result in (*by_source, *with_data):
        print(result.verdict.value, f"{result.judged.file}:{result.judged.line}", result.why, result.said)
    assert [
        f"{r.judged.file}:{r.judged.line} {r.why}" for r in by_source if r.verdict is truth.Verdict.WRONG
    ] == []
    assert [
        f"{r.judged.file}:{r.judged.line} {r.why}" for r in with_data if r.verdict is truth.Verdict.WRONG
    ] == []
    assert _usable(by_source) >= package.usable, "fewer sites are usable by source alone"
    assert _usable(with_data) >= package.with_data, "fewer sites are usable with the samples"


def _usable(results: list[truth.Result]) -> int:
    return Counter(result.verdict for result in results)[truth.Verdict.USABLE]


@pytest.mark.parametrize("package", list(fields.seen()))
def test_fields_in_pickles_are_found_in_source(package: str) -> None:
    classes = fields.seen()[package]
    if package == instances.PYTHON and classes[0].version != fields.version_of(package):
        pytest.skip(f"the attributes were seen in Python {classes[0].version}")
    found = fields.recall(package, classes)
    missed = {each.seen.key: each.missed for each in found if each.missed}
    unsaid = [each.seen.key for each in found if each.missed and not each.dynamic]
    total = sum(len(each.seen.fields) for each in found)
    print(missed)
    assert unsaid == [], "attributes are missed of classes that the tool does not call dynamic"
    assert sum(map(len, missed.values())) <= (1 - RECALL) * total


def test_the_judgement_covers_what_it_is_said_to() -> None:
    packages = truth.pinned()
    assert sum(len(package.site) for package in packages) >= 60
    assert sum(package.typed for package in packages) >= 5
    assert len([each for classes in fields.seen().values() for each in classes]) >= 100
