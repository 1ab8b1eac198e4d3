"""Answers from the knowledge base."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from actions.sentences import sentence
from actions.turn import Turn, read, say
from helpline.messages import Answer
from kb.answering import Question

# Intents that name no information topic: the search of the knowledge base decides alone.
WITHOUT_TOPIC = frozenset({"nlu_fallback", "out_of_scope", "small_talk", "feedback", "affirm", "deny", "more_details"})
UNSURE = 0.45
SHORT = 7  # syllables
AGREED = 0.9  # confidence of a topic that the conversation is already on


def question_of(turn: Turn) -> Question:
    """The question behind a turn: its own topic, or for a short reply the one that the conversation is on."""
    topic: str | None = turn.intent
    confidence = turn.confidence
    topics = dict(turn.ranking)
    if turn.intent == "inform":
        topic, confidence, topics = turn.slots.get("topic"), AGREED, {}
    elif turn.intent in WITHOUT_TOPIC:
        topic, confidence = None, 0.0
    age = turn.entities.get("age") or (turn.slots.get("age") if turn.intent == "inform" else None)
    return Question(
        text=turn.text,
        topic=topic,
        confidence=confidence,
        place=turn.entities.get("place") or turn.slots.get("place"),
        age=int(age) if age else None,
        audience=turn.audience,
        previous_entry_id=turn.slots.get("entry"),
        topics=topics,
    )


def _answers(turn: Turn) -> list[Answer]:
    """The answers to a turn. A short question of which Rasa is unsure ("có mất tiền không") is first put to the topic
    that the conversation is on."""
    knowledge = services.answering()
    question = question_of(turn)
    topic = turn.slots.get("topic")
    if topic and topic != question.topic and turn.confidence < UNSURE and len(turn.text.split()) <= SHORT:
        carried = knowledge.answer(replace(question, topic=topic, confidence=AGREED, topics={}, keep_miss=False))
        if carried[0].extra.get("found") and carried[0].topic == topic:
            return carried
    return knowledge.answer(question)


class ActionAnswer(Action):
    """Answers a question from the knowledge base, or says that it is not there and which number to ask."""

    def name(self) -> str:
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = read(tracker)
        answers = _answers(turn)
        if turn.intent == "out_of_scope" and not answers[0].extra.get("found"):
            answers = [Answer(text=sentence("out_of_scope", turn.register))]
        say(dispatcher, turn, answers)
        return _remember(turn, answers)


class ActionMore(Action):
    """The longer part of the last answer."""

    def name(self) -> str:
        return "action_more"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = read(tracker)
        entry = turn.slots.get("entry")
        if not entry:
            say(dispatcher, turn, [Answer(text=sentence("more_of_what", turn.register))])
            return []
        say(dispatcher, turn, services.answering().more(entry, turn.audience))
        return [SlotSet("asked", None)]


def _remember(turn: Turn, answers: list[Answer]) -> list[EventType]:
    last = answers[-1]
    events: list[EventType] = [SlotSet("asked", last.extra.get("asks"))]
    if last.extra.get("entry_id"):
        events.append(SlotSet("entry", last.extra["entry_id"]))
    if last.topic or answers[0].topic:
        events.append(SlotSet("topic", answers[0].topic or last.topic))
    for name in ("place", "age"):
        if turn.entities.get(name):
            events.append(SlotSet(name, turn.entities[name]))
    if turn.audience:
        events.append(SlotSet("audience", turn.audience))
    return events
