"""Answers put together: an entry, a place, a class, a document, or the honest word that it is not known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from helpline import hotlines
from helpline.messages import Answer, Button
from kb import models, services, swim
from kb.ages import Age
from kb.benefits import BenefitTable, Estimate
from kb.choice import Choice
from kb.citations import all_written
from kb.content import Content
from kb.documents import Documents
from kb.fines import FineTable
from kb.places import PlaceKind, PlaceMatch, split_type, spoken
from kb.rows import DoNotRefer, Penalty, SwimProgramme
from kb.schema import Audience, Citation, Entry, Source
from kb.wording import load, say

MOST_BUTTONS = 6
REORGANISED = Citation(source="nq-1679-2025")
_REFUGE_TOPICS = ("trusted_address", "shelter")


class Replies:
    """Puts answers together from content. Holds no state of a conversation; safe to share between threads."""

    def __init__(self, content: Content, entries: dict[str, Entry]) -> None:
        self._content = content
        self._entries = entries
        self.documents = Documents(content.sources)
        self.benefits = BenefitTable(content.benefits) if content.benefits else None
        self.fines = FineTable(content.penalties, content.sources)

    # entries

    def entry(self, entry: Entry, audience: Audience, near: Sequence[Entry] = (), score: float = 1.0) -> Answer:
        """An entry's answer. ``near``: entries that may have been meant instead, offered as buttons."""
        text = entry.child if audience is Audience.CHILD and entry.child else entry.short
        return Answer(
            text=hotlines.fill(_flat(text)),
            buttons=self._buttons(entry, near),
            citations=self.cited(entry.citations),
            topic=entry.topic,
            extra={"entry_id": entry.id, "found": True, "score": score},
        )

    def more(self, entry: Entry, audience: Audience) -> list[Answer]:
        """The longer part of an entry; where there is none, what stands near it, and whom to ask."""
        related = self._related(entry)
        buttons = tuple(Button(one.title) for one in related[:3])
        if entry.more:
            text, citations = hotlines.fill(_flat(entry.more)), self.cited(entry.citations)
        elif audience is Audience.CHILD and entry.child:
            text, citations = hotlines.fill(_flat(entry.short)), self.cited(entry.citations)
        else:
            text, citations = say("no_more", audience), self.numbers()
        extra = {"entry_id": entry.id, "found": True}
        return [Answer(text=text, buttons=buttons, citations=citations, topic=entry.topic, extra=extra)]

    def _buttons(self, entry: Entry, near: Sequence[Entry]) -> tuple[Button, ...]:
        wanted = [one for one in near if one.id != entry.id][:2] or self._related(entry)[:2]
        more = [Button(str(load()["more"]))] if entry.more else []
        return tuple([*more, *(Button(one.title) for one in wanted)])

    def _related(self, entry: Entry) -> list[Entry]:
        ids = [*entry.related, *([entry.replaced_by] if entry.replaced_by else [])]
        return [self._entries[one] for one in dict.fromkeys(ids) if one in self._entries and one != entry.id]

    def not_found(self, choice: Choice, audience: Audience, topic: str | None) -> Answer:
        """Said to be not known, with whom to ask, and the nearest questions as buttons."""
        near = [one.entry for one in choice.near]
        text = say("not_found", audience) + (" " + say("nearest", audience) if near else "")
        return Answer(
            text=text,
            buttons=tuple(Button(entry.title) for entry in near[:3]),
            citations=self.numbers(),
            topic=topic,
            extra={"found": False, "score": choice.score},
        )

    def nearest(self, choice: Choice, audience: Audience) -> Answer:
        """What was asked is said to be not known for certain, then the nearest that is, and whom to ask."""
        first, *others = [one.entry for one in choice.near]
        known = self.entry(first, audience, others, choice.score)
        text = say("nearest_is", audience, known=known.text)
        return replace(known, text=text, extra={**known.extra, "found": False})

    def ask_what(self, place: PlaceMatch, audience: Audience) -> Answer:
        """A place and nothing else, at the start of a talk: what is wanted there?"""
        text = say("ask_what", audience, place=_said(place))
        offered = [self._entries[one] for one in load()["ask_what_entries"] if one in self._entries]
        buttons = tuple(Button(entry.title) for entry in offered)
        return Answer(text, buttons, extra={"found": True, "place": place.name})

    def never(self, row: DoNotRefer) -> Answer:
        """A place that is not recommended, and why; the numbers beside it."""
        cited = (*self.cited(row.citations), *self.numbers()[:1])
        return Answer(say("never", name=row.name, why=row.why), (), cited, None, extra={"found": True})

    # places

    def became(self, place: PlaceMatch) -> str:
        """What an old unit is today, in a sentence; empty where nothing changed or it is not certain."""
        if place.ambiguous or not place.now or place.kind is PlaceKind.COMMUNE_NOW:
            return ""
        units = _listed([spoken(unit) for unit in place.now])
        if place.kind is PlaceKind.COMMUNE_OLD:
            return say("place.split" if place.split else "place.became", old=place.name, now=units)
        if place.kind is PlaceKind.DISTRICT_OLD:
            return say("place.became_district", old=_said(place, capital=True), now=units)
        return ""

    def outside(self, place: PlaceMatch, audience: Audience, topic: str | None) -> Answer:
        text = say("place.outside", audience, place=place.name)
        return Answer(text=text, citations=self.numbers()[:1], topic=topic, extra={"found": True, "outside": True})

    def which(self, place: PlaceMatch, topic: str | None, entry_id: str | None) -> Answer:
        """Several places of one name, or an old commune that was split: asks which, with the choices as buttons."""
        extra = {"found": True, "asks": "place", "entry_id": entry_id}
        if place.ambiguous:
            buttons = tuple(Button(choice.label, choice.said) for choice in place.ambiguous[:MOST_BUTTONS])
            return Answer(say("place.which", name=split_type(place.name)[1]), buttons, self.cited([REORGANISED]), topic, extra=extra)
        buttons = tuple(Button(unit) for unit in place.now[:MOST_BUTTONS])
        text = f"{self.became(place)} {say('place.which_part')}"
        return Answer(text, buttons, self.cited([REORGANISED]), topic, extra=extra)

    def unresolved(self, place: PlaceMatch, topic: str | None, entry_id: str | None) -> Answer:
        """An old commune of which nobody knows what it is today; what the letter says of it is still said."""
        found = models.at_place(self._content.models, place)
        told = f"{models.tell(found, place, _said(place))} " if found else ""
        text = told + say("place.unresolved", old=spoken(place.name), district=place.district or "")
        cited = [citation for one in found for citation in one.model.citations]
        return Answer(
            text, (), self.cited([*cited, REORGANISED]), topic, extra={"found": True, "asks": "place", "entry_id": entry_id}
        )

    def at_place(self, topic: str, place: PlaceMatch, audience: Audience, entry_id: str | None, today: date) -> list[Answer]:
        """What is known of a place for a topic that depends on it, and today's door; of a district, then the question
        which commune."""
        if topic in _REFUGE_TOPICS:
            text, cited = self._refuge(place, audience, today)
        else:
            text, cited = self._models(place, today)
        extra: dict[str, object] = {"found": True, "entry_id": entry_id, "place": place.name}
        entry = self._entries.get(entry_id or "")
        buttons = tuple(Button(one.title) for one in self._related(entry)[:2]) if entry else ()
        first = Answer(text, buttons, cited, topic, extra=extra)
        return [first, *self.ask_commune(place, audience, topic, entry_id)]

    def ask_where(self, audience: Audience, topic: str | None, entry_id: str | None) -> Answer:
        """Asks where the asker lives, after an answer to "what is near me"."""
        text = say("place.ask_where_child" if audience is Audience.CHILD else "place.ask_where")
        extra = {"found": True, "asks": "place", "entry_id": entry_id}
        return Answer(text, (), (), topic, extra=extra)

    def ask_commune(self, place: PlaceMatch, audience: Audience, topic: str | None, entry_id: str | None) -> list[Answer]:
        """For an old district or a split commune: which present unit, with buttons where they are few."""
        if place.unit or place.kind not in (PlaceKind.DISTRICT_OLD, PlaceKind.COMMUNE_OLD) or not place.now:
            return []
        child = audience is Audience.CHILD
        question = say("place.ask_commune_child" if child else "place.ask_commune")
        buttons = tuple(Button(unit) for unit in place.now) if len(place.now) <= MOST_BUTTONS else ()
        extra = {"found": True, "asks": "place", "entry_id": entry_id}
        text = f"{self.became(place)} {question}".strip()
        return [Answer(text, buttons, self.cited([REORGANISED]), topic, extra=extra)]

    def door(
        self, place: PlaceMatch, topic: str | None, entry_id: str | None, audience: Audience, today: date
    ) -> list[Answer]:
        """A place told after an answer that says "ask the People's Committee where you live": which one that is, and
        whom to ask there where that is listed."""
        if not place.unit:
            return self.ask_commune(place, audience, topic, entry_id)
        text = say("place.your_door", unit=spoken(place.unit))
        became = self.became(place)
        extra = {"found": True, "entry_id": entry_id, "place": place.name}
        answer = Answer(f"{became} {text}".strip(), (), self.cited([REORGANISED]), topic, extra=extra)
        return [self.with_contacts(answer, place, today)]

    def with_contacts(self, answer: Answer, place: PlaceMatch, today: date) -> Answer:
        """The answer with the listed contacts of its commune; unchanged where none is listed or the commune is unknown."""
        rows = services.at_place(self._content.services, place, services.CONTACTS, today) if place.unit else []
        told = services.tell_contacts(rows, spoken(place.unit or ""))
        return with_sentence(answer, told, [services.cite(row) for row in rows])

    def _refuge(self, place: PlaceMatch, audience: Audience, today: date) -> tuple[str, tuple[str, ...]]:
        said = _said(place)
        nearest = services.near(self._content.services, self._content.gazetteer, place, services.REFUGE, today)
        found = models.shelters(models.at_place(self._content.models, place))
        cited: list[Citation] = []
        if nearest.level == "commune":
            parts = [services.tell(nearest.rows, said)]
        elif found and not nearest.rows:
            parts = []
            found = sorted(found, key=lambda one: not (one.model.has_trusted_address or one.model.has_shelter))
            for one in found[:2]:
                sure = one.model.has_trusted_address or one.model.has_shelter
                ending = say("address.with_both") if sure else say("address.with_unknown")
                where, period = one.where, models.when(one.model.period)
                sentence = say("address.then", when=period, place=where, model=models.short(one.model), ending=ending)
                parts.append(sentence)
                cited += one.model.citations
            parts.append(say("address.today"))
        else:
            parts = [say("address.none", place=said), services.tell_farther(nearest)]
            asked = self._content.services.asked_in_2024 if self._content.services else ()
            cited += [citation for row in asked[:1] for citation in row.citations]
        contacts = services.at_place(self._content.services, place, services.CONTACTS, today) if place.unit else []
        suffix = "_child" if audience is Audience.CHILD else ""
        if place.unit:
            parts.append(self.became(place) if place.kind is PlaceKind.COMMUNE_OLD else "")
            parts.append(say(f"address.door{suffix}", unit=spoken(place.unit)))
            parts.append(services.tell_contacts(contacts, spoken(place.unit)))
        else:
            parts.append(say(f"address.door_any{suffix}"))
        confirmed = [services.cite(row) for row in (*nearest.rows, *contacts)]
        return " ".join(part for part in parts if part), (*dict.fromkeys(confirmed), *self.cited([*cited, REORGANISED]))

    def _models(self, place: PlaceMatch, today: date) -> tuple[str, tuple[str, ...]]:
        nearest = services.near(self._content.services, self._content.gazetteer, place, services.CLUBS, today)
        here = nearest.level == "commune"
        found = models.at_place(self._content.models, place)
        parts = [say("models.now", place=_said(place), rows=services.in_words(nearest.rows))] if here else []
        if found or not here:
            parts.append(models.tell(found, place, _said(place)))
        cited = [citation for one in found[:4] for citation in one.model.citations]
        if not found and not here:
            wide = models.everywhere(self._content.models)[:4]
            if wide:
                parts.append(say("models.everywhere", models="; ".join(models.short(model) for model in wide)))
            cited = [citation for model in wide for citation in model.citations]
        parts.append(services.tell_farther(nearest))
        if place.unit:
            parts.append(self.became(place) if place.kind is PlaceKind.COMMUNE_OLD else "")
            if not here:
                parts.append(say("models.today", unit=spoken(place.unit)))
        elif not here:
            parts.append(say("models.today_any"))
        confirmed = [services.cite(row) for row in nearest.rows]
        return " ".join(part for part in parts if part), (*dict.fromkeys(confirmed), *self.cited([*cited, REORGANISED]))

    # classes, benefits, documents

    def swim_age(
        self,
        programme: SwimProgramme,
        age: Age,
        groups: Sequence[str],
        place: PlaceMatch | None,
        audience: Audience,
        entry_id: str | None,
    ) -> Answer:
        """Whether the class was for a child of this age, and who decides today."""
        text = f"{swim.tell(programme, age, groups, audience)} {swim.decides(place, audience)}"
        cited = self.cited([*programme.citations, REORGANISED])
        return Answer(text, (), cited, "swim_class", extra={"found": True, "entry_id": entry_id})

    def swim_at(self, answer: Answer, place: PlaceMatch, audience: Audience, today: date, named: bool = True) -> Answer:
        """The answer with the announced classes nearest to a place. At the place itself they stand in the stead of an
        entry that says where to ask; where nothing is known, that is said of a commune that the asker ``named``."""
        nearest = swim.near(self._content.swim, self._content.gazetteer, place, today)
        cited = [swim.cite(row) for row in nearest.rows]
        suffix = "_child" if audience is Audience.CHILD else ""
        if nearest.level == "commune":
            told = swim.tell_open(nearest.rows)
            if place.unit:
                told = f"{told} {say(f'swim.before_going{suffix}', unit=spoken(place.unit))}"
            if answer.extra.get("entry_id") in load()["swim"]["where_entries"]:
                return replace(answer, text=told, citations=tuple(dict.fromkeys(cited)))
            return with_sentence(answer, told, cited)
        if place.unit and named:
            answer = with_sentence(answer, say(f"swim.none{suffix}", place=_said(place), unit=spoken(place.unit)), self.numbers())
        return with_sentence(answer, swim.tell_farther(nearest), cited)

    def estimate(self, estimates: Sequence[Estimate], topic: str, entry: Entry | None) -> Answer:
        """Computed benefits; they come only where there is a table."""
        assert self.benefits is not None
        buttons = self._buttons(entry, ()) if entry else ()
        extra = {"found": True, "entry_id": entry.id if entry else None}
        cited = self.cited(self.benefits.citations(estimates))
        return Answer(self.benefits.tell(estimates), buttons, cited, topic, extra=extra)

    def fine(self, rows: Sequence[Penalty], text: str, entry: Entry | None) -> Answer:
        """The fines of the acts that ``text`` names. ``entry``: what else is known of it, for the buttons."""
        buttons = self._buttons(entry, ()) if entry else ()
        extra = {"found": True, "entry_id": entry.id if entry else None}
        return Answer(self.fines.tell(rows, text), buttons, self.cited(self.fines.citations(rows)), "penalties", extra=extra)

    def document(self, sources: Sequence[Source]) -> list[Answer]:
        """Up to three documents, each in words; two together in one bubble each."""
        answers = []
        for source in sources[:3]:
            text = self.documents.tell(source)
            cited = self.documents.citations([source])
            answers.append(Answer(text, (), cited, "documents", extra={"found": True, "document": source.id}))
        return answers

    def document_list(self, sources: Sequence[Source]) -> Answer:
        """Several documents near to a subject, a line each."""
        lines = "\n".join(f"- {self.documents.name(source)}: {source.title}." for source in sources)
        text = f"{say('document.several')}\n{lines}\n{say('document.summary_only')}"
        return Answer(text, (), self.documents.citations(sources), "documents", extra={"found": True})

    def no_document(self, number: str) -> Answer:
        return Answer(say("document.none", number=number), (), self.numbers(), "documents", extra={"found": False})

    # sources

    def cited(self, citations: Iterable[Citation]) -> tuple[str, ...]:
        """Citations as strings; a source that is no longer listed is left out (validation reports it)."""
        return all_written((c for c in citations if c.source in self._content.sources), self._content.sources)

    @staticmethod
    def numbers() -> tuple[str, ...]:
        """What the two lines rest on that every honest "not known" names."""
        lines = hotlines.load()
        return tuple(lines[key].source.split("; ")[0] for key in ("child_line", "province_line") if key in lines)


def with_sentence(answer: Answer, sentence: str, citations: Sequence[str] = ()) -> Answer:
    """The answer with one more sentence at its end, and what that rests on."""
    if not sentence:
        return answer
    cited = tuple(dict.fromkeys([*answer.citations, *citations]))
    return replace(answer, text=f"{answer.text} {sentence}", citations=cited)


def _said(place: PlaceMatch, capital: bool = False) -> str:
    """A place in a sentence: "phường Hà Khẩu (Hạ Long cũ)", "Cẩm Phả"."""
    if place.kind is PlaceKind.DISTRICT_OLD:
        return place.district or place.name
    said = spoken(place.name)
    if place.kind is PlaceKind.COMMUNE_OLD and place.district:
        said = f"{said} ({place.district})"
    return said[:1].upper() + said[1:] if capital else said


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} và {names[-1]}"


def _flat(text: str) -> str:
    """Lines of the file are no lines of the answer; an empty line in it stays one."""
    return re.sub(r"[ \t]*\n[ \t]*", " ", re.sub(r"\n\s*\n", "\u2029", text.strip())).replace("\u2029", "\n\n")
