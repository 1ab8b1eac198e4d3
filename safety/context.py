"""How a piece of evidence is meant: negated, hypothetical, past and over, of another person, or fiction.

After ConText (Harkema et al. 2009): a cue reaches evidence in its direction and scope unless a terminator stands
between; pseudo-cues hold a cue and are none. What a status does to the level is the rule's own floor.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from safety.assessment import Status
from safety.lexicon import LEVELS, Lexicon, entries
from safety.recognisers import Hit, Reading, Span

PATH = Path(__file__).parent / "context.yml"
_SENTENCE = 1000
_ORDER = (Status.FICTION, Status.NEGATED, Status.PAST, Status.HYPOTHETICAL, Status.OTHER_PERSON)


@dataclass(frozen=True)
class Cue:
    """One family of cue phrases with its reach."""

    name: str
    status: Status
    direction: str
    scope: int
    anywhere: bool
    spares_speaker: bool
    needs: str | None
    phrases: tuple[str, ...]


@dataclass(frozen=True)
class Cues:
    """All cues, terminators, pseudo-cues and named needs, as written."""

    cues: tuple[Cue, ...]
    stops: tuple[str, ...]
    pseudo: tuple[str, ...]
    needs: Mapping[str, tuple[str, ...]]

    @classmethod
    def load(cls, path: Path = PATH) -> Cues:
        """Read the file; raises ValueError for keys or words that are not known."""
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        return cls(
            cues=tuple(_cue(entry) for entry in data["cues"]),
            stops=tuple(str(stop) for stop in data["stops"]),
            pseudo=tuple(entries(data["pseudo"])),
            needs={"over": tuple(entries(data["over"]))},
        )

    def written(self) -> list[str]:
        """Every phrase of the file, to be registered with the lexicon."""
        found = [phrase for cue in self.cues for phrase in cue.phrases]
        return found + list(self.stops) + list(self.pseudo) + [phrase for needed in self.needs.values() for phrase in needed]


@dataclass(frozen=True)
class Judged:
    """A hit with its status, the name of the cue that changed it, and the level that remains."""

    hit: Hit
    status: Status
    changed_by: str | None
    level: str


class Context:
    """Reads the cues of a message and judges hits by them."""

    def __init__(self, cues: Cues, lexicon: Lexicon) -> None:
        self._cues = tuple((cue, lexicon.numbers(cue.phrases)) for cue in cues.cues)
        self._stops = lexicon.numbers(cues.stops)
        self._pseudo = lexicon.numbers(cues.pseudo)
        self._needs = {name: lexicon.numbers(phrases) for name, phrases in cues.needs.items()}

    def cues_in(self, reading: Reading) -> list[tuple[Cue, Span]]:
        """Cues that stand in the message, pseudo-cues left out, each with its token span."""
        pseudo = _spans(reading, self._pseudo)
        standing = []
        for cue, numbers in self._cues:
            if not reading.has(numbers) or (cue.needs and not reading.has(self._needs[cue.needs])):
                continue
            for span in _spans(reading, numbers):
                if not any(start <= span[0] and span[1] <= end for start, end in pseudo):
                    standing.append((cue, span))
        return standing

    def judge(self, hits: list[Hit], reading: Reading, standing: list[tuple[Cue, Span]]) -> list[Judged]:
        """Each hit with its status; of several cues the one that says most against it."""
        stops = _spans(reading, self._stops) if standing else []
        return [self._judge(hit, reading, standing, stops) for hit in hits]

    def _judge(self, hit: Hit, reading: Reading, standing: list[tuple[Cue, Span]], stops: list[Span]) -> Judged:
        best: Cue | None = None
        for cue, span in standing:
            if cue.spares_speaker and hit.rule.is_about_speaker:
                continue
            if any(part[0] <= span[0] and span[1] <= part[1] for part in hit.parts):
                continue  # "không" of "không cho ăn" is the deed itself
            if not _reaches(cue, span, hit, reading, stops):
                continue
            if best is None or _ORDER.index(cue.status) < _ORDER.index(best.status):
                best = cue
        if best is None:
            return Judged(hit, Status.PRESENT, None, hit.rule.level)
        remains = hit.rule.floors.get(best.status, hit.rule.level)
        return Judged(hit, best.status, best.name, min(remains, hit.rule.level, key=LEVELS.index))


def _reaches(cue: Cue, span: Span, hit: Hit, reading: Reading, stops: list[Span]) -> bool:
    if cue.anywhere:
        return True
    forward = cue.direction in ("forward", "both") and span[1] <= hit.deed[0]
    backward = cue.direction in ("backward", "both") and hit.deed[1] <= span[0]
    if not (forward or backward):
        return False
    between = (span[1], hit.deed[0]) if forward else (hit.deed[1], span[0])
    if between[1] - between[0] > cue.scope or not reading.tokens.is_unbroken(*between):
        return False
    if cue.scope >= _SENTENCE:
        return True
    return not any(between[0] <= stop[0] and stop[1] <= between[1] for stop in stops)


def _spans(reading: Reading, numbers: frozenset[int]) -> list[Span]:
    return sorted({span for number in numbers & reading.found.keys() for span in reading.found[number]})


def _cue(entry: Mapping[str, Any]) -> Cue:
    unknown = set(entry) - {"name", "status", "direction", "scope", "spares", "needs", "phrases"}
    if unknown or entry["direction"] not in ("forward", "backward", "both"):
        raise ValueError(f"context cue {entry.get('name')}: unknown keys {sorted(unknown)} or direction")
    scope = entry["scope"]
    return Cue(
        name=entry["name"],
        status=Status(entry["status"]),
        direction=entry["direction"],
        scope=_SENTENCE if scope in ("sentence", "message") else int(scope),
        anywhere=scope == "message",
        spares_speaker=entry.get("spares") == "self",
        needs=entry.get("needs"),
        phrases=tuple(entries(entry["phrases"])),
    )
