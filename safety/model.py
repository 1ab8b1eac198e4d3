"""The trained part of the screen: logistic regression over n-grams, read from one file and needing numpy alone.

A model file holds vocabulary, weights and calibration; beside it lies ``<name>.thresholds.yml`` with the three
thresholds, written by the training from predictions on lines that were held out.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import numpy.typing as npt
import yaml

from safety.assessment import Category, Who
from safety.ngrams import BLOCKS, Seen, Vocabulary, blocks
from safety.phrases import Tokens

FORMAT = 1
LEVEL_HEADS = ("reach", "risk", "urgent")

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Thresholds:
    """Least probability for ``urgent``, for ``concern`` and for the soft ``check``."""

    urgent: float
    concern: float
    check: float

    def __post_init__(self) -> None:
        if not all(0 < value < 1 for value in (self.urgent, self.concern, self.check)):
            raise ValueError("a threshold lies between 0 and 1")


@dataclass(frozen=True)
class Opinion:
    """What the model thinks of one message; probabilities from 0 to 1.

    ``reach``: at least the soft check; ``risk``: not none; ``urgent``. ``categories`` and ``who`` are shares that hold
    if the message is a risk at all; each sums to 1.
    """

    reach: float
    risk: float
    urgent: float
    categories: Mapping[Category, float]
    who: Mapping[Who, float]


class Model:
    """A trained model, ready to judge."""

    def __init__(self, content: Mapping[str, Any], thresholds: Thresholds) -> None:
        if content.get("format") != FORMAT:
            raise ValueError("the model file has another format; train it again")
        self.version: str = content["version"]
        self.lexicon_version: str = content["lexicon_version"]
        self.thresholds = thresholds
        self._weights: npt.NDArray[np.float16] = content["weights"]
        self._intercepts: Floats = content["intercepts"]
        self._outputs: list[str] = content["outputs"]
        self._calibration: dict[str, tuple[float, float]] = content["calibration"]
        self._blocks: dict[str, tuple[int, Vocabulary]] = {}
        start = 0
        for block in BLOCKS:
            kept = content["blocks"][block]
            terms = {term: at for at, term in enumerate(kept["terms"])}
            self._blocks[block] = (start, Vocabulary(terms, kept["idf"], kept["rare_idf"]))
            start += len(terms)
        names = self._outputs
        self._categories = [(at, Category(name[4:])) for at, name in enumerate(names) if name.startswith("cat:")]
        self._who = [(at, Who(name[4:])) for at, name in enumerate(names) if name.startswith("who:")]

    @classmethod
    def load(cls, path: Path) -> Model:
        """Read a model and its thresholds. Raises OSError when a file is missing, ValueError when it does not fit."""
        with open(thresholds_path(path), encoding="utf-8") as file:
            kept = yaml.safe_load(file)
        content = joblib.load(path)
        if kept["version"] != content["version"]:
            raise ValueError(f"{thresholds_path(path).name} belongs to another model; train again")
        return cls(content, Thresholds(kept["urgent"], kept["concern"], kept["check"]))

    def opinion(self, tokens: Tokens, seen: Seen) -> Opinion:
        """Judge one message; ``seen`` is what rules and cues saw in it."""
        scores = self.scores(tokens, seen)
        levels = {}
        for head in LEVEL_HEADS:
            slope, offset = self._calibration[head]
            levels[head] = float(1 / (1 + np.exp(-(slope * scores[self._outputs.index(head)] + offset))))
        return Opinion(
            reach=max(levels.values()),
            risk=max(levels["risk"], levels["urgent"]),
            urgent=levels["urgent"],
            categories=dict(zip([name for _, name in self._categories], _shares(scores, self._categories), strict=True)),
            who=dict(zip([name for _, name in self._who], _shares(scores, self._who), strict=True)),
        )

    def scores(self, tokens: Tokens, seen: Seen) -> Floats:
        """The bare scores of all heads, before calibration, in the order of ``outputs``."""
        rows: list[int] = []
        values: list[Floats] = []
        for block, grams in blocks(tokens, seen).items():
            start, vocabulary = self._blocks[block]
            places, weights = vocabulary.weigh(grams)
            rows += [start + place for place in places]
            values.append(weights * np.float32(BLOCKS[block]))
        if not rows:
            return self._intercepts
        total: Floats = np.concatenate(values) @ self._weights[rows].astype(np.float32) + self._intercepts
        return total


def thresholds_path(path: Path) -> Path:
    """Where the thresholds of the model at ``path`` lie."""
    return path.with_name(path.name + ".thresholds.yml")


def _shares(scores: Floats, places: Sequence[tuple[int, Any]]) -> list[float]:
    if not places:
        return []
    picked = np.array([scores[at] for at, _ in places], dtype=np.float64)
    grown = np.exp(picked - picked.max())
    return [float(share) for share in grown / grown.sum()]
