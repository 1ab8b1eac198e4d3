from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from helpline import cases, hotlines
from helpline.errors import StoreUnavailable
from helpline.intake import Receipt
from helpline.messages import Answer, Author, Button, Channel, InboundMessage, Kind
from helpline.tables import case, conversation, message, outbound
from safety.assessment import Category, Level
from tests.helpline.conftest import Line


def count(line: Line, table) -> int:  # type: ignore[no-untyped-def]
    with line.db.read() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def test_s02_a_risk_text_gets_numbers_before_anything_else(line: Line) -> None:
    line.write("lớp bơi ở đâu ạ")
    line.think(Answer(text="thông tin về lớp bơi"))
    line.write("bố đánh con")
    line.deliver()
    first, second = line.read()[:2]
    assert hotlines.number("child_line") in first.answer.text
    assert hotlines.number("province_line") in first.answer.text
    assert second.answer.text == "thông tin về lớp bơi", "the earlier answer comes behind the first response"


def test_s18_a_message_that_arrives_twice_is_kept_once(line: Line) -> None:
    first = line.write("bố đánh con", message_id="same")
    again = line.write("bố đánh con", message_id="same")
    assert again.duplicate and again.message_id == first.message_id
    assert [count(line, t) for t in (message, case, outbound)] == [1, 1, 1]


def test_a_second_risk_text_raises_the_case_and_opens_no_other(line: Line) -> None:
    opened = line.write("con buồn lắm")
    raised = line.write("bố đánh con")
    assert opened.case_id == raised.case_id
    with line.db.read() as tx:
        row = cases.open_of(tx, raised.conversation_id)
    assert row is not None and row.level == "urgent" and len(row.reason) == 2


def test_a_calmer_text_never_lowers_the_case(line: Line) -> None:
    line.write("bố đánh con")
    line.write("con buồn lắm")
    line.write("dạ không sao ạ")
    with line.db.read() as tx:
        row = cases.open_of(tx, line.conversation())
    assert row is not None and row.level == "urgent" and row.category == "physical_abuse"


def test_the_second_first_response_is_short_and_keeps_the_numbers(line: Line) -> None:
    first = line.write("bố đánh con").first
    again = line.write("bố lại đánh con").first
    assert first and again and len(again.text) < len(first.text)
    for key in ("police", "child_line", "province_line"):
        assert hotlines.number(key) in again.text


def test_s23_nobody_on_shift_is_said(line: Line) -> None:
    alone = line.write("bố đánh con", user="một").first
    line.counsellor()
    attended = line.write("bố đánh con", user="hai").first
    assert alone and "chưa có tư vấn viên trực" in alone.text
    assert attended and "chưa có" not in attended.text and "người thật" in attended.text


def test_s23_somebody_on_shift_whose_desk_is_closed_does_not_count(line: Line) -> None:
    line.counsellor()
    line.pass_time(minutes=3)
    answer = line.write("bố đánh con").first
    assert answer and "chưa có tư vấn viên trực" in answer.text


def test_while_a_counsellor_speaks_there_is_no_first_response_but_the_case_is_raised(line: Line) -> None:
    receipt = line.write("con buồn lắm")
    line.take(receipt, line.counsellor())
    later = line.write("bố đánh con")
    assert later.first is None
    with line.db.read() as tx:
        assert cases.open_of(tx, later.conversation_id).level == "urgent"  # type: ignore[union-attr]


def test_s26_after_a_case_is_closed_a_new_risk_opens_a_new_one(line: Line) -> None:
    receipt = line.write("bố đánh con")
    owner = line.counsellor()
    for _ in range(3):
        case_id = line.take(receipt, owner)
        with line.db.write() as tx:
            cases.close(tx, line.clock.now(), case_id, owner, "advised")
        again = line.write("bố lại đánh con")
        assert again.case_id != case_id and again.first is not None
        receipt = again


def test_the_history_given_to_the_screen_is_four_texts_within_thirty_minutes(line: Line) -> None:
    line.write("rất lâu rồi")
    line.pass_time(minutes=31)
    for text in ("một", "hai", "ba", "bốn", "năm"):
        line.write(text)
    line.write("sáu")
    assert line.screen.histories[-1] == ["hai", "ba", "bốn", "năm"]


def test_a_yes_to_the_soft_check_brings_a_counsellor(line: Line) -> None:
    line.write("mặc áo cổ lọ đi làm có cấm không ạ")
    line.think(Answer(text="nội quy do nơi làm việc đặt ra"))
    line.deliver()
    assert "tư vấn viên" in line.read()[-1].answer.text
    receipt = line.write("Vâng ạ.")
    assert receipt.assessment.level is Level.CONCERN
    assert receipt.assessment.category is Category.COUNSELLOR_REQUEST
    assert receipt.case_id is not None


def test_a_yes_to_something_else_brings_nobody(line: Line) -> None:
    line.write("mặc áo cổ lọ đi làm có cấm không ạ")
    line.think()
    line.deliver()
    line.write("lớp bơi ở đâu")
    line.think(Answer(text="bạn muốn xem thêm không"))
    line.deliver()
    assert line.write("vâng").case_id is None


