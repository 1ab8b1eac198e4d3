"""`tianang screen`: the verdict on each line, with the history of its sender."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Any

from helpline.embeddings import whole_screen
from helpline.settings import Settings
from safety.assessment import Assessment
from safety.screen import Screen
from tianang.stock import Report

HISTORY = 4  # contract, section 1


class Screening:
    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._earlier: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=HISTORY))

    @classmethod
    def open(cls, settings: Settings, report: Report) -> Screening:
        """With the present model; trains it where it is missing or does not fit."""
        from tianang.stock import train_screen

        train_screen(settings, report)
        return cls(whole_screen(settings))

    def judge(self, text: str, sender: str | None) -> dict[str, Any]:
        earlier = self._earlier[sender] if sender is not None else deque()
        verdict: Assessment = self._screen.assess(text, list(earlier))
        if sender is not None:
            earlier.append(text)
        return {
            "level": verdict.level.value,
            "check": verdict.check,
            "category": verdict.category.value if verdict.category else None,
            "who": verdict.who.value if verdict.who else None,
            "score": round(verdict.score, 4),
            "evidence": [e.text for e in verdict.evidence if e.text],
        }
