"""Long tables are printed as rich prints short ones."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from migrate.cli import show
from migrate.cli.tables import PlainTable

CELLS = st.one_of(
    st.text(alphabet="ab/_.() ", max_size=60),
    st.text(max_size=30).filter(lambda text: text.isprintable()),
    st.sampled_from(["", "a\nb", "日本語の長い名前がここに", "tab\there", "x" * 200]),
)


def printed(renderable, width):
    out = io.StringIO()
    plain = Console(file=out, width=width, markup=False, highlight=False, emoji=False, color_system=None)
    plain.print(renderable)
    return out.getvalue()


@settings(deadline=None)
@given(
    rows=st.integers(1, 5).flatmap(
        lambda count: st.lists(st.lists(CELLS, min_size=count, max_size=count), min_size=1, max_size=8)
    ),
    width=st.integers(40, 120),
    title=st.sampled_from([None, "Sites", "\nSites"]),
)
def test_a_plain_table_looks_like_one_of_rich(rows, width, title):
    columns = [f"column {number}" for number in range(len(rows[0]))]
    assert printed(PlainTable(columns, rows, title), width) == printed(
        show.table(columns, rows, title=title), width
    )


@pytest.mark.parametrize(("rows", "plain"), [(49, False), (50, True)])
def test_only_long_tables_are_printed_so(rows, plain, capsys):
    assert isinstance(show.table(["a"], [["x"]] * rows), PlainTable) is plain
