"""The supervisor's board: who waits, for how long, who answers, who has fallen silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import Response

from desk import queue, shift
from desk.queue import Line
from desk.shift import Colleague
from desk.visit import Visit
from helpline.escalation import OWNER_SILENT
from safety.assessment import Level

SOON = timedelta(minutes=3)  # silence that a supervisor sees before the case goes back by itself


@dataclass(frozen=True)
class Board:
    waiting: list[Line]
    urgent: list[Line]  # of the waiting
    longest_since: datetime | None
    taken: int
    silent: list[Line]  # taken, and the sender has waited for an answer for `SOON` or longer
    on_shift: list[Colleague]


def load(visit: Visit) -> Board:
    """The board at this moment."""
    with visit.desk.db.read() as tx:
        lists = queue.load(tx, visit.staff)
        there = shift.there(tx, visit.now)
    taken = lists.mine + lists.others
    return Board(
        waiting=lists.waiting,
        urgent=[line for line in lists.waiting if line.level == Level.URGENT.value],
        longest_since=min((line.since for line in lists.waiting), default=None),
        taken=len(taken),
        silent=sorted(
            (line for line in taken if line.unanswered and visit.now - line.since >= SOON),
            key=lambda line: line.since,
        ),
        on_shift=there,
    )


def page(visit: Visit) -> Response:
    """The board; the script asks for it again whenever the queue changes and twice a minute."""
    return visit.page("board.html", board=load(visit), back_after=OWNER_SILENT)
