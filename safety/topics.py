"""Messages that tell of nobody whatever their words: bare topic words, and plain replies."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from safety.lexicon import Lexicon, entries
from safety.recognisers import Reading

PATH = Path(__file__).parent / "topics.yml"
_SIGNS = frozenset(".,!?;:()\"'-/&+~\n")


@dataclass(frozen=True)
class TopicWords:
    """The lists of ``topics.yml``."""

    topics: tuple[str, ...]
    filler: tuple[str, ...]
    plain_replies: tuple[str, ...]

    @classmethod
    def load(cls, path: Path = PATH) -> TopicWords:
        """Read the file."""
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        return cls(*(tuple(entries(data[name])) for name in ("topics", "filler", "plain_replies")))

    def written(self) -> list[str]:
        """Every phrase of the file, to be registered with the lexicon."""
        return [*self.topics, *self.filler, *self.plain_replies]


class TopicReader:
    """Asks whether a message is made of nothing but certain phrases."""

    def __init__(self, words: TopicWords, lexicon: Lexicon) -> None:
        self._topics = lexicon.numbers(words.topics)
        self._filler = lexicon.numbers(words.filler)
        self._replies = lexicon.numbers(words.plain_replies)

    def is_bare_topic(self, reading: Reading) -> bool:
        """True for topic words with nothing but filler around them."""
        return reading.has(self._topics) and _covers(reading, self._topics | self._filler)

    def is_plain_reply(self, reading: Reading) -> bool:
        """True for greetings, thanks, yes and no, "em ổn"."""
        return reading.has(self._replies) and _covers(reading, self._replies)


def _covers(reading: Reading, numbers: frozenset[int]) -> bool:
    """True when phrases of ``numbers`` and signs cover every token."""
    length = len(reading.tokens.words)
    reached = [True] + [False] * length
    ends: dict[int, list[int]] = {}
    for number in numbers & reading.all_found.keys():
        for start, end in reading.all_found[number]:
            ends.setdefault(start, []).append(end)
    for at in range(length):
        if not reached[at]:
            continue
        word = reading.tokens.words[at]
        if word in _SIGNS or not word.isalnum():
            reached[at + 1] = True
        for end in ends.get(at, ()):
            reached[end] = True
    return reached[length]
