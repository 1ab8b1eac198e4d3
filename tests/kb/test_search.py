from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.rows import Term
from kb.search import Index, Reader
from tests.kb.small import entry, gazetteer

SWIM_WHO = entry(
    "swim_class.who",
    title="Lớp bơi miễn phí dành cho ai",
    questions=["lớp bơi miễn phí cho trẻ em nào", "be 8 tuoi o uong bi co duoc hoc boi khong"],
    short="Dành cho trẻ từ 6 đến dưới 16 tuổi.",
)
SWIM_WHERE = entry(
    "swim_class.where",
    title="Học bơi ở đâu",
    questions=["địa điểm học bơi ở đâu", "be boi nao day hoc boi"],
    short="Chưa có địa điểm.",
)
SHELTER = entry(
    "shelter.what", title="Tạm lánh là gì", questions=["nhà tạm lánh là gì", "tam lanh"], short="Ở một chỗ an toàn ít ngày."
)
ENTRIES = [SWIM_WHO, SWIM_WHERE, SHELTER]


@pytest.fixture(scope="module")
def small() -> Index:
    return Index(ENTRIES, Reader(gazetteer(), 2026))


def test_with_or_without_accents_the_same_entry(small: Index) -> None:
    for text in ("nhà tạm lánh là gì", "nha tam lanh la gi", "NHÀ TẠM LÁNH LÀ GÌ???", "dạ nhà tạm lánh là gì ạ"):
        assert small.find(text)[0].entry.id == "shelter.what"


@pytest.mark.parametrize("one", ENTRIES, ids=lambda one: one.id)
def test_an_example_typed_again_scores_one(small: Index, one: object) -> None:
    for question in (*one.questions, one.title):  # type: ignore[attr-defined]
        found = small.find(question)[0]
        assert (found.entry, found.score) == (one, 1.0)
        assert one in small.exact(question)


def test_another_place_or_age_is_the_same_question(small: Index) -> None:
    assert small.find("bé 11 tuổi ở Ba Chẽ có được học bơi không")[0].entry.id == "swim_class.who"
    assert small.find("bé 11 tuổi ở Ba Chẽ có được học bơi không")[0].placed


def test_a_typing_slip_is_forgiven(small: Index) -> None:
    assert small.find("nha tam lahn la gi")[0].entry.id == "shelter.what"


def test_a_topic_narrows(small: Index) -> None:
    assert {found.entry.topic for found in small.find("học bơi là gì", topic="swim_class")} == {"swim_class"}
    assert small.find("học bơi", topic="hotline") == []


def test_an_abbreviation_is_read_as_its_full_words() -> None:
    term = Term(id="ntl", short=("NTL", "NT"), full="nhà tạm lánh", note=None)
    assert Index(ENTRIES, Reader(gazetteer(), 2026)).find("NTL") == []
    assert Index(ENTRIES, Reader(gazetteer(), 2026, [term])).find("ntl ở đâu")[0].entry.id == "shelter.what"


def test_nothing_known_scores_low(small: Index) -> None:
    assert all(found.score < 0.2 for found in small.find("giá vàng hôm nay tăng mạnh"))
    assert small.find("xyzzy qwerty") == [] or small.find("xyzzy qwerty")[0].score < 0.1


def test_no_entries_find_nothing() -> None:
    assert Index([], Reader(gazetteer(), 2026)).find("tạm lánh") == []


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_scores_lie_between_nought_and_one(text: str) -> None:
    index = Index(ENTRIES, Reader(gazetteer(), 2026))
    scores = [found.score for found in index.find(text)]
    assert all(0 < score <= 1 for score in scores)
    assert scores == sorted(scores, reverse=True)


def test_a_thousand_entries_are_searched_within_five_milliseconds(index: Index) -> None:
    copies = [
        one.copy(update={"id": f"{one.id}_{number}", "title": f"{one.title} {number}"})
        for number in range(1000 // len(index.entries) + 1)
        for one in index.entries
    ][:1000]
    thousand = Index(copies, index._reader)
    texts = [one.questions[0] for one in index.entries[:40]]
    for text in texts:
        thousand.find(text, topic="swim_class")
    spent = []
    for text in texts:
        began = time.perf_counter()
        thousand.find(text)
        spent.append(time.perf_counter() - began)
    assert sorted(spent)[len(spent) // 2] < 0.005


def test_a_topic_held_for_second_best_can_win_with_an_entry_that_fits(small: Index) -> None:
    topics = {"hotline": 0.55, "swim_class": 0.4}
    assert small.rank("bé 11 tuổi ở Ba Chẽ có được học bơi không", topics)[0].entry.id == "swim_class.who"


def test_the_likelier_topic_decides_between_entries_that_fit_alike() -> None:
    alike = [entry(f"{topic}.open", title=f"{name} mở lúc nào", questions=["mấy giờ mở cửa"]) for topic, name in (("shelter", "Nhà"), ("swim_class", "Bể"))]
    index = Index(alike, Reader(gazetteer(), 2026))

    def best(topic: str) -> str:
        return index.rank("mấy giờ thì mở cửa ạ", {topic: 0.9}, 1)[0].entry.topic

    assert (best("shelter"), best("swim_class")) == ("shelter", "swim_class")


def test_chances_leave_room_for_no_entry(small: Index) -> None:
    ranked = small.rank("giá vàng hôm nay tăng mạnh", {"swim_class": 0.2}, 10)
    assert sum(one.chance for one in ranked) < 0.5
    assert small.rank("", {}) == [] and Index([], Reader(gazetteer(), 2026)).rank("tạm lánh", {"shelter": 1.0}) == []
