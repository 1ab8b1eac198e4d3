"""Marks over and under letters: taking them away, asking for them, and the forms between bare and full.

People type Vietnamese with all marks, with some, or with none. ``part_forms`` gives every spelling of a word that a
writer reaches by leaving marks out, so that a word list can be matched without guessing at other words.
"""
from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import product
from pathlib import Path

import yaml

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_SHAPES = "\u0302\u0306\u031b"


def _letters_with_marks() -> dict[str, str]:
    table = {"đ": "d", "Đ": "D"}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        char = chr(code)
        base = unicodedata.normalize("NFD", char)[0]
        if base != char:
            table[char] = base
    return table


BASE_LETTER = _letters_with_marks()
_TO_BASE = str.maketrans(BASE_LETTER)


def strip_accents(text: str) -> str:
    """``text`` without any mark, đ as d. One character stays one character where the text is in NFC; loose marks go.

    Doing it twice changes nothing more.
    """
    if text.isascii():
        return text
    text = text.translate(_TO_BASE)
    if text.isascii():
        return text
    return "".join(_bare(char) for char in text)


@lru_cache(maxsize=4096)
def _bare(char: str) -> str:
    if char in BASE_LETTER:
        return BASE_LETTER[char]
    parts = [part for part in unicodedata.normalize("NFD", char) if not unicodedata.category(part).startswith("M")]
    return unicodedata.normalize("NFC", "".join(parts))


def has_accents(text: str) -> bool:
    """True when at least one letter of ``text`` bears a Vietnamese mark or is đ."""
    return any(char in BASE_LETTER for char in text)


@lru_cache(maxsize=16384)
def part_forms(word: str) -> frozenset[str]:
    """All spellings of one word with none, some or all of its marks, the word itself among them (NFC)."""
    choices: list[tuple[str, ...]] = []
    for char in word:
        parts = unicodedata.normalize("NFD", char)
        base, marks = parts[0], parts[1:]
        if char == "đ":
            choices.append(("d", "đ"))
            continue
        shape = "".join(mark for mark in marks if mark in _SHAPES)
        tone = "".join(mark for mark in marks if mark in _TONES)
        forms = {base, base + shape, base + tone, base + shape + tone}
        choices.append(tuple(sorted(unicodedata.normalize("NFC", form) for form in forms)))
    return frozenset("".join(letters) for letters in product(*choices))


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    with open(Path(__file__).parent / "common.yml", encoding="utf-8") as file:
        return frozenset(str(yaml.safe_load(file)["words"]).split())


@lru_cache(maxsize=16384)
def likely_forms(word: str) -> frozenset[str]:
    """``part_forms`` without those that are frequent words themselves: what a text typed with accents means by them."""
    return (part_forms(word) - _common()) | {word}
