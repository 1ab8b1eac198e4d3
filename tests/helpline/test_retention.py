from __future__ import annotations

import pytest
from sqlalchemy import func, select

from helpline import cases, conversations, retention
from helpline.tables import case, message, outbound
from tests.helpline.conftest import Line


def forget(line: Line) -> int:
    with line.db.write() as tx:
        return retention.forget(tx, line.clock.now(), 90)


def left(line: Line) -> tuple[int, int]:
    with line.db.read() as tx:
        return tuple(tx.execute(select(func.count()).select_from(t)).scalar_one() for t in (message, outbound))  # type: ignore[return-value]


def close(line: Line, case_id: int, owner: int) -> None:
    with line.db.write() as tx:
        cases.close(tx, line.clock.now(), case_id, owner, "advised", "riêng")


@pytest.mark.parametrize(("days", "gone"), [(89, 0), (91, 1)])
def test_s33_messages_go_after_ninety_days(line: Line, days: int, gone: int) -> None:
    line.write("chào")
    line.pass_time(days=days)
    assert forget(line) == gone
    assert left(line)[0] == 1 - gone


def test_s33_an_open_case_keeps_its_conversation_until_it_is_closed(line: Line) -> None:
    receipt = line.write("bố đánh con")
    owner = line.counsellor()
    case_id = line.take(receipt, owner)
    line.pass_time(days=100)
    assert forget(line) == 0
    close(line, case_id, owner)
    line.pass_time(days=91)
    assert forget(line) == 1
    with line.db.read() as tx:
        row = tx.execute(select(case)).one()
    assert row.reason == [] and row.note is None and row.category == "physical_abuse", "counts stay, words go"


def test_s32_who_asks_is_forgotten_at_once_but_not_during_a_case(line: Line) -> None:
    line.write("chào", user="a")
    receipt = line.write("bố đánh con", user="b")
    owner = line.counsellor()
    case_id = line.take(receipt, owner)
    with line.db.write() as tx:
        for user in "ab":
            conversations.mark(tx, line.conversation(user), delete_asked_at=line.clock.now())
    assert forget(line) == 1
    close(line, case_id, owner)
    assert forget(line) == 1 and left(line) == (0, 0)
