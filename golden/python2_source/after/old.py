# Python 2, and never to be anything else.
import cPickle


def save(scores, path):
    print "saving", path
    cPickle.dump(scores, open(path, "wb"), 2)
