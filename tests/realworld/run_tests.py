"""pytest with ``unittest.main`` taken out: old test modules call it when they are imported.

With ``WITHOUT_MODULE`` in the environment, the module of that name cannot be imported.
"""

import os
import sys
import unittest

import pytest


class Gone:
    """Refuses the import of one module, as if it were not installed."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == os.environ["WITHOUT_MODULE"]:
            raise ModuleNotFoundError(name)


if "WITHOUT_MODULE" in os.environ:
    sys.meta_path.insert(0, Gone())
unittest.main = lambda *args, **kwargs: None
sys.path.insert(0, "")
sys.exit(pytest.main(sys.argv[1:]))
