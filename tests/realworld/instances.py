"""Make instances of real classes by the code that they belong to, and say which attributes pickles have.

    python tests/realworld/instances.py python          # of the standard library, by this interpreter
    python tests/realworld/instances.py NAME ...        # of packages of truth_sites.toml
    python tests/realworld/instances.py --write         # all of them; writes seen_fields.toml anew

Each line of `MADE` is one expression; what its pickle holds of the package's own classes is taken, also what
is inside other objects. Pickles are read by `migrate.legacy`, which executes nothing.
"""

# ruff: noqa: E501
from __future__ import annotations

import builtins
import importlib
import json
import pickle
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from migrate.evidence import recordtypes
from migrate.evidence.recordtypes import attributes
from migrate.legacy import decode_all, walk
from migrate.legacy.records import Call

HERE = Path(__file__).resolve().parent
SEEN = HERE / "seen_fields.toml"
PYTHON = "python"

MADE: dict[str, list[str]] = {
    PYTHON: [
        "argparse.Namespace(a=1)",
        "bdb.Breakpoint('x.py', 3)",
        "calendar.HTMLCalendar(6)",
        "calendar.TextCalendar()",
        "collections.UserDict(a=1)",
        "collections.UserList([1])",
        "collections.UserString('x')",
        "configparser.Error('x')",
        "difflib.Differ()",
        "difflib.HtmlDiff(tabsize=4)",
        "difflib.SequenceMatcher(None, 'abc', 'abd')",
        "doctest.DocTestParser().get_doctest('>>> 1\\n1\\n', {}, 'n', 'f', 0)",
        "doctest.OutputChecker()",
        "email.charset.Charset('utf-8')",
        "email.header.Header('x', 'utf-8')",
        "email.message_from_string('Subject: x\\n\\nbody')",
        "email.mime.text.MIMEText('x')",
        "email.mime.multipart.MIMEMultipart(_subparts=[email.mime.text.MIMEText('x')])",
        "email.parser.Parser()",
        "filecmp.dircmp('.', '.')",
        "gettext.NullTranslations()",
        "graphlib.TopologicalSorter({'a': ['b']})",
        "html.parser.HTMLParser()",
        "http.cookiejar.Cookie(0, 'n', 'v', None, False, 'd', True, False, '/', True, False, 1, False, '', '', {})",
        "http.cookiejar.DefaultCookiePolicy()",
        "http.cookies.SimpleCookie('a=b')",
        "inspect.signature(print)",
        "ipaddress.ip_network('10.0.0.0/8')",
        "ipaddress.ip_interface('::1/64')",
        "logging.Formatter('%(message)s')",
        "logging.LogRecord('n', 10, 'p', 1, 'm', (), None)",
        "logging.Filter('x')",
        "mailbox.Message()",
        "mailbox.MaildirMessage()",
        "mimetypes.MimeTypes()",
        "modulefinder.Module('m')",
        "modulefinder.ModuleFinder()",
        "netrc.netrc('/dev/null')",
        "optparse.Values({'a': 1})",
        "plistlib.UID(3)",
        "reprlib.Repr()",
        "profile.Profile.fake_code('f', 1, 'n'), profile.Profile.fake_frame(None, None)",
        "statistics.NormalDist(1, 2)",
        "string.Template('$x')",
        "string.Formatter()",
        "tarfile.TarInfo('x')",
        "textwrap.TextWrapper(width=20)",
        "trace.CoverageResults()",
        "traceback.FrameSummary('f', 1, 'n')",
        "traceback.StackSummary.from_list([('f', 1, 'n', 'line')])",
        "tracemalloc.Filter(True, '*.py')",
        "tracemalloc.Frame(('f', 1))",
        "unittest.TestSuite()",
        "optparse.Option('-x')",
        "email.policy.EmailPolicy(max_line_length=60)",
        "unittest.FunctionTestCase(len)",
        "urllib.request.Request('http://example.org/', data=b'x', headers={'A': 'b'})",
        "robots('User-agent: *\\nDisallow: /x\\nCrawl-delay: 3\\n')",
        "wsgiref.headers.Headers([('a', 'b')])",
        "xml.dom.minidom.parseString('<a b=\"c\"><!--x-->t<d/></a>')",
        "xml.sax.handler.ContentHandler()",
        "xml.sax.xmlreader.AttributesImpl({'a': 'b'})",
        "xml.sax.xmlreader.InputSource('x')",
        "xmlrpc.client.Binary(b'x')",
        "xmlrpc.client.DateTime(0)",
        "xmlrpc.client.Fault(1, 'x')",
        "zipfile.ZipInfo('x')",
        "uuid.UUID(int=3)",
        "fractions.Fraction(1, 2)",
        "sched.Event(1.0, 1, 0, len, (), {})",
    ],
    "parso": [
        "parso.parse('import a.b as c\\nfrom . import d\\n\\n@e\\ndef f(g, *h, i=1, **j) -> k:\\n    return g\\n')",
        "parso.parse('class A(B):\\n    x = f\"{y}z\"\\n    async def f(self):\\n        await 1\\n')",
        "parso.parse('for a in b:\\n    pass\\nwhile 1:\\n    break\\nelse:\\n    pass\\nwith a as b: del c\\n')",
        "parso.parse('try:\\n    pass\\nexcept E as e:\\n    raise\\nlambda x: x\\nglobal g\\nassert 1\\n[a for a in b]')",
        "parso.parse('x = (\\nif')",
    ],
    "lark": [
        "lark.Tree('a', [lark.Token('B', 'b')])",
        "lark.tree.Meta()",
        "lark.grammar.Rule(lark.grammar.NonTerminal('a'), [lark.grammar.Terminal('B')])",
        "lark.lexer.TerminalDef('A', lark.lexer.PatternStr('a'))",
        "lark.lexer.TerminalDef('A', lark.lexer.PatternRE('a+', ['i']))",
        "lark.lexer.LineCounter('\\n')",
        "lark.Lark('start: \"a\" b+\\nb: \"b\"', parser='lalr').parse('abb')",
        "lark.parsers.grammar_analysis.RulePtr(lark.grammar.Rule(lark.grammar.NonTerminal('a'), []), 0)",
    ],
    "black": [
        "blib2to3.pgen2.grammar.Grammar()",
        "blib2to3.pytree.Leaf(1, 'x')",
        "blib2to3.pytree.Node(300, [blib2to3.pytree.Leaf(1, 'x')])",
        "blib2to3.pytree.LeafPattern(1, 'x', 'n')",
        "blib2to3.pytree.NodePattern(300, [blib2to3.pytree.LeafPattern(1)], 'n')",
        "blib2to3.pytree.WildcardPattern([[blib2to3.pytree.LeafPattern(1)]], 1, 2, 'n')",
        "blib2to3.pgen2.pgen.NFAState()",
    ],
    "ply": [
        "ply.yacc.Production(1, 'a', ['b', 'c'])",
        "ply.yacc.Grammar(['A', 'B'])",
        "grammar_of_ply()",
        "ply.lex.LexToken()",
        "ply.yacc.YaccSymbol()",
        "ply.yacc.LRTable()",
    ],
    "Whoosh": [
        "whoosh.fields.Schema(a=whoosh.fields.TEXT, b=whoosh.fields.ID(stored=True), c=whoosh.fields.KEYWORD, "
        "d=whoosh.fields.NUMERIC, e=whoosh.fields.DATETIME, f=whoosh.fields.BOOLEAN, g=whoosh.fields.STORED, "
        "h=whoosh.fields.NGRAM, i=whoosh.fields.NGRAMWORDS, j=whoosh.fields.IDLIST)",
        "whoosh.analysis.StemmingAnalyzer()",
        "whoosh.analysis.FancyAnalyzer()",
        "whoosh.analysis.IDTokenizer() | whoosh.analysis.CharsetFilter({})",
        "whoosh.analysis.NgramWordAnalyzer(2, 3)",
        "whoosh.analysis.RegexTokenizer() | whoosh.analysis.ShingleFilter() | whoosh.analysis.DoubleMetaphoneFilter()",
        "whoosh.formats.Characters(), whoosh.formats.PositionBoosts(), whoosh.formats.CharacterBoosts()",
        "whoosh.query.And([whoosh.query.Term('a', 'b'), whoosh.query.Prefix('a', 'c'), whoosh.query.Every()])",
        "whoosh.query.Or([whoosh.query.Phrase('a', ['b']), whoosh.query.FuzzyTerm('a', 'b')]), whoosh.query.NullQuery",
        "whoosh.query.Not(whoosh.query.TermRange('a', 'b', 'c')), whoosh.query.NumericRange('a', 1, 2)",
        "whoosh.query.AndMaybe(whoosh.query.Wildcard('a', 'b*'), whoosh.query.Regex('a', 'b'))",
        "whoosh.codec.whoosh3.W3Segment(whoosh.codec.whoosh3.W3Codec(), 'x')",
        "whoosh.columns.VarBytesColumn(), whoosh.columns.RefBytesColumn(), whoosh.columns.NumericColumn('i')",
        "whoosh.columns.BitColumn(), whoosh.columns.CompressedBytesColumn(), whoosh.columns.PickleColumn(None)",
        "whoosh.scoring.BM25F(), whoosh.scoring.TF_IDF(), whoosh.scoring.Frequency()",
        "whoosh.sorting.FieldFacet('a'), whoosh.sorting.ScoreFacet(), whoosh.sorting.MultiFacet(['a', 'b'])",
        "whoosh.util.times.adatetime(2020, 1), whoosh.util.times.timespan(whoosh.util.times.adatetime(2020), "
        "whoosh.util.times.adatetime(2021))",
    ],
    "Beaker": ["beaker.util.PickleSerializer(), beaker.util.JsonSerializer()"],
    "huey": [
        "huey.serializer.Serializer()",
        "huey.serializer.SignedSerializer(secret='x')",
        "huey.utils.Error({'a': 1})",
    ],
    "neat-python": [
        "neat.genes.DefaultNodeGene(1)",
        "neat.genes.DefaultConnectionGene((1, 2), innovation=1)",
        "neat.genome.DefaultGenome(1)",
        "neat.species.Species(1, 2)",
        "neat.innovation.InnovationTracker()",
        "neat.statistics.StatisticsReporter()",
        "neat.nn.FeedForwardNetwork([1], [2], [])",
        "neat.attributes.FloatAttribute('bias')",
    ],
    "nose2": ["nose2.events.PluginInterface()", "nose2.events.Hook('x')"],
    "rope": [
        "rope.base.oi.memorydb.ScopeInfo()",
        "rope.base.oi.objectdb.CallInfo((1,), 2)",
        "rope.base.codeanalyze.SourceLinesAdapter('a\\nb\\n')",
        "rope.base.worder.Worder('a.b')",
        "rope.base.taskhandle.TaskHandle('x')",
    ],
    "web.py": ["web.utils.Storage(a=1)", "web.utils.Counter()", "web.utils.IterBetter(None)"],
    "SCons": [
        "SCons.SConsign.SConsignEntry()",
        "entry_of_scons()",
        "SCons.Tool.msvs.Config()",
        "SCons.Util.CLVar('a b')",
    ],
}


