"""What runs of a program say of the sites and classes of a tree."""

from __future__ import annotations

import msgspec
import pytest

from migrate.evidence import gather, with_runs
from migrate.evidence.notes import joined
from migrate.evidence.observed import (
    VERSION,
    ObservedClass,
    ObservedError,
    ObservedFile,
    ObservedPlace,
    dump_observed,
    parse_observed,
)
from migrate.sites import find_sites

from .support import fields, said, tree

TREE = tree(
    shop__="",
    shop__models="""
        class Order:
            number: int

            def __init__(self, number, note):
                self.number = number
                self.note = note
        class Refund(Order): ...
        class Customer: ...
    """,
    shop__store="""
        import pickle
        from shop.models import Order

        def save(order: Order, f):
            pickle.dump(order, f)

        def anything(value):
            return pickle.dumps(value)
    """,
)
SAVE, ANYTHING = 6, 9


def observed(line: int, *types: str, classes=(), fields=None, path="shop/store.py", root="") -> ObservedFile:
    files = find_sites(TREE)
    site = next(s for s in files["shop/store.py"].sites if s.span.line == line)
    place = ObservedPlace(
        path=root + path,
        line=line,
        function=site.function,
        calls=3,
        types=list(types),
        classes=list(classes),
        site="" if root else site.id,
        text=site.text,
    )
    if root:
        place.site = "0" * 12
    seen = [
        ObservedClass(name=c, places=[f"{path}:{line}"], fields=(fields or {}).get(c, {})) for c in classes
    ]
    return ObservedFile(version=VERSION, places=[place], classes=seen)


def gathered(*seen: ObservedFile):
    files = find_sites(TREE)
    found = with_runs(gather(TREE, files), seen, files)
    by_line = {s.span.line: found.flows[s.id] for s in files["shop/store.py"].sites}
    return found, by_line


def test_what_passed_is_evidence_with_its_own_source():
    _, flows = gathered(observed(ANYTHING, "shop.models:Order", classes=["shop.models:Order"]))
    assert ("shop.models:Order", "observed") in said(flows[ANYTHING])
    assert "shop.models:Order" in flows[ANYTHING].classes


def test_having_seen_some_calls_proves_nothing_about_the_others():
    _, flows = gathered(observed(ANYTHING, "int"))
    assert not flows[ANYTHING].closed


def test_what_agrees_with_the_source_leaves_a_site_safe():
    order = ["shop.models:Order"]
    _, flows = gathered(observed(SAVE, *order, classes=order, fields={order[0]: {"note": ["str"]}}))
    _, before = gathered()
    assert flows[SAVE].why == before[SAVE].why
    assert flows[SAVE].closed == before[SAVE].closed


@pytest.mark.parametrize(
    ("types", "classes"),
    [
        (["shop.models:Customer"], ["shop.models:Customer"]),
        (["None"], []),
        (["shop.models:Order"], ["shop.models:Order", "requests:Session"]),
    ],
)
def test_a_value_that_source_does_not_tell_of_opens_a_closed_site_and_is_named(types, classes):
    sources = {**TREE, "shop/models.py": b"class Order:\n    number: int\nclass Customer: ...\n"}
    files = find_sites(sources)
    site = next(s for s in files["shop/store.py"].sites if s.span.line == SAVE)
    assert gather(sources, files).flows[site.id].closed
    seen = observed(SAVE, *types, classes=classes)
    flow = with_runs(gather(sources, files), [seen], files).flows[site.id]
    assert not flow.closed
    assert f"a running program passed {(types + classes[1:])[-1]}" in flow.why


def test_attributes_that_source_leaves_open_get_the_types_that_were_seen():
    order = "shop.models:Order"
    seen = observed(ANYTHING, order, classes=[order], fields={order: {"note": ["None", "str"]}})
    found, _ = gathered(seen)
    assert fields(found.graph[order])["note"] == "Optional[str]"
    assert fields(gathered()[0].graph[order])["note"] == "Any"


def test_a_declaration_stands_and_what_contradicts_it_is_beside_it():
    order = "shop.models:Order"
    seen = observed(ANYTHING, order, classes=[order], fields={order: {"number": ["str"]}})
    number = next(f for f in gathered(seen)[0].graph[order].fields if f.name == "number")
    assert str(number.type) == "int"
    assert {(str(e.type), e.source.value) for e in number.evidence} > {
        ("int", "declared"),
        ("str", "observed"),
    }


def test_the_classes_that_were_seen_say_where():
    found, _ = gathered(observed(ANYTHING, "shop.models:Customer", classes=["shop.models:Customer"]))
    assert found.seen_in == {"shop.models:Customer": ("observed at shop/store.py:9",)}


def test_a_site_is_found_again_when_the_tree_is_read_from_another_folder():
    _, flows = gathered(observed(ANYTHING, "int", root="src/"))
    assert ("int", "observed") in said(flows[ANYTHING])


def test_a_site_that_is_gone_is_stale():
    place = observed(ANYTHING, "int")
    place.places[0].site = "f" * 12
    place.places[0].text = "pickle.dumps(other)"
    found, _ = gathered(place)
    assert [p.line for p in found.observed.stale] == [ANYTHING]


def test_several_files_add_up():
    _, flows = gathered(observed(ANYTHING, "int"), observed(ANYTHING, "str"))
    assert {("int", "observed"), ("str", "observed")} <= set(said(flows[ANYTHING]))


def test_a_file_is_read_as_it_was_written():
    seen = observed(SAVE, "list[int]", classes=["m:C"], fields={"m:C": {"x": ["int"]}})
    assert parse_observed(dump_observed(seen)) == seen


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"version": 2, "places": [], "classes": []}',
        b'{"version": 1, "places": [], "classes": [], "values": []}',
        b'{"version": 1, "places": [], "classes": [{"name": "C", "places": [], "fields": {"x": ["["]}}]}',
        b"\xff",
    ],
)
def test_another_file_is_refused_with_what_is_wrong(data):
    with pytest.raises(ObservedError):
        parse_observed(data)


def test_the_order_of_lines_makes_no_difference_and_a_cut_line_is_reported():
    key = ["shop/store.py", ANYTHING, None, "dumps"]
    lines = [
        msgspec.json.encode(line)
        for line in (
            ["process"],
            ["type", *key, "int"],
            ["type", *key, "str"],
            ["calls", *key, 2],
            ["calls", *key, 3],
            ["calls", "shop/store.py", 1, None, "dumps", 1],
        )
    ]
    files = find_sites(TREE)
    seen, gaps = joined(lines, files)
    assert (seen, gaps) == joined(reversed(lines), files)
    assert (seen.places[0].calls, seen.places[0].types) == (5, ["int", "str"])
    assert gaps.unplaced == (("shop/store.py", 1, "dumps"),)
    _, gaps = joined([*lines, b'["type", "shop/st'], files)
    assert "killed" in gaps.troubles[0]
