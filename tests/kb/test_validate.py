from __future__ import annotations

from datetime import date

import pytest

from kb.content import Content
from kb.validate import Problem, dead_bodies, entry_problems, number_faults, sent_to, validate
from tests.kb.small import content, entry

GOOD = entry("shelter.what")


def problems(*entries: object) -> list[Problem]:
    return validate(content(*entries))  # type: ignore[arg-type]


def test_good_content_has_no_problem() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"citations": [{"source": "nd-1-1900"}]}, "citations", "no source"),
        ({"short": "Gọi 111 nhé."}, "short", "named by its key"),
        ({"more": "Gọi 18001769."}, "more", "named by its key"),
        ({"child": "Em gọi 19001769."}, "child", "misprinted"),
        ({"short": "Số là 1900 1769."}, "short", "misprinted"),
        ({"short": "Gọi {child_lime}."}, "short", "no such key"),
        ({"short": "Gọi {office_line}."}, "short", "must not be used"),
        ({"short": "Gọi 0203 620 374."}, "short", "written out"),
        ({"short": "a" * 601}, "short", "at most 600"),
        ({"more": "b" * 1501}, "more", "at most 1500"),
        ({"short": "Bạn hỏi phòng LĐ-TB&XH huyện."}, "short", "is no more"),
        ({"short": "Nộp hồ sơ tại UBND huyện nơi ở."}, "short", "is no more"),
        ({"more": "Liên hệ Sở LĐ-TB&XH để rõ hơn."}, "more", "is no more"),
        ({"related": ["shelter.nowhere"]}, "related", "no entry"),
        ({"replaced_by": "shelter.gone"}, "replaced_by", "no entry"),
        ({"validity": "superseded"}, "replaced_by", "by what is not said"),
        ({"validity": "conflict"}, "readings", "two readings"),
        ({"review_by": date(2020, 1, 1)}, "review_by", "not after"),
    ],
)
def test_each_fault_is_an_error_that_names_its_field(changes: dict[str, object], field: str, words: str) -> None:
    (problem,) = problems(entry("shelter.what", **changes))
    assert problem.is_error and problem.field == field and words in problem.message
    assert "shelter.what" in str(problem)


def test_an_unknown_topic_is_an_error() -> None:
    assert [p.field for p in problems(entry("fishing.where"))] == ["topic"]


def test_long_sentences_for_children_are_a_warning() -> None:
    (problem,) = problems(entry("shelter.what", child=" ".join(["em"] * 21) + "."))
    assert not problem.is_error and "21 syllables" in problem.message


def test_an_audience_that_nothing_is_written_for_is_an_error() -> None:
    assert {p.field for p in problems(entry("shelter.what", audience=["adult"]))} == {"audience"}


def test_an_example_in_two_entries_of_a_topic_is_an_error_and_of_two_topics_a_warning() -> None:
    same = {"questions": ["tạm lánh là gì"]}
    (within,) = problems(entry("shelter.a", **same), entry("shelter.b", **same))
    (across,) = problems(entry("shelter.a", **same), entry("hotline.b", **same))
    assert within.is_error and not across.is_error


def test_two_entries_of_one_title_are_an_error() -> None:
    assert [p.field for p in problems(entry("shelter.a", title="Tạm lánh"), entry("shelter.b", title="tạm lánh"))] == ["title"]


def test_what_was_to_be_looked_at_again_is_a_warning() -> None:
    (problem,) = validate(content(GOOD), date(2027, 4, 1))
    assert not problem.is_error and problem.field == "review_by"


@pytest.mark.parametrize(
    "text",
    [
        "Trước đây phòng LĐ-TB&XH chủ trì, bạn hỏi UBND xã.",
        "Không còn UBND huyện nên bạn hỏi UBND xã, phường.",
        "Bạn đến UBND thành phố Quảng Ninh.",
        "Sở LĐ-TB&XH đã giải thể.",
    ],
)
def test_a_dead_body_may_be_told_of_as_past(own: Content, text: str) -> None:
    assert sent_to(text, dead_bodies(own)) == []


@pytest.mark.parametrize("text", ["Điều 111", "có 111 trẻ", "theo 115/2020/NĐ-CP", "360.000 đ", "từ 01/7/2025", "{child_line}"])
def test_other_numbers_are_no_telephone(text: str) -> None:
    assert number_faults(text) == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Đánh đập người nhà bị phạt 5-10 triệu đồng.", []),
        ("Cô lập người nhà bị phạt từ 20 đến 30 triệu đồng.", []),
        ("Đánh đập người nhà bị phạt 5-11 triệu đồng.", ["fine_unknown"]),
        ("Ép trẻ ăn xin bị phạt 10-15 triệu đồng.", ["fine_old"]),
        ("Trước đây ép trẻ ăn xin bị phạt 10-15 triệu đồng.", []),
        ("Được vay từ 7 đến 9 triệu đồng.", []),
    ],
)
def test_a_fine_stands_in_the_list_and_an_old_one_is_told_as_past(own: Content, text: str, codes: list[str]) -> None:
    found = entry_problems(entry("penalties.x", short=text), own)
    assert [problem.code for problem in found if problem.code.startswith("fine")] == codes


def test_keys_of_numbers_not_to_be_used_may_stand_in_editors_notes() -> None:
    assert number_faults("{wrong_province_line}", hidden=True) == []
    assert number_faults("{wrong_province_line}")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Gọi 0203 3999 888.", ["number_foreign"]),
        ("Gọi 0900.000.000 hoặc +84 900 000 000.", ["number_foreign", "number_foreign"]),
        ("Gọi 1800 1769.", ["number_written"]),
        ("Gọi 18001769.", ["number_written"]),
        ("Gọi {nobody}, {office_line}.", ["number_unknown", "number_barred"]),
        ("Điều 111, 102/2016/QH13, 0,5 triệu, 2021-2026.", []),
    ],
)
def test_one_entry_alone_says_which_rule_it_breaks(text: str, codes: list[str]) -> None:
    found = entry_problems(entry("shelter.what", short=text), content())
    assert [one.code for one in found if one.field == "short"] == codes
    assert all(one.is_error and one.about for one in found if one.field == "short")
