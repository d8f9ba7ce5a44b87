from app import converters


class State:
    def __init__(self):
        self.version = 1
        self.users = {}

    @classmethod
    def read(cls, path):
        try:
            with open(path, "rb") as f:
                return converters.load(f)
        except FileNotFoundError:
            return cls()

    def write(self, path):
        with open(path, "wb") as f:
            converters.dump(self, f)
