"""An index with stored fields, numbers, dates and an analyser."""

from datetime import datetime
from pathlib import Path

from common import main
from whoosh import fields, index
from whoosh.analysis import StemmingAnalyzer
from whoosh.qparser import QueryParser

SCHEMA = fields.Schema(
    title=fields.TEXT(stored=True),
    body=fields.TEXT(analyzer=StemmingAnalyzer()),
    tags=fields.KEYWORD(stored=True, commas=True),
    year=fields.NUMERIC(stored=True, sortable=True),
    when=fields.DATETIME(stored=True),
)


def write(folder: Path) -> None:
    writer = index.create_in(str(folder), SCHEMA).writer()
    for number, word in enumerate(("fishing", "fished", "größe"), 1):
        writer.add_document(
            title=f"Doc {number}",
            body=f"about {word}",
            tags="a,b",
            year=2000 + number,
            when=datetime(2020, 1, number),
        )
    writer.commit()


def show(folder: Path) -> object:
    opened = index.open_dir(str(folder))
    with opened.searcher() as searcher:
        found = [
            (
                text,
                [
                    sorted(hit.fields().items())
                    for hit in searcher.search(QueryParser("body", opened.schema).parse(text))
                ],
            )
            for text in ("fish", "größe", "year:2002")
        ]
    return opened.schema.names(), [repr(f) for _, f in opened.schema.items()], opened.doc_count(), found


main(write, show)
