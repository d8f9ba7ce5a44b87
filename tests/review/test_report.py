"""The review as JSON and as HTML: what it says, and that nothing in a repository can act in it."""

from __future__ import annotations

import builtins
import gzip
import json
import re
from html.parser import HTMLParser

import jsonschema
import pytest
from click.testing import CliRunner

from migrate.cli import cli
from migrate.cli.review import propose
from migrate.model import Span
from migrate.review import document
from migrate.review.build import build_review
from migrate.review.highlight import pieces, visible
from migrate.review.html import MissingExtraError, html_report
from migrate.review.markdown import markdown_review
from migrate.review.sidebyside import Comparison, decoded
from tests.review.support import TREE, make_tree

NOTHING = {"decisions": None, "include": "safe", "only": None, "sites": (), "reasons": (), "classes": ()}
PLAIN = {"data": (), "stage": "json", "form": "json", "vendor": False}


@pytest.fixture
def tree(tmp_path):
    return make_tree(tmp_path / "tree")


def review(tree, **options):
    return build_review(propose(tree, **{**PLAIN, **NOTHING, **options}))


def site(found, place):
    (one,) = [
        s for s in found.sites if f"{s.path}:{s.line}" == place and not s.text.startswith("pickle.dumps")
    ]
    return one


# --- what it says -------------------------------------------------------------------------------------------


def test_every_site_is_there_with_its_diff_its_reason_and_its_question(tree):
    found = review(tree)
    assert (found.summary.safe, found.summary.review, found.summary.manual) == (2, 2, 2)
    asking = site(found, "shop/cache.py:5")
    assert asking.reason == "unknown-classes"
    assert asking.question.startswith("Are all classes that can be in `data`")
    assert [(r.before, r.after) for r in asking.diff if r.before != r.after] == [
        ("    pickle.dump(data, f)", "    converters.dump(data, f)")
    ]
    manual = site(found, "shop/copies.py:5")
    assert (manual.reason, manual.edited) == ("deepcopy-idiom", False)
    assert all(r.before == r.after for r in manual.diff)


def test_types_say_where_they_are_known_from(tree):
    types = site(review(tree), "shop/orders.py:12").types
    assert [(t.type, t.source, t.where) for t in types] == [
        ("shop.orders:Order", "declared", "shop/orders.py:10")
    ]


def test_a_class_stands_beside_its_converter_with_the_source_of_each_field(tree):
    (order,) = review(tree).classes
    assert (order.key, order.module) == ("shop.orders:Order", "shop/converters.py")
    assert 'codec.register("shop.orders:Order")' in order.converter
    assert order.converter.startswith("# shop.orders.Order: dataclass")
    assert [(f.name, f.type, f.evidence[0].where) for f in order.fields] == [
        ("number", "int", "shop/orders.py:7")
    ]


STORED = b"""(lp0
(ishop.orders
Order
p1
(dp2
S'number'
p3
I4711234
sba(ishop.orders
Order
p4
(dp5
S'number'
p6
S'hunter2-secret'
sba."""
"""Two orders, as Python 2 pickled classic classes: the number of one is a string."""


def test_stored_values_show_their_shapes_beside_the_declared_fields_and_speak_for_or_against_them(tree):
    (tree / "orders.dat").write_bytes(STORED)
    found = review(tree)
    (order,) = found.classes
    (number,) = order.fields
    assert (order.objects, order.files) == (2, ["orders.dat"])
    assert [shape.text for shape in number.stored] == ["1 int of 7 digits", "1 str of 14 bytes"]
    assert [(e.type, e.source, e.confidence) for e in number.evidence] == [
        ("int", "declared", "low"),
        ("int", "data", "high"),
        ("str", "data", "medium"),
    ]
    assert number.confidence == "low"
    assert found.summary.stored == {"pickle, protocol 0 or 1": 1}


def test_no_stored_value_gets_into_any_form_of_the_review(tree):
    (tree / "orders.dat").write_bytes(STORED)
    found = review(tree)
    for text in (html_report(found), document.to_json(found).decode(), markdown_review(found)):
        assert "digits" in text
        assert "4711234" not in text
        assert "hunter2" not in text


def test_without_data_a_declaration_is_believed_and_a_guess_is_not(tree):
    found = review(tree)
    assert found.classes[0].fields[0].confidence == "high"
    assert [t.confidence for t in site(found, "shop/orders.py:12").types] == ["high"]
    assert found.classes[0].fields[0].stored == []


