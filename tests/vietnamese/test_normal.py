"""Normal forms: the table of typing habits, and what must hold for any text at all."""
from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vietnamese import normalise, strip_accents
from vietnamese.normal import NormalText

TABLE = [
    ("BỐ cháu SAY rượu", "bố cháu say rượu"),
    ("cháu đauuuuu quáááá!!!", "cháu đau quá!"),
    ("dạaaaa", "dạ"),
    ("hoà, thuỷ, khoẻ, quý, già, giếng", "hòa, thủy, khỏe, quý, già, giếng"),
    ("bo\u0302\u0301 me\u0323", "bố mẹ"),
    ("bo\u0301\u0302", "bố"),  # tone typed before the shape
    ("ｂố đ\u200bánh", "bố đánh"),
    ("ð\u00e1nh", "đánh"),
    ("сhаu", "chau"),  # two Cyrillic letters
    ("ko dc đâu", "không được đâu"),
    ("k hok kh", "không không không"),
    ("bn e a c mk", "bạn em anh chị mình"),
    ("đi vs j z", "đi với gì vậy"),
    ("ntn, bit, trc, ns", "như thế nào, biết, trước, nói"),
    ("ck vk nyc", "chồng vợ người yêu cũ"),
    ("lớp 6a, câu b, 50 k, 5 m", "lớp 6a, câu b, 50 k, 5 m"),
    ("hỏi sao a", "hỏi sao a"),
    ("a ấy đánh e", "anh ấy đánh em"),
    ("em e ngại", "em e ngại"),
    ("em k bt", "em không biết"),
    ("bt thôi", "bình thường thôi"),
    ("bn tiền, bao giờ, giá bn", "bạn tiền, bao giờ, giá bao nhiêu"),
    ("nó bịt miệng, nó bit mieng", "nó bịt miệng, nó bit mieng"),
    ("bố dduwowcj khoong", "bố được không"),
    ("boos ddanhs chaus", "bố đánh cháu"),
    ("chaus", "chaus"),  # an unsure slip alone stays
    ("bo61 d9a1nh em", "bố đánh em"),
    ("học lop5", "học lop5"),
    ("sex, now, of, team", "sex, now, of, team"),
    ("t.ự t.ử, h-i-ế-p, x.âm h.ại", "tự tử, hiếp, xâm hại"),
    ("đi.em sợ", "đi.em sợ"),
    ("fải, khôg, thíck, việc", "phải, không, thíck, việc"),
    ("bố oánh tui", "bố đánh tôi"),
    ("làm răng chừ", "làm sao bây giờ"),
    ("đau răng", "đau răng"),
    ("giai đoạn, bạn giai", "giai đoạn, bạn trai"),
    ("một   hai \t ba\n\n bốn", "một hai ba\nbốn"),
    ("gọi 18001769, 111", "gọi 18001769, 111"),
    ("", ""),
    ("   ", ""),
    ("😭😭😭", "😭"),
]


@pytest.mark.parametrize(("typed", "normal"), TABLE)
def test_typing_habits(typed: str, normal: str) -> None:
    assert normalise(typed).text == normal


def test_a_span_inside_an_abbreviation_gives_the_whole_abbreviation() -> None:
    form = normalise("Ko ai ĐÁNHHHH cháu")
    at = form.plain.index("danh")
    assert form.typed_part(at, at + 4) == "ĐÁNHHHH"
    assert form.typed_part(1, 3) == "Ko"


def test_spans_survive_marks_typed_apart_and_invisible_letters() -> None:
    form = normalise("\u200bbo\u0302\u0301 \u200dđánh")
    assert form.text == "bố đánh"
    assert form.typed_part(0, 2) == "bo\u0302\u0301"
    assert form.typed_part(3, 7) == "đánh"


@pytest.mark.parametrize("span", [(-1, 0), (0, 99), (2, 1)])
def test_a_span_outside_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(IndexError):
        normalise("chào").span(*span)


SYLLABLES = st.sampled_from(
    ["bố", "mẹ", "đánh", "danh", "chau", "cháu", "k", "ko", "e", "a", "c", "m", "5", "dc", "bt", "bn", "giá", "lun", "wá", "fải", "dduwowcj", "khoong", "bos", "sowj", "d9uo75c", "kho6ng", "lop5", "hoà", "quý", "nhaa", "dạaa", "t.ự", "h-i-ế-p", "x.", ".", ",", "!", "??", "…", "zai", "đoạn", "hông", "bên", "làm", "răng", "đi", "mô", "rứa", "bit", "mieng", "12", "z", "vậy", "vãi", "ok", "ôôôo", "aa"]
)
VIETNAMESE = st.lists(st.tuples(SYLLABLES, st.sampled_from([" ", " ", "", "  ", "\n", ". ", "-"])), max_size=12).map(
    lambda parts: "".join(word + gap for word, gap in parts)
)
LETTERS = st.text(alphabet="aâăáạđdeêoôơuưiynhgcktpsfrxjw1579.-* \u0301\u0302\u0323\u200b'", max_size=16)
ANY_TEXT = st.one_of(st.text(max_size=40), VIETNAMESE, LETTERS)


@settings(max_examples=600, deadline=None)
@given(ANY_TEXT)
@example("İ ﷺ ½ ﬁ ẞ ϓ Ǆ")
@example("ᄀ\u1161\u11a8 가")
@example("a\u0344\u0301\u0301")
def test_normalising_twice_is_once(typed: str) -> None:
    once = normalise(typed)
    assert normalise(once.text).text == once.text


@settings(max_examples=400, deadline=None)
@given(ANY_TEXT)
def test_normal_form_is_composed_lower_case_and_plain_bears_no_mark(typed: str) -> None:
    form = normalise(typed)
    assert unicodedata.is_normalized("NFC", form.text)
    assert len(form.plain) == len(form.text)
    assert form.plain == strip_accents(form.text)
    assert not any(unicodedata.category(char) == "Mn" for char in unicodedata.normalize("NFD", form.plain))
    assert "đ" not in form.plain


@settings(max_examples=400, deadline=None)
@given(ANY_TEXT, st.data())
def test_every_span_maps_back_inside_the_typed_text(typed: str, data: st.DataObject) -> None:
    form: NormalText = normalise(typed)
    start = data.draw(st.integers(0, len(form.text)))
    end = data.draw(st.integers(start, len(form.text)))
    first, last = form.span(start, end)
    assert 0 <= first <= last <= len(typed)
    if start < end:
        assert first < last
        assert form.typed_part(start, end) == typed[first:last]


@given(VIETNAMESE)
def test_spans_keep_their_order(typed: str) -> None:
    form = normalise(typed)
    spans = [form.span(at, at + 1) for at in range(len(form.text))]
    assert spans == sorted(spans)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("em xợ nắm", "em sợ nắm"),  # "nắm" is a word of its own
        ("nàm sao giờ", "làm sao giờ"),
        ("bố uống riệu", "bố uống rượu"),
        ("chời ơi nó trặn đường", "trời ơi nó chặn đường"),
        ("chú xờ vào người con", "chú sờ vào người con"),
        ("rổ rá, con dao rựa, chái nhà, lúa sạ", "rổ rá, con dao rựa, chái nhà, lúa sạ"),
    ],
)
def test_sounds_that_a_writer_does_not_tell_apart(typed: str, meant: str) -> None:
    assert normalise(typed).text == meant
