from __future__ import annotations

import logging
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from helpline import hotlines
from helpline.clock import MovableClock
from helpline.db import Database
from helpline.errors import StoreUnavailable
from helpline.messages import Answer
from helpline.tables import kb_miss
from kb import store
from kb.answering import Answering, Question
from kb.content import Content
from kb.replies import Replies
from kb.rows import Service
from kb.schema import Validity
from kb.store import State, load_content
from tests.kb.small import content, entry


def ask(answering: Answering, text: str, topic: str | None = None, **more: object) -> list[Answer]:
    return answering.answer(Question(text, topic, 0.9 if topic else 0.0, **more))  # type: ignore[arg-type]


def titles(answer: Answer) -> list[str]:
    return [button.title for button in answer.buttons]


# entries


def test_an_entry_answers_with_its_numbers_filled_in_and_its_sources(answering: Answering) -> None:
    (answer,) = ask(answering, "so dien thoai bao ve tre em la so may", "hotline")
    assert "111" in answer.text and "{" not in answer.text
    assert answer.citations and answer.topic == "hotline"
    assert answer.extra["entry_id"] == "hotline.child_line" and answer.extra["found"] is True


def test_a_child_gets_the_childs_words(answering: Answering, own: Content) -> None:
    written = next(one for one in own.entries if one.id == "hotline.child_line")
    assert written.child is not None
    (child,) = ask(answering, "tổng đài 111 là gì ạ", "hotline", audience="child")
    (adult,) = ask(answering, "tổng đài 111 là gì ạ", "hotline", audience="adult")
    assert child.text != adult.text
    assert child.text.split(".")[0] == hotlines.fill(written.child).split(".")[0]


def test_more_is_offered_and_given(answering: Answering) -> None:
    (answer,) = ask(answering, "tổng đài 111 là gì ạ", "hotline")
    assert titles(answer)[0] == "Xem thêm"
    (more,) = ask(answering, "Xem thêm", previous_entry_id=str(answer.extra["entry_id"]))
    assert more.text != answer.text and more.citations
    assert answering.more("hotline.child_line")[0].text == more.text


def test_where_there_is_no_more_the_numbers_are_given(answering: Answering, own: Content) -> None:
    without = next(one for one in own.entries if one.more is None and one.child is None)
    (answer,) = answering.more(without.id)
    assert "111" in answer.text and answer.extra["entry_id"] == without.id


def test_more_of_an_entry_that_is_gone(answering: Answering) -> None:
    (answer,) = answering.more("hotline.gone")
    assert answer.extra["found"] is False and "18001769" in answer.text


def test_a_tapped_title_is_answered_by_its_entry(answering: Answering, own: Content) -> None:
    for one in own.entries[::7]:
        (first, *_) = ask(answering, one.title)
        assert first.extra.get("entry_id") == one.id, one.title


# what is not known


def test_what_is_not_known_is_said_so_with_the_numbers(answering: Answering) -> None:
    (answer,) = ask(answering, "giá vàng hôm nay bao nhiêu một chỉ")
    assert answer.extra["found"] is False
    assert "111" in answer.text and "18001769" in answer.text and "chưa có thông tin" in answer.text
    assert len(answer.buttons) <= 3


def test_the_nearest_questions_are_offered_instead_of_a_guess(answering: Answering) -> None:
    (answer,) = ask(answering, "may anh chi lam dia chi tin cay co phai nguoi duoc dao tao ko", "trusted_address")
    assert answer.extra["found"] is False and 1 <= len(answer.buttons) <= 3


def test_a_miss_is_kept_for_the_editors(db: Database, clock: MovableClock) -> None:
    load_content(db, clock, content(entry("shelter.what", title="Tạm lánh là gì")))
    ask(Answering(db, clock, content()), "mấy giờ mở cửa bể bơi", "swim_class")
    with db.read() as tx:
        (row,) = tx.execute(select(kb_miss)).all()
    assert (row.text, row.topic) == ("mấy giờ mở cửa bể bơi", "swim_class")


def test_an_answered_question_is_no_miss(db: Database, clock: MovableClock) -> None:
    load_content(db, clock, content(entry("shelter.what", questions=["tạm lánh là gì"])))
    ask(Answering(db, clock, content()), "tạm lánh là gì", "shelter")
    with db.read() as tx:
        assert tx.execute(select(kb_miss)).all() == []


# places


def test_a_trusted_address_at_a_place_with_a_model_of_its_years(answering: Answering) -> None:
    (answer,) = ask(answering, "phường Hưng Đạo có địa chỉ tin cậy không", "trusted_address")
    assert answer.text.startswith("Giai đoạn 2021-2023 ở phường Hưng Đạo")
    for words in ("địa chỉ hiện nay mình chưa có", "UBND hoặc công an phường Đông Triều", "18001769", "111"):
        assert words in answer.text
    assert "Hướng dẫn 2024 của Sở LĐ-TB&XH Quảng Ninh, Phụ lục 03 B.I.1" in answer.citations


