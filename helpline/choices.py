"""What a short reply chooses among the buttons of the message before, on channels that show buttons as numbered lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from helpline.messages import Button

CHOICE = re.compile(
    r"(?:(?:chọn|chon|số|so|câu|cau|ý|y|mục|muc)\s*){0,2}0?(\d{1,2})\s*[.),!]*(?:\s*(?:ạ|a|nhé|nhe|nha)[.!]*)?"
)
KEYCAP = str.maketrans("", "", "\ufe0f\u20e3")


def pick(text: str, buttons: Sequence[Button]) -> Button | None:
    """The button that a reply names by its number ("2", "số 2 ạ", "2️⃣") or by its whole title; None where it is
    anything more than that ("2 đứa con em bị đánh")."""
    said = _plain(text)
    match = CHOICE.fullmatch(said)
    if match:
        number = int(match[1])
        return buttons[number - 1] if 1 <= number <= len(buttons) and buttons[number - 1].title.strip() else None
    return next((button for button in buttons if said and _plain(button.title) == said), None)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFC", text.translate(KEYCAP)).casefold()
    return " ".join(folded.split()).strip(" .!?")
