"""Keyboard slips: words that left the keyboard before the typing program put the marks on.

Telex writes marks as letters ("dduwowcj" is "được"), VNI as digits ("d9uo75c"). A word is decoded only when it is no
word as it stands and a well-spelt syllable afterwards. A *sure* slip could hardly be anything else; an unsure one
("mas", "lop5") is decoded only beside a sure one in the same message.
"""
from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from vietnamese.syllable import PLAIN_SYLLABLES, SYLLABLES, with_tone

_TELEX_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_VNI_TONES = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
_ROUND = {"a": "â", "e": "ê", "o": "ô"}
_HORN = {"o": "ơ", "u": "ư", "a": "ă"}
_VOWELS = "aăâeêioôơuưy"
_TELEX_WORD = re.compile(r"[a-z]{2,9}")
_VNI_WORD = re.compile(r"[a-z]{1,6}[1-9][a-z1-9]{0,6}")


class Slip(NamedTuple):
    """A decoded word, and whether it could hardly be meant otherwise."""

    word: str
    sure: bool


@lru_cache(maxsize=16384)
def telex(word: str) -> Slip | None:
    """``word`` read as raw Telex keys; None when it is a word as it stands or no syllable afterwards."""
    if not _TELEX_WORD.fullmatch(word) or word in PLAIN_SYLLABLES:
        return None
    letters: list[str] = []
    tone, sure = "", False
    for at, key in enumerate(word):
        vowels = [n for n, letter in enumerate(letters) if letter in _VOWELS]
        if key in _TELEX_TONES and vowels:
            if tone:
                return None
            tone = _TELEX_TONES[key]
            sure = sure or key in "fj"
        elif key == "d" and letters and letters[0] == "d":
            letters[0] = "đ"
            sure = True
        elif key in _ROUND and key in letters:
            place = len(letters) - 1 - letters[::-1].index(key)
            if any(n > place for n in vowels):
                return None
            letters[place] = _ROUND[key]
            # "nhee" is a call drawn out, "photo" a loan; a doubled vowel with more keys after it is meant.
            sure = sure or (word[at - 1] == key and at < len(word) - 1)
        elif key == "w":
            sure = True
            if len(vowels) >= 2 and "".join(letters[vowels[-2]:vowels[-1] + 1]) in ("uo", "ưo"):
                letters[vowels[-2]], letters[vowels[-1]] = "ư", "ơ"
            elif vowels and letters[vowels[-1]] in _HORN:
                letters[vowels[-1]] = _HORN[letters[vowels[-1]]]
            elif not vowels:
                letters.append("ư")
            else:
                return None
        else:
            letters.append(key)
    return _slip("".join(letters), tone, sure, word)


@lru_cache(maxsize=16384)
def vni(word: str) -> Slip | None:
    """``word`` read as raw VNI keys; None when it is no syllable afterwards."""
    if not _VNI_WORD.fullmatch(word):
        return None
    letters: list[str] = []
    tone = ""
    digits = 0
    for key in word:
        if not key.isdigit():
            letters.append(key)
            continue
        digits += 1
        vowels = [n for n, letter in enumerate(letters) if letter in _VOWELS]
        if key in _VNI_TONES:
            if tone or not vowels:
                return None
            tone = _VNI_TONES[key]
        elif key == "9":
            if not letters or letters[0] != "d":
                return None
            letters[0] = "đ"
        elif not _shape(letters, vowels, key):
            return None
    sure = digits >= 2 or not word[-1].isdigit()
    return _slip("".join(letters), tone, sure, word)


def _shape(letters: list[str], vowels: list[int], key: str) -> bool:
    if not vowels:
        return False
    last = letters[vowels[-1]]
    if key == "7" and len(vowels) >= 2 and letters[vowels[-2]] == "u" and last == "o":
        letters[vowels[-2]], letters[vowels[-1]] = "ư", "ơ"
        return True
    wanted = {"6": "aeo", "7": "ou", "8": "a"}[key]
    for place in reversed(vowels):
        if letters[place] in wanted:
            letters[place] = (_ROUND if key == "6" else _HORN)[letters[place]]
            return True
    return False


def _slip(base: str, tone: str, sure: bool, typed: str) -> Slip | None:
    if base not in SYLLABLES:
        return None
    word = with_tone(base, tone)
    if word is None or word == typed:
        return None
    return Slip(word, sure)
