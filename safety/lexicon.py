"""The rules of the screen, read from YAML and checked: named word lists, rules per category, their floors.

A pattern is a row of elements: ``<list>``, ``(one|other_word|<list>)`` or a single ``word``; ``_`` joins the words of
a phrase, ``?`` makes an element optional. ``..`` allows up to 2 tokens between two elements, ``...`` 5, ``....`` 9;
the end of a sentence is never crossed. Elements joined by ``&`` may stand anywhere in the message, in any order.
"""
from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from safety.assessment import Category, Status

FOLDER = Path(__file__).parent / "lexicon"
LEVELS = ("none", "sign", "check", "concern", "urgent")
VICTIMS = ("self", "self_child", "self_adult", "other", "any", "unknown")
_GAPS = {"..": 2, "...": 5, "....": 9}
_ELEMENT = re.compile(r"<[a-z_]+>\??|\([^()]+\)\??|\.{2,4}|[^\s<>().|]+")
# Lists of deeds: where one stands in a pattern, it is the deed.
_DEEDS = frozenset(
    ["hit", "kill", "threaten", "lock", "touch", "steal_money", "mock", "scold", "humiliate", "go_die", "die_wish", "suicide", "cut", "kicked_out", "abandon", "ran_away", "lost", "lost_self", "traffic", "hold_papers", "work_hard", "marry", "drown", "hurt", "fire", "bad_mood", "nude", "alone", "hungry"]
)
# Words so frequent that a pattern should not be looked up by them.
_FREQUENT = frozenset(
    ["con", "cháu", "em", "tôi", "mình", "bố", "mẹ", "cha", "ba", "má", "anh", "chị", "ông", "bà", "cô", "chú", "bác", "cậu", "dì", "thầy", "bạn", "nó", "người", "bé", "trẻ", "không", "có", "bị", "đã", "đang", "sẽ", "cho", "đi", "làm", "ở", "nhà", "về", "ra", "vào", "lên", "để", "với", "và", "là", "thì", "mà", "rồi", "nữa", "lại", "cứ", "hay", "được", "phải", "muốn", "bảo", "nói", "này", "ấy", "lắm", "quá", "hết", "cả", "một", "mấy", "trong", "trên", "ngoài"]
)


@dataclass(frozen=True)
class Element:
    """One place of a pattern: the numbers of the phrases that fill it."""

    name: str
    phrases: frozenset[int]


@dataclass(frozen=True)
class Step:
    """An element, how many tokens may lie before it, and whether it may be left out."""

    element: int
    gap: int
    optional: bool


@dataclass(frozen=True)
class Rule:
    """A named rule. ``floors`` holds, for a status other than present, the level that remains."""

    name: str
    category: Category
    level: str
    weight: float
    victim: str
    floors: Mapping[Status, str]

    @property
    def is_about_speaker(self) -> bool:
        return self.victim.startswith("self")


@dataclass(frozen=True)
class Pattern:
    """One row of steps of a rule.

    ``anchor`` is the index of the step it is looked up by, ``deed`` of the one that context cues must reach. Where
    ``is_anywhere``, the steps may stand in any order and in several sentences.
    """

    rule: Rule
    steps: tuple[Step, ...]
    anchor: int
    deed: int
    is_anywhere: bool
    written: str


@dataclass(frozen=True)
class Lexicon:
    """Word lists, elements, rules and patterns, and a version that changes with any of the files."""

    lists: Mapping[str, tuple[str, ...]]
    written: tuple[str, ...]
    elements: tuple[Element, ...]
    rules: Mapping[str, Rule]
    patterns: tuple[Pattern, ...]
    version: str

    def numbers(self, entries: Iterable[str]) -> frozenset[int]:
        """Phrase numbers of entries that were registered when the lexicon was read."""
        index = _index(self.written)
        return frozenset(index[entry] for entry in entries)


@lru_cache(maxsize=4)
def _index(written: tuple[str, ...]) -> dict[str, int]:
    return {entry: number for number, entry in enumerate(written)}


def entries(text: str) -> list[str]:
    """The entries of a comma-separated list of an editor's file."""
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def load(folder: Path = FOLDER, more: Iterable[str] = ()) -> Lexicon:
    """Read ``words.yml`` and one file a category in ``folder``; ``more`` registers phrases for other readers.

    Raises ValueError that names file, rule and what is wrong with it.
    """
    lists = _lists(folder / "words.yml")
    builder = _Builder(lists)
    for name in lists:
        builder.element(f"<{name}>")
    rules: dict[str, Rule] = {}
    patterns: list[Pattern] = []
    for path in sorted(folder.glob("*.yml")):
        if path.name == "words.yml":
            continue
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        for entry in data["rules"]:
            rule = _rule(entry, data, path.name)
            if rule.name in rules:
                raise ValueError(f"{path.name}: the rule {rule.name} stands there twice")
            rules[rule.name] = rule
            patterns += [builder.pattern(rule, written) for written in entry["patterns"]]
    for entry in more:
        builder.phrase(entry)
    return Lexicon(
        lists=lists,
        written=tuple(builder.phrases),
        elements=tuple(builder.elements),
        rules=rules,
        patterns=tuple(patterns),
        version=files_version(sorted(folder.glob("*.yml"))),
    )


