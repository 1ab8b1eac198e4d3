"""One normal form for the many ways people type, with the way back to what they typed.

``normalise`` gives the text in NFC and lower case with one tone placement, no drawn-out letters, no invisible or
look-alike characters, raw Telex and VNI decoded and abbreviations written out; and the same without accents. Both
forms have the same length, so one map serves both: any span of them can be given back as a span of the typed text.
"""
from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import repeat

from vietnamese.accents import BASE_LETTER, strip_accents
from vietnamese.shorthand import Shorthand
from vietnamese.slips import telex, vni
from vietnamese.syllable import is_syllable, place_tone

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_LOOKALIKES = {
    **dict(zip("абеёорсухікмнтвԁһѕјɡ", "abeeopcyxikmhtbdhsjg", strict=True)),
    **dict(zip("αοερικντυχ", "aoepikvtux", strict=True)),
    **dict(zip("ðɖ", "đđ", strict=True)),
    **dict(zip("‘’‚‛`´“”„«»…–—−․。，！？：；～", "''''''\"\"\"\"\".---..,!?:;~", strict=True)),
}
_PLAIN_TYPED = re.compile(
    "[" + re.escape("".join(chr(code) for code in range(0x20, 0x7F)).replace("`", "")) + "".join(
        sorted(char for char in BASE_LETTER if unicodedata.normalize("NFC", char) == char and len(char.lower()) == 1)
    ) + "]*"
)
_ACCENTED = "".join(sorted({char for char in BASE_LETTER if char == char.lower()}))
_RUNS = re.compile(
    rf"(?P<space>\s\s+|[^\S\n ])|(?P<mark>[^\w\s])(?P=mark)+|(?P<same>[^\W\d_]|_)(?P=same){{2,}}|(?P<long>[{_ACCENTED}])(?P<tail>[a-z])(?P=tail)+"
)
_CUT = re.compile(r"(?<![^\W\d_])(?P<cut>[^\W\d_]{1,3}(?:[.*\-_~|][^\W\d_]{1,4}){1,6})(?![^\W\d_])")
_ROUNDS = 6
_TOKEN = re.compile(r"[^\W_]+")
_HAS_VOWEL = re.compile(r"[aeiouy]")
_DOUBLED = re.compile(r"([^\W\d_])\1")


