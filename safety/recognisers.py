"""The recogniser of the lexicon: where in a message which rule is met.

A phrase that is part of a longer one is not seen alone where the longer one means something else: "đánh" in "đánh
giá", "mẹ" in "mẹ chồng", "em" in "bạn em".
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from safety.lexicon import Lexicon, Pattern, Rule
from safety.phrases import PhraseBook, Tokens

_PEOPLE = (
    "me", "father", "mother", "stepparent", "both_parents", "kin", "known_adult", "teacher", "partner", "boss", "stranger",
    "online_person", "pupil", "other_child", "other_adult", "children",
)  # fmt: skip
_MOST_SPANS = 3

Span = tuple[int, int]


@dataclass(frozen=True)
class Hit:
    """A rule met in a message: token spans (half-open) of the whole, of the deed, and of each element in between."""

    rule: Rule
    span: Span
    deed: Span
    parts: tuple[Span, ...]


class Reading:
    """One message with its phrases found; answers where an element stands, each asked for at most once."""

    def __init__(
        self, tokens: Tokens, found: Mapping[int, list[Span]], all_found: Mapping[int, list[Span]], lexicon: Lexicon
    ) -> None:
        self.tokens = tokens
        self.found = found
        self.all_found = all_found
        self._elements = lexicon.elements
        self._places: dict[int, list[Span]] = {}

    def places(self, element: int) -> list[Span]:
        """Token spans of an element, in order, shorter before longer."""
        known = self._places.get(element)
        if known is None:
            wanted = self._elements[element].phrases
            spans = {span for number, spans in self.found.items() if number in wanted for span in spans}
            known = self._places[element] = sorted(spans)
        return known

    def has(self, numbers: frozenset[int]) -> bool:
        """True when any of these phrases stands in the message."""
        return not numbers.isdisjoint(self.found)


class Recogniser:
    """Reads messages with the phrases of a lexicon and finds the rules that are met."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._book = PhraseBook(lexicon.written)
        self._neutral = lexicon.numbers(lexicon.lists["neutral"])
        self._people = frozenset().union(*(lexicon.numbers(lexicon.lists[name]) for name in _PEOPLE))
        anchored: dict[int, list[int]] = {}
        for at, pattern in enumerate(lexicon.patterns):
            for number in lexicon.elements[pattern.steps[pattern.anchor].element].phrases:
                anchored.setdefault(number, []).append(at)
        self._anchored = {number: tuple(patterns) for number, patterns in anchored.items()}

    def read(self, tokens: Tokens) -> Reading:
        """Find all phrases, without those that a longer one explains away."""
        found = all_found = self._book.find(tokens)
        neutral = [span for number in self._neutral & found.keys() for span in found[number]]
        people = [span for number in self._people & found.keys() for span in found[number] if span[1] - span[0] > 1]
        if neutral or people:
            kept: dict[int, list[Span]] = {}
            for number, spans in found.items():
                if number not in self._neutral:
                    spans = [span for span in spans if not _is_inside(span, neutral)]
                if number in self._people:
                    spans = [span for span in spans if not _is_inside(span, people)]
                if spans:
                    kept[number] = spans
            found = kept
        return Reading(tokens, found, all_found, self.lexicon)

    def hits(self, reading: Reading) -> list[Hit]:
        """All rules met, each at most three times at places that do not overlap, shortest match first."""
        asked = {at for number in reading.found for at in self._anchored.get(number, ())}
        by_rule: dict[str, list[Hit]] = {}
        for at in sorted(asked):
            pattern = self.lexicon.patterns[at]
            if all(step.optional or reading.places(step.element) for step in pattern.steps):
                by_rule.setdefault(pattern.rule.name, []).extend(_matches(pattern, reading))
        hits: list[Hit] = []
        for candidates in by_rule.values():
            kept: list[Hit] = []
            for hit in sorted(candidates, key=lambda hit: (hit.span[1] - hit.span[0], hit.span)):
                if len(kept) < _MOST_SPANS and not any(_overlap(hit.span, other.span) for other in kept):
                    kept.append(hit)
            hits += kept
        return hits


def _matches(pattern: Pattern, reading: Reading) -> list[Hit]:
    if pattern.is_anywhere:
        return _anywhere(pattern, reading)
    matches = []
    for start in reading.places(pattern.steps[0].element) if not pattern.steps[0].optional else ():
        parts = _follow(pattern, 1, (start,), 0, reading)
        if parts is not None:
            matches.append(_hit(pattern, parts, reading))
    return matches


def _follow(
    pattern: Pattern, at: int, parts: tuple[Span | None, ...], slack: int, reading: Reading
) -> tuple[Span | None, ...] | None:
    """The nearest spans for the steps from ``at`` on; None for a step left out; None when there is no such row."""
    if at == len(pattern.steps):
        return parts
    step = pattern.steps[at]
    last = next(span for span in reversed(parts) if span is not None)
    room = slack + step.gap
    for span in reading.places(step.element):
        if span[0] < last[1]:
            continue
        if span[0] - last[1] > room:
            break
        if not reading.tokens.is_unbroken(last[1], span[0]):
            break
        rest = _follow(pattern, at + 1, (*parts, span), 0, reading)
        if rest is not None:
            return rest
    if step.optional:
        return _follow(pattern, at + 1, (*parts, None), room, reading)
    return None


def _anywhere(pattern: Pattern, reading: Reading) -> list[Hit]:
    """The first places of all steps, where no two share a token."""
    parts: list[Span] = []
    for step in pattern.steps:
        free = (span for span in reading.places(step.element) if not any(_overlap(span, part) for part in parts))
        span = next(free, None)
        if span is None:
            return []
        parts.append(span)
    whole = (min(span[0] for span in parts), max(span[1] for span in parts))
    return [Hit(pattern.rule, whole, parts[pattern.deed], tuple(sorted(parts)))]


def _hit(pattern: Pattern, parts: tuple[Span | None, ...], reading: Reading) -> Hit:
    deed = parts[pattern.deed] or parts[pattern.anchor]
    seen = tuple(span for span in parts if span is not None)
    if deed is None:
        raise AssertionError("an anchor is never optional")
    return Hit(pattern.rule, (seen[0][0], seen[-1][1]), deed, seen)


def _is_inside(span: Span, others: list[Span]) -> bool:
    size = span[1] - span[0]
    return any(start <= span[0] and span[1] <= end and end - start > size for start, end in others)


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
