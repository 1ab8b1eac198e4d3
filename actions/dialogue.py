"""Greetings, thanks and the other turns that ask for no fact."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from actions.sentences import chips, sentence
from actions.support import after_safety
from actions.turn import Turn, read, say
from helpline.messages import Answer, Button


def speak(turn: Turn, key: str, **extra: Any) -> Answer:
    return Answer(
        text=sentence(key, turn.register), buttons=tuple(Button(title) for title in chips(key)), extra=extra
    )


def case_open(tracker: Tracker) -> bool:
    return bool((tracker.latest_message.get("metadata") or {}).get("case_open"))


class ActionDialogue(Action):
    """One sentence for an intent that has one of its name in `dialogue.yml`."""

    def name(self) -> str:
        return "action_dialogue"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = read(tracker)
        say(dispatcher, turn, [speak(turn, turn.intent)])
        return [SlotSet("asked", None)]


class ActionPerson(Action):
    """A wish for a person. The gateway's first response has said all there is; here only where there was none."""

    def name(self) -> str:
        return "action_person"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = read(tracker)
        said = turn.level != "none"
        say(dispatcher, turn, [Answer(text="") if said else speak(turn, "person")])
        return [SlotSet("asked", None)]


class ActionContinue(Action):
    """A yes or a no: what it means depends on what was asked last."""

    def name(self) -> str:
        return "action_continue"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = read(tracker)
        asked = turn.slots.get("asked")
        yes = turn.intent == "affirm"
        if asked in ("safe", "trusted_adult"):
            key, next_asked = after_safety(asked, yes)
            say(dispatcher, turn, [speak(turn, key)])
            return [SlotSet("asked", next_asked)]
        if yes and turn.slots.get("entry"):
            say(dispatcher, turn, services.answering().more(turn.slots["entry"], turn.audience))
        elif not yes and case_open(tracker):
            say(dispatcher, turn, [speak(turn, "still_here", effect="withdraw", else_text=sentence("withdrawn", turn.register))])
        else:
            say(dispatcher, turn, [speak(turn, turn.intent)])
        return [SlotSet("asked", None)]


class ActionFalseAlarm(Action):
    """The sender says that the alarm was a mistake. A disclosure stays with the counsellors all the same."""

    def name(self) -> str:
        return "action_false_alarm"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = read(tracker)
        said = speak(turn, "false_alarm", effect="withdraw", else_text=sentence("withdrawn", turn.register))
        say(dispatcher, turn, [said])
        return [SlotSet("asked", None)]


class ActionDeleteData(Action):
    """Asks the gateway to delete what is kept of this sender."""

    def name(self) -> str:
        return "action_delete_data"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = read(tracker)
        say(dispatcher, turn, [speak(turn, "delete_data", effect="delete")])
        return [SlotSet("asked", None)]
