"""Training of the screen's model from labelled lines; the only part of the package that needs scikit-learn.

Every line is seen as typed and once more without accents. What the figures and thresholds rest on are predictions
from models that had not seen the line in either form; with the encoder, on lines that its tuning had not seen either.
"""
from __future__ import annotations

import hashlib
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import numpy.typing as npt
import yaml
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from safety.assessment import Category, Who
from safety.encoder import Encoder, Heads
from safety.encoder.cache import VectorCache
from safety.encoder.encoder import Sample, is_held_out
from safety.fusing import Encoded, fuse, fused_levels
from safety.lines import LABELS, Line, read_folder
from safety.model import FORMAT, LEVEL_HEADS, Fusion, thresholds_path
from safety.ngrams import BLOCKS, Vocabulary, blocks
from safety.phrases import Tokens
from safety.rules import SURE, Rules
from safety.screen import FIRM
from vietnamese import normalise, strip_accents
from vietnamese.restore import Restorer

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
MARKS = ("cat:", "who:")
RARE = 3
"""N-grams seen in fewer lines than this are left out."""

STANDS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6)
"""What is tried for the two thresholds of the rules."""

_SOLVER: dict[str, Any] = {"solver": "liblinear", "dual": True, "tol": 0.05, "random_state": 7}

Floats = npt.NDArray[np.float64]
_Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TrainingReport:
    """What was trained, and how well it does on lines that were held out (shares from 0 to 1, model and rules joined).

    ``with_encoder`` holds the same shares and thresholds where an encoder was given, of the lines that its tuning had not
    seen. ``seconds`` is the time taken; ``false_rules`` counts, per sure rule, the lines labelled none or check that it
    would raise by itself.
    """

    lines: int
    version: str
    urgent: float
    concern: float
    check: float
    stands: float
    firm_stands: float
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
    with_encoder: Mapping[str, float] | None = None


def train(
    training_dir: Path,
    out_path: Path,
    report: Callable[[str], None] = print,
    ordinary: Sequence[str] = (),
    *,
    encoder: Encoder | None = None,
    heads: Heads | None = None,
) -> TrainingReport:
    """Train on all lines of ``training_dir`` and write the model to ``out_path``, its thresholds beside it.

    ``ordinary``: further texts without any risk (questions, greetings), learned as none. With an ``encoder`` and the
    ``heads`` that read its vectors the model also learns how to weigh them; its vectors are kept beside the model and
    only new ones are asked for.

    The same lines, lexicon and encoder give the same model. Files of an earlier training are replaced only once the
    new ones are whole. Raises ValueError for lines that cannot be read, EncoderFailed where the encoder fails.
    """
    began = time.perf_counter()
    rules = Rules.load()
    lines = [*read_folder(training_dir), *_ordinary_lines(ordinary)]
    data = _Data.of(lines, rules)
    report(f"{len(lines)} lines, {data.matrix.shape[1]} n-grams")
    held_out = _held_out(data)
    calibration = {head: _calibrate(held_out.levels[:, at], data.is_at_least(head)) for at, head in enumerate(LEVEL_HEADS)}
    chances = _ordered(np.stack([_chance(held_out.levels[:, at], calibration[head]) for at, head in enumerate(LEVEL_HEADS)], axis=1))
    everything = np.ones(len(lines), dtype=bool)
    limits = _thresholds(data, chances, everything)
    shares = {**_shares(data, chances, limits, everything), **_kinds_right(data, held_out, everything)}
    _tell(report, "n-grams", shares, limits)
    version = _version(lines, rules)
    fusion, fused_limits, fused_shares = None, None, None
    if encoder is not None and heads is not None:
        encoded = _encode(data, encoder, heads, out_path.with_name("vectors.npz"), report)
        fusion = fuse(encoded, held_out.levels, [data.is_at_least(head) for head in LEVEL_HEADS], held_out.kinds, data.kinds)
        fused = np.zeros_like(chances)
        fused[encoded.rows] = _ordered(fused_levels(fusion, held_out.levels[encoded.rows], encoded))
        unseen = np.zeros(len(lines), dtype=bool)
        unseen[encoded.rows] = True
        fused_limits = _thresholds(data, fused, unseen)
        fused_shares = {**_shares(data, fused, fused_limits, unseen), **_kinds_right(data, held_out, unseen, fusion, encoded)}
        _tell(report, f"with encoder, {len(encoded.rows)} lines that its tuning had not seen", fused_shares, fused_limits)
    _write(out_path, version, data, rules, _fit_all(data), calibration, limits, fusion, fused_limits)
    result = TrainingReport(
        lines=len(lines), version=version, **limits, **shares, false_rules=_false_rules(data, chances, limits),
        seconds=time.perf_counter() - began,
        with_encoder={**fused_limits, **fused_shares} if fused_limits and fused_shares else None,
    )  # fmt: skip
    report(f"{result.seconds:.1f} s")
    return result


