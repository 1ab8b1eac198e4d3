"""Logs of every process: one line an event, ids and counts, never a sender's words."""

from __future__ import annotations

import logging
import sys

NOISY = ("httpx", "httpcore", "telegram", "uvicorn.access", "alembic")  # httpx writes whole addresses, tokens included


def configure(level: str, process: str) -> None:
    """Log to standard error. Calling it again changes the level only."""
    logging.basicConfig(
        level=level,
        stream=sys.stderr,
        format=f"%(asctime)s {process} %(levelname)s %(name)s: %(message)s",
        force=True,
    )
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
