"""Training of the screen's model from labelled lines; the only part of the package that needs scikit-learn.

Every line is seen as typed and once more without accents. What the figures and thresholds rest on are predictions
from models that had not seen the line in either form.
"""
from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import numpy.typing as npt
import yaml
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression

from safety.assessment import Category, Who
from safety.lines import LABELS, Line, read_folder
from safety.model import FORMAT, LEVEL_HEADS, thresholds_path
from safety.ngrams import BLOCKS, Vocabulary, blocks
from safety.phrases import Tokens
from safety.rules import SURE, Rules
from safety.screen import FIRM, FIRM_STANDS, STANDS
from vietnamese import normalise, strip_accents

FOLDS = 5
KIND_FOLDS = 2
"""Folds on which category and who are measured; no threshold rests on them."""
STRENGTH, KIND_STRENGTH = 15.0, 4.0
"""Inverse regularisation of the heads for levels, and of those for category and who."""
BARE_WEIGHT = 0.5
"""Weight of the copy without accents."""
UNKNOWN_SHARE = 0.1
"""Empty lines labelled none that are added, as a share of all: what says nothing is none."""
ORDINARY = "ordinary"
"""How the place of a line begins that is everyday talk, not a near miss; its false alarms are weighed by themselves."""
RARE = 3
"""N-grams seen in fewer lines than this are left out."""

_SOLVER: dict[str, Any] = {"solver": "liblinear", "dual": True, "tol": 0.05, "random_state": 7}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TrainingReport:
    """What was trained, and how well it does on lines that were held out (shares from 0 to 1, model and rules joined).

    ``seconds`` is the time taken; ``false_rules`` counts, per sure rule, the lines labelled none or check that it
    would raise by itself.
    """

    lines: int
    version: str
    urgent: float
    concern: float
    check: float
    urgent_reached: float
    urgent_escalated: float
    urgent_as_urgent: float
    concern_escalated: float
    none_case: float
    none_check: float
    ordinary_case: float
    ordinary_check: float
    category_right: float
    who_right: float
    false_rules: dict[str, int]
    seconds: float


def train(
    training_dir: Path, out_path: Path, report: Callable[[str], None] = print, ordinary: Sequence[str] = ()
) -> TrainingReport:
    """Train on all lines of ``training_dir`` and write the model to ``out_path``, its thresholds beside it.

    ``ordinary``: further texts without any risk (questions, greetings), learned as none.

    The same lines and lexicon give the same model. Files of an earlier training are replaced only once the new ones
    are whole. Raises ValueError for lines that cannot be read.
    """
    began = time.perf_counter()
    rules = Rules.load()
    lines = [*read_folder(training_dir), *_ordinary_lines(ordinary)]
    data = _Data.of(lines, rules)
    report(f"{len(lines)} lines, {data.matrix.shape[1]} n-grams")
    held_out = _held_out(data)
    calibration = {head: _calibrate(held_out.levels[:, at], data.is_at_least(head)) for at, head in enumerate(LEVEL_HEADS)}
    chances = np.stack([_chance(held_out.levels[:, at], calibration[head]) for at, head in enumerate(LEVEL_HEADS)], axis=1)
    # As the screen does: who is urgent is a risk, who is a risk is reached.
    chances[:, 1] = np.maximum(chances[:, 1], chances[:, 2])
    chances[:, 0] = np.maximum(chances[:, 0], chances[:, 1])
    limits = _thresholds(data, chances)
    version = _version(lines, rules)
    _write(out_path, version, data, rules, _fit_all(data), calibration, limits)
    result = _report(data, chances, held_out, limits, version, time.perf_counter() - began)
    for name in ("urgent_reached", "urgent_escalated", "urgent_as_urgent", "concern_escalated", "none_case", "none_check", "ordinary_case", "ordinary_check"):
        report(f"{name} {getattr(result, name):.3f}")
    report(f"category_right {result.category_right:.3f} who_right {result.who_right:.3f}")
    report(f"thresholds urgent {result.urgent:.3f} concern {result.concern:.3f} check {result.check:.3f}")
    report(f"{result.seconds:.1f} s")
    return result


def _ordinary_lines(texts: Sequence[str]) -> list[Line]:
    return [Line("none", None, None, text, (), f"{ORDINARY}:{number}") for number, text in enumerate(texts, start=1)]


