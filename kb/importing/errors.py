"""Errors of importing, in the tree of `kb.errors`. Their messages are Vietnamese and may be shown as they stand.

KnowledgeError
├── FileRefused  the file as a whole cannot be read: nothing was kept; the editor mends the file
└── BatchGone    there is no such import, or it is not in the state that is wanted: nothing was changed
"""

from __future__ import annotations

from kb.errors import KnowledgeError


class FileRefused(KnowledgeError):
    """The file cannot be read as a list or a document."""


class BatchGone(KnowledgeError):
    """The import is not there, or it is too late for what was asked."""
