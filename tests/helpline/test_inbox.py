from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from helpline import hotlines, inbox
from helpline.inbox import Turn
from helpline.messages import Answer
from helpline.tables import conversation, message
from tests.helpline.conftest import Line


def claim(line: Line) -> list[Turn]:
    with line.db.write() as tx:
        return inbox.claim(tx, line.clock.now())


def silent(line: Line, turn: Turn) -> None:
    with line.db.write() as tx:
        inbox.silent(tx, line.clock.now(), turn)


def state(line: Line, message_id: int) -> str:
    with line.db.read() as tx:
        return tx.execute(select(message.c.brain_state).where(message.c.id == message_id)).scalar_one()


def test_turns_of_one_sender_are_claimed_one_by_one_and_in_order(line: Line) -> None:
    line.write("một")
    line.write("hai")
    line.write("ba", user="khác")
    assert [turn.text for turn in claim(line)] == ["một", "ba"]
    assert claim(line) == []


def test_rasas_silence_is_said_once_and_the_message_is_tried_again(line: Line) -> None:
    line.write("lớp bơi ở đâu")
    for _ in range(3):
        (turn,) = claim(line)
        silent(line, turn)
        assert claim(line) == [], "not before its time"
        line.pass_time(seconds=10)
    line.deliver()
    (said,) = line.read()
    assert hotlines.number("child_line") in said.answer.text
    line.think(Answer(text="thông tin"))
    line.deliver()
    assert line.read()[-1].answer.text == "thông tin"


def test_a_risk_text_gets_no_line_about_slowness(line: Line) -> None:
    line.write("bố đánh con")
    (turn,) = claim(line)
    silent(line, turn)
    line.deliver()
    assert len(line.read()) == 1, "its first response is all that it needs"


def test_an_old_message_is_missed_not_answered_late(line: Line) -> None:
    receipt = line.write("lớp bơi ở đâu")
    line.clock.move(inbox.FRESH + timedelta(seconds=1))
    (turn,) = claim(line)
    silent(line, turn)
    assert state(line, receipt.message_id) == "missed"


def test_a_message_with_a_newer_one_behind_it_is_given_up(line: Line) -> None:
    receipt = line.write("lớp bơi ở đâu")
    (turn,) = claim(line)
    line.write("alo")
    silent(line, turn)
    assert state(line, receipt.message_id) == "missed"
    assert [t.text for t in claim(line)] == ["alo"]


def test_a_turn_whose_pump_died_is_done_again_and_said_once(line: Line) -> None:
    line.write("lớp bơi ở đâu")
    (turn,) = claim(line)
    line.clock.move(inbox.LEASE + timedelta(seconds=1))
    (again,) = claim(line)
    for one in (turn, again):  # the dead one was only slow
        with line.db.write() as tx:
            inbox.answer(tx, line.clock.now(), one, [Answer(text="thông tin")])
    assert len(line.deliver()) == 1


def test_an_answer_that_comes_after_a_counsellor_is_not_said(line: Line) -> None:
    receipt = line.write("bố đánh con")
    line.deliver()
    (turn,) = claim(line)
    line.take(receipt, line.counsellor())
    with line.db.write() as tx:
        assert inbox.answer(tx, line.clock.now(), turn, [Answer(text="thông tin")]) is False
    assert "thông tin" not in [out.answer.text for out in line.deliver()]


def test_rasa_gets_a_pseudonym_and_a_new_session_after_a_case(line: Line) -> None:
    from helpline import cases

    receipt = line.write("bố đánh con", user="0912345678")
    (before,) = claim(line)
    owner = line.counsellor()
    case_id = line.take(receipt, owner)
    with line.db.write() as tx:
        cases.close(tx, line.clock.now(), case_id, owner, "advised")
    line.write("chào", user="0912345678")
    (after,) = claim(line)
    assert "0912345678" not in before.session and before.session != after.session


def test_the_soft_check_is_said_once_in_a_conversation_and_not_while_a_case_is_open(line: Line) -> None:
    def answer_to(text: str, user: str) -> str:
        line.write(text, user=user)
        line.think(Answer(text="thông tin"))
        line.deliver()
        return line.read(user)[-1].answer.text

    assert "tư vấn viên" in answer_to("mặc áo cổ lọ có cấm không", "a")
    assert answer_to("mặc áo cổ lọ có cấm không", "a") == "thông tin"
    line.write("bố đánh con", user="b")
    line.think()
    assert answer_to("mặc áo cổ lọ có cấm không", "b") == "thông tin"


def test_a_wish_to_be_deleted_is_kept(line: Line) -> None:
    line.write("xóa tin nhắn của em")
    line.think(Answer(text="đã ghi", extra={"effect": "delete"}))
    with line.db.read() as tx:
        assert tx.execute(select(conversation.c.delete_asked_at)).scalar_one() == line.clock.now()
