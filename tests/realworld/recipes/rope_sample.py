"""The object database and the history of a rope project."""

from pathlib import Path

from common import main, picture
from rope.base.project import Project
from rope.refactor.rename import Rename

CODE = """
def double(x):
    return [x, x]


class Pair:
    def __init__(self, a):
        self.a = a


pair = Pair(double(1))
names = {}
names['one'] = pair
"""
PREFS = {"save_objectdb": True, "save_history": True, "automatic_soa": True, "compress_history": False}


def write(folder: Path) -> None:
    (folder / "sample.py").write_text(CODE)
    project = Project(str(folder), **PREFS)
    resource = project.get_resource("sample.py")
    project.pycore.analyze_module(resource)
    project.do(Rename(project, resource, CODE.index("double")).get_changes("twice"))
    project.close()


def show(folder: Path) -> object:
    project = Project(str(folder), **PREFS)
    assert (folder / ".ropeproject" / "objectdb").exists()
    database = project.pycore.object_info.objectdb.files
    scopes = {
        (path, scope): (picture(info), picture(info.call_info), picture(info.per_name))
        for path in database
        for scope, info in database[path].scopes.items()
    }
    project.history.undo()
    return scopes, (folder / "sample.py").read_text()


main(write, show)
