"""How a Zalo sender is reached: by the user id, or, unknown to the OA, by an anonymous id and its conversation."""

from __future__ import annotations

from helpline.errors import SendRefused

ANONYMOUS = "anonymous"


def anonymous(anonymous_id: str, conversation_id: str) -> str:
    return f"{ANONYMOUS}/{anonymous_id}/{conversation_id}"


def is_anonymous(address: str) -> bool:
    return address.startswith(f"{ANONYMOUS}/")


def recipient(address: str) -> dict[str, str]:
    """The ``recipient`` of a send call. Raises `SendRefused` for an anonymous sender whose conversation is not known."""
    if not is_anonymous(address):
        return {"user_id": address}
    _, anonymous_id, conversation_id = address.split("/", 2)
    if not conversation_id:
        raise SendRefused("anonymous sender without a conversation")
    return {"anonymous_id": anonymous_id, "conversation_id": conversation_id}
