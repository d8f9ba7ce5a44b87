"""Pickles of arrays, as data without numpy: what they claim is checked, and what is missing is named."""

import pickle
import struct
import subprocess
import sys
import textwrap
import time

import pytest

from migrate.legacy import decode
from migrate.runtime import Codec, DecodeError
from migrate.runtime.dtypes import size_of
from migrate.runtime.landing import LandingError, to_wire
from tests.patience import PATIENCE


class Named:
    """Pickled as a call of a name that need not exist."""

    def __init__(self, name, *args, state=None):
        self.name, self.args, self.state = name, args, state


class Writer(pickle._Pickler):
    def save(self, obj, save_persistent_id=True):
        if isinstance(obj, Named):
            self.global_(obj.name)
            self.save(obj.args)
            self.write(pickle.REDUCE)
            if obj.state is not None:
                self.save(obj.state)
                self.write(pickle.BUILD)
        elif isinstance(obj, type) and obj is Named:
            raise AssertionError
        elif isinstance(obj, str) and obj.startswith("@"):
            self.global_(obj[1:])
        else:
            super().save(obj, save_persistent_id)

    def global_(self, dotted):
        module, _, name = dotted.rpartition(".")
        self.write(b"c" + f"{module}\n{name}\n".encode())


def written(obj, protocol=3):
    import io

    file = io.BytesIO()
    Writer(file, protocol).dump(obj)
    return file.getvalue()


def dtype(code="f8", state=(3, "<", None, None, None, -1, -1, 0)):
    return Named("numpy.dtype", code, False, True, state=state)


ONE_TWO = struct.pack("<2d", 1, 2)


def array(shape=(2,), of=None, content=ONE_TWO, fortran=False, cls="@numpy.ndarray"):
    state = (1, shape, of or dtype(), fortran, content)
    return Named("numpy.core.multiarray._reconstruct", cls, (0,), b"b", state=state)


def land(obj, **options):
    return to_wire(decode(written(obj)), lambda _module, _name: None, **options)


def fields(*parts, itemsize=16, flags=0):
    names = tuple(name for name, _, _ in parts)
    by_name = {name: (of, offset) for name, of, offset in parts}
    return dtype(f"V{itemsize}", (3, "|", None, names, by_name, itemsize, 1, flags))


def test_an_array():
    assert land(array()) == {"$ndarray": "AAAAAAAA8D8AAAAAAAAAQA==", "dtype": "<f8", "shape": [2]}


def test_the_names_of_numpy_2():
    state = (1, (0,), dtype(), False, b"")
    made = Named("numpy._core.multiarray._reconstruct", "@numpy.ndarray", (0,), b"b", state=state)
    assert land(made)["shape"] == [0]


def test_the_other_byte_order_becomes_the_usual_one_as_numpy_does_it():
    swapped = land(
        array(of=dtype(state=(3, ">", None, None, None, -1, -1, 0)), content=struct.pack(">2d", 1, 2))
    )
    assert swapped == land(array())


def test_a_state_without_a_version():
    made = array()
    made.state = made.state[1:]
    assert land(made) == land(array())


def test_an_array_of_python_2():
    raw = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I2\ntcnumpy\ndtype\n"
    raw += b"(S'i2'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\nS'\\x01\\x00\\x02\\xff'\ntb."
    expected = {"$ndarray": "AQAC/w==", "dtype": "<i2", "shape": [2]}
    assert to_wire(decode(raw), lambda _m, _n: None) == expected


def test_units_of_time():
    state = (4, "<", None, None, None, -1, -1, 0, ({}, (b"ns", 25, 1, 1)))
    assert land(dtype("M8", state)) == {"$dtype": "<M8[25ns]"}


def test_fields():
    of = fields(("a", dtype("i4"), 0), ("b", dtype(), 8), flags=0x80)
    assert land(of)["$dtype"] == {
        "names": ["a", "b"],
        "formats": ["<i4", "<f8"],
        "offsets": [0, 8],
        "itemsize": 16,
        "aligned": True,
    }


def test_text_as_a_scalar():
    def scalar(text):
        raw = text.encode("utf-32-le", "surrogatepass")
        of = dtype(f"U{len(text)}", (3, "<", None, None, None, len(raw), 4, 8))
        return land(Named("numpy.core.multiarray.scalar", of, raw))

    assert scalar("a\ufffd")["$npscalar"] == "a\ufffd"
    assert scalar("\udc80")["$npscalar"] == {"$utf8": "7bKA"}


def deep():
    of = dtype()
    for _ in range(40):
        of = fields(("a", of, 0), itemsize=8)
    return of


def wide():
    """Every level refers to the one below ten times: a short pickle for 10**12 fields."""
    of = dtype()
    for _ in range(12):
        of = fields(*((f"f{i}", of, 0) for i in range(10)), itemsize=8)
    return of


