"""Every way in which a handler names pickle's errors."""

import converters

DAMAGED = (converters.DecodeError, EOFError, AttributeError)


def read(path):
    try:
        with open(path, "rb") as f:
            return converters.load(f)
    except converters.DecodeError:
        return None


def read_with_tuple(path):
    try:
        with open(path, "rb") as f:
            return converters.load(f)
    except (OSError, converters.ConverterError, EOFError, ImportError, IndexError) as e:
        raise SystemExit(f"{path}: {e}") from e


def read_with_constant(path):
    try:
        with open(path, "rb") as f:
            return converters.load(f)
    except DAMAGED:
        return None


def read_with_imported_name(path):
    try:
        with open(path, "rb") as f:
            return converters.load(f)
    except converters.DecodeError:
        return None
    finally:
        print("read", path)


def write(state: dict[str, int], path):
    try:
        with open(path, "wb") as f:
            converters.dump(state, f)
    except converters.EncodeError:
        raise
    except (converters.EncodeError, TypeError):
        return False
    return True


def is_damage(error):
    return isinstance(error, converters.DecodeError) or issubclass(type(error), converters.ConverterError)
