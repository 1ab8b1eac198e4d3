"""Phrases of several words, found in a message in one pass by spaCy's PhraseMatcher.

The matcher looks at words without accents; whether the accents fit is asked afterwards, since people leave marks out
but seldom put wrong ones. Unknown words become one placeholder, so that no word of a sender stays in the vocabulary.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import spacy
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

from vietnamese import NormalText, has_accents, strip_accents
from vietnamese.accents import likely_forms, part_forms

_TOKEN = re.compile(r"[^\W_]+|[^\w\s]|\n")
_LETTERS = re.compile(r"[^\W\d_]+")
_UNKNOWN = "unknownword"
_BREAKS = frozenset(".!?\n")
_ACCENTED_SHARE = 0.2


@dataclass(frozen=True)
class Phrase:
    """A phrase of the lists: its words, and for each the spellings that are taken for it.

    ``accented`` holds the spellings in a text typed with accents, ``bare`` those in a text typed without.
    """

    words: tuple[str, ...]
    accented: tuple[frozenset[str], ...]
    bare: tuple[frozenset[str], ...]

    @classmethod
    def parse(cls, written: str) -> Phrase:
        """A phrase as editors write it: "!" asks for all marks in accented texts, "!!" always."""
        strict = len(written) - len(written.rstrip("!"))
        words = tuple(written.rstrip("!").split())
        if not words:
            raise ValueError("an empty phrase")
        if strict == 0:
            bare = tuple(part_forms(word) for word in words)
            # Beside other words of its phrase even a frequent word is likely to be the one meant.
            return cls(words, bare if len(words) > 1 else (likely_forms(words[0]),), bare)
        full = tuple(frozenset({word}) for word in words)
        loose = full if strict > 1 else tuple(frozenset({word, strip_accents(word)}) for word in words)
        return cls(words, full, loose)

    @property
    def plain(self) -> tuple[str, ...]:
        return tuple(strip_accents(word) for word in self.words)


@dataclass(frozen=True)
class Tokens:
    """The tokens of one message: spellings, spellings without accents, and half-open spans of the normal form."""

    form: NormalText
    words: tuple[str, ...]
    plain: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    is_accented: bool
    breaks: tuple[int, ...]

    @classmethod
    def of(cls, form: NormalText) -> Tokens:
        """Cut a normal form into words, signs and line ends."""
        spans = tuple(match.span() for match in _TOKEN.finditer(form.text))
        words = tuple(form.text[start:end] for start, end in spans)
        plain = tuple(form.plain[start:end] for start, end in spans)
        # Asked of what was typed: an abbreviation written out brings accents that its writer left out.
        typed = _LETTERS.findall(unicodedata.normalize("NFC", form.typed))
        accented = sum(has_accents(word) for word in typed) >= _ACCENTED_SHARE * max(1, len(typed))
        count, breaks = 0, [0]
        for word in words:
            count += word in _BREAKS
            breaks.append(count)
        return cls(form, words, plain, spans, accented, tuple(breaks))

    def part(self, start: int, end: int) -> Tokens:
        """The tokens ``start`` to ``end`` (half-open) as a message of their own, spans into the same typed text."""
        base = self.breaks[start]
        return Tokens(
            self.form,
            self.words[start:end],
            self.plain[start:end],
            self.spans[start:end],
            self.is_accented,
            tuple(count - base for count in self.breaks[start : end + 1]),
        )

    def is_unbroken(self, start: int, end: int) -> bool:
        """True when no end of a sentence lies among tokens ``start`` to ``end`` (half-open)."""
        return self.breaks[start] == self.breaks[max(start, end)]

    def typed_span(self, start: int, end: int) -> tuple[int, int]:
        """The typed span, in code points, of tokens ``start`` to ``end`` (half-open)."""
        if start >= end:
            raise ValueError("no token in the span")
        return self.form.span(self.spans[start][0], self.spans[end - 1][1])


Found = Mapping[int, list[tuple[int, int]]]


class PhraseBook:
    """All phrases of the lexicon under small numbers; ``find`` gives where each stands in a message."""

    def __init__(self, written: Iterable[str]) -> None:
        self.ids: dict[str, int] = {}
        self.phrases: list[Phrase] = []
        for entry in written:
            if entry not in self.ids:
                self.ids[entry] = len(self.phrases)
                self.phrases.append(Phrase.parse(entry))
        nlp = spacy.blank("vi", config={"nlp": {"tokenizer": {"use_pyvi": False}}})
        self._vocab = nlp.vocab
        self._known = frozenset(word for phrase in self.phrases for word in phrase.plain)
        self._matcher = PhraseMatcher(self._vocab, attr="ORTH")
        by_plain: dict[tuple[str, ...], list[int]] = {}
        for number, phrase in enumerate(self.phrases):
            by_plain.setdefault(phrase.plain, []).append(number)
        self._numbers: dict[int, tuple[int, ...]] = {}
        for plain, numbers in by_plain.items():
            key = " ".join(plain)
            self._matcher.add(key, [Doc(self._vocab, words=list(plain))])
            self._numbers[self._vocab.strings[key]] = tuple(numbers)

    def find(self, tokens: Tokens) -> dict[int, list[tuple[int, int]]]:
        """Phrase number → its token spans (half-open, in order) in the message."""
        if not tokens.words:
            return {}
        known = self._known
        doc = Doc(self._vocab, words=[word if word in known else _UNKNOWN for word in tokens.plain])
        found: dict[int, list[tuple[int, int]]] = {}
        words, accented = tokens.words, tokens.is_accented
        for key, start, end in self._matcher(doc):
            for number in self._numbers[key]:
                phrase = self.phrases[number]
                forms = phrase.accented if accented else phrase.bare
                if all(word in form for word, form in zip(words[start:end], forms, strict=True)):
                    found.setdefault(number, []).append((start, end))
        return found
