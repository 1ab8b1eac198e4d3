"""Places in free text: present communes, the units of before 1 July 2025, other provinces; with or without accents.

A name that is also a person's name or plain words ("Hải Hà", "An Sinh", "cua ong") counts only with a sign of place
beside it: a prefix (phường, xã, p., tx), a word of place (ở, tại, quê), a district after it, or nothing else in the text.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.words import load, names, words
from vietnamese.accents import has_accents, strip_accents
from vietnamese.syllable import place_tone


class PlaceKind(str, enum.Enum):
    COMMUNE_NOW = "commune_now"  # one of the 54 of today
    COMMUNE_OLD = "commune_old"  # a commune, ward or town of before 1 July 2025
    DISTRICT_OLD = "district_old"
    PROVINCE = "province"  # Quảng Ninh itself
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Choice:
    """One reading of a name that fits several places. ``said`` sent back as a message is understood as this one."""

    label: str
    now: tuple[str, ...]

    @property
    def said(self) -> str:
        return self.label


@dataclass(frozen=True)
class PlaceMatch:
    """A place named in a text.

    ``span``: half-open, code points of the text as typed, a prefix included; ``said``: those characters. ``name``: the
    unit's full name ("Phường Hà Khẩu"); ``district``: the old district where it lay. ``now``: present units, two where
    the old one was split, all of a district's for a district, none outside. ``ambiguous``: choices to ask about.
    """

    span: tuple[int, int]
    said: str
    kind: PlaceKind
    name: str
    now: tuple[str, ...] = ()
    district: str | None = None
    ambiguous: tuple[Choice, ...] = ()

    @property
    def unit(self) -> str | None:
        """The one present unit, where it is certain."""
        return self.now[0] if len(self.now) == 1 and not self.ambiguous else None

    @property
    def split(self) -> bool:
        """An old commune that went to several present ones."""
        return self.kind is PlaceKind.COMMUNE_OLD and len(self.now) > 1 and not self.ambiguous


@dataclass(frozen=True)
class OldCommune:
    name: str  # "Phường Hà Khẩu"
    now: tuple[str, ...]


@dataclass(frozen=True)
class OldDistrict:
    name: str  # "Hạ Long"
    kind: str  # "Thành phố"
    communes: tuple[OldCommune, ...]
    aliases: tuple[str, ...] = ()

    @property
    def now(self) -> tuple[str, ...]:
        """Its present units, those with most of its communes first."""
        counts = Counter(unit for commune in self.communes for unit in commune.now)
        return tuple(unit for unit, _ in counts.most_common())


_WEAK = frozenset(names("places", "weak"))
_VERY_WEAK = frozenset(names("places", "very_weak"))
_WEAK_PLAIN = frozenset(names("places", "weak_plain"))
_NOT_BEFORE = {"An Sinh": ("xa", "hoi"), "Bình Dân": ("hoc",), "Hòa Bình": ("the", "gioi"), "Đồng Tâm": ("hiep",)}

_PLACE_WORDS = words("places", "before")
_PLAIN_PLACE_WORDS = words("places", "before_plain")
_STRICT_PLACE_WORDS = words("places", "before_strict")
_NAMED_THINGS = words("places", "things")
_FILLERS = words("places", "fillers")
_OLD_MARKS = ("cu", "truoc")
_PREFIXES: dict[tuple[str, ...], str] = {
    ("phuong",): "Phường",
    ("p",): "Phường",
    ("xa",): "Xã",
    ("x",): "Xã",
    ("thi", "tran"): "Thị trấn",
    ("tt",): "Thị trấn",
    ("dac", "khu"): "Đặc khu",
    ("huyen",): "Huyện",
    ("huyen", "dao"): "Huyện",
    ("h",): "Huyện",
    ("thi", "xa"): "Thị xã",
    ("tx",): "Thị xã",
    ("thanh", "pho"): "Thành phố",
    ("tp",): "Thành phố",
    ("tinh",): "Tỉnh",
    ("quan",): "Quận",
    ("q",): "Quận",
}
_UNIT_WORDS = words("places", "unit_words")
_COMMUNE_TYPES = frozenset({"Phường", "Xã", "Thị trấn", "Đặc khu"})
_DISTRICT_TYPES = frozenset({"Huyện", "Thị xã", "Thành phố"})
_UNIT_TYPES = ("Thị trấn", "Thị xã", "Thành phố", "Đặc khu", "Phường", "Xã", "Huyện")
_EXTRA_NAMES = {"Hòn Gai": "Hồng Gai", "Hongai": "Hồng Gai"}
_TOKEN = re.compile(r"(?:[^\W_][\u0300-\u0323\u031b]*)+")
_NUMBER_NAMES = re.compile(r"^(.*) \d$")


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    text: str  # NFC, lower case, one tone placement
    plain: str
    capital: bool  # its first letter
    capitals: bool  # all its letters
    gap: str  # what stands between it and the next token


@dataclass(frozen=True)
class _Reading:
    kind: PlaceKind
    name: str
    now: tuple[str, ...]
    district: str | None = None

    @property
    def type(self) -> str:
        return split_type(self.name)[0]


@dataclass(frozen=True)
class _Name:
    """A way to write a name: its tokens, what they may mean, and how much of a sign of place it needs."""

    tokens: tuple[str, ...]
    bare: str
    weak: bool
    weak_plain: bool
    short: bool = False  # an abbreviation with its dot: "c.phả"
    capitals: bool = False  # only in capitals: "HL"


@dataclass(frozen=True)
class _Found:
    first: int  # of the name's own tokens
    last: int  # exclusive
    start: int  # with prefix
    prefix: str | None
    bare: str
    old: bool


def split_type(name: str) -> tuple[str, str]:
    """("Phường", "Hà Khẩu") for "Phường Hà Khẩu"; ("", name) for a name without its type."""
    for kind in _UNIT_TYPES:
        if name.lower().startswith(kind.lower() + " "):
            return kind, name[len(kind) + 1 :]
    return "", name


def spoken(unit: str) -> str:
    """A unit's name inside a sentence: "phường Hà Tu"."""
    kind, bare = split_type(unit)
    return f"{kind.lower()} {bare}" if kind else bare


