"""Converts what is left in a store by reading it: `Payloads` with compare-and-set.

python -m tests.fleet.repairer KIND PLACE
"""

from __future__ import annotations

import sys

from migrate.runtime import Payloads
from tests.fleet.shop import make_codec
from tests.fleet.stores import open_store


def main(kind: str, place: str) -> None:
    store, payloads = open_store(kind, place), Payloads(make_codec(), repairs=1e9)
    for key in store.names():

        def replace(old: bytes, new: bytes, key: str = key) -> bool:
            return store.replace(key, old, new)

        payloads.loads(store.get(key), key=key, replace=replace)


if __name__ == "__main__":
    main(*sys.argv[1:])
