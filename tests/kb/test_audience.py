from __future__ import annotations

import pytest

from kb.audience import tell
from kb.schema import Audience

CHILD, ADULT, OFFICIAL = Audience.CHILD, Audience.ADULT, Audience.OFFICIAL


@pytest.mark.parametrize(
    ("text", "audience"),
    [
        ("con sợ bố lắm", CHILD),
        ("em học lớp 8 muốn học bơi", CHILD),
        ("bố mẹ con ly dị thì con ở với ai", CHILD),
        ("cháu muốn hỏi quyền trẻ em", CHILD),
        ("co giao em mang em", CHILD),
        ("con tôi 8 tuổi", ADULT),
        ("be 8 tuoi o cam pha dc hoc boi ko", ADULT),
        ("cháu nội tôi 10 tuổi", ADULT),
        ("chồng em đánh em", ADULT),
        ("tạm trú thì con có đc học lớp bơi free ko mn", None),
        ("mẹ em 78 tuổi có được trợ cấp không", None),
        ("Kính gửi anh chị, xin hỏi hạn báo cáo", OFFICIAL),
        ("tôi là cán bộ trẻ em xã Điền Xá", OFFICIAL),
        ("toi la truong thon o Hai Lang", OFFICIAL),
        ("mức phạt tảo hôn", None),
    ],
)
def test_who_writes(text: str, audience: Audience | None) -> None:
    assert tell(text) is audience


@pytest.mark.parametrize(("age", "audience"), [(9, CHILD), (17, CHILD), (18, ADULT), (40, ADULT)])
def test_the_age_tells_where_words_do_not(age: int, audience: Audience) -> None:
    assert tell("học bơi ở đâu", age) is audience


def test_an_audience_is_said_as_the_contract_writes_it() -> None:
    assert f"{tell('con sợ')}" == "child"
