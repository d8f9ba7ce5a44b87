"""Public packages, taken off pickle: their own tests and their old files must not notice."""

import pytest
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
