"""One JSON object a line in, one a line out, in order; what cannot be read is answered with an error and the run goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TextIO

Handle = Callable[[str, "str | None"], dict[str, Any]]  # text, sender → the fields of the answer


class BadLine(Exception):
    """A line that holds no question; ``given_id`` is what it brought as its id, or None."""

    def __init__(self, why: str, given_id: Any = None) -> None:
        super().__init__(why)
        self.given_id = given_id


def read(raw: str) -> tuple[Any, str, str | None]:
    """Id (its type kept), text and sender of a line. Raises `BadLine`."""
    try:
        item = json.loads(raw)
    except ValueError as error:
        raise BadLine("not a JSON object") from error
    if not isinstance(item, dict):
        raise BadLine("not a JSON object")
    given_id = item.get("id")
    text = item.get("text")
    if not isinstance(text, str):
        raise BadLine("no text", given_id)
    if not text.strip():
        raise BadLine("blank text", given_id)
    sender = item.get("sender")
    return given_id, text, None if sender is None else str(sender)


def answer_lines(source: TextIO, handle: Handle) -> Iterator[str]:
    """The answer to each line that is not blank."""
    for raw in source:
        if not raw.strip():
            continue
        try:
            given_id, text, sender = read(raw)
            result = {"id": given_id, **handle(text, sender)}
        except BadLine as bad:
            result = {"id": bad.given_id, "error": str(bad)}
        yield json.dumps(result, ensure_ascii=False)


def printable(text: str) -> str:
    """Text that any UTF-8 stream takes: lone surrogates, which JSON may bring, are replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")