def test_a_place_without_a_model_gets_todays_door(answering: Answering) -> None:
    (answer,) = ask(answering, "địa chỉ tin cậy ở phường Hồng Gai chỗ nào", "trusted_address")
    assert "mình chưa có" in answer.text and "phường Hồng Gai" in answer.text and "18001769" in answer.text


def test_a_confirmed_address_comes_before_what_the_letter_says(own: Content, db: Database, clock: MovableClock) -> None:
    row = Service(
        id="dong-trieu-1",
        kind="trusted_address",
        name="Nhà văn hóa khu 2",
        commune="Phường Đông Triều",
        address="khu 2, phường Đông Triều",
        source="UBND phường Đông Triều",
        last_checked=clock.now().date(),
        validity=Validity.IN_FORCE,
    )
    assert own.services is not None
    listed = replace(own, services=own.services.copy(update={"rows": (row,)}))
    load_content(db, clock, listed)
    (answer,) = ask(Answering(db, clock, listed), "phường Hưng Đạo có địa chỉ tin cậy không", "trusted_address")
    assert "Nhà văn hóa khu 2, khu 2, phường Đông Triều (kiểm tra ngày 23/11/2026)" in answer.text
    assert "Giai đoạn" not in answer.text and "UBND phường Đông Triều, 23/11/2026" in answer.citations


def test_an_old_district_is_answered_at_its_level_and_then_asked(answering: Answering) -> None:
    first, second = ask(answering, "cho xin địa chỉ tin cậy ở Uông Bí", "trusted_address")
    assert "thành phố Uông Bí" in first.text
    assert second.extra["asks"] == "place" and "Phường Vàng Danh" in titles(second)
    entry_id = str(second.extra["entry_id"])
    (told,) = ask(answering, "Phường Vàng Danh", "trusted_address", previous_entry_id=entry_id)
    assert "UBND hoặc công an phường Vàng Danh" in told.text


def test_a_name_of_several_places_is_asked_about(answering: Answering) -> None:
    (answer,) = ask(answering, "dia chi tin cay o Thanh Sơn", "trusted_address")
    assert answer.extra["asks"] == "place"
    assert titles(answer) == ["Phường Thanh Sơn, Uông Bí", "Xã Thanh Sơn, Ba Chẽ"]
    (told,) = ask(answering, answer.buttons[1].value, "trusted_address", previous_entry_id="trusted_address.where")
    assert "xã Ba Chẽ" in told.text


def test_a_split_commune_is_not_chosen_for_the_sender(answering: Answering) -> None:
    answers = ask(answering, "phường Hà Khẩu có nhà tạm lánh không", "shelter")
    assert "Hà Khẩu" in answers[0].text
    assert titles(answers[-1]) == ["Phường Tuần Châu", "Phường Việt Hưng"]


def test_a_commune_of_which_nobody_knows_what_it_is_now(answering: Answering) -> None:
    (answer,) = ask(answering, "xã Quảng Điền có địa chỉ tin cậy không", "trusted_address")
    assert "chưa rõ nay thuộc xã nào" in answer.text


def test_elsewhere_is_told_so_with_the_childrens_line(answering: Answering) -> None:
    for text, topic in (("em ở Hải Phòng tìm địa chỉ tin cậy", "trusted_address"), ("lớp bơi miễn phí ở Hà Nội", "swim_class")):
        (answer,) = ask(answering, text, topic)
        assert "chỉ có thông tin của Quảng Ninh" in answer.text or "chỉ biết chuyện ở Quảng Ninh" in answer.text
        assert "111" in answer.text


def test_where_the_place_is_not_asked_about_the_entry_answers(answering: Answering) -> None:
    (answer,) = ask(answering, "địa chỉ tin cậy là gì", "trusted_address", place="Cẩm Phả")
    assert answer.extra["entry_id"] == "trusted_address.what"


def test_the_slots_place_serves_where_the_text_names_none(answering: Answering) -> None:
    answers = ask(answering, "địa chỉ tin cậy gần đây ở đâu", "trusted_address", place="phường Hà Tu")
    assert "phường Hà Tu" in answers[0].text


def test_models_of_a_commune(answering: Answering) -> None:
    (answer,) = ask(answering, "xã Húc Động có mô hình gì", "models")
    assert "Húc Động" in answer.text and "từ năm 2020 về trước" in answer.text and "UBND xã Bình Liêu" in answer.text


