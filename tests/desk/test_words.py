"""Words of the desk: every code has one, and the canned sentences keep the rules."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from desk import canned, labels
from helpline.messages import Channel, Kind, OutState
from safety.assessment import Category, Level, Status, Who


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (Level, labels.LEVELS),
        (Category, labels.CATEGORIES),
        (Who, labels.WHO),
        (Status, labels.STATUSES),
        (Channel, labels.CHANNELS),
        (Kind, labels.KINDS),
        (OutState, labels.DELIVERY),
    ],
)
def test_every_code_has_its_word(codes: type, words: dict[str, str]) -> None:
    assert {code.value for code in codes} == set(words)  # type: ignore[attr-defined]


def test_outcomes_fit_their_column() -> None:
    assert all(len(code) <= 32 for code in labels.OUTCOMES)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "0 giây"), (0, "0 giây"), (59, "59 giây"), (60, "1 phút"), (3599, "59 phút"), (3600, "1 giờ"), (3900, "1 giờ 5 phút"), (172800, "2 ngày")],
)
def test_spans(seconds: int, words: str) -> None:
    assert labels.span(timedelta(seconds=seconds)) == words


def test_moments_are_local() -> None:
    now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert labels.moment(now, now) == "15:00"
    assert labels.moment(now - timedelta(hours=15, minutes=1), now) == "22/11 23:59"
    assert labels.moment(datetime(2025, 12, 31, 17, 0, tzinfo=UTC), now) == "01/01 00:00"
    assert labels.moment(datetime(2025, 12, 31, 16, 59, tzinfo=UTC), now) == "31/12/2025 23:59"


def test_canned_sentences_keep_the_rules() -> None:
    source = canned.FILE.read_text(encoding="utf-8")
    texts = "\n".join(line for line in source.splitlines() if line.strip().startswith("text:"))
    assert not re.search(r"\d", texts), "a number written out; name it by its key"
    sentences = canned.load()
    assert len(sentences) >= 10
    assert len({one.key for one in sentences}) == len(sentences)
    for one in sentences:
        assert one.register in ("child", "adult", "any")
        assert "{" not in one.text
        assert not re.search(r"tại sao|vì sao|sao (em|bạn) (lại|không)|giữ bí mật|mình hứa|chắc chắn (sẽ )?an toàn|kể chi tiết|bằng chứng|chụp ảnh", one.text.lower()), one.key
        for part in re.split(r"[.?!]\s", one.text):
            assert len(part.split()) <= 34, (one.key, part)


def test_canned_sentences_that_fit_come_first() -> None:
    for who, other in (("self_child", "adult"), ("self_adult", "child")):
        registers = [one.register for one in canned.for_sender(who)]
        assert len(registers) == len(canned.load())
        assert other not in registers[: registers.index(other)] and set(registers[registers.index(other) :]) == {other}
