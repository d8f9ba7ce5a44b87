"""The examples of the pages about other libraries' files, run as they stand there."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from migrate.runtime import Codec, differences

REASONS = Path(__file__).resolve().parents[2] / "docs" / "reasons"


def example(page: str, words: str) -> str:
    """Return the block of Python on a page that holds ``words``."""
    text = (REASONS / f"{page}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, flags=re.M | re.S)
    (found,) = (block for block in blocks if words in block)
    return found


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder to write to, and a package with a converters module."""
    monkeypatch.chdir(tmp_path)
    codec = Codec("shop", stage="json")
    package: Any = ModuleType("shop")
    package.converters = SimpleNamespace(dump_file=codec.dump_file, load_file=codec.load_file)
    monkeypatch.setitem(sys.modules, "shop", package)


def run(block: str, **names: Any) -> dict[str, Any]:
    exec(block, names)
    return names


def test_arrays_of_texts():
    pytest.importorskip("numpy")
    assert run(example("object-array", "astype(str)"))["names"] == ["Ada", "Bob"]


def test_arrays_in_files_of_numpy():
    numpy = pytest.importorskip("numpy")
    weights, bias = numpy.eye(3), numpy.arange(4)
    after = run(example("model-file", "savez"), weights=weights, bias=bias)
    assert differences(weights, after["weights"]) == []
    assert differences(bias, after["bias"]) == []


def test_plain_data_and_what_joblib_wrote():
    numpy = pytest.importorskip("numpy")
    joblib = pytest.importorskip("joblib")
    names = {"weights": numpy.eye(3), "names": ["a", "b"]}
    block = example("model-file", "dump_file")
    assert differences(run(block, **names)["state"], names) == []
    joblib.dump(names, "state.json.gz")
    reading = block.replace("converters.dump_file(", "str(", 1).replace(', "state.json.gz")\n', ")\n", 1)
    assert differences(run(reading, **names)["state"], names) == []


@pytest.mark.parametrize("words", ["dump_file", "to_parquet"])
def test_frames(words: str):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pandas.DataFrame(
        {
            "when": pandas.to_datetime(["2024-02-29", "2025-01-01"]).tz_localize("Europe/Berlin"),
            "kind": pandas.Categorical(["a", "b"]),
            "count": [1, 2],
        },
        index=pandas.Index(["x", "y"], name="shop"),
    )
    after = run(example("frame-file", words), frame=frame, pandas=pandas)
    pandas.testing.assert_frame_equal(after["frame"], frame)


def test_what_parquet_is_said_to_refuse():
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    for frame in (
        pandas.DataFrame([[1, 2]], columns=["a", "a"]),
        pandas.DataFrame({"a": pandas.arrays.SparseArray([0, 1])}),
        pandas.DataFrame({"a": [1, "x"]}),
        pandas.DataFrame({"a": [object()]}),
    ):
        with pytest.raises((ValueError, TypeError)):
            frame.to_parquet("refused.parquet")


def test_a_model_of_scikit_learn():
    pytest.importorskip("skops")
    linear = pytest.importorskip("sklearn.linear_model")
    model = linear.LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0])
    after = run(example("model-file", "skops.io.dump"), model=model)
    assert after["unknown"] == []
    assert after["model"].predict([[3.0]]) == pytest.approx([3.0])


def test_a_model_of_pytorch():
    torch = pytest.importorskip("torch")
    pytest.importorskip("safetensors")

    def make() -> Any:
        return torch.nn.Linear(2, 1)

    model = make()
    after = run(example("model-file", "save_model"), model=model, Net=make)
    assert torch.equal(model.weight, after["model"].weight)
