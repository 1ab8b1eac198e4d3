"""What a page may post, checked before anything else sees it."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from pydantic import BaseModel, Field, StrictInt, StrictStr, ValidationError, root_validator, validator
from starlette.requests import Request

from connectors import payload
from helpline.errors import RefusedMessage

LARGEST = 64 * 1024  # bytes; 20,000 Vietnamese letters fit
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
Model = TypeVar("Model", bound=BaseModel)


class Tap(BaseModel):
    """A tapped button: which outgoing message it stood under, and which of its buttons, from 0."""

    message: StrictInt
    index: StrictInt

    @validator("message", "index")
    def _small(cls, value: int) -> int:
        if not 0 <= value < 10**9:
            raise ValueError("out of range")
        return value


class Sent(BaseModel):
    """One message of a page. ``id`` is made by the page and stays the same when it sends again.

    A tap may bring the title that was read as its ``text``, which is what can be judged while the database is down.
    """

    id: StrictStr
    text: StrictStr = StrictStr("")
    button: Tap | None = None

    @validator("id")
    def _plain(cls, value: str) -> str:
        if not _ID.fullmatch(value):
            raise ValueError("8 to 64 letters, digits and hyphens")
        return value

    @root_validator(pre=True)
    def _says_something(cls, values: dict[str, Any]) -> dict[str, Any]:
        if "text" not in values and "button" not in values:
            raise ValueError("text or button")
        return values


class Leaving(BaseModel):
    """The quick exit: a beacon carries no header, so the token stands in the body.

    ``unsent``: what the page had not yet seen arrive; some of it may have.
    """

    token: StrictStr
    unsent: list[Sent] = Field(default_factory=list, max_items=20)


async def read(request: Request, model: type[Model]) -> Model:
    """The body of a request.

    Raises `payload.TooLarge` beyond `LARGEST` bytes and `RefusedMessage`, without a word of the body, for what is no
    such object.
    """
    raw = await payload.read(request, LARGEST)
    try:
        return model.parse_obj(payload.decode(raw))
    except ValidationError as error:
        fields = sorted({str(part) for problem in error.errors() for part in problem["loc"]})
        raise RefusedMessage(f"wrong: {', '.join(fields)}") from None
    except ValueError as error:
        raise RefusedMessage(f"no JSON: {type(error).__name__}") from None
