"""Senders side by side: each writes its five messages one after the other, waiting for every answer."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from benchmarks.figures import Cell

ANSWER_WITHIN_S = 10.0
CELL_WITHIN_S = 60.0
MOST_FAILURES = 5
SETTLE_S = 1.2  # after the greetings, so that the platform's limit of messages a second is not used up by them


class NoAnswer(Exception):
    """A message was refused, or its answer did not come in time. Carries a code, never text."""


class Side(Protocol):
    """One of the two systems as the senders see it."""

    name: str

    def script(self, number: int) -> Sequence[str]: ...

    async def greet(self, senders: Sequence[int]) -> None: ...

    async def turn(self, sender: int, text: str) -> float:
        """Milliseconds from the sending of a message to its answer. Raises `NoAnswer`."""


async def cell(side: Side, names: Iterator[int], parallel: int, conversations: int) -> Cell:
    """``conversations`` conversations of new senders, ``parallel`` at a time.

    Ends early after `MOST_FAILURES` failures or `CELL_WITHIN_S` seconds; what was measured till then counts.
    """
    senders = list(itertools.islice(names, conversations))
    await side.greet(senders)
    await asyncio.sleep(SETTLE_S)
    waiting = iter(enumerate(senders))
    latencies: list[float] = []
    failed: list[str] = []
    deadline = time.monotonic() + CELL_WITHIN_S

    async def sender() -> None:
        for number, name in waiting:
            for text in side.script(number):
                if len(failed) >= MOST_FAILURES or time.monotonic() > deadline:
                    return
                try:
                    latencies.append(await side.turn(name, text))
                except NoAnswer as error:
                    failed.append(str(error))

    began = time.monotonic()
    await asyncio.gather(*(sender() for _ in range(parallel)))
    return Cell(tuple(latencies), time.monotonic() - began, len(failed))


async def one_conversation(side: Side, name: int, turns: int) -> list[float]:
    """The latencies of one long conversation, turn by turn; the same ten texts come round again and again.

    Raises `NoAnswer`.
    """
    await side.greet([name])
    texts = [*side.script(0), *side.script(1)]
    return [await side.turn(name, texts[turn % len(texts)]) for turn in range(turns)]


async def pressure(side: Side, names: Iterator[int], parallel: int) -> None:
    """New senders one after the other, ``parallel`` at a time, until cancelled or for `CELL_WITHIN_S` seconds.

    What is not answered is not counted here: this is the load beside which something else is measured.
    """
    deadline = time.monotonic() + CELL_WITHIN_S

    async def sender() -> None:
        while time.monotonic() < deadline:
            name = next(names)
            try:
                await side.greet([name])
                for text in side.script(name):
                    await side.turn(name, text)
            except NoAnswer:
                await asyncio.sleep(0.5)

    await asyncio.gather(*(sender() for _ in range(parallel)))
