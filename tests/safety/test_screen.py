"""The screen as a whole: the contract's rulings with rules alone, history, long texts, and what breaks."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safety import Assessment, Category, Level, Status, Who
from safety.screen import MAX_CHARS, WINDOW, Screen
from tests.safety.rulings import RULINGS, Ruling


@pytest.fixture(scope="module")
def screen() -> Screen:
    return Screen.load()


@pytest.mark.parametrize("ruling", RULINGS, ids=lambda ruling: ruling.text)
def test_rulings_of_the_contract_hold_with_rules_alone(screen: Screen, ruling: Ruling) -> None:
    ruling.hold(screen.assess(ruling.text))


@pytest.mark.parametrize(
    "text",
    [
        "cảm ơn cô, mà bố con vẫn đánh con",
        "haha bố em lại đánh em",
        "tạm biệt, con không muốn sống nữa",
        "menu bố đánh con",
        "lớp bơi. bố đánh con",
        "1. bo danh con",
        "ok em chào chị, em bị chồng đánh",
    ],
)
def test_s07_a_disclosure_beside_thanks_a_joke_or_a_menu_word_is_still_urgent(screen: Screen, text: str) -> None:
    assert screen.assess(text).level is Level.URGENT


@pytest.mark.parametrize("text", ["cười chết mất", "không ai đánh cháu cả", "đánh rank thua hoài muốn chết", "bài văn kể bố đánh con"])
def test_s06_a_near_miss_gets_a_soft_check_at_most(screen: Screen, text: str) -> None:
    assert screen.assess(text).level is Level.NONE


def test_s08_not_so_never_lowers_a_later_judgement(screen: Screen) -> None:
    alone = screen.assess("bố đánh con")
    after = screen.assess("bố đánh con", ["không phải", "em đùa thôi"])
    assert after == alone


@pytest.mark.parametrize("text", ["bố đánh con", "BO DANH CON", "bố  đánh\u200b con!!!", "boos ddanhs con", "bố đánhhhh con"])
def test_the_same_is_seen_however_it_is_typed(screen: Screen, text: str) -> None:
    assert screen.assess(text).level is Level.URGENT


def test_evidence_spans_the_words_as_typed(screen: Screen) -> None:
    text = "Chào cô ạ!! Bố ĐÁNHHH con, nếu con khóc"
    assessment = screen.assess(text)
    piece = next(piece for piece in assessment.evidence if piece.rule == "grown_up_hits_me")
    assert piece.text == "Bố ĐÁNHHH con" == text[piece.start : piece.end]
    assert (piece.status, piece.source, piece.changed_by) == (Status.PRESENT, "rule", None)


def test_evidence_names_the_cue_that_changed_it(screen: Screen) -> None:
    assessment = screen.assess("bố không đánh con")
    assert [(piece.status, piece.changed_by) for piece in assessment.evidence][0] == (Status.NEGATED, "not")


def test_without_a_model_each_assessment_is_partial(screen: Screen) -> None:
    assert screen.assess("lớp bơi ở đâu").partial
    assert screen.version.endswith("+rules")


# --- history ---


def test_small_signs_add_up_over_messages(screen: Screen) -> None:
    assessment = screen.assess("có mùi rượu", ["con sợ", "bố về rồi"])
    assert assessment.level is Level.URGENT
    assert assessment.evidence[-1].rule == "history"
    assert screen.assess("có mùi rượu").level is Level.NONE


@pytest.mark.parametrize("text", ["dạ", "cảm ơn ạ", "vâng", "lớp bơi ở Cẩm Phả đăng ký sao ạ", "số 111 là số gì", "👍"])
def test_a_message_that_adds_no_sign_keeps_its_own_level(screen: Screen, text: str) -> None:
    history = ["bố đánh con", "con sợ lắm", "bố về rồi", "bố say"]
    assert screen.assess(text, history) == screen.assess(text)


def test_only_the_last_four_messages_count(screen: Screen) -> None:
    chatter = ["lớp bơi ở đâu", "mấy giờ ạ", "bao nhiêu tiền", "ở Hạ Long"]
    assert screen.assess("có mùi rượu", ["con sợ bố", *chatter]).level is Level.NONE


def test_evidence_of_history_does_not_point_into_this_message(screen: Screen) -> None:
    text = "có mùi rượu"
    for piece in screen.assess(text, ["con sợ", "bố về rồi"]).evidence:
        assert piece.text == text[piece.start : piece.end]


# --- length ---


def test_a_disclosure_deep_in_a_long_text_is_found_where_it_stands(screen: Screen) -> None:
    filler = "hôm nay trời đẹp cả nhà đi chơi rất vui. " * 60
    text = filler + "bố đánh con. " + filler
    assert len(text) < MAX_CHARS
    assessment = screen.assess(text)
    assert assessment.level is Level.URGENT
    piece = next(piece for piece in assessment.evidence if piece.rule == "grown_up_hits_me")
    assert text[piece.start : piece.end] == "bố đánh con"


@pytest.mark.parametrize("place", ["start", "end"])
def test_of_a_text_beyond_the_limit_start_and_end_are_judged(screen: Screen, place: str) -> None:
    filler = "hôm nay trời đẹp. " * 2000
    text = "bố đánh con. " + filler if place == "start" else filler + "bố đánh con."
    assessment = screen.assess(text)
    assert assessment.level is Level.URGENT
    assert assessment.partial
    piece = next(piece for piece in assessment.evidence if piece.rule == "grown_up_hits_me")
    assert text[piece.start : piece.end] == "bố đánh con"


def test_a_deed_across_the_edge_of_a_window_is_seen(screen: Screen) -> None:
    for before in range(WINDOW - 6, WINDOW + 2):
        text = " ".join(["ừ"] * before) + " bố đánh con " + " ".join(["ừ"] * WINDOW)
        assert screen.assess(text).level is Level.URGENT, before


@pytest.mark.parametrize("text", ["a" * 500_000, "đánh " * 100_000, "bố đánh con " * 50_000, "😭" * 200_000, "k." * 100_000])
def test_the_work_is_capped_whatever_the_length(screen: Screen, text: str) -> None:
    began = time.perf_counter()
    screen.assess(text, [text] * 6)
    assert time.perf_counter() - began < 2


# --- what breaks ---


def broken(*args: object) -> None:
    raise RuntimeError("bố đánh con")  # an error's own words must not reach the log either


@pytest.mark.parametrize("text", ["lớp bơi ở đâu", "bố đánh con"])
def test_a_broken_recogniser_raises_to_concern_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    screen = Screen.load()
    monkeypatch.setattr(screen.rules, "find", broken)
    with caplog.at_level(logging.DEBUG):
        assessment = screen.assess(text)
    assert assessment.level is Level.CONCERN
    assert assessment.partial
    assert (assessment.category, assessment.who) == (Category.DISTRESS, Who.UNKNOWN)
    assert "broken:lexicon" in {piece.rule for piece in assessment.evidence}
    assert "RuntimeError" in caplog.text
    assert "đánh" not in caplog.text


def test_a_text_that_cannot_be_read_at_all_is_a_concern(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safety.screen.normalise", broken)
    assessment = Screen.load().assess("xin chào")
    assert assessment.level is Level.CONCERN
    assert assessment.evidence[0].rule == "broken:text"


def test_no_word_of_a_message_is_logged(screen: Screen, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        screen.assess("bố Zebulon đánh con, gọi 0912345678", ["con sợ"])
    assert caplog.text == ""


# --- for any text ---

SOME = "bố mẹ con em đánh tát không nếu chết muốn sống sợ rượu bạn chồng bí mật ảnh gửi dạ . , ? \n 😭 k dc bo danh lớp bơi"
WORDS = st.sampled_from(SOME.split(" "))


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=14).map(" ".join)), st.lists(st.text(max_size=10), max_size=5))
def test_any_text_gets_a_well_formed_and_repeatable_assessment(text: str, history: list[str]) -> None:
    screen = _SHARED
    assessment = screen.assess(text, history)
    assert assessment == screen.assess(text, history)
    assert Assessment.from_dict(assessment.to_dict()) == assessment
    assert not (assessment.check and assessment.level is not Level.NONE)
    for piece in assessment.evidence:
        assert piece.text == text[piece.start : piece.end]


@settings(max_examples=80, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=10).map(" ".join), st.lists(st.lists(WORDS, max_size=5).map(" ".join), max_size=4))
def test_history_never_lowers_a_level(text: str, history: list[str]) -> None:
    assert _SHARED.assess(text, history).level >= _SHARED.assess(text).level


def test_it_may_be_used_from_many_threads(screen: Screen) -> None:
    texts = [ruling.text for ruling in RULINGS] * 4
    alone = [screen.assess(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(screen.assess, texts)) == alone


_SHARED = Screen.load()
