"""Values of pandas, made anew by each call. What this pandas does not have is left out."""

import collections

import numpy as np
import pandas as pd

HOUR = "h" if pd.offsets.Hour().freqstr == "h" else "H"


def with_attrs():
    out = pd.DataFrame({"a": [1]})
    out.attrs["source"] = ["here", (1, 2)]
    return out


def with_a_shared_list():
    row = [1]
    return pd.DataFrame({"a": pd.Series([row, row, [1]], dtype=object)})


def with_a_shared_index():
    labels = pd.Index(["p", "q"], dtype=object)
    return [labels, pd.Series([1, 2], index=labels), labels]


def table():
    columns = collections.OrderedDict(
        i=np.array([1, -2, 3], "i8"),
        j=np.array([4, 5, 6], "i8"),
        f=np.array([1.5, np.nan, -0.0]),
        o=np.array(["a", None, 5], object),
        b=np.array([True, False, True]),
        t=pd.to_datetime(["2020-01-01", None, "2020-03-01"]),
        d=pd.to_timedelta([1, 2, None], unit="s"),
        f4=np.array([1, 2, 3], "f4"),
        u=np.array([0, 1, 2**64 - 1], "u8"),
        c=np.array([1, 2j, 3]),
    )
    return pd.DataFrame(columns)


