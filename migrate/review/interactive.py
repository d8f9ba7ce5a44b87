"""Deciding hunk by hunk, in the manner of ``git add -p``: the questions and answers without a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import define, field

from migrate.review.decisions import Entry, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from migrate.review.document import ReviewDocument, SiteReview

HELP = {
    "y": "accept this edit",
    "n": "reject this edit; the site stays as it is",
    "a": "accept this edit and all later ones in the file",
    "d": "reject this edit and all later ones in the file",
    "g": "accept all undecided edits of this kind, in all files",
    "s": "skip: leave it undecided",
    "k": "go back to the edit before",
    "e": "write a comment",
    "q": "quit; what was decided is kept",
    "?": "print this help",
}


@define
class Session:
    """The edits of a review that are still undecided, one after the other."""

    sites: list[SiteReview]
    position: int = 0
    ended: bool = False
    decided: set[str] = field(factory=set)
    """Ids of the sites that were decided or commented on in this session."""

    @classmethod
    def of(cls, review: ReviewDocument) -> Session:
        """Begin with all that has no answer yet, or a stale one; ``manual`` sites need none."""
        open_sites = [s for s in review.sites if s.verdict == "undecided" or s.stale]
        return cls([s for s in open_sites if s.safety != "manual"])

    @property
    def current(self) -> SiteReview | None:
        """The edit that is asked about; None at the end."""
        if self.ended or self.position >= len(self.sites):
            return None
        return self.sites[self.position]

    def answer(self, key: str, comment: str = "") -> bool:
        """Take one answer (see `HELP`; ``comment`` goes with ``e``). Return False if it is none."""
        site = self.current
        action = self._actions().get(key)
        if site is None or action is None:
            return False
        if key == "e":
            site.comment = comment
            self.decided.add(site.id)
            return True
        action(site)
        return True

    def _actions(self) -> dict[str, Callable[[SiteReview], None]]:
        return {
            "y": lambda site: self._settle([site], "accept"),
            "n": lambda site: self._settle([site], "reject"),
            "a": lambda site: self._settle(self._rest_of_file(site), "accept"),
            "d": lambda site: self._settle(self._rest_of_file(site), "reject"),
            "g": lambda site: self._settle(self._kind(site), "accept"),
            "s": lambda _: self._go(self.position + 1),
            "k": lambda _: self._go(max(self.position - 1, 0)),
            "e": lambda _: None,
            "q": lambda _: self._end(),
        }

    def _settle(self, sites: Iterable[SiteReview], verdict: Literal["accept", "reject"]) -> None:
        for site in sites:
            site.verdict = verdict
            self.decided.add(site.id)
        while (site_now := self.current) is not None and not self._is_open(site_now):
            self.position += 1

    def _rest_of_file(self, site: SiteReview) -> list[SiteReview]:
        later = self.sites[self.position :]
        return [s for s in later if s.path == site.path and (s is site or self._is_open(s))]

    def _kind(self, site: SiteReview) -> list[SiteReview]:
        return [s for s in self.sites if s.group == site.group and (s is site or self._is_open(s))]

    def _is_open(self, site: SiteReview) -> bool:
        """Whether a site waits for an answer: it has none, or one about an earlier state of it."""
        return site.verdict == "undecided" or (site.stale and site.id not in self.decided)

    def _go(self, position: int) -> None:
        self.position = position

    def _end(self) -> None:
        self.ended = True


def entries(review: ReviewDocument) -> list[Entry]:
    """Return the decisions and comments of a review as the entries of a decisions file."""
    return [
        Entry(
            site=site.id,
            hash=site.hash,
            verdict=Verdict(site.verdict),
            comment=site.comment,
            path=site.path,
            line=site.line,
            text=" ".join(site.text.split())[:200],
        )
        for site in review.sites
        if site.verdict != "undecided" or site.comment
    ]
