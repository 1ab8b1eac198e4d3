from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from helpline import cases
from helpline.errors import CaseClosed, CaseTaken, NotOwner
from helpline.messages import Answer, Author
from helpline.tables import audit
from tests.helpline.conftest import Line


def test_the_queue_is_urgent_first_then_by_wait(line: Line) -> None:
    for user, text in (("a", "con buồn lắm"), ("b", "bố đánh con"), ("c", "con buồn"), ("d", "mẹ đánh con")):
        line.write(text, user=user)
        line.pass_time(seconds=10)
    with line.db.read() as tx:
        order = [row.conversation_id for row in cases.queue(tx)]
    assert order == [line.conversation(u) for u in "bdac"]


def test_take_next_gives_the_most_urgent_and_then_nothing(line: Line) -> None:
    line.write("con buồn", user="a")
    urgent = line.write("bố đánh con", user="b")
    owner = line.counsellor()
    with line.db.write() as tx:
        assert cases.take_next(tx, line.clock.now(), owner) == urgent.case_id
        assert cases.take_next(tx, line.clock.now(), owner) is not None
        assert cases.take_next(tx, line.clock.now(), owner) is None


def test_of_two_who_take_one_case_one_wins_and_the_other_learns_who(line: Line) -> None:
    receipt = line.write("bố đánh con")
    people = [line.counsellor("Lan"), line.counsellor("Huệ")]

    def attempt(staff_id: int) -> str:
        try:
            line.take(receipt, staff_id)
        except CaseTaken as taken:
            return taken.owner
        return "won"

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(attempt, people))
    winner = results.index("won")
    assert results[1 - winner] == ("Lan", "Huệ")[winner]


def test_only_the_owner_writes_closes_and_hands_over(line: Line) -> None:
    receipt = line.write("bố đánh con")
    owner, other = line.counsellor("Lan"), line.counsellor("Huệ")
    with line.db.write() as tx, pytest.raises(NotOwner):
        cases.write(tx, line.clock.now(), receipt.case_id or 0, owner, "chào em", "k0")  # nobody has it yet
    case_id = line.take(receipt, owner)
    now = line.clock.now()
    for act in (
        lambda tx: cases.write(tx, now, case_id, other, "chào em", "k1"),
        lambda tx: cases.close(tx, now, case_id, other, "advised"),
        lambda tx: cases.release(tx, now, case_id, other),
        lambda tx: cases.transfer(tx, now, case_id, other, owner),
    ):
        with line.db.write() as tx, pytest.raises(NotOwner):
            act(tx)


def test_a_reply_sent_twice_by_the_page_leaves_once(line: Line) -> None:
    receipt = line.write("bố đánh con")
    owner = line.counsellor()
    case_id = line.take(receipt, owner)
    with line.db.write() as tx:
        assert cases.write(tx, line.clock.now(), case_id, owner, "cô đây", "uuid") is not None
        assert cases.write(tx, line.clock.now(), case_id, owner, "cô đây", "uuid") is None
    assert [o.answer.text for o in line.deliver() if o.author is Author.COUNSELLOR] == ["cô đây"]


def test_s27_the_sender_is_told_of_joining_handing_over_and_ending(line: Line) -> None:
    receipt = line.write("bố đánh con")
    lan, hue = line.counsellor("Lan"), line.counsellor("Huệ")
    case_id = line.take(receipt, lan)
    now = line.clock.now()
    with line.db.write() as tx:
        cases.transfer(tx, now, case_id, lan, hue)
        cases.close(tx, now, case_id, hue, "advised")
    line.deliver()
    notices = [said.answer.text for said in line.read() if said.author is Author.SYSTEM]
    assert len(notices) == 3
    assert "người thật" in notices[0] and "tư vấn viên khác" in notices[1] and "kết thúc" in notices[2]


def test_a_wish_for_a_person_taken_back_closes_its_case_but_a_disclosure_stays(line: Line) -> None:
    line.write("cho con gặp người thật", user="a")
    line.write("bố đánh con", user="b")
    with line.db.write() as tx:
        assert cases.withdraw(tx, line.clock.now(), line.conversation("a")) is True
        assert cases.withdraw(tx, line.clock.now(), line.conversation("b")) is False
        assert cases.open_of(tx, line.conversation("a")) is None
        assert cases.open_of(tx, line.conversation("b")) is not None


def test_a_taken_back_wish_is_said_so(line: Line) -> None:
    line.write("cho con gặp người thật")
    line.think(Answer(text="", extra={}))
    line.write("thôi không cần nữa ạ")
    line.think(Answer(text="mình vẫn ở đây", extra={"effect": "withdraw", "else_text": "mình đã bỏ lượt chờ"}))
    line.deliver()
    assert line.read()[-1].answer.text == "mình đã bỏ lượt chờ"


def test_closed_is_closed(line: Line) -> None:
    receipt = line.write("bố đánh con")
    owner = line.counsellor()
    case_id = line.take(receipt, owner)
    with line.db.write() as tx:
        cases.close(tx, line.clock.now(), case_id, owner, "advised")
        with pytest.raises(CaseClosed):
            cases.write(tx, line.clock.now(), case_id, owner, "chào", "k")
        with pytest.raises(CaseClosed):
            cases.take(tx, line.clock.now(), case_id, owner)


def test_every_act_leaves_a_trace_without_words(line: Line) -> None:
    receipt = line.write("bố đánh con bằng")
    owner = line.counsellor()
    case_id = line.take(receipt, owner)
    with line.db.write() as tx:
        cases.write(tx, line.clock.now(), case_id, owner, "cô ở đây với em", "k")
        cases.close(tx, line.clock.now(), case_id, owner, "advised", "ghi chú riêng")
    with line.db.read() as tx:
        rows = tx.execute(select(audit)).all()
    assert [r.action for r in rows] == ["case.open", "message.keep", "case.take", "case.write", "case.close"]
    assert not any(word in str(tuple(row)) for row in rows for word in ("đánh", "cô ở đây", "ghi chú"))
