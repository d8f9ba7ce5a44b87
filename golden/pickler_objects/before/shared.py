"""Picklers that remember: the second dump may refer to what the first one wrote."""

import pickle


def one_after_the_other(points, path):
    with open(path, "wb") as f:
        out = pickle.Pickler(f)
        for point in points:
            out.dump(point)


def forgetful(points, path):
    with open(path, "wb") as f:
        out = pickle.Pickler(f, -1)
        for point in points:
            out.clear_memo()
            out.dump(point)
