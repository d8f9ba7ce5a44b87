"""Libraries that pickle though no word of the program says so: caches, queues, channels between processes.

Facts from the documentation of each library (November 2026), and from its source where that is silent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import ast

    from migrate.model import Site


@frozen
class Default:
    """What a library pickles by default."""

    names: frozenset[str]
    """Classes and functions whose calls make it do so."""
    reason: str
    unless: frozenset[str] = frozenset()
    """Keywords by which a call says how to store instead."""


def _default(names: str, reason: str, unless: str = "") -> Default:
    return Default(frozenset(names.split()), reason, frozenset(unless.split()))


_CACHELIB = _default(
    "FileSystemCache RedisCache RedisSentinelCache RedisClusterCache MemcachedCache SASLMemcachedCache"
    " SpreadSASLMemcachedCache UWSGICache MongoDbCache DynamoDbCache",
    "pickling-cache",
    "serializer",
)
_CHANNELS = "Queue JoinableQueue SimpleQueue Pipe Pool Manager"

DEFAULTS: dict[str, Default] = {
    # --- stored -------------------------------------------------------------------------------------------
    "diskcache": _default("Cache FanoutCache DjangoCache Deque Index", "pickling-cache", "disk"),
    "cachelib": _CACHELIB,
    **{
        f"cachelib.{part}": _CACHELIB
        for part in ("file", "redis", "memcached", "uwsgi", "mongodb", "dynamodb")
    },
    "flask_caching.backends": _CACHELIB,
    "requests_cache": _default("CachedSession install_cache", "pickling-cache", "serializer"),
    "sqlitedict": _default("SqliteDict open", "configured-serializer", "encode"),
    "rq": _default("Queue Worker SimpleWorker", "configured-serializer", "serializer"),
    "huey": _default(
        "Huey RedisHuey PriorityRedisHuey RedisExpireHuey PriorityRedisExpireHuey SqliteHuey FileHuey",
        "configured-serializer",
        "serializer",
    ),
    "apscheduler.jobstores.sqlalchemy": _default("SQLAlchemyJobStore", "configured-serializer"),
    "apscheduler.jobstores.redis": _default("RedisJobStore", "configured-serializer"),
    "apscheduler.jobstores.mongodb": _default("MongoDBJobStore", "configured-serializer"),
    "apscheduler.jobstores.zookeeper": _default("ZooKeeperJobStore", "configured-serializer"),
    "apscheduler.jobstores.etcd": _default("EtcdJobStore", "configured-serializer"),
    "apscheduler.jobstores.rethinkdb": _default("RethinkDBJobStore", "configured-serializer"),
    "ZODB": _default("DB", "configured-serializer"),
    "ZODB.FileStorage": _default("FileStorage", "configured-serializer"),
    "playhouse.kv": _default("KeyValue", "configured-serializer", "value_field"),
    "beaker.cache": _default("CacheManager", "pickling-cache"),
    "beaker.middleware": _default("CacheMiddleware SessionMiddleware", "pickling-cache"),
    "web.session": _default("DiskStore DBStore ShelfStore", "configured-serializer"),
    # --- between processes --------------------------------------------------------------------------------
    "multiprocessing": _default(_CHANNELS, "ipc"),
    "multiprocessing.pool": _default("Pool", "ipc"),
    "multiprocessing.queues": _default(_CHANNELS, "ipc"),
    "multiprocessing.connection": _default("Client Listener Pipe", "ipc"),
    "multiprocessing.managers": _default("BaseManager SyncManager", "ipc"),
    "torch.multiprocessing": _default(_CHANNELS, "ipc"),
    "multiprocess": _default(_CHANNELS, "ipc"),
    "concurrent.futures": _default("ProcessPoolExecutor", "ipc"),
    "concurrent.futures.process": _default("ProcessPoolExecutor", "ipc"),
    "loky": _default("ProcessPoolExecutor get_reusable_executor", "ipc"),
    "pathos.multiprocessing": _default("Pool ProcessPool ProcessingPool", "ipc"),
    "pathos.pools": _default("ProcessPool ParallelPool", "ipc"),
    "logging.handlers": _default("SocketHandler DatagramHandler", "ipc"),
}

METHODS: dict[str, tuple[str, str]] = {
    "send_pyobj": ("zmq", "ipc"),
    "recv_pyobj": ("zmq", "ipc"),
    "saveAsPickleFile": ("pyspark", "configured-serializer"),
    "pickleFile": ("pyspark", "configured-serializer"),
}
"""Methods of that name, which no other library has, with the library and the reason."""


def stores_otherwise(library: str, call: ast.Call) -> bool:
    """Whether a call of one of `DEFAULTS` says how to store, or passes arguments that cannot be seen."""
    unless = DEFAULTS[library].unless
    return bool(unless) and any(keyword.arg is None or keyword.arg in unless for keyword in call.keywords)


def is_channel(site: Site) -> bool:
    """Whether a site only says that objects go to another process by way of a library; nothing is stored."""
    return site.reason == "ipc" and (site.library in DEFAULTS or site.function in METHODS)
