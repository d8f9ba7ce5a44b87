from joblib import Parallel, delayed, dump
from sklearn.svm import SVC


def train(tables, path):
    model = SVC()
    Parallel(2)(delayed(model.fit)(*table) for table in tables)
    dump(model, path)
