"""Search over entries, with or without accents: BM25 over their fields, and likeness to their example questions.

A text becomes words (with and without marks), pairs of neighbours and letter triples; places and ages become one word
each, so that "ở Cẩm Phả" in an example is as good as "ở Uông Bí". Scores lie from 0 to 1: the share of what a question
weighs that an entry holds; an example typed again scores 1. Within a topic, words that all its entries share weigh
little, so that "mấy tuổi" decides and not "lớp bơi".

`Index.rank` joins these with how likely each topic is, in one score that was fitted on the examples themselves
(`python -m benchmarks.ranking`): a topic that understanding holds for second best can still win with an entry that
fits well.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_matrix, csr_matrix

from helpline.clock import SystemClock, local
from kb import ages, content
from kb.places import Gazetteer
from kb.rows import Term
from kb.schema import Entry
from kb.words import words
from vietnamese.accents import has_accents, strip_accents
from vietnamese.normal import normalise

PLACE, AGE = "<place>", "<age>"
SHORTEST_TERM = 3  # letters; shorter abbreviations mean too many things

_WORD = re.compile(r"[^\W_]+")
_PARTICLES = words("search", "particles")
_ASKERS = words("search", "askers")
_WEIGHTS = {"asker": 0.35, "place": 0.45, "pair": 0.8, "marked": 0.7}
_FIELDS = {"title": 2.0, "questions": 1.0, "short": 1.5, "child": 0.5, "more": 0.5}
_SATURATION, _LENGTH = 1.2, 0.6  # BM25's k1 and b
_IN_TOPIC = 0.8  # share of a word's weight that is reckoned among the topic's entries alone
_LIKENESS = 0.12  # share of the likeness to single examples
_KEPT_TEXTS = 50_000

RANKING = (4.92, 11.36, 2.58, 0.51)
"""How much the columns of `Index.evidence` count; fitted by `python -m benchmarks.ranking`."""
NO_ENTRY = 4.34
"""What stands in the same sum for "no entry answers this"."""
LEAST_CHANCE = 1e-3
"""Of a topic that understanding does not name."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """An entry and how well it fits, from 0 to 1. ``question``: its example that fits best; ``placed``: that names a place."""

    entry: Entry
    score: float
    question: str
    placed: bool


@dataclass(frozen=True)
class Ranked(Scored):
    """``score`` is among all entries, ``within`` among those of its topic; ``chance``: that it is the answer, from 0 to 1."""

    chance: float
    within: float


@dataclass(frozen=True)
class Query:
    """A text taken apart. ``features`` with their weights; ``key`` is the same for two typings of one question."""

    features: Mapping[str, float]
    letters: Mapping[str, float]
    key: str
    places: int  # how many places and ages stand in it
    words: int  # how many words beside them, particles and the asker's own name for himself left out


class Reader:
    """Takes texts apart, and remembers them: most texts of an index are those of the index before."""

    def __init__(self, gazetteer: Gazetteer, year_now: int, glossary: Iterable[Term] = ()) -> None:
        """``glossary``: abbreviations that are read as their full words too ("TNTT": tai nạn thương tích)."""
        self._gazetteer = gazetteer
        self._year = year_now
        self._full = {
            strip_accents(short).lower(): _words(term.full)
            for term in glossary
            for short in term.short
            if len(short) >= SHORTEST_TERM and short.isalpha()
        }
        self.read = lru_cache(maxsize=_KEPT_TEXTS)(self._read)

    def _read(self, text: str) -> Query:
        spans = [(match.span, PLACE) for match in self._gazetteer.find(text)]
        spans += [(age.span, AGE) for age in ages.find(text, self._year)]
        plain: list[str] = []
        marked: list[str] = []
        named: set[str] = set()
        done = 0
        for (start, end), mark in [*sorted(spans), ((len(text), len(text)), "")]:
            if start < done:
                continue
            for word, bare in _words(text[done:start]):
                for full, full_bare in ((word, bare), *self._full.get(bare, ())):
                    if full not in _PARTICLES:
                        plain.append(full_bare)
                        marked.append(full)
            if mark:
                plain.append(mark)
                marked.append(mark)
            if mark == PLACE:
                named.update(bare for _, bare in _words(text[start:end]))
            done = end
        if not plain:
            pairs = _words(text)
            plain, marked = [bare for _, bare in pairs], [word for word, _ in pairs]
        features = _features(plain, "p:", 1.0)
        features.update({f"p:{name}": _WEIGHTS["place"] for name in named})
        if any(has_accents(word) for word in marked):
            features.update(_features(marked, "m:", _WEIGHTS["marked"]))
        own = [word for word in plain if not word.startswith("<")]
        letters = Counter(f" {word} "[at : at + 3] for word in own for at in range(len(word)))
        key = " ".join([*own, *sorted(named)])
        return Query(features, letters, key, len(plain) - len(own), sum(word not in _ASKERS for word in own))


class Index:
    """An index over entries; made anew when they change. Safe to share between threads."""

    def __init__(self, entries: Sequence[Entry], reader: Reader) -> None:
        self.entries = tuple(entries)
        self._reader = reader
        self._order = {entry.id: at for at, entry in enumerate(entries)}
        self._questions: list[str] = []
        owners: list[int] = []
        queries: list[Query] = []
        for number, entry in enumerate(entries):
            for text in (entry.title, *entry.questions):
                self._questions.append(text)
                owners.append(number)
                queries.append(reader.read(text))
        self._owners = np.array(owners, dtype=np.int64)
        self._starts = np.searchsorted(self._owners, np.arange(len(entries)))  # where the examples of each entry begin
        self._placed = [f"p:{PLACE}" in query.features for query in queries]
        self._keys: dict[str, list[int]] = {}
        for at, query in enumerate(queries):
            self._keys.setdefault(query.key, []).append(at)
        self._topics = np.array([entry.topic for entry in entries])
        self._topic_names = sorted({entry.topic for entry in entries})
        self._topic_of = np.array([self._topic_names.index(entry.topic) for entry in entries], dtype=np.int64)
        self._likeness = Likeness(queries)
        self._fields = _Fields([self._counts(entry) for entry in entries], self._topic_of)

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Index:
        """An index of the product's own places and today's year, for tools."""
        own = content.load()
        return cls(entries, Reader(own.gazetteer, local(SystemClock().now()).year, own.glossary))

    def read(self, text: str) -> Query:
        """A text as the index sees it."""
        return self._reader.read(text)

    def order(self, entry_id: str) -> int:
        """Where an entry stands among those given: the overview of a topic comes first in its file."""
        return self._order.get(entry_id, len(self._order))

    def exact(self, text: str) -> list[Entry]:
        """The entries that have ``text`` as a title or an example question, whatever its accents and particles.

        Where it is somebody's title, only those: a tapped button is its title.
        """
        found = self._keys.get(self._reader.read(text).key, [])
        titles = [at for at in found if at == self._starts[self._owners[at]]]
        return [self.entries[number] for number in dict.fromkeys(int(self._owners[at]) for at in titles or found)]

    def find(self, text: str, most: int = 5, topic: str | None = None) -> list[Scored]:
        """The entries that fit ``text``, the best first; with ``topic`` only those of that topic. None fits: empty."""
        total, within, likeness, _ = self._weighed(text)
        if topic is not None:
            total = np.where(self._topics == topic, within, 0.0)
        order = np.argsort(-total, kind="stable")[:most]
        return [self._scored(int(at), float(total[at]), likeness) for at in order if total[at] > 0]

    def rank(self, text: str, topics: Mapping[str, float], most: int = 5) -> list[Ranked]:
        """The entries that answer ``text``, the likeliest first, with the chance of each; none fits: empty.

        ``topics``: how likely each topic is, from 0 to 1; those left out are hardly
        likely. Empty: nothing is known, and all are alike. The chances of all entries and of "no entry answers this" sum to 1.
        """
        total, within, likeness, title = self._weighed(text)
        fitting = np.flatnonzero(total > 0)
        if not len(fitting):
            return []
        logits = self.logits(self.evidence(total, within, title, topics)[fitting])
        top = logits.max()
        chances = np.exp(logits - top) / (np.exp(logits - top).sum() + np.exp(NO_ENTRY - top))
        order = np.argsort(-logits, kind="stable")[:most]
        found = []
        for at in order:
            number = int(fitting[at])
            scored = self._scored(number, float(total[number]), likeness)
            found.append(Ranked(scored.entry, scored.score, scored.question, scored.placed, float(chances[at]), float(within[number])))
        return found

    def evidence(self, total: Floats, within: Floats, title: Floats, topics: Mapping[str, float]) -> Floats:
        """What `rank` weighs, (entries, 4): the share of all words, the share within the topic, the likeness to the title,
        and the logarithm of the topic's chance."""
        alike = 1 / max(1, len(self._topic_names))
        chances = np.array([max(LEAST_CHANCE, topics.get(name, 0.0)) if topics else alike for name in self._topic_names])
        return np.stack([total, within, title, np.log(chances)[self._topic_of]], axis=1)

    @staticmethod
    def logits(evidence: Floats) -> Floats:
        found: Floats = evidence @ np.array(RANKING)
        return found

    def weighed(self, text: str) -> tuple[Floats, Floats, Floats]:
        """For each entry: how well it fits among all, how well within its topic, how like its title is. From 0 to 1."""
        total, within, _, title = self._weighed(text)
        return total, within, title

    def _weighed(self, text: str) -> tuple[Floats, Floats, Floats, Floats]:
        """As `weighed`, with the likeness to every example third."""
        nothing = np.zeros(len(self.entries))
        if not self.entries:
            return nothing, nothing, nothing, nothing
        query = self._reader.read(text)
        likeness = self._likeness.of(query)
        best = _LIKENESS * np.maximum.reduceat(likeness, self._starts)
        overall, within = self._fields.shares(query)
        same = sorted({int(self._owners[at]) for at in self._keys.get(query.key, ())})
        total, within = (1 - _LIKENESS) * overall + best, (1 - _LIKENESS) * within + best
        total[same] = within[same] = 1.0
        return total, within, likeness, likeness[self._starts]

    def _scored(self, number: int, score: float, likeness: Any) -> Scored:
        start = int(self._starts[number])
        stop = int(self._starts[number + 1]) if number + 1 < len(self.entries) else len(likeness)
        at = start + int(np.argmax(likeness[start:stop]))
        return Scored(self.entries[number], min(1.0, round(score, 4)), self._questions[at], self._placed[at])

    def _counts(self, entry: Entry) -> Counter[str]:
        counts: Counter[str] = Counter()
        for field, weight in _FIELDS.items():
            value = getattr(entry, field)
            for text in value if isinstance(value, tuple) else [value or ""]:
                for feature, count in self._reader.read(text).features.items():
                    counts[feature] += weight * count  # type: ignore[assignment]
        return counts


