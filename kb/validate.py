"""What reviewed content must hold before people read it: sources that resolve, no numbers written out, no dead doors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from pydantic import BaseModel

from helpline import hotlines
from kb.content import Content
from kb.rows import Penalty
from kb.schema import Audience, Citation, Entry, Validity
from kb.search import Reader
from vietnamese.normal import normalise

SHORT_MOST, CHILD_MOST, MORE_MOST = 600, 600, 1500  # code points, numbers filled in
CHILD_SENTENCE_MOST = 20  # syllables
INFORMATION_TOPICS = frozenset(
    {
        "hotline", "sunshine_house", "trusted_address", "shelter", "swim_class", "drowning_safety", "injury_safety",
        "social_assistance", "orphan_support", "disability_support", "education_support", "health_support", "poor_household",
        "child_fund", "mental_health", "early_childhood", "child_rights", "abuse_prevention", "report_abuse", "school_violence",
        "online_safety", "child_labour", "child_marriage", "trafficking", "domestic_violence", "gender_equality",
        "sexual_harassment", "penalties", "models", "child_participation", "campaigns", "documents", "reporting",
        "organisation", "collaborators", "child_friendly_commune", "child_data",
    }
)  # fmt: skip
DIALOGUE_TOPICS = frozenset(
    {"greeting", "thanks", "goodbye", "bot_identity", "capabilities", "counsellor_request", "privacy", "feedback", "small_talk"}
)

_NEVER = re.compile(r"1900[ .-]?1769")
_PHONE = re.compile(r"(?<![\d/.,])(?:1[89]00[ .-]?\d{4,6}|(?:0|\+84[ .-]?)\d{2,3}[ .-]?\d{3,4}[ .-]?\d{3,4})(?![\d/])")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_ENTRY_ID = re.compile(r"^[a-z_]+\.[a-z0-9_]+$")
_SENTENCE = re.compile(r"[^.!?;:\n]+")
_SENTENCES = re.compile(r"(?<=[.!?;\n])\s+")
_SPAN = re.compile(r"(?:(?P<least>\d+(?:,\d+)?)\s*(?:-|–|đến)|đến)\s*(?P<most>\d+(?:,\d+)?)\s*triệu")
_SYLLABLE = re.compile(r"[^\W_]+")
_STATED = re.compile(r"\d|\b(?:luật|nghị định|nghị quyết|quyết định|kế hoạch|hướng dẫn)\b", re.IGNORECASE)
_GO_THERE = re.compile(r"\b(?:hỏi|đến|tới|liên hệ|gọi|gặp|nộp|gửi|báo|lên|ra)\b")
_NOT_NOW = re.compile(
    r"không còn|khi đó|khi ấy|hồi đó|trước đây|ngày trước|trước kia|năm 20\d\d|giai đoạn|đã (?:bỏ|hết|giải thể)|đừng|không (?:đến|hỏi|phải|nộp)|cũ\b"
)
_GENERIC_DEAD = (
    r"phòng (?:lđ[-– ]?tb ?&? ?xh|ldtbxh|lao động(?:[ -–]+thương binh)?)", r"sở (?:lđ[-– ]?tb ?&? ?xh|ldtbxh|lao động[ -–]+thương binh)",
    r"ubnd (?:các )?(?:huyện|thị xã)", r"ủy ban (?:nhân dân )?(?:huyện|thị xã)", r"ubnd tỉnh", r"bộ (?:lđ[-– ]?tb ?&? ?xh|lao động[ -–]+thương binh)",
)  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """One fault: ``where`` is file and id, ``field`` the field in it. A warning may stand, an error may not.

    ``code`` names the rule of an entry, so that others can say it in their own words, and ``about`` what breaks it.
    """

    where: str
    field: str
    message: str
    is_error: bool = True
    code: str = ""
    about: str = ""

    def __str__(self) -> str:
        return f"{'error' if self.is_error else 'warning'}: {self.where}: {self.field}: {self.message}"


def validate(content: Content, today: date | None = None) -> list[Problem]:
    """All faults of the content, errors first. ``today``: entries that were to be looked at again before it are warned of."""
    problems: list[Problem] = []
    for entry in content.entries:
        where = f"{content.files.get(entry.id, 'entries')}: {entry.id}"
        problems += entry_problems(entry, content, where)
        if today and entry.review_by < today:
            problems.append(Problem(where, "review_by", f"was to be looked at again by {entry.review_by}", False))
    problems += _entries_together(content)
    problems += _rows(content)
    return sorted(problems, key=lambda problem: (not problem.is_error, problem.where, problem.field))


def entry_problems(entry: Entry, content: Content, where: str = "") -> list[Problem]:
    """The faults of one entry alone, beside sources, places and the other entries of ``content``."""
    faults = (fault for check in _ENTRY_CHECKS for fault in check(entry, content))
    return [Problem(where, fault.field, fault.message, fault.is_error, fault.code, fault.about) for fault in faults]


class _Fault(NamedTuple):
    field: str
    code: str
    message: str
    about: str = ""
    is_error: bool = True


def _said(entry: Entry) -> Iterator[tuple[str, str]]:
    for field in ("title", "short", "child", "more"):
        text = getattr(entry, field)
        if text:
            yield field, text


def _citations(entry: Entry, content: Content) -> Iterator[_Fault]:
    for citation in entry.citations:
        if citation.source not in content.sources:
            yield _Fault("citations", "source_unknown", f"no source {citation.source!r} in sources.yml", citation.source)
    if not entry.citations and _STATED.search(entry.short):
        yield _Fault("citations", "source_missing", "a fact seems to be stated and none is cited", is_error=False)


def _numbers(entry: Entry, content: Content) -> Iterator[_Fault]:
    for field, text in _said(entry):
        for code, about, message in _number_faults(text):
            yield _Fault(field, code, message, about)


def _lengths(entry: Entry, content: Content) -> Iterator[_Fault]:
    for field, most in (("short", SHORT_MOST), ("child", CHILD_MOST), ("more", MORE_MOST)):
        length = len(_filled(getattr(entry, field) or ""))
        if length > most:
            yield _Fault(field, "too_long", f"{length} characters, at most {most}", f"{length}/{most}")


def _topic(entry: Entry, content: Content) -> Iterator[_Fault]:
    if entry.topic not in INFORMATION_TOPICS | DIALOGUE_TOPICS:
        yield _Fault("topic", "topic_unknown", f"{entry.topic!r} is no topic of the contract", entry.topic)


def _dates(entry: Entry, content: Content) -> Iterator[_Fault]:
    if entry.review_by <= entry.as_of:
        yield _Fault("review_by", "review_too_early", "is not after as_of")


def _links(entry: Entry, content: Content) -> Iterator[_Fault]:
    known = {one.id for one in content.entries}
    for other in entry.related:
        if other not in known:
            yield _Fault("related", "entry_unknown", f"no entry {other!r}", other)
        elif other == entry.id:
            yield _Fault("related", "points_to_itself", "points to itself", is_error=False)
    if entry.replaced_by and _ENTRY_ID.match(entry.replaced_by) and entry.replaced_by not in known:
        yield _Fault("replaced_by", "entry_unknown", f"no entry {entry.replaced_by!r}", entry.replaced_by)
    if entry.validity is Validity.SUPERSEDED and not entry.replaced_by:
        yield _Fault("replaced_by", "replacement_missing", "superseded, and by what is not said")
    if entry.validity is Validity.CONFLICT and len(entry.readings) < 2:
        yield _Fault("readings", "readings_missing", "a conflict has two readings at least")


def _dead_doors(entry: Entry, content: Content) -> Iterator[_Fault]:
    dead = dead_bodies(content)
    for field, text in _said(entry):
        for name in sent_to(text, dead):
            yield _Fault(field, "dead_door", f"sends people to {name!r}, which is no more", name)


def _child_words(entry: Entry, content: Content) -> Iterator[_Fault]:
    text = entry.child or ""
    for sentence in _SENTENCE.findall(_filled(text)):
        syllables = len(_SYLLABLE.findall(sentence))
        if syllables > CHILD_SENTENCE_MOST:
            begin = f"{sentence.strip()[:40]}…"
            message = f"a sentence of {syllables} syllables, at most {CHILD_SENTENCE_MOST}: {begin}"
            yield _Fault("child", "sentence_long", message, begin, is_error=False)


def _fines(entry: Entry, content: Content) -> Iterator[_Fault]:
    """Amounts of fines have one home, penalties.yml; an old one is told as old only."""
    if not content.penalties:
        return
    current = _amounts(row for row in content.penalties if row.validity is not Validity.SUPERSEDED)
    every = _amounts(content.penalties)
    for field, text in _said(entry):
        for sentence in _SENTENCES.split(text.lower()):
            if "phạt" not in sentence:
                continue
            for match in _SPAN.finditer(sentence):
                span = _vnd(match["least"]) if match["least"] else None, _vnd(match["most"])
                if span not in every:
                    yield _Fault(field, "fine_unknown", f"{match[0]}: no row of penalties.yml has this fine", match[0])
                elif span not in current and not (_NOT_NOW.search(text.lower()) or "nghị định cũ" in text.lower()):
                    yield _Fault(field, "fine_old", f"{match[0]}: a fine of the past, and not told as such", match[0])


def _amounts(rows: Iterable[Penalty]) -> set[tuple[int | None, int]]:
    return {(row.min_vnd, row.max_vnd) for row in rows if row.max_vnd is not None}


def _vnd(millions: str) -> int:
    return round(float(millions.replace(",", ".")) * 1_000_000)


_ENTRY_CHECKS: tuple[Callable[[Entry, Content], Iterable[_Fault]], ...] = (
    _citations, _numbers, _lengths, _topic, _dates, _links, _dead_doors, _child_words, _fines,
)  # fmt: skip


def number_faults(text: str, hidden: bool = False) -> list[str]:
    """Telephone numbers written out, and placeholders that cannot be filled. ``hidden``: editors' notes, where the keys
    of numbers that must not be used may stand."""
    return [message for _, _, message in _number_faults(text, hidden)]


def _number_faults(text: str, hidden: bool = False) -> list[tuple[str, str, str]]:
    """Code, number or key, and message of each."""
    lines = hotlines.load()
    faults = []
    if misprint := _NEVER.search(text):
        faults.append(("number_misprinted", misprint[0], "holds the misprinted number"))
    written = [line.number for line in lines.values() if not line.do_not_use]
    own = re.compile(
        rf"(?<!điều )(?<!khoản )(?<![\d/.,-])(?:{'|'.join(map(re.escape, written))})"
        r"(?![\d/-]|[.,]\d|\s*(?:trẻ|em|xã|phường|nơi|người|trường|đồng|trang|%))"
    )
    for number in own.findall(text.lower()):
        faults.append(("number_written", number, f"{number}: a number is named by its key, as {{child_line}}"))
    for number in _PHONE.findall(_NEVER.sub("", text)):
        line = next((one for one in written if one == re.sub(r"[ .-]", "", number)), None)
        if line is None:
            faults.append(("number_foreign", number, f"{number}: a telephone number written out"))
        elif line != number:  # a line of ours with spaces in it
            faults.append(("number_written", line, f"{number}: a number is named by its key, as {{child_line}}"))
    for key in _PLACEHOLDER.findall(text):
        if key not in lines:
            faults.append(("number_unknown", key, f"{{{key}}}: no such key in hotlines.yml"))
        elif lines[key].do_not_use and not hidden:
            faults.append(("number_barred", key, f"{{{key}}}: this number must not be used"))
    return faults


def dead_bodies(content: Content) -> re.Pattern[str]:
    """The names of bodies that are no more, as one pattern over lower case text."""
    names = [
        re.escape(re.sub(r"\s*\(.*?\)|[{].*?[}]", "", name).strip().lower())
        for row in content.successors
        if row.old_exists is False and row.kind in ("bộ", "sở", "phòng của sở", "cấp huyện")
        for name in row.old
        if not re.match(r"\d", name)
    ]
    names = [name for name in names if len(name) > 8 and "," not in name]
    return re.compile("|".join([*_GENERIC_DEAD, *names]))


def sent_to(text: str, dead: re.Pattern[str]) -> list[str]:
    """The dead bodies that ``text`` names as a place to go: after "hỏi, đến, liên hệ, gọi, nộp…" in the same clause,
    with no word that it is past."""
    found = []
    for sentence in _SENTENCES.split(text.lower()):
        for match in dead.finditer(sentence):
            before = sentence[max(0, match.start() - 40) : match.start()]
            verb = _GO_THERE.search(before)
            if verb and not _NOT_NOW.search(sentence):
                found.append(match.group())
    return found


def _entries_together(content: Content) -> list[Problem]:
    problems: list[Problem] = []
    for entry_id, count in Counter(entry.id for entry in content.entries).items():
        if count > 1:
            problems.append(Problem(f"entries: {entry_id}", "id", "stands twice"))
    for audience in Audience:
        if content.entries and not any(audience in entry.audience for entry in content.entries):
            problems.append(Problem("entries", "audience", f"nothing is written for {audience}"))
    titles: dict[str, str] = {}
    questions: dict[str, Entry] = {}
    reader = Reader(content.gazetteer, 2026)
    for entry in content.entries:
        where = f"{content.files.get(entry.id, 'entries')}: {entry.id}"
        title = normalise(entry.title).plain
        if title in titles and titles[title] != entry.id:
            problems.append(Problem(where, "title", f"the same as of {titles[title]}; a button could not tell them apart"))
        titles.setdefault(title, entry.id)
        for question in entry.questions:
            other = questions.setdefault(reader.read(question).key, entry)
            if other.id != entry.id:
                same_topic = other.topic == entry.topic
                problems.append(Problem(where, "questions", f"{question!r} stands in {other.id} too", same_topic))
    return problems


def _rows(content: Content) -> list[Problem]:
    problems: list[Problem] = []
    units = {unit.name for unit in content.places.units_now} if content.places else set()
    for file, rows in _lists(content):
        for row in rows:
            where = f"{file}: {getattr(row, 'id', '')}"
            for citation in _all_citations(row):
                if citation.source not in content.sources:
                    problems.append(Problem(where, "citations", f"no source {citation.source!r} in sources.yml"))
            for field, text in _texts(row):
                problems += [Problem(where, field, message) for message in number_faults(text, file == "conflicts.yml")]
    for model in content.models:
        named = {unit for place in model.places for unit in place.now}
        problems += [Problem(f"models.yml: {model.id}", "now", f"no present unit {unit!r}") for unit in named - units]
    homes = [("services.yml", row.id, row.commune) for row in (content.services.rows if content.services else ())]
    homes += [("swim_classes.yml", row.id, row.commune) for row in (content.swim.classes if content.swim else ())]
    for file, row_id, commune in homes:
        if commune not in units:
            problems.append(Problem(f"{file}: {row_id}", "commune", f"no present unit {commune!r}"))
    return problems


def _lists(content: Content) -> Iterator[tuple[str, Iterable[BaseModel]]]:
    yield "models.yml", content.models
    yield "campaigns.yml", content.campaigns
    yield "reporting.yml", content.reports
    yield "successors.yml", content.successors
    yield "conflicts.yml", content.conflicts
    yield "policies.yml", content.policies
    yield "penalties.yml", content.penalties
    yield "indicators.yml", content.indicators
    if content.benefits:
        yield "benefits.yml", (*content.benefits.standards, *content.benefits.coefficients)
    if content.swim:
        yield "swim_classes.yml", (*content.swim.programmes, *content.swim.seen_since)
    if content.services:
        yield "services.yml", (*content.services.asked_in_2024, *content.services.do_not_refer)


def _all_citations(row: BaseModel) -> Iterator[Citation]:
    for value in row.__dict__.values():
        if isinstance(value, tuple):
            yield from (one for one in value if isinstance(one, Citation))


def _texts(row: BaseModel) -> Iterator[tuple[str, str]]:
    for field, value in row.__dict__.items():
        yield from ((field, text) for text in _strings(value) if field not in ("section", "id", "asked"))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield str(value)
    elif isinstance(value, tuple):
        for one in value:
            yield from _strings(one)
    elif isinstance(value, BaseModel) and not isinstance(value, Citation):
        for one in value.__dict__.values():
            yield from _strings(one)


def _filled(text: str) -> str:
    try:
        return hotlines.fill(text)
    except KeyError:
        return text  # an unknown key is reported by itself