def test_the_stock_is_counted_by_content_also_of_what_is_pickle_no_more(tree):
    (tree / "a.pkl").write_bytes(STORED)
    (tree / "b.pkl").write_bytes(gzip.compress(STORED))
    (tree / "c.pkl").write_bytes(b'{"$type":"Order","number":1}\n')
    (tree / "d.json").write_bytes(b'{"name": "settings of something else"}')
    found = review(tree)
    assert found.summary.stored == {
        "JSON": 1,
        "gzip of pickle, protocol 0 or 1": 1,
        "pickle, protocol 0 or 1": 1,
    }
    assert "Stock by format" in html_report(found)


def test_what_else_changes_in_a_file_is_its_imports_and_a_new_file_as_a_whole(tree):
    files = {f.path: f for f in review(tree).files}
    assert [(r.before, r.after) for r in files["shop/cache.py"].others] == [
        ("import pickle", "from shop import converters")
    ]
    assert files["shop/converters.py"].new
    assert files["shop/converters.py"].others[0].after == "# pickle-migrate: converters"


def test_edits_of_the_same_shape_are_one_group_whatever_names_they_use(tmp_path):
    source = b"import pickle\n" + b"".join(
        b"def load_%d(handle_%d):\n    return pickle.load(handle_%d)\n" % (n, n, n) for n in range(5)
    )
    odd = source + b"def odd(f):\n    return pickle.load(f, encoding='latin1')\n"
    found = review(make_tree(tmp_path / "many", {"a.py": odd}))
    assert [(g.pattern, len(g.sites)) for g in found.groups] == [
        ("return pickle.load(FILE) → return converters.load(FILE)", 5),
        ('return pickle.load(FILE, encoding="…") → return converters.load(FILE, encoding="…")', 1),
    ]


def test_sites_of_another_safety_are_another_group(tree):
    groups = {g.id: g for g in review(tree).groups}
    assert groups[site(review(tree), "shop/cache.py:9").group].safety == "review"
    assert len([g for g in groups.values() if "pickle.load(FILE)" in g.pattern]) == 2


def test_options_narrow_what_is_shown(tree):
    assert [s.path for s in review(tree, classes=("Order",)).sites] == ["shop/orders.py"] * 2
    assert {s.safety for s in review(tree, only="review").sites} == {"review"}


def test_the_document_fits_the_published_schema(tree):
    jsonschema.validate(json.loads(document.to_json(review(tree))), document.schema())
    broken = json.loads(document.to_json(review(tree)))
    del broken["sites"][0]["hash"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, document.schema())


# --- side by side -------------------------------------------------------------------------------------------


def test_lines_are_paired_and_new_ones_have_no_partner():
    rows = Comparison.of(b"a\nb\nc\n", b"a\nB\nB2\nc\n").rows
    assert [(r.old, r.new, r.before, r.after) for r in rows] == [
        (1, 1, "a", "a"),
        (2, 2, "b", "B"),
        (None, 3, "", "B2"),
        (3, 4, "c", "c"),
    ]


def test_a_stretch_holds_the_whole_change_and_three_lines_around():
    before = b"".join(b"line %d\n" % n for n in range(1, 30))
    after = before.replace(b"line 10\nline 11\n", b"ten\neleven\n")
    rows = Comparison.of(before, after).around(Span(10, 0, 10, 4))
    assert [r.old for r in rows] == [7, 8, 9, 10, 11, 12, 13, 14]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"x = '\xc3\xbc'\n", "x = 'ü'\n"),
        (b"# coding: latin-1\nx = '\xfc'\n", "# coding: latin-1\nx = 'ü'\n"),
        (b"x = '\xfc'\n", "x = '\ufffd'\n"),
        (b"# coding: nonsense\nx\n", "# coding: nonsense\nx\n"),
        (b"\xef\xbb\xbfx\n", "x\n"),
    ],
)
def test_source_is_read_in_its_own_encoding(data, text):
    assert decoded(data) == text


# --- nothing acts -------------------------------------------------------------------------------------------

