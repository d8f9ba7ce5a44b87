"""Public pickles, hostile and old: nothing runs or crashes, and plain data land as pickle loads them."""

import importlib.util
import json
import subprocess
import sys
import urllib.error

import pytest

from .collect import HERE, corpora, download

pytestmark = [pytest.mark.corpora, pytest.mark.timeout(600)]
ROOT = HERE.parent.parent


def worked(archive):
    done = subprocess.run(
        [sys.executable, "-m", "tests.corpora.worker", str(archive)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def check(found):
    assert found["events"] == []
    assert found["pickles"] > 0
    assert found.get("different", 0) == 0
    assert found["slowest"] < 10


@pytest.mark.parametrize("corpus", corpora(), ids=lambda c: c.name)
def test_corpus(corpus, record_property):
    try:
        archive = download(corpus)
    except urllib.error.URLError as error:
        pytest.skip(f"PyPI cannot be reached: {error}")
    found = worked(archive)
    print(corpus.name, found)
    for name, value in found.items():
        record_property(name, value)
    check(found)


def test_the_tests_of_the_interpreter(tmp_path):
    """Every byte string of CPython's own ``test.pickletester``, which has the odd and the broken pickles."""
    spec = importlib.util.find_spec("test.pickletester")
    if spec is None:
        pytest.skip("this Python comes without its tests")
    import tarfile

    archive = tmp_path / "pickletester.tar"
    with tarfile.open(archive, "w") as out:
        out.add(spec.origin, "pickletester.py")
    found = worked(archive)
    print("CPython", found)
    check(found)
    assert found["pickles"] > 30
