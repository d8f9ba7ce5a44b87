"""Public packages, taken off pickle: their own tests and their old files must not notice."""

import pytest
from patches import WAYS, take_by_patches
from stages import travel
from suite import Package, packages, summary, take_off_pickle

pytestmark = [pytest.mark.realworld, pytest.mark.timeout(900)]


@pytest.mark.parametrize("package", packages(), ids=lambda p: p.name)
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


@pytest.mark.parametrize("package", [p for p in packages() if p.name in TRAVELLERS], ids=lambda p: p.name)
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


@pytest.mark.parametrize("package", [p for p in packages() if p.name in PATCHED], ids=lambda p: p.name)
def test_by_git_am_each_patch_alone_and_all_in_order(package: Package) -> None:
    series = take_by_patches(package)
    print(series)
    assert set(series.patches) == set(WAYS)
    assert all(series.patches.values()), "there are no patches"
    assert series.refused == [], "git am refuses a patch"
    assert series.broken == [], "a patch alone leaves a file broken"
    assert series.differs == {}, "the tree is not byte for byte what rewrite --write makes of it"
