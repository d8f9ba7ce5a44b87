"""Public packages, taken off pickle: their own tests and their old files must not notice."""

import fcntl

import pytest
from patches import WAYS, take_by_patches
from stages import travel
from suite import WORK, Package, packages, summary, take_off_pickle

pytestmark = [pytest.mark.realworld, pytest.mark.timeout(900)]


def each(*names):
    """One test for each of the packages; of all if none is named."""
    chosen = [package for package in packages() if not names or package.name in names]
    return pytest.mark.parametrize("package", chosen, ids=lambda p: p.name)


@pytest.fixture(autouse=True)
def alone(package):
    """The tests of a package use one tree and one environment, so only one of them may run."""
    WORK.mkdir(parents=True, exist_ok=True)
    with (WORK / f"{package.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@each()
def test_package(package: Package) -> None:
    result = take_off_pickle(package)
    print(summary(result))
    assert result.before, "no tests ran"
    assert sorted(result.changed) == sorted(package.differs), "tests of the package that do not end as before"
    assert result.samples_after == result.samples_before, "pickles of the original code do not load as before"
    assert result.second_diff == "", "a second run is not a no-op"
    assert result.rewritten > 0, "nothing was rewritten"
    assert "no reason" not in result.left, "a site was left without a reason"


TRAVELLERS = ("parso", "pelican", "web.py")
"""Packages all of whose sites are rewritten, and whose own tests write and read."""


@each(*TRAVELLERS)
def test_through_all_stages_and_out(package: Package) -> None:
    journey = travel(package)
    print(journey)
    assert set(journey.ran) == {"dual-read", "json", "json-only", "retired"}
    assert journey.open == {}, "a gate did not hold"
    assert journey.unsorted == ""
    assert journey.back_differs == [], "code is not byte for byte as it was after a step back"
    changed = {stage: set(tests) for stage, tests in journey.changed.items()}
    if package.name == "parso":  # its tests want all its files to be valid in old Pythons
        changed["retired"] = {t for t in changed.get("retired", ()) if "test_on_itself" not in t}
    assert not any(changed.values()), "tests of the package that do not end as before"


PATCHED = ("parso", "rope", "ply", "lark", "nose2", "web.py")
"""Packages that are small enough to go through every series in half a minute."""


@each(*PATCHED)
def test_by_git_am_each_patch_alone_and_all_in_order(package: Package) -> None:
    series = take_by_patches(package)
    print(series)
    assert set(series.patches) == set(WAYS)
    assert all(series.patches.values()), "there are no patches"
    assert series.refused == [], "git am refuses a patch"
    assert series.broken == [], "a patch alone leaves a file broken"
    assert series.differs == {}, "the tree is not byte for byte what rewrite --write makes of it"
