"""The form of an entry: what was typed, kept as typed, and the entry that it makes or the reasons why it makes none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from pydantic import ValidationError

from desk.knowledge import words
from kb.citations import written
from kb.schema import Audience, Citation, Entry, Source, Validity
from kb.services import name_key

CITATIONS, RELATED = 10, 6  # rows of the form; where an entry has more, it keeps them and gets one empty row
MOST_QUESTIONS, MOST_QUESTION, MOST_READINGS = 40, 200, 6
MOST_TITLE, MOST_WORDS = 160, 4000
MOST_ID = 60  # of a new entry; the audit keeps 64
SUGGESTED = 3
_TEXTS = ("title", "short", "child", "more", "as_of", "review_by", "validity", "replaced_by", "note")
_LOCAL_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


@dataclass(frozen=True)
class Fault:
    """A sentence beside a field. A warning may stand, an error may not."""

    field: str
    say: str
    is_error: bool = True


@dataclass(frozen=True)
class Typed:
    """The fields as they stand in the form. ``base``: the newest version that the form was made from, 0 for a new entry.

    ``miss`` and ``until``: the group of unanswered questions that this entry answers, 0 for none.
    """

    topic: str = ""
    title: str = ""
    audience: frozenset[str] = frozenset()
    questions: str = ""
    short: str = ""
    child: str = ""
    more: str = ""
    citations: tuple[tuple[str, str], ...] = ()
    as_of: str = ""
    review_by: str = ""
    validity: str = Validity.IN_FORCE.value
    replaced_by: str = ""
    readings: str = ""
    related: tuple[str, ...] = ()
    note: str = ""
    base: int = 0
    miss: int = 0
    until: int = 0

    @property
    def citation_rows(self) -> list[tuple[str, str]]:
        """The rows of the form: what there is, and empty ones."""
        return [*self.citations, *[("", "")] * max(1, CITATIONS - len(self.citations))]

    @property
    def related_rows(self) -> list[str]:
        return [*self.related, *[""] * max(1, RELATED - len(self.related))]


@dataclass(frozen=True)
class Made:
    """What became of a form: an entry, unless something makes one impossible."""

    entry: Entry | None
    faults: tuple[Fault, ...] = ()


@dataclass
class _Reading:
    """Fields read so far, and what is wrong with them."""

    faults: list[Fault] = field(default_factory=list)

    def wrong(self, name: str, say: str) -> None:
        self.faults.append(Fault(name, say))


def typed(form: Mapping[str, str]) -> Typed:
    """The fields of a form that came in; nothing in it is judged."""
    texts = {name: _text(form.get(name, "")) for name in _TEXTS}
    pairs = ((_text(form[name]), _text(form.get(f"section_{name[7:]}", ""))) for name in _numbered(form, "source_"))
    return Typed(
        topic=form.get("topic", ""),
        audience=frozenset(one.value for one in Audience if form.get(f"audience_{one.value}")),
        questions=_text(form.get("questions", "")),
        citations=tuple(pair for pair in pairs if any(pair)),
        readings=_text(form.get("readings", "")),
        related=tuple(text for name in _numbered(form, "related_") if (text := _text(form[name]))),
        base=_count(form.get("base", "")),
        miss=_count(form.get("miss", "")),
        until=_count(form.get("until", "")),
        **texts,
    )


def of_entry(entry: Entry, sources: Mapping[str, Source], titles: Mapping[str, str], base: int) -> Typed:
    """The form that shows an entry."""
    return Typed(
        topic=entry.topic,
        title=entry.title,
        audience=frozenset(one.value for one in entry.audience),
        questions="\n".join(entry.questions),
        short=entry.short,
        child=entry.child or "",
        more=entry.more or "",
        citations=tuple((sources[one.source].cite if one.source in sources else one.source, one.section or "") for one in entry.citations),
        as_of=entry.as_of.isoformat(),
        review_by=entry.review_by.isoformat(),
        validity=entry.validity.value,
        replaced_by=titles.get(entry.replaced_by or "", entry.replaced_by or ""),
        readings="\n".join(entry.readings),
        related=tuple(titles.get(one, one) for one in entry.related),
        base=base,
    )


def make(form: Typed, before: Entry | None, taken: frozenset[str], sources: Mapping[str, Source], titles: Mapping[str, str]) -> Made:
    """The entry that a form makes. ``before``: the version that it goes on from (its id and facts stay), None for a new
    entry; ``taken``: ids that a new one must not have; ``titles``: of the entries in force, by id."""
    read = _Reading()
    topic = before.topic if before else form.topic
    if topic not in words.TOPICS:
        read.wrong("topic", "Bạn chọn chủ đề trước nhé.")
    if not 3 <= len(form.title) <= MOST_TITLE:
        read.wrong("title", f"Tên mục dài từ 3 đến {MOST_TITLE} chữ cái; người nhắn thấy tên này trên nút bấm.")
    if not form.audience:
        read.wrong("audience", "Bạn chọn ít nhất một nhóm người đọc.")
    questions = _lines(form.questions)
    if not questions:
        read.wrong("questions", "Cần ít nhất một câu hỏi mẫu, viết như người ta hay hỏi.")
    if len(questions) > MOST_QUESTIONS or any(len(one) > MOST_QUESTION for one in questions):
        read.wrong("questions", f"Nhiều nhất {MOST_QUESTIONS} câu hỏi mẫu, mỗi câu không quá {MOST_QUESTION} chữ cái.")
    if not form.short:
        read.wrong("short", "Cần có câu trả lời ngắn.")
    for name in ("short", "child", "more"):
        if len(getattr(form, name)) > MOST_WORDS:
            read.wrong(name, f"Dài quá {MOST_WORDS} chữ cái.")
    readings = _lines(form.readings)
    if len(readings) > MOST_READINGS:
        read.wrong("readings", f"Nhiều nhất {MOST_READINGS} cách nói.")
    citations = _citations(form.citations, sources, read)
    related = tuple(dict.fromkeys(_entry(one, titles, "related", read) for one in form.related))
    as_of, review_by = _day(form.as_of, "as_of", read), _day(form.review_by, "review_by", read)
    if form.validity not in words.VALIDITIES:
        read.wrong("validity", "Bạn chọn hiệu lực trong danh sách.")
    if read.faults:
        return Made(None, tuple(read.faults))
    fields: dict[str, object] = {
        "id": before.id if before else new_id(topic, form.title, taken),
        "topic": topic,
        "title": form.title,
        "audience": [one for one in words.AUDIENCES if one in form.audience],
        "questions": questions,
        "short": form.short,
        "child": form.child or None,
        "more": form.more or None,
        "citations": citations,
        "as_of": as_of,
        "review_by": review_by,
        "validity": form.validity,
        "replaced_by": _id_of(form.replaced_by, titles) or form.replaced_by or None,
        "readings": readings,
        "related": related,
        "facts": before.facts if before else (),
    }
    return _parsed(fields)


def _parsed(fields: dict[str, object]) -> Made:
    try:
        return Made(Entry.parse_obj(fields))
    except ValidationError as error:
        broken = {str(fault["loc"][0]) for fault in error.errors()}
        return Made(None, tuple(Fault(name if name in words.FIELDS else "title", "Ô này chưa đúng, bạn xem lại nhé.") for name in sorted(broken)))


def sketch(form: Typed, before: Entry | None, sources: Mapping[str, Source], titles: Mapping[str, str], today: date) -> Entry:
    """An entry for the preview of a form that is still being written: what is missing or wrong is left empty."""
    read = _Reading()
    found = [_id_of(one, titles) for one in form.related]
    return Entry.construct(
        id=before.id if before else "new.entry",
        topic=before.topic if before else form.topic,
        title=form.title,
        audience=tuple(Audience(one) for one in form.audience),
        questions=tuple(_lines(form.questions)),
        short=form.short,
        child=form.child or None,
        more=form.more or None,
        citations=_citations(form.citations, sources, read),
        as_of=_day(form.as_of, "as_of", read) or today,
        review_by=_day(form.review_by, "review_by", read) or today,
        validity=Validity(form.validity) if form.validity in words.VALIDITIES else Validity.IN_FORCE,
        replaced_by=_id_of(form.replaced_by, titles),
        readings=tuple(_lines(form.readings)),
        related=tuple(dict.fromkeys(one for one in found if one)),
        facts=(),
    )


def new_id(topic: str, title: str, taken: frozenset[str]) -> str:
    """An id of a new entry, from its topic and title; never one that was used before."""
    slug = re.sub(r"[^a-z0-9]+", "_", name_key(title)).strip("_") or "muc"
    base = f"{topic}.{slug}"[:MOST_ID].rstrip("_")
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base[: MOST_ID - 4]}_{number}"
    return name


def source_id(text: str, sources: Mapping[str, Source]) -> str | None:
    """The source that an editor means: its citation, its number, its id, or words of its title that only it has."""
    if text in sources:
        return text
    for one in sources.values():
        if text in (one.cite, one.number):
            return one.id
    found = near_sources(text, sources, most=2)
    return found[0].id if len(found) == 1 else None


def near_sources(text: str, sources: Mapping[str, Source], most: int = SUGGESTED) -> list[Source]:
    """The sources that have all words of ``text`` in citation or title, whatever the accents."""
    wanted = name_key(text).split()
    if not wanted:
        return []
    return [one for one in sources.values() if all(word in name_key(f"{one.cite} {one.number or ''} {one.title}") for word in wanted)][:most]


def _citations(rows: Sequence[tuple[str, str]], sources: Mapping[str, Source], read: _Reading) -> tuple[Citation, ...]:
    found: list[Citation] = []
    for text, section in rows:
        source = source_id(text, sources) if text else None
        if source:
            found.append(Citation(source=source, section=section or None))
        elif not text:
            read.wrong("citations", f"Có mục “{section}” nhưng chưa chọn văn bản.")
        else:
            near = near_sources(text, sources)
            hint = "Có phải: " + "; ".join(written(Citation(source=one.id), sources) for one in near) + "?" if near else words.FAULTS["source_unknown"].format(about=text)
            read.wrong("citations", f"“{text}” chưa chỉ rõ một văn bản. {hint}" if near else hint)
    return tuple(one for at, one in enumerate(found) if one not in found[:at])


def _entry(text: str, titles: Mapping[str, str], name: str, read: _Reading) -> str:
    found = _id_of(text, titles)
    if found is None:
        read.wrong(name, words.FAULTS["entry_unknown"].format(about=text))
    return found or ""


def _id_of(text: str, titles: Mapping[str, str]) -> str | None:
    if not text:
        return None
    if text in titles:
        return text
    plain = name_key(text)
    return next((entry_id for entry_id, title in titles.items() if name_key(title) == plain), None)


def _day(text: str, name: str, read: _Reading) -> date | None:
    """A day as the browser sends it (2026-11-23), or as people write it (23/11/2026)."""
    local = _LOCAL_DAY.fullmatch(text)
    try:
        return date(int(local[3]), int(local[2]), int(local[1])) if local else date.fromisoformat(text)
    except ValueError:
        read.wrong(name, "Bạn ghi ngày, ví dụ 23/11/2026.")
        return None


def _lines(text: str) -> list[str]:
    """One a line, without bullets, each once."""
    lines = (re.sub(r"^[\s•*+–—-]+", "", line).strip() for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def _text(raw: str) -> str:
    return unicodedata.normalize("NFC", raw.replace("\r\n", "\n")).replace("\x00", "").strip()


def _numbered(form: Mapping[str, str], prefix: str) -> list[str]:
    names = [name for name in form if name.startswith(prefix) and name[len(prefix) :].isdigit()]
    return sorted(names, key=lambda name: int(name[len(prefix) :]))


def _count(raw: str) -> int:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else 0
