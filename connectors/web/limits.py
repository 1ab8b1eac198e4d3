"""How fast one page, and one network address, may go before its replies are slowed.

No count ever keeps a message out: it is kept, judged and answered with the numbers first, and only then is the reply
to the page held back, at most `LONGEST_PAUSE_S`. The page sends one message after the other, so a held reply slows
whoever is too fast. Refused (429) is only what no person does, more than `SENDS_AT_ONCE` sends of one page at the
same moment; our page would send such a message again under the same id.

The figures: a frightened child writes many short lines, one a second and less; a whole school, or all customers of a
mobile network in one town, can come from one address, so the limits of addresses are wide and hold nothing back but
time. Addresses live in this memory only, for minutes, and are never stored or logged.
"""

from __future__ import annotations

import ipaddress
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LONGEST_PAUSE_S = 5.0
SENDS_AT_ONCE = 4
SESSIONS_AT_ONCE = 20
MOST_KEYS = 20_000


class Allowance:
    """``burst`` acts at once, then one every ``every_s`` seconds, for each key (generic cell rate algorithm)."""

    def __init__(self, burst: int, every_s: float, timer: Callable[[], float] = time.monotonic) -> None:
        self._slack = burst * every_s
        self._every_s = every_s
        self._timer = timer
        self._paid_at: dict[str, float] = {}  # when all acts so far will have been paid for

    def spend(self, key: str) -> float:
        """Count one act; seconds by which the key is ahead of its allowance, 0.0 within it.

        What is owed grows to `LONGEST_PAUSE_S` at most, so that nobody waits for a flood of an hour ago.
        """
        now = self._timer()
        if len(self._paid_at) >= MOST_KEYS:
            self._forget(now)
        paid_at = max(self._paid_at.pop(key, now), now) + self._every_s
        paid_at = min(paid_at, now + self._slack + LONGEST_PAUSE_S)
        self._paid_at[key] = paid_at
        return max(0.0, paid_at - now - self._slack)

    def _forget(self, now: float) -> None:
        """Drop the keys that owe nothing, then, should an attack have filled the table, the ones seen longest ago."""
        self._paid_at = {key: at for key, at in self._paid_at.items() if at > now}
        while len(self._paid_at) >= MOST_KEYS:
            del self._paid_at[next(iter(self._paid_at))]


class AtOnce:
    """How many acts of one key run at the same moment."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._inside: Counter[str] = Counter()

    @contextmanager
    def enter(self, key: str) -> Iterator[bool]:
        """Count an act for as long as the block lasts; yields whether it is within the limit."""
        self._inside[key] += 1
        try:
            yield self._inside[key] <= self._most
        finally:
            self._inside[key] -= 1
            if not self._inside[key]:
                del self._inside[key]


@dataclass
class Limits:
    """The limits of one process. ``page`` is keyed by session, ``address`` and ``sessions`` by network address."""

    page: Allowance = field(default_factory=lambda: Allowance(20, 2.0))
    address: Allowance = field(default_factory=lambda: Allowance(300, 0.2))
    sessions: Allowance = field(default_factory=lambda: Allowance(60, 1.0))
    looks: Allowance = field(default_factory=lambda: Allowance(30, 0.5))
    sends_at_once: AtOnce = field(default_factory=lambda: AtOnce(SENDS_AT_ONCE))
    sessions_at_once: AtOnce = field(default_factory=lambda: AtOnce(SESSIONS_AT_ONCE))


def network_of(host: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 of an IPv6 one, which a single phone may roam in."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host
