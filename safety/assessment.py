"""What the safety screen says about one message: plain frozen values, free of any library.

The names of levels, categories and of who is at risk are the contract's and are never renamed; they are stored in
the database and stand in evaluation files.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import total_ordering
from typing import Any


@total_ordering
class Level(str, Enum):
    """How urgent a message is. Ordered: ``NONE < CONCERN < URGENT``; equal to its contract name as a string."""

    NONE = "none"
    CONCERN = "concern"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """0 for none, 1 for concern, 2 for urgent."""
        return _RANKS[self.value]

    def __lt__(self, other: object) -> bool:
        return self.rank < Level(other).rank

    # ``str`` brings its own alphabetical order; ``total_ordering`` fills only what is missing, so all four are named.
    def __le__(self, other: object) -> bool:
        return self.rank <= Level(other).rank

    def __gt__(self, other: object) -> bool:
        return self.rank > Level(other).rank

    def __ge__(self, other: object) -> bool:
        return self.rank >= Level(other).rank

    __hash__ = str.__hash__

    def __str__(self) -> str:
        return self.value


_RANKS = {"none": 0, "concern": 1, "urgent": 2}


class Category(str, Enum):
    """What kind of harm a risk message speaks of."""

    PHYSICAL_ABUSE = "physical_abuse"
    SEXUAL_ABUSE = "sexual_abuse"
    EMOTIONAL_ABUSE = "emotional_abuse"
    NEGLECT = "neglect"
    DOMESTIC_VIOLENCE = "domestic_violence"
    SELF_HARM = "self_harm"
    ONLINE_ABUSE = "online_abuse"
    TRAFFICKING = "trafficking"
    CHILD_LABOUR = "child_labour"
    CHILD_MARRIAGE = "child_marriage"
    BULLYING = "bullying"
    MISSING = "missing"
    DANGER = "danger"
    DISTRESS = "distress"
    COUNSELLOR_REQUEST = "counsellor_request"

    def __str__(self) -> str:
        return self.value


class Who(str, Enum):
    """Who is at risk: the speaker (child or adult), somebody else, or not said."""

    SELF_CHILD = "self_child"
    SELF_ADULT = "self_adult"
    THIRD_PARTY = "third_party"
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return self.value


class Status(str, Enum):
    """How a piece of evidence is meant, after its context was read."""

    PRESENT = "present"
    NEGATED = "negated"
    HYPOTHETICAL = "hypothetical"
    PAST = "past"
    OTHER_PERSON = "other_person"
    FICTION = "fiction"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Evidence:
    """One reason for a judgement.

    ``start`` and ``end`` are a half-open span in code points of the message as typed and ``text`` is that part of it;
    evidence of the model, which weighs the whole message, spans nothing (``0, 0``) and has no text. ``changed_by`` is
    the name of the context cue that made the status other than present. ``source`` is ``"rule"`` or ``"model"``.
    """

    rule: str
    text: str = ""
    start: int = 0
    end: int = 0
    status: Status = Status.PRESENT
    changed_by: str | None = None
    source: str = "rule"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; :meth:`from_dict` gives the same evidence back."""
        return {
            "rule": self.rule,
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "status": self.status.value,
            "changed_by": self.changed_by,
            "source": self.source,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Evidence:
        """The evidence that :meth:`to_dict` wrote. Raises KeyError or ValueError on anything else."""
        return cls(
            rule=str(data["rule"]),
            text=str(data["text"]),
            start=int(data["start"]),
            end=int(data["end"]),
            status=Status(data["status"]),
            changed_by=data["changed_by"],
            source=str(data["source"]),
        )


BROKEN = "broken:"
"""How the name of a piece of evidence begins that says that a part of the screen failed."""


@dataclass(frozen=True)
class Assessment:
    """The judgement on one message.

    ``check`` (the soft check) occurs only with level none. ``category`` and ``who`` are None exactly when the level is
    none. ``score`` is the probability, 0 to 1, that the message is not ``none``. ``version`` names the lexicon and
    model that judged. ``partial`` says that a part of the screen did not take part (no model, a broken recogniser, a
    text beyond the limit), so that the message may be judged again later.
    """

    level: Level
    check: bool = False
    category: Category | None = None
    who: Who | None = None
    score: float = 0.0
    evidence: tuple[Evidence, ...] = field(default=())
    version: str = ""
    partial: bool = False

    @property
    def broken(self) -> tuple[str, ...]:
        """The parts of the screen that failed on this message: "text", "lexicon", "model", "encoder", "history"."""
        return tuple(piece.rule.removeprefix(BROKEN) for piece in self.evidence if piece.rule.startswith(BROKEN))

    def __post_init__(self) -> None:
        if self.level is Level.NONE:
            if self.category is not None or self.who is not None:
                raise ValueError("level none has no category and nobody at risk")
        elif self.check:
            raise ValueError("a soft check occurs only with level none")
        elif self.category is None or self.who is None:
            raise ValueError("a risk level needs a category and who is at risk")
        if not 0.0 <= self.score <= 1.0:
            raise ValueError("score is a probability")

    @property
    def is_risk(self) -> bool:
        """True for concern and urgent: a case is opened."""
        return self.level is not Level.NONE

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; :meth:`from_dict` gives the same assessment back. Holds words of the sender."""
        return {
            "level": self.level.value,
            "check": self.check,
            "category": self.category.value if self.category else None,
            "who": self.who.value if self.who else None,
            "score": self.score,
            "evidence": [piece.to_dict() for piece in self.evidence],
            "version": self.version,
            "partial": self.partial,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Assessment:
        """The assessment that :meth:`to_dict` wrote. Raises KeyError or ValueError on anything else."""
        return cls(
            level=Level(data["level"]),
            check=bool(data["check"]),
            category=Category(data["category"]) if data["category"] else None,
            who=Who(data["who"]) if data["who"] else None,
            score=float(data["score"]),
            evidence=tuple(Evidence.from_dict(piece) for piece in data["evidence"]),
            version=str(data["version"]),
            partial=bool(data["partial"]),
        )