class Gazetteer:
    """All the names, ready for search. Made once; safe to share between threads."""

    def __init__(
        self,
        districts: Sequence[OldDistrict],
        units_now: Sequence[str],
        province_names: Sequence[str] = ("Quảng Ninh", "QN"),
        unresolved: Sequence[tuple[str, str]] = (),
    ) -> None:
        """``unresolved``: (name, old district) of old communes whose successor nobody knows: found, with no unit."""
        self.districts = {district.name: district for district in districts}
        self.units_now = tuple(units_now)
        self._readings: dict[str, list[_Reading]] = {}
        self._names: dict[str, list[_Name]] = {}
        self._unit_districts: dict[str, set[str]] = {}
        for district in districts:
            self._add_district(district)
        for unit in units_now:
            self._add(_Reading(PlaceKind.COMMUNE_NOW, unit, (unit,)))
        for name, home in unresolved:
            self._add(_Reading(PlaceKind.COMMUNE_OLD, name, (), home))
        for alias, bare in _EXTRA_NAMES.items():
            if bare in self._readings:
                self._write(alias, bare)
        self._add_outside()
        self._readings["Quảng Ninh"] = [_Reading(PlaceKind.PROVINCE, "Quảng Ninh", ())]
        for name in province_names:
            self._write(split_type(name)[1].removeprefix("tỉnh ").removeprefix("tinh "), "Quảng Ninh", weak=False)
        for glued in ("q ninh", "qninh", "quangninh"):
            self._write(glued, "Quảng Ninh", weak=False)

    def find(self, text: str) -> list[PlaceMatch]:
        """Every place named in ``text``, in order. A district that only says where a named commune lies is left out."""
        tokens = _tokens(text)
        found = self._candidates(tokens)
        found = [one for one in found if self._is_place(one, tokens, found)]
        named_districts = {one.bare for one in found if one.bare in self.districts}
        matches: list[tuple[_Found, PlaceMatch]] = []
        for one in found:
            match = self._match(one, tokens, text, named_districts - {one.bare})
            if match is not None:
                matches.append((one, match))
        homes = {home for one, match in matches if one.bare not in self.districts for home in self._homes(match)}
        return [match for one, match in matches if one.bare not in homes]

    def _homes(self, match: PlaceMatch) -> set[str]:
        """The old districts that a commune lies in."""
        if match.kind is PlaceKind.COMMUNE_NOW:
            return self._unit_districts.get(match.name, set())
        return {match.district} if match.kind is PlaceKind.COMMUNE_OLD and match.district else set()

    def best(self, text: str) -> PlaceMatch | None:
        """The most telling place of a text: a commune before a district before elsewhere before the province."""
        order = list(PlaceKind)
        return min(self.find(text), key=lambda match: order.index(match.kind), default=None)

    def resolve(self, name: str) -> PlaceMatch | None:
        """A name on its own, as a slot holds it ("hà khẩu", "Q.Yên")."""
        return self.best(name) or self.best("ở " + name)

    def district_of(self, unit: str) -> tuple[str, ...]:
        """The old districts that a present unit was made of."""
        return tuple(sorted(self._unit_districts.get(unit, ())))

    # names and readings

    def _add_district(self, district: OldDistrict) -> None:
        reading = _Reading(PlaceKind.DISTRICT_OLD, f"{district.kind} {district.name}", district.now, district.name)
        self._readings.setdefault(district.name, []).append(reading)
        self._write(district.name, district.name)
        first, *rest = district.name.split()
        letters = {first[0].lower(), strip_accents(first[0]).lower()}
        risky = district.name in _WEAK
        for letter in letters:
            for tail in {" ".join(rest).lower(), strip_accents(" ".join(rest)).lower()}:
                tail_tokens = tuple(place_tone(word) for word in tail.split())
                self._keep(_Name((letter, *tail_tokens), district.name, weak=risky, weak_plain=risky, short=True))
                if not tail.startswith("h"):
                    self._keep(_Name((letter + "".join(tail_tokens),), district.name, weak=False, weak_plain=False))
        if district.name not in _WEAK | _WEAK_PLAIN:
            for glued in {district.name.replace(" ", "").lower(), strip_accents(district.name).replace(" ", "").lower()}:
                self._keep(_Name((glued,), district.name, weak=False, weak_plain=False))
        for alias in district.aliases:
            if alias.isupper() and "." not in alias:
                self._keep(_Name((alias.lower(),), district.name, weak=True, weak_plain=True, capitals=True))
        for commune in district.communes:
            self._add(_Reading(PlaceKind.COMMUNE_OLD, commune.name, commune.now, district.name))
            for unit in commune.now:
                self._unit_districts.setdefault(unit, set()).add(district.name)

    def _add_outside(self) -> None:
        weak_names, sure_names = set(names("outside", "weak")), set(names("outside", "sure"))
        for name in names("outside", "names"):
            self._readings.setdefault(name, []).append(_Reading(PlaceKind.OUTSIDE, name, ()))
            weak = name in weak_names or self._is_weak(name)
            self._write(name, name, weak=weak, weak_plain=weak or name not in sure_names)
        for short, name in load()["outside"]["short"].items():
            self._keep(_Name((short,), name, weak=True, weak_plain=True))

    def _add(self, reading: _Reading) -> None:
        bare = split_type(reading.name)[1]
        self._readings.setdefault(bare, []).append(reading)
        self._write(bare, bare)

    def _write(self, written: str, bare: str, weak: bool | None = None, weak_plain: bool | None = None) -> None:
        tokens = tuple(token.text for token in _tokens(written))
        is_weak = self._is_weak(bare) if weak is None else weak
        plain = bare in _WEAK_PLAIN if weak_plain is None else weak_plain
        self._keep(_Name(tokens, bare, weak=is_weak, weak_plain=plain))

    def _keep(self, name: _Name) -> None:
        known = self._names.setdefault(strip_accents(name.tokens[0]), [])
        if name not in known:
            known.append(name)
            known.sort(key=lambda one: -len(one.tokens))

    @staticmethod
    def _is_weak(bare: str) -> bool:
        return bare in _WEAK or bare in _VERY_WEAK

    # search

    def _candidates(self, tokens: list[_Token]) -> list[_Found]:
        found: list[_Found] = []
        at = 0
        while at < len(tokens):
            name = self._name_at(tokens, at)
            if name is None or self._is_rather_prefix(tokens, at, len(name.tokens)):
                at += 1
                continue
            first, last = at, at + len(name.tokens)
            floor = found[-1].last if found else 0
            prefix, start = _prefix(tokens, first, floor)
            old = last < len(tokens) and tokens[last].plain in _OLD_MARKS and not tokens[last - 1].gap.strip()
            found.append(_Found(first, last, start, prefix, name.bare, old))
            at = last
        return found

    def _name_at(self, tokens: list[_Token], at: int) -> _Name | None:
        """The longest name that is written from a token on."""
        if at >= len(tokens):
            return None
        return next((one for one in self._names.get(tokens[at].plain, ()) if self._written(one, tokens, at)), None)

    def _is_rather_prefix(self, tokens: list[_Token], at: int, length: int) -> bool:
        """"phuong dong mai": not Phương Đông and a word more, but phường Đông Mai."""
        if (tokens[at].plain,) not in _PREFIXES:
            return False
        following = self._name_at(tokens, at + 1)
        return following is not None and 1 + len(following.tokens) > length

    def _written(self, name: _Name, tokens: list[_Token], at: int) -> bool:
        here = tokens[at : at + len(name.tokens)]
        if len(here) < len(name.tokens):
            return False
        pairs = list(zip(here, name.tokens, strict=True))
        if any(token.plain != strip_accents(own) for token, own in pairs):
            return False
        if name.capitals and not all(token.capitals for token in here):
            return False
        if name.short:
            return here[0].gap.strip() == "." and all(token.text in (own, token.plain) for token, own in pairs)
        if all(token.text in (own, token.plain) for token, own in pairs):
            return True
        return not (name.weak or name.weak_plain) and any(t.text == own and has_accents(own) for t, own in pairs)

    def _is_place(self, one: _Found, tokens: list[_Token], found: list[_Found]) -> bool:
        """Whether a name stands for a place here, or is a person, a street, or plain words."""
        here = tokens[one.first : one.last]
        following = tuple(token.plain for token in tokens[one.last : one.last + 2])
        stop = _NOT_BEFORE.get(one.bare)
        if stop and following[: len(stop)] == stop:
            return False
        if one.prefix:
            return True
        plain = not any(has_accents(token.text) for token in here)
        name = next(n for n in self._names[here[0].plain] if n.bare == one.bare and len(n.tokens) == len(here))
        weak = name.weak or (plain and name.weak_plain)
        before = tokens[one.first - 1] if one.first else None
        if before and weak and before.text in _NAMED_THINGS:
            return False
        if not weak:
            return True
        if self._alone(one, tokens, found) or self._beside_another(one, found, tokens):
            return True
        if before is None or before.gap.strip():
            return False  # what stands before is no word of place: a person's name, or plain words
        if one.bare in _VERY_WEAK or plain:
            capital = all(token.capital for token in here) or plain
            return before.text in _STRICT_PLACE_WORDS and capital
        return before.text in _PLACE_WORDS or before.text in _PLAIN_PLACE_WORDS

    @staticmethod
    def _alone(one: _Found, tokens: list[_Token], found: list[_Found]) -> bool:
        inside = {at for other in found for at in range(other.start, other.last)}
        rest = [token.text for at, token in enumerate(tokens) if at not in inside]
        return all(word in _FILLERS for word in rest)

    def _beside_another(self, one: _Found, found: list[_Found], tokens: list[_Token]) -> bool:
        """A sure place directly before or after: "Lương Minh, Ba Chẽ"; "Hạ Long, Hà Tu"."""
        for other in found:
            near = other.start - one.last in (0, 1) or one.start - other.last in (0, 1)
            if other is not one and near and (other.prefix or other.bare in self.districts or other.bare == "Quảng Ninh"):
                words = tokens[min(one.last, other.last) : max(one.start, other.start)]
                if all(word.text in _FILLERS | {"tx", "tp", "huyện", "thuộc"} for word in words):
                    return True
        return False

    def _match(self, one: _Found, tokens: list[_Token], text: str, districts: set[str]) -> PlaceMatch | None:
        span = (tokens[one.start].start, tokens[one.last - 1].end)
        readings = self._fitting(one, districts)
        if not readings:
            return None
        first = readings[0]
        if len(readings) == 1:
            return PlaceMatch(span, text[slice(*span)], first.kind, first.name, first.now, first.district)
        choices = tuple(Choice(self._label(reading, readings), reading.now) for reading in readings)
        now = tuple(dict.fromkeys(unit for reading in readings for unit in reading.now))
        return PlaceMatch(span, text[slice(*span)], first.kind, one.bare, now, None, choices)

    def _fitting(self, one: _Found, districts: set[str]) -> list[_Reading]:
        """The readings of a name that its prefix, "cũ" and the districts named beside it leave."""
        readings = self._readings[one.bare]
        if one.prefix in _COMMUNE_TYPES:
            readings = self._communes(readings, one)
        elif one.prefix in _DISTRICT_TYPES:
            upper = [r for r in readings if r.kind in (PlaceKind.DISTRICT_OLD, PlaceKind.OUTSIDE, PlaceKind.PROVINCE)]
            if not upper and (one.bare in _WEAK or one.bare in _VERY_WEAK):
                return []  # a district of elsewhere that shares its name with a commune of ours
            readings = upper or readings
        elif one.prefix in ("Tỉnh", "Quận"):
            return [r for r in readings if r.kind in (PlaceKind.OUTSIDE, PlaceKind.PROVINCE)]
        else:
            upper = [r for r in readings if r.kind is PlaceKind.DISTRICT_OLD]
            narrower = [r for r in readings if r.district in districts and r.kind is PlaceKind.COMMUNE_OLD]
            if upper and len(upper[0].now) > 1 and not narrower:
                return upper
            if upper and len(upper[0].now) == 1:
                now = upper[0].now
                return [_Reading(PlaceKind.COMMUNE_NOW, now[0], now, one.bare)]
        if len(readings) > 1 and districts:
            near = [r for r in readings if r.district in districts or self._unit_districts.get(r.name, set()) & districts]
            readings = near or readings
        return _distinct(readings, one.old)

    def _communes(self, readings: list[_Reading], one: _Found) -> list[_Reading]:
        communes = [r for r in readings if r.kind in (PlaceKind.COMMUNE_NOW, PlaceKind.COMMUNE_OLD)]
        typed = [r for r in communes if r.type == one.prefix]
        if typed or communes:
            return typed or communes
        numbered = [u for u in self.units_now if (m := _NUMBER_NAMES.match(split_type(u)[1])) and m[1] == one.bare]
        return [_Reading(PlaceKind.COMMUNE_NOW, unit, (unit,)) for unit in numbered] or readings

    @staticmethod
    def _label(reading: _Reading, among: Sequence[_Reading]) -> str:
        if reading.kind is PlaceKind.COMMUNE_NOW:
            return f"{reading.name} (hiện nay)" if any(r.name == reading.name for r in among if r is not reading) else reading.name
        if reading.kind is PlaceKind.COMMUNE_OLD:
            return f"{reading.name}, {reading.district}"
        return f"tỉnh {reading.name}" if reading.kind is PlaceKind.OUTSIDE else reading.name


