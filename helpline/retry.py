"""When to try again: a pure decision."""

from __future__ import annotations

from dataclasses import dataclass

from helpline.errors import ChannelMisconfigured, SendError, SendLater, SendRefused, SendUncertain
from helpline.messages import OutState

FIRST_DELAY_S = 1.0
LONGEST_DELAY_S = 60.0
MOST_UNCERTAIN = 2  # a time-out after sending may have arrived: one more try, then it counts as refused
MOST_ATTEMPTS = 60  # about an hour of a platform that is down


@dataclass(frozen=True)
class Decision:
    state: OutState  # WAITING (again in ``delay_s`` seconds) or REFUSED (never)
    delay_s: float = 0.0


def decide(error: SendError, attempts: int, uncertain: int = 0) -> Decision:
    """What becomes of a message whose ``attempts``-th try (from 1) ended with ``error``; ``uncertain`` tries before
    this one may have arrived."""
    if isinstance(error, SendRefused):
        return Decision(OutState.REFUSED)
    if isinstance(error, SendUncertain) and uncertain + 1 >= MOST_UNCERTAIN:
        return Decision(OutState.REFUSED)
    if attempts >= MOST_ATTEMPTS:
        return Decision(OutState.REFUSED)
    if isinstance(error, ChannelMisconfigured):
        return Decision(OutState.WAITING, LONGEST_DELAY_S)  # an operator mends the token; nothing is lost meanwhile
    delay = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(attempts - 1, 10))
    if isinstance(error, SendLater):
        delay = max(delay, error.seconds)
    return Decision(OutState.WAITING, delay)
