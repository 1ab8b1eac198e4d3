"""Rasa's own REST channel for the plain bot, on the newer Sanic of this environment: one process a port.

Copied into the bot's folder and named in its credentials. Nothing else of the bot differs from what `rasa init` made.
"""

from __future__ import annotations

from typing import Any

from rasa.core.channels.rest import RestInput
from sanic import Sanic

_run = Sanic.run


def _run_single(self: Sanic, *args: Any, **kwargs: Any) -> None:
    kwargs.pop("workers", None)
    _run(self, *args, single_process=True, **kwargs)


Sanic.run = _run_single  # type: ignore[assignment,method-assign]


class PlainRest(RestInput):
    @classmethod
    def name(cls) -> str:
        return "rest"
