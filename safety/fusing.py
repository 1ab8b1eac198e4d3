"""How much the encoder's scores and those of the n-grams count: learnt on lines that neither had seen."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from safety.model import LEVEL_HEADS, Fusion, Thresholds

if TYPE_CHECKING:
    from safety.train import KindScores

STEPS = np.round(np.linspace(0.0, 3.0, 31), 2)
"""Weights that are tried for each of the two in a kind."""
_PLACEHOLDER = Thresholds(0.5, 0.5, 0.5)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Encoded:
    """The encoder's scores, (rows, outputs), of the lines numbered by ``rows``."""

    encoder: str
    rows: npt.NDArray[np.int64]
    outputs: tuple[str, ...]
    scores: npt.NDArray[np.float32]

    def levels(self) -> Floats:
        return np.stack([self.scores[:, self.outputs.index(head)] for head in LEVEL_HEADS], axis=1).astype(np.float64)

    def kind(self, mark: str, names: Sequence[str]) -> Floats:
        return np.stack([self.scores[:, self.outputs.index(mark + name)] for name in names], axis=1).astype(np.float64)


def fuse(
    encoded: Encoded,
    levels: Floats,
    labels: Sequence[npt.NDArray[np.bool_]],
    kinds: Mapping[str, KindScores],
    kinds_of: Callable[[str], list[str]],
) -> Fusion:
    """Weights for the three heads by logistic regression (calibrated by its nature), for kinds by likelihood.

    ``levels``: (lines, 3) held-out scores of the n-grams; ``labels``: for each head whether the line reaches it;
    ``kinds_of``: the true kinds of all lines by mark. The thresholds in the result are placeholders.
    """
    fitted = {}
    for at, head in enumerate(LEVEL_HEADS):
        seen = np.column_stack([levels[encoded.rows, at], encoded.levels()])
        regression = LogisticRegression(C=1.0, max_iter=1000).fit(seen, labels[at][encoded.rows])
        fitted[head] = (regression.coef_[0].astype(np.float32), float(regression.intercept_[0]))
    weights = {mark: _kind_weights(encoded, mark, scores, kinds_of(mark)) for mark, scores in kinds.items()}
    return Fusion(encoded.encoder, fitted, weights, _PLACEHOLDER)


def fused_levels(fusion: Fusion, levels: Floats, encoded: Encoded) -> Floats:
    """Probabilities, (rows, 3), of the encoded lines; ``levels`` are their n-gram scores."""
    found = []
    for at, head in enumerate(LEVEL_HEADS):
        weights, offset = fusion.levels[head]
        total = np.column_stack([levels[:, at], encoded.levels()]) @ weights + offset
        found.append(1 / (1 + np.exp(-total)))
    return np.stack(found, axis=1)


def _kind_weights(encoded: Encoded, mark: str, scored: KindScores, truth: list[str]) -> tuple[float, float]:
    rows = [at for at, line in enumerate(encoded.rows) if truth[line] and not np.isnan(scored.scores[line][0])]
    if not rows:
        return 1.0, 0.0
    own = scored.scores[encoded.rows[rows]]
    other = encoded.kind(mark, scored.names)[rows]
    right = np.array([scored.names.index(truth[encoded.rows[at]]) for at in rows])

    def loss(first: float, second: float) -> float:
        total = first * own + second * other
        top = total.max(axis=1, keepdims=True)
        logs = total - top - np.log(np.exp(total - top).sum(axis=1, keepdims=True))
        return -float(logs[np.arange(len(right)), right].mean())

    _, first, second = min((loss(first, second), float(first), float(second)) for first in STEPS for second in STEPS if first or second)
    return first, second
