"""One process of the fleet: reads any key, writes its own ones, and complains of what it cannot read.

python -m tests.fleet.worker KIND PLACE FOLDER SLOT SLOTS
"""

from __future__ import annotations

import os
import random
import sys
import traceback
from pathlib import Path

from tests.fleet.shop import make, serializer
from tests.fleet.stores import open_store


def main(kind: str, place: str, folder: str, slot: int, slots: int) -> None:
    store, shop, random_ = open_store(kind, place), serializer(), random.Random()
    keys = store.names()
    own = keys[slot::slots]
    seen: dict[str, int] = {}
    acknowledged = os.open(
        Path(folder) / f"acknowledged-{slot}", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644
    )
    while True:
        key = random_.choice(keys)
        check(shop.loads(store.get(key)), key, seen)
        key = random_.choice(own)
        cart = shop.loads(store.get(key))
        check(cart, key, seen)
        version = cart.version + 1
        store.put(key, shop.dumps(make(key, version)))
        os.write(acknowledged, f"{key} {version}\n".encode())
        seen[key] = version


def check(cart: object, key: str, seen: dict[str, int]) -> None:
    if not cart.is_whole(key):
        raise AssertionError(f"{key}: damaged: {cart}")
    if cart.version < seen.get(key, 0):
        raise AssertionError(f"{key}: version {cart.version} after {seen[key]}")
    seen[key] = cart.version


if __name__ == "__main__":
    kind, place, folder, slot, slots = sys.argv[1:]
    try:
        main(kind, place, folder, int(slot), int(slots))
    except Exception:
        release = os.environ["FLEET_RELEASE"]
        text = f"release {release}, slot {slot}:\n{traceback.format_exc()}"
        (Path(folder) / f"complaint-{os.getpid()}").write_text(text)
        sys.exit(1)