@dataclass(frozen=True)
class _Data:
    """The lines as numbers: first every line as typed, then the copies without accents."""

    lines: list[Line]
    labels: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]
    weights: Floats
    matrix: csr_matrix
    vocabularies: dict[str, Vocabulary]
    rule_levels: npt.NDArray[np.int64]
    rule_weights: Floats
    rule_names: list[list[str]]

    @classmethod
    def of(cls, lines: list[Line], rules: Rules) -> _Data:
        texts = [line.judged for line in lines]
        bare = [
            (at, strip_accents(text))
            for at, text in enumerate(texts)
            if strip_accents(text) != text and not lines[at].place.startswith(f"{ORDINARY}:")
        ]
        groups = np.array([*range(len(lines)), *(at for at, _ in bare)])
        seen: dict[str, list[list[str]]] = {block: [] for block in BLOCKS}
        rule_levels: list[int] = []
        rule_weights: list[float] = []
        rule_names: list[list[str]] = []
        for text in [*texts, *(text for _, text in bare)]:
            tokens = Tokens.of(normalise(text))
            findings = rules.find(tokens)
            for block, grams in blocks(tokens, findings.seen()).items():
                seen[block].append(grams)
            if len(rule_levels) < len(lines):
                level, weight = findings.surest() if not findings.is_bare_topic else ("none", 0.0)
                rule_levels.append(LABELS.index(level))
                rule_weights.append(weight)
                rule_names.append(sorted({one.hit.rule.name for one in findings.judged if one.level == level and one.hit.rule.weight >= SURE}))
        vocabularies = {block: Vocabulary.of(documents, RARE) for block, documents in seen.items()}
        parts = [_matrix(seen[block], vocabularies[block]) * weight for block, weight in BLOCKS.items()]
        return cls(
            lines=lines,
            labels=np.array([LABELS.index(lines[at].level) for at in groups]),
            groups=groups,
            weights=np.array([1.0] * len(lines) + [BARE_WEIGHT] * len(bare)),
            matrix=csr_matrix(hstack(parts)),
            vocabularies=vocabularies,
            rule_levels=np.array(rule_levels),
            rule_weights=np.array(rule_weights),
            rule_names=rule_names,
        )

    def standing(self, reach: Floats) -> npt.NDArray[np.int64]:
        """Levels that sure rules uphold, as the screen lets them: where the model's ``reach`` does not speak against."""
        needed = np.where(self.rule_weights >= FIRM, FIRM_STANDS, STANDS)
        return np.where(reach >= needed, self.rule_levels, 0)

    def is_ordinary(self) -> npt.NDArray[np.bool_]:
        """For each line as typed, whether it is everyday talk without risk."""
        return np.array([line.level == "none" and line.place.startswith(ORDINARY) for line in self.lines])

    def is_at_least(self, head: str) -> npt.NDArray[np.bool_]:
        """For each line as typed, whether its label reaches what the head asks."""
        return self.labels[: len(self.lines)] >= _least(head)


@dataclass(frozen=True)
class _HeldOut:
    """Scores of the lines as typed by models that did not see them, and the categories and who they would name ("" where not asked)."""

    levels: Floats
    categories: list[str]
    who: list[str]


@dataclass(frozen=True)
class _Fitted:
    outputs: list[str]
    weights: Floats
    intercepts: Floats


def _least(head: str) -> int:
    return {"reach": 1, "risk": 2, "urgent": 3}[head]


def _matrix(documents: Sequence[Sequence[str]], vocabulary: Vocabulary) -> csr_matrix:
    places: list[int] = []
    values: list[npt.NDArray[np.float32]] = []
    ends = [0]
    for grams in documents:
        row, weights = vocabulary.weigh(grams)
        places += row
        values.append(weights)
        ends.append(len(places))
    return csr_matrix((np.concatenate(values).astype(np.float64), places, ends), shape=(len(documents), len(vocabulary.terms)))


def _held_out(data: _Data) -> _HeldOut:
    count = len(data.lines)
    fold_of = np.random.default_rng(20261123).permutation(count) % FOLDS
    levels = np.zeros((count, len(LEVEL_HEADS)))
    categories, who = [""] * count, [""] * count
    for fold in range(FOLDS):
        learns = np.flatnonzero(fold_of[data.groups] != fold)
        asked = np.flatnonzero(fold_of == fold)
        for at, head in enumerate(LEVEL_HEADS):
            weights, intercept = _fit_level(data, learns, head)
            levels[asked, at] = data.matrix[asked] @ weights + intercept
        for kind, target in (("category", categories), ("who", who)) if fold < KIND_FOLDS else ():
            names, kind_weights, kind_intercepts = _fit_kind(data, learns, kind)
            best = np.argmax(data.matrix[asked] @ kind_weights + kind_intercepts, axis=1)
            for line, place in zip(asked, best, strict=True):
                target[line] = names[place]
    return _HeldOut(levels, categories, who)


