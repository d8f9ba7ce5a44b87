"""What stays: a class that makes up classes, and picklers that write something else."""

import copyreg
import io
import pickle


class Missing:
    pass


class Lenient(pickle.Unpickler):
    def find_class(self, module, name):
        try:
            return super().find_class(module, name)
        except (ImportError, AttributeError):
            return type(name, (Missing,), {"__module__": module})


class Compact(pickle.Pickler):
    dispatch_table = copyreg.dispatch_table.copy()


class Reduced(pickle.Pickler):
    def reducer_override(self, obj):
        return NotImplemented


def lenient(data):
    return Lenient(io.BytesIO(data)).load()


def compact(value):
    out = io.BytesIO()
    Compact(out).dump(value)
    Reduced(out).dump(value)
    return out.getvalue()