def _tell(report: Callable[[str], None], what: str, shares: Mapping[str, float], limits: Mapping[str, float]) -> None:
    report(f"{what}: " + " ".join(f"{name} {value:.3f}" for name, value in shares.items()))
    report("thresholds " + " ".join(f"{name} {value:.3f}" for name, value in limits.items()))


def _ordered(chances: Floats) -> Floats:
    """As the screen does: who is urgent is a risk, who is a risk is reached."""
    chances[:, 1] = np.maximum(chances[:, 1], chances[:, 2])
    chances[:, 0] = np.maximum(chances[:, 0], chances[:, 1])
    return chances


def _encode(data: _Data, encoder: Encoder, heads: Heads, cache_path: Path, report: Callable[[str], None]) -> Encoded:
    """The encoder's scores of all lines that its tuning has not seen."""
    rows = np.array([at for at, line in enumerate(data.lines) if is_held_out(line.text)])
    cache = VectorCache(cache_path, encoder)
    vectors = cache.vectors([data.spelling(at) for at in rows], report)
    cache.save()
    return Encoded(encoder.version, rows, heads.outputs, heads.scores(vectors))


def samples(training_dir: Path, ordinary: Sequence[str] = ()) -> list[Sample]:
    """All lines as the encoder's tuning reads them (:mod:`safety.encoder.tuning`)."""
    lines = [*read_folder(training_dir), *_ordinary_lines(ordinary)]
    tokens = [Tokens.of(normalise(line.judged)) for line in lines]
    words = [[word for word in one.words if word != "\n"] for one in tokens]
    restorer = Restorer.learn(words, public_frequencies())
    found = []
    for line, typed, one in zip(lines, words, tokens, strict=True):
        back = restorer.restore([strip_accents(word) for word in typed])
        found.append(
            Sample(
                line.text, " ".join(typed if one.is_accented else back), " ".join(back if one.is_accented else map(strip_accents, typed)),
                line.level, line.category, line.who,
            )  # fmt: skip
        )
    return found


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
    tokens: list[Tokens]
    restorer: Restorer

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
        typed: list[Tokens] = []
        for text in [*texts, *(text for _, text in bare)]:
            tokens = Tokens.of(normalise(text))
            if len(typed) < len(lines):
                typed.append(tokens)
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
            tokens=typed,
            restorer=Restorer.learn([[word for word in one.words if word != "\n"] for one in typed], public_frequencies()),
        )

    def spelling(self, at: int) -> str:
        """The line as an encoder reads it (`Model.full_spelling`)."""
        words = [word for word in self.tokens[at].words if word != "\n"]
        return " ".join(words if self.tokens[at].is_accented else self.restorer.restore(words))

    def kinds(self, mark: str) -> list[str]:
        """For each line its category ("cat:") or who ("who:"), "" where it has none."""
        return [_kind(line, mark) for line in self.lines]

    def standing(self, reach: Floats, stands: float, firm_stands: float) -> npt.NDArray[np.int64]:
        """Levels that sure rules uphold, as the screen lets them: where the model's ``reach`` does not speak against."""
        needed = np.where(self.rule_weights >= FIRM, firm_stands, stands)
        return np.where(reach >= needed, self.rule_levels, 0)

    def is_ordinary(self) -> npt.NDArray[np.bool_]:
        """For each line as typed, whether it is everyday talk without risk."""
        return np.array([line.level == "none" and line.place.startswith(ORDINARY) for line in self.lines])

    def is_at_least(self, head: str) -> npt.NDArray[np.bool_]:
        """For each line as typed, whether its label reaches what the head asks."""
        return self.labels[: len(self.lines)] >= _least(head)


@dataclass(frozen=True)
class KindScores:
    """Scores for category or who, (lines, names), of the lines that were asked for; nan for the others."""

    names: list[str]
    scores: Floats

    def best(self) -> list[str]:
        return [self.names[int(np.argmax(row))] if not np.isnan(row[0]) else "" for row in self.scores]