HOSTILE = "</script><img src=x onerror=alert(1)><!--"
HOSTILE_TREE = {
    **TREE,
    "shop/a'\"<img src=x onerror=alert(1)>&.py": b"import pickle\n\n\ndef f(x, g):\n    pickle.dump(x, g)\n",
    "shop/texts.py": f'import pickle\n\n\ndef f(x, g):\n    pickle.dump((x, "{HOSTILE}"), g)\n'.encode(),
    "shop/bidi.py": "import pickle\n\n\ndef f(x, g):\n    pickle.dump(x, g)  # \u202e }\n".encode(),
}


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_hostile_names_and_source_add_no_element_and_no_attribute(tmp_path):
    def shape(tree):
        parser = Elements()
        parser.feed(html_report(review(tree)))
        return parser.found

    hostile = shape(make_tree(tmp_path / "hostile", HOSTILE_TREE))
    assert {tag for tag, _ in hostile} == {tag for tag, _ in shape(make_tree(tmp_path / "tree"))}
    assert not [1 for _, attributes in hostile if any(name.startswith("on") for name in attributes)]
    assert sum(tag == "script" for tag, _ in hostile) == 2


def test_a_name_with_markup_is_shown_as_it_is(tmp_path):
    text = html_report(review(make_tree(tmp_path / "<b>bold<i>", TREE)))
    assert "<title>Review of &lt;b&gt;bold&lt;i&gt;</title>" in text


def test_the_policy_allows_the_script_and_the_style_by_hash_and_nothing_else(tree):
    text = html_report(review(tree))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)[1].replace(
        "&#39;", "'"
    )
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_nothing_is_loaded_from_anywhere(tree):
    parser = Elements()
    parser.feed(html_report(review(tree)))
    addresses = [v for _, attributes in parser.found for n, v in attributes.items() if n in ("src", "href")]
    assert [a for a in addresses if not a.startswith(("#", "data:,"))] == []


def test_what_cannot_be_seen_or_reorders_text_is_spelled_out():
    assert visible("a\u202eb\x00\u200b\ud800") == "a⟨U+202E⟩b⟨U+0000⟩⟨U+200B⟩⟨U+D800⟩"
    assert visible("plain ü 日本\t") == "plain ü 日本\t"
    assert "\u202e" not in "".join(pieces("x = '\u202e'  # \u2066"))


def test_pieces_are_the_line_again():
    line = "    return pickle.load(f, encoding='latin1')  # 3 < 4"
    assert "".join(pieces(line)[1::2]) == line
    assert ("k", "return") in list(zip(pieces(line)[::2], pieces(line)[1::2], strict=True))


# --- the command --------------------------------------------------------------------------------------------


def run(*arguments):
    return CliRunner().invoke(cli, ["review", *map(str, arguments)])


def test_without_an_option_it_prints_the_kinds_of_edits_and_changes_nothing(tree):
    result = run(tree)
    assert result.exit_code == 0
    assert "6 sites in 3 files" in " ".join(result.stdout.split())
    assert {p.name for p in tree.rglob("*")} == {"shop", "__init__.py", "orders.py", "cache.py", "copies.py"}


def test_reports_are_written_where_they_are_asked_for(tree, tmp_path):
    result = run(tree, "--html", tmp_path / "r.html", "--json", "-")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["version"] == 1
    assert (tmp_path / "r.html").read_text().startswith("<!DOCTYPE html>")


def test_a_report_that_cannot_be_written_is_an_error_with_its_name(tree, tmp_path):
    result = run(tree, "--html", tmp_path / "no" / "r.html")
    assert result.exit_code == 1
    assert "r.html cannot be written: No such file or directory" in " ".join(result.stderr.split())


def test_links_to_the_documentation_only_when_asked(tree, tmp_path):
    run(tree, "--html", tmp_path / "r.html", "--docs-url", "https://docs.example/")
    assert 'href="https://docs.example/reasons/unknown-classes.html"' in (tmp_path / "r.html").read_text()


def test_exit_codes(tree):
    assert run(tree, "--exit-code").exit_code == 5
    assert run(tree, "--exit-code", "--class", "Order").exit_code == 4


def test_without_jinja2_the_extra_is_named(tree, monkeypatch):
    real = builtins.__import__

    def missing(name, *arguments, **options):
        if name == "jinja2":
            raise ImportError(name)
        return real(name, *arguments, **options)

    found = review(tree)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingExtraError, match=r"pickle-migrate\[review\]"):
        html_report(found)
