"""Pickles at random: streams of opcodes that mostly fit together, and changed ones."""

from migrate.legacy import opcodes

NAMES = (b"os", b"builtins", b"a.b", b"\xc3\xa9", b"copyreg", b"", b"\xff")
TEXTS = (
    b"",
    b"a",
    b"__dict__",
    b"\xc3\xa9",
    b"(e",
    b"}u.",
    b"\xed\xb2\x80",
    b"x" * 255,
    b"y" * 256,
    b"z" * 5000,
)
QUOTED = (
    b"'a'",
    b'"b"',
    b"''",
    b"'\\x41\\n\\''",
    b"'\\101'",
    b"'\\777'",
    b"'\\d'",
    b"'",
    b"'a\"",
    b"a",
    b"'a'b'",
)
NUMBERS = (
    b"0",
    b"1",
    b"-1",
    b"7",
    b"-50",
    b"00",
    b"01",
    b"+1",
    b"-0",
    b"12345678901234567890",
    b"1_0",
    b" 1",
    b"0x1",
    b"",
)
REALS = (
    b"1.5",
    b"-2",
    b"1e5",
    b"nan",
    b"-inf",
    b"inf",
    b"1e999",
    b"1_0.0",
    b" 1",
    b"x",
    b"-nan",
    b"1.",
    b"+1.0",
)

# What an opcode wants on the stack, from the top down, and what it leaves there: a tuple, list, dict, set,
# call, bytearray, name, text, or anything else. MARK stands for all down to a mark, PAIRS for an even number.
ANY, MARK, PAIRS = "anything", "mark", "pairs"
EFFECTS = {
    **dict.fromkeys(b"N\x88\x89IFLJKMG\x8a\x8bSTUBC\x8eghjPcc", ((), ANY)),
    **dict.fromkeys(b"VX\x8c\x8d", ((), "text")),
    **dict.fromkeys(b")", ((), "tuple")),
    **dict.fromkeys(b"]", ((), "list")),
    **dict.fromkeys(b"}", ((), "dict")),
    **dict.fromkeys(b"\x8f", ((), "set")),
    **dict.fromkeys(b"\x96", ((), "bytearray")),
    **dict.fromkeys(b"t", ((MARK,), "tuple")),
    **dict.fromkeys(b"l", ((MARK,), "list")),
    **dict.fromkeys(b"d", ((PAIRS,), "dict")),
    **dict.fromkeys(b"\x91", ((MARK,), ANY)),
    ord("i"): ((MARK,), "call"),
    ord("o"): ((MARK,), "call"),
    **dict.fromkeys(b"e", ((MARK, ("list", "call")), None)),
    **dict.fromkeys(b"u", ((PAIRS, ("dict", "call")), None)),
    **dict.fromkeys(b"\x90", ((MARK, ("set", "call")), None)),
    **dict.fromkeys(b"\x85", ((ANY,), "tuple")),
    **dict.fromkeys(b"\x86", ((ANY, ANY), "tuple")),
    **dict.fromkeys(b"\x87", ((ANY, ANY, ANY), "tuple")),
    **dict.fromkeys(b"Q", ((ANY,), ANY)),
    **dict.fromkeys(b"R\x81", (("tuple", ANY), "call")),
    **dict.fromkeys(b"\x92", (("dict", "tuple", ANY), "call")),
    **dict.fromkeys(b"\x93", (("text", "text"), ANY)),
    **dict.fromkeys(b"b", ((ANY, "call"), None)),
    **dict.fromkeys(b"a", ((ANY, ("list", "call")), None)),
    **dict.fromkeys(b"s", ((ANY, ANY, ("dict", "call")), None)),
    **dict.fromkeys(b"qrp\x94", ((ANY,), "same")),
    ord("2"): ((ANY,), "copy"),
    ord("0"): ((ANY,), None),
    ord("1"): ((MARK,), None),
    ord("("): ((), "mark"),
    0x95: ((), None),
}
"""Opcode → (what it takes, what it leaves). What it fills stays where it is."""
COMMON = b"N\x88KJ\x8cXC]}}\x8f)((((((((ttlaaeeuuuussbbbbbbRR\x81\x81\x85\x86\x94\x94qqhhc\x93\x960\x96"


def one_of(rng, good, all_of_them):
    return rng.choice(good if rng.random() < 0.95 else all_of_them)