@dataclass(frozen=True)
class _HeldOut:
    """Scores of the lines as typed by models that did not see them; kinds by mark ("cat:", "who:")."""

    levels: Floats
    kinds: dict[str, KindScores]


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
    names = {mark: sorted({kind for kind in data.kinds(mark) if kind}) for mark in MARKS}
    kinds = {mark: KindScores(names[mark], np.full((count, len(names[mark])), np.nan)) for mark in MARKS}
    for fold in range(FOLDS):
        learns = np.flatnonzero(fold_of[data.groups] != fold)
        asked = np.flatnonzero(fold_of == fold)
        for at, head in enumerate(LEVEL_HEADS):
            weights, intercept = _fit_level(data, learns, head)
            levels[asked, at] = data.matrix[asked] @ weights + intercept
        for mark in MARKS if fold < KIND_FOLDS else ():
            found, kind_weights, kind_intercepts = _fit_kind(data, learns, mark)
            places = [names[mark].index(name) for name in found]
            kinds[mark].scores[asked] = kind_intercepts.min() - 1.0  # of a kind that the other folds lack
            kinds[mark].scores[np.ix_(asked, np.array(places))] = data.matrix[asked] @ kind_weights + kind_intercepts
    return _HeldOut(levels, kinds)


def _fitted(model: LogisticRegression, *lines: Any) -> LogisticRegression:
    """The solver's hundred rounds do not meet the tolerance and need not: more rank held-out lines no better."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(*lines)


def _fit_level(data: _Data, rows: _Rows, head: str) -> tuple[Floats, float]:
    empty = round(UNKNOWN_SHARE * len(rows))
    matrix = vstack([data.matrix[rows], csr_matrix((empty, data.matrix.shape[1]))])
    labels = np.append(data.labels[rows] >= _least(head), np.zeros(empty, dtype=bool))
    weights = np.append(data.weights[rows], np.ones(empty))
    fitted = _fitted(LogisticRegression(C=STRENGTH, intercept_scaling=3.0, **_SOLVER), matrix, labels, weights)
    return fitted.coef_[0], float(fitted.intercept_[0])


def _fit_kind(data: _Data, rows: _Rows, mark: str) -> tuple[list[str], Floats, Floats]:
    values = [_kind(data.lines[data.groups[row]], mark) for row in rows]
    risky = [at for at, value in enumerate(values) if value]
    chosen = rows[risky]
    model = LogisticRegression(C=KIND_STRENGTH, class_weight="balanced", **_SOLVER)
    fitted = _fitted(model, data.matrix[chosen], [values[at] for at in risky], data.weights[chosen])
    coefficients, intercepts = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:  # one row stands for both
        coefficients, intercepts = np.vstack([-coefficients, coefficients]), np.append(-intercepts, intercepts)
    return list(fitted.classes_), coefficients.T, intercepts


def _kind(line: Line, mark: str) -> str:
    value: Category | Who | None = line.category if mark == "cat:" else line.who
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
    for mark in MARKS:
        names, coefficients, offsets = _fit_kind(data, rows, mark)
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


def _thresholds(data: _Data, chances: Floats, among: npt.NDArray[np.bool_]) -> dict[str, float]:
    """Each threshold where, ``among`` the lines so marked, what is missed and what is raised wrongly cost least, both counted in units of their bars.

    The bars are those of the safeguarding statements 4 and 6: of urgent texts at most 1 % unreached, 3 % without a
    case, 7 % judged lower; of near misses at most 2 % with a case and 10 % with a soft check. Of everyday talk the bars
    are 0.1 % and 1 %; here it weighs as if they were 1 % and 3 %, and an urgent text without a case weighs double: a
    child not heard is worse than a counsellor called for nothing.
    """
    labels = data.labels[: len(data.lines)]
    everyday = data.is_ordinary()
    urgent, concern, calm, none = (
        what & among for what in (labels == 3, labels == 2, (labels <= 1) & ~everyday, (labels == 0) & ~everyday)
    )
    everyday &= among

    def best(column: int, costs: Callable[[npt.NDArray[np.bool_]], float]) -> tuple[float, float]:
        """The least cost and the threshold that has it."""
        grid = np.linspace(0.02, 0.95, 187)
        return min((costs(chances[:, column] >= limit), float(limit)) for limit in grid)

    def concern_cost(over: npt.NDArray[np.bool_], by_rules: npt.NDArray[np.int64]) -> float:
        cased = over | (by_rules >= 2)
        missed = _share(~cased, urgent) / 0.03 + 0.4 * _share(~cased, concern) / 0.03
        return 2 * missed + _share(cased, calm) / 0.02 + _share(cased, everyday) / 0.01

    standing = {pair: data.standing(chances[:, 0], *pair) for pair in product(STANDS, STANDS) if pair[0] >= pair[1]}
    _, limit_concern, pair = min(
        (*best(1, partial(concern_cost, by_rules=by_rules)), pair) for pair, by_rules in standing.items()
    )
    by_rules = standing[pair]
    cased = (chances[:, 1] >= limit_concern) | (by_rules >= 2)

    def check_cost(over: npt.NDArray[np.bool_]) -> float:
        reached = over | cased
        missed = _share(~reached, urgent) / 0.01 + _share(~reached, (labels == 1) & among) / 0.30
        return missed + _share(reached & ~cased, none) / 0.10 + _share(reached & ~cased, everyday) / 0.03

    def urgent_cost(over: npt.NDArray[np.bool_]) -> float:
        at_once = over | (by_rules == 3)
        return _share(cased & ~at_once, urgent) / 0.05 + _share(cased & at_once, concern) / 0.25

    return {
        "urgent": best(2, urgent_cost)[1],
        "concern": limit_concern,
        "check": min(best(0, check_cost)[1], limit_concern),
        "stands": pair[0],
        "firm_stands": pair[1],
    }


def public_frequencies() -> dict[str, float]:
    """How often Vietnamese words stand in public texts (package `wordfreq`), as shares of all words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package asks for its data in an old way
        import wordfreq

    return dict(wordfreq.get_frequency_dict("vi"))


