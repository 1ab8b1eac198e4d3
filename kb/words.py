"""Lists of words and names that guide the reading of questions, from `words.yml`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("words.yml")


@lru_cache(maxsize=1)
def load() -> dict[str, Any]:
    lists: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return lists


def words(section: str, key: str) -> frozenset[str]:
    """A list of words. Raises `KeyError` for a list that is not in the file."""
    return frozenset(str(load()[section][key]).split())


def names(section: str, key: str) -> tuple[str, ...]:
    """A list of names, in its order. Raises `KeyError` for a list that is not in the file."""
    return tuple(name.strip() for name in str(load()[section][key]).split("|"))