def test_a_question_on_one_model_is_answered_by_its_entry(answering: Answering) -> None:
    (answer,) = ask(answering, "ai chủ trì mô hình hỗ trợ trẻ khuyết tật tiếp cận dịch vụ ở Phương Đông", "models")
    assert answer.extra["entry_id"] == "models.disability"


def test_what_an_old_commune_is_now(answering: Answering) -> None:
    (answer,) = ask(answering, "phường Cẩm Tây giờ thuộc phường nào", "organisation")
    assert answer.text.startswith("Phường Cẩm Tây cũ nay thuộc phường Cẩm Phả")
    assert answer.citations == ("Nghị quyết 1679/NQ-UBTVQH15 ngày 16/6/2025",)


def test_a_place_alone_at_the_start_is_asked_what_for(answering: Answering) -> None:
    (answer,) = ask(answering, "cẩm phả")
    assert "Cẩm Phả" in answer.text and answer.text.count("?") >= 1 and answer.buttons


# classes, benefits, documents


def test_the_fact_asked_for_comes_first_then_the_age_then_the_place(answering: Answering) -> None:
    first, second = ask(answering, "Lớp bơi cho bé 8 tuổi ở Cẩm Phả đăng ký sao ạ", "swim_class")
    assert first.extra["entry_id"] == "swim_class.register"
    assert first.text.endswith("Bé 8 tuổi nằm trong độ tuổi của lớp bơi miễn phí theo hướng dẫn 2024 (từ 6 đến dưới 16 tuổi).")
    assert second.extra["asks"] == "place" and "Phường Quang Hanh" in titles(second)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cháu nhà tôi 8 tuổi hộ nghèo có được vào lớp bơi miễn phí không", "nằm trong độ tuổi"),
        ("bé 5 tuổi thì có được vào lớp bơi miễn phí hay chưa", "chưa đủ 6 tuổi"),
        ("cháu 17 tuổi có được vào lớp bơi miễn phí không", "đã quá tuổi"),
    ],
)
def test_eligibility_by_age_names_who_decides(answering: Answering, text: str, words: str) -> None:
    (answer,) = ask(answering, text, "swim_class")
    assert words in answer.text and "UBND" in answer.text
    assert "Hướng dẫn 2024 của Sở LĐ-TB&XH Quảng Ninh, Phụ lục 03 A.I.1" in answer.citations


def test_an_age_alone_carries_the_talk_on(answering: Answering) -> None:
    (answer,) = ask(answering, "8 tuoi", "swim_class", previous_entry_id="swim_class.who")
    assert "Bé 8 tuổi nằm trong độ tuổi" in answer.text


def test_a_benefit_is_reckoned_and_said_to_be_an_estimate(answering: Answering) -> None:
    (answer,) = ask(answering, "cháu 3 tuổi mồ côi cả bố mẹ thì mỗi tháng được bao nhiêu", "orphan_support")
    assert answer.text.startswith("Khoảng 1.750.000 đồng một tháng") and "700.000 đồng (mức chuẩn" in answer.text
    assert "tạm tính, UBND cấp xã xác nhận" in answer.text
    assert {"335/2026/NĐ-CP", "20/2021/NĐ-CP, Điều 6 khoản 1 điểm a"} <= set(answer.citations)


def test_a_document_by_its_number(answering: Answering) -> None:
    (answer,) = ask(answering, "183/KH-UBND", "documents")
    assert answer.text.startswith("Kế hoạch 183/KH-UBND ngày 21/7/2023")
    assert answer.citations[0] == "Kế hoạch 183/KH-UBND ngày 21/7/2023"


def test_a_document_that_is_not_listed_is_not_guessed(answering: Answering) -> None:
    (answer,) = ask(answering, "kế hoạch 9999/KH-UBND nói gì", "documents")
    assert answer.extra["found"] is False and "9999" in answer.text and "không đoán" in answer.text


def test_a_place_that_is_never_recommended_is_warned_of(answering: Answering, own: Content) -> None:
    for topic in ("sunshine_house", "social_assistance", None):
        (answer,) = ask(answering, "cho con vao trung tam cong tac xa hoi hai ha o an sinh dc ko", topic)
        assert "không giới thiệu" in answer.text and answer.citations
    assert own.services is not None
    (said,) = [Replies(own, {}).never(row).text for row in own.services.do_not_refer]
    assert "không giới thiệu" in said and "111" in said


# every answer


@pytest.mark.parametrize(
    "text",
    ["", " ", "😀", "a" * 5000, "???", "Xem thêm", "8 tuổi", "Cô Tô", "Thanh Sơn", "19001769", "<b>x</b>", "{child_line}", "\u0000x"],
)
@pytest.mark.parametrize("topic", [None, "swim_class", "trusted_address", "documents", "no_such_topic"])
def test_any_text_gets_an_answer(answering: Answering, text: str, topic: str | None) -> None:
    answers = ask(answering, text, topic)
    assert answers and all(answer.text.strip() for answer in answers)
    assert not any("19001769" in answer.text for answer in answers)