def _fit_level(data: _Data, rows: npt.NDArray[np.int64], head: str) -> tuple[Floats, float]:
    empty = round(UNKNOWN_SHARE * len(rows))
    matrix = vstack([data.matrix[rows], csr_matrix((empty, data.matrix.shape[1]))])
    labels = np.append(data.labels[rows] >= _least(head), np.zeros(empty, dtype=bool))
    weights = np.append(data.weights[rows], np.ones(empty))
    fitted = LogisticRegression(C=STRENGTH, intercept_scaling=3.0, **_SOLVER).fit(matrix, labels, weights)
    return fitted.coef_[0], float(fitted.intercept_[0])


def _fit_kind(data: _Data, rows: npt.NDArray[np.int64], kind: str) -> tuple[list[str], Floats, Floats]:
    values = [_kind(data.lines[data.groups[row]], kind) for row in rows]
    risky = [at for at, value in enumerate(values) if value]
    chosen = rows[risky]
    fitted = LogisticRegression(C=KIND_STRENGTH, class_weight="balanced", **_SOLVER).fit(
        data.matrix[chosen], [values[at] for at in risky], data.weights[chosen]
    )
    coefficients, intercepts = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:  # one row stands for both
        coefficients, intercepts = np.vstack([-coefficients, coefficients]), np.append(-intercepts, intercepts)
    return list(fitted.classes_), coefficients.T, intercepts


def _kind(line: Line, kind: str) -> str:
    value: Category | Who | None = line.category if kind == "category" else line.who
    return value.value if value else ""


def _fit_all(data: _Data) -> _Fitted:
    rows = np.arange(len(data.groups))
    outputs: list[str] = []
    weights: list[Floats] = []
    intercepts: list[float] = []
    for head in LEVEL_HEADS:
        coefficient, intercept = _fit_level(data, rows, head)
        outputs.append(head)
        weights.append(coefficient[:, None])
        intercepts.append(intercept)
    for kind, mark in (("category", "cat:"), ("who", "who:")):
        names, coefficients, offsets = _fit_kind(data, rows, kind)
        outputs += [mark + name for name in names]
        weights.append(coefficients)
        intercepts += list(offsets)
    return _Fitted(outputs, np.hstack(weights), np.array(intercepts))


