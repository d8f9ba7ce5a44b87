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
    classes = "".join(f"class C{number}:\n    pass\n" for number in range(many))
    (tmp_path / "store.py").write_text(STORE + classes)
    text = scan(tmp_path)
    assert text.count("plain") == _MOST_ROWS
    assert "… and 7 more; --json has all of them." in text
    assert len(json.loads(scan(tmp_path, "--json"))["classes"]) == many


def test_a_list_that_can_be_read_is_printed_whole(tmp_path):
    (tmp_path / "store.py").write_text(STORE + "class Order:\n    pass\n")
    assert "more; --json" not in scan(tmp_path)
