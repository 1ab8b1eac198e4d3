"""What the open page is told as it happens: that something has changed, never what. The database is the truth.

Events: ``queue`` (counts and a mark), ``case`` (a mark of the open case, or ``gone``), ``ring`` (an urgent case is
unclaimed and this person is on shift; comes again every `alarm.REPEAT_S`), ``store`` (the database is down or back),
``bye`` (the session is over). None holds a word of a sender.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from desk import alarm, queue
from desk import case as cases
from desk.errors import NoAccess
from desk.visit import EVERYBODY, Visit, begin, signed_in
from helpline.errors import StoreUnavailable

PING_S = 15
GRACE_S = 1.0  # for open streams to end by themselves when the desk goes down
RETRY_MS = 2000  # after which a browser that lost the stream asks again


@dataclass(frozen=True)
class Pulse:
    """The state of things for one person at one moment; None for a session that is over."""

    queue: dict[str, Any] | None
    case: dict[str, Any] | None


def look(request: Request, case_id: int | None) -> Pulse:
    """One look at the database. Raises `StoreUnavailable`."""
    visit = begin(request)
    if visit is None or not visit.staff.takes_cases or visit.staff.must_change_password:
        return Pulse(None, None)
    return _look(visit, case_id)


def _look(visit: Visit, case_id: int | None) -> Pulse:
    with visit.desk.db.read() as tx:
        shown = queue.pulse(tx, visit.staff)
        if case_id is None:
            return Pulse(shown, None)
        try:
            return Pulse(shown, cases.pulse(tx, visit.staff, case_id))
        except NoAccess:
            return Pulse(shown, {"case": case_id, "gone": True})


async def events(
    look_now: Callable[[], Pulse], now: Callable[[], datetime], poll_s: float, stop: anyio.Event
) -> AsyncIterator[ServerSentEvent]:
    """The events of one connection: looks every ``poll_s`` seconds and tells what is new since the last look.

    Ends with the session, or when ``stop`` is set because the desk is going down.
    """
    told: dict[str, Any] = {"store": "up"}
    rang_at: datetime | None = None
    while not stop.is_set():
        try:
            pulse = await run_in_threadpool(look_now)
        except StoreUnavailable:
            if told["store"] == "up":
                told["store"] = "down"
                yield _event("store", "down")
            await _wait(stop, poll_s)
            continue
        if told["store"] == "down":
            told["store"] = "up"
            yield _event("store", "up")
        if pulse.queue is None:
            yield _event("bye", "")
            return
        if pulse.queue != told.get("queue"):
            told["queue"] = pulse.queue
            yield _event("queue", pulse.queue)
        if pulse.case is not None and pulse.case != told.get("case"):
            told["case"] = pulse.case
            yield _event("case", pulse.case)
        if not (pulse.queue["urgent"] and pulse.queue["on_shift"]):
            rang_at = None
        elif rang_at is None or now() - rang_at >= timedelta(seconds=alarm.REPEAT_S):
            rang_at = now()
            yield _event("ring", {"urgent": pulse.queue["urgent"]})
        await _wait(stop, poll_s)


async def _wait(stop: anyio.Event, seconds: float) -> None:
    with anyio.move_on_after(seconds):
        await stop.wait()


async def stream(request: Request) -> Response:
    """The stream of one open page; ``?case=`` names the case that it shows."""
    case_id = _case_id(request)
    desk = request.app.state.desk
    stop = anyio.Event()
    return EventSourceResponse(
        events(lambda: look(request, case_id), desk.clock.now, desk.poll_s, stop),
        ping=PING_S,
        shutdown_event=stop,
        shutdown_grace_period=GRACE_S,
    )


def _pulse(visit: Visit) -> Response:
    """The same as one look of the stream, for a page whose stream is broken."""
    if not visit.staff.takes_cases:
        raise NoAccess
    pulse = _look(visit, _case_id(visit.request))
    return JSONResponse({"queue": pulse.queue, "case": pulse.case})


pulse = signed_in(_pulse, EVERYBODY)


def _case_id(request: Request) -> int | None:
    raw = request.query_params.get("case", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else None


def _event(name: str, data: object) -> ServerSentEvent:
    return ServerSentEvent(event=name, data=json.dumps(data), retry=RETRY_MS)
