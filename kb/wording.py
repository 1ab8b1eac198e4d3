"""What answers say around the facts, from `wording.yml`: values in their places, numbers filled in."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from helpline import hotlines
from kb.schema import Audience

FILE = Path(__file__).with_name("wording.yml")


@lru_cache(maxsize=1)
def load() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return words


def say(path: str, audience: Audience | None = None, **values: object) -> str:
    """The sentence under a dotted path. One that differs by audience gives the adult's where there is no own version.

    Raises `KeyError` for a path or a value that is not there: a bug, found by tests.
    """
    node: Any = load()
    for step in path.split("."):
        node = node[step]
    if isinstance(node, dict):
        node = node.get((audience or Audience.ADULT).value) or node["adult"]
    text = str(node)
    for name, value in values.items():
        if f"<{name}>" not in text:
            continue
        text = text.replace(f"<{name}>", str(value))
    return hotlines.fill(text)