@dataclass(frozen=True)
class NormalText:
    """A text as typed, its normal form and the same without accents.

    ``text`` and ``plain`` have the same length in code points; positions are half-open spans of code points.
    """

    typed: str
    text: str
    plain: str
    _starts: array[int] = field(repr=False, compare=False)
    _ends: array[int] = field(repr=False, compare=False)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The typed span that the span ``start``..``end`` of ``text`` or ``plain`` came from.

        A part of a written-out abbreviation gives the whole abbreviation. An empty span gives an empty one. Raises
        IndexError for positions outside the text.
        """
        if not 0 <= start <= end <= len(self.text):
            raise IndexError(f"span {start}..{end} lies outside the {len(self.text)} characters of the normal form")
        if start == end:
            at = self._starts[start] if start < len(self._starts) else len(self.typed)
            return at, at
        return self._starts[start], self._ends[end - 1]

    def typed_part(self, start: int, end: int) -> str:
        """The typed characters behind a span of the normal form."""
        first, last = self.span(start, end)
        return self.typed[first:last]


def normalise(text: str) -> NormalText:
    """The normal form of ``text``. Normalising a normal form changes nothing; work grows evenly with length."""
    chars, starts, ends = _characters(text)
    for _ in range(_ROUNDS):
        before = chars
        chars, starts, ends = _substitute(_RUNS, _squeezed, chars, starts, ends)
        chars, starts, ends = _substitute(_CUT, _joined, chars, starts, ends)
        chars, starts, ends = _words(chars, starts, ends)
        if chars == before:  # one change can make room for another ("d.uf", "d.ù", "dù")
            break
    return NormalText(text, chars, strip_accents(chars), starts, ends)


_Mapped = tuple[str, "array[int]", "array[int]"]
_Change = Callable[[re.Match[str]], "str | None"]


def _characters(typed: str) -> _Mapped:
    """Character by character: composed, lower case, look-alikes replaced, invisible ones gone, ends trimmed."""
    if _PLAIN_TYPED.fullmatch(typed):
        left = len(typed) - len(typed.lstrip())
        right = len(typed.rstrip())
        chars = typed[left:right].lower()
        return chars, array("I", range(left, left + len(chars))), array("I", range(left + 1, left + len(chars) + 1))
    out: list[str] = []
    starts, ends = array("I"), array("I")
    at, length = 0, len(typed)
    while at < length:
        stop = at + 1
        while stop < length and _is_mark(typed[stop]):
            stop += 1
        letters = _letter(typed[at:stop]) if stop - at <= 8 else _letter(typed[at : at + 8])
        out.append(letters)
        starts.extend(repeat(at, len(letters)))
        ends.extend(repeat(stop, len(letters)))
        at = stop
    chars = "".join(out)
    left = len(chars) - len(chars.lstrip())
    right = max(left, len(chars.rstrip()))
    return chars[left:right], starts[left:right], ends[left:right]


@lru_cache(maxsize=4096)
def _is_mark(char: str) -> bool:
    # Conjoining Korean vowels and finals compose with the letter before them, like marks.
    return unicodedata.category(char)[0] == "M" or "\u1160" <= char <= "\u11ff"


@lru_cache(maxsize=8192)
def _letter(cluster: str) -> str:
    """One typed letter with its marks as lower-case characters that compose with nothing; "" for invisible ones."""
    for _ in range(4):
        changed = _letter_once(cluster)
        if changed == cluster:
            break
        cluster = changed
    return cluster


def _letter_once(cluster: str) -> str:
    done = []
    for letter in _clusters(cluster):
        parts = unicodedata.normalize("NFKD", letter).lower()
        base = "".join(_LOOKALIKES.get(char, char) for char in parts if _is_seen(char))
        if not base or _is_mark(base[0]):
            continue
        if len(base) > 1 and all(_is_mark(char) for char in base[1:]):
            # Marks in any order: the shape first, then one tone, else nothing composes.
            marks = sorted(dict.fromkeys(base[1:]), key=lambda mark: (mark in _TONES, mark))
            whole = unicodedata.normalize("NFC", base[0] + "".join(marks))
            while len(whole) > 1 and marks:
                marks.pop()
                whole = unicodedata.normalize("NFC", base[0] + "".join(marks))
            done.append(whole[0])
        else:
            composed = unicodedata.normalize("NFC", base)
            done.append("".join(char for char in composed if not _is_mark(char)))
    return "".join(done)


def _clusters(text: str) -> list[str]:
    groups: list[str] = []
    for char in text:
        if groups and _is_mark(char):
            groups[-1] += char
        else:
            groups.append(char)
    return groups


@lru_cache(maxsize=4096)
def _is_seen(char: str) -> bool:
    if char in "\u115f\u3164\uffa0\u2800":
        return False
    return char == "\n" or char == "\t" or unicodedata.category(char) not in ("Cf", "Cc", "Cs", "Co", "Cn")


def _substitute(pattern: re.Pattern[str], change: _Change, chars: str, starts: array[int], ends: array[int]) -> _Mapped:
    """Each match replaced by ``change(match)``; the replacement comes from the whole match. None leaves it alone."""
    out: list[str] = []
    new_starts, new_ends = array("I"), array("I")
    done = 0
    for match in pattern.finditer(chars):
        replacement = change(match)
        if replacement is None:
            continue
        begin, stop = match.span()
        out.append(chars[done:begin])
        new_starts.extend(starts[done:begin])
        new_ends.extend(ends[done:begin])
        out.append(replacement)
        new_starts.extend(repeat(starts[begin], len(replacement)))
        new_ends.extend(repeat(ends[stop - 1], len(replacement)))
        done = stop
    if not out:
        return chars, starts, ends
    out.append(chars[done:])
    new_starts.extend(starts[done:])
    new_ends.extend(ends[done:])
    return "".join(out), new_starts, new_ends


def _squeezed(match: re.Match[str]) -> str | None:
    if match["space"]:
        return "\n" if "\n" in match["space"] else " "
    if match["long"]:
        letter, tail = match["long"], match["tail"]
        if BASE_LETTER[letter] == tail:
            return letter
        return letter + tail if len(match.group()) > 3 else None
    return match["mark"] or match["same"]


def _joined(match: re.Match[str]) -> str | None:
    """A word cut up to hide it ("t.ự", "h-i-ế-p") put together again, where the pieces make one syllable."""
    whole = match["cut"]
    letters = re.sub(r"[^\w]|_", "", whole)
    first = re.split(r"[^\w]|_", whole, maxsplit=1)[0]
    return letters if not _HAS_VOWEL.search(strip_accents(first)) and is_syllable(letters) else None


def _words(chars: str, starts: array[int], ends: array[int]) -> _Mapped:
    """Word by word: slips decoded, tone placed, abbreviations and phrases written out."""
    tokens = list(_TOKEN.finditer(chars))
    words = [match.group() for match in tokens]
    sure = {reader for word in words for reader in _READERS if (slip := reader(word)) and slip.sure and word not in _KEPT}
    settled = [_settled(word, telex in sure, vni in sure) for word in words]
    out: list[str] = []
    new_starts, new_ends = array("I"), array("I")
    done = 0
    at, before = 0, ""
    while at < len(tokens):
        used, meaning = _SHORTHAND.read(settled, at, before, chars, tokens)
        before = meaning.rsplit(" ", 1)[-1]
        begin, stop = tokens[at].start(), tokens[at + used - 1].end()
        if meaning != chars[begin:stop]:
            out.append(chars[done:begin])
            new_starts.extend(starts[done:begin])
            new_ends.extend(ends[done:begin])
            out.append(meaning)
            if len(meaning) == stop - begin and used == 1:
                new_starts.extend(starts[begin:stop])
                new_ends.extend(ends[begin:stop])
            else:
                new_starts.extend(repeat(starts[begin], len(meaning)))
                new_ends.extend(repeat(ends[stop - 1], len(meaning)))
            done = stop
        at += used
    if not out:
        return chars, starts, ends
    out.append(chars[done:])
    new_starts.extend(starts[done:])
    new_ends.extend(ends[done:])
    return "".join(out), new_starts, new_ends


_READERS = (telex, vni)


@lru_cache(maxsize=32768)
def _settled(word: str, raw_telex: bool, raw_vni: bool) -> str:
    """One word without regard to its neighbours, beyond whether the message holds sure slips."""
    if word in _KEPT or word.isdigit():
        return word
    for reader, wanted in ((telex, raw_telex), (vni, raw_vni)):
        slip = reader(word)
        if slip and (slip.sure or wanted) and not _SHORTHAND.knows(word):
            return slip.word
    if is_syllable(word):
        return place_tone(word)
    if _SHORTHAND.knows(word):
        return word
    single = _DOUBLED.sub(r"\1", word)
    if single != word and (is_syllable(single) or _SHORTHAND.knows(single)):
        return place_tone(single)
    return _SHORTHAND.respelt(word)


_SHORTHAND = Shorthand.load()
_KEPT = _SHORTHAND.kept
