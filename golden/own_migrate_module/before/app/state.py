import pickle


class State:
    def __init__(self):
        self.version = 1
        self.users = {}

    @classmethod
    def read(cls, path):
        try:
            with open(path, "rb") as f:
                return pickle.load(f)
        except FileNotFoundError:
            return cls()

    def write(self, path):
        with open(path, "wb") as f:
            pickle.dump(self, f)
