"""Reviewed sentences for the reply box, from `canned.yml`. Numbers are filled in from their one home."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from helpline import hotlines

FILE = Path(__file__).with_name("canned.yml")
REGISTERS = {"self_child": "child", "self_adult": "adult", "third_party": "adult", "unknown": "any"}


@dataclass(frozen=True)
class Canned:
    """``key`` is what is typed after ``/``; ``register`` is child, adult or any."""

    key: str
    title: str
    register: str
    text: str


@lru_cache(maxsize=1)
def load() -> tuple[Canned, ...]:
    """All sentences in the order of the file. Raises `KeyError` for an unknown placeholder of a number."""
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(
        Canned(row["key"], row["title"], row["register"], hotlines.fill(row["text"].strip())) for row in rows
    )


def for_sender(who: str) -> list[Canned]:
    """The sentences that fit who writes first, then the rest; nothing is left out, for the screen may be wrong."""
    register = REGISTERS.get(who, "any")
    return sorted(load(), key=lambda canned: canned.register not in (register, "any"))
