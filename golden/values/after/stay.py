"""Uses of pickle that stay, each for a reason of its own."""

import copyreg
import hashlib
import importlib
import multiprocessing
import pickle


def copy(x):
    return pickle.loads(pickle.dumps(x, -1))


def key(x):
    return hashlib.md5(pickle.dumps(x)).hexdigest()


def by_name(name, x):
    return importlib.import_module(name).dumps(x), getattr(pickle, name)


def with_stars(*args, **kwargs):
    return pickle.dumps(*args, **kwargs)


def to_child(x):
    ours, theirs = multiprocessing.Pipe()
    multiprocessing.Process(target=print, args=(theirs,)).start()
    ours.send_bytes(pickle.dumps(x))


copyreg.pickle(range, lambda r: (range, (r.start, r.stop, r.step)))
