"""The desk's first page, the list again for the script, and one button for the most urgent case."""

from __future__ import annotations

from starlette.responses import Response

from desk import queue, shift
from desk.visit import Visit
from helpline import cases
from helpline.errors import CaseClosed, CaseTaken

RACES = 5  # how often "take the next" looks again after somebody else was quicker


def page(visit: Visit) -> Response:
    """The desk for those who take cases; others are shown the knowledge."""
    if not visit.staff.takes_cases:
        return visit.done("/knowledge")
    return visit.page("home.html")


def queue_list(visit: Visit) -> Response:
    """The list of open cases."""
    with visit.desk.db.read() as tx:
        shown = queue.load(tx, visit.staff)
    return visit.piece("queue_list.html", queue=shown)


def take_next(visit: Visit) -> Response:
    """Take the most urgent case. Who is quicker wins; the other gets the next one. Puts its person on shift."""
    for _ in range(RACES):
        try:
            with visit.desk.db.write() as tx:
                case_id = cases.take_next(tx, visit.now, visit.staff.id)
                if case_id is not None:
                    shift.start(tx, visit.now, visit.staff.id)
        except (CaseTaken, CaseClosed):
            continue
        if case_id is None:
            return visit.done("/", "Hàng chờ đang trống. Cảm ơn bạn đã trông.", stay=True)
        return visit.done(f"/case/{case_id}", "Bạn đã tiếp nhận.")
    return visit.done("/", "Đồng nghiệp vừa nhận trước. Bạn xem lại hàng chờ nhé.", stay=True)
