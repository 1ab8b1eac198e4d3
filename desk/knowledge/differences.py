"""Two versions of an entry side by side: field by field, word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from desk.knowledge import words
from kb.citations import written
from kb.documents import day
from kb.schema import Entry, Source

_WHOLE = frozenset({"topic", "audience", "as_of", "review_by", "validity"})  # one value each, not words
_TOKEN = re.compile(r"\{[a-z_]+\}|\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """A run of words: ``same`` in both, ``gone`` from the first, ``new`` in the second."""

    kind: str
    text: str


@dataclass(frozen=True)
class Difference:
    """One field that differs. ``pieces`` read in order give both texts."""

    field: str
    label: str
    pieces: tuple[Piece, ...]


def between(first: Entry, second: Entry, sources: Mapping[str, Source], titles: Mapping[str, str]) -> list[Difference]:
    """The fields in which two entries differ, in the order of the form. ``titles``: of other entries by id."""
    left, right = _fields(first, sources, titles), _fields(second, sources, titles)
    return [
        Difference(field, words.FIELDS[field], tuple((_change if field in _WHOLE else compare)(left[field], right[field])))
        for field in words.FIELDS
        if left[field] != right[field]
    ]


def compare(first: str, second: str) -> list[Piece]:
    """Two texts as one run of pieces. A space between two changed words belongs to the change."""
    left, right = _TOKEN.findall(first), _TOKEN.findall(second)
    gone, new = "", ""
    pieces: list[Piece] = []
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    codes = matcher.get_opcodes()
    for at, (kind, start, stop, begin, end) in enumerate(codes):
        same = "".join(left[start:stop])
        if kind == "equal" and not (same.isspace() and "\n" not in same and 0 < at < len(codes) - 1):
            pieces += _change(gone, new)
            pieces.append(Piece("same", same))
            gone, new = "", ""
            continue
        gone += "".join(left[start:stop])
        new += "".join(right[begin:end])
    return [*pieces, *_change(gone, new)]


def _change(gone: str, new: str) -> Iterator[Piece]:
    if gone:
        yield Piece("gone", gone)
    if new:
        yield Piece("new", new)


def _fields(entry: Entry, sources: Mapping[str, Source], titles: Mapping[str, str]) -> dict[str, str]:
    """Each field as an editor reads it."""
    cited = [written(one, sources) if one.source in sources else one.source for one in entry.citations]
    return {
        "topic": words.TOPICS.get(entry.topic, entry.topic),
        "title": entry.title,
        "audience": ", ".join(words.AUDIENCES[one.value] for one in entry.audience),
        "questions": "\n".join(entry.questions),
        "short": entry.short,
        "child": entry.child or "",
        "more": entry.more or "",
        "citations": "\n".join(cited),
        "as_of": day(entry.as_of),
        "review_by": day(entry.review_by),
        "validity": words.VALIDITIES[entry.validity.value],
        "replaced_by": titles.get(entry.replaced_by or "", entry.replaced_by or ""),
        "readings": "\n".join(entry.readings),
        "related": "\n".join(titles.get(one, one) for one in entry.related),
    }