def argument(rng, code, puts):
    """Return the opcode with an argument that is mostly a good one."""
    op = bytes((code,))
    if code in b"hj":
        size = 1 if code == ord("h") else 4
        return op + min(rng.randrange(max(puts, 1)), 255).to_bytes(size, "little")
    if code in b"qr":
        index = puts if rng.random() < 0.97 else rng.randrange(70_000)
        return (
            op + (index % 256).to_bytes(1, "little") if code == ord("q") else op + index.to_bytes(4, "little")
        )
    if code in b"gp":
        index = b"%d" % (puts if code == ord("p") else rng.randrange(max(puts, 1)))
        return op + (index if rng.random() < 0.97 else rng.choice(NUMBERS)) + b"\n"
    if code in b"ci":
        return op + b"".join(one_of(rng, NAMES[:5], NAMES) + b"\n" for _ in range(2))
    if code in opcodes.LINES:
        kind = {ord("S"): QUOTED, ord("F"): REALS, ord("V"): TEXTS, ord("P"): NAMES}.get(code, NUMBERS)
        end = b"L\n" if code == ord("L") and rng.random() < 0.5 else b"\n"
        return op + one_of(rng, kind[: len(kind) // 3 + 1], kind) + end
    if code in opcodes.PREFIXED:
        size = opcodes.PREFIXED[code]
        content = rng.choice(TEXTS[:8] if size == 1 else TEXTS) if rng.random() < 0.98 else rng.randbytes(3)
        return op + len(content).to_bytes(size, "little") + content
    if code == 0x95:
        return op + (0 if rng.random() < 0.95 else rng.choice((5, 1 << 40))).to_bytes(8, "little")
    return op + rng.randbytes(opcodes.FIXED[code])


class Stack:
    """What kinds of records lie on the stack of the machine, as far as it can be told."""

    def __init__(self):
        self.kinds = []
        self.marks = []

    def fits(self, wants):
        """Return how many records the opcode takes, counting no mark; None if they are not there."""
        place = len(self.kinds)
        floor = self.marks[-1] if self.marks else 0
        for want in wants:
            if want in (MARK, PAIRS):
                if not self.marks or (want == PAIRS and (place - floor) % 2):
                    return None
                place, floor = floor, self.marks[-2] if len(self.marks) > 1 else 0
                continue
            place -= 1
            if place < floor or (want != ANY and self.kinds[place] not in want):
                return None
        return len(self.kinds) - place

    def apply(self, wants, leaves):
        taken = self.fits(wants)
        if taken is None:
            return
        if leaves == "same":
            return
        if leaves is None:  # what is filled stays
            taken -= bool(wants) and wants not in ((ANY,), (MARK,))
        if wants and wants[0] in (MARK, PAIRS):
            self.marks.pop()
        copied = self.kinds[-1:]
        del self.kinds[len(self.kinds) - taken :]
        if leaves == "mark":
            self.marks.append(len(self.kinds))
        elif leaves == "copy":
            self.kinds += copied * 2
        elif leaves is not None:
            self.kinds.append(leaves)


def stream(rng, most=40):
    """Return a pickle of random opcodes, nearly all of which find on the stack what they want."""
    out, stack, puts = [], Stack(), 0
    pool = COMMON if rng.random() < 0.6 else bytes(EFFECTS)
    sloppy = rng.choice((0, 0, 0.002, 0.02))
    for _ in range(rng.randrange(1, most) * 4):
        code = rng.choice(pool)
        wants, leaves = EFFECTS[code]
        if (stack.fits(wants) is None or (code in b"ghj" and not puts)) and rng.random() >= sloppy:
            continue
        out.append(argument(rng, code, puts))
        stack.apply(wants, leaves)
        puts += code in b"qrp\x94"
    while stack.marks and rng.random() < 0.99:
        code = rng.choice(b"tleu")
        if stack.fits(EFFECTS[code][0]) is not None:
            out.append(bytes((code,)))
            stack.apply(*EFFECTS[code])
    if not stack.kinds:
        out.append(b"N")
    head = rng.choice((b"", b"\x80\x02", b"\x80\x04", b"\x80\x04\x95" + bytes(8), b"\x80\x05"))
    return head + b"".join(out) + rng.choice((*[b"."] * 20, b"0.", b"\x85.", b".N", b"e.", b""))


def tokens(data):
    """Return the opcodes of a pickle with their arguments; what cannot be read is the last of them."""
    found, position = [], 0
    while position < len(data):
        end = end_of(data, position)
        found.append(data[position:end])
        position = end
    return found


def end_of(data, position):
    code, begin = data[position], position + 1
    if code in opcodes.FIXED:
        return begin + opcodes.FIXED[code]
    if code in opcodes.PREFIXED:
        size = opcodes.PREFIXED[code]
        return begin + size + int.from_bytes(data[begin : begin + size], "little")
    for _ in range(opcodes.LINES.get(code, 0)):
        begin = data.find(b"\n", begin) + 1 or len(data)
    return begin


def changed(rng, data):
    """Return the pickle with a few opcodes or bytes removed, repeated, moved, replaced or added."""
    parts = tokens(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        place = rng.randrange(len(parts))
        kind = rng.randrange(7)
        if kind == 0:
            parts[place : place + 1] = [] if len(parts) > 1 else [b"N"]
        elif kind == 1:
            parts.insert(rng.randrange(len(parts)), parts[place])
        elif kind == 2:
            other = rng.randrange(len(parts))
            parts[place], parts[other] = parts[other], parts[place]
        elif kind == 3:
            parts[place] = argument(rng, rng.choice(bytes(EFFECTS)), place)
        elif kind == 4:
            parts.insert(place, argument(rng, rng.choice(bytes(EFFECTS)), place))
        elif kind == 5 and parts[place]:
            part = bytearray(parts[place])
            part[rng.randrange(len(part))] = rng.randrange(256)
            parts[place] = bytes(part)
        else:
            parts[place] = parts[place][: rng.randrange(len(parts[place]) + 1)] or b"\x98"
    return b"".join(parts)
