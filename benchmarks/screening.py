"""How many texts a second the safety screen judges on one core; a process of its own with one thread.

`python -m benchmarks.screening MODEL SECONDS` prints one JSON object: ``screen_per_s``, ``screen_encoder_per_s``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from safety.encoder import Bundled
from safety.lines import read_folder
from safety.screen import Screen
from tianang.stock import ROOT

WARM_UP = 100


def rate(screen: Screen, texts: list[tuple[str, tuple[str, ...]]], seconds: float) -> float:
    """Texts a second, over the texts again and again in their order, for about ``seconds``."""
    for text, history in texts[:WARM_UP]:
        screen.assess(text, history)
    began = time.perf_counter()
    judged = 0
    while True:
        for text, history in texts:
            screen.assess(text, history)
            judged += 1
            took = time.perf_counter() - began
            if took >= seconds:
                return judged / took


def mixed(count: int) -> list[tuple[str, tuple[str, ...]]]:
    """Every n-th line of the whole corpus, so that all levels, lengths and voices have their share."""
    lines = read_folder(ROOT / "safety" / "training")
    step = max(1, len(lines) // count)
    return [(line.text, line.history) for line in lines[::step]]


def main(model: Path, seconds: float) -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    screen = Screen.load(model)
    if screen.model is None:
        raise SystemExit("the screen has no model")
    texts = mixed(1000)
    with_encoder = None
    if screen.wants_encoder is not None:
        with_encoder = rate(screen.with_encoder(Bundled(model.parent)), texts, seconds)
    print(json.dumps({"screen_per_s": rate(screen, texts, seconds), "screen_encoder_per_s": with_encoder}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
