"""Shares with their uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z = 1.959964  # two-sided 95 %


@dataclass(frozen=True)
class Share:
    """``hits`` of ``count``; ``low`` and ``high`` bound the true share with 95 % (Wilson 1927)."""

    hits: int
    count: int

    @property
    def value(self) -> float | None:
        """The share from 0 to 1; None where nothing was counted."""
        return self.hits / self.count if self.count else None

    @property
    def low(self) -> float | None:
        return self._bound(-1)

    @property
    def high(self) -> float | None:
        return self._bound(+1)

    def _bound(self, side: int) -> float | None:
        if not self.count:
            return None
        n, p = self.count, self.hits / self.count
        middle = p + Z * Z / (2 * n)
        spread = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return min(1.0, max(0.0, (middle + side * spread) / (1 + Z * Z / n)))

    def __str__(self) -> str:
        if self.value is None:
            return "–"
        return f"{self.value:.1%} ({self.hits}/{self.count}, {self.low:.1%} to {self.high:.1%})"


def share(flags: list[bool]) -> Share:
    return Share(sum(flags), len(flags))