def robots(text: str) -> object:
    """Return a parser of robots.txt that has read ``text``."""
    from urllib.robotparser import RobotFileParser

    parser = RobotFileParser("http://example.org/robots.txt")
    parser.parse(text.splitlines())
    return parser


def grammar_of_ply() -> object:
    """Return a grammar with what its methods compute."""
    from ply import yacc

    made = yacc.Grammar(["A"])
    made.set_precedence("A", "left", 1)
    made.add_production("s", ["A"])
    made.set_start("s")
    made.build_lritems()
    made.compute_first()
    made.compute_follow()
    return made


def entry_of_scons() -> object:
    """Return what a build stores of one file."""
    from SCons.Node.FS import FileBuildInfo, FileNodeInfo
    from SCons.SConsign import SConsignEntry

    entry = SConsignEntry()
    entry.binfo, entry.ninfo = FileBuildInfo(), FileNodeInfo()
    entry.ninfo.csig, entry.ninfo.timestamp, entry.ninfo.size = "x", 1.0, 2
    entry.binfo.bact, entry.binfo.bactsig, entry.binfo.bsources = "cc", "x", ["a.c"]
    return entry


def main() -> None:
    """Print or write what was seen."""
    if sys.argv[1:] != ["--write"]:
        print(json.dumps({name: fields_of(name) for name in sys.argv[1:]}, indent=1))
        return
    lines = [
        "# Attributes of instances in pickles that instances.py made, by class. Written by that script.\n"
    ]
    for name in MADE:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", __file__, name], check=True, capture_output=True, text=True
        )
        for key, (fields, how) in json.loads(done.stdout)[name].items():
            lines.append(
                f"[[class]]\npackage = {json.dumps(name)}\nversion = {json.dumps(fields_version(name))}"
            )
            lines.append(f"key = {json.dumps(key)}")
            lines.append(f"fields = {json.dumps(fields)}\nmade = {json.dumps(how)}\n")
    SEEN.write_text("\n".join(lines), encoding="utf-8")


