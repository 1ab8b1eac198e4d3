"""Rasa's own REST channel; named in credentials.yml so that the server is mended before it serves."""

from __future__ import annotations

from rasa.core.channels.rest import RestInput

from rasa_project import server_fixes

server_fixes.run_in_one_process()
server_fixes.compile_validator()


class LoopbackRest(RestInput):
    """The REST channel under its usual address, `/webhooks/rest/webhook`."""

    @classmethod
    def name(cls) -> str:
        return "rest"
