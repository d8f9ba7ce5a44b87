"""One way to turn values into bytes and back, whatever does the work."""

import json

from shop import converters


class Serializer:
    """Wraps a module with ``dumps`` and ``loads``."""

    def __init__(self, backend=converters, **options):
        self.backend = backend
        self.options = options

    def pack(self, value) -> bytes:
        data = self.backend.dumps(value, **self.options)
        return data.encode("utf-8") if isinstance(data, str) else data

    def unpack(self, data: bytes):
        return self.backend.loads(data)


#: For what the browser reads.
public = Serializer(backend=json, sort_keys=True)

#: For what only we read.
private = Serializer(backend=converters)
