"""The application: every address of the desk on one page."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from desk import account, board, case, home, imports, people, refusals, stream, trace
from desk.knowledge import asked, deciding, pages, writing
from desk.knowledge.rights import EDITORS, REVIEWERS
from desk.knowledge.shelf import Shelf
from desk.security import SecureHeaders
from desk.session import Sessions
from desk.visit import HERE, Desk, environment, signed_in
from helpline.clock import Clock
from helpline.db import Database
from helpline.keyring import Keyring
from helpline.settings import Settings

TAKERS = ("counsellor", "supervisor", "admin")
SUPERVISORS = ("supervisor", "admin")
ADMINS = ("admin",)


def build(db: Database, keyring: Keyring, clock: Clock, settings: Settings, *, poll_s: float = 1.0) -> Starlette:
    """The desk over a database that is up to date. ``poll_s``: seconds between two looks of an open page's stream."""
    app = Starlette(routes=routes(), middleware=[Middleware(SecureHeaders)], exception_handlers=dict(refusals.HANDLERS))
    app.state.desk = Desk(db, clock, settings, Sessions(keyring), environment(), poll_s)
    app.state.shelf = Shelf()
    return app


def routes() -> list[Route | Mount]:
    get, post = ["GET"], ["POST"]
    return [
        Route("/login", account.login, methods=["GET", "POST"]),
        Route("/logout", signed_in(account.logout, old_password=True), methods=post),
        Route("/account", signed_in(account.page, old_password=True), methods=get),
        Route("/account", signed_in(account.change_password, old_password=True), methods=post),
        Route("/shift/start", signed_in(account.start_shift, TAKERS), methods=post),
        Route("/shift/end", signed_in(account.end_shift, TAKERS), methods=post),
        Route("/heartbeat", signed_in(account.heartbeat), methods=post),
        Route("/", signed_in(home.page), methods=get),
        Route("/queue", signed_in(home.queue_list, TAKERS), methods=get),
        Route("/take-next", signed_in(home.take_next, TAKERS), methods=post),
        Route("/case/{case_id}", signed_in(case.page), methods=get),
        Route("/case/{case_id}/live", signed_in(case.live), methods=get),
        Route("/case/{case_id}/take", signed_in(case.take, TAKERS), methods=post),
        Route("/case/{case_id}/reply", signed_in(case.reply), methods=post),
        Route("/case/{case_id}/release", signed_in(case.release), methods=post),
        Route("/case/{case_id}/colleagues", signed_in(case.colleagues), methods=get),
        Route("/case/{case_id}/transfer", signed_in(case.transfer), methods=post),
        Route("/case/{case_id}/close", signed_in(case.close), methods=post),
        Route("/stream", stream.stream, methods=get),
        Route("/pulse", stream.pulse, methods=get),
        Route("/board", signed_in(board.page, SUPERVISORS), methods=get),
        Route("/trace", signed_in(trace.page, SUPERVISORS), methods=get),
        Route("/people", signed_in(people.page, ADMINS), methods=get),
        Route("/people", signed_in(people.add, ADMINS), methods=post),
        Route("/people/{staff_id}/password", signed_in(people.reset_password, ADMINS), methods=post),
        Route("/people/{staff_id}/end", signed_in(people.deactivate, ADMINS), methods=post),
        Route("/knowledge", signed_in(pages.listing), methods=get),
        Route("/knowledge/new", signed_in(writing.new, EDITORS), methods=get),
        Route("/knowledge/create", signed_in(writing.create, EDITORS), methods=post),
        Route("/knowledge/preview", signed_in(writing.show, EDITORS), methods=post),
        Route("/knowledge/misses", signed_in(asked.page, EDITORS), methods=get),
        Route("/knowledge/misses/dismiss", signed_in(asked.dismiss, EDITORS), methods=post),
        Route("/knowledge/entry/{entry_id}", signed_in(pages.entry), methods=get),
        Route("/knowledge/entry/{entry_id}/history", signed_in(pages.history, REVIEWERS), methods=get),
        Route("/knowledge/entry/{entry_id}/edit", signed_in(writing.edit, EDITORS), methods=get),
        Route("/knowledge/entry/{entry_id}/save", signed_in(writing.save, EDITORS), methods=post),
        Route("/knowledge/entry/{entry_id}/submit", signed_in(deciding.submit, EDITORS), methods=post),
        Route("/knowledge/entry/{entry_id}/publish", signed_in(deciding.publish, REVIEWERS), methods=post),
        Route("/knowledge/entry/{entry_id}/send-back", signed_in(deciding.send_back, REVIEWERS), methods=post),
        Route("/knowledge/entry/{entry_id}/drop", signed_in(deciding.drop, EDITORS), methods=post),
        Route("/knowledge/entry/{entry_id}/retire", signed_in(deciding.retire, EDITORS), methods=post),
        Route("/knowledge/entry/{entry_id}/restore", signed_in(deciding.restore, EDITORS), methods=post),
        Route("/knowledge/entry/{entry_id}/confirm", signed_in(deciding.confirm, EDITORS), methods=post),
        *imports.ROUTES,
        Route("/healthz", health, methods=get),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]


def health(request: Request) -> Response:
    """For the supervisor of processes: 200 while the database answers. Raises `StoreUnavailable` (503) otherwise."""
    with request.app.state.desk.db.read() as tx:
        tx.exec_driver_sql("SELECT 1")
    return PlainTextResponse("ok")
