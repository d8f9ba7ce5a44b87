"""Finds every use of pickle and its relatives in source.

Pure: paths and bytes in, sites out. Only `migrate.sites.tree` reads files.
"""

from migrate.sites.find import find_sites, is_test, search
from migrate.sites.modules import Modules, import_roots, module_name
from migrate.sites.traces import Traces

__all__ = ["Modules", "Traces", "find_sites", "import_roots", "is_test", "module_name", "search"]
