"""What the model sees of a message: n-grams of words and letters, in the normal form and without accents, word lists, rules.

Each block is weighted TF-IDF (1 + log of the count, times the inverse document frequency), brought to length 1 by
itself, so that a long message and a short one weigh the same.
"""
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from safety.phrases import Tokens

BLOCKS: Mapping[str, float] = {
    "accented_words": 1.0,
    "plain_words": 1.0,
    "accented_letters": 0.6,
    "plain_letters": 1.0,
    "lists": 0.6,
    "rules": 0.5,
}


@dataclass(frozen=True)
class Seen:
    """What rules, cues and word lists saw in a message, by name."""

    rules: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


def blocks(tokens: Tokens, seen: Seen) -> dict[str, list[str]]:
    """Block name → n-grams, repeats included."""
    plain = ["<", *tokens.plain, ">"]
    accented = ["<", *tokens.words, ">"]
    return {
        "accented_words": accented + _rows(accented, 2),
        "plain_words": plain + _rows(plain, 2) + _rows(plain, 3),
        "accented_letters": _letters(tokens.words, (3, 4)),
        "plain_letters": _letters(tokens.plain, (4, 5)),
        "lists": [*seen.lists, *(f"{one}+{other}" for one, other in combinations(seen.lists, 2))],
        "rules": list(seen.rules),
    }


@dataclass(frozen=True)
class Vocabulary:
    """The n-grams of one block that were seen often enough, their inverse document frequencies, and that of the rest.

    N-grams outside the vocabulary weigh nothing but count in the length, so that a message of unknown words does not
    become a loud message of its few known ones.
    """

    terms: Mapping[str, int]
    idf: npt.NDArray[np.float32]
    rare_idf: float

    @classmethod
    def of(cls, documents: Sequence[Sequence[str]], least: int) -> Vocabulary:
        """All n-grams that stand in at least ``least`` documents, in the order of the alphabet."""
        frequency = Counter(gram for grams in documents for gram in set(grams))
        kept = sorted(gram for gram, count in frequency.items() if count >= least)
        total = len(documents)
        idf = np.array([1 + math.log((1 + total) / (1 + frequency[gram])) for gram in kept], dtype=np.float32)
        return cls({gram: at for at, gram in enumerate(kept)}, idf, 1 + math.log((1 + total) / 2))

    def weigh(self, grams: Iterable[str]) -> tuple[list[int], npt.NDArray[np.float32]]:
        """Places of the n-grams known and their weights; the weights of all n-grams together have length 1."""
        places: list[int] = []
        counts: list[int] = []
        unknown = 0.0
        for gram, count in Counter(grams).items():
            place = self.terms.get(gram)
            if place is None:
                unknown += (1 + math.log(count)) ** 2
            else:
                places.append(place)
                counts.append(count)
        if not places:
            return [], np.zeros(0, dtype=np.float32)
        weights = (1 + np.log(np.array(counts, dtype=np.float32))) * self.idf[places]
        length = math.sqrt(float(weights @ weights) + unknown * self.rare_idf**2)
        return places, (weights / length).astype(np.float32)


def _rows(words: list[str], size: int) -> list[str]:
    return [" ".join(words[at : at + size]) for at in range(len(words) - size + 1)]


def _letters(words: Iterable[str], sizes: tuple[int, ...]) -> list[str]:
    """Runs of letters inside words and over the space between two."""
    text = f" {' '.join(words)} "
    return [text[at : at + size] for size in sizes for at in range(len(text) - size + 1)]
