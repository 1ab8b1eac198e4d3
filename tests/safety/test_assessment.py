"""Values of the screen: order, what goes together, and the way to JSON and back."""

from __future__ import annotations

import dataclasses
import json
from itertools import product

import pytest

from safety import Assessment, Category, Evidence, Level, Status, Who

CATEGORIES = """
physical_abuse sexual_abuse emotional_abuse neglect domestic_violence self_harm online_abuse trafficking
child_labour child_marriage bullying missing danger distress counsellor_request
"""
RISK = Assessment(
    level=Level.URGENT,
    category=Category.PHYSICAL_ABUSE,
    who=Who.SELF_CHILD,
    score=0.97,
    evidence=(
        Evidence("grown_up_hits_me", "bố đánh con", 0, 11),
        Evidence("if", "nếu", 12, 15, Status.HYPOTHETICAL, "if"),
        Evidence("model", source="model"),
    ),
    version="a+b",
    partial=True,
)


def test_levels_are_ordered_by_urgency_not_by_alphabet() -> None:
    assert Level.NONE < Level.CONCERN < Level.URGENT
    assert max(Level.NONE, Level.URGENT, Level.CONCERN) is Level.URGENT
    for one, other in product(Level, Level):
        assert (one < other) == (one.rank < other.rank)
        assert (one >= other) == (one.rank >= other.rank)
    assert Level("urgent") == "urgent"
    assert hash(Level.NONE) == hash("none")


def test_the_names_are_those_of_the_contract() -> None:
    assert [level.value for level in Level] == ["none", "concern", "urgent"]
    assert [who.value for who in Who] == ["self_child", "self_adult", "third_party", "unknown"]
    assert {category.value for category in Category} == set(CATEGORIES.split())


def test_json_and_back_changes_nothing() -> None:
    again = Assessment.from_dict(json.loads(json.dumps(RISK.to_dict())))
    assert again == RISK
    assert again.level is Level.URGENT
    none = Assessment(level=Level.NONE, check=True)
    assert Assessment.from_dict(none.to_dict()) == none


def test_it_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        RISK.level = Level.NONE  # type: ignore[misc]


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": Level.NONE, "category": Category.DANGER},
        {"level": Level.NONE, "who": Who.UNKNOWN},
        {"level": Level.URGENT, "category": Category.DANGER},
        {"level": Level.CONCERN, "who": Who.UNKNOWN},
        {"level": Level.URGENT, "category": Category.DANGER, "who": Who.UNKNOWN, "check": True},
        {"level": Level.NONE, "score": 1.5},
    ],
)
def test_what_does_not_go_together_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Assessment(**wrong)  # type: ignore[arg-type]


def test_a_stored_assessment_that_is_none_of_ours_is_refused() -> None:
    with pytest.raises((KeyError, ValueError)):
        Assessment.from_dict({**RISK.to_dict(), "level": "severe"})
    with pytest.raises((KeyError, ValueError)):
        Assessment.from_dict({"level": "none"})
