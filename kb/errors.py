"""Errors of the knowledge base, one tree.

KnowledgeError
├── ContentError   a file of kb/content breaks its schema: the load stops, the lines say which entry and field
└── CitationError  a citation names a source that is not there; the writer corrects the id
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
