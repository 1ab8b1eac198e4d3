"""Buttons where there are none: a numbered menu in the text. What comes back is read by `helpline.choices`."""

from __future__ import annotations

from collections.abc import Sequence

from helpline.messages import Button

INVITATION = "Bạn nhắn số để chọn nhé:"


def menu(buttons: Sequence[Button]) -> str:
    """The lines under a message that offer its buttons; empty without any."""
    offered = [f"{number}. {button.title.strip()}" for number, button in enumerate(buttons, 1) if button.title.strip()]
    return "\n".join([INVITATION, *offered]) if offered else ""
