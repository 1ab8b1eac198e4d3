"""What is near me: the commune, then the former district, then the province; else the honest word and whom to ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from helpline.clock import MovableClock
from helpline.db import Database
from helpline.messages import Answer
from kb import store
from kb.answering import Answering, Question
from kb.content import Content
from kb.importing import batches
from kb.store import load_content
from tests.kb.files import CLASS, PLACE, SWIM_HEADINGS, comma, grid


class Town:
    """A desk that imports and an assistant that answers, over one database."""

    def __init__(self, db: Database, clock: MovableClock, content: Content) -> None:
        self.db, self.clock, self.content = db, clock, content
        load_content(db, clock, content)
        self.answering = Answering(db, clock, content)

    def bring(self, *rows: Any) -> batches.Batch:
        swim = "pool" in rows[0]
        data = comma(grid(*rows, headings=SWIM_HEADINGS) if swim else grid(*rows))
        batch = batches.check(self.db, self.content, "swim" if swim else "services", "a.csv", data, "staff:1", self.clock.now())
        assert batch.report.refusals == ()
        batches.load(self.db, self.content, batch.id, "staff:1", self.clock.now())
        self.clock.move(timedelta(seconds=2))
        return batch

    def ask(self, text: str, topic: str | None = None, **more: Any) -> list[Answer]:
        return self.answering.answer(Question(text, topic, 0.9 if topic else 0.0, **more))

    def text(self, text: str, topic: str | None = None, **more: Any) -> str:
        return " ".join(answer.text for answer in self.ask(text, topic, **more))


TOPICS = {"trusted_address", "shelter", "swim_class", "models", "social_assistance", "hotline"}


@pytest.fixture
def town(db: Database, clock: MovableClock, own: Content) -> Town:
    return Town(db, clock, replace(own, entries=tuple(entry for entry in own.entries if entry.topic in TOPICS)))


def test_an_imported_address_is_told_within_a_second_with_its_day(town: Town) -> None:
    assert "chưa có dữ liệu" in town.text("địa chỉ tin cậy ở phường Hà Tu", "trusted_address")
    town.bring({**PLACE, "hours": "24/7"})
    (answer,) = town.ask("địa chỉ tin cậy ở phường Hà Tu", "trusted_address")
    row = "Nhà văn hóa khu 3, Khu 3, phường Hà Tu, điện thoại 0912345678, 24/7 (kiểm tra ngày 20/11/2026)"
    assert answer.text.startswith(f"Ở phường Hà Tu có: {row}.")
    assert "UBND Hà Tu".replace("UBND ", "UBND phường ") in answer.citations[0] and "20/11/2026" in answer.citations[0]
    assert "111" in answer.text and "18001769" in answer.text


def test_an_old_name_in_the_question_finds_todays_row(town: Town) -> None:
    town.bring({**PLACE, "commune": "Phường Cẩm Tây", "address": "Khu 2"})
    assert "Nhà văn hóa khu 3, Khu 2" in town.text("phường Cẩm Tây có nhà tạm lánh không", "shelter")


def test_where_the_commune_has_none_the_former_district_is_told(town: Town) -> None:
    town.bring({**PLACE, "commune": "Phường Bãi Cháy", "address": "Tổ 1"})
    text = town.text("địa chỉ tin cậy ở phường Hà Tu", "trusted_address")
    assert text.startswith("Địa chỉ tin cậy, nhà tạm lánh đang mở ở phường Hà Tu thì mình chưa có dữ liệu.")
    assert "Gần đó, trong Hạ Long cũ có: Nhà văn hóa khu 3, Tổ 1, phường Bãi Cháy, điện thoại 0912345678" in text
    assert "UBND hoặc công an phường Hà Tu" in text and "18001769" in text and "111" in text


def test_then_the_province_those_for_all_of_it_first(town: Town) -> None:
    town.bring(
        {**PLACE, "commune": "Phường Móng Cái 1", "address": "Tổ 1", "name": "Nhà ở Móng Cái"},
        {**PLACE, "kind": "Nhà tạm lánh", "name": "Nhà của cả tỉnh", "scope": "cả Quảng Ninh", "commune": "", "address": "", "last_checked": "1/11/2026"},
    )
    text = town.text("địa chỉ tin cậy ở phường Hà Tu", "trusted_address")
    assert "chưa có dữ liệu. Xa hơn, trong Quảng Ninh có: Nhà của cả tỉnh" in text
    assert text.index("Nhà của cả tỉnh") < text.index("Nhà ở Móng Cái")


def test_a_service_of_a_former_district_counts_in_all_its_communes(town: Town) -> None:
    town.bring({**PLACE, "kind": "Nhà tạm lánh", "name": "Nhà chung", "scope": "huyện cũ", "commune": "", "district": "Uông Bí", "address": ""})
    assert "trong Uông Bí cũ có: Nhà chung" in town.text("phường Vàng Danh có nhà tạm lánh không", "shelter")
    first, second = town.ask("cho xin địa chỉ tin cậy ở Uông Bí", "trusted_address")
    assert first.text.startswith("Ở Uông Bí có: Nhà chung") and second.extra["asks"] == "place"
    assert "Xa hơn" in town.text("phường Hà Tu có nhà tạm lánh không", "shelter")


def test_where_nothing_is_known_that_is_said_with_the_door_and_the_numbers(town: Town) -> None:
    for text, topic in (
        ("địa chỉ tin cậy ở phường Hà Tu", "trusted_address"),
        ("xã Húc Động có câu lạc bộ nào không", "models"),
        ("lớp bơi ở phường Hà Tu", "swim_class"),
    ):
        said = town.text(text, topic)
        unit = "xã Bình Liêu" if "Húc Động" in text else "phường Hà Tu"
        assert "chưa có dữ liệu" in said and unit in said and "UBND" in said, said
        assert "111" in said and "18001769" in said and "19001769" not in said


@pytest.mark.parametrize("audience", ["child", "adult", "official"])
@pytest.mark.parametrize("topic", ["trusted_address", "shelter", "swim_class", "models"])
def test_each_of_the_54_communes_gets_an_honest_answer(town: Town, own: Content, topic: str, audience: str) -> None:
    words = {"trusted_address": "địa chỉ tin cậy ở", "shelter": "nhà tạm lánh ở", "swim_class": "lịch lớp bơi ở", "models": "câu lạc bộ ở"}
    for unit in own.gazetteer.units_now[::5]:
        said = town.text(f"{words[topic]} {unit}", topic, audience=audience)
        assert "chưa có" in said and "111" in said and "18001769" in said and unit.split(" ", 1)[1] in said, said


# validity


def test_what_has_run_out_is_not_told(town: Town, clock: MovableClock) -> None:
    town.bring({**PLACE, "valid_to": "30/11/2026"}, {**PLACE, "name": "Trạm y tế", "valid_from": "1/12/2026"})
    assert "Nhà văn hóa" in town.text("địa chỉ tin cậy ở Hà Tu", "trusted_address")
    assert "Trạm y tế" not in town.text("địa chỉ tin cậy ở Hà Tu", "trusted_address")
    clock.move(timedelta(days=8))
    said = town.text("địa chỉ tin cậy ở Hà Tu", "trusted_address")
    assert "Nhà văn hóa" not in said and "Trạm y tế" in said


def test_what_nobody_looked_at_for_90_days_is_not_told(town: Town, clock: MovableClock) -> None:
    town.bring(PLACE)
    clock.move(timedelta(days=86))
    assert "Nhà văn hóa" in town.text("địa chỉ tin cậy ở Hà Tu", "trusted_address")
    clock.move(timedelta(days=2))
    assert "Nhà văn hóa" not in town.text("địa chỉ tin cậy ở Hà Tu", "trusted_address")


def test_an_undo_and_a_withdrawal_take_effect_at_once(town: Town, clock: MovableClock) -> None:
    batch = town.bring(PLACE, {**PLACE, "name": "Trạm y tế"})
    with town.db.read() as tx:
        from kb import services

        row = next(one for one in services.kept(tx, clock.now()) if one.name == "Trạm y tế")
    with town.db.write() as tx:
        batches.withdraw(tx, row.id, "staff:1", clock.now())
    clock.move(timedelta(seconds=2))
    assert "Trạm y tế" not in town.text("địa chỉ tin cậy ở Hà Tu", "trusted_address")
    with town.db.write() as tx:
        batches.undo(tx, batch.id, "staff:1", clock.now())
    clock.move(timedelta(seconds=2))
    assert "chưa có dữ liệu" in town.text("địa chỉ tin cậy ở Hà Tu", "trusted_address")


def test_many_places_are_told_in_part_and_counted(town: Town) -> None:
    town.bring(*({**PLACE, "name": f"Nhà {n}"} for n in range(7)))
    said = town.text("địa chỉ tin cậy ở Hà Tu", "trusted_address")
    assert said.count("Khu 3, phường Hà Tu") == 4 and "và 3 nơi nữa" in said


# near me, contacts, classes, clubs


def test_near_me_without_a_place_asks_where(town: Town) -> None:
    answers = town.ask("gần đây có địa chỉ tin cậy nào không", "trusted_address")
    assert answers[-1].extra["asks"] == "place" and "xã" in answers[-1].text
    town.bring(PLACE)
    told = town.text("Hà Tu", "trusted_address", previous_entry_id=str(answers[-1].extra["entry_id"]))
    assert "Nhà văn hóa khu 3" in told


def test_the_contact_of_a_commune_stands_beside_its_door(town: Town) -> None:
    town.bring({**PLACE, "kind": "UBND", "name": "UBND phường Hà Tu", "phone": "02033812345", "contact_role": "cán bộ trẻ em"})
    contact = "Đầu mối ở phường Hà Tu: UBND phường Hà Tu, Khu 3, phường Hà Tu, điện thoại 02033812345, gặp cán bộ trẻ em (kiểm tra ngày 20/11/2026)."
    assert contact in town.text("địa chỉ tin cậy ở Hà Tu", "trusted_address")
    assert contact in town.text("phường Hà Tu", "social_assistance", previous_entry_id="social_assistance.apply")
    assert contact not in town.text("phường Bãi Cháy", "social_assistance", previous_entry_id="social_assistance.apply")


def test_an_announced_class_stands_in_the_stead_of_whom_to_ask(town: Town, clock: MovableClock) -> None:
    town.bring(CLASS)
    (answer, *_) = town.ask("lịch học bơi ở phường Hà Tu", "swim_class")
    assert answer.text.startswith("Lớp đã được địa phương báo: Lớp bơi xuân, Bể bơi trường Hà Tu, phường Hà Tu, khai giảng 01/12/2026")
    assert "từ 6 đến dưới 16 tuổi, miễn phí" in answer.text and "kiểm tra ngày 20/11/2026" in answer.text
    assert "chưa có lịch" not in answer.text and "UBND phường Hà Tu" in answer.text
    near = town.text("lớp bơi ở phường Bãi Cháy đăng ký ở đâu", "swim_class")
    assert "chưa có dữ liệu" in near and "trong Hạ Long cũ có lớp: Lớp bơi xuân" in near
    clock.move(timedelta(days=30))
    assert "Lớp bơi xuân" not in town.text("lịch học bơi ở phường Hà Tu", "swim_class")


def test_a_bare_commune_after_a_question_on_classes_gets_its_class(town: Town) -> None:
    town.bring(CLASS)
    assert "Lớp bơi xuân" in town.text("phường Hà Tu", "swim_class", previous_entry_id="swim_class.register")
    told = town.text("phường Quang Hanh", "swim_class", previous_entry_id="swim_class.register")
    assert "Nơi cần hỏi là UBND phường Quang Hanh." in told and "chưa có dữ liệu" in told


def test_a_club_of_today_comes_before_the_models_of_the_letter(town: Town) -> None:
    town.bring({**PLACE, "kind": "CLB", "name": "CLB Phụ nữ tự tin", "commune": "Húc Động", "address": "Thôn Lục Ngù"})
    said = town.text("xã Húc Động có mô hình gì", "models")
    assert said.startswith("Ở xã Húc Động (Bình Liêu) nay có: CLB Phụ nữ tự tin") and "từ năm 2020 về trước" in said


def test_before_any_import_answers_are_as_they_were(town: Town, answering: Answering) -> None:
    for text, topic in (("cho xin địa chỉ tin cậy ở Uông Bí", "trusted_address"), ("mấy tuổi được học bơi", "swim_class")):
        assert town.text(text, topic) == " ".join(one.text for one in answering.answer(Question(text, topic, 0.9)))


def test_the_numbers_of_rows_never_reach_the_letters_placeholders(town: Town) -> None:
    town.bring({**PLACE, "hours": "24/7"})
    for text in ("địa chỉ tin cậy ở Hà Tu", "nhà tạm lánh ở Bãi Cháy"):
        said = town.text(text, "trusted_address")
        assert "{" not in said and "<" not in said
    with town.db.read() as tx:
        assert store.revision(tx) >= 2
