"""The written syllable: which letter strings are one, and where its tone mark stands.

The inventory is the spelling of modern Vietnamese (27 initials, the finals below). The tone is written the way most
people type it ("hòa, thủy, khỏe"), so that "hoà" and "hòa" become one word.
"""
from __future__ import annotations

import unicodedata
from functools import lru_cache

from vietnamese.accents import strip_accents

ONSETS = (
    "", "b", "c", "ch", "d", "đ", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p", "ph", "qu",
    "r", "s", "t", "th", "tr", "v", "x",
)
RIMES = tuple(
    ["a", "ac", "ach", "ai", "am", "an", "ang", "anh", "ao", "ap", "at", "au", "ay", "ăc", "ăm", "ăn", "ăng", "ăp", "ăt", "âc", "âm", "ân", "âng", "âp", "ât", "âu", "ây", "e", "ec", "em", "en", "eng", "eo", "ep", "et", "ê", "êch", "êm", "ên", "ênh", "êp", "êt", "êu", "i", "ia", "ich", "im", "in", "inh", "ip", "it", "iu", "iêc", "iêm", "iên", "iêng", "iêp", "iêt", "iêu", "y", "yêm", "yên", "yêng", "yêt", "yêu", "ych", "ynh", "yt", "yp", "yu", "o", "oc", "oi", "om", "on", "ong", "op", "ot", "oa", "oac", "oach", "oai", "oam", "oan", "oang", "oanh", "oao", "oap", "oat", "oay", "oăc", "oăm", "oăn", "oăng", "oăt", "oe", "oen", "oeo", "oet", "ooc", "oong", "ô", "ôc", "ôi", "ôm", "ôn", "ông", "ôp", "ôt", "ơ", "ơi", "ơm", "ơn", "ơp", "ơt", "u", "ua", "uc", "ui", "um", "un", "ung", "up", "ut", "uân", "uât", "uâng", "uây", "uê", "uêch", "uênh", "uôc", "uôi", "uôm", "uôn", "uông", "uôt", "uơ", "uy", "uya", "uych", "uynh", "uyp", "uyt", "uyu", "uyên", "uyêt", "ư", "ưa", "ưc", "ưi", "ưm", "ưn", "ưng", "ưt", "ưu", "ươc", "ươi", "ươm", "ươn", "ương", "ươp", "ươt", "ươu"]
)
_FRONT = "eêiy"
_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_STOP_TONES = frozenset({"", "\u0301", "\u0323"})


def _fits(onset: str, rime: str) -> bool:
    first = rime[0]
    if rime in ("ooc", "oong"):  # loan words alone: xoong, boong, moóc, soóc
        return onset in ("b", "c", "g", "m", "s", "t", "x")
    if onset in ("k",):
        return first in _FRONT
    if onset in ("gh", "ngh"):
        return first in "eêi"
    if onset in ("c", "ng"):
        return first not in _FRONT
    if onset == "g":
        return first not in "eêy"
    if onset == "gi":
        return first not in "iy"
    if onset == "qu":
        return first in "aăâeêiơôy"
    if onset == "":
        return rime not in {"ych", "ynh", "yt", "yp", "yu"}
    return not rime.startswith("yê") and rime not in {"ych", "ynh", "yt", "yp", "yu"}


def _tone_index(onset: str, rime: str) -> int:
    """Index in onset + rime of the letter that bears the tone."""
    vowels = 0
    while vowels < len(rime) and rime[vowels] in _VOWELS:
        vowels += 1
    nucleus, coda = rime[:vowels], rime[vowels:]
    shaped = [at for at, letter in enumerate(nucleus) if letter in "ăâêôơư"]
    if shaped:
        place = shaped[-1]
    elif coda or (len(nucleus) == 3):
        place = len(nucleus) - 1 if coda else 1
    else:
        place = 0
    return len(onset) + place


def _inventory() -> dict[str, int]:
    table: dict[str, int] = {}
    for onset in sorted(ONSETS, key=len):
        for rime in RIMES:
            if _fits(onset, rime):
                table[onset + rime] = _tone_index(onset, rime)
    return table


SYLLABLES = _inventory()
PLAIN_SYLLABLES = frozenset(strip_accents(syllable) for syllable in SYLLABLES)


@lru_cache(maxsize=16384)
def toneless(word: str) -> tuple[str, str]:
    """The word without tone marks but with its letter shapes (ă â ê ô ơ ư đ), and the tone mark, "" when level.

    Raises ValueError when the word bears more than one tone mark.
    """
    tone = ""
    letters = []
    for char in word:
        parts = unicodedata.normalize("NFD", char)
        kept = parts
        for mark in _TONES[1:]:
            if mark in kept:
                if tone:
                    raise ValueError("two tone marks in one word")
                tone = mark
                kept = kept.replace(mark, "")
        letters.append(unicodedata.normalize("NFC", kept))
    return "".join(letters), tone


def with_tone(base: str, tone: str) -> str | None:
    """The syllable ``base`` (shapes, no tone) with ``tone`` in its place; None when there is no such syllable."""
    at = SYLLABLES.get(base)
    if at is None:
        return None
    if base[-1] in "cpt" or base.endswith("ch"):
        if tone not in _STOP_TONES:
            return None
    return base[:at] + unicodedata.normalize("NFC", base[at] + tone) + base[at + 1 :]


@lru_cache(maxsize=16384)
def place_tone(word: str) -> str:
    """``word`` (NFC, lower case) with its tone mark where the house style wants it; other strings come back as given."""
    try:
        base, tone = toneless(word)
    except ValueError:
        return word
    if not tone:
        return word
    return with_tone(base, tone) or word


@lru_cache(maxsize=16384)
def is_syllable(word: str) -> bool:
    """True for a well-spelt syllable, with marks or typed without any ("duoc")."""
    if word in PLAIN_SYLLABLES:
        return True
    try:
        base, tone = toneless(word)
    except ValueError:
        return False
    return with_tone(base, tone) is not None
