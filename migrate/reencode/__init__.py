"""Converting the stock: stores, a verified conversion, a ledger, and the engine that runs them.

    store = LocalTree([Path("data")], interesting=could_hold)
    conversion = partial(convert, convert_record=ThroughCodec(codec))
    with Ledger(Path(".pickle-migrate/reencode.sqlite")) as ledger:
        for outcome in reencode(store, conversion, ledger):
            report.add(outcome)

Every place is decoded, converted, decoded again, compared, and only then replaced, all or nothing. What
cannot be converted stays as it is and is listed with a reason.
"""

from migrate.reencode.containers import could_hold
from migrate.reencode.convert import Conversion, Line, RecordConverter, convert
from migrate.reencode.converters import Loaded, find_converters, load_converters
from migrate.reencode.engine import Outcome, reencode
from migrate.reencode.errors import (
    ClusterError,
    Conflict,
    ConvertersError,
    Foreign,
    Refused,
    StoreError,
    TakenOver,
    TooManyFailures,
    Unavailable,
)
from migrate.reencode.ledger import LEDGER_DIRECTORY, LEDGER_NAME, Ledger, State
from migrate.reencode.localtree import BACKUP_SUFFIX, LocalTree
from migrate.reencode.objects import ThroughCodec
from migrate.reencode.progress import progress
from migrate.reencode.report import Report
from migrate.reencode.sealing import seal_all, unseal_all
from migrate.reencode.segments import JsonLine, Pickle, split
from migrate.reencode.stores import Blob, Change, Found, Item, Keyed, Range, Ranged, Store

__all__ = [
    "BACKUP_SUFFIX",
    "LEDGER_DIRECTORY",
    "LEDGER_NAME",
    "Blob",
    "Change",
    "ClusterError",
    "Conflict",
    "Conversion",
    "ConvertersError",
    "Foreign",
    "Found",
    "Item",
    "JsonLine",
    "Keyed",
    "Ledger",
    "Line",
    "Loaded",
    "LocalTree",
    "Outcome",
    "Pickle",
    "Range",
    "Ranged",
    "RecordConverter",
    "Refused",
    "Report",
    "State",
    "Store",
    "StoreError",
    "TakenOver",
    "ThroughCodec",
    "TooManyFailures",
    "Unavailable",
    "convert",
    "could_hold",
    "find_converters",
    "load_converters",
    "progress",
    "reencode",
    "seal_all",
    "split",
    "unseal_all",
]
