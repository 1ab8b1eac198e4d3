from __future__ import annotations

import pytest

from rasa_project.components.verdict import choose
from rasa_project.topics import asks_for_information
from safety.assessment import Category, Level, Who
from tests.fakes.screen import verdict
from vietnamese.normal import normalise


def ranking(*pairs: tuple[str, float]) -> list[dict[str, object]]:
    return [{"name": name, "confidence": share} for name, share in pairs]


def test_with_level_none_it_is_never_a_disclosure() -> None:
    chosen = choose(verdict(Level.NONE, None, None), ranking(("disclosure", 0.9), ("hotline", 0.05)), "số nào")
    assert chosen is not None and chosen["name"] == "hotline"


def test_with_level_none_rasas_choice_stands() -> None:
    assert choose(verdict(Level.NONE, None, None), ranking(("swim_class", 0.9)), "lớp bơi") is None


@pytest.mark.parametrize(
    ("category", "name"),
    [(Category.PHYSICAL_ABUSE, "disclosure"), (Category.COUNSELLOR_REQUEST, "counsellor_request")],
)
def test_a_risk_text_is_a_disclosure_or_a_wish_for_a_person(category: Category, name: str) -> None:
    risk = verdict(Level.URGENT, category, Who.SELF_CHILD)
    chosen = choose(risk, ranking(("greeting", 0.9), ("hotline", 0.1)), "bố đánh con")
    assert chosen is not None and chosen["name"] == name


def test_a_disclosure_inside_a_question_still_gets_its_answer() -> None:
    risk = verdict(Level.URGENT, Category.DOMESTIC_VIOLENCE, Who.SELF_ADULT)
    shares = ranking(("disclosure", 0.5), ("penalties", 0.3), ("domestic_violence", 0.1))
    chosen = choose(risk, shares, "chồng em đánh em thì bị phạt thế nào")
    assert chosen is not None and chosen["name"] == "penalties"


def test_a_risk_text_that_asks_nothing_gets_no_lecture() -> None:
    risk = verdict(Level.URGENT, Category.DOMESTIC_VIOLENCE, Who.SELF_ADULT)
    chosen = choose(risk, ranking(("domestic_violence", 0.8), ("disclosure", 0.1)), "chồng em vừa đánh em xong")
    assert chosen is not None and chosen["name"] == "disclosure"


def test_of_an_accident_what_to_do_is_a_question() -> None:
    shares = ranking(("disclosure", 0.4), ("health_support", 0.3), ("injury_safety", 0.2))
    accident = verdict(Level.URGENT, Category.DANGER, Who.THIRD_PARTY)
    asked = choose(accident, shares, "con tôi bị bỏng nước sôi phải làm gì ngay")
    told = choose(accident, shares, "con tôi bị bỏng nước sôi rồi")
    assert asked is not None and asked["name"] == "injury_safety"
    assert told is not None and told["name"] == "disclosure"
    beaten = choose(verdict(Level.URGENT, Category.PHYSICAL_ABUSE, Who.SELF_CHILD), shares, "bố đánh con, con phải làm gì")
    assert beaten is not None and beaten["name"] == "disclosure"


@pytest.mark.parametrize("text", ["bị phạt thế nào", "goi so nao", "nhà tạm lánh", "làm thế nào ạ", "báo cho ai"])
def test_words_that_ask(text: str) -> None:
    assert asks_for_information(normalise(text).plain)


@pytest.mark.parametrize("text", ["bố đánh con, con sợ lắm", "con buon lam", "cứu em với"])
def test_words_that_do_not_ask(text: str) -> None:
    assert not asks_for_information(normalise(text).plain)
