"""Code of many hands: the standard library goes through, and says the same twice."""

from __future__ import annotations

import sysconfig
import time
from pathlib import Path

from migrate.evidence import class_graph
from migrate.model import Kind

_SAMPLE = ("asyncio", "concurrent", "email", "importlib", "json", "logging", "unittest", "urllib")


def test_a_sample_of_the_standard_library():
    root = Path(sysconfig.get_path("stdlib"))
    paths = [*root.glob("[a-m]*.py"), *(p for name in _SAMPLE for p in (root / name).rglob("*.py"))]
    sources = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    start = time.process_time()
    graph = class_graph(sources)
    assert time.process_time() - start < 60
    assert len(graph) > 500
    message = graph["email.message:EmailMessage"]
    assert message.bases == ("email.message:MIMEPart",)
    assert {"_headers", "_payload", "policy"} <= {field.name for field in message.fields}
    assert graph["json.decoder:JSONDecodeError"].kind is Kind.EXCEPTION
    assert graph["concurrent.futures._base:DoneAndNotDoneFutures"].kind is Kind.NAMEDTUPLE
    assert graph["dataclasses:Field"].kind is Kind.SLOTS
