"""Hostile pickles, by what they try. None of them may do anything but fail to be of use."""

import struct

EXECUTE = {
    "os.system by REDUCE": b"cos\nsystem\nX\x04\x00\x00\x00true\x85R.",
    "posix.system in protocol 4": b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.",
    "eval": b"c__builtin__\neval\nX\x03\x00\x00\x001+1\x85R.",
    "exec in protocol 0": b"c__builtin__\nexec\n(S'x=1'\ntR.",
    "compile": b"cbuiltins\ncompile\n(X\x01\x00\x00\x001X\x01\x00\x00\x00xX\x04\x00\x00\x00evaltR.",
    "__import__": b"cbuiltins\n__import__\nX\x0b\x00\x00\x00antigravity\x85R.",
    "a module that is not loaded": b"cantigravity\nfly\n.",
    "open": b"cbuiltins\nopen\nX\x0b\x00\x00\x00/etc/passwd\x85R.",
    "subprocess by INST": b"(S'true'\nisubprocess\nPopen\n.",
    "os.system by OBJ": b"(cos\nsystem\nS'true'\no.",
    "NEWOBJ": b"csubprocess\nPopen\nX\x04\x00\x00\x00true\x85\x81.",
    "NEWOBJ_EX": b"csubprocess\nPopen\n)}X\x04\x00\x00\x00argsX\x04\x00\x00\x00trues\x92.",
    "a call that is popped": b"cos\nsystem\nX\x04\x00\x00\x00true\x85R0N.",
    "a call left on the stack": b"cos\nsystem\nX\x04\x00\x00\x00true\x85RN.",
    "a dotted name": b"\x80\x04\x8c\x02os\x8c\x0bpath.exists\x93\x8c\x01/\x85R.",
    "getattr on a module": b"cbuiltins\ngetattr\ncos\npath\nX\x06\x00\x00\x00exists\x86R"
    b"X\x01\x00\x00\x00/\x85R.",
    "partial": b"cfunctools\npartial\ncos\nsystem\n\x85RX\x04\x00\x00\x00true\x85R.",
    "operator.methodcaller": b"coperator\nmethodcaller\nX\x06\x00\x00\x00system\x85Rcos\nsystem\n\x85R.",
    "importlib": b"cimportlib\nimport_module\nX\x0b\x00\x00\x00antigravity\x85R.",
    "runpy": b"crunpy\n_run_code\nX\x01\x00\x00\x001}\x86R.",
    "pickle in pickle": b"c_pickle\nloads\nC\x02N.\x85R.",
    "defaults of copyreg._reconstructor by BUILD": b"ccopyreg\n_reconstructor\n"
    b"N}X\x0c\x00\x00\x00__defaults__)s\x86b.",
    "Fraction.__eq__ by BUILD": b"cfractions\nFraction\n}X\x06\x00\x00\x00__eq__cos\nsystem\nsb.",
    "state with a name of __main__": b"c__main__\n__dict__\n}X\x01\x00\x00\x00xNsb.",
    "EXT1": b"\x80\x02\x82\x01.",
    "EXT4": b"\x80\x02\x84\x01\x00\x00\x00.",
    "copyreg.add_extension": b"ccopyreg\nadd_extension\n(X\x02\x00\x00\x00osX\x06\x00\x00\x00systemK\x01tR.",
    "a codec bomb": b"c_codecs\ndecode\nC\x01xX\x03\x00\x00\x00bz2\x86R.",
    "bytearray(4e9)": b"cbuiltins\nbytearray\nJ\xff\xff\xff\x7f\x85R.",
}
"""Run code, import, or open a file when ``pickle.load`` reads them."""


def _deep_key(depth: int) -> bytes:
    """Deeper than the C stack goes, if the key were hashed: 8 MB are 34 bytes for each of 250,000 levels."""
    return b"})" + b"\x85" * depth + b"Ns."


def _doubling_key(levels: int) -> bytes:
    return b"})" + b"2\x86" * levels + b"Ns."


def _colliding_ints(count: int) -> bytes:
    modulus = (1 << 61) - 1
    ints = b"".join(b"\x8a\x0c" + (i * modulus).to_bytes(12, "little") + b"N" for i in range(1, count))
    return b"\x80\x02}(" + ints + b"u."


def _often(value: bytes) -> bytes:
    """A list of one thing 50,000 times, which takes no more memory than once."""
    return b"(" + value + b"q\x00" + b"h\x00" * 50_000 + b"l."


EXHAUST = {
    "LONG_BINPUT with a huge index": b"\x80\x04Nr\xff\xff\xff\x03.",
    "LONG_BINPUT with the largest index": b"\x80\x04Nr\xff\xff\xff\x0f.",
    "PUT with a huge index": b"Np67108864\n.",
    "PUT with an index of many digits": b"Np" + b"9" * 5000 + b"\n.",
    "LONG4": b"\x80\x02\x8b\xff\xff\xff\x7f.",
    "BINUNICODE8": b"\x80\x04\x8d" + struct.pack("<Q", 1 << 40) + b".",
    "BINBYTES8": b"\x80\x04\x8e" + struct.pack("<Q", (1 << 64) - 1) + b".",
    "BYTEARRAY8": b"\x80\x05\x96" + struct.pack("<Q", 1 << 40) + b".",
    "FRAME": b"\x80\x04\x95" + struct.pack("<Q", 1 << 60) + b"N.",
    "a tuple 250,000 deep as a key": _deep_key(250_000),
    "lists 100,000 deep": b"]" * 100_000 + b"a" * 99_999 + b".",
    "100,000 marks": b"(" * 100_000 + b".",
    "an int of 5,000 digits": b"I" + b"9" * 5_000 + b"\n.",
    "a long of a million digits": b"L" + b"9" * 1_000_000 + b"L\n.",
    "100,000 globals": b"".join(b"cm\n%d\n0" % i for i in range(100_000)) + b"N.",
    "an unknown protocol": b"\x80\xffN.",
}
"""Must end in an error."""

SURVIVE = {
    "20,000 colliding keys": _colliding_ints(20_000),
    "a tuple doubled 28 times as a key": _doubling_key(28),
    "a tuple doubled 10,000 times": b")" + b"2\x86" * 4_000 + b".",
    "a list shared over six levels": b"("
    + b"K\x01" * 10
    + b"l"
    + b"".join(b"q%c0(" % i + b"h%c" % i * 10 + b"l" for i in range(6))
    + b".",
    "a text of 256 kB 50,000 times": _often(b"X\x00\x00\x04\x00" + b"a" * (1 << 18)),
    "a number of 256 kB 50,000 times": _often(b"\x8b\x00\x00\x04\x00" + b"\x11" * (1 << 18)),
    "a name of 256 kB 50,000 times": _often(b"cmodule\n" + b"a" * (1 << 18) + b"\n"),
    "Decimal with a huge exponent": b"cdecimal\nDecimal\nX\x0a\x00\x00\x001e99999999\x85R.",
}
"""Are decoded, in time and memory bounded by their size."""
