"""Steps of a calendar (pandas' offsets) as the wire format has them: a closed table, read without pandas.

The names are those of ``pandas.tseries.offsets``, which have stayed while their short forms changed (``M``
has become ``ME``). An offset has ``n``, ``normalize``, and the numbers that the table names for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .encode import Wire

OFFSETS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("Day", "Hour", "Minute", "Second", "Milli", "Micro", "Nano"), ()),
    **dict.fromkeys(("MonthEnd", "MonthBegin", "BusinessMonthEnd", "BusinessMonthBegin"), ()),
    **dict.fromkeys(("BusinessDay", "Easter"), ()),
    **dict.fromkeys(("SemiMonthEnd", "SemiMonthBegin"), ("day_of_month",)),
    **dict.fromkeys(("YearEnd", "YearBegin", "BYearEnd", "BYearBegin"), ("month",)),
    **dict.fromkeys(("QuarterEnd", "QuarterBegin", "BQuarterEnd", "BQuarterBegin"), ("startingMonth",)),
    "Week": ("weekday",),
    "WeekOfMonth": ("week", "weekday"),
    "LastWeekOfMonth": ("weekday",),
}
"""Name of the class → its parameters beside ``n`` and ``normalize``, all of them whole numbers."""

STEPS: Final = (
    *("years", "months", "weeks", "days", "hours", "minutes", "seconds", "microseconds", "nanoseconds"),
    *("year", "month", "day", "weekday", "hour", "minute", "second", "microsecond", "nanosecond"),
)
"""Parameters of ``DateOffset``: relative ones, and those that replace a part of the date."""

_MAX: Final = 2**31 - 1


def offset_form(
    name: str, n: Any, normalize: Any, attributes: dict[str, Any], *, tag: bool = True
) -> dict[str, Wire]:
    """Return the form of an offset; raises ValueError when the table does not have it.

    Without ``tag`` its members are only checked.
    """
    known: tuple[str, ...] | None = STEPS if name == "DateOffset" else OFFSETS.get(name)
    if known is None:
        raise ValueError(f"{name[:60]!r} is not an offset that has a form")
    if type(n) is not int or abs(n) > _MAX or type(normalize) is not bool:
        raise ValueError(f"an offset {name} whose numbers are none")
    if attributes.keys() - {*known}:
        raise ValueError(f"an offset {name} with {', '.join(sorted(attributes.keys() - {*known}))[:60]}")
    form: dict[str, Wire] = {"$offset": name, "n": n} if tag else {}
    if normalize:
        form["normalize"] = True
    for key, value in attributes.items():
        if not (type(value) is int or (value is None and name == "Week")) or abs(value or 0) > _MAX:
            raise ValueError(f"an offset {name} whose {key} is not a whole number")
        form[key] = value
    return form