def fields_of(name: str) -> dict[str, tuple[list[str], str]]:
    """Return class → attributes in pickles, and the expression that made the instance."""
    if name != PYTHON:
        sys.path[:0] = roots(name)
    found: dict[str, tuple[set[str], str]] = {}
    for made in MADE[name]:
        for root in decode_all(pickle.dumps(_evaluated(made), 4)):
            for record in walk(root):
                key = _class_of(record, name)
                if key is not None:
                    fields, _ = found.setdefault(key, (set(), made))
                    fields.update(attribute for attribute, _ in attributes(record))
    return {key: (sorted(fields), how) for key, (fields, how) in sorted(found.items()) if fields}


def _class_of(record: object, name: str) -> str | None:
    """Return the class of an object's record, if it has one that is the package's own."""
    made = recordtypes._maker(record) if isinstance(record, Call) else None
    if made is None or (name != PYTHON and made.module.partition(".")[0] in sys.stdlib_module_names):
        return None
    return f"{made.module}:{made.name}"


def fields_version(name: str) -> str:
    """Return the version of a package that is pinned, or of this Python."""
    import fields

    return fields.version_of(name)


def roots(name: str) -> list[str]:
    """Return the folders from which the modules of a package are imported."""
    import truth

    package = next(each for each in truth.pinned() if each.name == name)
    tree = truth.unpacked(package)
    return [str(tree), str(tree / "src"), str(tree / "tests")]


class _Modules(dict[str, object]):
    """Names of an expression: helpers of this file, else modules, with those below them that it names."""

    def __missing__(self, name: str) -> object:
        if hasattr(builtins, name):
            raise KeyError(name)
        return importlib.import_module(name)


def _evaluated(made: str) -> object:
    names = _Modules(globals())
    for dotted in sorted(set(_dotted(made))):
        parts = dotted.split(".")
        for end in range(1, len(parts)):
            with suppress(ImportError):
                importlib.import_module(".".join(parts[: end + 1]))
    return eval(made, {"__builtins__": __builtins__}, names)


def _dotted(text: str) -> list[str]:
    import re

    return re.findall(r"\b[a-zA-Z_]\w*(?:\.[a-zA-Z_]\w*)+", text)


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    main()
