"""Sections of a document as drafts of entries: each with what it cites and the page; nothing here is ever published.

Telephone numbers of the document are named by their key or left out, so that no number travels around its one home.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from helpline import audit, hotlines
from helpline.clock import local
from helpline.db import Database
from kb import store
from kb.content import Content
from kb.errors import Overtaken
from kb.importing import batches, documents
from kb.importing.batches import DOCUMENT, NEW, SAME, Batch, Good, Outcome, Report
from kb.importing.cells import PHONE_IN_TEXT, Refusal
from kb.importing.documents import Section
from kb.importing.errors import BatchGone, FileRefused
from kb.importing.tables import clean
from kb.schema import Audience, Citation, Entry, Source, Validity
from kb.services import name_key
from kb.store import State
from kb.validate import INFORMATION_TOPICS, MORE_MOST, SHORT_MOST

MOST_DRAFTS = 200
REVIEW_AFTER = timedelta(days=90)
OTHER_TOPIC = "documents"
LONGEST_ID = 90  # of the column's 96
_ID_MARK = 8  # hex digits that tell cut ids apart

_DIGITS = re.compile(r"\D")
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n+")


@dataclass(frozen=True)
class Draft:
    """A draft that is to be made of a section. ``page``: where it stands, None where the file does not tell."""

    entry: Entry
    section: str
    page: int | None

    @property
    def where(self) -> str:
        return f"{self.section}, trang {self.page}" if self.page else self.section

    def to_json(self) -> list[Any]:
        return [self.entry.json(ensure_ascii=False), self.section, self.page]

    @classmethod
    def from_json(cls, kept: list[Any]) -> Draft:
        return cls(Entry.parse_raw(kept[0]), kept[1], kept[2])


# making


def made(sections: Sequence[Section], source: Source, topic: str, today: date) -> list[Draft]:
    """The drafts of a document, in order. A section too long for an entry becomes several. Raises `FileRefused` when they
    are more than `MOST_DRAFTS`."""
    drafts: list[Draft] = []
    taken: set[str] = set()
    for section in sections:
        parts = _parts(without_numbers(section.text))
        for at, (short, more) in enumerate(parts, 1):
            path = section.path if len(parts) == 1 else f"{section.path} (phần {at})"
            entry_id = _id(topic, source.id, path, taken)
            taken.add(entry_id)
            drafts.append(Draft(_entry(entry_id, topic, source, section, path, short, more, today), section.path, section.page))
    if len(drafts) > MOST_DRAFTS:
        raise FileRefused(
            f"Văn bản tách ra {len(drafts)} bản nháp, tối đa {MOST_DRAFTS} một lần. Bạn chia tệp theo chương rồi nhập từng tệp."
        )
    return drafts


def _entry(
    entry_id: str, topic: str, source: Source, section: Section, path: str, short: str, more: str | None, today: date
) -> Entry:
    heading = without_numbers(" ".join(section.heading.split()))
    title = f"{source.cite}, {path}" + (f": {heading}" if heading else "")
    asked = [f"{path} của {source.cite} nói gì", *([heading] if heading else [])]
    where = f"{section.path}, trang {section.page}" if section.page else section.path
    return Entry(
        id=entry_id,
        topic=topic,
        title=title if len(title) <= 160 else title[:157].rstrip() + "…",
        audience=(Audience.ADULT, Audience.OFFICIAL),
        questions=tuple(question[:200] for question in asked),
        short=short,
        more=more,
        citations=(Citation(source=source.id, section=section.path if section.path != "toàn văn" else None),),
        as_of=source.effective or source.date or source.as_of,
        review_by=today + REVIEW_AFTER,
        validity=Validity.UNCONFIRMED,
        facts=(where,),
    )


def without_numbers(text: str) -> str:
    """The text with public lines named by their key; forbidden and other telephone numbers are left out and said to be."""
    lines = {_DIGITS.sub("", line.number): line for line in hotlines.load().values()}

    def named(match: re.Match[str]) -> str:
        line = lines.get(_DIGITS.sub("", match.group()))
        if line is None:
            return "(số điện thoại ghi trong văn bản)"
        return "(số in nhầm hoặc đã bỏ)" if line.do_not_use else f"{{{line.key}}}"

    return PHONE_IN_TEXT.sub(named, text.replace("{", "(").replace("}", ")"))


def _parts(text: str) -> list[tuple[str, str | None]]:
    """A text as short and longer parts of entries, as many as it takes; broken where a line or sentence ends."""
    parts: list[tuple[str, str | None]] = []
    rest = text.strip()
    while rest:
        short, rest = _cut(rest, SHORT_MOST)
        more, rest = _cut(rest, MORE_MOST)
        parts.append((short, more or None))
    return parts


def _cut(text: str, most: int) -> tuple[str, str]:
    if len(text) <= most:
        return text, ""
    ends = [match.start() for match in _SENTENCE.finditer(text, 0, most + 1) if match.start() >= most // 3]
    at = ends[-1] if ends else text.rfind(" ", 1, most + 1)
    at = at if at > 0 else most
    return text[:at].strip(), text[at:].strip()


def _id(topic: str, source_id: str, path: str, taken: set[str]) -> str:
    slug = "_".join(name_key(f"{source_id.replace('-', ' ')} {path}").split())
    whole = f"{topic}.{re.sub(r'[^a-z0-9_]', '', slug)}"
    if len(whole) <= LONGEST_ID and whole not in taken:
        return whole
    number = 1
    while True:
        mark = hashlib.sha256(f"{whole} {number}".encode()).hexdigest()[:_ID_MARK]
        candidate = f"{whole[: LONGEST_ID - _ID_MARK - 1].rstrip('_')}_{mark}"
        if candidate not in taken:
            return candidate
        number += 1


def topic_of(source: Source) -> str:
    """The topic that a source is mostly about, for drafts whose editor named none."""
    return next((subject for subject in source.subjects if subject in INFORMATION_TOPICS), OTHER_TOPIC)


# keeping, loading, undoing


def check(
    db: Database,
    content: Content,
    filename: str,
    data: bytes,
    source_id: str,
    actor: str,
    now: datetime,
    topic: str | None = None,
) -> Batch:
    """Read a document and keep what its drafts would be. Makes none yet. Raises `FileRefused`, `StoreUnavailable`."""
    source = content.sources.get(source_id.strip())
    if source is None:
        raise FileRefused(f"Không có nguồn “{clean(source_id)[:96]}” trong danh mục nguồn. Bạn chọn một nguồn có sẵn.")
    if topic and topic not in INFORMATION_TOPICS:
        raise FileRefused(f"Không có chủ đề “{clean(topic)[:64]}”.")
    found = documents.sections(documents.read(data))
    drafts = made(found, source, topic or topic_of(source), local(now).date())
    with db.read() as tx:
        report = judge(tx, drafts)
    kept = [draft.to_json() for draft in drafts]
    with db.write() as tx:
        return batches.keep(tx, DOCUMENT, filename, data, kept, report, actor, now, source=source.id)


def judge(tx: Connection, drafts: Sequence[Draft]) -> Report:
    """Which drafts are new, which are there already, and which would go over what somebody is writing."""
    good: list[Good] = []
    refusals: list[Refusal] = []
    for number, draft in enumerate(drafts, 1):
        there = store.versions(tx, draft.entry.id)
        if any(_same(one.entry, draft.entry) and one.state is not State.DROPPED for one in there):
            good.append(Good(number, draft.entry.title, draft.where, SAME, "đã có"))
        elif (stands := store.standing(tx, draft.entry.id)) and stands.pending:
            todo = "Duyệt hoặc bỏ bản nháp ấy trước, rồi nhập lại tệp."
            refusals.append(Refusal(number, draft.where, "Mục này đang có bản nháp khác của đồng nghiệp.", todo))
        else:
            good.append(Good(number, draft.entry.title, draft.where, NEW, draft.entry.id))
    return Report("", (), tuple(good), tuple(refusals))


def _same(there: Entry, draft: Entry) -> bool:
    return (there.short, there.more, there.citations) == (draft.short, draft.more, draft.citations)


def load(tx: Connection, batch_id: int, actor: str, now: datetime, *, only_right: bool = False) -> Outcome:
    """Make the drafts of a checked document in the caller's transaction, judged anew; a repeat makes none. Raises
    `BatchGone`.

    Every one is a draft, whatever stands under its id; what is in force stays in force.
    """
    batch = batches.locked(tx, batch_id)
    if batch.state == batches.LOADED:
        return Outcome(True, Report.from_json(batch.report))
    if batch.state != batches.CHECKED or batch.kind != DOCUMENT:
        raise BatchGone("Lần nhập này đã hoàn tác. Bạn tải tệp lên lại.")
    drafts = [Draft.from_json(kept) for kept in batch.read]
    report = judge(tx, drafts)
    if report.refusals and not only_right:
        return Outcome(False, report)
    for one in report.changes:
        draft = drafts[one.line - 1]
        store.save(tx, draft.entry, actor, now, State.DRAFT, note=f"Nhập từ tệp {batch.filename}: {draft.where}")
    batches.settle(tx, batch_id, report, now)
    new = len(report.changes)
    audit.record(tx, now, actor, "import.load", "import", batch_id, kind=DOCUMENT, new=new, refused=report.refused_lines)
    return Outcome(True, report, new)


def undo(tx: Connection, batch_id: int, actor: str, now: datetime) -> tuple[int, int]:
    """Give up the drafts of an import; gives how many went and how many stay because somebody has worked on them since.
    Raises `BatchGone` when it is not loaded (any more)."""
    batch = batches.locked(tx, batch_id)
    if batch.state != batches.LOADED or batch.kind != DOCUMENT:
        raise BatchGone("Lần nhập này chưa nhập hoặc đã hoàn tác.")
    gone = kept = 0
    for one in Report.from_json(batch.report).changes:
        stands = store.standing(tx, one.note)
        mine = stands and stands.newest.state is State.DRAFT and _of_this(stands.newest, batch.filename, batch.loaded_at)
        if stands is None or not mine:
            kept += 1
            continue
        try:
            store.drop(tx, one.note, stands.newest.version, actor, now)
        except Overtaken:
            kept += 1
        else:
            gone += 1
    batches.mark_undone(tx, batch_id, actor, now)
    audit.record(tx, now, actor, "import.undo", "import", batch_id, kind=DOCUMENT, rows=gone, kept=kept)
    return gone, kept


def _of_this(version: store.Version, filename: str, loaded_at: datetime) -> bool:
    """Whether a version is the one that an import made, as it made it."""
    return version.created_at == loaded_at and (version.note or "").startswith(f"Nhập từ tệp {filename}:")