def _words(text: str) -> list[tuple[str, str]]:
    """Words of the normal form, each with its form without marks."""
    normal = normalise(text)
    return [(match.group(), normal.plain[slice(*match.span())]) for match in _WORD.finditer(normal.text)]


def _features(words: Sequence[str], kind: str, weight: float) -> dict[str, float]:
    features = {kind + word: weight * (_WEIGHTS["asker"] if word in _ASKERS else 1.0) for word in words}
    for first, second in zip(words, words[1:], strict=False):
        features[f"{kind}{first} {second}"] = weight * _WEIGHTS["pair"]
    return features


class _Fields:
    """BM25 over the weighted fields of entries, among all and within each topic."""

    def __init__(self, texts: Sequence[Counter[str]], topic_of: npt.NDArray[np.int64]) -> None:
        self._number = {feature: at for at, feature in enumerate(dict.fromkeys(f for text in texts for f in text))}
        lengths = np.array([sum(text.values()) for text in texts]) if texts else np.zeros(0)
        norms = _SATURATION * (1 - _LENGTH + _LENGTH * lengths / (lengths.mean() if len(lengths) else 1.0))
        rows = [at for at, text in enumerate(texts) for _ in text]
        columns = [self._number[feature] for text in texts for feature in text]
        counts = np.array([count for text in texts for count in text.values()], dtype=float)
        saturated = counts / (counts + norms[rows]) if rows else counts
        shape = (len(texts), max(1, len(self._number)))
        self._held = csc_matrix((saturated, (rows, columns)), shape=shape)
        self._topic_of = topic_of
        overall = _rarity(np.diff(self._held.indptr), len(texts)) / _rarity(0, max(1, len(texts)))
        self._overall = overall.astype(np.float32)
        # Within a topic of one entry nothing is rare; there a word is worth what it is worth among all.
        sizes = np.bincount(topic_of, minlength=1)
        of_topic = csr_matrix((np.ones(len(texts)), (topic_of, np.arange(len(texts)))), shape=(len(sizes), len(texts)))
        held = csc_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)
        frequency = np.asarray((of_topic @ held).todense())
        own = _rarity(frequency, sizes[:, None]) / _rarity(0, np.maximum(1, sizes[:, None]))
        mixed = _IN_TOPIC * own + (1 - _IN_TOPIC) * overall[None, :]
        self._within = np.where(sizes[:, None] > 1, mixed, overall[None, :]).astype(np.float32)

    def shares(self, query: Query) -> tuple[Floats, Floats]:
        """For each entry the share of the query's weight that it holds: words weighed among all entries, and in its topic."""
        known = [(self._number[f], weight) for f, weight in query.features.items() if f in self._number]
        # A word that no entry has counts half; pairs of neighbours come with their words.
        unknown = 0.5 * sum(weight for f, weight in query.features.items() if f not in self._number and " " not in f)
        if not known:
            nothing = np.zeros(len(self._topic_of))
            return nothing, nothing.copy()
        columns = np.array([number for number, _ in known])
        weights = np.array([weight for _, weight in known])
        held = self._held[:, columns]
        rows, at = held.indices, np.repeat(np.arange(len(columns)), np.diff(held.indptr))
        overall, within = weights * self._overall[columns], weights * self._within[:, columns]
        topics = self._topic_of[rows]
        shares = []
        for values, whole in ((overall[at], np.full(len(self._topic_of), overall.sum())), (within[topics, at], within.sum(axis=1)[self._topic_of])):
            total = np.bincount(rows, weights=values * held.data, minlength=len(self._topic_of))
            shares.append(np.clip(total / (whole + unknown), 0.0, 1.0))
        return shares[0], shares[1]


