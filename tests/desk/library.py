"""The editors' pages over a small knowledge base of the tests' own."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from desk.knowledge import form
from desk.knowledge.shelf import Shelf
from helpline.db import Database
from helpline.keyring import Keyring
from kb import misses, store
from kb.answering import Answering, Question
from kb.content import Content
from kb.schema import Entry
from kb.store import Standing, State, Version
from tests.desk.conftest import Office, Person
from tests.kb.small import content, entry

ENTRIES = (
    entry(
        "hotline.child_line",
        title="Gọi số nào khi trẻ bị đánh",
        questions=["gọi số nào khi trẻ bị đánh", "so bao ve tre em"],
        short="Gọi {child_line}, miễn phí.",
        child="Em gọi {child_line} nhé.",
        more="Tổng đài nghe cả ngày đêm. Ở Quảng Ninh còn có {province_line}.",
        related=["shelter.what"],
    ),
    entry("shelter.what", title="Tạm lánh là gì", questions=["tạm lánh là gì", "nha tam lanh"], short="Tạm lánh là nơi ở an toàn ít ngày."),
    entry("swim_class.age", title="Mấy tuổi học bơi", questions=["mấy tuổi học bơi", "may tuoi hoc boi"], short="Từ 6 đến dưới 16 tuổi."),
)


@dataclass
class Library:
    """A desk whose knowledge base holds `ENTRIES`, in force since the first load."""

    office: Office
    content: Content

    def stands(self, entry_id: str) -> Standing:
        with self.office.db.read() as tx:
            found = store.standing(tx, entry_id)
        assert found is not None
        return found

    def versions(self, entry_id: str) -> list[Version]:
        with self.office.db.read() as tx:
            return store.versions(tx, entry_id)

    def ids(self) -> set[str]:
        with self.office.db.read() as tx:
            return {one.entry_id for one in store.standings(tx)}

    def fields(self, entry_id: str | None = None, **changes: str) -> dict[str, str]:
        """The form of an entry (or of a new one) as a browser sends it, with what was typed into it."""
        if entry_id:
            stands = self.stands(entry_id)
            titles = {one.id: one.title for one in ENTRIES}
            typed = form.of_entry(stands.current.entry, self.content.sources, titles, stands.newest.version)
        else:
            typed = form.Typed(
                topic="swim_class", title="Đồ bơi cần mang", audience=frozenset({"adult"}), questions="đi học bơi mang gì\nhoc boi mang gi",
                short="Mang đồ bơi, khăn và nước uống.", citations=(("56/2017/NĐ-CP", "Điều 2"),), as_of="2026-11-01", review_by="2027-05-01",
            )  # fmt: skip
        sent = {
            "topic": typed.topic, "title": typed.title, "questions": typed.questions, "short": typed.short, "child": typed.child, "more": typed.more,
            "as_of": typed.as_of, "review_by": typed.review_by, "validity": typed.validity, "replaced_by": typed.replaced_by,
            "readings": typed.readings, "note": typed.note, "base": str(typed.base), "entry": entry_id or "",
        }  # fmt: skip
        sent |= {f"audience_{one}": "1" for one in typed.audience}
        for at, (source, section) in enumerate(typed.citations, 1):
            sent |= {f"source_{at}": source, f"section_{at}": section}
        sent |= {f"related_{at}": other for at, other in enumerate(typed.related, 1)}
        return sent | changes

    def save(self, person: Person, entry_id: str | None = None, *, script: bool = True, **changes: str) -> Any:
        path = f"/knowledge/entry/{entry_id}/save" if entry_id else "/knowledge/create"
        return person.post(path, script=script, **self.fields(entry_id, **changes))

    def act(self, person: Person, entry_id: str, what: str, **fields: object) -> Any:
        if "version" not in fields and "base" not in fields:
            fields["version"] = self.stands(entry_id).newest.version
        return person.post(f"/knowledge/entry/{entry_id}/{what}", script=True, **fields)

    def write(self, one: Entry, state: State = State.DRAFT, by: str = "staff:99", **options: Any) -> int:
        with self.office.db.write() as tx:
            return store.save(tx, one, by, self.office.clock.now(), state, **options)

    def miss(self, *texts: str, topic: str | None = None, offered: tuple[str, ...] = (), hours_ago: float = 0) -> None:
        with self.office.db.write() as tx:
            for text in texts:
                misses.keep(tx, self.office.clock.now() - timedelta(hours=hours_ago), text, topic, 0.1, list(offered))

    def audits(self, action: str) -> list[tuple[str, str, dict[str, Any]]]:
        return [(row.actor, row.object_id, row.details) for row in self.office.traces(action)]

    def answering(self, keyring: Keyring) -> Answering:
        """The knowledge base as another process has it: a connection and a memory of its own."""
        return Answering(Database(self.office.db.url, keyring), self.office.clock, self.content)


def fill(office: Office, *more: Entry) -> Library:
    """Load the small knowledge base into the desk's database."""
    own = content(*ENTRIES, *more)
    store.load_content(office.db, office.clock, own)
    office.app.state.shelf = Shelf(own)
    return Library(office, own)


def said(answering: Answering, text: str, topic: str | None = None) -> str:
    """What a sender reads in the first bubble."""
    return answering.answer(Question(text, topic, 0.9 if topic else 0.0))[0].text


def texts(page: str) -> str:
    """What a page says, without its markup."""
    return " ".join(html.unescape(re.sub(r"<template.*?</template>|<[^>]*>", " ", page, flags=re.S)).split())


def changed(one: Entry, **changes: Any) -> Entry:
    return Entry.parse_obj({**one.dict(), **changes})