ATTACKS = {
    "a huge shape": array((2**40, 2**40)),
    "a negative length": array((-2,)),
    "two negative lengths": array((-1, -2)),
    "a length that is no number": array(("2",)),
    "a bool as a length": array((True,), content=b"\0" * 8),
    "too many axes": array((1,) * 100, content=b"\0" * 8),
    "bytes for objects": array(of=dtype("O8", (3, "|", None, None, None, -1, -1, 63))),
    "objects for bytes": array(content=[1, 2]),
    "too few objects": array(of=dtype("O8", (3, "|", None, None, None, -1, -1, 63)), content=[1]),
    "less bytes": array(content=b"\0" * 15),
    "more bytes": array(content=b"\0" * 17),
    "a dtype as text": array(of="f8"),
    "a dtype of a class": array(of=Named("numpy.dtype", "@os.system", False, True)),
    "a repeated dtype": array(of=dtype("(1000000,)f8")),
    "several dtypes": array(of=dtype("f8,f8")),
    "a huge element": array(of=dtype("S99999999999999999999")),
    "an element without size": array(of=dtype("S0", (3, "|", None, None, None, 0, 1, 0)), content=b""),
    "a long double": array((1,), of=dtype("f16"), content=b"\0" * 16),
    "a field that reaches out": array(of=fields(("a", dtype(), 12))),
    "a negative offset": array(of=fields(("a", dtype(), -8))),
    "an object in a field": array((1,), of=fields(("a", dtype("O8"), 0)), content=b"\0" * 16),
    "a subarray of a negative length": dtype("V8", (3, "|", (dtype(), (-1,)), None, None, 8, 1, 0)),
    "deep fields": deep(),
    "wide fields": wide(),
    "metadata": dtype("i4", (4, "<", None, None, None, -1, -1, 0, {"a": 1})),
    "a unit": dtype("M8", (4, "<", None, None, None, -1, -1, 0, (None, (b"parsec", 1, 1, 1)))),
    "a factor of a unit": dtype("M8", (4, "<", None, None, None, -1, -1, 0, (None, (b"s", -1, 1, 1)))),
    "a class that is called": array(cls="@subprocess.Popen"),
    "a scalar of other bytes": Named("numpy.core.multiarray.scalar", dtype(), b"\0" * 7),
    "text past the end of Unicode": Named(
        "numpy.core.multiarray.scalar",
        dtype("U1", (3, "<", None, None, None, 4, 4, 8)),
        b"\xff\xff\xff\x7f",
    ),
    "an object as a scalar": Named("numpy.core.multiarray.scalar", dtype("O8"), [1]),
    "a buffer that is text": Named("numpy.core.numeric._frombuffer", "x", dtype(), (1,), "C"),
    "a memory map": Named("numpy.memmap", "/etc/passwd"),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_what_is_claimed_is_checked(attack):
    started = time.process_time()
    with pytest.raises(LandingError) as caught:
        land([0, attack])
    assert caught.value.path == "[1]"
    assert caught.value.reason in ("bad-value", "limit", "unsafe-global", "unknown-global")
    assert time.process_time() - started < PATIENCE


def test_a_buffer_that_is_not_given():
    made = Named("numpy.core.numeric._frombuffer", pickle.PickleBuffer(bytearray(16)), dtype(), (2,), "C")
    import io

    file = io.BytesIO()
    Writer(file, 5, buffer_callback=lambda _: False).dump(made)
    record = decode(file.getvalue(), buffers=[b"\0" * 16])
    assert to_wire(record, lambda _m, _n: None, buffers=[bytearray(16)])["shape"] == [2]
    with pytest.raises(LandingError, match="not given"):
        to_wire(record, lambda _m, _n: None)


def test_many_arrays_in_one_buffer_count_each():
    one = array((100_000,), of=dtype("u1"), content=bytes(100_000))
    again = [array((100_000,), of=dtype("u1"), content=one.state[4]) for _ in range(50)]
    with pytest.raises(LandingError) as caught:
        land(again, max_output=1_000_000)
    assert caught.value.reason == "limit"


@pytest.mark.parametrize(
    "form",
    [
        "<f16",
        "<f8,<f8",
        "f8",
        "",
        "<U0",
        "<i3",
        "<M8[x]",
        "<M8[0s]",
        "|O8",
        None,
        8,
        ["<f8"],
        {},
        {"base": "<f8"},
    ],
)
def test_no_dtype(form):
    with pytest.raises(ValueError):
        size_of(form)


WITHOUT = textwrap.dedent(
    """
    import sys
    sys.modules["numpy"] = None  # as if it were not installed
    from migrate.runtime import Codec
    try:
        Codec("t").loads(b'[{"$ndarray":"AA==","dtype":"|u1","shape":[1]}]')
    except ValueError as error:
        print(error.reason, error)
    """
)


def test_a_record_that_needs_the_extra():
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("missing-extra ")
    assert "pickle-migrate[numpy]" in done.stdout


def test_pickles_land_without_numpy():
    data = written({"model": array()})
    code = f"from migrate.runtime import Codec\nprint(Codec('t').to_wire({data!r}))"
    code = f"import sys; sys.modules['numpy'] = None\n{code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'$ndarray'" in done.stdout


def test_an_unknown_class_is_an_error_of_the_codec():
    with pytest.raises(DecodeError):
        Codec("t").loads(written(array(cls="@shop.Mine")))
