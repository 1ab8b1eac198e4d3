"""What the editors' pages keep between requests because it is slow to make: the reader's memory, and the index."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from helpline.db import Database
from helpline.errors import StoreUnavailable
from kb import content, store
from kb.content import Content
from kb.errors import ContentError
from kb.schema import Entry
from kb.search import Index, Reader
from kb.store import Version

log = logging.getLogger(__name__)

KEPT = 3  # indexes: of what is in force, of what editors work on, and one before
SHOWN = 60  # results of a search
SHARE = 0.3  # of the best score that a result needs
LEAST = 0.06


class Shelf:
    """One for the desk; safe to share between threads. Content is read when it is first asked for."""

    def __init__(self, own: Content | None = None) -> None:
        self._own = own
        self._lock = threading.Lock()
        self._reader: tuple[int, Reader] | None = None
        self._indexes: OrderedDict[tuple[tuple[str, int], ...], Index] = OrderedDict()

    @property
    def own(self) -> Content:
        """The reviewed content: sources, places, lists. Raises `ContentError`."""
        return self._own or content.load()

    def reader(self, today: date) -> Reader:
        """Takes texts apart, and remembers them for the year."""
        with self._lock:
            return self._read_by(today)

    def index(self, versions: Sequence[Version], today: date) -> Index:
        """The index over these versions; half a second where one of them is new."""
        key = (("", today.year), *((one.entry.id, one.version) for one in versions))
        with self._lock:
            if key not in self._indexes:
                self._indexes[key] = Index([one.entry for one in versions], self._read_by(today))
                while len(self._indexes) > KEPT:
                    self._indexes.popitem(last=False)
            self._indexes.move_to_end(key)
            return self._indexes[key]

    def search(self, versions: Sequence[Version], text: str, today: date) -> list[str]:
        """Ids of the entries that fit ``text``, the best first."""
        found = self.index(versions, today).find(text, most=SHOWN)
        bar = max(LEAST, SHARE * found[0].score) if found else 0.0
        return [one.entry.id for one in found if one.score >= bar]

    def beside(self, entry: Entry, published: Sequence[Entry]) -> Content:
        """The content with the entries in force, this one among them, for checks and previews."""
        others = tuple(one for one in published if one.id != entry.id)
        return replace(self.own, entries=(*others, entry))

    def warm(self, db: Database, today: date) -> None:
        """Read content and index now (some seconds), so that the first search need not wait. What fails is only logged:
        the page that needs it says so."""
        try:
            with db.read() as tx:
                versions = [one.published for one in store.standings(tx) if one.published]
            self.index(versions, today)
        except (StoreUnavailable, ContentError) as error:
            log.warning("the knowledge pages are not warm: %s", type(error).__name__)

    def _read_by(self, today: date) -> Reader:
        if self._reader is None or self._reader[0] != today.year:
            own = self.own
            self._reader = (today.year, Reader(own.gazetteer, today.year, own.glossary))
        return self._reader[1]
