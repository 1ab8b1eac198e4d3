"""An entry as its readers will see it, put together by the very code that answers them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from helpline import hotlines
from helpline.messages import Answer
from kb.content import Content
from kb.replies import Replies
from kb.schema import Audience, Entry
from kb.validate import CHILD_MOST, MORE_MOST, SHORT_MOST

MOST = {"short": SHORT_MOST, "child": CHILD_MOST, "more": MORE_MOST}
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Talk:
    """What one reader sees: the answer, and what comes after "Xem thêm"."""

    reader: str
    first: Answer
    more: tuple[Answer, ...]


@dataclass(frozen=True)
class Length:
    """How long a text is, numbers filled in, and how long it may be."""

    field: str
    now: int
    most: int


def talks(content: Content, entry: Entry) -> list[Talk]:
    """The bubbles for an adult and for a child. ``content.entries``: those in force, for the buttons under them."""
    shown = entry.copy(update={name: _readable(getattr(entry, name)) for name in ("short", "child", "more")})
    replies = Replies(content, {one.id: one for one in (*content.entries, shown)})
    return [
        Talk(reader, replies.entry(shown, audience), tuple(replies.more(shown, audience)) if shown.more else ())
        for reader, audience in (("Người lớn thấy", Audience.ADULT), ("Trẻ em thấy", Audience.CHILD))
    ]


def lengths(entry: Entry) -> list[Length]:
    """The texts with a limit, counted as `kb.validate` counts them."""
    return [Length(name, len(filled(getattr(entry, name) or "")), most) for name, most in MOST.items()]


def copied(answer: Answer) -> str:
    """An answer as a counsellor pastes it into a chat: its words and where they come from."""
    return f"{answer.text}\n\nNguồn: {'; '.join(answer.citations)}" if answer.citations else answer.text


def placeholders() -> Sequence[tuple[str, str]]:
    """Placeholder and number of each line that may be named."""
    return [(f"{{{line.key}}}", line.number) for line in hotlines.load().values() if not line.do_not_use]


def _readable(text: str | None) -> str | None:
    """The text with placeholders that cannot be filled marked, so that a preview never breaks on them."""
    lines = hotlines.load()

    def one(match: re.Match[str]) -> str:
        known = match[1] in lines and not lines[match[1]].do_not_use
        return match[0] if known else f"⟨{match[1]}?⟩"

    return _PLACEHOLDER.sub(one, text) if text else text


def filled(text: str) -> str:
    """A text with its numbers, whatever stands in it."""
    return hotlines.fill(_readable(text.strip()) or "")
