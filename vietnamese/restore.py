"""Accents put back where a writer left them out: "chong em lai danh em" → "chồng em lại đánh em".

A guess for readers that need full spelling (sentence vectors); the words as typed stay what the rules read. Each bare
syllable may be any spelling that was seen for it; a trigram model over running text, with public word counts beneath,
chooses among the rows of spellings by a beam search from left to right.
"""
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vietnamese.accents import has_accents, strip_accents
from vietnamese.syllable import is_syllable, place_tone

TYPED_SHARE = 0.25
"""Texts in which at least this share of the words bears accents were typed with them: their bare words are meant so."""
BEAM = 12
CHOICES = 12
"""Most spellings tried for one bare syllable, the most frequent first."""
LEAST_ROWS = 2
"""Rows of three words seen less often than this are forgotten."""
_START = "<"
_SHARES = (0.55, 0.33, 0.12)
"""How much three words in a row, two in a row and the word alone count."""
_PUBLIC_SHARE = 0.3
"""How much the public counts weigh in a word's own frequency."""
_UNSEEN = 1e-8


@dataclass(frozen=True)
class Restorer:
    """Counts of single words, pairs and rows of three, each joined by a space; spellings by bare syllable."""

    singles: Mapping[str, float]
    pairs: Mapping[str, int]
    rows: Mapping[str, int]
    befores: Mapping[str, int]
    spellings: Mapping[str, tuple[str, ...]]

    @classmethod
    def learn(cls, texts: Iterable[Sequence[str]], public: Mapping[str, float]) -> Restorer:
        """Learn from texts as lists of normal-form words, and from public frequencies (word → share of all words).

        Only texts typed with accents teach; the others are passed over.
        """
        own: Counter[str] = Counter()
        pairs: Counter[str] = Counter()
        rows: Counter[str] = Counter()
        for words in texts:
            if not is_typed_with_accents(words):
                continue
            padded = [_START, _START, *words, _START]
            own.update(padded[1:])
            pairs.update(" ".join(padded[at : at + 2]) for at in range(len(padded) - 1))
            rows.update(" ".join(padded[at : at + 3]) for at in range(len(padded) - 2))
        total = sum(own.values()) or 1
        singles = {word: (1 - _PUBLIC_SHARE) * count / total for word, count in own.items()}
        for word, share in public.items():
            word = place_tone(word) if is_syllable(word) else word
            if is_syllable(word) or word in singles:
                singles[word] = singles.get(word, 0.0) + _PUBLIC_SHARE * share
        spellings: dict[str, list[str]] = {}
        for word in singles:
            if is_syllable(word):
                spellings.setdefault(strip_accents(word), []).append(word)
        chosen = {
            bare: tuple(sorted(words, key=lambda word: (-singles[word], word))[:CHOICES]) for bare, words in spellings.items()
        }
        kept = {row: count for row, count in rows.items() if count >= LEAST_ROWS}
        return cls(singles, dict(pairs), kept, dict(own), chosen)

    def restore(self, words: Sequence[str]) -> list[str]:
        """The words of a text typed without accents, with accents put back; as many words in the same order.

        Words that bear an accent (an abbreviation written out) stay as they are. Work grows evenly with the number of
        words.
        """
        # (chance, last two words, way back)
        beam: list[tuple[float, str, str, tuple[Any, ...] | None]] = [(0.0, _START, _START, None)]
        for word in words:
            options = (word,) if has_accents(word) else self.spellings.get(word, (word,))
            reached: dict[tuple[str, str], tuple[float, str, str, tuple[Any, ...] | None]] = {}
            for chance, first, second, way in beam:
                for option in options:
                    new = chance + self._chance(first, second, option)
                    known = reached.get((second, option))
                    if known is None or new > known[0]:
                        reached[second, option] = (new, second, option, (option, way))
            beam = sorted(reached.values(), key=lambda one: -one[0])[:BEAM]
        best = max(beam, key=lambda one: one[0] + self._chance(one[1], one[2], _START))
        found: list[str] = []
        way = best[3]
        while way is not None:
            found.append(way[0])
            way = way[1]
        return found[::-1]

    def _chance(self, first: str, second: str, word: str) -> float:
        """Logarithm of the chance that ``word`` follows ``first second``."""
        single = self.singles.get(word, _UNSEEN)
        chance = _SHARES[2] * single
        before = self.befores.get(second)
        if before:
            pair = f"{second} {word}"
            chance += _SHARES[1] * self.pairs.get(pair, 0) / (before + 2)
            seen = self.pairs.get(f"{first} {second}")
            if seen:
                chance += _SHARES[0] * self.rows.get(f"{first} {pair}", 0) / (seen + 1)
        return math.log(chance)

    def to_dict(self) -> dict[str, Any]:
        """Everything learnt, as plain mappings."""
        return {"singles": self.singles, "pairs": self.pairs, "rows": self.rows, "befores": self.befores, "spellings": self.spellings}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Restorer:
        """The restorer that :meth:`to_dict` wrote. Raises KeyError on anything else."""
        return cls(data["singles"], data["pairs"], data["rows"], data["befores"], data["spellings"])


def is_typed_with_accents(words: Sequence[str]) -> bool:
    """True when enough of the words bear accents for their bare neighbours to be meant bare."""
    letters = [word for word in words if word[:1].isalpha()]
    return bool(letters) and sum(has_accents(word) for word in letters) >= TYPED_SHARE * len(letters)
