"""``python -m benchmarks.ranking``: fits the weights of `kb.search.Index.rank` on the examples of the knowledge base.

Each example question is asked of an index, and put to a classifier of topics, that had not seen it (five folds); so is
each example of Rasa's that has a topic, of which any entry of the topic is right. The weights are those under which
what is right is likeliest; from a part of the questions the right entry is taken away, and "no entry answers this" is
right. Prints the weights to write into `kb/search.py`, and what is found how often. The
evaluation sets are not read. Takes some minutes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml
from scipy.optimize import minimize

from kb import content
from kb.schema import Entry
from kb.search import Index, Reader
from rasa_project.components.classifier import RANKING as RANKED_TOPICS
from rasa_project.components.classifier import fitted

FOLDS = 5
TAKEN_AWAY = 0.2
"""Share of the rows whose right entry is taken away. Of the questions that people ask, how many no entry answers is
not known; editors see them on the desk."""
CANDIDATES = 40
RIDGE = 1e-4
SEED = 1
NLU = Path(__file__).resolve().parent.parent / "rasa_project" / "data" / "nlu"

_SLOT = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """One question: the evidence of its candidates, (candidates, columns), and which are right (none: no entry answers)."""

    evidence: Floats
    right: npt.NDArray[np.bool_]
    of_entry: bool  # one entry is right, not a whole topic


def nlu_examples() -> list[tuple[str, str]]:
    """The examples that Rasa learns from, with their intents."""
    found = []
    for path in sorted(NLU.glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in str(block.get("examples", "")).splitlines():
                text = _SLOT.sub(r"\1", line.strip().removeprefix("- ")).strip()
                if text and "intent" in block:
                    found.append((text, str(block["intent"]).split("/")[0]))
    return found


def rows(entries: Sequence[Entry], reader: Reader) -> list[Row]:
    """Every example as a row, asked where it was left out."""
    random = np.random.default_rng(SEED)
    topics = {entry.topic for entry in entries}
    others = nlu_examples()
    texts: list[tuple[str, int | None, str]] = [(text, at, one.topic) for at, one in enumerate(entries) for text in one.questions]
    texts += [(text, None, intent) for text, intent in others]
    fold_of = random.permutation(len(texts)) % FOLDS
    intents = {intent for _, intent in others}
    found = []
    for fold in range(FOLDS):
        left: dict[int, list[str]] = {number: [] for number in range(len(entries))}
        own_examples: list[tuple[str, str]] = []
        knowledge = [(entry.title, entry.topic) for entry in entries]
        for (text, number, topic), own in zip(texts, fold_of, strict=True):
            if own != fold:
                if number is None:
                    own_examples.append((text, topic))
                else:
                    knowledge.append((text, topic))
                    left[number].append(text)
        index = Index([entry.copy(update={"questions": tuple(left[number])}) for number, entry in enumerate(entries)], reader)
        classifier = fitted(own_examples, [one for one in knowledge if one[1] in intents])
        asked = [one for one, own in zip(texts, fold_of, strict=True) if own == fold and one[2] in topics]
        shares = classifier.predict_proba([text for text, _, _ in asked])
        for (text, number, topic), share in zip(asked, shares, strict=True):
            order = np.argsort(-share)[:RANKED_TOPICS]
            total, within, title = index.weighed(text)
            evidence = index.evidence(total, within, title, {str(classifier.classes_[at]): float(share[at]) for at in order})
            if number is not None and random.random() < TAKEN_AWAY:
                total[number] = 0.0
            chosen = [int(at) for at in np.argsort(-index.logits(evidence))[:CANDIDATES] if total[at] > 0]
            right = [entries[at].topic == topic if number is None else at == number for at in chosen]
            if number is not None or any(right):
                found.append(Row(evidence[chosen], np.array(right, dtype=bool), number is not None))
    return found


def fit(examples: Sequence[Row]) -> tuple[Floats, float]:
    """Weights of the columns, none below 0, and the score of "no entry", by maximum likelihood."""
    some = [row for row in examples if len(row.evidence)]
    ends = np.cumsum([0, *(len(row.evidence) + 1 for row in some)])
    width = some[0].evidence.shape[1]
    table = np.zeros((ends[-1], width + 1))
    right = np.zeros(ends[-1])
    for at, row in enumerate(some):
        table[ends[at] : ends[at + 1] - 1, :width] = row.evidence
        table[ends[at + 1] - 1, width] = 1.0
        right[ends[at] : ends[at + 1] - 1] = row.right
        right[ends[at + 1] - 1] = not row.right.any()

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = table @ weights
        tops = np.maximum.reduceat(scores, ends[:-1])
        powers = np.exp(scores - np.repeat(tops, np.diff(ends)))
        sums = np.add.reduceat(powers, ends[:-1])
        shares = powers / np.repeat(sums, np.diff(ends))
        own = np.add.reduceat(powers * right, ends[:-1])
        value = -np.log(own / sums).mean() + RIDGE * float(weights @ weights)
        slope = table.T @ (shares - powers * right / np.repeat(own, np.diff(ends))) / len(some) + 2 * RIDGE * weights
        return float(value), slope

    limits = [(0.0, None)] * width + [(None, None)]
    best = minimize(loss, np.ones(width + 1), jac=True, method="L-BFGS-B", bounds=limits).x
    return best[:width], float(best[width])


def main() -> None:
    own = content.load()
    examples = rows(own.entries, Reader(own.gazetteer, 2026, own.glossary))
    weights, none = fit(examples)
    print("RANKING =", tuple(float(np.round(one, 2)) for one in weights), "NO_ENTRY =", round(none, 2))
    for kind, what in ((True, "entry"), (False, "topic")):
        there = [row for row in examples if row.of_entry is kind and row.right.any()]
        scored = [(row.evidence @ weights, row.right) for row in there]
        places = np.array([(scores > scores[right].max()).sum() for scores, right in scored])
        print(f"{len(there)} with their {what} among the candidates: first {np.mean(places == 0):.3f}, among three {np.mean(places < 3):.3f}")
    examples = [row for row in examples if row.of_entry]
    for bar in (0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6):
        print(f"chance from {bar:.2f}: " + _told(examples, weights, none, bar))


def _told(examples: Sequence[Row], weights: Floats, none: float, bar: float) -> str:
    """How often an answer is given from this chance on, how often it is the right one, and how often where none is right."""
    given = right = away = wrongly = 0
    for row in examples:
        away += not row.right.any()
        if not len(row.evidence):
            continue
        scores = row.evidence @ weights
        best = int(np.argmax(scores))
        if np.exp(scores[best]) / (np.exp(scores).sum() + np.exp(none)) >= bar:
            given += 1
            right += bool(row.right[best])
            wrongly += not row.right.any()
    return f"answered {given / len(examples):.3f}, of these right {right / max(1, given):.3f}; where the entry is missing {wrongly / max(1, away):.3f}"


if __name__ == "__main__":
    main()