def _rarity(frequency: Any, size: Any) -> Any:
    return np.log(1 + (size - frequency + 0.5) / (frequency + 0.5))


class Likeness:
    """Example questions as unit vectors of words, pairs and letter triples; likeness is their cosine."""

    def __init__(self, queries: Sequence[Query]) -> None:
        self._parts = [
            _Vectors([query.features for query in queries]),
            _Vectors([query.letters for query in queries]),
        ]

    def of(self, query: Query) -> Any:
        words, letters = self._parts[0].cosines(query.features), self._parts[1].cosines(query.letters)
        return 0.6 * words + 0.4 * letters


class _Vectors:
    def __init__(self, texts: Sequence[Mapping[str, float]]) -> None:
        self._number = {feature: at for at, feature in enumerate(dict.fromkeys(f for text in texts for f in text))}
        frequency = np.zeros(max(1, len(self._number)))
        for text in texts:
            frequency[[self._number[f] for f in text]] += 1
        self._rarity = np.log(1 + (len(texts) or 1) / (1 + frequency))
        self._most = float(np.log(1 + (len(texts) or 1)))
        rows, columns, data = [], [], []
        for at, text in enumerate(texts):
            numbers = [self._number[f] for f in text]
            weights = np.array([*text.values()], dtype=float) * self._rarity[numbers]
            norm = float(np.sqrt((weights**2).sum())) or 1.0
            rows += [at] * len(numbers)
            columns += numbers
            data += (weights / norm).tolist()
        self._matrix = csr_matrix((data, (rows, columns)), shape=(len(texts), len(frequency)))

    def cosines(self, text: Mapping[str, float]) -> Any:
        """The cosine with every text; words that none of them has make the vector longer."""
        vector = np.zeros(self._matrix.shape[1])
        squares = 0.0
        for feature, weight in text.items():
            number = self._number.get(feature)
            value = weight * (self._most * 0.5 if number is None else self._rarity[number])
            squares += value**2
            if number is not None:
                vector[number] = value
        return self._matrix.dot(vector) / (np.sqrt(squares) or 1.0)
