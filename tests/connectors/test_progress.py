"""Long messages in pieces, with failures between them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.progress import MOST_REMEMBERED, Progress
from helpline.errors import SendLater
from helpline.messages import Channel
from tests.fakes.said import outgoing


@given(pieces=st.lists(st.text(max_size=3), max_size=6), failures=st.lists(st.integers(0, 6), max_size=8))
async def test_every_piece_leaves_once_and_in_order(pieces: list[str], failures: list[int]) -> None:
    progress, message = Progress(), outgoing(Channel.TELEGRAM, "1", "x")
    left: list[tuple[str, bool]] = []
    planned = list(failures)

    async def send(piece: str, last: bool) -> str:
        if planned and planned[0] == len(left):
            planned.pop(0)
            raise SendLater("429")
        left.append((piece, last))
        return f"id{len(left)}"

    for _ in range(len(failures) + 1):
        try:
            result = await progress.send(message, pieces, send)
        except SendLater:
            continue
        break
    assert [piece for piece, _ in left] == pieces
    assert [last for _, last in left] == [number == len(pieces) - 1 for number in range(len(pieces))]
    assert result == (f"id{len(pieces)}" if pieces else None)


async def test_two_messages_do_not_share_their_progress() -> None:
    progress, left = Progress(), []

    async def send(piece: str, last: bool) -> str:
        left.append(piece)
        if piece == "b":
            raise SendLater("429")
        return "id"

    with pytest.raises(SendLater):
        await progress.send(outgoing(Channel.ZALO, "1", "x", 1), ["a", "b"], send)
    assert await progress.send(outgoing(Channel.ZALO, "1", "x", 2), ["c"], send) == "id"
    assert left == ["a", "b", "c"]


async def test_memory_is_bounded() -> None:
    progress = Progress()

    async def fail(piece: str, last: bool) -> str:
        raise SendLater("429")

    for number in range(MOST_REMEMBERED + 50):
        with pytest.raises(SendLater):
            await progress.send(outgoing(Channel.ZALO, "1", "x", number), ["a"], fail)
    assert len(progress._sent) == MOST_REMEMBERED
