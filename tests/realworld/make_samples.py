"""Let packages of truth_sites.toml write small pickles by their own code: samples/NAME/*.pickle, which are kept.

    python tests/realworld/make_samples.py NAME

Run it by an interpreter that has what the package needs. They are given to the tool as ``--data`` gives it the
pickles of a user.
"""

# ruff: noqa: E501
from __future__ import annotations

import importlib
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def parso(folder: Path) -> list[bytes]:
    """Cache two parsed modules."""
    grammar = importlib.import_module("parso").load_grammar()
    sources = (
        "import a.b as c\nfrom d import e\n\n\nclass F(G):\n    def f(self, x=1):\n        return x + 1 if x else -x\n",
        "for a in 'b':\n    with a as c: print(f'{c}')\nwhile not a:\n    a = [x for x in a]\n",
    )
    for number, source in enumerate(sources):
        file = folder / f"{number}.py"
        file.write_text(source)
        grammar.parse(path=str(file), cache=True, cache_path=folder / "cache")
    return [file.read_bytes() for file in sorted((folder / "cache").rglob("*.pkl"))]


def rope(folder: Path) -> list[bytes]:
    """Analyse a module and rename something in it."""
    _recipe("rope_sample", folder)
    return [(folder / ".ropeproject" / name).read_bytes() for name in ("objectdb", "history")]


def ply(folder: Path) -> list[bytes]:
    """Write the tables of a small grammar."""
    _recipe("ply_sample", folder)
    return [(folder / "tables.pickle").read_bytes()]


def whoosh(folder: Path) -> list[bytes]:
    """Make an index with a document; what its table of contents and its files hold as pickles."""
    fields, index = importlib.import_module("whoosh.fields"), importlib.import_module("whoosh.index")
    schema = fields.Schema(a=fields.TEXT(stored=True), b=fields.ID, c=fields.NUMERIC, d=fields.KEYWORD)
    made = index.create_in(str(folder), schema)
    writer = made.writer()
    writer.add_document(a="one two two", b="x", c=1, d="k")
    writer.commit()
    return [pickle.dumps(made.schema, 2), pickle.dumps(made._segments(), 2)]


def huey(folder: Path) -> list[bytes]:
    """Send a task, and keep an error and a result."""
    made = importlib.import_module("huey").MemoryHuey()
    task = made.task()(_added)
    made.enqueue(task.s(1, b=2))
    message = made.serialize_task(task.s(1, b=2))
    error = made.serializer.serialize(
        importlib.import_module("huey.utils").Error({"error": "x", "retries": 0})
    )
    return [message, error, made.serializer.serialize(3)]


def webpy(folder: Path) -> list[bytes]:
    """Save a session."""
    session = importlib.import_module("web.session")
    store = session.DiskStore(str(folder))
    store["a"] = {"count": 1, "name": "x", "session_id": "a", "ip": "127.0.0.1"}
    text = (folder / "a").read_bytes()
    return [importlib.import_module("base64").decodebytes(text)]


def luigi(folder: Path) -> list[bytes]:
    """Save the state of a scheduler that knows of a task and a worker."""
    scheduler = importlib.import_module("luigi.scheduler")
    made = scheduler.Scheduler(state_path=str(folder / "state"), record_task_history=False)
    made.add_task(worker="w", task_id="t", status="PENDING", deps=["u"], params={"a": "1"}, family="T")
    made.get_work(worker="w")
    made.dump()
    return [(folder / "state").read_bytes()]


def nltk(folder: Path) -> list[bytes]:
    """Train a tagger as the demonstration does, and parse a sentence."""
    tag, brill = importlib.import_module("nltk.tag"), importlib.import_module("nltk.tag.brill")
    trainer = importlib.import_module("nltk.tag.brill_trainer")
    template = importlib.import_module("nltk.tbl.template").Template
    words = [
        [("the", "DT"), ("dog", "NN"), ("runs", "VB")],
        [("the", "DT"), ("run", "NN")],
        [("dogs", "NN")],
    ] * 3
    first = tag.UnigramTagger(words[:2], backoff=tag.RegexpTagger([(".*", "NN")]))
    templates = [template(brill.Pos([-1])), template(brill.Word([0]))]
    trained = trainer.BrillTaggerTrainer(first, templates, trace=0).train(words, min_score=1)
    perceptron = importlib.import_module("nltk.tag.perceptron").PerceptronTagger(load=False)
    perceptron.train(words, str(folder / "weights"))
    return [pickle.dumps(first, 2), pickle.dumps(trained, 2), (folder / "weights").read_bytes()]


def _recipe(name: str, folder: Path) -> None:
    """Let the script that the suite of rewritten packages has write its samples."""
    command = [sys.executable, "-W", "ignore", str(HERE / "recipes" / f"{name}.py"), "write", str(folder)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})


def _added(a: int, b: int) -> int:
    return a + b


MAKERS = {
    "parso": parso, "rope": rope, "ply": ply, "Whoosh": whoosh, "huey": huey, "web.py": webpy, "luigi": luigi,
    "nltk": nltk,
}  # fmt: skip


def main() -> None:
    """Write the samples of the packages that are named."""
    import instances

    for name in sys.argv[1:]:
        sys.path[:0] = instances.roots(name)
        target = HERE / "samples" / name
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as folder:
            for number, data in enumerate(MAKERS[name](Path(folder))):
                (target / f"{number}.pickle").write_bytes(data)


if __name__ == "__main__":
    main()
