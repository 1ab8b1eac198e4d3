"""After the first response to a disclosure: gentle questions about safety, never about what happened."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.sentences import chips, sentence
from actions.turn import Turn, read, say
from helpline.messages import Answer, Button


def after_safety(asked: str, yes: bool) -> tuple[str, str | None]:
    """What follows the answer to a question about safety: the key of the sentence, and what it asks in turn."""
    if asked == "safe":
        return ("safe", "trusted_adult") if yes else ("not_safe", "safe")
    return ("trusted_adult", None) if yes else ("no_trusted_adult", None)


def next_step(turn: Turn) -> tuple[str, str | None]:
    """The key of the sentence that is due, and what it asks."""
    if turn.intent == "safe_now":
        return after_safety(turn.slots.get("asked") or "safe", True)
    if turn.intent == "not_safe":
        return after_safety(turn.slots.get("asked") or "safe", False)
    if turn.slots.get("asked") in ("safe", "trusted_adult"):
        return "still_here", turn.slots["asked"]  # asked before; a second asking would press the sender
    return ("ask_safe_third" if turn.who == "third_party" else "ask_safe"), "safe"


class ActionSupport(Action):
    """Asks whether the sender is safe, then whether somebody it trusts is near; then just says that it listens."""

    def name(self) -> str:
        return "action_support"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = read(tracker)
        key, asked = next_step(turn)
        buttons = tuple(Button(title) for title in chips(key))
        say(dispatcher, turn, [Answer(text=sentence(key, turn.register), buttons=buttons)], topic="disclosure")
        events: list[EventType] = [SlotSet("asked", asked)]
        if turn.audience:
            events.append(SlotSet("audience", turn.audience))
        return events
