from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.kb.small import entry


def test_an_entry_that_is_right_is_taken() -> None:
    assert entry("swim_class.who").topic == "swim_class"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("audience", []),
        ("audience", ["everybody"]),
        ("questions", []),
        ("questions", ["bơi ở đâu", ""]),
        ("short", ""),
        ("topic", "shelter"),
        ("validity", "maybe"),
        ("as_of", "hôm qua"),
        ("review_by", None),
        ("citations", [{"source": "nd-56-2017", "page": 3}]),
        ("shrot", "a key misspelt"),
        ("id", "Lớp bơi.ai"),
    ],
)
def test_a_wrong_field_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        entry("swim_class.who", **{field: value})


def test_an_entry_cannot_be_changed() -> None:
    one = entry("swim_class.who")
    with pytest.raises(TypeError):
        one.short = "Khác"
