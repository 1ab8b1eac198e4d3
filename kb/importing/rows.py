"""What a right line of a list becomes, and the two kinds of list."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from kb.importing.cells import RowReader
from kb.importing.columns import Column
from kb.places import spoken
from kb.services import name_key


@dataclass(frozen=True)
class NewRow:
    """A place or a class as it will be kept. ``apart``: what beside kind, place and name tells it from others."""

    kind: str
    scope: str
    commune: str | None
    district: str | None
    name: str
    address: str | None
    phone: str | None
    hours: str | None
    valid_from: date | None
    valid_to: date | None
    source: str
    last_checked: date
    details: dict[str, Any] = field(default_factory=dict)
    apart: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        """The same for two tellings of one place, whatever else they say."""
        parts = [self.kind, self.commune or "", self.district or "", self.scope, *self.apart]
        return _hash([*parts, name_key(self.name)])

    @property
    def digest(self) -> str:
        """The same only where nothing differs, down to the day of the last look."""
        kept = asdict(self)
        return _hash([[key, str(kept[key]) if isinstance(kept[key], date) else kept[key]] for key in sorted(kept)])

    @property
    def contact(self) -> str:
        """How it is reached, as it was read, for the editor to compare."""
        return ", ".join(one for one in (self.address, self.phone, self.hours) if one)

    @property
    def place(self) -> str:
        """Where it is, in words of the editors' page."""
        if self.commune:
            return spoken(self.commune)
        return f"{self.district} (huyện cũ)" if self.district else "cả Quảng Ninh"


@dataclass(frozen=True)
class ListKind:
    """A kind of list. ``read`` gives the row of a line, or None after it has said why not."""

    key: str
    title: str
    about: str  # what it is for, on the page and in the template
    columns: tuple[Column, ...]
    read: Callable[[RowReader], NewRow | None]


def _hash(parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
