import pandas as pd


def clean(source, target):
    frame = pd.read_csv(source)
    frame.to_pickle(target)
    (
        frame.groupby("shop")
        .sum()
        .to_pickle("sums.pkl.gz", protocol=4)
    )


def load(path):
    return pd.read_pickle(path)
