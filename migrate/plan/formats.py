"""Which format of its own another library has for its models, for sites that are left with one."""

from __future__ import annotations

_FORMATS = {
    "torch": "safetensors.torch.save_model and load_model keep its tensors, and nothing in the file can run",
    "sklearn": "skops.io.dump and load keep it, and load only types that you name",
    "xgboost": "its own save_model and load_model write JSON",
    "lightgbm": "its own save_model writes text",
    "catboost": "its own save_model and load_model need no pickle",
    "keras": 'its own save("….keras") needs no pickle',
    "tensorflow": 'its own save("….keras") needs no pickle',
    "scipy": "scipy.sparse.save_npz and load_npz keep sparse matrices; numpy.save keeps arrays",
}


def format_of(dotted: str) -> str:
    """Return what to use for an object of a library, named by anything in it; empty if nothing is known."""
    return _FORMATS.get(dotted.partition(".")[0], "")
