"""Other files, and users of the library, take pickle from here."""

import pickle
from pickle import *

__all__ = ["pickle"]
