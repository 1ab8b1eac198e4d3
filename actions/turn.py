"""What an action needs to know of the turn, and how it says its answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from helpline.messages import Answer


@dataclass(frozen=True)
class Turn:
    """One message as Rasa understood it, with the slots before it.

    ``audience`` is child, adult, official or None; ``who`` and ``level`` come from the screen's verdict.
    """

    text: str
    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    entities: dict[str, str]
    slots: dict[str, Any]
    level: str
    category: str | None
    who: str | None

    @property
    def audience(self) -> str | None:
        if self.who == "self_child":
            return "child"
        return self.entities.get("audience") or self.slots.get("audience")

    @property
    def register(self) -> str:
        """How the sender is spoken to: ``child`` (em) or ``adult`` (bạn)."""
        return "child" if self.audience == "child" else "adult"


def read(tracker: Tracker) -> Turn:
    message = tracker.latest_message
    intent = message.get("intent") or {}
    verdict = message.get("assessment") or (message.get("metadata") or {}).get("assessment") or {}
    return Turn(
        text=message.get("text") or "",
        intent=intent.get("name") or "nlu_fallback",
        confidence=float(intent.get("confidence") or 0.0),
        ranking=tuple(
            (str(item["name"]), float(item["confidence"]))
            for item in message.get("intent_ranking") or ()
            if item.get("name") != "nlu_fallback"
        ),
        entities={e["entity"]: str(e["value"]) for e in reversed(message.get("entities") or [])},
        slots=dict(tracker.slots),
        level=str(verdict.get("level") or "none"),
        category=verdict.get("category"),
        who=verdict.get("who"),
    )


def say(dispatcher: CollectingDispatcher, turn: Turn, answers: Iterable[Answer], topic: str | None = None) -> None:
    """Put answers on their way to the gateway, each with how the message was understood."""
    for answer in answers:
        known = replace(
            answer,
            topic=answer.topic or topic or turn.intent,
            intent=turn.intent,
            confidence=turn.confidence,
        )
        dispatcher.utter_message(json_message=known.to_dict())
