from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

import actions
from actions import services
from actions.sentences import load
from helpline.messages import Answer
from kb.answering import Question


class Knowledge:
    """A knowledge base that knows one thing and remembers what it was asked."""

    def __init__(self, found: bool = True) -> None:
        self.asked: list[Question] = []
        self.found = found

    def answer(self, question: Question) -> list[Answer]:
        self.asked.append(question)
        extra = {"entry_id": "swim_class.who", "found": self.found}
        return [Answer("thông tin", topic=question.topic, citations=("nguồn",), extra=extra)]

    def more(self, entry_id: str, audience: str | None = None) -> list[Answer]:
        return [Answer(f"thêm về {entry_id}", topic="swim_class")]


@pytest.fixture
def knowledge(monkeypatch: pytest.MonkeyPatch) -> Knowledge:
    own = Knowledge()
    monkeypatch.setattr(services, "answering", lambda: own)
    return own


def run(
    action: str, intent: str, text: str = "…", slots: dict[str, Any] | None = None, verdict: dict[str, Any] | None = None, case_open: bool = False, entities: list[dict[str, Any]] | None = None
) -> tuple[list[Answer], dict[str, Any]]:
    latest = {
        "text": text,
        "intent": {"name": intent, "confidence": 0.8},
        "intent_ranking": [{"name": intent, "confidence": 0.8}],
        "entities": entities or [],
        "metadata": {"assessment": verdict or {"level": "none"}, "case_open": case_open},
    }
    all_slots = dict.fromkeys(("topic", "entry", "asked", "place", "age", "audience")) | (slots or {})
    tracker = Tracker("s", all_slots, latest, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    chosen = next(cls for name in actions.__all__ if (cls := getattr(actions, name)().name()) == action)
    instance = next(getattr(actions, name)() for name in actions.__all__ if getattr(actions, name)().name() == chosen)
    events = instance.run(dispatcher, tracker, {})
    return (
        [Answer.from_dict(message["custom"]) for message in dispatcher.messages],
        {event["name"]: event["value"] for event in events},
    )


CHILD = {"level": "urgent", "category": "physical_abuse", "who": "self_child"}


def test_an_answer_goes_out_with_how_it_was_understood(knowledge: Knowledge) -> None:
    answers, slots = run("action_answer", "swim_class", "lớp bơi cho bé 8 tuổi", entities=[{"entity": "age", "value": "8"}])
    assert (answers[0].topic, answers[0].intent, answers[0].confidence) == ("swim_class", "swim_class", 0.8)
    assert knowledge.asked[0].age == 8
    assert slots["topic"] == "swim_class" and slots["entry"] == "swim_class.who"


def test_a_place_alone_goes_on_with_the_topic_of_the_conversation(knowledge: Knowledge) -> None:
    run("action_answer", "inform", "ở Uông Bí", {"topic": "trusted_address"}, entities=[{"entity": "place", "value": "Uông Bí"}])
    assert (knowledge.asked[0].topic, knowledge.asked[0].place) == ("trusted_address", "Uông Bí")


def test_what_is_out_of_scope_and_not_found_is_said_so(knowledge: Knowledge) -> None:
    knowledge.found = False
    answers, _ = run("action_answer", "out_of_scope", "tối nay đá bóng mấy giờ")
    assert answers[0].text == _filled("out_of_scope", "adult") and knowledge.asked[0].topic is None


def test_more_needs_something_to_tell_more_of(knowledge: Knowledge) -> None:
    assert run("action_more", "more_details")[0][0].text == _filled("more_of_what", "adult")
    assert run("action_more", "more_details", slots={"entry": "x.y"})[0][0].text == "thêm về x.y"


def _filled(key: str, register: str) -> str:
    from actions.sentences import sentence

    return sentence(key, register)


@pytest.mark.parametrize(
    ("intent", "asked", "key", "next_asked"),
    [
        ("disclosure", None, "ask_safe", "safe"),
        ("disclosure", "safe", "still_here", "safe"),
        ("safe_now", "safe", "safe", "trusted_adult"),
        ("not_safe", "safe", "not_safe", "safe"),
        ("not_safe", None, "not_safe", "safe"),
    ],
)
def test_s13_after_a_disclosure_only_safety_is_asked(
    intent: str, asked: str | None, key: str, next_asked: str, knowledge: Knowledge
) -> None:
    answers, slots = run("action_support", intent, slots={"asked": asked}, verdict=CHILD)
    assert answers[0].text == _filled(key, "child") and slots["asked"] == next_asked


def test_for_somebody_else_it_asks_about_that_person(knowledge: Knowledge) -> None:
    answers, _ = run("action_support", "disclosure", verdict={**CHILD, "who": "third_party"})
    assert answers[0].text == _filled("ask_safe_third", "adult")


@pytest.mark.parametrize(
    ("intent", "asked", "key"),
    [("affirm", "safe", "safe"), ("deny", "safe", "not_safe"), ("affirm", "trusted_adult", "trusted_adult"), ("deny", "trusted_adult", "no_trusted_adult")],
)
def test_a_yes_or_no_is_read_by_what_was_asked(intent: str, asked: str, key: str, knowledge: Knowledge) -> None:
    assert run("action_continue", intent, slots={"asked": asked, "audience": "child"})[0][0].text == _filled(key, "child")


def test_a_wish_for_a_person_adds_nothing_to_the_first_response(knowledge: Knowledge) -> None:
    asked = {"level": "concern", "category": "counsellor_request", "who": "unknown"}
    assert run("action_person", "counsellor_request", verdict=asked)[0][0].text == ""
    assert "tư vấn viên" in run("action_person", "counsellor_request")[0][0].text


def test_s08_a_false_alarm_is_taken_kindly_and_asks_for_a_withdrawal(knowledge: Knowledge) -> None:
    answer = run("action_false_alarm", "false_alarm", case_open=True)[0][0]
    assert answer.extra["effect"] == "withdraw" and answer.extra["else_text"]


def test_s32_deletion_is_asked_of_the_gateway(knowledge: Knowledge) -> None:
    assert run("action_delete_data", "delete_data")[0][0].extra["effect"] == "delete"


@pytest.mark.parametrize("intent", ["greeting", "thanks", "goodbye", "small_talk", "feedback"])
def test_every_dialogue_intent_has_its_sentence(intent: str, knowledge: Knowledge) -> None:
    for register in ("child", "adult"):
        answers, _ = run("action_dialogue", intent, slots={"audience": register})
        assert answers[0].text == _filled(intent, register)


def test_sentences_exist_for_both_registers() -> None:
    for key, entry in load().items():
        assert key == "chips" or set(entry) == {"child", "adult"}, key
