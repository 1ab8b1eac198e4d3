"""Errors of the knowledge base, one tree.

KnowledgeError
├── ContentError   a file of kb/content breaks its schema: the load stops, the lines say which entry and field
├── CitationError  a citation names a source that is not there; the writer corrects the id
└── Overtaken      somebody else has changed the entry meanwhile; nothing was written, the caller shows both texts
"""

from __future__ import annotations

from helpline.errors import HelplineError


class KnowledgeError(HelplineError):
    """Root of what the knowledge base raises on purpose."""


class ContentError(KnowledgeError):
    """Content that cannot be read. ``lines`` are all the faults found, each "file: id: field: what is wrong"."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class CitationError(KnowledgeError):
    """A citation's source is in no list of sources."""


class Overtaken(KnowledgeError):
    """The version that was acted on is no longer the newest, or no longer in that state. ``newest`` is its number now."""

    def __init__(self, newest: int) -> None:
        super().__init__(f"version {newest} is the newest")
        self.newest = newest
