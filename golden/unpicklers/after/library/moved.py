"""An unpickler that knows where classes were before: its names become aliases."""

import pickle

from library import converters
from library.models import Loan


class MovedUnpickler(pickle.Unpickler):
    MODULES = {"library.book": "library.models"}

    def find_class(self, module, name):
        if (module, name) == ("library.desk", "Lending"):
            return Loan
        module = self.MODULES.get(module, module)
        return super().find_class(module, name)


def save(loan: Loan, path):
    with open(path, "wb") as f:
        converters.dump(loan, f)


def load(path) -> Loan:
    with open(path, "rb") as f:
        return converters.load(f)
