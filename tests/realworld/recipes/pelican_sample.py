"""Pages in the cache of pelican's readers."""

from pathlib import Path

from common import main, picture
from pelican.readers import Readers
from pelican.settings import DEFAULT_CONFIG

POST = """Title: Größe
Date: 2020-02-03 04:05
Category: Yeah
Tags: one, two
Author: Ada

Hello <b>there</b>.
"""


def readers(folder: Path) -> Readers:
    settings = {
        **DEFAULT_CONFIG,
        "CACHE_PATH": str(folder / "cache"),
        "CACHE_CONTENT": True,
        "LOAD_CONTENT_CACHE": True,
        "CONTENT_CACHING_LAYER": "reader",
        "TIMEZONE": "UTC",
    }
    return Readers(settings, "sample")


def write(folder: Path) -> None:
    (folder / "post.md").write_text(POST, encoding="utf-8")
    cache = readers(folder)
    cache.read_file(str(folder), "post.md")
    cache.save_cache()


def show(folder: Path) -> object:
    ((name, (_stamp, (content, metadata))),) = readers(folder)._cache.items()
    return Path(name).name, content, {k: described(v) for k, v in metadata.items()}


def described(value):
    if isinstance(value, list):
        return [described(v) for v in value]
    if hasattr(value, "slug"):
        return type(value).__name__, value.name, value.slug, value.url, sorted(vars(value))
    return picture(value)


main(write, show)
