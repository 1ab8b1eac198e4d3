"""What the model sees of a message: n-grams of words and letters, in the normal form and without accents, and rules.

Each block is weighted TF-IDF (1 + log of the count, times the inverse document frequency), brought to length 1 by
itself, so that a long message and a short one weigh the same.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping

from safety.phrases import Tokens

BLOCKS: Mapping[str, float] = {"accented_words": 0.8, "plain_words": 1.0, "plain_letters": 1.0, "reading": 1.0}


def blocks(tokens: Tokens, reading: Iterable[str]) -> dict[str, list[str]]:
    """Block name → n-grams, repeats included; ``reading`` names what the rules and cues saw."""
    plain = ["<", *tokens.plain, ">"]
    accented = ["<", *tokens.words, ">"]
    return {
        "accented_words": _rows(accented, 1) + _rows(accented, 2),
        "plain_words": _rows(plain, 1) + _rows(plain, 2) + _rows(plain, 3),
        "plain_letters": _letters(tokens.plain),
        "reading": list(reading),
    }


def _rows(words: list[str], size: int) -> list[str]:
    if size == 1:
        return words
    return [" ".join(words[at : at + size]) for at in range(len(words) - size + 1)]


def _letters(words: Iterable[str]) -> list[str]:
    """Letter n-grams of 3 to 5 inside each word and its edges, and over the space to the next word."""
    text = f" {' '.join(words)} "
    return [text[at : at + size] for size in (3, 4, 5) for at in range(len(text) - size + 1)]
