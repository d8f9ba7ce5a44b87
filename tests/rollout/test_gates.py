"""What must be known before a store takes a step."""

from collections import Counter

import attrs
import pytest

from migrate.model import Problem
from migrate.reencode.stock import Some, Tally
from migrate.rollout.counts import Counts, ProcessCounts
from migrate.rollout.gates import Policy, gate, together
from migrate.rollout.stock import Look, Stock
from migrate.rollout.stores import Store
from migrate.runtime import Stage
from migrate.runtime.telemetry import Count, Key

HOUR, DAY = 3_600.0, 86_400.0
NOW = 1_000 * DAY
SHOP = Store("shop", "app/converters.py", 3, Stage.DUAL_READ, (0, 1))
CLEAN = Stock((Look("data", NOW, Tally(Counter(json=12))),))
CHECKED = {Key("shop", "shadow-check", "json", "app:Order"): 40}


def looked(tally):
    return Stock((Look("data", NOW, tally),))


def process(stage="dual-read", release="2.0", started=NOW - 10 * DAY, written=NOW - HOUR, **more):
    counts = {key: Count(n, more.get("last", written)) for key, n in more.get("counts", CHECKED).items()}
    return ProcessCounts("host", 1, release, started, written, {more.get("store", "shop"): stage}, counts)


def step(*processes, before=Stage.DUAL_READ, after=Stage.JSON, stock=CLEAN, policy=None, problems=()):
    return gate(SHOP, before, after, Counts(processes, problems), stock, policy or Policy(), NOW)


def open_in(found):
    return {condition.name: condition.says for condition in found.conditions if not condition.holds}


def test_writing_json_when_all_read_it_and_the_sample_passed():
    assert step(process(), process(release="2.1")).holds


@pytest.mark.parametrize(
    ("processes", "name", "says"),
    [
        ([], "telemetry", "no process counted anything"),
        ([process(store="other")], "telemetry", "no process counted anything"),
        ([process(started=NOW - 2 * DAY)], "watched long enough", "watched for 2 days, wanted are 7 days"),
        ([process(written=NOW - 2 * DAY)], "watched without a gap", "the last word is 2 days old"),
        (
            [process(written=NOW - 5 * DAY), process(started=NOW - 3 * DAY)],
            "watched without a gap",
            "the longest time without a word of any process is 2 days",
        ),
        (
            [process(), process("observe", release="1.9")],
            "every process at dual-read",
            "1 process is not there yet, of release 1.9",
        ),
        ([process(counts={})], "checked in shadow", "0 values that were written were checked"),
        (
            [
                process(
                    counts={
                        **CHECKED,
                        Key("shop", "would-refuse", "json", "app:Cart", "function", "items[]", "a.py:7"): 3,
                    }
                )
            ],
            "no would-refuse",
            "3 would be refused: app:Cart at items[] (function) a.py:7",
        ),
        (
            [
                process(
                    counts={**CHECKED, Key("shop", "shadow-mismatch", "json", "app:Cart", "changed", "x"): 1}
                )
            ],
            "no shadow-mismatch",
            "1 would come back changed: app:Cart at x (changed)",
        ),
        (
            [process(counts={**CHECKED, Key("shop", "failed-read", "pickle", "", "unknown-class"): 2})],
            "no failed-read",
            "2 pickles could not be read as data: (unknown-class)",
        ),
    ],
)
def test_staying_where_the_evidence_is_missing_or_against_it(processes, name, says):
    found = open_in(step(*processes))
    assert says in found[name]


def test_a_process_of_an_old_release_that_ended_long_ago_is_no_obstacle():
    gone = process("observe", release="1.0", started=NOW - 20 * DAY, written=NOW - 6 * DAY)
    assert step(process(), gone).holds


def test_a_mismatch_before_the_window_is_no_obstacle():
    counts = {Key("shop", "shadow-mismatch", "json", "app:Cart"): 1}
    old = process(started=NOW - 30 * DAY, written=NOW - 9 * DAY, last=NOW - 9 * DAY, counts=counts)
    assert step(process(), old).holds


def test_what_another_store_counted_is_no_obstacle():
    counts = {**CHECKED, Key("other", "shadow-mismatch", "json"): 1}
    assert step(process(counts=counts)).holds


def test_damaged_telemetry_is_an_obstacle_whatever_the_rest_says():
    found = step(process(), problems=(Problem("t/x.counts.json", "unreadable", "is damaged"),))
    assert "t/x.counts.json: is damaged" in open_in(found)["telemetry"]


def test_reading_as_data_when_the_sample_of_reads_passed():
    counts = {Key("shop", "shadow-check", "pickle"): 3}
    begin = {"before": Stage.OBSERVE, "after": Stage.DUAL_READ}
    assert step(process("observe", counts=counts), **begin).holds
    assert "checked in shadow" in open_in(step(process("observe"), **begin))


END = {"before": Stage.JSON, "after": Stage.JSON_ONLY}


def test_refusing_pickles_when_none_is_left():
    assert step(process("json", counts={Key("shop", "write", "json"): 9}), **END).holds


@pytest.mark.parametrize(
    ("processes", "stock", "name", "says"),
    [
        ([process("json")], None, "stock converted", "nobody looked at the stock"),
        (
            [process("json")],
            looked(Tally(Counter(json=1, pickle=1), pickles=Some(1, ["d/a.pkl"]))),
            "stock converted",
            "data: 1 of 2 files holds pickles, e.g. d/a.pkl",
        ),
        (
            [process("json")],
            looked(Tally(Counter(json=1, unreadable=1), unreadable=Some(1, ["d/a.gz: damaged gzip data"]))),
            "stock converted",
            "data: 1 of 2 files cannot be read, e.g. d/a.gz: damaged gzip data",
        ),
        (
            [process("json")],
            Stock((*CLEAN.looks, Look("redis://host/0", NOW, problem="Connection refused"))),
            "stock converted",
            "redis://host/0: could not be looked at: Connection refused",
        ),
        (
            [process("json")],
            Stock(()),
            "stock converted",
            "nobody looked at the stock",
        ),
        ([], None, "stock converted", "nobody looked at the stock"),
        ([process("dual-read")], CLEAN, "every process at json", "1 process is not there yet"),
        (
            [process("json", counts={Key("shop", "fallback-read", "pickle", "app:Order"): 5})],
            CLEAN,
            "no fallback-read",
            "5 pickles were still read: app:Order",
        ),
    ],
)
def test_reading_pickles_on_where_some_may_be_left(processes, stock, name, says):
    assert says in open_in(step(*processes, stock=stock, **END))[name]


def test_a_shorter_window_is_the_users_to_choose():
    young = process(started=NOW - 2 * HOUR, written=NOW - 60)
    assert not step(young).holds
    assert step(young, policy=Policy(window=HOUR, fresh=HOUR)).holds


def test_a_store_that_follows_another_must_be_ready_as_well():
    follower = gate(
        attrs.evolve(SHOP, name="carts"), Stage.DUAL_READ, Stage.JSON, Counts(), CLEAN, Policy(), NOW
    )
    both = together(step(process()), [follower])
    assert set(open_in(both)) == {"carts: telemetry"}
