"""Why a line that looks like pickle is no site of its own: what its words are, by the tokens of the file.

This is independent of `migrate.sites`: it knows nothing of scopes, and leaves a person to judge what tokens
cannot tell.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from typing import TYPE_CHECKING, Any

from attrs import Factory, define

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LIBRARIES = frozenset(
    {
        *("pickle", "cPickle", "_pickle", "pickle5", "zodbpickle", "dill", "cloudpickle", "shelve", "joblib"),
        *(
            "marshal",
            "copyreg",
            "copy_reg",
            "pickletools",
            "torch",
            "jsonpickle",
            "pandas",
            "pd",
            "numpy",
            "np",
        ),
        "sqlalchemy",
    }
)
WORDS = re.compile(
    r"(?i:[a-z]*pickl[a-z]*|copy_?reg\b)|\b(?:dill|shelve|joblib|marshal)\b|\btorch\b|\b(?:Unp|P)ickler\b"
)
_MEANINGFUL = re.compile(
    r"(?:cloud|Cloud|_|c|C|zodb|[Uu]n|read_|to_|allow_)?[Pp]ickl(?:e|er|ing|eable)"
    r"(?:5|Type|Serializer|Error|tools|s)?$"
)
"""Names of libraries and what is in them; any longer name is the program's own."""
_NOT_PICKLING = re.compile(
    r"joblib\.(?!load\b|dump\b|Memory)\w+|(?:dill|cloudpickle|joblib|torch|shelve|pickle|jsonpickle)\.__\w+__"
    r"|dill\.(?:settings|source|detect)|shelve\.dbm|jsonpickle\.(?!encode|decode|dumps|loads)\w+"
    r"|torch\.(?!load\b|save\b)\w+"
)


@define
class _File:
    lines: list[str]
    tree: ast.Module | None
    tokens: dict[int, list[tokenize.TokenInfo]] = Factory(dict)
    documents: set[int] = Factory(set)
    """Lines of docstrings and other strings that stand as statements."""
    imports: dict[int, ast.Import | ast.ImportFrom] = Factory(dict)
    names: set[str] = Factory(set)
    """Names that are read, and the first names of attributes."""
    parameters: set[str] = Factory(set)
    """Names of parameters, and of variables that are assigned."""
    imported: set[str] = Factory(set)
    defined: set[str] = Factory(set)
    compared: set[tuple[int, int]] = Factory(set)
    """Where a string that is compared, or that is a key, begins."""

    @property
    def code(self) -> list[str]:
        """The lines without imports."""
        return [text for number, text in enumerate(self.lines, 1) if number not in self.imports]


