"""Abbreviations, teencode and dialect words, written out by tables that editors keep as YAML.

An entry may depend on what stands beside it ("50 m" stays, "m" alone is "mày"). The tables are checked when read: a
meaning must be its own normal form, so that writing out twice is the same as once.
"""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from vietnamese.accents import has_accents
from vietnamese.syllable import is_syllable, place_tone

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Entry:
    """One abbreviation: its meaning, and the neighbours that keep it or change it (words of the normal form)."""

    means: str
    not_after: frozenset[str] = frozenset()
    not_before: frozenset[str] = frozenset()
    only_after: frozenset[str] = frozenset()
    only_before: frozenset[str] = frozenset()
    after_number: bool = True
    at_end: bool = True


@dataclass(frozen=True, eq=False)
class Shorthand:
    """The tables, ready to be read word by word."""

    entries: Mapping[str, tuple[Entry, ...]]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    onsets: tuple[tuple[str, str], ...]
    finals: tuple[tuple[str, str], ...]
    kept: frozenset[str]

    @classmethod
    def load(cls) -> Shorthand:
        """Read ``teencode.yml``, ``dialect.yml`` and ``exchanged.yml`` of this package; raises ValueError with the entry that is wrong."""
        teencode = _read("teencode.yml")
        dialect = _read("dialect.yml")
        lists = {name: frozenset(str(words).split()) for name, words in teencode["lists"].items()}
        entries: dict[str, tuple[Entry, ...]] = {}
        phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for table in (teencode["words"], dialect["words"], _read("exchanged.yml")["words"]):
            for key, value in table.items():
                variants = value if isinstance(value, list) else [value]
                for name in str(key).split("/"):
                    words = tuple(name.split())
                    if len(words) > 1:
                        phrases.setdefault(words[0], []).append((words, str(value)))
                    elif words[0] in entries:
                        raise ValueError(f"shorthand: {name!r} stands in the tables twice")
                    else:
                        entries[words[0]] = tuple(_entry(variant, lists) for variant in variants)
        sounds = teencode["sounds"]
        ready = cls(
            entries=entries,
            phrases={first: tuple(sorted(many, key=lambda one: -len(one[0]))) for first, many in phrases.items()},
            onsets=tuple((str(a), str(b)) for a, b in sounds["onsets"].items()),
            finals=tuple((str(a), str(b)) for a, b in sounds["finals"].items()),
            kept=frozenset(str(teencode["kept"]).split()),
        )
        ready._check()
        return ready

    def _check(self) -> None:
        meanings = [entry.means for entries in self.entries.values() for entry in entries]
        meanings += [meaning for many in self.phrases.values() for _, meaning in many]
        for meaning in meanings:
            for word in meaning.split():
                if word in self.entries or not (is_syllable(word) or word in self.kept) or place_tone(word) != word:
                    raise ValueError(f"shorthand: {word!r} in {meaning!r} is not a word in its normal form")

    def knows(self, word: str) -> bool:
        """True when the tables have an entry for this word alone."""
        return word in self.entries

    def read(
        self, words: Sequence[str], at: int, before: str, chars: str, tokens: Sequence[re.Match[str]]
    ) -> tuple[int, str]:
        """How many words are used from ``at`` on, and what they mean; a word without an entry means itself.

        ``before`` is the last word already written out, so that a second reading sees the same neighbours.
        """
        word = words[at]
        for phrase, meaning in self.phrases.get(word, ()):
            if tuple(words[at : at + len(phrase)]) == phrase and _is_run(chars, tokens, at, len(phrase)):
                return len(phrase), meaning
        for entry in self.entries.get(word, ()):
            if _applies(entry, words, at, before, chars, tokens):
                return 1, entry.means
        return 1, word

    @lru_cache(maxsize=16384)  # noqa: B019 - one instance lives as long as the process
    def respelt(self, word: str) -> str:
        """A playful spelling with marks put right by its sounds ("fải", "khôg"); other words come back as given."""
        if not has_accents(word):
            return word
        tries = [word.replace("j", "i")]
        for wrong, right in self.onsets:
            tries += [right + one[len(wrong) :] for one in tries if one.startswith(wrong)]
        for wrong, right in self.finals:
            tries += [one[: -len(wrong)] + right for one in tries if one.endswith(wrong)]
        for one in tries:
            if one != word and is_syllable(one):
                return place_tone(one)
        return word


def _entry(value: Any, lists: Mapping[str, frozenset[str]]) -> Entry:
    if isinstance(value, str):
        return Entry(value)
    unknown = set(value) - {"means", "not_after", "not_before", "only_after", "only_before", "after_number", "at_end"}
    if unknown:
        raise ValueError(f"shorthand: unknown keys {sorted(unknown)} beside {value.get('means')!r}")

    def words(key: str) -> frozenset[str]:
        given = str(value.get(key, ""))
        found: set[str] = set()
        for word in given.split():
            found |= lists[word[1:]] if word.startswith("+") else {word}
        return frozenset(found)

    return Entry(
        means=str(value["means"]),
        not_after=words("not_after"),
        not_before=words("not_before"),
        only_after=words("only_after"),
        only_before=words("only_before"),
        after_number=bool(value.get("after_number", True)),
        at_end=bool(value.get("at_end", True)),
    )


def _applies(
    entry: Entry, words: Sequence[str], at: int, before: str, chars: str, tokens: Sequence[re.Match[str]]
) -> bool:
    after = words[at + 1] if at + 1 < len(words) else ""
    if entry.only_after and before not in entry.only_after:
        return False
    if entry.only_before and after not in entry.only_before:
        return False
    if before in entry.not_after or after in entry.not_before:
        return False
    if not entry.after_number and before[-1:].isdigit():
        return False
    if not entry.at_end:
        gap = chars[tokens[at].end() : tokens[at + 1].start()] if after else "."
        if gap.strip():
            return False
    return True


def _is_run(chars: str, tokens: Sequence[re.Match[str]], at: int, count: int) -> bool:
    return all(chars[tokens[n].end() : tokens[n + 1].start()] == " " for n in range(at, at + count - 1))


def _read(name: str) -> dict[str, Any]:
    with open(_HERE / name, encoding="utf-8") as file:
        data = yaml.safe_load(file)
    if not isinstance(data, dict):
        raise ValueError(f"{name}: expected a table")
    return data
