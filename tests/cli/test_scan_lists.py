"""What `scan` prints of trees with more classes than anybody reads."""

import json

from click.testing import CliRunner

from migrate.cli import cli
from migrate.cli.scan import _MOST_ROWS

STORE = """
import pickle

def save(value, file):
    pickle.dump(value, file)
"""


def scan(root, *options):
    done = CliRunner().invoke(cli, ["scan", str(root), *options])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_long_list_of_classes_is_cut_and_the_document_has_all(tmp_path):
    many = _MOST_ROWS + 7
    classes = "".join(
        f"class C{number}:\n    def __init__(self):\n        self.next = C{number + 1}()\n"
        for number in range(many - 1)
    )
    last = f"class C{many - 1}:\n    pass\n"
    (tmp_path / "store.py").write_text(STORE + classes + last + "save(C0(), None)\n")
    text = scan(tmp_path)
    assert text.count("plain") == _MOST_ROWS
    assert "… and 7 more; --json has all of them." in text
    assert len(json.loads(scan(tmp_path, "--json"))["classes"]) == many


def test_classes_that_are_guessed_are_not_in_the_list_and_the_document_says_so(tmp_path):
    classes = "".join(f"class C{number}:\n    pass\n" for number in range(5))
    (tmp_path / "store.py").write_text(STORE + classes + "save(C4(), None)\nsave(anything, None)\n")
    text = " ".join(scan(tmp_path).split())
    assert text.count("plain class") == 1
    assert (
        "A guess, because of the open sites: 4 more classes could flow there "
        "(store:C0, store:C1, store:C2 …; --json has all of them)." in text
    )
    assert "0 manual; 1 class;" in text
    guessed = {c["class"]: c["guessed"] for c in json.loads(scan(tmp_path, "--json"))["classes"]}
    assert guessed == {f"store:C{number}": number < 4 for number in range(5)}


def test_a_list_that_can_be_read_is_printed_whole(tmp_path):
    (tmp_path / "store.py").write_text(STORE + "class Order:\n    pass\n")
    assert "more; --json" not in scan(tmp_path)
