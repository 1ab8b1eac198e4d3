from __future__ import annotations

from datetime import timedelta

import pytest

from helpline import cases, outbox
from helpline.errors import ChannelMisconfigured, SendError, SendLater, SendRefused, SendUncertain
from helpline.messages import Answer, Author, OutState
from helpline.retry import LONGEST_DELAY_S, MOST_ATTEMPTS, Decision, decide
from tests.helpline.conftest import Line


def put(line: Line, key: str, *texts: str, urgent: bool = False, author: Author = Author.BOT) -> list[int]:
    with line.db.write() as tx:
        return outbox.put(
            tx, line.clock.now(), line.conversation(), key, [Answer(text=t) for t in texts], author, urgent=urgent
        )


def claim(line: Line) -> list[str]:
    with line.db.write() as tx:
        return [out.answer.text for out in outbox.claim(tx, line.clock.now())]


def test_a_turn_put_twice_is_said_once(line: Line) -> None:
    line.write("chào")
    assert len(put(line, "rasa:1", "một", "hai")) == 2
    assert put(line, "rasa:1", "một", "hai") == []


def test_parts_leave_in_order_one_at_a_time(line: Line) -> None:
    line.write("chào")
    put(line, "rasa:1", "một", "hai")
    assert claim(line) == ["một"]
    assert claim(line) == [], "the first part is still on its way"


def test_a_first_response_overtakes(line: Line) -> None:
    line.write("chào")
    put(line, "rasa:1", "một", "hai")
    put(line, "first:2", "gấp", urgent=True)
    assert [out.answer.text for out in line.deliver()] == ["gấp", "một", "hai"]
    assert [said.answer.text for said in line.read()] == ["gấp", "một", "hai"]


def test_conversations_do_not_wait_for_one_another(line: Line) -> None:
    line.write("chào", user="em")
    line.write("bố đánh con", user="chị")
    put(line, "rasa:1", "một")
    assert len(claim(line)) == 2


def test_a_row_whose_courier_died_is_taken_again(line: Line) -> None:
    line.write("chào")
    put(line, "rasa:1", "một")
    assert claim(line) == ["một"]
    line.clock.move(outbox.LEASE + timedelta(seconds=1))
    assert claim(line) == ["một"]


def test_a_retry_holds_back_what_stands_behind_it(line: Line) -> None:
    line.write("chào")
    first, _ = put(line, "rasa:1", "một", "hai")
    claim(line)
    with line.db.write() as tx:
        outbox.mark_failed(tx, line.clock.now(), first, Decision(OutState.WAITING, 10.0), "429")
    assert claim(line) == []
    line.pass_time(seconds=11)
    assert claim(line) == ["một"]


def test_a_refused_message_lets_the_next_one_leave(line: Line) -> None:
    line.write("chào")
    first, _ = put(line, "rasa:1", "một", "hai")
    claim(line)
    with line.db.write() as tx:
        outbox.mark_failed(tx, line.clock.now(), first, Decision(OutState.REFUSED), "403")
    assert claim(line) == ["hai"]


def test_what_the_bot_had_waiting_is_dropped_when_a_counsellor_takes_the_case(line: Line) -> None:
    receipt = line.write("bố đánh con")
    put(line, "rasa:1", "thông tin")
    line.take(receipt, line.counsellor())
    put(line, "rasa:2", "muộn")
    assert [out.author for out in line.deliver()] == [Author.SYSTEM]


@pytest.mark.parametrize(
    ("error", "attempts", "uncertain", "state"),
    [
        (SendRefused("403"), 1, 0, OutState.REFUSED),
        (SendLater("429", 7), 1, 0, OutState.WAITING),
        (SendLater("503"), MOST_ATTEMPTS, 0, OutState.REFUSED),
        (SendUncertain("timeout"), 1, 0, OutState.WAITING),
        (SendUncertain("timeout"), 2, 1, OutState.REFUSED),
        (SendUncertain("timeout after an outage"), 9, 0, OutState.WAITING),
        (ChannelMisconfigured("401"), 5, 0, OutState.WAITING),
        (SendError("?"), 3, 0, OutState.WAITING),
    ],
)
def test_what_becomes_of_a_failed_message(error: SendError, attempts: int, uncertain: int, state: OutState) -> None:
    assert decide(error, attempts, uncertain).state is state


def test_delays_grow_to_a_minute_and_obey_the_platform() -> None:
    delays = [decide(SendError("x"), n).delay_s for n in range(1, 20)]
    assert delays == sorted(delays) and delays[0] == 1.0 and delays[-1] == LONGEST_DELAY_S
    assert decide(SendLater("429", 33.0), 1).delay_s == 33.0


def test_closing_lets_the_bot_speak_again(line: Line) -> None:
    receipt = line.write("bố đánh con")
    owner = line.counsellor()
    case_id = line.take(receipt, owner)
    with line.db.write() as tx:
        cases.close(tx, line.clock.now(), case_id, owner, "advised")
    line.write("lớp bơi ở đâu")
    assert line.think(Answer(text="thông tin")) == 1
    assert line.deliver()[-1].answer.text == "thông tin"


def test_a_first_response_never_overtakes_a_notice(line: Line) -> None:
    receipt = line.write("bố đánh con")
    line.deliver()
    owner = line.counsellor()
    case_id = line.take(receipt, owner)
    with line.db.write() as tx:
        cases.close(tx, line.clock.now(), case_id, owner, "advised")
    put(line, "rasa:9", "thông tin")
    line.write("bố lại đánh con")
    authors = [out.author for out in line.deliver()]
    assert authors == [Author.SYSTEM, Author.SYSTEM, Author.BOT, Author.BOT]
    assert "111" in line.read()[-2].answer.text and line.read()[-1].answer.text == "thông tin"
