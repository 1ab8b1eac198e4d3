from __future__ import annotations

import pytest

from kb.choice import FITS, choose
from kb.schema import Audience
from kb.search import Index, Reader
from tests.kb.small import entry, gazetteer

WHO = entry("swim_class.who", title="Lớp bơi dành cho ai", questions=["lớp bơi miễn phí cho ai", "hoc boi mien phi cho ai"])
COST = entry("swim_class.cost", title="Lớp bơi giá bao nhiêu", questions=["học phí lớp bơi bao nhiêu", "hoc boi mat may tien"])
LINE = entry("hotline.child_line", title="Số bảo vệ trẻ em", questions=["số điện thoại bảo vệ trẻ em", "gọi số nào"])
FOR_CHILD = entry("hotline.child", title="Em gọi số nào", questions=["em gọi số điện thoại nào khi sợ"], audience=["child"])
FOR_STAFF = entry("hotline.staff", title="Cán bộ gọi số nào", questions=["cán bộ gọi số điện thoại nào"], audience=["official"])


@pytest.fixture(scope="module")
def index() -> Index:
    return Index([WHO, COST, LINE, FOR_CHILD, FOR_STAFF], Reader(gazetteer(), 2026))


def test_within_the_predicted_topic_the_best_entry_answers(index: Index) -> None:
    choice = choose(index, "học phí của lớp bơi là mấy", "swim_class", 0.9, None)
    assert choice.best is not None and choice.best.entry.id == "swim_class.cost"


def test_an_example_typed_again_wins_over_a_wrong_topic(index: Index) -> None:
    choice = choose(index, "so dien thoai bao ve tre em", "swim_class", 0.99, None)
    assert choice.best is not None and (choice.best.entry.id, choice.score) == ("hotline.child_line", 1.0)


def test_a_strong_find_elsewhere_beats_an_unsure_topic(index: Index) -> None:
    choice = choose(index, "cho hỏi số điện thoại để bảo vệ trẻ em", "swim_class", 0.35, None)
    assert choice.best is not None and choice.best.entry.topic == "hotline"


def test_nothing_near_is_not_guessed(index: Index) -> None:
    assert choose(index, "lương giáo viên vùng cao tăng chưa", "swim_class", 0.9, None).best is None
    assert choose(index, "giá xăng hôm nay", None, 0.0, None).best is None


def test_with_no_topic_only_a_clear_find_answers(index: Index) -> None:
    sure = choose(index, "lớp bơi miễn phí dành cho ai", None, 0.0, None)
    assert sure.best is not None and sure.best.entry.id == "swim_class.who"
    assert choose(index, "lớp bơi", None, 0.0, None).best is None or choose(index, "lớp bơi", None, 0.0, None).doubtful


def test_a_bare_topic_gets_its_overview(index: Index) -> None:
    choice = choose(index, "lớp bơi", "swim_class", 0.95, None)
    assert choice.best is not None and choice.best.entry.id == "swim_class.who"


def test_the_question_in_a_long_story_is_found(index: Index) -> None:
    story = (
        "Chào anh chị, nhà tôi ở xa trung tâm, vợ chồng đi làm ca suốt, ông bà thì già yếu không trông được các cháu, "
        "mùa mưa vừa rồi nước ngập tới sân, hàng xóm ai cũng lo, thằng lớn nghịch lắm, cứ trưa là trốn ra suối với bạn. "
        "Tôi nghe loa phường đọc mà không kịp ghi lại, gọi ra ủy ban thì máy bận mãi chưa ai nghe. Hoc boi mat may tien?"
    )
    assert index.rank(story, {"swim_class": 0.9})[0].within < FITS
    choice = choose(index, story, "swim_class", 0.9, None)
    assert choice.best is not None and choice.best.entry.id == "swim_class.cost"


@pytest.mark.parametrize(("audience", "wanted"), [(Audience.CHILD, "hotline.child"), (Audience.OFFICIAL, "hotline.staff")])
def test_entries_for_others_step_back(index: Index, audience: Audience, wanted: str) -> None:
    choice = choose(index, "thì gọi số điện thoại nào", "hotline", 0.9, audience)
    assert choice.best is not None and choice.best.entry.id == wanted
