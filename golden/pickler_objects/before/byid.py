"""A pickler that keeps some objects outside."""

import io
import pickle


class ById(pickle.Pickler):
    index = {}

    def persistent_id(self, obj):
        return id(obj) if id(obj) in self.index else None


def without_the_index(points):
    buffer = io.BytesIO()
    ById(buffer).dump(points)
    return buffer.getvalue()
