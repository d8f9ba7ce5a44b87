"""Databases and servers for the tests of stores."""

import pytest

from migrate.reencode import Ledger

from . import databases, servers
from .databases import OPEN, Database, sql_ledger


@pytest.fixture(scope="session")
def postgresql():
    with servers.postgresql() as (server, url):
        yield server, url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.stores)])
def database(request, tmp_path):
    """An empty database of each kind."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql")[1]
    else:
        url = f"sqlite:///{tmp_path}/stock.db"
        (tmp_path / "stock.db").touch()
    made = Database(url)
    yield made
    made.engine.dispose()


@pytest.fixture(scope="session")
def redis_server():
    with servers.redis() as (server, url):
        yield server, url


@pytest.fixture(scope="session")
def s3_server():
    with servers.s3() as environment:
        yield environment


@pytest.fixture(scope="session")
def dask(s3_server):
    with servers.dask(s3_server) as cluster:
        yield cluster


@pytest.fixture(autouse=True)
def no_connection_is_left_open():
    yield
    databases.close_all()


@pytest.fixture
def ledger_url(postgresql):
    """A PostgreSQL without a ledger."""
    url = postgresql[1]
    database = Database(url)
    database.run("DROP TABLE IF EXISTS pickle_migrate_blobs, pickle_migrate_runs")
    return url


@pytest.fixture(params=["file", "sqlalchemy", pytest.param("postgresql", marks=pytest.mark.stores)])
def book(request, tmp_path):
    if request.param == "file":
        made = Ledger(tmp_path / "ledger.sqlite")
        OPEN.append(made.close)
        return made
    if request.param == "sqlalchemy":
        return sql_ledger(f"sqlite:///{tmp_path}/ledger.sqlite")
    return sql_ledger(request.getfixturevalue("ledger_url"))