def _share(what: npt.NDArray[np.bool_], of: npt.NDArray[np.bool_]) -> float:
    return float(what[of].mean()) if of.any() else 0.0


def _shares(data: _Data, chances: Floats, limits: Mapping[str, float], among: npt.NDArray[np.bool_]) -> dict[str, float]:
    """What the screen would do with the lines marked by ``among``, by these chances and thresholds."""
    labels = np.where(among, data.labels[: len(data.lines)], -1)
    by_rules = data.standing(chances[:, 0], limits["stands"], limits["firm_stands"])
    cased = (chances[:, 1] >= limits["concern"]) | (by_rules >= 2)
    at_once = cased & ((chances[:, 2] >= limits["urgent"]) | (by_rules == 3))
    reached = cased | (chances[:, 0] >= limits["check"])
    everyday = data.is_ordinary()
    return {
        "urgent_reached": _share(reached, labels == 3),
        "urgent_escalated": _share(cased, labels == 3),
        "urgent_as_urgent": _share(at_once, labels == 3),
        "concern_escalated": _share(cased, labels == 2),
        "none_case": _share(cased, (labels == 0) & ~everyday),
        "none_check": _share(reached & ~cased, (labels == 0) & ~everyday),
        "ordinary_case": _share(cased, (labels == 0) & everyday),
        "ordinary_check": _share(reached & ~cased, (labels == 0) & everyday),
    }


def _kinds_right(
    data: _Data,
    held_out: _HeldOut,
    among: npt.NDArray[np.bool_],
    fusion: Fusion | None = None,
    encoded: Encoded | None = None,
) -> dict[str, float]:
    """Shares of the risk lines among those marked whose category and who are named rightly."""
    right = {}
    for mark, name in (("cat:", "category_right"), ("who:", "who_right")):
        scored = held_out.kinds[mark]
        if fusion is not None and encoded is not None:
            own, other = fusion.kinds[mark]
            mixed = np.full_like(scored.scores, np.nan)
            mixed[encoded.rows] = own * scored.scores[encoded.rows] + other * encoded.kind(mark, scored.names)
            scored = KindScores(scored.names, mixed)
        named = scored.best()
        pairs = [(one, other) for one, other, here in zip(named, data.kinds(mark), among, strict=True) if here and one and other]
        right[name] = sum(one == other for one, other in pairs) / max(1, len(pairs))
    return right


def _false_rules(data: _Data, chances: Floats, limits: Mapping[str, float]) -> dict[str, int]:
    counts: dict[str, int] = {}
    by_rules = data.standing(chances[:, 0], limits["stands"], limits["firm_stands"])
    for label, level, names in zip(data.labels, by_rules, data.rule_names, strict=False):
        if label <= 1 and level >= 2:
            for name in names:
                counts[name] = counts.get(name, 0) + 1
    return counts


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
    fusion: Fusion | None,
    fused_limits: dict[str, float] | None,
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
        "restorer": data.restorer.to_dict(),
        "fusion": {"encoder": fusion.encoder, "levels": dict(fusion.levels), "kinds": dict(fusion.kinds)} if fusion else None,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    kept: dict[str, Any] = {"version": version, **{name: round(limit, 4) for name, limit in limits.items()}}
    if fused_limits:
        kept["with_encoder"] = {name: round(limit, 4) for name, limit in fused_limits.items()}
    new_model, new_limits = path.with_name(path.name + ".new"), thresholds_path(path).with_name(path.name + ".thresholds.new")
    joblib.dump(content, new_model)
    new_limits.write_text(yaml.safe_dump(kept, sort_keys=False), encoding="utf-8")
    new_model.replace(path)
    new_limits.replace(thresholds_path(path))
