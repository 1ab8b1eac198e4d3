"""The safety screen: rules and model joined to one judgement of one message.

Rules give reasons and hold what the contract rules; the model weighs the whole message. Of the two the higher level
stands where a child may be concerned. What breaks never lowers a judgement: it raises it to ``concern`` and says so.
"""
from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from safety.assessment import Assessment, Category, Evidence, Level, Who
from safety.model import Model, Opinion
from safety.ngrams import Seen
from safety.phrases import Tokens
from safety.rules import Findings, Rules
from vietnamese import normalise

MAX_CHARS = 6000
"""Most characters of a message that are judged: the first two thirds and the last third of them."""
WINDOW, STEP = 120, 90
"""Tokens judged at once in a long text, and how far the next window lies."""
MAX_HISTORY, MAX_HISTORY_CHARS = 4, 600
STANDS, FIRM, FIRM_STANDS = 0.35, 0.93, 0.15
"""A sure rule stands against the model where the model thinks it at least so likely that the sender should be reached
(on held-out lines nearly every rule below that was wrong); a firm rule needs less. Below, it leaves a soft check."""
SIGN_SHARE = 0.5
"""A message adds a sign to its history when the model reaches this share of the check threshold."""

_SERIOUS = (
    Category.DANGER, Category.SELF_HARM, Category.SEXUAL_ABUSE, Category.TRAFFICKING, Category.PHYSICAL_ABUSE,
    Category.DOMESTIC_VIOLENCE, Category.ONLINE_ABUSE, Category.CHILD_MARRIAGE, Category.MISSING, Category.NEGLECT,
    Category.BULLYING, Category.CHILD_LABOUR, Category.EMOTIONAL_ABUSE, Category.DISTRESS, Category.COUNSELLOR_REQUEST,
)  # fmt: skip
_RANK = {"none": 0, "sign": 0, "check": 1, "concern": 2, "urgent": 3}

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class _Verdict:
    """A judgement on one window before it becomes an assessment."""

    level: str
    score: float
    category: Category | None
    who: Who
    evidence: tuple[Evidence, ...]
    adds_a_sign: bool
    is_partial: bool

    @property
    def order(self) -> tuple[int, float]:
        return _RANK[self.level], self.score


