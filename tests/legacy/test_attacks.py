"""Hostile pickles end in a clear error, or in inert records; in bounded time and memory, and nothing runs."""

import pickle
import sys
import time
import tracemalloc
from contextlib import contextmanager, suppress

import pytest

from migrate.legacy import (
    LegacyError,
    LimitExceeded,
    Limits,
    decode,
    decode_from,
    examine,
    looks_like_pickle,
    walk,
)
from migrate.legacy.inspect import describe, to_json, verdict
from tests.patience import PATIENCE

from .attacks import EXECUTE, EXHAUST, SURVIVE

ALL = {**EXECUTE, **EXHAUST, **SURVIVE}

FORBIDDEN = {"import", "exec", "compile", "open", "os.system", "subprocess.Popen", "pickle.find_class"}
_seen: list[tuple[str, object]] = []
_watching = False


def _hook(event, args):
    if _watching and (event in FORBIDDEN or event.startswith(("socket", "shutil", "os.", "ctypes"))):
        _seen.append((event, args))


@contextmanager
def audited():
    """Yields a list that gets what the interpreter audits in the block (PEP 578)."""
    global _watching
    if not getattr(sys, "_legacy_hook", False):
        sys.addaudithook(_hook)
        sys._legacy_hook = True
    _seen.clear()
    _watching = True
    try:
        yield _seen
    finally:
        _watching = False


def _look(data):
    """Do with hostile data everything that the room offers."""
    decoded = examine(data)
    for _ in walk(decoded.root, *decoded.dropped):
        pass
    describe(decoded.root)
    to_json(decoded.root)
    verdict(decoded.root, decoded.dropped)


@pytest.mark.parametrize("data", ALL.values(), ids=ALL)
def test_nothing_is_imported_called_or_opened(data):
    with audited() as events, suppress(LegacyError):
        looks_like_pickle(data)
        _look(data)
    assert events == []


def test_the_hook_would_see_it():
    with audited() as events:
        pickle.loads(b"cos\nsystem\n.")
    assert [name for name, _ in events] == ["pickle.find_class"]


@pytest.mark.parametrize("data", ALL.values(), ids=ALL)
def test_time_and_memory_are_bounded(data):
    tracemalloc.start()
    start = time.process_time()
    with suppress(LegacyError):
        decode(data)
    elapsed, (_, peak) = time.process_time() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < (64 << 20) + 300 * len(data)
    assert peak < 256 << 20
    assert elapsed < 3 * PATIENCE  # memory is traced as well, which takes time


@pytest.mark.parametrize("data", EXHAUST.values(), ids=EXHAUST)
def test_exhausting_pickles_are_refused(data):
    start = time.process_time()
    with pytest.raises(LegacyError) as caught:
        decode(data)
    assert time.process_time() - start < PATIENCE
    assert caught.value.reason in {"limit", "truncated", "malformed"}
    if isinstance(caught.value, LimitExceeded):
        assert caught.value.limit in Limits._fields
        assert caught.value.limit in str(caught.value)


@pytest.mark.parametrize("data", EXHAUST.values(), ids=EXHAUST)
def test_they_are_refused_off_a_handle_as_well(data):
    import io

    with pytest.raises(LegacyError):
        decode_from(io.BytesIO(data))


@pytest.mark.parametrize(
    "name", [n for n in EXECUTE if "EXT" not in n and "BUILD" not in n and "state" not in n]
)
def test_what_would_have_run_is_named(name):
    decoded = examine(EXECUTE[name])
    found = verdict(decoded.root, decoded.dropped)
    if name == "a module that is not loaded":
        assert found.names == ("antigravity.fly",)
        assert found.calls == ()
    else:
        assert found.executes or name == "bytearray(4e9)"


@pytest.mark.parametrize("data", SURVIVE.values(), ids=SURVIVE)
def test_bounded_ones_are_decoded_and_shown(data):
    start = time.process_time()
    _look(data)
    assert time.process_time() - start < PATIENCE


LIMITS = {
    "max_bytes": (Limits(max_bytes=3), b"K\x01K\x02\x86."),
    "max_ops": (Limits(max_ops=3), b"K\x01K\x02\x86."),
    "max_depth": (Limits(max_depth=2), b")\x85\x85\x85."),
    "max_memo": (Limits(max_memo=1), b"Nq\x01."),
    "max_globals": (Limits(max_globals=1), b"ca\nb\nca\nc\n\x86."),
    "max_digits": (Limits(max_digits=3), b"I1234\n."),
}


@pytest.mark.parametrize(("limits", "data"), LIMITS.values(), ids=LIMITS)
def test_each_limit_says_its_name_and_where(limits, data, request):
    with pytest.raises(LimitExceeded) as caught:
        decode(data, limits=limits)
    assert caught.value.limit == request.node.callspec.id
    assert caught.value.reason == "limit"
    assert 0 <= caught.value.offset <= len(data)


@pytest.mark.parametrize(
    ("limits", "data"),
    [
        (Limits(max_bytes=6), b"K\x01K\x02\x86."),
        (Limits(max_ops=4), b"K\x01K\x02\x86."),
        (Limits(max_depth=4), b")\x85\x85\x85."),
        (Limits(max_memo=2), b"Nq\x01."),
        (Limits(max_globals=1), b"ca\nb\nca\nb\n\x86."),
        (Limits(max_digits=4), b"I1234\n."),
    ],
)
def test_what_is_within_a_limit_is_read(limits, data):
    decode(data, limits=limits)


def test_a_cycle_is_not_deep():
    cycle = b"](" + b"h\x00" * 3 + b"e."
    assert decode(b"]q\x00" + cycle[1:], limits=Limits(max_depth=3))