def test_a_tapped_button_is_read_as_what_it_stands_for(line: Line) -> None:
    line.write("chào")
    line.think(Answer(text="chọn nhé", buttons=(Button("Số điện thoại"), Button("Nói chuyện", "con muốn gặp người thật"))))
    sent = line.deliver()[-1]
    assert line.write("", kind=Kind.BUTTON, payload=f"b:{sent.id}:1").assessment.level is Level.CONCERN


@pytest.mark.parametrize("payload", ["b:1:9", "b:999:0", "b:x:y", "c:1:0", "b:1", "b:99999999999999999999:0", "b:-1:0"])
def test_a_button_that_stands_for_nothing_is_kept_and_answered(line: Line, payload: str) -> None:
    line.write("chào")
    receipt = line.write("", kind=Kind.BUTTON, payload=payload)
    line.deliver()
    assert receipt.assessment.level is Level.NONE and line.read()[-1].answer.text


def test_a_button_of_another_conversation_stands_for_nothing(line: Line) -> None:
    line.write("chào", user="một")
    line.think(Answer(text="chọn nhé", buttons=(Button("Người thật", "con muốn gặp người thật"),)))
    sent = line.deliver()[-1]
    line.write("chào", user="hai")
    assert line.write("", user="hai", kind=Kind.BUTTON, payload=f"b:{sent.id}:0").case_id is None


@pytest.mark.parametrize("kind", [Kind.IMAGE, Kind.VOICE, Kind.STICKER, Kind.LOCATION, Kind.OTHER, Kind.TEXT])
def test_what_holds_no_words_is_kept_and_gets_a_kind_line(line: Line, kind: Kind) -> None:
    line.write("", kind=kind)
    line.deliver()
    assert len(line.read()) == 1 and count(line, message) == 1
    assert line.think() == 0, "there is nothing for Rasa to read"


def test_an_edited_message_is_screened_but_not_answered_twice(line: Line) -> None:
    line.write("bố con", kind=Kind.EDIT)
    assert line.think() == 0 and line.deliver() == []
    assert line.write("bố đánh con", kind=Kind.EDIT).case_id is not None


def test_a_text_beyond_the_limit_is_cut_said_so_and_screened(line: Line) -> None:
    receipt = line.write("bố đánh con " + "a" * 30_000)
    assert receipt.assessment.level is Level.URGENT
    line.write("b" * 30_000)
    line.deliver()
    assert any("phần đầu" in said.answer.text for said in line.read())
    with line.db.read() as tx:
        assert max(len(row.text) for row in tx.execute(select(message.c.text))) == 20_000


def test_words_are_not_readable_in_the_database_file(line: Line) -> None:
    line.write("bố đánh con ở phường Hà Lầm", user="0912345678")
    line.db.close()
    path = Path(line.db.url.removeprefix("sqlite:///"))
    raw = b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))
    for word in ("Hà Lầm", "đánh", "0912345678"):
        assert word.encode() not in raw


def test_without_a_database_nothing_is_half_kept(line: Line) -> None:
    with line.db.engine.begin() as tx:
        tx.exec_driver_sql("BEGIN IMMEDIATE")
        tx.exec_driver_sql("DROP TABLE outbound")
    with pytest.raises(StoreUnavailable):
        line.write("bố đánh con")
    assert count(line, message) == 0 and count(line, conversation) == 0


def test_a_first_response_that_left_already_is_not_said_again(line: Line) -> None:
    now = line.clock.now()
    spooled = InboundMessage(Channel.WEB, "s1", "em", "bố đánh con", Kind.TEXT, now, now)
    receipt = line.intake.receive(spooled, first_said=True)
    assert receipt.case_id is not None and receipt.first is None
    assert line.deliver() == []


def test_s11_the_notice_comes_once_with_the_first_calm_message_and_never_before_a_risk_reply(line: Line) -> None:
    now = line.clock.now()

    def telegram(number: str, text: str) -> None:
        line.intake.receive(InboundMessage(Channel.TELEGRAM, number, "em", text, Kind.TEXT, now, now))

    telegram("1", "bố đánh con")
    assert [out.author for out in line.deliver()] == [Author.BOT]
    telegram("2", "dạ")
    telegram("3", "dạ vâng")
    assert [out.author for out in line.deliver()] == [Author.SYSTEM]
    assert "trợ lý tự động" in line.read()[-1].answer.text


def test_a_number_on_zalo_is_read_as_the_choice_that_it_stands_for(line: Line) -> None:
    now = line.clock.now()

    def zalo(number: str, text: str) -> Receipt:
        return line.intake.receive(InboundMessage(Channel.ZALO, number, "em", text, Kind.TEXT, now, now))

    zalo("1", "chào")
    line.think(Answer(text="chọn nhé", buttons=(Button("Lớp bơi"), Button("Nói chuyện", "con muốn gặp người thật"))))
    line.deliver()
    assert zalo("2", "số 2 ạ").assessment.category is Category.COUNSELLOR_REQUEST
    assert zalo("3", "2 đứa con em bị đánh").assessment.level is Level.URGENT
