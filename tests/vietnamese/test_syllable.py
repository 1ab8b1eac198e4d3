"""Accents, tone placement, keyboard slips, the tables of shorthand, and words."""
from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from vietnamese.accents import has_accents, likely_forms, part_forms, strip_accents
from vietnamese.shorthand import Shorthand
from vietnamese.slips import telex, vni
from vietnamese.syllable import SYLLABLES, is_syllable, place_tone, toneless, with_tone
from vietnamese.words import words


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Đường về nhà", "Duong ve nha"), ("ưỡn ẹo", "uon eo"), ("plain", "plain"), ("café 가", "cafe 가"), ("", "")],
)
def test_strip_accents(text: str, plain: str) -> None:
    assert strip_accents(text) == plain
    assert strip_accents(plain) == plain


def test_has_accents() -> None:
    assert has_accents("đi")
    assert has_accents("mẹ")
    assert not has_accents("di me 가")


def test_part_forms_leave_marks_out_and_never_put_other_marks_in() -> None:
    assert part_forms("đánh") == {"đánh", "đanh", "dánh", "danh"}
    assert part_forms("ốm") == {"ốm", "ôm", "óm", "om"}
    assert "dành" not in part_forms("đánh")


def test_likely_forms_leave_frequent_words_to_themselves() -> None:
    assert part_forms("gậy") - likely_forms("gậy") == {"gây", "gay"}
    assert likely_forms("nhau") == {"nhau"}


@pytest.mark.parametrize(
    ("typed", "placed"),
    [
        ("hoà", "hòa"), ("khoẻ", "khỏe"), ("thuỷ", "thủy"), ("qúy", "quý"), ("gía", "giá"), ("giếng", "giếng"),
        ("gì", "gì"), ("toàn", "toàn"), ("ngoài", "ngoài"), ("khuỷu", "khuỷu"), ("thuở", "thuở"), ("chaú", "cháu"),
        ("ngừơi", "người"), ("email", "email"), ("áá", "áá"),
    ],
)  # fmt: skip
def test_tone_placement(typed: str, placed: str) -> None:
    assert place_tone(typed) == placed


@given(st.sampled_from(sorted(SYLLABLES)), st.sampled_from(["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]))
def test_a_placed_tone_stays_and_can_be_taken_off_again(base: str, tone: str) -> None:
    word = with_tone(base, tone)
    if word is not None:
        assert place_tone(word) == word
        assert toneless(word) == (base, tone)
        assert is_syllable(strip_accents(word))


@pytest.mark.parametrize("word", ["oc", "ngà", "kà", "gê", "zạ", "cạg", "bôôn", "cảt"])
def test_spelling_is_checked(word: str) -> None:
    assert is_syllable(word) == (word in {"oc", "ngà"})


@pytest.mark.parametrize(
    ("typed", "word", "sure"),
    [
        ("dduwowcj", "được", True), ("khoong", "không", True), ("nhaf", "nhà", True), ("mej", "mẹ", True),
        ("sowj", "sợ", True), ("ddi", "đi", True), ("chaus", "cháu", False), ("nhee", "nhê", False),
    ],
)  # fmt: skip
def test_telex(typed: str, word: str, sure: bool) -> None:
    assert telex(typed) == (word, sure)


@pytest.mark.parametrize("typed", ["la", "nguoi", "street", "xoong", "shop", "offers", "đi", ""])
def test_telex_leaves_words_alone(typed: str) -> None:
    assert telex(typed) is None


@pytest.mark.parametrize(
    ("typed", "word", "sure"),
    [("d9uo75c", "được", True), ("kho6ng", "không", True), ("bo61", "bố", True), ("nha2", "nhà", False)],
)
def test_vni(typed: str, word: str, sure: bool) -> None:
    assert vni(typed) == (word, sure)


@pytest.mark.parametrize("typed", ["u23", "h1n1", "6a", "0912345678", "t2", "a12", "khoi9"])
def test_vni_leaves_labels_alone(typed: str) -> None:
    assert vni(typed) is None


def test_shorthand_tables_refuse_what_would_not_settle(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {"lists": {}, "words": {"xq": "ko"}, "sounds": {"onsets": {}, "finals": {}}, "kept": ""}
    monkeypatch.setattr("vietnamese.shorthand._read", lambda name: table if name == "teencode.yml" else {"words": {"ko": "không"} if name == "dialect.yml" else {}})
    with pytest.raises(ValueError, match="'ko' in 'ko'"):
        Shorthand.load()


def test_shorthand_tables_refuse_a_key_twice_and_unknown_conditions(monkeypatch: pytest.MonkeyPatch) -> None:
    def tables(words: str) -> None:
        table = yaml.safe_load(words)
        monkeypatch.setattr(
            "vietnamese.shorthand._read",
            lambda name: {"lists": {}, "words": table, "sounds": {"onsets": {}, "finals": {}}, "kept": ""}
            if name == "teencode.yml"
            else {"words": {}},
        )

    tables("{xq/xq: không}")
    with pytest.raises(ValueError, match="twice"):
        Shorthand.load()
    tables("{xq: {means: không, befor: gì}}")
    with pytest.raises(ValueError, match="befor"):
        Shorthand.load()


def test_words_keep_compounds_together() -> None:
    assert "trẻ em" in words("Luật Trẻ em bảo vệ trẻ em")
    assert words("  ") == []
