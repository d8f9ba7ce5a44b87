"""Every way in which a handler names pickle's errors."""

import pickle
import pickle as p
from pickle import PicklingError, UnpicklingError

DAMAGED = (pickle.UnpicklingError, EOFError, AttributeError)


def read(path):
    try:
        with open(path, "rb") as f:
            return pickle.load(f)
    except pickle.UnpicklingError:
        return None


def read_with_tuple(path):
    try:
        with open(path, "rb") as f:
            return pickle.load(f)
    except (OSError, pickle.PickleError, EOFError, ImportError, IndexError) as e:
        raise SystemExit(f"{path}: {e}") from e


def read_with_constant(path):
    try:
        with open(path, "rb") as f:
            return pickle.load(f)
    except DAMAGED:
        return None


def read_with_imported_name(path):
    try:
        with open(path, "rb") as f:
            return p.load(f)
    except UnpicklingError:
        return None
    finally:
        print("read", path)


def write(state: dict[str, int], path):
    try:
        with open(path, "wb") as f:
            p.dump(state, f)
    except PicklingError:
        raise
    except (p.PicklingError, TypeError):
        return False
    return True


def is_damage(error):
    return isinstance(error, pickle.UnpicklingError) or issubclass(type(error), p.PickleError)
