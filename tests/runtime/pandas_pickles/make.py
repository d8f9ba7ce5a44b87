# coding: utf-8
"""Writes the pickles of this directory: run it under another pandas with the path of the file to write.

Runs under Python 2.7 to 3.12 and pandas 0.20 to 3. What a version does not have is left out. The files are
text, so that no tool takes them for pickles: base64 of zlib, one protocol for each version.
"""

import sys, pickle, binascii, json, collections, warnings

warnings.simplefilter("ignore")
import numpy as np, pandas as pd

V = {}


def case(name, f):
    try:
        V[name] = f()
    except Exception as e:
        sys.stderr.write("%s: %r\n" % (name, e))


case(
    "mixed",
    lambda: pd.DataFrame(
        collections.OrderedDict(
            [
                ("i", np.array([1, -2, 3], "i8")),
                ("j", np.array([4, 5, 6], "i8")),
                ("f", np.array([1.5, np.nan, -0.0])),
                ("o", np.array(["a", None, 5], object)),
                ("b", np.array([True, False, True])),
                ("t", pd.to_datetime(["2020-01-01", None, "2020-03-01"])),
                ("d", pd.to_timedelta([1, 2, None], unit="s")),
                ("f4", np.array([1, 2, 3], "f4")),
            ]
        )
    ),
)
case(
    "names of rows and columns",
    lambda: pd.DataFrame(
        np.arange(6.0).reshape(2, 3),
        index=pd.Index(["x", "y"], name="rows"),
        columns=pd.Index([10, 20, 30], name="cols"),
    ),
)
case(
    "from a matrix in the other order",
    lambda: pd.DataFrame(np.asfortranarray(np.arange(6).reshape(2, 3)), columns=list("abc")),
)
case("no columns", lambda: pd.DataFrame(index=[1, 2]))
case(
    "no rows", lambda: pd.DataFrame({"a": np.array([], "f8"), "b": np.array([], object)}, columns=["a", "b"])
)
case("columns twice", lambda: pd.DataFrame([[1, 2.5, 3]], columns=["a", "b", "a"]))
case("series", lambda: pd.Series([1.0, 2.0], index=["a", "b"], name="s"))
case("series of objects", lambda: pd.Series([1, "a", None, (1, 2)], dtype=object))
case("series of dates", lambda: pd.Series(pd.to_datetime(["2020-01-01", None])))
case(
    "series of dates in a zone", lambda: pd.Series(pd.date_range("2020-01-01", periods=2, tz="Europe/Berlin"))
)
case("series in utc", lambda: pd.Series(pd.date_range("2020-01-01", periods=2, tz="UTC")))
case(
    "frame with a zone",
    lambda: pd.DataFrame(
        {"t": pd.date_range("2020-01-01", periods=2, tz="UTC"), "n": [1, 2]}, columns=["t", "n"]
    ),
)
case(
    "two columns with a zone",
    lambda: pd.DataFrame(
        {
            "t": pd.date_range("2020-01-01", periods=2, tz="UTC"),
            "n": pd.date_range("2021-01-01", periods=2, tz="UTC"),
        },
        columns=["t", "n"],
    ),
)
case(
    "category", lambda: pd.Series(pd.Categorical(["a", "b", None, "a"], categories=["b", "a"], ordered=True))
)
case("categorical", lambda: pd.Categorical([1, 2, 1]))
case(
    "frame with a category",
    lambda: pd.DataFrame({"c": pd.Categorical(["x", "y"]), "n": [1, 2]}, columns=["c", "n"]),
)
case(
    "sparse",
    lambda: pd.Series(
        pd.arrays.SparseArray([0, 0, 1, 2]) if hasattr(pd, "arrays") else pd.SparseArray([0, 0, 1, 2])
    ),
)
case("Int64", lambda: pd.Series([1, None, 3], dtype="Int64"))
case("boolean", lambda: pd.Series([True, None, False], dtype="boolean"))
case("Float64", lambda: pd.Series([1.5, None], dtype="Float64"))
case("string", lambda: pd.Series(["a", None, "é"], dtype="string"))
case("string python", lambda: pd.Series(["a", None, "é"], dtype="string[python]"))
case("string pyarrow", lambda: pd.Series(["a", None, "é"], dtype="string[pyarrow]"))
case("str", lambda: pd.Series(["a", None, "é"], dtype=pd.StringDtype(na_value=np.nan)))
case("period", lambda: pd.Series(pd.period_range("2020-01", periods=3, freq="M")))
case("interval", lambda: pd.Series(pd.IntervalIndex.from_breaks([0, 1, 2])))
case("index of text", lambda: pd.Index(["a", "b"], name="n"))
case("index of ints", lambda: pd.Index(np.array([1, 2], "i8")))
case("index of uints", lambda: pd.Index(np.array([1, 2], "u8")))
case("index of floats", lambda: pd.Index([1.5, 2.5]))
case("index of bools", lambda: pd.Index([True, False]))
case("range index", lambda: pd.RangeIndex(2, 10, 3, name="r"))
case("date index", lambda: pd.date_range("2020-01-01", periods=3, freq="D", name="d"))
case("date index by month", lambda: pd.date_range("2020-01-01", periods=3, freq=pd.offsets.MonthEnd(2)))
case("date index by week", lambda: pd.date_range("2020-01-01", periods=3, freq=pd.offsets.Week(weekday=2)))
case(
    "date index by quarter",
    lambda: pd.date_range("2020-01-01", periods=3, freq=pd.offsets.QuarterEnd(startingMonth=2)),
)
case(
    "date index in a zone",
    lambda: pd.date_range(
        "2020-01-01", periods=3, freq="h" if pd.__version__ > "2.2" else "H", tz="US/Eastern"
    ),
)
case("date index at an offset", lambda: pd.DatetimeIndex(["2020-01-01 00:00:00+02:00"]))
case("time index", lambda: pd.timedelta_range("1 days", periods=3, freq="D"))
case("period index", lambda: pd.period_range("2020-01", periods=3, freq="M", name="p"))
case("category index", lambda: pd.CategoricalIndex(["a", "b", "a"], name="c"))
case("interval index", lambda: pd.IntervalIndex.from_breaks([0.0, 1.0, 2.0], closed="left", name="i"))
case("multi index", lambda: pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", None]))
case(
    "frame with a multi index",
    lambda: pd.DataFrame(
        {"v": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", "y"])
    ),
)
case("timestamp", lambda: pd.Timestamp("2020-01-01 12:00:00.123456789"))
case("timestamp in a zone", lambda: pd.Timestamp("2020-01-01 12:00", tz="Europe/Berlin"))
case("timestamp in utc", lambda: pd.Timestamp("2020-01-01 12:00", tz="UTC"))
case("timedelta", lambda: pd.Timedelta("1 days 00:00:00.000000001"))
case("period value", lambda: pd.Period("2020-01", freq="M"))
case("interval value", lambda: pd.Interval(0, 1, closed="both"))
case("NaT", lambda: pd.NaT)
case("NA", lambda: pd.NA)
case("offset", lambda: pd.offsets.BusinessDay(3))
case("date offset", lambda: pd.DateOffset(months=2, days=1))


def withattrs():
    x = pd.DataFrame({"a": [1]})
    x.attrs["source"] = ["here"]
    return x


case("attrs", withattrs)
case("flags", lambda: pd.DataFrame({"a": [1]}).set_flags(allows_duplicate_labels=False))


def sharedindex():
    i = pd.Index(["p", "q"])
    return [pd.Series([1, 2], index=i), pd.Series([3, 4], index=i)]


case("one index of two", sharedindex)
case("timestamp in seconds", lambda: pd.Timestamp("2020-01-01").as_unit("s"))
case("dates in seconds", lambda: pd.Series(np.array(["2020-01-01"], "M8[s]")))
case("groups", lambda: {"k": pd.DataFrame({"a": [1, 2]}), pd.Timestamp("2020-01-01"): pd.Series([1])})
case("sliced", lambda: pd.DataFrame({"a": [1, 2, 3, 4], "b": [5, 6, 7, 8], "c": list("wxyz")})[1:3])
case("added column", lambda: pd.DataFrame({"a": [1.0, 2.0]}).assign(z=[3.0, 4.0]).assign(b=[1, 2]))
case("random state", lambda: np.random.RandomState(5))
case("generator", lambda: np.random.default_rng(5))
case("masked", lambda: np.ma.array([1.0, 2.0], mask=[True, False], fill_value=9))
if __name__ == "__main__":
    import zlib

    protocol = int(sys.argv[2])
    out = {}
    for name, value in V.items():
        try:
            raw = pickle.dumps(value, protocol)
        except Exception as e:
            sys.stderr.write("pickle %s: %r\n" % (name, e))
            continue
        out[name] = binascii.b2a_base64(zlib.compress(raw, 9)).decode("ascii").replace("\n", "")
    head = {"pandas": pd.__version__, "numpy": np.__version__, "python": sys.version.split()[0]}
    head["pickles"] = out
    with open(sys.argv[1], "w") as f:
        json.dump(head, f, sort_keys=True, indent=0)
        f.write("\n")
