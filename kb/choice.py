"""Which entry answers a question: how likely each topic is and how well each entry fits decide together.

The bars were set by asking each example question of the content with that example left out
(`python -m benchmarks.ranking`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kb.schema import Audience
from kb.search import Index, Ranked

SURE = 0.08
"""Chance from which an entry answers. Below it only one in seven was the right one, where the question's own examples were
left out; then the nearest is told as the nearest."""
ALONE = 0.3  # the same where understanding names no topic at all
FITS, CLEARLY_FITS = 0.33, 0.25
"""What an entry that answers holds of the question's words, as they weigh within its topic; less where no rival is near."""
NEAR = 0.01  # below it an entry is not even offered
DOUBT = 2.0  # where the second has more than this part of the best one's chance, the next are offered too
OTHER_AUDIENCE = 0.6  # of its chance an entry keeps that was written for others than the asker
BARE = 3  # words up to which a text only names its topic: then the topic's first entry, written as its overview, is fair
BARE_SHARE = 0.6  # of the best score within the topic that the first entry needs then
BARE_CLEAR = 1.3  # times the second: then the best answers, however bare the text
BARE_SURE = 0.8  # confidence from which a bare topic gets its overview though no entry fits
LONG = 14  # words from which a text is a story with a question in it: its sentences are tried one by one too
PIECE = 0.8  # a sentence alone counts a little less than the whole
MOST = 8

_PIECES = re.compile(r"[.?!;\n]+|,\s+(?=(?:xin|cho|vậy|thế|hỏi|em|tôi|mình|cháu|con|có|thì|nay|giờ)\b)")


@dataclass(frozen=True)
class Choice:
    """The entry that answers (None: none is sure), and those next to it, the nearest first."""

    best: Ranked | None
    near: tuple[Ranked, ...] = ()

    @property
    def doubtful(self) -> bool:
        return self.best is not None and bool(self.near) and self.best.chance < DOUBT * self.near[0].chance

    @property
    def score(self) -> float:
        """Chance of the best, or of the nearest where none is sure."""
        first = self.best or (self.near[0] if self.near else None)
        return first.chance if first else 0.0


def choose(
    index: Index, text: str, topic: str | None, confidence: float, audience: Audience | None, topics: Mapping[str, float] | None = None
) -> Choice:
    """The entry for ``text``. An example typed again wins whatever the topic; of two such, the one of the topic.

    ``topics``: how likely each topic is, where understanding says more than its first guess.
    """
    likely = topics or ({topic: confidence} if topic else {})
    ranked = _ranked(_found(index, text, likely), audience)
    same = index.exact(text)
    if same:
        entry = next((entry for entry in same if entry.topic == topic), same[0])
        others = tuple(one for one in ranked if one.entry.id != entry.id and one.chance >= NEAR)
        return Choice(Ranked(entry, 1.0, text, False, 1.0, 1.0), others[:2])
    overview = _overview(index, text, topic, confidence, ranked)
    if overview is not None:
        return Choice(overview, tuple(one for one in ranked if one is not overview)[:2])
    found = Choice(ranked[0], tuple(ranked[1:3])) if ranked else Choice(None)
    if found.best and found.best.chance >= (SURE if topic else ALONE) and found.best.within >= (FITS if found.doubtful else CLEARLY_FITS):
        return found
    return Choice(None, tuple(one for one in ranked[:3] if one.chance >= NEAR))


def _overview(index: Index, text: str, topic: str | None, confidence: float, ranked: list[Ranked]) -> Ranked | None:
    """The first entry of the topic, for a text that hardly says more than the topic."""
    own = sorted((one for one in ranked if one.entry.topic == topic), key=lambda one: -one.within)
    if not own or index.read(text).words > BARE:
        return None
    if len(own) > 1 and own[0].within >= BARE_CLEAR * own[1].within or len(own) == 1:
        return None
    first = min(own, key=lambda one: index.order(one.entry.id))
    fits = first.within >= BARE_SHARE * own[0].within and (first.within >= CLEARLY_FITS or confidence >= BARE_SURE)
    return first if fits else None


def _found(index: Index, text: str, topics: Mapping[str, float]) -> list[Ranked]:
    """What may answer the text, or a sentence of it where it is long."""
    best = {one.entry.id: one for one in index.rank(text, topics, MOST)}
    if index.read(text).words >= LONG:
        for piece in _PIECES.split(text):
            if 3 <= index.read(piece).words < LONG:
                for one in index.rank(piece, topics, MOST):
                    part = replace(one, chance=PIECE * one.chance)
                    if part.chance > getattr(best.get(one.entry.id), "chance", 0.0):
                        best[one.entry.id] = part
    return sorted(best.values(), key=lambda one: -one.chance)[:MOST]


def _ranked(found: list[Ranked], audience: Audience | None) -> list[Ranked]:
    """Entries written for others than the asker step back a little."""
    if audience is None:
        return found
    fair = [one if audience in one.entry.audience else replace(one, chance=one.chance * OTHER_AUDIENCE) for one in found]
    return sorted(fair, key=lambda one: -one.chance)
