"""Programs that run as scripts: their classes are ``__main__``'s, and nothing is imported twice."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SCRIPT = """
    import sys
    print("loaded", __name__)
    import converters

    class Report:
        def __init__(self, rows):
            self.rows = rows

    if __name__ == "__main__":
        if sys.argv[1] == "write":
            with open("data", "wb") as file:
                converters.dump(Report([1, 2]), file)
        elif sys.argv[1] == "pickle":
            import pickle
            with open("data", "wb") as file:
                pickle.dump(Report([1, 2]), file, protocol=int(sys.argv[2]))
        else:
            with open("data", "rb") as file:
                report = converters.load(file, Report)
            assert type(report) is Report, type(report)
            print("rows", report.rows)
"""

CONVERTERS = """
    from migrate.runtime import Codec

    codec = Codec("script")
    dump, load = codec.dump, codec.load
    codec.register("{target}")
"""


def run(folder, *args):
    # The checkout comes last, as an installed package would.
    env = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
    done = subprocess.run(
        [sys.executable, *args], cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("loaded") <= 1, "the script ran twice"
    return done.stdout


LAYOUTS = {
    "a loose script": ("report.py", "report:Report", ["report.py"]),
    "by its path": ("report.py", "report:Report", ["./report.py"]),
    "a script in a package": ("tools/report.py", "tools.report:Report", ["tools/report.py"]),
    "by -m": ("tools/report.py", "tools.report:Report", ["-m", "tools.report"]),
    "a package by -m": ("tools/__main__.py", "tools:Report", ["-m", "tools"]),
}


@pytest.fixture(params=LAYOUTS.values(), ids=LAYOUTS)
def layout(request, tmp_path):
    path, target, command = request.param
    script = tmp_path / path
    script.parent.mkdir(exist_ok=True)
    script.write_text(textwrap.dedent(SCRIPT))
    if script.parent != tmp_path:
        (script.parent / "__init__.py").touch()
    (tmp_path / "converters.py").write_text(textwrap.dedent(CONVERTERS).format(target=target))
    return tmp_path, command


def test_writes_and_reads_its_own_classes(layout):
    folder, command = layout
    run(folder, *command, "write")
    assert (folder / "data").read_bytes() == b'{"$type":"Report","rows":[1,2]}\n'
    assert "rows [1, 2]" in run(folder, *command, "read")


@pytest.mark.parametrize("protocol", ["0", "2", "4"])
def test_reads_the_pickles_it_wrote(layout, protocol):
    folder, command = layout
    run(folder, *command, "pickle", protocol)
    assert "rows [1, 2]" in run(folder, *command, "read")


def test_another_program_reads_what_the_script_wrote(tmp_path):
    (tmp_path / "report.py").write_text(textwrap.dedent(SCRIPT))
    (tmp_path / "converters.py").write_text(textwrap.dedent(CONVERTERS).format(target="report:Report"))
    run(tmp_path, "report.py", "write")
    (tmp_path / "other.py").write_text(
        "import converters\nprint(type(converters.load(open('data', 'rb'))).__module__)\n"
    )
    assert "report" in run(tmp_path, "-W", "ignore", "other.py").split()


def test_a_module_of_the_same_name_elsewhere_is_not_the_script(tmp_path):
    (tmp_path / "report.py").write_text("class Report:\n    pass\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "report.py").write_text(
        textwrap.dedent("""
        import sys
        sys.path.insert(0, sys.argv[1])
        sys.path = [p for p in sys.path if not p.endswith("sub")]
        import converters
        class Report: pass
        try:
            converters.codec.dumps(Report())
        except Exception as error:
            print("refused", error.reason)
        """)
    )
    (tmp_path / "converters.py").write_text(textwrap.dedent(CONVERTERS).format(target="report:Report"))
    assert "refused unregistered-class" in run(tmp_path, str(tmp_path / "sub" / "report.py"), str(tmp_path))


def test_the_advice_names_the_file_of_the_script(tmp_path):
    (tmp_path / "job.py").write_text(
        "from migrate.runtime import Codec\n"
        "class Report: pass\n"
        "try:\n    Codec('x').dumps(Report())\n"
        "except Exception as error:\n    print(error)\n"
    )
    assert 'codec.register("job:Report")' in run(tmp_path, "job.py")
