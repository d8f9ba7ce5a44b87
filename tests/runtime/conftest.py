import pytest

from migrate.runtime import TELEMETRY, Codec
from tests.runtime import models


def make_codec(**options) -> Codec:
    codec = Codec("tests", **options)
    for name in models.NAMES + models.FUNCTIONS:
        codec.register(f"tests.runtime.models:{name}")
    return codec


@pytest.fixture
def codec() -> Codec:
    return make_codec()


@pytest.fixture(autouse=True)
def no_stage_in_environment(monkeypatch):
    monkeypatch.delenv("PICKLE_MIGRATE_STAGE", raising=False)


@pytest.fixture
def telemetry():
    """The counters of this process, empty, with nobody who listens."""
    TELEMETRY.reset()
    yield TELEMETRY
    TELEMETRY.reset()
