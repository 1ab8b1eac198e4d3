"""The service's own sentences, from `wording.yml`, with the numbers filled in."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from helpline import hotlines

FILE = Path(__file__).with_name("wording.yml")


@lru_cache(maxsize=1)
def load() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def find(path: str) -> Any:
    """What stands under a dotted path, unfilled. Raises `KeyError` for a path that is not in the file."""
    node: Any = load()
    for step in path.split("."):
        node = node[step]
    return node


def say(path: str, **values: object) -> str:
    """The sentence under a dotted path, its own values and the numbers filled in."""
    text = str(find(path))
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return hotlines.fill(text)
