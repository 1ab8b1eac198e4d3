"""The rules as a whole: one message in, what they saw and what they would say of it alone."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from safety import lexicon as lexicons
from safety.assessment import Status
from safety.context import PATH as CONTEXT_PATH
from safety.context import Context, Cues, Judged
from safety.lexicon import LEVELS, Lexicon, files_version
from safety.ngrams import Seen
from safety.phrases import Tokens
from safety.recognisers import Reading, Recogniser
from safety.topics import PATH as TOPICS_PATH
from safety.topics import TopicReader, TopicWords
from safety.who import PATH as WHO_PATH
from safety.who import WhoReader, WhoWords

SURE = 0.8
_URGENT, _CONCERN, _CHECK, _SIGNS = 0.6, 0.5, 0.35, 0.55


@dataclass(frozen=True)
class Findings:
    """What the rules saw in one message."""

    tokens: Tokens
    reading: Reading
    judged: tuple[Judged, ...]
    cues: tuple[str, ...]
    signs: frozenset[str]
    lists: tuple[str, ...]
    is_bare_topic: bool
    is_plain_reply: bool

    def seen(self) -> Seen:
        """Rules with their status, cues, signs and word lists, as the model is told of them."""
        seen = [f"rule:{one.hit.rule.name}|{one.status.value}" for one in self.judged]
        seen += [f"level:{one.level}" for one in self.judged if one.level not in ("none", "sign")]
        seen += [f"cue:{name}" for name in self.cues]
        seen += [f"sign:{name}" for name in self.signs]
        if self.is_bare_topic:
            seen.append("bare")
        return Seen(tuple(sorted(set(seen))), self.lists)

    def strength(self, *levels: str) -> float:
        """How sure the rules are, 0 to 1, that the message is of one of these levels (their doubts multiplied)."""
        doubt = 1.0
        for weight in {one.hit.rule.name: one.hit.rule.weight for one in self.judged if one.level in levels}.values():
            doubt *= 1 - weight
        return 1 - doubt

    def verdict(self) -> tuple[str, float]:
        """Level by rules alone ("none", "check", "concern", "urgent") and the probability that it is not none."""
        urgent, concern = self.strength("urgent"), self.strength("urgent", "concern")
        if urgent >= _URGENT:
            return "urgent", concern
        if concern >= _CONCERN:
            return "concern", concern
        if self.strength("urgent", "concern", "check") >= _CHECK or self.strength("sign") >= _SIGNS:
            return "check", concern
        return "none", concern

    def surest(self) -> tuple[str, float]:
        """The highest level that a sure rule leaves, and the greatest weight of the rules that leave it; none and 0."""
        for level in ("urgent", "concern"):
            best = max((one.hit.rule.weight for one in self.judged if one.level == level), default=0.0)
            if best >= SURE:
                return level, best
        return "none", 0.0

    def adds_a_sign(self) -> bool:
        """True when the message holds anything, however small, that is meant and could add to what was said before."""
        return any(one.status in (Status.PRESENT, Status.OTHER_PERSON) for one in self.judged)


class Rules:
    """Lexicon, context, topics and signs of who, loaded once."""

    def __init__(self, lexicon: Lexicon, cues: Cues, topics: TopicWords, who: WhoWords) -> None:
        self.lexicon = lexicon
        self._recogniser = Recogniser(lexicon)
        self._context = Context(cues, lexicon)
        self._topics = TopicReader(topics, lexicon)
        self.who = WhoReader(who, lexicon)
        self._lists_of: dict[int, tuple[str, ...]] = {}
        for name, members in lexicon.lists.items():
            for number in lexicon.numbers(members):
                if name != "neutral":
                    self._lists_of[number] = (*self._lists_of.get(number, ()), name)
        paths = [*sorted(lexicons.FOLDER.glob("*.yml")), CONTEXT_PATH, TOPICS_PATH, WHO_PATH]
        self.version = files_version(paths)

    @classmethod
    def load(cls) -> Rules:
        """Read all files of the package. Raises ValueError that names what is wrong in which."""
        cues, topics, who = Cues.load(), TopicWords.load(), WhoWords.load()
        more = [*cues.written(), *topics.written(), *who.written()]
        return cls(lexicons.load(more=more), cues, topics, who)

    def find(self, tokens: Tokens) -> Findings:
        """Read one message."""
        reading = self._recogniser.read(tokens)
        hits = self._recogniser.hits(reading)
        standing = self._context.cues_in(reading)
        return Findings(
            tokens=tokens,
            reading=reading,
            judged=tuple(_agree(self._context.judge(hits, reading, standing))),
            cues=tuple(cue.name for cue, _ in standing),
            signs=self.who.signs(reading),
            lists=tuple(sorted({name for number in reading.found for name in self._lists_of.get(number, ())})),
            is_bare_topic=self._topics.is_bare_topic(reading),
            is_plain_reply=self._topics.is_plain_reply(reading),
        )


def _agree(judged: Iterable[Judged]) -> list[Judged]:
    """Rules that rest on the same deed say the same of it: where a cue takes all from the surest, the others follow."""
    settled: list[Judged] = []
    for one in sorted(judged, key=lambda one: (-one.hit.rule.weight, LEVELS.index(one.level))):
        surer = next((other for other in settled if other.level == "none" and _same_deed(one, other)), None)
        if surer is not None and one.level != "none":
            one = replace(surer, hit=one.hit)
        settled.append(one)
    return settled


def _same_deed(one: Judged, other: Judged) -> bool:
    return one.hit.deed[0] < other.hit.deed[1] and other.hit.deed[0] < one.hit.deed[1]
