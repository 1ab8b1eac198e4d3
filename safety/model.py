"""The trained part of the screen: logistic regression over n-grams, joined with an encoder's scores where one is there.

A model file holds vocabulary, weights, calibration, what puts accents back and how the encoder's scores are weighed;
beside it lies ``<name>.thresholds.yml`` with the three thresholds, once without and once with the encoder, written by
the training from predictions on lines that were held out. Reading it needs numpy alone.
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
from vietnamese.restore import Restorer

FORMAT = 2
LEVEL_HEADS = ("reach", "risk", "urgent")

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Thresholds:
    """Least probability for ``urgent``, for ``concern`` and for the soft ``check``.

    ``stands``: a sure rule stands against the model where the model thinks it at least so likely that the sender should
    be reached; ``firm_stands`` is the same for a firm rule. Below, the rule leaves a soft check.
    """

    urgent: float
    concern: float
    check: float
    stands: float = 0.35
    firm_stands: float = 0.15

    def __post_init__(self) -> None:
        if not all(0 < value < 1 for value in (self.urgent, self.concern, self.check, self.stands, self.firm_stands)):
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


@dataclass(frozen=True)
class Fusion:
    """How n-grams and encoder are weighed together.

    ``levels``: for each head the weights of its n-gram score and of the encoder's three level scores, and an offset.
    ``kinds``: for categories and who, the weights of the n-gram scores and of the encoder's. ``encoder`` names the
    encoder's version; the scores of another one mean nothing.
    """

    encoder: str
    levels: Mapping[str, tuple[Floats, float]]
    kinds: Mapping[str, tuple[float, float]]
    thresholds: Thresholds


class Model:
    """A trained model, ready to judge."""

    def __init__(self, content: Mapping[str, Any], thresholds: Thresholds, fused: Thresholds | None = None) -> None:
        if content.get("format") != FORMAT:
            raise ValueError("the model file has another format; train it again")
        self.version: str = content["version"]
        self.lexicon_version: str = content["lexicon_version"]
        self.thresholds = thresholds
        self._weights: npt.NDArray[np.float16] = content["weights"]
        self._intercepts: Floats = content["intercepts"]
        self._outputs: list[str] = content["outputs"]
        self._calibration: dict[str, tuple[float, float]] = content["calibration"]
        self._restorer = Restorer.from_dict(content["restorer"])
        kept = content["fusion"]
        self.fusion = None
        if kept is not None and fused is not None:
            self.fusion = Fusion(kept["encoder"], kept["levels"], kept["kinds"], fused)
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
        try:
            content = joblib.load(path)
        except OSError:
            raise
        except Exception as error:  # a torn file fails in any way inside the unpickler
            raise ValueError(f"{path.name} is no model: {type(error).__name__}") from error
        if not isinstance(content, Mapping):
            raise ValueError(f"{path.name} is no model")
        if content.get("format") == FORMAT and kept["version"] != content["version"]:
            raise ValueError(f"{thresholds_path(path).name} belongs to another model; train again")
        fused = kept.get("with_encoder")
        return cls(content, _thresholds(kept), _thresholds(fused) if fused else None)

    def opinion(self, tokens: Tokens, seen: Seen) -> Opinion:
        """Judge one message by its n-grams; ``seen`` is what rules and cues saw in it."""
        return self.judge(self.scores(tokens, seen))

    def judge(self, scores: Floats, encoded: Mapping[str, float] | None = None) -> Opinion:
        """What follows from the bare ``scores`` of the n-grams, and from the encoder's scores by output where given.

        Raises KeyError where the encoder's outputs are not those that the model was fused with.
        """
        levels = {}
        for head in LEVEL_HEADS:
            own = scores[self._outputs.index(head)]
            if encoded is None or self.fusion is None:
                slope, offset = self._calibration[head]
                total = slope * own + offset
            else:
                weights, offset = self.fusion.levels[head]
                total = float(weights @ np.array([own, *(encoded[name] for name in LEVEL_HEADS)])) + offset
            levels[head] = float(1 / (1 + np.exp(-np.clip(total, -50, 50))))
        return Opinion(
            reach=max(levels.values()),
            risk=max(levels["risk"], levels["urgent"]),
            urgent=levels["urgent"],
            categories=self._kind(scores, encoded, "cat:", self._categories),
            who=self._kind(scores, encoded, "who:", self._who),
        )

    def _kind(
        self, scores: Floats, encoded: Mapping[str, float] | None, mark: str, places: Sequence[tuple[int, Any]]
    ) -> dict[Any, float]:
        values = np.array([scores[at] for at, _ in places], dtype=np.float64)
        if encoded is not None and self.fusion is not None:
            own, other = self.fusion.kinds[mark]
            values = own * values + other * np.array([encoded[mark + name.value] for _, name in places])
        return dict(zip([name for _, name in places], shares(values), strict=True))

    def full_spelling(self, tokens: Tokens) -> str:
        """The message as an encoder reads it: the normal form in one line, accents put back where they were left out."""
        words = [word for word in tokens.words if word != "\n"]
        return " ".join(words if tokens.is_accented else self._restorer.restore(words))

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


def _thresholds(kept: Mapping[str, float]) -> Thresholds:
    return Thresholds(kept["urgent"], kept["concern"], kept["check"], kept["stands"], kept["firm_stands"])


def shares(scores: npt.NDArray[np.float64]) -> list[float]:
    """Scores of exclusive kinds as shares that sum to 1."""
    if not len(scores):
        return []
    grown = np.exp(scores - scores.max())
    return [float(share) for share in grown / grown.sum()]