@dataclass(frozen=True)
class Screen:
    """Judges messages. Made once with :meth:`load`, then used from any thread; keeps nothing of what it judged."""

    rules: Rules
    model: Model | None
    version: str

    @classmethod
    def load(cls, model_path: Path | None = None) -> Screen:
        """Read the lexicon and, where ``model_path`` is given, the model trained from it.

        Without a model the rules judge alone and each assessment is ``partial``. Raises OSError or ValueError when the
        path is given and cannot be read; the caller may then load without it.
        """
        rules = Rules.load()
        model = Model.load(model_path) if model_path is not None else None
        return cls(rules, model, f"{rules.version}+{model.version if model else 'rules'}")

    @property
    def is_stale(self) -> bool:
        """True when the model was trained with other rules than those loaded now: it should be trained again."""
        return self.model is not None and self.model.lexicon_version != self.rules.version

    def assess(self, text: str, history: Sequence[str] = ()) -> Assessment:
        """Judge ``text``. The same text, history and version always give the same assessment.

        ``history``: earlier messages of the same sender within 30 minutes, oldest first; the last four count. They may
        raise the level, and only if this message itself adds a sign. Never raises for any text.
        """
        own = _guarded("text", lambda: self._judge_text(text))
        if own is None:
            return self._assessment(_broken("text"))
        if _RANK[own.level] < _RANK["urgent"] and own.adds_a_sign and history:
            joined = _guarded("history", lambda: self._judge_with_history(text, history))
            if joined is None:
                own = replace(own, is_partial=True)
            elif _RANK[joined.level] > _RANK[own.level]:
                own = replace(joined, evidence=(*own.evidence, Evidence(rule="history")))
        return self._assessment(own)

    def _assessment(self, verdict: _Verdict) -> Assessment:
        is_risk = _RANK[verdict.level] >= _RANK["concern"]
        return Assessment(
            level=Level(verdict.level) if is_risk else Level.NONE,
            check=verdict.level == "check",
            category=verdict.category if is_risk else None,
            who=verdict.who if is_risk else None,
            score=round(min(1.0, max(0.0, verdict.score)), 4),
            evidence=verdict.evidence,
            version=self.version,
            partial=verdict.is_partial or self.model is None,
        )

    def _judge_text(self, text: str) -> _Verdict:
        is_cut = len(text) > MAX_CHARS
        parts = [(0, text)]
        if is_cut:
            head = MAX_CHARS * 2 // 3
            tail = len(text) - MAX_CHARS // 3
            parts = [(0, text[:head]), (tail, text[tail:])]
        verdicts = []
        for offset, part in parts:
            tokens = Tokens.of(normalise(part))
            verdicts += [_shift(self._judge(window), offset) for window in _windows(tokens)]
        best = max(verdicts, key=lambda verdict: verdict.order)
        return replace(
            best,
            adds_a_sign=any(verdict.adds_a_sign for verdict in verdicts),
            is_partial=is_cut or any(verdict.is_partial for verdict in verdicts),
        )

    def _judge_with_history(self, text: str, history: Sequence[str]) -> _Verdict:
        earlier = [message[-MAX_HISTORY_CHARS:] for message in history[-MAX_HISTORY:]]
        tokens = Tokens.of(normalise("\n".join([*earlier, text[:MAX_CHARS]])))
        windows = _windows(tokens)
        return max((self._judge(window) for window in windows[-2:]), key=lambda verdict: verdict.order)

    def _judge(self, tokens: Tokens) -> _Verdict:
        findings = _guarded("lexicon", lambda: self.rules.find(tokens))
        if findings is not None and (findings.is_plain_reply or not tokens.words):
            return _Verdict("none", 0.0, None, Who.UNKNOWN, (), False, False)
        model = self.model
        opinion = None
        if model is not None:
            seen = findings.seen() if findings is not None else Seen()
            opinion = _guarded("model", lambda: model.opinion(tokens, seen))
        broken = [name for name, missing in (("lexicon", findings is None), ("model", bool(model) and opinion is None)) if missing]
        level, score = self._level(findings, opinion)
        evidence = _evidence(findings, opinion, level)
        for name in broken:
            evidence += (Evidence(rule=f"broken:{name}"),)
            level = max(level, "concern", key=_RANK.__getitem__)
        return _Verdict(
            level=level,
            score=score,
            category=_category(findings, opinion, level),
            who=self._who(findings, opinion, level),
            evidence=evidence,
            adds_a_sign=bool(broken) or self._adds_a_sign(findings, opinion),
            is_partial=bool(broken),
        )

    def _level(self, findings: Findings | None, opinion: Opinion | None) -> tuple[str, float]:
        by_rules, rules_score = findings.verdict() if findings is not None else ("none", 0.0)
        if findings is not None and findings.is_bare_topic:
            return "none", min(rules_score, opinion.risk if opinion else rules_score)
        if self.model is None or opinion is None:
            return by_rules, rules_score
        limits = self.model.thresholds
        level = "none"
        if opinion.risk >= limits.concern:
            level = "urgent" if opinion.urgent >= limits.urgent else "concern"
        elif opinion.reach >= limits.check or (by_rules != "none" and opinion.reach >= limits.check * SIGN_SHARE):
            level = "check"
        score = opinion.risk
        sure_level, weight = findings.surest() if findings is not None else ("none", 0.0)
        if _RANK[sure_level] > _RANK[level]:
            if opinion.reach >= (FIRM_STANDS if weight >= FIRM else STANDS):
                return sure_level, max(score, weight)
            return max(level, "check", key=_RANK.__getitem__), score
        return level, score

    def _adds_a_sign(self, findings: Findings | None, opinion: Opinion | None) -> bool:
        if findings is not None and findings.is_bare_topic:
            return False
        if findings is not None and findings.adds_a_sign():
            return True
        return bool(self.model and opinion and opinion.reach >= self.model.thresholds.check * SIGN_SHARE)

    def _who(self, findings: Findings | None, opinion: Opinion | None, level: str) -> Who:
        return who_at_risk(self.rules, findings, opinion, level)


