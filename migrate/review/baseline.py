"""The baseline of `guard`: the sites that are known, so that only a new one fails.

An entry is a path, a scope, the text of the site without its layout, and how many such sites there are. So
lines may move. A file that was renamed takes its entries along. A baseline may shrink; to let it grow takes a
reason, which it keeps.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from attrs import asdict, evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from migrate.model import Site

_VERSION = 1
_Key = tuple[str, str, str]


class BaselineError(ValueError):
    """A baseline file that cannot be used; the message says why and what to do."""


@frozen(order=True)
class Entry:
    """So many sites of one text in one scope of one file."""

    path: str
    scope: str
    text: str
    count: int = 1
    why: str = ""
    """The reason given when it was added to a baseline that existed already."""

    @property
    def key(self) -> _Key:
        """What the entry is known by."""
        return (self.path, self.scope, self.text)


@frozen
class Comparison:
    """A tree against a baseline."""

    new: tuple[Site, ...]
    known: tuple[Site, ...]
    gone: tuple[Entry, ...]
    """What the baseline holds and the tree does not, with how many."""
    kept_entries: tuple[Entry, ...]
    """The baseline without what is gone, renamed files under their new names."""

    def grown(self, why: str) -> tuple[Entry, ...]:
        """Return the entries with the new sites added, for the reason ``why``."""
        entries = {entry.key: entry for entry in self.kept_entries}
        for key, number in Counter(map(key_of, self.new)).items():
            known = entries.get(key)
            reasons = "; ".join(dict.fromkeys(r for r in (known.why if known else "", why) if r))
            entries[key] = Entry(*key, count=number + (known.count if known else 0), why=reasons)
        return tuple(sorted(entries.values()))


def key_of(site: Site) -> _Key:
    """Return what a site is known by in a baseline."""
    return (site.path, site.scope, " ".join(site.text.split()))


def compare(
    sites: Iterable[Site], baseline: Iterable[Entry], *, present: Container[str], looked_at: Container[str]
) -> Comparison:
    """Compare ``sites``, in their order, with ``baseline``.

    ``present`` are the paths of all files of the tree, ``looked_at`` those whose sites are given. Of several
    equal sites the last ones are new. An entry whose file is gone stands for an equal site in another file.
    """
    entries = tuple(baseline)
    left = Counter({entry.key: entry.count for entry in entries})
    reasons = {entry.key: entry.why for entry in entries}
    known: list[Site] = []
    unknown: list[Site] = []
    for site in sites:
        (known if _take(left, key_of(site)) else unknown).append(site)
    moved: defaultdict[tuple[str, str], list[_Key]] = defaultdict(list)
    for key, count in sorted(left.items()):
        if key[0] not in present:
            moved[key[1:]] += [key] * count
    new: list[Site] = []
    for site in unknown:
        key = key_of(site)
        old = moved[key[1:]].pop(0) if moved[key[1:]] else None
        if old is not None:
            _take(left, old)
            reasons.setdefault(key, reasons[old])
        (new if old is None else known).append(site)
    known.sort(key=lambda site: (site.path, site.span))
    over = [evolve(entry, count=left[entry.key]) for entry in entries if left[entry.key]]
    gone = [entry for entry in over if entry.path in looked_at or entry.path not in present]
    counts = Counter(map(key_of, known)) + Counter({e.key: e.count for e in over if e not in gone})
    kept = [Entry(*key, count=count, why=reasons.get(key, "")) for key, count in counts.items()]
    return Comparison(tuple(new), tuple(known), tuple(sorted(gone)), tuple(sorted(kept)))


def _take(left: Counter[_Key], key: _Key) -> bool:
    """Take one of ``key``, if there is one left."""
    if not left[key]:
        return False
    left[key] -= 1
    return True


def read_stages(text: str, name: str) -> dict[str, str]:
    """Read the stages that stores had reached, from the text of a baseline. Raises `BaselineError`."""
    stages = _parsed(text, name).get("stages", {})
    if not isinstance(stages, dict) or not all(isinstance(word, str) for word in stages.values()):
        raise BaselineError(f"{name}: `stages` holds a stage for the name of each store.")
    return stages


def read_baseline(text: str, name: str) -> tuple[Entry, ...]:
    """Read a baseline from the text of the file ``name``. Raises `BaselineError`."""
    document = _parsed(text, name)
    entries = [_entry(item, f"{name}, sites[{index}]") for index, item in enumerate(document["sites"])]
    twice = [key for key, number in Counter(entry.key for entry in entries).items() if number > 1]
    if twice:
        path, scope, site = twice[0]
        message = f"{name} has two entries for `{site}` in {path} {scope}".rstrip()
        raise BaselineError(f"{message}, perhaps from a merge; delete one and run --update.")
    return tuple(entries)


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise BaselineError(f"{name} is no JSON: {error}. Restore it from version control.") from error
    if not isinstance(document, dict) or not isinstance(document.get("sites"), list):
        raise BaselineError(f"{name} is no baseline of pickle-migrate: it has no list `sites`.")
    if document.get("version") != _VERSION:
        message = f"{name} has version {document.get('version')!r}; this release reads version {_VERSION}."
        raise BaselineError(message)
    return document


def write_baseline(entries: Iterable[Entry], stages: Mapping[str, str] | None = None) -> str:
    """Return the text of a baseline: one line for each entry, sorted, so that merges are quiet.

    ``stages`` are the stages that stores have reached.
    """
    rows = [json.dumps(_row(entry), ensure_ascii=False) for entry in sorted(entries)]
    sites = "[\n    " + ",\n    ".join(rows) + "\n  ]" if rows else "[]"
    reached = f'  "stages": {json.dumps(dict(sorted(stages.items())))},\n' if stages else ""
    return f'{{\n  "version": {_VERSION},\n{reached}  "sites": {sites}\n}}\n'


def _row(entry: Entry) -> dict[str, Any]:
    row = asdict(entry)
    if entry.count == 1:
        del row["count"]
    if not entry.why:
        del row["why"]
    return row


def _entry(item: object, where: str) -> Entry:
    if not isinstance(item, dict) or not all(isinstance(item.get(k), str) for k in ("path", "scope", "text")):
        raise BaselineError(f"{where} is no entry: it needs the texts `path`, `scope` and `text`.")
    count, why = item.get("count", 1), item.get("why", "")
    if not isinstance(count, int) or isinstance(count, bool) or count < 1 or not isinstance(why, str):
        raise BaselineError(f"{where}: `count` is a number from 1 on, and `why` is a text.")
    return Entry(item["path"], item["scope"], item["text"], count, why)
