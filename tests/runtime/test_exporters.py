"""The events of a process in the monitor that a service has."""

import logging
import pickle

import pytest

from migrate.runtime import Codec, DecodeError
from migrate.runtime.exporters import to_logging, to_opentelemetry, to_prometheus, to_statsd
from tests.runtime.models import Line


@pytest.fixture(autouse=True)
def _clean(telemetry):
    yield


def work():
    """Do one thing that needs attention, and several that do not."""
    codec = Codec("shop.eu", stage="json-only")
    codec.loads(codec.dumps([1]))
    with pytest.raises(DecodeError):
        codec.loads(pickle.dumps([1]))


class Client:
    def __init__(self):
        self.counted = []

    def incr(self, stat):
        self.counted.append(stat)


def test_statsd_names_have_no_dots_but_ours():
    client = Client()
    stop = to_statsd(client, prefix="p")
    work()
    assert client.counted == [
        "p.shop_eu.start",
        "p.shop_eu.write",
        "p.shop_eu.read",
        "p.shop_eu.refused-read.pickle-refused",
    ]
    stop()
    work()
    assert len(client.counted) == 4


def test_logging_says_what_needs_attention(caplog):
    caplog.set_level(logging.DEBUG)
    to_logging(logging.getLogger("ours"))
    work()
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("ours", "WARNING")
    assert record.getMessage().startswith("codec 'shop.eu': refused-read pickle pickle-refused ")
    assert record.pickle_migrate["event"] == "refused-read"


def test_logging_of_everything(caplog):
    caplog.set_level(logging.DEBUG)
    to_logging(logging.getLogger("ours"), plain=True)
    work()
    assert [record.levelname for record in caplog.records] == ["DEBUG"] * 3 + ["WARNING"]


def test_no_payload_in_a_log(caplog):
    caplog.set_level(logging.DEBUG)
    to_logging(logging.getLogger("ours"), plain=True)
    codec = Codec("shop", stage="dual-read", shadow=100)
    codec.dumps({"battery staple": Line("battery")})
    assert caplog.records
    assert "battery" not in caplog.text


def test_prometheus():
    prometheus = pytest.importorskip("prometheus_client")
    registry = prometheus.CollectorRegistry()
    to_prometheus(registry)
    work()
    labels = {"codec": "shop.eu", "event": "refused-read", "format": "pickle", "reason": "pickle-refused"}
    assert registry.get_sample_value("pickle_migrate_events_total", labels) == 1


@pytest.mark.extras
def test_opentelemetry():
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader

    reader = InMemoryMetricReader()
    to_opentelemetry(MeterProvider([reader]).get_meter("ours"))
    work()
    (metric,) = reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics
    assert metric.name == "pickle_migrate.events"
    counts = {point.attributes["event"]: point.value for point in metric.data.data_points}
    assert counts == {"start": 1, "write": 1, "read": 1, "refused-read": 1}


def test_a_monitor_that_is_down_harms_nobody(telemetry):
    class Down:
        def incr(self, stat):
            raise ConnectionError(stat)

    to_statsd(Down())
    assert Codec("shop").loads(b"1\n") == 1
    assert "hook-error" in {key.event for key in telemetry.snapshot()}
