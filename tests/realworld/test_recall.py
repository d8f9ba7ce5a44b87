"""`scan` finds every use of pickle that others find in public packages, and what it finds alone is right."""

import pytest
from idioms import idiom
from recall import TOOLS, judgements, packages, study
from remainder import Explainer

from migrate.model import Operation, Site, Span

QUICK = [package for package in packages() if package.quick]


@pytest.mark.realworld
@pytest.mark.timeout(300)
@pytest.mark.parametrize("package", QUICK, ids=lambda p: p.name)
def test_nothing_is_missed_and_all_that_is_found_alone_is_explained(package):
    result = study(package)
    assert "text" in result.others and result.sites
    assert result.open == [], [result.texts[place] for place in result.open]
    unexplained = [place for place, why in result.alone.items() if not why]
    assert unexplained == [], [result.texts[place] for place in unexplained]


def test_every_judgement_is_of_a_package_that_is_studied():
    names = {package.name for package in packages()}
    judged = {name: judgements(name) for name in names}
    assert len(names) >= 30
    assert all(line > 0 and verdict for said in judged.values() for (_, line), verdict in said.items())
    assert set(TOOLS) == {"ruff", "bandit", "semgrep", "text"}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("x = 1  # a pickle", "comment"),
        ('"""About pickle."""', "text of a docstring"),
        ('print("cannot pickle this")', "text: prose, or the name of a file"),
        ('open("x.pickle")', "text: prose, or the name of a file"),
        ("pickled = 1", "a longer name of the program's own"),
        ("import pickle", "import that nothing in the file uses"),
        ("def f(pickle): return pickle", "a parameter of that name"),
        ('kind == "pickle"', "text: compared, or a key"),
        ("pickle.dumps(x)", ""),
        ('load("pickle")', ""),
        ("import pickle; pickle.dumps(x)", ""),
        ("x = np.load(f, allow_pickle=True)", ""),
    ],
)
def test_what_explains_a_line(tmp_path, line, why):
    (tmp_path / "app.py").write_text(line + "\n")
    found = Explainer(tmp_path, []).why("app.py", 1)
    assert found == why or (
        why == "a definition of the program's own" and found == "a parameter of that name"
    )


@pytest.mark.parametrize(
    ("source", "operation", "handle", "row"),
    [
        ("with open(p) as f:\n    pickle.dump(x, f)", "dump", "f", "`dump`, `with open`"),
        ("with gzip.open(p) as f:\n    pickle.dump(x, f)", "dump", "f", "`dump`, gzip, bz2, lzma"),
        ("def g():\n    pickle.dump(x, f); pickle.dump(y, f)", "dump", "f", "`dump`, several on a handle"),
        ("while True:\n    pickle.load(f)", "load", "f", "`load`, in a loop to the end"),
        ("p.write_bytes(pickle.dumps(x))", "dumps", None, "`dumps`, `Path.write_bytes`"),
        ("y = base64.b64encode(pickle.dumps(x))", "dumps", None, "`dumps`, base64"),
        ("y = pickle.loads(zlib.decompress(b))", "loads", None, "`loads`, compressed"),
        ("y = pickle.loads(b)", "loads", None, "`loads`, plain bytes"),
    ],
)
def test_the_idiom_of_a_call(source, operation, handle, row):
    at = next(n for n, text in enumerate(source.split("\n"), 1) if "pickle." in text)
    column = source.split("\n")[at - 1].index("pickle.")
    text = source.split("\n")[at - 1][column:]
    span = Span(at, column, at, column + len(text))
    site = Site("", "app.py", span, Operation(operation), "pickle", operation, "", text, handle=handle)
    assert idiom(site, source.encode()) == row
