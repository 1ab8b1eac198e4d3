"""Figures as files: one JSON object, a table, a picture; and which bars they meet."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from tianang.stock import ROOT

FOLDER = ROOT / "docs" / "figures"
FLOORS = FOLDER / "floors.json"
SLACK = 0.01  # a figure may fall this far below the best landed one before a test fails


def record(values: Mapping[str, float | None]) -> dict[str, Any]:
    """The object of the contract, section 4."""
    return {"date": date.today().isoformat(), "commit": _commit(), "machine": _machine(), "values": dict(values)}


def write(name: str, values: Mapping[str, float | None], table: str, folder: Path = FOLDER) -> Path:
    """Write ``<name>.json`` and ``<name>.md`` into ``folder``; returns the JSON's path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(record(values), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / f"{name}.md").write_text(table, encoding="utf-8")
    return path


def met(value: float | None, bar: tuple[str, float]) -> bool | None:
    """Whether a bar is met; None where nothing was measured."""
    if value is None:
        return None
    return value >= bar[1] if bar[0] == ">=" else value <= bar[1]


def fallen(values: Mapping[str, float | None], floors: Mapping[str, float], bars: Mapping[str, tuple[str, float]]) -> list[str]:
    """What fell more than `SLACK` below (or rose above) the best landed figure."""
    lines = []
    for key, floor in floors.items():
        value = values.get(key)
        if value is None:
            continue
        at_least = bars.get(key, bars.get(key.removeprefix("hard_"), (">=", 0.0)))[0] == ">="
        worse = value < floor - SLACK if at_least else value > floor + SLACK
        if worse:
            lines.append(f"{key}: {value:.4f}, landed before: {floor:.4f}")
    return lines


def floors() -> dict[str, float]:
    """The best landed figures."""
    found: dict[str, float] = json.loads(FLOORS.read_text(encoding="utf-8"))
    return found


def last_line(values: Mapping[str, float | None]) -> str:
    return " ".join(f"{key}={'null' if value is None else f'{value:.4f}'}" for key, value in values.items())


def _commit() -> str:
    try:
        done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
