"""Questions that nothing answered: masked, put together, dealt with."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from helpline import hotlines
from helpline.clock import MovableClock
from helpline.db import Database
from helpline.tables import kb_miss
from kb import misses
from kb.content import Content
from kb.misses import Handled, Miss, mask
from kb.search import Reader
from tests.kb.small import gazetteer


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(gazetteer(), 2026)


def asked(clock: MovableClock, *texts: str, days: float = 0, first: int = 1) -> list[Miss]:
    """Questions of one day, the newest first as `misses.load` gives them."""
    at = clock.now() - timedelta(days=days)
    return [Miss(first + number, at + timedelta(seconds=number), text, None, ()) for number, text in reversed(list(enumerate(texts)))]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("con tên là Nguyễn Thị Lan học lớp 5", "con tên là [tên] học lớp 5"),
        ("em la Hoa o Cam Pha", "em la [tên] o Cam Pha"),
        ("cháu tên minh, 8 tuổi", "cháu tên [tên], 8 tuổi"),
        ("cô Hạnh dạy lớp bé Na", "cô [tên] dạy lớp bé [tên]"),
        ("gọi em số 0900 000 000 nhé", "gọi em số [số] nhé"),
        ("zalo +84900000000", "zalo [số]"),
        ("cccd 022099001122", "cccd [số]"),
        ("mail na.be@example.com, trang https://example.com/na", "mail [thư điện tử], trang [đường dẫn]"),
        ("nhà số nhà 12B ngõ 7", "nhà số nhà [số] ngõ [số]"),
    ],
)
def test_s34_who_and_where_is_masked(typed: str, shown: str) -> None:
    assert mask(typed) == shown
    assert mask(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "tên mới của xã là gì",
        "Tên Trường Mới Là Gì",
        "số trẻ em Quảng Ninh là gì",
        "năm 2021-2023 trợ cấp 1.500.000 đồng",
        "luật 102/2016/QH13, 56/2017/NĐ-CP, KH 183/KH-UBND ngày 21/7/2023",
        "con em 8 tuổi ở Cẩm Phả học bơi ở đâu",
    ],
)
def test_what_is_asked_stays(text: str) -> None:
    assert mask(text) == text


def test_public_lines_stay() -> None:
    for line in hotlines.load().values():
        assert mask(f"số {line.number} gọi được không") == f"số {line.number} gọi được không"


def test_s34_a_miss_is_masked_before_it_is_kept_and_again_before_it_is_shown(db: Database, clock: MovableClock) -> None:
    with db.write() as tx:
        misses.keep(tx, clock.now(), "con là Na, 0900000000, học bơi mấy giờ", "swim_class", 0.1, ["swim_class.who"])
        tx.execute(kb_miss.insert().values(at=clock.now(), text="gọi 0900000000", answered_with=[]))  # as kept in earlier days
    with db.read() as tx:
        row = tx.execute(select(kb_miss).order_by(kb_miss.c.id)).first()
        newest, oldest = misses.load(tx)
    assert row is not None and row.text == "con là [tên], [số], học bơi mấy giờ"
    assert not {"user_key", "conversation_id", "address"} & set(row.keys())
    assert (newest.text, oldest.offered, oldest.topic) == ("gọi [số]", ("swim_class.who",), "swim_class")


def test_two_typings_of_one_question_are_one(reader: Reader, clock: MovableClock) -> None:
    (group,) = misses.grouped(asked(clock, "Mấy giờ mở cửa bể bơi ạ?", "may gio mo cua be boi"), reader, clock.now())
    assert len(group.open) == 2
    assert group.questions == ("Mấy giờ mở cửa bể bơi ạ?", "may gio mo cua be boi"), "the one with accents first"


MEANINGS = [
    ("trung tâm bảo trợ có nhận trẻ tự kỷ không", "trung tam bao tro co nhan tre tu ky ko ad", "cho hỏi trung tâm bảo trợ có nhận bé tự kỷ không ạ"),
    ("làm thẻ bảo hiểm y tế cho con mới sinh ở đâu", "con mới sinh thì làm thẻ bảo hiểm y tế ở đâu ạ"),
    ("nghỉ thai sản được bao nhiêu tháng", "em nghỉ thai sản được mấy tháng ạ"),
    ("trợ cấp cho người cao tuổi bao nhiêu", "người cao tuổi được trợ cấp bao nhiêu tiền"),
    ("trợ cấp cho trẻ mồ côi bao giờ nhận", "bao giờ nhận được trợ cấp trẻ mồ côi"),
    ("thời tiết hôm nay thế nào", "hom nay thoi tiet the nao"),
    ("làm giấy khai sinh cho con ở đâu",),
    ("lớp bơi cho người lớn có không",),
]


def test_what_asks_the_same_is_together_and_nothing_else(own: Content, clock: MovableClock) -> None:
    texts = [text for meaning in MEANINGS for text in meaning]
    groups = misses.grouped(asked(clock, *texts), Reader(own.gazetteer, 2026, own.glossary), clock.now())
    assert {frozenset(miss.text for miss in group.open) for group in groups} == {frozenset(meaning) for meaning in MEANINGS}


def test_new_and_often_asked_comes_first(reader: Reader, clock: MovableClock) -> None:
    long_ago = asked(clock, *["học phí mầm non"] * 5, days=60)
    lately = asked(clock, *["giấy khai sinh cần gì"] * 2, first=10)
    once = asked(clock, "thời tiết hôm nay", first=20)
    groups = misses.grouped([*once, *lately, *long_ago], reader, clock.now())
    assert [group.questions[0] for group in groups] == ["giấy khai sinh cần gì", "thời tiết hôm nay", "học phí mầm non"]
    assert [len(group.open) for group in groups] == [2, 1, 5]
    assert groups[2].weight(clock.now()) == pytest.approx(5 * 0.5 ** (60 / 14), rel=0.01)


def test_a_group_says_what_was_shown_instead(reader: Reader, clock: MovableClock) -> None:
    at = clock.now()
    found = [Miss(n, at, "lớp bơi mấy giờ", topic, offered) for n, topic, offered in (
        (3, "swim_class", ("swim_class.who", "swim_class.age")), (2, "swim_class", ("swim_class.age",)), (1, None, ()))]  # fmt: skip
    (group,) = misses.grouped(found, reader, at)
    assert (group.offered, group.topic, group.seed, group.last_at) == (("swim_class.age", "swim_class.who"), "swim_class", 1, at)


def test_dealt_with_is_gone_and_asked_again_is_back(db: Database, clock: MovableClock, reader: Reader) -> None:
    def ask(text: str) -> None:
        with db.write() as tx:
            misses.keep(tx, clock.now(), text, None, None, [])

    def groups() -> list[misses.Group]:
        with db.read() as tx:
            return misses.grouped(misses.load(tx), reader, clock.now())

    ask("thời tiết hôm nay")
    ask("giấy khai sinh cần gì")
    with db.write() as tx:
        assert misses.handle(tx, [1], Handled.DISMISSED, "staff:1", clock.now()) == 1
        assert misses.handle(tx, [1], Handled.DRAFTED, "staff:2", clock.now(), "a.b") == 0, "the first one decided"
        assert misses.handle(tx, [2], Handled.DRAFTED, "staff:1", clock.now(), "child_data.birth") == 1
    assert groups() == []
    ask("thoi tiet hom nay")
    ask("giấy khai sinh cần gì ạ")
    birth, weather = groups()
    assert (weather.dismissed, weather.drafted, len(weather.open)) == (1, (), 1)
    assert (birth.dismissed, birth.drafted) == (0, ("child_data.birth",))
    assert misses.find(groups(), weather.seed) == weather and misses.find(groups(), 1) is None


def test_thousands_are_put_together_in_time(reader: Reader, clock: MovableClock) -> None:
    words = ("lớp", "bơi", "trợ", "cấp", "trẻ", "em", "giấy", "phường", "học", "phí", "mấy", "giờ", "ở", "đâu", "nhận", "bao")
    texts = [" ".join(words[(number * step) % 16] for step in (1, 3, 5, 7)) + f" {number % 40}" for number in range(3000)]
    groups = misses.grouped(asked(clock, *texts), reader, clock.now())
    assert sum(len(group.open) for group in groups) == 3000
    assert misses.grouped([], reader, clock.now()) == []
