"""Who is at risk: the speaker as child or as adult, somebody else, or not said (the contract's rulings)."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from safety.assessment import Who
from safety.lexicon import Lexicon, entries
from safety.recognisers import Reading, Span

PATH = Path(__file__).parent / "who.yml"


@dataclass(frozen=True)
class WhoWords:
    """The lists of ``who.yml``."""

    lists: Mapping[str, tuple[str, ...]]

    @classmethod
    def load(cls, path: Path = PATH) -> WhoWords:
        """Read the file."""
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        return cls({name: tuple(entries(text)) for name, text in data.items()})

    def written(self) -> list[str]:
        """Every phrase of the file, to be registered with the lexicon."""
        return [phrase for phrases in self.lists.values() for phrase in phrases]


class WhoReader:
    """Decides who is at risk from the victims that rules name and from signs in the whole message."""

    def __init__(self, words: WhoWords, lexicon: Lexicon) -> None:
        self._lists = {name: lexicon.numbers(phrases) for name, phrases in words.lists.items()}

    def signs(self, reading: Reading) -> frozenset[str]:
        """Names of the lists of which a phrase stands in the message."""
        return frozenset(name for name, numbers in self._lists.items() if reading.has(numbers))

    def decide(self, victims: Sequence[str], signs: frozenset[str]) -> Who:
        """``victims``: the ``victim`` of the rules that carry the verdict, strongest first; ``signs`` from the message.

        A rule that names the victim is believed; else somebody else spoken of is the victim, else the speaker.
        """
        named = next((victim for victim in victims if victim not in ("any", "unknown")), None)
        if named == "other":
            return Who.THIRD_PARTY
        if named == "self_adult":
            return Who.SELF_ADULT
        if named is None:
            if "other_victim" in signs or "no_self" in signs:
                return Who.THIRD_PARTY
            if not victims:
                return self._speaker(signs)
        return self._speaker(signs, named == "self_child")

    def _speaker(self, signs: frozenset[str], is_child: bool = False) -> Who:
        if is_child:
            return Who.SELF_CHILD
        if "adult_speaker" in signs or ("adult_pronoun" in signs and "child_pronoun" not in signs):
            return Who.SELF_ADULT
        if "child_pronoun" in signs:
            return Who.SELF_CHILD
        return Who.UNKNOWN

    def places(self, name: str, reading: Reading) -> list[Span]:
        """Token spans of one list's phrases, in order."""
        return sorted({span for number in self._lists[name] & reading.found.keys() for span in reading.found[number]})
