"""Which comments suppress which sites, and what is said of comments that suppress nothing."""

from __future__ import annotations

import pytest

from migrate.model import Site, Suppression
from migrate.sites import find_sites
from migrate.sites.suppress import suppression_problems


def sites(source: str) -> list[Site]:
    files = find_sites({"app.py": source.encode()})
    return list(files["app.py"].sites)


def problems(source: str) -> list[tuple[str, str]]:
    return [
        (p.reason, p.message) for p in suppression_problems(find_sites({"app.py": source.encode()}).values())
    ]


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("# pickle-migrate: keep[release 3 reads it]", "release 3 reads it"),
        ("#pickle-migrate:keep[a]", "a"),
        ("# pickle-migrate: keep [ a   b ]", "a b"),
        ("# pickle-migrate: keep[see [12], and later]", "see [12], and later"),
        ("# noqa: S301  # pickle-migrate: keep[a]", "a"),
        ("# pickle-migrate: keep[a]  # noqa: S301", "a"),
        ("# pickle-migrate: keep", ""),
        ("# pickle-migrate: keep[]", ""),
    ],
)
def test_the_reason_is_kept_with_the_site(comment, reason):
    (site,) = sites(f"import pickle\npickle.dumps(x)  {comment}\n")
    assert (site.keep, site.keep_reason, site.reason) == (True, reason, "kept")


def test_what_else_would_leave_it_alone_is_still_known():
    (site,) = sites("import pickle, hashlib\nhashlib.md5(pickle.dumps(x))  # pickle-migrate: keep[a key]\n")
    assert (site.keep, site.reason) == (True, "hash-of-bytes")


def test_a_comment_that_serves_is_no_problem():
    assert problems("import pickle\npickle.dumps(x)  # pickle-migrate: keep[a]\n") == []


def test_one_comment_serves_all_sites_of_its_statement():
    found = sites("import pickle\npickle.dump(pickle.loads(x), f)  # pickle-migrate: keep[a]\n")
    assert [s.keep for s in found] == [True, True]


def test_a_comment_of_a_file_that_cannot_be_parsed():
    source = "# pickle-migrate: keep-file[python 2, nobody runs it]\nimport cPickle\nprint cPickle.loads(x)\n"
    (site,) = sites(source)
    assert (site.keep, site.keep_reason) == (True, "python 2, nobody runs it")
    assert site.reason == "python2-source"


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_ends_of_lines(ends):
    source = ends.join(
        ["import pickle", "# pickle-migrate: keep[a]", "pickle.dumps(x)", "pickle.dumps(y)", ""]
    )
    assert [s.keep for s in sites(source)] == [True, False]


def test_text_that_is_not_ascii_before_the_comment():
    (site,) = sites("import pickle\npickle.dumps('é', x)  # pickle-migrate: keep[übermorgen]\n")
    assert site.keep_reason == "übermorgen"


@pytest.mark.parametrize(
    "source",
    [
        "total = sum(x)  # pickle-migrate: keep[a]\n",
        "import pickle  # pickle-migrate: keep[a]\npickle.dumps(x)\n",
        "import pickle\n# pickle-migrate: keep[a]\n\npickle.dumps(x)\n",
        "import pickle\n# pickle-migrate: keep[a]\nwith open(p) as f:\n    pickle.load(f)\n",
        "# pickle-migrate: keep-file[a]\nx = 1\n",
        "import pickle\npickle.dumps(x)\n# pickle-migrate: keep[a]\n",
    ],
)
def test_a_comment_that_suppresses_nothing_is_reported(source):
    assert [reason for reason, _ in problems(source)] == ["unused-suppression"]
    assert not any(s.keep for f in find_sites({"app.py": source.encode()}).values() for s in f.sites)


def test_a_word_that_is_not_known_is_reported_with_the_words_that_are():
    ((reason, message),) = problems("import pickle\npickle.dumps(x)  # pickle-migrate: ignore[a]\n")
    assert reason == "unused-suppression"
    assert "line 2: `ignore`" in message
    assert "keep[reason]" in message


def test_a_suppression_without_reason_is_reported():
    ((reason, message),) = problems("import pickle\npickle.dumps(x)  # pickle-migrate: keep\n")
    assert reason == "suppression-without-reason"
    assert "line 2" in message


@pytest.mark.parametrize(
    "source",
    [
        "text = '# pickle-migrate: keep[a]'\n",
        '"""\n# pickle-migrate: keep-file[a]\n"""\n',
        "# pickle-migrate: converters\ncodec = 1\n",
        "# see pickle-migrate: it keeps old files readable\n",
    ],
)
def test_text_and_other_comments_are_no_suppressions(source):
    files = find_sites({"app.py": source.encode()})
    assert not [s for f in files.values() for s in f.suppressions if s.word.startswith("keep")]


def test_prose_about_the_tool_is_no_problem():
    assert problems("# read by pickle-migrate: it keeps old files readable\n") == []


def test_the_generated_modules_own_line_is_no_problem():
    assert problems("# pickle-migrate: converters\ncodec = 1\n") == []


def test_all_suppressions_of_a_file_in_order():
    source = "import pickle\npickle.dumps(x)  # pickle-migrate: keep[a]\ny = 1  # pickle-migrate: keep[b]\n"
    assert find_sites({"app.py": source.encode()})["app.py"].suppressions == (
        Suppression("app.py", 2, "keep", "a", used=True),
        Suppression("app.py", 3, "keep", "b", used=False),
    )


@pytest.mark.parametrize(
    ("comment", "silenced"),
    [
        ("# noqa: S301", "# noqa: S301"),
        ("# noqa: E501, S301", "# noqa: E501, S301"),
        ("# NOQA:S301  # old files", "# NOQA:S301"),
        ("# nosec B301", "# nosec B301"),
        ("# nosec", "# nosec"),
        ("# nosec: B301, B303", "# nosec: B301, B303"),
        ("# nosemgrep: python.lang.security.deserialization.pickle.avoid-pickle", None),
        ("# noqa", ""),
        ("# noqa: E501", ""),
        ("# nosec B602", ""),
        ("# a remark", ""),
    ],
)
def test_comments_that_silence_linters_about_pickle(comment, silenced):
    (site,) = sites(f"import pickle\npickle.loads(\n    x,\n)  {comment}\n")
    assert site.silenced == (comment if silenced is None else silenced)
    assert not site.keep
