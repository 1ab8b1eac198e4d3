"""Laws, decrees, plans and letters: found by number, by subject, by issuer or year; told with their state and date."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kb.schema import Source, Validity
from kb.wording import say
from kb.words import words
from vietnamese.accents import strip_accents
from vietnamese.normal import normalise

_KINDS = {
    "kh": "kế hoạch", "ke hoach": "kế hoạch", "qd": "quyết định", "quyet dinh": "quyết định", "nd": "nghị định",
    "nghi dinh": "nghị định", "nq": "nghị quyết", "nghi quyet": "nghị quyết", "ct": "chỉ thị", "chi thi": "chỉ thị",
    "cv": "công văn", "cong van": "công văn", "tt": "thông tư", "thong tu": "thông tư", "kl": "kết luận",
    "ket luan": "kết luận", "luat": "luật", "bo luat": "bộ luật", "ctr": "chương trình", "chuong trinh": "chương trình",
    "ctph": "chương trình", "quy che": "quy chế", "qc": "quy chế", "cong dien": "công điện", "cd": "công điện",
}  # fmt: skip
_KIND = "|".join(sorted((re.escape(kind) for kind in _KINDS), key=len, reverse=True))
_NUMBER = r"(?P<number>\d{1,4}[ab]?)"
_FULL = re.compile(rf"\b{_NUMBER}\s?/\s?(?P<year>(?:19|20)\d\d)\s?/\s?(?P<symbol>[a-z][a-z0-9&]*(?:[-/][a-z0-9&]+)*)")
_SYMBOL = re.compile(rf"(?<![\d/.])\b{_NUMBER}\s?[/-]\s?(?P<symbol>(?!nam\b|thang\b)[a-z][a-z0-9&]+(?:[-/][a-z0-9&]+)*)")
_NAMED = re.compile(
    rf"\b(?P<kind>{_KIND})\.?\s*(?:so\s+)?{_NUMBER}\b(?!\s?(?:tuoi|trieu|nghin|dong|gio|ngay(?! nao)|thang(?! nao)|nam\b(?!\s+(?:19|20))|k\b))"
    rf"(?:\s*(?:/|nam|-|\s)\s*(?P<year>(?:19|20)\d\d))?"
)
_SYMBOL_AFTER = re.compile(r"\s?[/-]\s?([a-z][a-z0-9&]+(?:[-/][a-z0-9&]+)*)")
_NEXT = re.compile(rf"\s*(?:,|;|va|voi|vs|hay|hoac|\+|&)\s*(?:so\s+)?{_NUMBER}\b(?!\s?(?:tuoi|trieu|nghin))(?:\s?/\s?(?P<year>(?:19|20)\d\d))?")
_BARE = re.compile(r"(?<![\d/.,-])\b(?P<number>\d{2,4}[ab]?)\b(?![\d/.,-])")
_YEAR = re.compile(r"\bnam\s+((?:19|20)\d\d)\b")
_WORD = re.compile(r"[^\W_]+")
_IDLE = words("documents", "idle")
_BESIDE = 0.4  # what a word of the issuer's name weighs beside one of the title
_PRESS = frozenset({"báo", "trang thông tin", "dữ liệu"})


@dataclass(frozen=True)
class Reference:
    """A document as somebody names it: "kh 183", "02/KH-UBND", "nghị định 56/2017"."""

    number: str  # without leading zeros
    kind: str | None = None
    year: int | None = None
    symbol: str | None = None  # plain letters only


@dataclass(frozen=True)
class Document:
    """What `find` gives: the source and how sure the find is, 1 by number."""

    source: Source
    score: float


def references(text: str, bare: bool = False) -> list[Reference]:
    """The documents named in ``text`` by number. ``bare``: a number alone counts too (the talk is of documents)."""
    plain = _plain(text)
    found: list[Reference] = []
    taken: list[tuple[int, int]] = []

    def free(match: re.Match[str]) -> bool:
        return not any(match.start() < end and start < match.end() for start, end in taken)

    for match in _FULL.finditer(plain):
        found.append(Reference(_number(match), None, int(match["year"]), _letters(match["symbol"])))
        taken.append(match.span())
    for match in _NAMED.finditer(plain):
        if not free(match):
            continue
        kind, year, end = _KINDS[match["kind"]], match["year"], match.end()
        symbol = _SYMBOL_AFTER.match(plain, end)
        found.append(Reference(_number(match), kind, int(year) if year else None, _letters(symbol[1]) if symbol else None))
        end = symbol.end() if symbol else end
        while following := _NEXT.match(plain, end):
            if not following["year"] and 1990 <= int(re.sub(r"\D", "", following["number"])) <= 2099:
                break
            found.append(Reference(_number(following), kind, int(following["year"]) if following["year"] else None))
            end = following.end()
        taken.append((match.start(), end))
    for match in _SYMBOL.finditer(plain):
        if free(match) and _letters(match["symbol"]):
            found.append(Reference(_number(match), None, None, _letters(match["symbol"])))
            taken.append(match.span())
    if bare:
        found += [Reference(_number(match)) for match in _BARE.finditer(plain) if free(match) and not _is_year(match)]
    year = _YEAR.search(plain)
    if year and len(found) == 1 and found[0].year is None:
        found = [Reference(found[0].number, found[0].kind, int(year[1]), found[0].symbol)]
    return found


class Documents:
    """The list of documents, ready for search. Press and web pages are sources, not documents, and are left out."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._listed = [source for source in sources.values() if source.kind not in _PRESS]
        self._words = [
            {**dict.fromkeys(_content_words(f"{s.issuer or ''} {s.period or ''}"), _BESIDE), **dict.fromkeys(_content_words(s.title), 1.0)}
            for s in self._listed
        ]
        frequency = Counter(word for own in self._words for word in own)
        size = len(self._listed) or 1
        self._rarity = {word: math.log(1 + size / count) for word, count in frequency.items()}

    def by_reference(self, reference: Reference) -> list[Source]:
        """The documents of that number; a kind, a year or a symbol narrows, but never down to none that has the number."""
        found = [s for s in self._listed if s.number and _own_number(s) == reference.number]
        for fits in (
            lambda s: reference.symbol is None or _letters(s.number or "").startswith(reference.symbol),
            lambda s: reference.year is None or reference.year in _years(s),
            lambda s: reference.kind is None or _is_kind(s, reference.kind),
        ):
            narrower = [s for s in found if fits(s)]
            if not narrower and len(found) > 1:
                continue
            found = narrower
        return found

    def by_subject(self, text: str, most: int = 3) -> list[Document]:
        """The documents whose title fits ``text`` best; those under a third of what could fit are left out."""
        asked = [word for word in dict.fromkeys(_content_words(text)) if not _IDLE & set(word.split())]
        whole = sum(self._rarity.get(word, math.log(1 + len(self._listed))) for word in asked)
        if not whole:
            return []
        kind = next((k for k in _KINDS.values() if re.search(rf"\b{strip_accents(k)}\b", _plain(text))), None)
        year = _YEAR.search(_plain(text))
        scored = []
        for source, own in zip(self._listed, self._words, strict=True):
            shared = sum(self._rarity[word] * own[word] for word in asked if word in own)
            score = 0.75 * shared / whole + 0.25 * shared / sum(self._rarity[word] * weight for word, weight in own.items())
            score *= 1.15 if kind and _is_kind(source, kind) else 1.0
            score *= 1.15 if year and int(year[1]) in _years(source) else 1.0
            scored.append(Document(source, min(1.0, score)))
        scored.sort(key=lambda document: -document.score)
        best = scored[0].score if scored else 0.0
        return [document for document in scored[:most] if document.score >= max(0.34, 0.8 * best)]

    def tell(self, source: Source) -> str:
        """A document in words: name, day, issuer, what it is about, its time, its state, a doubt about its date."""
        head = self.name(source)
        issuer = f", {source.issuer}" if source.issuer else ""
        parts = [f"{head}{issuer}." if head.lower().startswith(source.title.lower()) else f"{head}{issuer}: {source.title}."]
        if source.period:
            parts.append(say("document.period", period=source.period))
        if source.effective:
            parts.append(say("document.effective", day=day(source.effective)))
        parts.append(self._state(source))
        if source.amended_by:
            parts.append(say("document.amended", by=", ".join(self._named(source.amended_by))))
        if source.date_note and _dates_differ(source):
            parts.append(say("document.conflict", note=source.date_note))
        return " ".join(parts)

    def name(self, source: Source) -> str:
        """"Kế hoạch 183/KH-UBND ngày 21/7/2023"; "Luật Trẻ em 102/2016/QH13"."""
        if not source.number:
            return source.cite
        kind = source.kind[:1].upper() + source.kind[1:]
        label = source.title if source.title.lower().startswith(source.kind) else kind
        when = f" ngày {day(source.date)}" if source.date and not _doubtful(source) else ""
        return f"{label} {source.number}{when}"

    def citations(self, sources: Iterable[Source]) -> tuple[str, ...]:
        """The documents themselves, and where the letter lists them."""
        letter = self._sources.get("guidance-2024")
        own: list[str] = []
        for source in sources:
            own.append(source.cite)
            if letter and source.listed_in:
                where = re.split(r"; | \(", source.listed_in)[0]
                own.append(f"{letter.cite}, {where}")
        return tuple(dict.fromkeys(own))

    def _state(self, source: Source) -> str:
        why = f" ({source.validity_note})" if source.validity_note else ""
        if source.validity is Validity.SUPERSEDED:
            if source.replaced_by:
                return say("document.superseded", by=", ".join(self._named([source.replaced_by])))
            return say("document.superseded_plain", why=why)
        return say(f"document.{source.validity}", why=why)

    def _named(self, ids: Sequence[str]) -> list[str]:
        return [self.name(self._sources[one]) if one in self._sources else one for one in ids]


