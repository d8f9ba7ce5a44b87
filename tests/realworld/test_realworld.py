"""Public packages, taken off pickle: their own tests and their old files must not notice."""

import pytest
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
