"""A tree beyond the limit: the files nearest the sites are looked at, the rest is not taken for nothing."""

from __future__ import annotations

import random

import pytest

from migrate.evidence import Gathered, gather
from migrate.sites import Modules, find_sites
from migrate.sites.nearest import nearest

PADDING = b"# " + b"x" * 2_000 + b"\n"

TREE = {
    "shop/store.py": b"import pickle\nfrom shop.models import Order\n"
    b"def save(path, order: Order, n: int):\n"
    b"    with open(path, 'wb') as f:\n"
    b"        pickle.dump(order, f)\n"
    b"        pickle.dump([1, 2], f)\n"
    b"        pickle.dump(n, f)\n",
    "shop/models.py": b"from dataclasses import dataclass\n@dataclass\nclass Order:\n    name: str\n",
    "shop/special.py": b"from shop.models import Order\nclass Special(Order):\n    pass\n" + PADDING,
    "far/away.py": b"class Far:\n    pass\n" + PADDING,
    "far/further.py": b"from far.away import Far\n" + PADDING,
}


def gathered(limit: float, tree: dict[str, bytes] = TREE) -> Gathered:
    return gather(tree, find_sites(tree), limit=limit)


def flow(found: Gathered, line: int, tree: dict[str, bytes] = TREE) -> tuple[bool, str]:
    site = next(s for s in find_sites(tree)["shop/store.py"].sites if s.span.line == line)
    return found.flows[site.id].closed, found.flows[site.id].why


def test_a_tree_within_the_limit_is_looked_at_as_a_whole() -> None:
    assert nearest(TREE, Modules(TREE), ["shop/store.py"], 1.0) is TREE
    assert nearest(TREE, Modules(TREE), ["shop/store.py"], 0) is TREE


def test_the_nearest_files_are_taken_in_imports_either_way() -> None:
    taken = nearest(TREE, Modules(TREE), ["shop/store.py"], 0.003)
    assert list(taken) == ["shop/store.py", "shop/models.py", "shop/special.py"]
    taken = nearest(TREE, Modules(TREE), ["shop/store.py"], 0.001)
    assert list(taken) == ["shop/store.py", "shop/models.py"]


def test_files_with_sites_are_taken_however_large_they_are() -> None:
    assert list(nearest(TREE, Modules(TREE), ["far/away.py"], 0.0001)) == ["far/away.py"]


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_files_makes_no_difference(seed: int) -> None:
    names = list(TREE)
    random.Random(seed).shuffle(names)
    shuffled = {name: TREE[name] for name in names}
    assert gathered(0.001, shuffled).flows == gathered(0.001).flows


def test_beyond_the_limit_nothing_is_closed_that_another_file_may_add_to() -> None:
    whole, part = gathered(0), gathered(0.001)
    assert flow(whole, 5)[0]
    closed, why = flow(part, 5)
    assert not closed
    assert "--evidence-limit" in why
    assert "shop.models:Order" in part.graph
    assert "shop.special:Special" not in part.graph


def test_what_is_written_beside_the_site_stays_known() -> None:
    assert flow(gathered(0.001), 6) == flow(gathered(0), 6)
    assert flow(gathered(0.001), 6)[0]
