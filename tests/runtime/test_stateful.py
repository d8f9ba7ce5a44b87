"""A file that writers of all formats append to and a reader seeks in: a model of it, by hypothesis."""

import io
import pickle

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from migrate.runtime import Keys, differences
from tests.runtime.conftest import make_codec
from tests.runtime.test_properties import values

KEYS = Keys({"new": b"n" * 32, "old": b"o" * 32})
PLAIN = [make_codec(format=name, unsigned="accept") for name in ("json", "yaml", "msgpack", "cbor")]
WRITERS = [*PLAIN, make_codec(signing=KEYS, format="cbor"), make_codec(encryption=KEYS)]
READER = make_codec(signing=KEYS, encryption=KEYS, unsigned="accept")


class File(RuleBasedStateMachine):
    """The file, and what must be in it: (offset, value)."""

    def __init__(self):
        super().__init__()
        self.file = io.BytesIO()
        self.written = []

    def append(self, data, value):
        self.written.append((self.file.seek(0, io.SEEK_END), value))
        self.file.write(data)

    @rule(value=values, writer=st.sampled_from(WRITERS))
    def write_a_record(self, value, writer):
        self.append(writer.dumps(value), value)

    @rule(value=st.lists(st.integers() | st.text()), protocol=st.integers(0, 5))
    def write_a_pickle(self, value, protocol):
        data = pickle.dumps(value, protocol)
        self.append(data, value)

    @rule(items=st.lists(values, max_size=4), writer=st.sampled_from(WRITERS))
    def write_a_stream(self, items, writer):
        value = list(items)
        offset = self.file.seek(0, io.SEEK_END)
        writer.dump_items(iter(items), self.file)
        self.written.append((offset, value))

    @rule()
    def write_a_blank_line(self):
        self.file.seek(0, io.SEEK_END)
        self.file.write(b"\n")

    @rule(data=st.data())
    def seek_and_read(self, data):
        if not self.written:
            return
        number = data.draw(st.integers(0, len(self.written) - 1))
        offset, value = self.written[number]
        self.file.seek(offset)
        assert differences(value, READER.load(self.file)) == []
        if number + 1 < len(self.written):
            assert differences(self.written[number + 1][1], READER.load(self.file)) == []

    @rule()
    def read_all(self):
        self.file.seek(0)
        for _, value in self.written:
            assert differences(value, READER.load(self.file)) == []
        try:
            READER.load(self.file)
        except EOFError as error:
            assert type(error) is EOFError
        else:
            raise AssertionError("there is something at the end of the file")

    @invariant()
    def offsets_grow(self):
        offsets = [offset for offset, _ in self.written]
        assert offsets == sorted(set(offsets))


TestFile = File.TestCase
TestFile.settings = settings(
    max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