def _distinct(readings: Iterable[_Reading], old: bool) -> list[_Reading]:
    """Readings that lead to different places: an old commune that lives on under its name is one with it."""
    readings = list(readings)
    former = [r for r in readings if r.kind is PlaceKind.COMMUNE_OLD]
    if old and former:
        readings = former
    present = [r for r in readings if r.kind is PlaceKind.COMMUNE_NOW]
    kept: list[_Reading] = []
    for reading in readings:
        lives_on = reading.kind is PlaceKind.COMMUNE_OLD and any(p.name in reading.now for p in present)
        same = any(reading.now == k.now and reading.kind is k.kind and reading.now for k in kept)
        if not lives_on and not same:
            kept.append(reading)
    return sorted(kept, key=lambda r: r.kind is not PlaceKind.COMMUNE_NOW)


def _tokens(text: str) -> list[_Token]:
    matches = list(_TOKEN.finditer(text))
    tokens = []
    for at, match in enumerate(matches):
        typed = unicodedata.normalize("NFC", match.group())
        word = place_tone(typed.lower())
        end = matches[at + 1].start() if at + 1 < len(matches) else len(text)
        tokens.append(
            _Token(match.start(), match.end(), word, strip_accents(word), typed[0].isupper(), typed.isupper(), text[match.end() : end])
        )
    return tokens


def _prefix(tokens: list[_Token], first: int, floor: int) -> tuple[str | None, int]:
    """The type of unit written before a name ("tx", "phường", "P."), and where it starts."""
    for length in (2, 1):
        start = first - length
        if start < floor:
            continue
        words = tokens[start:first]
        kind = _PREFIXES.get(tuple(word.plain for word in words))
        if kind is None or any(has_accents(word.text) and word.text not in _UNIT_WORDS for word in words):
            continue
        if "\n" in words[-1].gap or words[-1].gap.strip() not in ("", ".") or (len(words) == 2 and words[0].gap.strip()):
            continue
        if not any(has_accents(word.text) for word in words) and has_accents(tokens[first].text):
            if max(len(word.text) for word in words) > 2 or words[-1].text == "xa":
                continue  # "xa Cẩm Phả" is far from it
        if len(words) == 1 and start and (tokens[start - 1].plain, words[0].plain) in (("thi", "xa"), ("hanh", "phuc")):
            continue
        return kind, start
    return None, first