# the state


def test_a_change_of_the_entries_is_seen_within_a_second(db: Database, clock: MovableClock) -> None:
    load_content(db, clock, content(entry("shelter.what", questions=["tạm lánh là gì"], short="Cũ.")))
    answering = Answering(db, clock, content())
    assert ask(answering, "tạm lánh là gì")[0].text == "Cũ."
    with db.write() as tx:
        new = entry("shelter.what", questions=["tạm lánh là gì", "đi lánh ở đâu"], short="Mới.")
        store.save(tx, new, "staff:1", clock.now(), State.PUBLISHED)
    assert ask(answering, "tạm lánh là gì")[0].text == "Cũ."
    clock.move(timedelta(seconds=1))
    assert ask(answering, "di lanh o dau")[0].text == "Mới."


class Unreadable(Database):
    """A database that counts how often it is asked, and cannot be read from the moment on that it is told so."""

    def __init__(self, url: str, keyring: object) -> None:
        super().__init__(url, keyring)  # type: ignore[arg-type]
        self.reads = 0
        self.broken = False

    def read(self):  # type: ignore[no-untyped-def]
        self.reads += 1
        if self.broken:
            raise StoreUnavailable("closed")
        return super().read()

    def write(self):  # type: ignore[no-untyped-def]
        if self.broken:
            raise StoreUnavailable("closed")
        return super().write()


@pytest.fixture
def unreadable(db: Database, keyring: object) -> Unreadable:
    return Unreadable(db.url, keyring)


def test_the_revision_is_asked_for_once_a_second_at_most(unreadable: Unreadable, clock: MovableClock) -> None:
    load_content(unreadable, clock, content(entry("shelter.what", questions=["tạm lánh là gì"])))
    answering = Answering(unreadable, clock, content())
    unreadable.reads = 0
    for _ in range(20):
        ask(answering, "tạm lánh là gì")
    assert unreadable.reads == 1


def test_warming_up_reads_the_entries_before_the_first_question(unreadable: Unreadable, clock: MovableClock) -> None:
    load_content(unreadable, clock, content(entry("shelter.what", questions=["tạm lánh là gì"], short="Từ kho.")))
    answering = Answering(unreadable, clock, content())
    answering.warm()
    unreadable.broken = True
    assert ask(answering, "tạm lánh là gì")[0].text == "Từ kho."


def test_while_the_database_is_away_the_last_entries_serve(unreadable: Unreadable, clock: MovableClock) -> None:
    load_content(unreadable, clock, content(entry("shelter.what", questions=["tạm lánh là gì"], short="Từ kho.")))
    answering = Answering(unreadable, clock, content())
    assert ask(answering, "tạm lánh là gì")[0].text == "Từ kho."
    unreadable.broken = True
    clock.move(timedelta(seconds=5))
    assert ask(answering, "tạm lánh là gì")[0].text == "Từ kho."
    assert ask(answering, "chuyện gì đâu đâu")[0].extra["found"] is False


def test_before_any_were_read_the_reviewed_content_serves(unreadable: Unreadable, clock: MovableClock) -> None:
    unreadable.broken = True
    own = content(entry("shelter.what", questions=["tạm lánh là gì"], short="Từ tệp."))
    assert ask(Answering(unreadable, clock, own), "tạm lánh là gì")[0].text == "Từ tệp."


def test_several_threads_get_their_answers(db: Database, clock: MovableClock) -> None:
    entries = [entry(f"shelter.e{n}", questions=[f"câu hỏi thứ {word}"], short=f"Đáp {word}.") for n, word in enumerate("abcdefgh")]
    load_content(db, clock, content(*entries))
    answering = Answering(db, clock, content())
    wrong: list[str] = []

    def work(word: str) -> None:
        for _ in range(10):
            text = ask(answering, f"câu hỏi thứ {word}")[0].text
            if text != f"Đáp {word}.":
                wrong.append(text)

    threads = [threading.Thread(target=work, args=(word,)) for word in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_no_words_of_a_sender_reach_the_log(unreadable: Unreadable, clock: MovableClock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    unreadable.broken = True
    answering = Answering(unreadable, clock, content())
    question = Question("chuyện riêng của cháu ở Hà Tu", "shelter", 0.9, place="Hà Tu")
    answering.answer(question)
    logging.getLogger("test").info("asked %r", question)
    assert "chuyện riêng" not in caplog.text and "Hà Tu" not in caplog.text
    assert "entries cannot be read" in caplog.text