MAKERS = {
    "frame": table,
    "frame, names of rows and columns": lambda: pd.DataFrame(
        np.arange(6.0).reshape(2, 3), pd.Index(["x", "y"], name="rows"), pd.Index([10, 20, 30], name="cols")
    ),
    "frame of a matrix in the other order": lambda: pd.DataFrame(
        np.asfortranarray(np.arange(6).reshape(2, 3))
    ),
    "frame without columns": lambda: pd.DataFrame(index=[1, 2]),
    "frame without rows": lambda: pd.DataFrame({"a": np.array([], "f8"), "b": np.array([], object)}),
    "frame of nothing": pd.DataFrame,
    "frame, a column twice": lambda: pd.DataFrame([[1, 2.5, 3]], columns=["a", "b", "a"]),
    "frame, columns of several kinds": lambda: pd.DataFrame([[1, 2, 3]], columns=[1, "a", ("b", None)]),
    "frame, columns of several levels": lambda: pd.DataFrame(
        [[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["x", None])
    ),
    "frame with attrs": with_attrs,
    "frame with a flag": lambda: pd.DataFrame({"a": [1]}).set_flags(allows_duplicate_labels=False),
    "frame with a shared list": with_a_shared_list,
    "frame, sliced": lambda: pd.DataFrame({"a": [1, 2, 3, 4], "c": list("wxyz")})[1:3],
    "frame in a frame": lambda: pd.DataFrame(
        {"a": pd.Series([pd.DataFrame({"b": [1]}), None], dtype=object)}
    ),
    "frame with categories": lambda: pd.DataFrame({"c": pd.Categorical(["x", "y"]), "n": [1, 2]}),
    "frame with a zone": lambda: pd.DataFrame(
        {"t": pd.date_range("2020-01-01", periods=2, tz="UTC"), "n": [1, 2]}
    ),
    "series": lambda: pd.Series([1.0, 2.0], index=["a", "b"], name="s"),
    "series named by a tuple": lambda: pd.Series([1], name=("a", 1)),
    "series of objects": lambda: pd.Series([1, "a", None, (1, 2), [3]], dtype=object),
    "series of dates as objects": lambda: pd.Series([pd.Timestamp("2020"), pd.NaT, None], dtype=object),
    "series of texts as objects": lambda: pd.Series(["a", "b"], dtype=object),
    "series of dates": lambda: pd.Series(pd.to_datetime(["2020-01-01", None])),
    "series of dates in seconds": lambda: pd.Series(np.array(["2020-01-01"], "M8[s]")),
    "series in a zone": lambda: pd.Series(
        pd.date_range("2020-10-25", periods=5, freq=HOUR, tz="Europe/Berlin")
    ),
    "series at an offset": lambda: pd.Series(pd.to_datetime(["2020-01-01 00:00:00+02:00"])),
    "series of categories": lambda: pd.Series(
        pd.Categorical(["a", "b", None, "a"], categories=["b", "a"], ordered=True)
    ),
    "series of categories that are numbers": lambda: pd.Series(pd.Categorical([1.5, 2.5, 1.5])),
    "series, sparse": lambda: pd.Series(pd.arrays.SparseArray([0, 0, 1, 2])),
    "series, sparse in blocks": lambda: pd.Series(pd.arrays.SparseArray([np.nan, 1.0, 2.0], kind="block")),
    "series Int64": lambda: pd.Series([1, None, 3], dtype="Int64"),
    "series UInt8": lambda: pd.Series([1, None, 3], dtype="UInt8"),
    "series boolean": lambda: pd.Series([True, None, False], dtype="boolean"),
    "series Float32": lambda: pd.Series([1.5, None], dtype="Float32"),
    "series string": lambda: pd.Series(["a", None, "é"], dtype="string[python]"),
    "series string, lone surrogate": lambda: pd.Series(["\udc80"], dtype="string[python]"),
    "series string, arrow": lambda: pd.Series(["a", None, "é"], dtype="string[pyarrow]"),
    "series str": lambda: pd.Series(["a", None, "é"], dtype=pd.StringDtype("python", na_value=np.nan)),
    "series str, arrow": lambda: pd.Series(["a", None], dtype=pd.StringDtype("pyarrow", na_value=np.nan)),
    "series of periods": lambda: pd.Series(pd.period_range("2020-01", periods=3, freq="M")),
    "series of intervals": lambda: pd.Series(pd.IntervalIndex.from_breaks([0, 1, 2])),
    "series of nothing": lambda: pd.Series([], dtype="f8"),
    "index of texts": lambda: pd.Index(["a", "b"], name="n"),
    "index of objects": lambda: pd.Index([1, "a", None], dtype=object),
    "index of numbers": lambda: pd.Index(np.array([1, 2], "i2")),
    "index of floats": lambda: pd.Index([1.5, np.nan]),
    "index of bools": lambda: pd.Index([True, False]),
    "index Int64": lambda: pd.Index([1, None], dtype="Int64"),
    "index, range": lambda: pd.RangeIndex(2, 10, 3, name="r"),
    "index of dates": lambda: pd.DatetimeIndex(["2020-01-01", "2020-01-05"]),
    "index of dates by day": lambda: pd.date_range("2020-01-01", periods=3, freq="D", name="d"),
    "index of dates by month": lambda: pd.date_range("2020-01-01", periods=3, freq=pd.offsets.MonthEnd(2)),
    "index of dates by week": lambda: pd.date_range("2020-01-01", periods=3, freq=pd.offsets.Week(weekday=2)),
    "index of dates by quarter": lambda: pd.date_range(
        "2020-01-01", periods=3, freq=pd.offsets.QuarterEnd(startingMonth=2)
    ),
    "index of dates in a zone": lambda: pd.date_range("2020-01-01", periods=3, freq=HOUR, tz="US/Eastern"),
    "index of durations": lambda: pd.timedelta_range("1 days", periods=3, freq="D"),
    "index of periods": lambda: pd.period_range("2020-01", periods=3, freq="M", name="p"),
    "index of categories": lambda: pd.CategoricalIndex(["a", "b", "a"], name="c"),
    "index of intervals": lambda: pd.IntervalIndex.from_breaks([0.0, 1.0, 2.0], closed="left", name="i"),
    "index of intervals of dates": lambda: pd.interval_range(pd.Timestamp("2020"), periods=2),
    "index of several levels": lambda: pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", None]),
    "index of levels of dates": lambda: pd.MultiIndex.from_product([pd.date_range("2020", periods=2), [1]]),
    "index with unused levels": lambda: pd.MultiIndex.from_product([["a", "b"], [1, 2]])[:1],
    "index shared": with_a_shared_index,
    "categorical": lambda: pd.Categorical([1, 2, 1]),
    "array of dates": lambda: pd.array(pd.to_datetime(["2020-01-01"])),
    "array of numbers of numpy": lambda: pd.Series([1, 2]).array,
    "timestamp": lambda: pd.Timestamp("2020-01-01 12:00:00.123456789"),
    "timestamp in seconds": lambda: pd.Timestamp("2020-01-01").as_unit("s"),
    "timestamp in a zone": lambda: pd.Timestamp("2020-01-01 12:00", tz="Europe/Berlin"),
    "timestamp in the hour that comes twice": lambda: pd.Timestamp("2020-10-25 01:30", tz="UTC").tz_convert(
        "Europe/Berlin"
    ),
    "timestamp in utc": lambda: pd.Timestamp("2020-01-01 12:00", tz="UTC"),
    "duration": lambda: pd.Timedelta("1 days 00:00:00.000000001"),
    "period": lambda: pd.Period("2020-01", freq="M"),
    "period of three days": lambda: pd.Period("2020-01-05", freq="3D"),
    "interval": lambda: pd.Interval(0, 1, closed="both"),
    "interval of dates": lambda: pd.Interval(pd.Timestamp("2020"), pd.Timestamp("2021")),
    "NaT": lambda: pd.NaT,
    "NA": lambda: pd.NA,
    "offset": lambda: pd.offsets.BusinessDay(3),
    "offset, normalized": lambda: pd.offsets.MonthBegin(1, normalize=True),
    "offset of a week": pd.offsets.Week,
    "offset of parts": lambda: pd.DateOffset(months=2, days=1),
    "keys": lambda: {pd.Timestamp("2020-01-01"): pd.Series([1]), pd.NaT: pd.NA, (pd.Timedelta(1), 2): None},
}


def _exist(make):
    try:
        make()
    except (ImportError, TypeError, ValueError, AttributeError):
        return False
    return True


VALUES = {name: make for name, make in MAKERS.items() if _exist(make)}
