"""The assistant's own small talk and gentle questions, from `dialogue.yml`, numbers filled in."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from helpline.hotlines import fill

FILE = Path(__file__).with_name("dialogue.yml")


@lru_cache(maxsize=1)
def load() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def sentence(key: str, register: str) -> str:
    """A sentence for a register (child or adult). Raises `KeyError` for a key that is not in the file."""
    entry = load()[key]
    return fill(entry if isinstance(entry, str) else entry[register])


def chips(key: str) -> list[str]:
    """The titles of the buttons that go with a sentence, none where it has none."""
    return list(load()["chips"].get(key, ()))
