"""Answers as plain text, in pieces that a platform takes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.bubble import split, units, words
from helpline.messages import Answer

VIETNAMESE = st.text(
    alphabet=st.one_of(
        st.sampled_from("aăâeêioôơuưyđ áàảãạ ếềểễệ ớờởỡợ . ! ? … \n 1 2 ,;:()\u0301\u0300\u0323"),
        st.sampled_from("😢🌸👩\u200d👧❤\ufe0f"),
    ),
    max_size=600,
)


@given(text=st.one_of(VIETNAMESE, st.text(max_size=300)), most=st.integers(16, 120))
@example(text="a" * 50, most=16)
@example(text="e\u0301" * 50, most=16)
@example(text="\u0301" * 50, most=16)
@example(text="👩\u200d👧" * 20, most=16)
@example(text=" " * 70, most=16)
def test_pieces_joined_are_the_text_and_none_is_too_long(text: str, most: int) -> None:
    pieces = split(text, most)
    assert "".join(pieces) == text
    assert all(0 < units(piece) <= most for piece in pieces)


@pytest.mark.parametrize("most", [2000, 4096])
def test_long_text_is_cut_at_sentences(most: int) -> None:
    sentence = "Hồ sơ nộp tại Ủy ban nhân dân xã nơi gia đình đang ở. "
    pieces = split(sentence * 200, most)
    assert len(pieces) > 1
    assert all(piece.endswith("đang ở. ") for piece in pieces)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Câu một. Câu hai dài hơn.\n\nĐoạn mới bắt đầu ở đây", "Câu một. Câu hai dài hơn.\n\n"),
        ("Dòng thứ nhất rất dài\ndòng thứ hai. Rồi câu nữa nhé", "Dòng thứ nhất rất dài\n"),
        ("Bạn gọi số 18001769 để được nghe và giúp nhé bạn", "Bạn gọi số 18001769 để được "),
    ],
)
def test_best_border_wins(text: str, first: str) -> None:
    assert split(text, 30)[0] == first


def test_number_of_an_article_ends_no_sentence() -> None:
    assert split("Việc này có trong luật. Xem ở Điều 25. Mức", 40)[0] == "Việc này có trong luật. "


def test_accents_and_families_stay_whole() -> None:
    family = "👩\u200d👧"
    assert split("e\u0323\u0302" * 10, 16) == ["e\u0323\u0302" * 5, "e\u0323\u0302" * 5]
    assert all(piece.count(family) * len(family) == len(piece) for piece in split(family * 9, 16))


def test_short_and_empty_texts() -> None:
    assert split("", 16) == []
    assert split("Chào bạn", 16) == ["Chào bạn"]
    with pytest.raises(ValueError, match="16"):
        split("a", 15)


def test_emoji_count_twice() -> None:
    assert units("😢a") == 3
    assert len(split("😢" * 2048, 4096)) == 1
    assert len(split("😢" * 2049, 4096)) == 2


def test_words_are_nfc_with_one_line_of_sources() -> None:
    decomposed = unicodedata.normalize("NFD", "Trợ cấp được tính theo mức chuẩn.")
    answer = Answer(
        text=decomposed + "\n", citations=("Nghị định A, Điều 5", "Báo B, 6/2025", "Nghị định A, Điều 5", " ")
    )
    assert words(answer) == "Trợ cấp được tính theo mức chuẩn.\n\nNguồn: Nghị định A, Điều 5; Báo B, 6/2025"
    assert words(Answer(text=" Chào bạn ")) == "Chào bạn"
