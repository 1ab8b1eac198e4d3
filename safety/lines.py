"""Training lines: ``level category who | text``, one a line; ``#`` begins a comment line.

``check - - | …`` is the band of doubt, ``none - - | …`` all else. Earlier messages of the same sender stand before the
last one, joined by `` // ``.
"""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from safety.assessment import Category, Who

LABELS = ("none", "check", "concern", "urgent")
_JOINT = " // "


@dataclass(frozen=True)
class Line:
    """One labelled text and where it stands; ``history`` is oldest first."""

    level: str
    category: Category | None
    who: Who | None
    text: str
    history: tuple[str, ...]
    place: str

    @property
    def judged(self) -> str:
        """The text that the level was given for: with its history where that raised it, as the screen joins them.

        A plain reply is judged by itself whatever was said before, so its history teaches nothing.
        """
        if self.level in ("none", "check"):
            return self.text
        return "\n".join([*self.history, self.text])


def read_file(path: Path) -> list[Line]:
    """All lines of one file. Raises ValueError that names file and line of anything that is not as it should be."""
    found = []
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if raw.strip() and not raw.startswith("#"):
            found.append(_line(raw, f"{path.name}:{number}"))
    return found


def read_folder(folder: Path) -> list[Line]:
    """All lines of the ``*.txt`` of a folder, by file name. Raises ValueError when there are none."""
    found = [line for path in sorted(folder.glob("*.txt")) for line in read_file(path)]
    if not found:
        raise ValueError(f"no training lines in {folder.name}")
    return found


def _line(raw: str, place: str) -> Line:
    label, bar, text = raw.partition("|")
    words = label.split()
    if not bar or len(words) != 3 or not text.strip():
        raise ValueError(f"{place}: expected 'level category who | text'")
    level, category, who = words
    if level not in LABELS:
        raise ValueError(f"{place}: {level!r} is no level")
    if level in ("none", "check"):
        if (category, who) != ("-", "-"):
            raise ValueError(f"{place}: level {level} has '- -' for category and who")
        kinds: tuple[Category | None, Who | None] = (None, None)
    else:
        try:
            kinds = (Category(category), Who(who))
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from None
    *history, last = (part.strip() for part in text.strip().split(_JOINT))
    return Line(level, *kinds, last, tuple(history), place)
