"""Which entry answers a question: the predicted topic and the search decide together, or neither is sure enough.

The bars were set by asking each example question of the content with that example left out (7 of 10 right within its
topic, 9 of 10 among the first three; half of them right with no topic given).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from kb.schema import Audience
from kb.search import Index, Scored

TOPIC_COUNTS = 0.3  # confidence from which a predicted topic is regarded
IN_TOPIC_BAR = 0.2
IN_TOPIC_CLEAR_BAR = 0.15  # where the second is far behind
ALONE_BAR = 0.5  # with no topic
ALONE_CLEAR_BAR = 0.38  # with no topic, where the second is far behind
CLEAR = 1.2  # times the second
DOUBT = 1.3  # below this the next entries are offered too
NEAR_BAR = 0.08  # an entry of the topic below it is not even offered
FAR_BAR = 0.3  # the same with no topic
OTHER_AUDIENCE = 0.85
BARE = 3  # words up to which a text only names its topic: then the topic's first entry, written as its overview, is fair
BARE_SHARE = 0.6  # of the best score that the first entry needs then
BARE_SURE = 0.8  # confidence from which a bare topic gets its overview though no entry fits
LONG = 14  # words from which a text is a story with a question in it: its sentences are tried one by one too
PIECE = 0.9  # a sentence alone counts a little less than the whole

_PIECES = re.compile(r"[.?!;\n]+|,\s+(?=(?:xin|cho|vậy|thế|hỏi|em|tôi|mình|cháu|con|có|thì|nay|giờ)\b)")


@dataclass(frozen=True)
class Choice:
    """The entry that answers (None: none is sure), and those next to it, the nearest first."""

    best: Scored | None
    near: tuple[Scored, ...] = ()

    @property
    def doubtful(self) -> bool:
        return self.best is not None and bool(self.near) and self.best.score < DOUBT * self.near[0].score

    @property
    def score(self) -> float:
        """Of the best, or of the nearest where none is sure."""
        first = self.best or (self.near[0] if self.near else None)
        return first.score if first else 0.0


def choose(index: Index, text: str, topic: str | None, confidence: float, audience: Audience | None) -> Choice:
    """The entry for ``text``. An example typed again wins whatever the topic; of two such, the one of the topic."""
    same = index.exact(text)
    if same:
        entry = next((entry for entry in same if entry.topic == topic), same[0])
        others = _ranked(index.find(text, most=4, topic=entry.topic), audience)
        return Choice(Scored(entry, 1.0, text, False), tuple(one for one in others if one.entry.id != entry.id)[:2])
    anywhere = _ranked(_found(index, text, 6, None), audience)
    within = _ranked(_found(index, text, 4, topic), audience) if topic and confidence >= TOPIC_COUNTS else []
    if not within:
        return _alone(anywhere)
    rival = anywhere[0] if anywhere else None
    if rival and rival.entry.topic != topic:
        own = max((one.score for one in anywhere if one.entry.topic == topic), default=0.0)
        if rival.score >= ALONE_CLEAR_BAR and rival.score - own >= 0.12 + 0.4 * confidence:
            return _alone(anywhere)
    if index.read(text).words <= BARE and within[0].score < DOUBT * (within[1].score if len(within) > 1 else 0.0):
        first = min(within, key=lambda one: index.order(one.entry.id))
        if first.score >= BARE_SHARE * within[0].score and (first.score >= IN_TOPIC_CLEAR_BAR or confidence >= BARE_SURE):
            return Choice(first, tuple(one for one in within if one is not first)[:2])
    second = within[1].score if len(within) > 1 else 0.0
    clear = within[0].score >= IN_TOPIC_CLEAR_BAR and within[0].score >= DOUBT * second
    if within[0].score >= IN_TOPIC_BAR or clear:
        return Choice(within[0], tuple(within[1:3]))
    strangers = [one for one in anywhere if one.entry.topic != topic and one.score >= ALONE_CLEAR_BAR]
    return Choice(None, _near([*within[:2], *strangers[:1]]))


def _found(index: Index, text: str, most: int, topic: str | None) -> list[Scored]:
    """What fits the text, or a sentence of it where it is long."""
    best = {one.entry.id: one for one in index.find(text, most=most, topic=topic)}
    if index.read(text).words >= LONG:
        for piece in _PIECES.split(text):
            if 3 <= index.read(piece).words < LONG:
                for one in index.find(piece, most=most, topic=topic):
                    part = replace(one, score=PIECE * one.score)
                    if part.score > getattr(best.get(one.entry.id), "score", 0.0):
                        best[one.entry.id] = part
    return sorted(best.values(), key=lambda one: -one.score)[:most]


def _alone(found: list[Scored]) -> Choice:
    if not found:
        return Choice(None)
    first, second = found[0].score, found[1].score if len(found) > 1 else 0.0
    if first >= ALONE_BAR or (first >= ALONE_CLEAR_BAR and first >= CLEAR * second):
        return Choice(found[0], tuple(found[1:3]))
    return Choice(None, _near(found[:3], FAR_BAR))


def _near(found: list[Scored], bar: float = NEAR_BAR) -> tuple[Scored, ...]:
    return tuple(one for one in found if one.score >= bar)


def _ranked(found: list[Scored], audience: Audience | None) -> list[Scored]:
    """Entries written for others than the asker step back a little."""
    if audience is None:
        return found
    fair = [one if audience in one.entry.audience else replace(one, score=one.score * OTHER_AUDIENCE) for one in found]
    return sorted(fair, key=lambda one: -one.score)