def who_at_risk(rules: Rules, findings: Findings | None, opinion: Opinion | None, level: str) -> Who:
    """Rules and model joined: the model's view where it is given, the rules' named victim weighing in."""
    by_rules = Who.UNKNOWN
    named = False
    if findings is not None:
        carrying = sorted(
            (one for one in findings.judged if _RANK[one.level] >= _RANK["concern"]),
            key=lambda one: (-_RANK[one.level], -one.hit.rule.weight),
        )
        victims = [one.hit.rule.victim for one in carrying]
        by_rules = rules.who.decide(victims, findings.signs)
        named = any(one.hit.rule.victim not in ("any", "unknown") and one.hit.rule.weight >= 0.9 for one in carrying)
    if opinion is None:
        return by_rules
    votes = {who: opinion.who.get(who, 0.0) for who in Who}
    votes[by_rules] += 0.35 if named else 0.2
    return max(votes, key=lambda who: votes[who])


def _category(findings: Findings | None, opinion: Opinion | None, level: str) -> Category:
    votes = dict.fromkeys(_SERIOUS, 0.0)
    if findings is not None:
        for one in findings.judged:
            if _RANK[one.level] >= _RANK["concern"]:
                weight = one.hit.rule.weight * (1.0 if one.level == level else 0.4)
                votes[one.hit.rule.category] = max(votes[one.hit.rule.category], weight)
    if opinion is not None:
        for category in votes:
            votes[category] = 0.5 * votes[category] + opinion.categories.get(category, 0.0)
    if level == "urgent":  # sadness and a wish to talk are never urgent by themselves: something else was said
        votes[Category.DISTRESS] = votes[Category.COUNSELLOR_REQUEST] = 0.0
    if not any(votes.values()):
        return Category.DISTRESS
    return max(votes, key=lambda category: votes[category])


def _evidence(findings: Findings | None, opinion: Opinion | None, level: str) -> tuple[Evidence, ...]:
    pieces: list[Evidence] = []
    if findings is not None:
        for one in findings.judged:
            if one.hit.rule.level == "sign" and level in ("none", "check"):
                continue
            start, end = findings.tokens.typed_span(*one.hit.span)
            pieces.append(
                Evidence(
                    rule=one.hit.rule.name,
                    text=findings.tokens.form.typed[start:end],
                    start=start,
                    end=end,
                    status=one.status,
                    changed_by=one.changed_by,
                )
            )
    if opinion is not None and level in ("check", "concern", "urgent"):
        pieces.append(Evidence(rule="model", source="model"))
    return tuple(pieces)


def _windows(tokens: Tokens) -> list[Tokens]:
    """The whole text, or overlapping windows of it when it is long."""
    length = len(tokens.words)
    if length <= WINDOW:
        return [tokens]
    starts = list(range(0, length - WINDOW, STEP)) + [length - WINDOW]
    return [tokens.part(start, start + WINDOW) for start in starts]


def _shift(verdict: _Verdict, offset: int) -> _Verdict:
    if not offset:
        return verdict
    moved = tuple(
        replace(piece, start=piece.start + offset, end=piece.end + offset) if piece.text else piece for piece in verdict.evidence
    )
    return replace(verdict, evidence=moved)


def _broken(name: str) -> _Verdict:
    return _Verdict("concern", 0.5, Category.DISTRESS, Who.UNKNOWN, (Evidence(rule=f"broken:{name}"),), True, True)


def _guarded(name: str, work: Callable[[], _Result]) -> _Result | None:
    """``work()``; None when it fails. The failure is logged by its kind, never with words of the message."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - a broken part must raise the judgement, not stop it
        _log.error("screen: the part %s failed with %s", name, type(error).__name__)
        return None