class Explainer:
    """Explains lines of one package, of which `scan` found ``sites``."""

    def __init__(self, root: Path, sites: Iterable[dict[str, Any]]) -> None:
        self._root = root
        self._files: dict[str, _File] = {}
        self._unparsed = {s["path"]: s["reason"] for s in sites if s["operation"] == "unparsed"}
        self._texts: dict[str, list[str]] = {}
        self._own = _defined(root)
        for site in sites:
            self._texts.setdefault(site["path"], []).append(site["text"])

    def line(self, path: str, number: int) -> str:
        """Return the text of a line."""
        lines = self._file(path).lines
        return lines[number - 1] if number <= len(lines) else ""

    def why(self, path: str, number: int) -> str:
        """Return why the line is no site; empty if a person must say."""
        if path in self._unparsed:
            return f"the file has one site, which says that it cannot be parsed ({self._unparsed[path]})"
        file = self._file(path)
        if file.tree is None:
            return ""
        if number in file.documents:
            return "text of a docstring"
        if number in file.imports:
            return self._import(path, file, file.imports[number])
        found = {
            self._token(file, token, match.group())
            for token in file.tokens.get(number, ())
            for match in WORDS.finditer(token.string)
        }
        return "" if "" in found or not found else "; ".join(sorted(found))

    def why_alone(self, site: dict[str, Any]) -> str:
        """Return how a site that nobody else reports gets at pickle; empty if a person must say."""
        if site["reason"] in ("ipc", "pickling-cache", "configured-serializer", "pickle-relative"):
            return "a library that pickles, by default or by a setting"
        file = self._file(site["path"])
        names = re.findall(r"[A-Za-z_]\w*", site["text"].partition("(")[0])
        for name in reversed(names):
            for text in file.lines:
                code = text.partition("#")[0]
                gives = re.search(
                    rf"\b{name}\b\s*(?::[^=]*)?=(?!=)|\bas\s+{name}\b|import\b.*\b{name}\b", code
                )
                if gives and WORDS.search(code):
                    return "by a name of the program's own that stands for pickle's"
        return ""

    def _file(self, path: str) -> _File:
        if path not in self._files:
            self._files[path] = _read(self._root / path)
        return self._files[path]

    def _import(self, path: str, file: _File, node: ast.Import | ast.ImportFrom) -> str:
        source = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        named = {part for dotted in source for part in dotted.split(".")}
        if isinstance(node, ast.ImportFrom) and (node.level or not named & LIBRARIES):
            words = [a.name for a in node.names if a.name in LIBRARIES or _MEANINGFUL.fullmatch(a.name)]
            if not words:
                return "import of the program's own module"
        if isinstance(node, ast.Import) and not named & LIBRARIES:
            return "import of another module"
        names = {a.name for a in node.names}
        partly = isinstance(node, ast.ImportFrom) and node.module in ("joblib", "torch", "jsonpickle")
        if partly and not names & {"load", "dump", "save", "Memory", "encode", "decode"}:
            return "a part of the library that does not pickle"
        bound = {(a.asname or a.name).partition(".")[0] for a in node.names if self._looks(node, a)}
        if all(a.name == "pickle_protocol" for a in node.names):
            return "import of a constant of another library"
        texts = self._texts.get(path, ())
        unused = {name for name in bound if name not in file.names}
        if bound == unused:
            return "import that nothing in the file uses"
        if all(any(re.search(rf"\b{n}\b", text) for text in texts) for n in bound - unused):
            return "import, whose uses are sites"
        used = [text for text in file.code for n in bound if re.search(rf"\b{n}\.", text)]
        if used and all(_NOT_PICKLING.search(text) for text in used):
            return "import of a library for a part that does not pickle"
        return ""

    def _looks(self, node: ast.Import | ast.ImportFrom, alias: ast.alias) -> bool:
        if isinstance(node, ast.ImportFrom) and (node.module or "") in LIBRARIES:
            return True
        return bool(WORDS.search(alias.name))

    def _token(self, file: _File, token: tokenize.TokenInfo, word: str) -> str:
        """Return what a word of a token is; empty if it may be pickle."""
        if token.type == tokenize.COMMENT:
            return "comment"
        if token.type == tokenize.STRING or "STRING" in tokenize.tok_name[token.type]:
            return self._text(token.string) or (
                "text: compared, or a key" if token.start in file.compared else ""
            )
        if token.type != tokenize.NAME:
            return ""
        name = token.string
        line = file.lines[token.start[0] - 1]
        before, after = line[: token.start[1]].rstrip(), line[token.end[1] :].lstrip()
        if _NOT_PICKLING.match(line[token.start[1] :]):
            return "a part of the library that does not pickle"
        if name not in LIBRARIES and not _MEANINGFUL.fullmatch(name):
            return "a longer name of the program's own"
        if name in self._own and (
            name not in LIBRARIES or (after.startswith("(") and self._is_own(file, name, before))
        ):
            return "a function or class of the package's own"
        if name in file.parameters and name not in file.imported:
            return "a parameter of that name"
        if before.endswith(("def", "class")) and before.split()[-1] in ("def", "class"):
            return "a definition of the program's own"
        if after.startswith("=") and not after.startswith("==") and _in_call(line, token):
            return "a keyword of the program's own" if name != "allow_pickle" else ""
        return ""

    def _is_own(self, file: _File, name: str, before: str) -> bool:
        """Whether a call of a name of a library is one of the package: a module cannot be called."""
        return before.endswith(".") or name in file.defined or name in file.imported

    def _text(self, string: str) -> str:
        inner = string.strip("rbufRBUF").strip("'\"")
        if re.fullmatch(r"[\w.]+", inner) and not re.search(r"\.(?:c?pickle|joblib|pkl|py)$", inner):
            return (
                "" if inner in LIBRARIES or "." in inner or _MEANINGFUL.fullmatch(inner) else "text: a name"
            )
        return "text: prose, or the name of a file"


def _places(file: _File, *nodes: ast.AST | None) -> Iterable[tuple[int, int]]:
    """Yield where strings in ``nodes`` begin, as tokens count: in characters."""
    for node in nodes:
        for part in ast.walk(node) if isinstance(node, ast.Constant | ast.List | ast.Tuple | ast.Set) else ():
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                line = file.lines[part.lineno - 1].encode()
                yield part.lineno, len(line[: part.col_offset].decode(errors="replace"))


def _defined(root: Path) -> frozenset[str]:
    """Return the names of all functions and classes of a package."""
    define_ = re.compile(rb"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
    return frozenset(
        name.decode()
        for path in root.rglob("*.py")
        if path.is_file()
        for name in define_.findall(path.read_bytes())
        if WORDS.search(name.decode())
    )


def _in_call(line: str, token: tokenize.TokenInfo) -> bool:
    before = line[: token.start[1]]
    return before.count("(") > before.count(")") or not before.strip()


def _read(path: Path) -> _File:
    data = path.read_bytes()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
    except (SyntaxError, ValueError):
        return _File(re.split(r"\r\n|\r|\n", data.decode("latin-1")), None)
    file = _File(re.split(r"\r\n|\r|\n", text), tree)
    for token in tokenize.generate_tokens(io.StringIO("\n".join(file.lines)).readline):
        for number, part in enumerate(token.string.split("\n"), token.start[0]):
            file.tokens.setdefault(number, []).append(
                token._replace(string=part) if "\n" in token.string else token
            )
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            file.documents.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            file.imports.update(dict.fromkeys(range(node.lineno, (node.end_lineno or node.lineno) + 1), node))
        elif isinstance(node, ast.Name):
            file.names.add(node.id)
            if isinstance(node.ctx, ast.Store):
                file.parameters.add(node.id)
        elif isinstance(node, ast.arg):
            file.parameters.add(node.arg)
        elif isinstance(node, ast.alias):
            file.imported.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            file.defined.add(node.name)
        elif isinstance(node, ast.Compare):
            file.compared.update(_places(file, *node.comparators, node.left))
        elif isinstance(node, ast.Dict):
            file.compared.update(_places(file, *node.keys))
        elif isinstance(node, ast.Subscript):
            file.compared.update(_places(file, node.slice))
    return file
