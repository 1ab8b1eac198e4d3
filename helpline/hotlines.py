"""The one home of telephone numbers: `hotlines.yml`. Texts name a number by its key: ``{child_line}``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("hotlines.yml")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Hotline:
    key: str
    number: str
    name: str
    short_name: str
    purpose: str
    free: bool | None
    hours: str | None  # "24/7", or None where nobody could confirm it
    available_now: bool  # "Gọi được ngay lúc này" may be said of it
    source: str
    last_checked: date
    do_not_use: bool


@lru_cache(maxsize=1)
def load() -> dict[str, Hotline]:
    """All numbers by key, those that must not be used included."""
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    lines = [
        Hotline(
            key=row["key"],
            number=str(row["number"]),
            name=row["name"],
            short_name=row["short_name"],
            purpose=row.get("for") or "",
            free=row.get("free"),
            hours=row.get("hours"),
            available_now=bool(row.get("available_now")),
            source=str(row["source"]),
            last_checked=row["last_checked"],
            do_not_use=bool(row.get("do_not_use")),
        )
        for row in rows
    ]
    return {line.key: line for line in lines}


def number(key: str) -> str:
    """The number under a key. Raises `KeyError` for an unknown key or one that must not be used."""
    line = load()[key]
    if line.do_not_use:
        raise KeyError(f"{key}: this number must not be used")
    return line.number


def fill(text: str) -> str:
    """The text with its placeholders replaced. An unknown placeholder raises `KeyError`: a bug, found by tests."""
    return _PLACEHOLDER.sub(lambda match: number(match.group(1)), text)
