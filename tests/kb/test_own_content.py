"""The product's own content: nothing wrong in it, and what people type finds it."""

from __future__ import annotations

import re
from datetime import date

import pytest

from helpline import hotlines
from kb.answering import Answering, Question
from kb.choice import choose
from kb.citations import all_written
from kb.content import Content
from kb.schema import Audience
from kb.search import Index
from kb.validate import INFORMATION_TOPICS, validate

FOUND_FIRST = 0.97  # of the example questions, with their topic given


def test_there_are_no_errors(own: Content) -> None:
    assert [str(problem) for problem in validate(own, date(2026, 11, 23)) if problem.is_error] == []


def test_every_information_topic_has_entries(own: Content) -> None:
    assert {entry.topic for entry in own.entries} >= INFORMATION_TOPICS


def test_every_example_question_finds_its_entry(own: Content, index: Index) -> None:
    asked = [(question, entry) for entry in own.entries for question in entry.questions]
    missed = [
        (question, entry.id)
        for question, entry in asked
        if (best := choose(index, question, entry.topic, 0.9, None).best) is None or best.entry.id != entry.id
    ]
    assert len(missed) <= (1 - FOUND_FIRST) * len(asked), missed


def test_a_question_that_no_example_is_still_finds_its_entry(own: Content, index: Index) -> None:
    """Each third example left out of the index: most are still among the first three of their topic."""
    asked = [(entry, entry.questions[-1]) for entry in own.entries[::3] if len(entry.questions) > 3]
    left = [entry.copy(update={"questions": entry.questions[:-1]}) if entry in [a for a, _ in asked] else entry for entry in own.entries]
    without = Index(left, index._reader)
    found = [
        entry.id in [one.entry.id for one in without.find(question, most=3, topic=entry.topic)] for entry, question in asked
    ]
    assert sum(found) / len(found) >= 0.8


def test_every_citation_reads_as_a_string(own: Content) -> None:
    for entry in own.entries:
        assert len(all_written(entry.citations, own.sources)) <= len(entry.citations)


def test_every_text_can_be_filled(own: Content) -> None:
    for entry in own.entries:
        for text in (entry.short, entry.child, entry.more):
            assert "{" not in hotlines.fill(text or "")


@pytest.mark.parametrize("audience", list(Audience))
def test_every_entry_answers_its_first_question(own: Content, answering: Answering, audience: Audience) -> None:
    never = re.compile(r"1900[ .-]?1769")
    for entry in own.entries[:: 3 if audience is not Audience.ADULT else 1]:
        answers = answering.answer(Question(entry.questions[0], entry.topic, 0.95, audience=audience.value))
        for answer in answers:
            assert answer.extra["found"], (entry.id, entry.questions[0])
            assert not never.search(answer.text) and "{" not in answer.text
            assert len(answer.text) <= 1200
        assert answers[0].citations or not entry.citations


def test_a_missing_accent_makes_no_difference_to_an_answer(answering: Answering) -> None:
    with_marks = answering.answer(Question("mấy tuổi được học bơi", "swim_class", 0.9))
    without = answering.answer(Question("may tuoi duoc hoc boi", "swim_class", 0.9))
    assert with_marks[0].extra["entry_id"] == without[0].extra["entry_id"]
