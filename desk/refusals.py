"""How the desk says no, and what it shows when something is broken: kind, short, and always with the numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from desk.errors import NoAccess, StaffRefused
from desk.security import HEADERS
from desk.visit import Desk, numbers
from helpline.errors import CaseClosed, CaseTaken, NotOwner, StoreUnavailable

NOT_HERE = "Không có trang này, hoặc nó không dành cho bạn."
SENTENCES = {
    400: "Yêu cầu này chưa đọc được.",
    403: "Bạn không làm được việc này.",
    404: NOT_HERE,
    405: "Trang này không nhận cách gửi đó.",
    413: "Nội dung gửi lên quá dài.",
}


def no_access(request: Request, error: Exception) -> Response:
    return _say(request, 404, NOT_HERE)


def not_owner(request: Request, error: Exception) -> Response:
    return _say(
        request, 403, "Trường hợp này không do bạn giữ nên chưa có gì được gửi đi. Bạn mở lại hàng chờ để xem ai đang giữ."
    )


def case_taken(request: Request, error: Exception) -> Response:
    owner = error.owner if isinstance(error, CaseTaken) else ""
    return _say(request, 409, f"{owner} đã nhận trường hợp này trước bạn.")


def case_closed(request: Request, error: Exception) -> Response:
    return _say(request, 409, "Trường hợp này đã kết thúc nên chưa có gì được gửi đi.")


def staff_refused(request: Request, error: Exception) -> Response:
    return _say(request, 409, str(error))


def store_down(request: Request, error: Exception) -> Response:
    return _say(
        request,
        503,
        "Cơ sở dữ liệu đang không trả lời. Tin của người nhắn vẫn được cổng nhận tin giữ lại. "
        "Việc gấp: dùng điện thoại và các số dưới đây. Trang này thử lại được ngay.",
    )


def http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    ours = any(ord(letter) > 127 for letter in detail)  # the framework's own sentences are English
    return _say(request, status, detail if ours else SENTENCES.get(status, SENTENCES[400]))


def broken(request: Request, error: Exception) -> Response:
    response = _say(request, 500, "Bàn tư vấn vừa gặp lỗi và đã ghi lại. Bạn thử lại; việc gấp thì dùng các số dưới đây.")
    response.headers.update(HEADERS | {"Cache-Control": "no-store"})  # this answer leaves outside of `SecureHeaders`
    return response


HANDLERS: Mapping[Any, Callable[[Request, Exception], Response]] = {
    NoAccess: no_access,
    NotOwner: not_owner,
    CaseTaken: case_taken,
    CaseClosed: case_closed,
    StaffRefused: staff_refused,
    StoreUnavailable: store_down,
    HTTPException: http_error,
    Exception: broken,
}


def _say(request: Request, status: int, say: str) -> Response:
    if "x-desk" in request.headers:
        return JSONResponse({"say": say}, status_code=status)  # the page stays, and what is being written in it
    desk: Desk = request.app.state.desk
    page = desk.pages.get_template("refusal.html")
    return HTMLResponse(page.render(say=say, status=status, numbers=numbers()), status_code=status)
