from __future__ import annotations

import pytest

from helpline import cases, escalation
from helpline.escalation import Escalated
from helpline.messages import Author
from tests.helpline.conftest import Line


def tick(line: Line) -> list[Escalated]:
    with line.db.write() as tx:
        return escalation.tick(tx, line.clock.now())


@pytest.mark.parametrize(("minutes", "stage"), [(1.9, 0), (2, 1), (4.9, 1), (5, 2), (10, 3), (600, 3)])
def test_s21_an_unclaimed_urgent_case_climbs(line: Line, minutes: float, stage: int) -> None:
    receipt = line.write("bố đánh con")
    line.pass_time(minutes=minutes)
    assert [(e.case_id, e.stage) for e in tick(line)] == ([(receipt.case_id, stage)] if stage else [])
    assert tick(line) == [], "once a stage"


def test_s21_a_case_raised_late_starts_its_climb_again(line: Line) -> None:
    line.write("con buồn")
    line.pass_time(minutes=6)
    assert tick(line) == []
    line.write("bố đánh con")
    assert [e.stage for e in tick(line)] == [2], "it has waited for six minutes already"


def test_s22_every_three_minutes_one_other_line_until_claimed(line: Line) -> None:
    receipt = line.write("bố đánh con")
    owner = line.counsellor()
    lines = []
    for _ in range(3):
        line.pass_time(minutes=3)
        with line.db.write() as tx:
            from helpline.tables import staff

            tx.execute(staff.update().values(last_seen_at=line.clock.now()))
        tick(line)
        tick(line)
        lines += [o.answer.text for o in line.deliver() if o.author is Author.SYSTEM]
    assert len(lines) == len(set(lines)) == 3 and all("lượt" in text for text in lines)
    line.take(receipt, owner)
    line.deliver()
    line.pass_time(minutes=3)
    tick(line)
    assert [o.author for o in line.deliver()] == []


def test_s22_with_nobody_on_shift_it_is_said_once_not_all_night(line: Line) -> None:
    line.write("bố đánh con")
    said = []
    for _ in range(5):
        line.pass_time(minutes=3)
        tick(line)
        said += [o for o in line.deliver() if o.author is Author.SYSTEM]
    assert len(said) == 1 and "111" in said[0].answer.text


def test_a_waiting_line_that_could_not_leave_is_replaced_not_added(line: Line) -> None:
    line.write("bố đánh con")
    line.counsellor()
    for _ in range(3):
        line.pass_time(minutes=1.5)
        with line.db.write() as tx:
            from helpline.tables import staff

            tx.execute(staff.update().values(last_seen_at=line.clock.now()))
        line.pass_time(minutes=1.5)
        tick(line)
    assert len([o for o in line.deliver() if o.author is Author.SYSTEM]) == 1


def test_s25_a_silent_owner_loses_the_case_and_the_sender_is_told_once(line: Line) -> None:
    receipt = line.write("bố đánh con")
    owner = line.counsellor()
    case_id = line.take(receipt, owner)
    line.deliver()
    line.pass_time(minutes=1)
    line.write("cô ơi")
    line.pass_time(minutes=5, seconds=1)
    tick(line)
    tick(line)
    with line.db.read() as tx:
        (row,) = cases.queue(tx)
    assert (row.id, row.state, row.owner_id) == (case_id, "waiting", None)
    told = [o.answer.text for o in line.deliver() if o.author is Author.SYSTEM and "Xin lỗi" in o.answer.text]
    assert len(told) == 1


def test_s25_an_owner_who_takes_and_never_writes_loses_the_case(line: Line) -> None:
    line.take(line.write("bố đánh con"), line.counsellor())
    line.pass_time(minutes=4)
    tick(line)
    with line.db.read() as tx:
        assert cases.queue(tx)[0].state == "taken"
    line.pass_time(minutes=1, seconds=1)
    tick(line)
    with line.db.read() as tx:
        assert cases.queue(tx)[0].state == "waiting"


def test_s25_a_sender_who_keeps_writing_does_not_put_it_off(line: Line) -> None:
    line.take(line.write("bố đánh con"), line.counsellor())
    for _ in range(3):
        line.pass_time(minutes=2)
        line.write("cô ơi")
        tick(line)
    with line.db.read() as tx:
        assert cases.queue(tx)[0].state == "waiting"


def test_s25_a_colleague_who_gets_the_case_has_time_of_their_own(line: Line) -> None:
    lan, hue = line.counsellor("Lan"), line.counsellor("Huệ")
    case_id = line.take(line.write("bố đánh con"), lan)
    line.pass_time(minutes=4)
    with line.db.write() as tx:
        cases.transfer(tx, line.clock.now(), case_id, lan, hue)
    line.pass_time(minutes=4)
    tick(line)
    with line.db.read() as tx:
        assert cases.queue(tx)[0].owner_id == hue
    line.pass_time(minutes=1, seconds=1)
    tick(line)
    with line.db.read() as tx:
        assert cases.queue(tx)[0].state == "waiting"


def test_s25_an_owner_who_waits_for_the_sender_keeps_the_case(line: Line) -> None:
    receipt = line.write("bố đánh con")
    owner = line.counsellor()
    case_id = line.take(receipt, owner)
    line.pass_time(minutes=1)
    line.write("cô ơi")
    with line.db.write() as tx:
        cases.write(tx, line.clock.now(), case_id, owner, "cô đây", "k")
    line.pass_time(minutes=30)
    tick(line)
    with line.db.read() as tx:
        assert cases.queue(tx)[0].state == "taken"
