"""Messages as the courier hands them to a client."""

from __future__ import annotations

from helpline.messages import Answer, Author, Channel, OutgoingMessage


def outgoing(channel: Channel, address: str, answer: Answer | str, number: int = 41) -> OutgoingMessage:
    return OutgoingMessage(
        id=number,
        conversation_id=7,
        channel=channel,
        address=address,
        author=Author.BOT,
        answer=Answer(text=answer) if isinstance(answer, str) else answer,
        attempts=1,
        turn_key=f"rasa:{number}",
        part=0,
    )