def _calibrate(scores: Floats, labels: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and offset that turn scores into probabilities (Platt 1999), from scores of held-out lines."""
    fitted = LogisticRegression(C=1e3, solver="lbfgs").fit(scores[:, None], labels)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def _chance(scores: Floats, calibration: tuple[float, float]) -> Floats:
    slope, offset = calibration
    chances: Floats = 1 / (1 + np.exp(-(slope * scores + offset)))
    return chances


def _thresholds(data: _Data, chances: Floats) -> dict[str, float]:
    """Each threshold where what is missed and what is raised wrongly cost least, both counted in units of their bars.

    The bars are those of the safeguarding statements 4 and 6: of urgent texts at most 1 % unreached, 3 % without a
    case, 7 % judged lower; of near misses at most 2 % with a case and 10 % with a soft check. Of everyday talk the bars
    are 0.1 % and 1 %; here it weighs as if they were 1 % and 3 %, and an urgent text without a case weighs double: a
    child not heard is worse than a counsellor called for nothing.
    """
    labels = data.labels[: len(data.lines)]
    by_rules = data.standing(chances[:, 0])
    everyday = data.is_ordinary()
    urgent, concern, calm, none = labels == 3, labels == 2, (labels <= 1) & ~everyday, (labels == 0) & ~everyday

    def best(column: int, costs: Callable[[npt.NDArray[np.bool_]], float]) -> float:
        grid = np.linspace(0.02, 0.95, 187)
        return float(grid[int(np.argmin([costs(chances[:, column] >= limit) for limit in grid]))])

    def concern_cost(over: npt.NDArray[np.bool_]) -> float:
        cased = over | (by_rules >= 2)
        missed = _share(~cased, urgent) / 0.03 + 0.4 * _share(~cased, concern) / 0.03
        return 2 * missed + _share(cased, calm) / 0.02 + _share(cased, everyday) / 0.01

    limit_concern = best(1, concern_cost)
    cased = (chances[:, 1] >= limit_concern) | (by_rules >= 2)

    def check_cost(over: npt.NDArray[np.bool_]) -> float:
        reached = over | cased
        missed = _share(~reached, urgent) / 0.01 + _share(~reached, labels == 1) / 0.30
        return missed + _share(reached & ~cased, none) / 0.10 + _share(reached & ~cased, everyday) / 0.03

    def urgent_cost(over: npt.NDArray[np.bool_]) -> float:
        at_once = over | (by_rules == 3)
        return _share(cased & ~at_once, urgent) / 0.05 + _share(cased & at_once, concern) / 0.25

    return {"urgent": best(2, urgent_cost), "concern": limit_concern, "check": min(best(0, check_cost), limit_concern)}


def _share(what: npt.NDArray[np.bool_], of: npt.NDArray[np.bool_]) -> float:
    return float(what[of].mean()) if of.any() else 0.0


def _report(
    data: _Data, chances: Floats, held_out: _HeldOut, limits: dict[str, float], version: str, seconds: float
) -> TrainingReport:
    labels = data.labels[: len(data.lines)]
    by_rules = data.standing(chances[:, 0])
    cased = (chances[:, 1] >= limits["concern"]) | (by_rules >= 2)
    at_once = cased & ((chances[:, 2] >= limits["urgent"]) | (by_rules == 3))
    reached = cased | (chances[:, 0] >= limits["check"])
    asked = (labels >= 2) & np.array([bool(name) for name in held_out.categories])
    categories = np.array([name == _kind(line, "category") for name, line in zip(held_out.categories, data.lines, strict=True)])
    who = np.array([name == _kind(line, "who") for name, line in zip(held_out.who, data.lines, strict=True)])
    false_rules: dict[str, int] = {}
    for label, level, names in zip(labels, by_rules, data.rule_names, strict=True):
        if label <= 1 and level >= 2:
            for name in names:
                false_rules[name] = false_rules.get(name, 0) + 1
    return TrainingReport(
        lines=len(data.lines),
        version=version,
        urgent=limits["urgent"],
        concern=limits["concern"],
        check=limits["check"],
        urgent_reached=_share(reached, labels == 3),
        urgent_escalated=_share(cased, labels == 3),
        urgent_as_urgent=_share(at_once, labels == 3),
        concern_escalated=_share(cased, labels == 2),
        none_case=_share(cased, (labels == 0) & ~data.is_ordinary()),
        none_check=_share(reached & ~cased, (labels == 0) & ~data.is_ordinary()),
        ordinary_case=_share(cased, data.is_ordinary()),
        ordinary_check=_share(reached & ~cased, data.is_ordinary()),
        category_right=_share(categories, asked),
        who_right=_share(who, asked),
        false_rules=false_rules,
        seconds=seconds,
    )


def _version(lines: Sequence[Line], rules: Rules) -> str:
    digest = hashlib.sha256(rules.version.encode())
    for line in lines:
        digest.update(f"{line.level} {line.category} {line.who} {line.judged}\n".encode())
    return digest.hexdigest()[:12]


def _write(
    path: Path,
    version: str,
    data: _Data,
    rules: Rules,
    fitted: _Fitted,
    calibration: dict[str, tuple[float, float]],
    limits: dict[str, float],
) -> None:
    content: dict[str, Any] = {
        "format": FORMAT,
        "version": version,
        "lexicon_version": rules.version,
        "blocks": {
            block: {"terms": list(vocabulary.terms), "idf": vocabulary.idf, "rare_idf": vocabulary.rare_idf}
            for block, vocabulary in data.vocabularies.items()
        },
        "weights": fitted.weights.astype(np.float16),
        "intercepts": fitted.intercepts.astype(np.float32),
        "outputs": fitted.outputs,
        "calibration": calibration,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {"version": version, **{name: round(limit, 4) for name, limit in limits.items()}}
    new_model, new_limits = path.with_name(path.name + ".new"), thresholds_path(path).with_name(path.name + ".thresholds.new")
    joblib.dump(content, new_model)
    new_limits.write_text(yaml.safe_dump(kept, sort_keys=False), encoding="utf-8")
    new_model.replace(path)
    new_limits.replace(thresholds_path(path))
