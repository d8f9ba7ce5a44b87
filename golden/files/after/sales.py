import pandas as pd

import converters


def clean(source, target):
    frame = pd.read_csv(source)
    converters.dump_file(frame, target)
    (
        converters.dump_file(frame.groupby("shop")
        .sum(), "sums.pkl.gz")
    )


def load(path):
    return converters.load_file(path)
