"""The safety screen: rules and model joined to one judgement of one message.

Rules give reasons and hold what the contract rules; the model weighs the whole message by its n-grams and, where an
encoder is at hand, by its meaning. Of the two the higher level stands where a child may be concerned. Rules that break
never lower a judgement: they raise it to ``concern`` and say so. A model or encoder that breaks leaves the judgement
to what is left, each with thresholds of its own, and the assessment is ``partial``.
"""
from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from safety.assessment import BROKEN, Assessment, Category, Evidence, Level, Who
from safety.encoder import Encoder, EncoderFailed, Heads
from safety.model import Floats, Model, Opinion, Thresholds
from safety.ngrams import Seen
from safety.phrases import Tokens
from safety.rules import Findings, Rules
from vietnamese import normalise

MAX_CHARS = 6000
"""Most characters of a message that are judged: the first two thirds and the last third of them."""
WINDOW, STEP = 120, 90
"""Tokens judged at once in a long text, and how far the next window lies."""
MAX_ENCODED = 8
"""Most windows of one text that go to the encoder: those that the n-grams think likeliest to matter."""
MAX_HISTORY, MAX_HISTORY_CHARS = 4, 600
FIRM = 0.93
"""From this weight on a rule is firm: the model needs less to let it stand (`Thresholds.firm_stands`)."""
SIGN_SHARE = 0.5
"""Rules that see something leave a soft check where the model reaches this share of the check threshold. To add a sign
to its history a message must reach the threshold itself, or a rule must see something in it: on the training lines a
share of a half raised twice as many plain replies ("con ở nhà bà rồi") for 2 % more of those that matter."""

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
class _Read:
    """One window read by rules and n-grams; None for what is missing or broke."""

    tokens: Tokens
    findings: Findings | None
    scores: Floats | None

    @property
    def is_settled(self) -> bool:
        """A plain reply, or no word at all: nothing to weigh."""
        return self.findings is not None and (self.findings.is_plain_reply or not self.tokens.words)