def day(moment: date) -> str:
    """A day as Vietnamese papers write it: 06/9/2021, 08/01/2024."""
    return f"{moment.day:02d}/{moment.month:02d}/{moment.year}" if moment.month < 3 else f"{moment.day:02d}/{moment.month}/{moment.year}"


def _plain(text: str) -> str:
    return strip_accents(unicodedata.normalize("NFC", text).lower()).replace("–", "-")


def _number(match: re.Match[str]) -> str:
    return match["number"].lstrip("0") or "0"


def _letters(symbol: str) -> str:
    """A symbol without digits, marks and separators: "183/KH-UBND" gives "khubnd"."""
    return re.sub(r"[^a-z&]", "", re.sub(r"^\d+[ab]?", "", _plain(symbol)))


def _own_number(source: Source) -> str:
    match = re.match(r"\d+[ab]?", _plain(source.number or ""))
    return (match.group().lstrip("0") or "0") if match else ""


def _years(source: Source) -> set[int]:
    written = re.findall(r"(?:19|20)\d\d", f"{source.number or ''} {source.id}")
    return {int(year) for year in written} | ({source.date.year} if source.date else set())


def _is_kind(source: Source, kind: str) -> bool:
    return source.kind == kind or {source.kind, kind} == {"luật", "bộ luật"} or kind in source.title.lower()


def _is_year(match: re.Match[str]) -> bool:
    return match["number"].isdigit() and 1990 <= int(match["number"]) <= 2099


def _dates_differ(source: Source) -> bool:
    return len(source.dates_in_letter) > 1 or any(one != source.date for one in source.dates_in_letter) or _doubtful(source)


def _doubtful(source: Source) -> bool:
    """The only date known is one that the source list itself does not trust: it is kept out of the citation."""
    return bool(source.date and source.dates_in_letter and day(source.date) not in source.cite and "ngày" not in source.cite
                and source.kind in ("công văn", "kế hoạch", "quyết định", "chỉ thị"))


def _content_words(text: str) -> list[str]:
    """Words and pairs of neighbours, without accents."""
    words = [match.group() for match in _WORD.finditer(normalise(text).plain) if len(match.group()) > 1]
    return words + [f"{first} {second}" for first, second in zip(words, words[1:], strict=False)]
