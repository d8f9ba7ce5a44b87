"""The statistics of a run of pylint."""

import os
import sys
from pathlib import Path

os.environ["PYLINTHOME"] = str(Path(sys.argv[2]) / "home")

from common import main, picture
from pylint.lint.caching import load_results, save_results
from pylint.lint.run import Run


def write(folder: Path) -> None:
    (folder / "sample.py").write_text("import os\nx=1\ndef F(a,b): return a\n")
    run = Run([str(folder / "sample.py"), "--persistent=n", "--reports=n", "--score=n"], exit=False)
    save_results(run.linter.stats, "sample")


def show(folder: Path) -> object:
    stats = load_results("sample")
    return type(stats).__name__, picture(vars(stats))


main(write, show)