@dataclass(frozen=True)
class Screen:
    """Judges messages. Made once with :meth:`load`, then used from any thread; keeps nothing of what it judged."""

    rules: Rules
    model: Model | None
    version: str
    encoder: Encoder | None = None
    heads: Heads | None = None

    @classmethod
    def load(cls, model_path: Path | None = None, encoder: Encoder | None = None) -> Screen:
        """Read the lexicon and, where ``model_path`` is given, the model trained from it.

        Without a model the rules judge alone and each assessment is ``partial``. Raises OSError or ValueError when the
        path is given and cannot be read; the caller may then load without it.
        """
        rules = Rules.load()
        model = Model.load(model_path) if model_path is not None else None
        screen = cls(rules, model, f"{rules.version}+{model.version if model else 'rules'}")
        return screen.with_encoder(encoder) if encoder is not None else screen

    def with_encoder(self, encoder: Encoder) -> Screen:
        """The same screen with an encoder's vectors weighed in.

        Raises ValueError where the model was not trained with this version of the encoder: train again.
        """
        if self.model is None or self.model.fusion is None or self.model.fusion.encoder != encoder.version:
            raise ValueError(f"the model was not trained with the encoder {encoder.version}")
        return replace(self, version=f"{self.version}+{encoder.version}", encoder=encoder, heads=Heads.load())

    @property
    def wants_encoder(self) -> str | None:
        """The version of the encoder that the model was trained with, None where it was trained without."""
        return self.model.fusion.encoder if self.model is not None and self.model.fusion is not None else None

    @property
    def is_stale(self) -> bool:
        """True when the model was trained with other rules than those loaded now: it should be trained again."""
        return self.model is not None and self.model.lexicon_version != self.rules.version

    def knows_more(self, than: Assessment) -> bool:
        """True when ``than`` was judged without the encoder that this screen has, or while it failed."""
        if self.encoder is None:
            return False
        return than.version != self.version or "encoder" in than.broken

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
        windows: list[tuple[int, Tokens]] = []
        for offset, part in parts:
            windows += [(offset, window) for window in _windows(Tokens.of(normalise(part)))]
        judged = self._judge_all([window for _, window in windows])
        verdicts = [_shift(verdict, offset) for (offset, _), verdict in zip(windows, judged, strict=True)]
        best = max(verdicts, key=lambda verdict: verdict.order)
        return replace(
            best,
            adds_a_sign=any(verdict.adds_a_sign for verdict in verdicts),
            is_partial=is_cut or any(verdict.is_partial for verdict in verdicts),
        )

    def _judge_with_history(self, text: str, history: Sequence[str]) -> _Verdict:
        earlier = [message[-MAX_HISTORY_CHARS:] for message in history[-MAX_HISTORY:]]
        tokens = Tokens.of(normalise("\n".join([*earlier, text[:MAX_CHARS]])))
        return max(self._judge_all(_windows(tokens)[-2:]), key=lambda verdict: verdict.order)

    def _judge_all(self, windows: Sequence[Tokens]) -> list[_Verdict]:
        read = [self._read(tokens) for tokens in windows]
        encoded = self._encoded(read)
        return [self._judge(one, given, encoded is None) for one, given in zip(read, encoded or [None] * len(read), strict=True)]

    def _read(self, tokens: Tokens) -> _Read:
        findings = _guarded("lexicon", lambda: self.rules.find(tokens))
        model = self.model
        scores = None
        if model is not None and tokens.words:
            seen = findings.seen() if findings is not None else Seen()
            scores = _guarded("model", lambda: model.scores(tokens, seen))
        return _Read(tokens, findings, scores)

    def _encoded(self, read: Sequence[_Read]) -> list[Mapping[str, float] | None] | None:
        """The encoder's scores of the windows that it was asked about; None where it should have been asked and failed.

        No window is asked about that is settled without it; of a long text the likeliest ones are.
        """
        model, encoder, heads = self.model, self.encoder, self.heads
        found: list[Mapping[str, float] | None] = [None] * len(read)
        if model is None or encoder is None or heads is None:
            return found
        asked = [at for at, one in enumerate(read) if one.scores is not None and not one.is_settled]
        if len(asked) > MAX_ENCODED:
            likely = sorted(asked, key=lambda at: (-model.judge(_scores_of(read[at])).reach, at))
            asked = sorted(likely[:MAX_ENCODED])
        if not asked:
            return found
        try:
            vectors = encoder.encode([model.full_spelling(read[at].tokens) for at in asked])
            rows = heads.scores(vectors)
        except EncoderFailed as error:
            _log.error("screen: %s", error)
            return None
        except Exception as error:  # noqa: BLE001 - the encoder may fail in any way; the rest of the screen stands
            _log.error("screen: the encoder failed with %s", type(error).__name__)
            return None
        for at, row in zip(asked, rows, strict=True):
            found[at] = dict(zip(heads.outputs, map(float, row), strict=True))
        return found

    def _judge(self, read: _Read, encoded: Mapping[str, float] | None, encoder_failed: bool) -> _Verdict:
        findings, scores, model = read.findings, read.scores, self.model
        if read.is_settled:
            return _Verdict("none", 0.0, None, Who.UNKNOWN, (), False, False)
        opinion = None
        limits = None
        if model is not None and scores is not None:
            opinion = _guarded("model", lambda: model.judge(_scores_of(read), encoded))
            limits = model.fusion.thresholds if encoded is not None and model.fusion is not None else model.thresholds
        level, score = self._level(findings, opinion, limits)
        evidence = _evidence(findings, opinion, level)
        if findings is None:
            evidence += (Evidence(rule=f"{BROKEN}lexicon"),)
            level = max(level, "concern", key=_RANK.__getitem__)
        is_model_broken = model is not None and bool(read.tokens.words) and opinion is None
        if is_model_broken:
            evidence += (Evidence(rule=f"{BROKEN}model"),)
        if encoder_failed:
            evidence += (Evidence(rule=f"{BROKEN}encoder"),)
        return _Verdict(
            level=level,
            score=score,
            category=_category(findings, opinion, level),
            who=self._who(findings, opinion, level),
            evidence=evidence,
            adds_a_sign=findings is None or self._adds_a_sign(findings, opinion, limits),
            is_partial=findings is None or is_model_broken or encoder_failed,
        )

    def _level(
        self, findings: Findings | None, opinion: Opinion | None, limits: Thresholds | None
    ) -> tuple[str, float]:
        by_rules, rules_score = findings.verdict() if findings is not None else ("none", 0.0)
        if findings is not None and findings.is_bare_topic:
            return "none", min(rules_score, opinion.risk if opinion else rules_score)
        if opinion is None or limits is None:
            return by_rules, rules_score
        level = "none"
        if opinion.risk >= limits.concern:
            level = "urgent" if opinion.urgent >= limits.urgent else "concern"
        elif opinion.reach >= limits.check or (by_rules != "none" and opinion.reach >= limits.check * SIGN_SHARE):
            level = "check"
        score = opinion.risk
        sure_level, weight = findings.surest() if findings is not None else ("none", 0.0)
        if _RANK[sure_level] > _RANK[level]:
            if opinion.reach >= (limits.firm_stands if weight >= FIRM else limits.stands):
                return sure_level, max(score, weight)
            return max(level, "check", key=_RANK.__getitem__), score
        return level, score

    def _adds_a_sign(self, findings: Findings, opinion: Opinion | None, limits: Thresholds | None) -> bool:
        if findings.is_bare_topic:
            return False
        if findings.adds_a_sign():
            return True
        return bool(opinion and limits and opinion.reach >= limits.check)

    def _who(self, findings: Findings | None, opinion: Opinion | None, level: str) -> Who:
        return who_at_risk(self.rules, findings, opinion, level)


def _scores_of(read: _Read) -> Floats:
    if read.scores is None:
        raise ValueError("the n-grams did not judge this window")
    return read.scores


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
    return _Verdict("concern", 0.5, Category.DISTRESS, Who.UNKNOWN, (Evidence(rule=f"{BROKEN}{name}"),), True, True)


def _guarded(name: str, work: Callable[[], _Result]) -> _Result | None:
    """``work()``; None when it fails. The failure is logged by its kind, never with words of the message."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - a broken part must raise the judgement, not stop it
        _log.error("screen: the part %s failed with %s", name, type(error).__name__)
        return None