def files_version(paths: Iterable[Path]) -> str:
    """Twelve hex digits that change when a byte of any of the files changes."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _lists(path: Path) -> dict[str, tuple[str, ...]]:
    raw = {name: entries(text) for name, text in yaml.safe_load(path.read_text(encoding="utf-8"))["lists"].items()}
    done: dict[str, tuple[str, ...]] = {}

    def resolve(name: str, above: tuple[str, ...]) -> tuple[str, ...]:
        if name in above:
            raise ValueError(f"{path.name}: the list {name} takes itself in")
        if name not in raw:
            raise ValueError(f"{path.name}: there is no list {name}")
        if name not in done:
            found: list[str] = []
            for entry in raw[name]:
                found += resolve(entry[1:], (*above, name)) if entry.startswith("+") else [entry]
            done[name] = tuple(dict.fromkeys(found))
        return done[name]

    for name in raw:
        resolve(name, ())
    return done


def _rule(entry: Mapping[str, Any], data: Mapping[str, Any], file: str) -> Rule:
    name = entry["name"]
    unknown = set(entry) - {"name", "level", "weight", "victim", "floor", "patterns"}
    if unknown:
        raise ValueError(f"{file}: {name}: unknown keys {sorted(unknown)}")
    if entry["level"] not in LEVELS[1:] or entry["victim"] not in VICTIMS or not 0 < entry["weight"] < 1:
        raise ValueError(f"{file}: {name}: level, victim or weight is none that the screen knows")
    floors = {Status(status): level for status, level in {**data["floor"], **entry.get("floor", {})}.items()}
    if set(floors.values()) - set(LEVELS):
        raise ValueError(f"{file}: {name}: a floor is no level")
    if entry["victim"] == "other" and "floor" not in entry:
        # "if one sees a child being beaten, whom to call" is a question of procedure and tells of nobody.
        floors[Status.HYPOTHETICAL] = "none"
    return Rule(name, Category(data["category"]), entry["level"], float(entry["weight"]), entry["victim"], floors)


class _Builder:
    """Gathers phrases and elements while patterns are read, each once."""

    def __init__(self, lists: Mapping[str, tuple[str, ...]]) -> None:
        self.lists = lists
        self.phrases: dict[str, int] = {}
        self.elements: list[Element] = []
        self._by_name: dict[str, int] = {}

    def phrase(self, written: str) -> int:
        return self.phrases.setdefault(written, len(self.phrases))

    def element(self, name: str) -> int:
        if name not in self._by_name:
            members: list[str] = []
            for part in name.strip("()").split("|"):
                if part.startswith("<"):
                    if part[1:-1] not in self.lists:
                        raise ValueError(f"there is no list {part}")
                    members += self.lists[part[1:-1]]
                else:
                    members.append(part.replace("_", " "))
            self._by_name[name] = len(self.elements)
            self.elements.append(Element(name, frozenset(self.phrase(member) for member in members)))
        return self._by_name[name]

    def pattern(self, rule: Rule, written: str) -> Pattern:
        if "".join(_ELEMENT.findall(written)) != written.replace(" ", ""):
            raise ValueError(f"{rule.name}: cannot read the pattern {written!r}")
        steps: list[Step] = []
        gap = 0
        is_anywhere = " & " in written
        for part in _ELEMENT.findall(written):
            if part == "&":
                continue
            if part in _GAPS:
                gap += _GAPS[part]
                continue
            steps.append(Step(self.element(part.rstrip("?")), gap, part.endswith("?")))
            gap = 0
        if gap or not steps or all(step.optional for step in steps):
            raise ValueError(f"{rule.name}: the pattern {written!r} begins or ends in nothing")
        if is_anywhere and (any(step.optional for step in steps) or ".." in written):
            raise ValueError(f"{rule.name}: {written!r} mixes & with gaps or optional steps")
        anchor = self._anchor(steps)
        deeds = [at for at, step in enumerate(steps) if self.elements[step.element].name.strip("<>") in _DEEDS]
        return Pattern(rule, tuple(steps), anchor, deeds[0] if deeds else anchor, is_anywhere, written)

    def _anchor(self, steps: list[Step]) -> int:
        words = list(self.phrases)

        def frequency(at: int) -> tuple[int, int]:
            numbers = self.elements[steps[at].element].phrases
            return sum(words[number].rstrip("!") in _FREQUENT for number in numbers), len(numbers)

        return min((at for at, step in enumerate(steps) if not step.optional), key=frequency)
