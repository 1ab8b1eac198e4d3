"""An answer as plain text for the platforms: in NFC, with its sources, in pieces that a platform takes."""

from __future__ import annotations

import re
import unicodedata

from helpline.messages import Answer

# Where a long text may be cut, best first. Each border belongs to the piece before it.
BORDERS = (
    re.compile(r"\n\s*\n"),  # paragraph
    re.compile(r"\n"),
    re.compile(r"(?<!\d)[.!?…][\"”’»)\]]*\s"),  # sentence; "Điều 25. Mức chuẩn" is none
    re.compile(r"\s"),
)
LEAST_FILL = 3  # a piece is filled to a third at least before a border is taken
JOINERS = "\u200d\ufe0e\ufe0f\u20e3"  # tie emoji together; a cut never stands before or after one


def words(answer: Answer) -> str:
    """The text of a bubble, NFC, followed by one line of sources where it has any."""
    text = answer.text.strip()
    sources = list(dict.fromkeys(citation.strip() for citation in answer.citations if citation.strip()))
    if sources:
        text += f"\n\nNguồn: {'; '.join(sources)}"
    return unicodedata.normalize("NFC", text)


def units(text: str) -> int:
    """Length in UTF-16 units, the strictest way in which the platforms count; never below the code points."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, most: int) -> list[str]:
    """``text`` in pieces of at most ``most`` UTF-16 units (from 16), cut at the best border there is.

    Joined, the pieces are the text again; an empty text has none. A letter is never parted from its accents unless
    the accents alone are longer than a piece.
    """
    if most < 16:
        raise ValueError("a piece holds 16 units at least")
    pieces = []
    rest = text
    while units(rest) > most:
        cut = _cut(rest, most)
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return [*pieces, rest] if rest else pieces


def _cut(text: str, most: int) -> int:
    window = text[:most]
    while (over := units(window) - most) > 0:
        window = window[: len(window) - (over + 1) // 2]
    for border in BORDERS:
        ends = [match.end() for match in border.finditer(window)]
        if ends and ends[-1] * LEAST_FILL >= len(window):
            return ends[-1]
    cut = len(window)
    while cut > len(window) // 2 and _tied(text, cut):
        cut -= 1
    return len(window) if _tied(text, cut) else cut


def _tied(text: str, cut: int) -> bool:
    """Whether a cut before ``text[cut]`` would part what is read as one letter or one emoji."""
    after, before = text[cut], text[cut - 1]
    return bool(unicodedata.combining(after)) or after in JOINERS or before == "\u200d"
