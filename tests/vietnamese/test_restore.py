"""Accents put back where they were left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnamese import strip_accents
from vietnamese.restore import Restorer, is_typed_with_accents

TEXTS = [line.split() for line in (
    "bố đánh con đau lắm", "bố con đi làm về muộn", "mẹ nấu cơm cho con", "con đánh răng rồi đi ngủ", "chú bảo con giữ bí mật",
    "cô giáo đánh giá bài của con", "bo mang",
)]  # fmt: skip


@pytest.fixture(scope="module")
def restorer() -> Restorer:
    return Restorer.learn(TEXTS, {"bố": 0.01, "bộ": 0.02, "đau": 0.001, "đầu": 0.002, "là": 0.02})


@pytest.mark.parametrize("text", [" ".join(words) for words in TEXTS[:-1]])
def test_what_was_read_comes_back(restorer: Restorer, text: str) -> None:
    assert " ".join(restorer.restore(strip_accents(text).split())) == text


def test_a_neighbour_decides_between_spellings(restorer: Restorer) -> None:
    assert restorer.restore(["bo", "danh", "con", "dau"]) == ["bố", "đánh", "con", "đau"]
    assert restorer.restore(["dau"]) == ["đau"]  # read once here, although the public counts know the other better


def test_words_with_accents_and_unknown_ones_stay(restorer: Restorer) -> None:
    assert restorer.restore(["không", "zalo", "xyz", "123", "."]) == ["không", "zalo", "xyz", "123", "."]


def test_a_text_typed_without_accents_teaches_nothing() -> None:
    assert Restorer.learn([["bo", "danh", "con"]], {}).restore(["bo"]) == ["bo"]
    assert not is_typed_with_accents(["bo", "danh", "con", "123"])
    assert not is_typed_with_accents([])
    assert is_typed_with_accents(["bố", "ăn", "com"])


def test_it_is_kept_and_read_again(restorer: Restorer) -> None:
    again = Restorer.from_dict(restorer.to_dict())
    assert again == restorer
    with pytest.raises(KeyError):
        Restorer.from_dict({})


@given(st.lists(st.sampled_from(["bo", "danh", "con", "me", "đi", "12", ".", "?", "zz", "ăn"]) | st.text(max_size=6), max_size=30))
def test_any_words_give_as_many_words_of_the_same_letters(words: list[str]) -> None:
    restorer = Restorer.learn(TEXTS, {})
    found = restorer.restore(words)
    assert len(found) == len(words)
    assert [strip_accents(word) for word in found] == [strip_accents(word) for word in words]
