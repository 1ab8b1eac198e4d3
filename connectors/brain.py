"""How the gateway asks Rasa: over its REST channel, with a time limit, never trusting its silence."""

from __future__ import annotations

from typing import Any, Protocol

import httpx

from helpline.inbox import Turn
from helpline.messages import Answer

LONGEST_TEXT = 1000  # Rasa's cost grows with length (reference: 1 MB stalls everybody for 5 s)


class BrainSilent(Exception):
    """Rasa did not answer: down, too slow, an error, or an empty reply. Carries a code, never text."""


class Brain(Protocol):
    async def respond(self, turn: Turn) -> list[Answer]:
        """Rasa's answers to one message, at least one. Raises `BrainSilent`."""

    async def close(self) -> None: ...


def text_for_rasa(text: str) -> str:
    """The text as Rasa may read it: capped, and without a leading slash, which would fire an intent by its name."""
    return text[:LONGEST_TEXT].lstrip("/ \t\r\n") or text[:1]


class RestBrain:
    def __init__(self, url: str, token: str, timeout_s: float, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=timeout_s, transport=transport)
        self._params = {"token": token} if token else {}

    async def respond(self, turn: Turn) -> list[Answer]:
        body = {
            "sender": turn.session,
            "message": text_for_rasa(turn.text),
            "metadata": {"assessment": turn.assessment.to_dict(), "channel": turn.channel.value, "case_open": turn.case_open},
        }
        try:
            response = await self._http.post("/webhooks/rest/webhook", params=self._params, json=body)
        except httpx.HTTPError as error:
            raise BrainSilent(type(error).__name__) from error
        if response.status_code != 200:
            raise BrainSilent(f"HTTP {response.status_code}")
        try:
            answers = [answer_of(item) for item in response.json()]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BrainSilent("unreadable reply") from error
        if not answers:
            raise BrainSilent("empty reply")
        return answers

    async def ready(self) -> bool:
        """Whether Rasa holds a loaded model."""
        try:
            response = await self._http.get("/status", params=self._params, timeout=2.0)
            return response.status_code == 200 and bool(response.json().get("model_file"))
        except (httpx.HTTPError, ValueError):
            return False

    async def close(self) -> None:
        await self._http.aclose()


def answer_of(item: dict[str, Any]) -> Answer:
    """One item of Rasa's reply. Our actions put a whole `Answer` under ``custom``; plain responses have text only."""
    custom = item.get("custom")
    if isinstance(custom, dict):
        return Answer.from_dict(custom)
    return Answer.from_dict(item)
