"""The documentation keeps up with the code: a page per reason code, a full navigation, current reference."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrate.model import REASONS

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
REASON_PAGES = {path.stem: path for path in (DOCS / "reasons").glob("*.md") if path.stem != "index"}
ROOMS = ("legacy", "runtime", "reencode", "sites", "plan", "rewrite", "evidence", "cli")
"""The rooms whose code says reason codes as plain strings."""


def load_generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def nav() -> list[str]:
    """The pages named in the navigation. Read as text: a parser of YAML is not among what tests need."""
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    return re.findall(r"^ *- (?:[^:\n]+: )?(\S+\.md)$", text, flags=re.MULTILINE)


def reasons_in(tree: ast.AST) -> set[str]:
    """Reason codes said as ``reason=…``, or as a problem's second argument, in either branch of a choice."""
    values: list[ast.expr] = []
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="reason", value=value):
                values.append(value)
            case ast.Call(func=ast.Name(id="Problem"), args=[_, value, *_]):
                values.append(value)
            case ast.Assign(targets=[ast.Name(id="reason") | ast.Attribute(attr="reason")], value=value):
                values.append(value)
            case ast.AnnAssign(target=ast.Name(id="reason"), value=ast.expr() as value):
                values.append(value)
    branches = [b for v in values for b in ((v.body, v.orelse) if isinstance(v, ast.IfExp) else (v,))]
    return {b.value for b in branches if isinstance(b, ast.Constant) and isinstance(b.value, str) and b.value}


# --- reason codes -------------------------------------------------------------------------------------------


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert set(REASON_PAGES) == set(REASONS)


@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_page_begins_with_its_code_and_says_its_summary(code: str) -> None:
    text = REASON_PAGES[code].read_text(encoding="utf-8")
    assert text.splitlines()[0] == f"# {code}"
    assert REASONS[code].summary in text


@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_page_says_why_and_what_to_do(code: str) -> None:
    headings = re.findall(r"^## (.+)$", REASON_PAGES[code].read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert any(heading.startswith("Why ") for heading in headings)
    assert "What to do" in headings


@pytest.mark.parametrize("room", ROOMS)
def test_code_says_no_reason_that_is_not_documented(room: str) -> None:
    sources = [ROOT / "migrate" / f"{room}.py", *(ROOT / "migrate" / room).rglob("*.py")]
    unknown = {
        f"{path.relative_to(ROOT)}: {reason}"
        for path in sources
        if path.exists()
        for reason in reasons_in(ast.parse(path.read_bytes()))
        if reason not in REASONS
    }
    assert unknown == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("raise Refused('gone', reason='unreadable')", {"unreadable"}),
        ("class E(Exception):\n    reason = 'limit'", {"limit"}),
        ("class E(Exception):\n    reason: str = 'limit'", {"limit"}),
        ("reason = 'a' if x else 'b'", {"a", "b"}),
        ("self.reason = 'a'", {"a"}),
        ("Problem(path, 'read-only', 'is read-only')", {"read-only"}),
        ("f(reason=error.reason)", set()),
        ("Other(path, 'read-only')", set()),
        ("class E(Exception):\n    reason: str = ''", set()),
        ("f('limit')", set()),
    ],
)
def test_how_reasons_are_found_in_code(source: str, found: set[str]) -> None:
    assert reasons_in(ast.parse(source)) == found


# --- the site -----------------------------------------------------------------------------------------------


def test_every_page_is_in_the_navigation_once_and_every_entry_exists() -> None:
    assert sorted(nav()) == sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


@pytest.mark.parametrize(
    "page",
    [
        "reference/cli.md",
        "reasons/index.md",
        "reference/rollout-matrix.md",
        "reference/decisions.schema.json",
        "reference/review.schema.json",
    ],
)
def test_generated_pages_are_up_to_date(page: str) -> None:
    generate = load_generator()
    assert (DOCS / page).read_text(encoding="utf-8") == generate.PAGES[page](), "run: python docs/generate.py"


def is_command(path: Path) -> bool:
    """Whether the module defines what its name promises: a function called ``command``."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return any(isinstance(node, ast.FunctionDef) and node.name == "command" for node in body)


def test_the_command_line_reference_has_every_command() -> None:
    text = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\w+)$", text, flags=re.MULTILINE)
    assert headings == sorted(
        path.stem for path in (ROOT / "migrate" / "cli").glob("*.py") if is_command(path)
    )


def test_pages_load_nothing_from_the_network() -> None:
    for path in DOCS.rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"!\[[^]]*\]\(https?:|<(script|img|link|iframe)\b", text), path


def python_blocks() -> list[tuple[str, str]]:
    """Page and text of every block of Python."""
    return [
        (path.relative_to(DOCS).as_posix(), block)
        for path in sorted(DOCS.rglob("*.md"))
        for block in re.findall(
            r"^```python\n(.*?)^```$", path.read_text(encoding="utf-8"), flags=re.M | re.S
        )
    ]


@pytest.mark.parametrize(("page", "block"), python_blocks())
def test_examples_in_python_parse(page: str, block: str) -> None:
    ast.parse(block, page)


# --- the read-me --------------------------------------------------------------------------------------------


def test_the_readme_has_exactly_two_set_up_commands() -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## Set-up\n")[1].split("\n## ")[0]
    assert len(re.findall(r"^```sh\n(.+?)\n```$", section, flags=re.M | re.S)) == 2
